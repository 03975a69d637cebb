"""Tries manifests on a real Traefik: which requests it serves, and where the agent, ingest and rollup book them.

`header` reads what a file asks for, `manifests` and `services` make a cluster of it, `cluster` runs Traefik there,
`booking` pushes what the agent saw, and `verdict` compares both. `rules` reads the rules that Traefik's own API shows,
without the product's parser, which is judged here. The command is `lab.routes`. Start reading at `cluster.observe`.
"""

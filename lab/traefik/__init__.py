"""Runs real Traefik processes with routes from a stand-in Kubernetes API, clients that send load, and backends.

`stage` combines `process`, `backends` and `traffic`; `profiles` says how Traefik is started, by default as its Helm
chart does, and `pod_objects` makes the objects around it. `recording` saves what the agent sees of a stage, and the
truth from Traefik's access log. `scenarios` lists what to record, and `compatibility` compares versions of Traefik in
`modes`. `families` writes metrics as Traefik does. Modules may import `lab.cluster`; only `recording` imports the
agent, and only `compatibility` the replay. Start reading at `stage.Stage`.
"""

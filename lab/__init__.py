"""The lab: a Kubernetes cluster and an AWS account on this machine, for the demo, the tests and the benchmarks.

`cluster` is the Kubernetes API, `traefik` runs real Traefik processes under load, and `cloud` runs the stack. Beside
them lie the commands that use them (`demo`, `record`, `replay`, `screenshots`, `openapi`), `docs`, which runs what the
pages say, and what all share (`background`, `paths`, `ports`). The lab may import everything that ships; nothing that
ships imports the lab. Start reading at `demo`.
"""

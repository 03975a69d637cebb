"""A stand-in Kubernetes API, and real clients that change it.

`api` serves the objects that `objects` stores; `discovery`, `writes`, `protobuf` and `jobs` are parts of it. `kubectl`
runs the real program, `helm` wraps Helm's own engine, and `builders` builds objects. The package imports no shipped
code; a Job runs the agent as a separate process. Start reading at `api.StandInApi`.
"""

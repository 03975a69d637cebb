"""A stand-in for the API of a Kubernetes cluster, and the real clients that change it.

`api` serves the objects that `objects` keeps; `discovery`, `writes`, `protobuf` and `jobs` are parts of it. `kubectl`
runs the real program, and `helm` wraps Helm's own engine. `builders` has short ways to write objects. The package
imports nothing that ships; a Job runs the agent as a process of its own. Start reading at `api.StandInApi`.
"""

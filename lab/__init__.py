"""The lab: a Kubernetes cluster and an AWS account on this machine, for the demo, the tests and the benchmarks.

`cluster` is a stand-in Kubernetes API, `traefik` runs real Traefik processes under load, `trial` tries manifests on
one, and `cloud` runs the stack. Beside them are commands (`demo`, `record`, `replay`, `routes`, `screenshots`,
`openapi`), helpers, and `docs`, which runs the commands of the documentation. The lab may import all shipped code, but
not `bench`. No shipped code imports the lab. Start reading at `demo`.
"""

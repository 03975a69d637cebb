"""The HTTP API: parses requests, checks tokens and defines the answers.

`parameters` and `snapshot_reader` validate what callers send; `answers` defines what they get. `operations` turns a
handler's signature into a route, and into its entry in the OpenAPI document. The package has no storage and no AWS
client; only `http` and `operations` import Powertools. It may import `slo.objectives`, `slo.counting`, `slo.traefik`
and `slo.runtime`. Start reading at `operations`.
"""

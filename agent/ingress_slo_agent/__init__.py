"""The agent: a CronJob that reads a cluster's routes and Traefik's metrics, and pushes one snapshot a minute.

Each run is a new process and keeps no state. `collect` reads routes (`kubernetes_api`, `routes`) and metrics (`scrape`,
`exposition`) in parallel; `push` sends the result. The package imports `slo.traefik`, which defines the snapshot, and
`slo.runtime.settings`. It never imports an AWS library. Start reading at `__main__`.
"""

__version__ = "0.1.0"

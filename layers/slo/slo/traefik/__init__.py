"""Traefik's side: match rules, the names of routers and services, domain names, and the snapshot that an agent pushes.

This package imports only `slo.errors`: no AWS or Kubernetes library and no network. The agent and the API share it.
Begin with `snapshots`, the contract between the two; `rules` and `naming` supply what it carries.
"""

"""Counting: turns the cumulative counters of processes into exact counts for any window. Pure: no clock, no storage.

This package imports only `slo.traefik`, `slo.times` and `slo.structs`: no AWS or Kubernetes library and no network.
Begin with `rollup`, which computes ledgers from samples; `counts` and `ledger` define its types. `books` closes hours
and days, `catalogue` maps series to routes, and `retention` says how long everything is kept.
"""

"""Objectives: targets, status, error budgets and burn rates, and the reports and time series built from them. Pure.

This package imports only `slo.counting` and the packages below it: no AWS or Kubernetes library and no network. Begin
with `reports`, which computes the figures of domains and routes, and `targets`, which defines what is promised.
"""

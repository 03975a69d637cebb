"""The agent: one run a minute in each cluster, as a CronJob. Reads routes and metrics, pushes one snapshot."""

__version__ = "0.1.0"

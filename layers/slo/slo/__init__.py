"""SLOs for every domain and path behind Traefik: the library that the agent and the Lambdas share."""

__version__ = "0.1.0"

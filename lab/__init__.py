"""The stage: a stand-in cluster, real Traefik processes, backends and clients, all on 127.0.0.1."""

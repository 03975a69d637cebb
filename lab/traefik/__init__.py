"""Runs real Traefik processes with routes from a stand-in Kubernetes API, clients that send load, and backends.

`stage` combines `process`, `backends` and `traffic`. `recording` saves what the agent sees of a stage, and the truth
from Traefik's access log. `scenarios` lists what to record, and `compatibility` compares versions of Traefik. Modules
may import `lab.cluster`; only `recording` imports the agent, and only `compatibility` the replay. Start reading at
`stage.Stage`.
"""

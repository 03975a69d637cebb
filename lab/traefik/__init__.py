"""Real Traefik processes on a stage: routes from a stand-in cluster, backends behind them, and clients before them.

`stage` puts together what `process`, `backends` and `traffic` run. `recording` keeps what the agent sees of a stage,
with the truth from Traefik's access log; `scenarios` are what is recorded, and `compatibility` compares versions of
Traefik. All may import `lab.cluster`; only `recording` knows the agent, and only `compatibility` the replay. Start
reading at `stage.Stage`.
"""

"""The checks of `ingress-slo doctor`.

`remote` checks the API with a token, `account` the stack in AWS with credentials, and `cluster` Kubernetes and Traefik
with the agent's own code, so that it sees what the agent sees. Each check yields a `Finding` (`findings`) and never
prints. No other package of the command may import the agent. Start reading at `remote.check_api`.
"""

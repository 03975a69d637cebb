"""The operator's command `ingress-slo`.

`commands` holds the commands; `doctor`, `export`, `openslo` and `atlhyper` hold the logic of the larger ones. Commands
that read figures call the deployed API over HTTP with a token. Commands that operate the stack find its resources by
name (`stack`) with AWS credentials, and use `slo.app` and `slo.store`. The package may import `slo` and the agent;
nothing that ships imports it. Start reading at `app`.
"""

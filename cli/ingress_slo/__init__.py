"""The operator's command `ingress-slo`: talks to a deployed API, and to the token table with AWS credentials."""

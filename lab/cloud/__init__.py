"""Runs the stack without AWS: the whole stack in a local cloud, or parts of it in this process.

`local` deploys template.yaml to an emulated account with the real SAM CLI. `embedded` calls the functions in this
process, on moto or DynamoDB Local (`dynamodb_local`). `permissions` and `cloudformation` read what the template grants
and needs, and `faults` breaks the connection to DynamoDB. The package may import `slo`, and loads the functions as
Lambda does. It imports nothing of Traefik or Kubernetes. Start reading at `embedded.Embedded`.
"""

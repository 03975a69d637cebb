"""The stack without AWS: whole in a local cloud, or its parts in this process.

`local` deploys template.yaml to an emulated account with the real SAM CLI. `embedded` calls the functions in this
process, over an embedded store or DynamoDB Local (`dynamodb_local`). `permissions` and `cloudformation` say what the
template allows and needs, and `faults` breaks the connection to DynamoDB. The package may import the library and loads
the functions as Lambda does; it knows neither Traefik nor Kubernetes. Start reading at `embedded.Embedded`.
"""

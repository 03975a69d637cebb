"""Use cases: what each Lambda function does, given its stores and a clock.

Most modules belong to the folder of the same name in `functions/`; `import_history` and `roll_up_again` serve the
command. `stores` wires a deployment. The package may import every other package of `slo`, but reaches AWS only through
`slo.store`. Start reading at `ingest`, then `rollup`, then `query`.
"""

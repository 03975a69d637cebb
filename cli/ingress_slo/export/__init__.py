"""The logic of `ingress-slo export`: turns answers of the API into rows and writes them as CSV, JSON or OpenMetrics.

`rows` flattens the answers, `formats` writes the rows, and `parts` keeps a partial export so that it can be resumed.
The package sends no requests and imports no other package of the command. Start reading at `rows`.
"""

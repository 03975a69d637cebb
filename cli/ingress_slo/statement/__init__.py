"""The logic of `ingress-slo report`: writes the statement of a month as HTML, CSV or JSON.

`words` has the texts of three languages, `page` writes the HTML, `rows` flattens lines for a table. Start reading at
`page`.
"""

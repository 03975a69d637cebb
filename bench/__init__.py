"""Benchmarks of cost, speed and exactness. `make bench` runs them and writes two pages of docs/.

`run` calls every benchmark: `capacity` counts DynamoDB's units, `handlers` times the functions, `exactness` compares
recordings with Prometheus. `page` writes docs/benchmarks.md. `counts` stores the figures that `cost` multiplies by
`prices` for docs/cost.md. `goals` lists the limits that must hold. The package may import the lab and all shipped code;
only tests import it. Start reading at `run.run`.
"""

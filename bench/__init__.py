"""What the system costs, how fast it is and how exact; `make bench` measures it and writes two pages of docs/.

`run` calls every benchmark in turn: `capacity` counts DynamoDB's units, `handlers` times the functions, `exactness`
compares recordings with Prometheus. `page` makes docs/benchmarks.md of what was found. `counts` keeps the part of it
that `cost` multiplies with `prices`, for docs/cost.md. `goals` says what must hold. The package may import the lab and
all that ships; nothing imports it but its tests. Start reading at `run.run`.
"""

"""SLOs for every domain and path behind Traefik: the library of the functions, the agent and the command.

Its packages are layers; each imports only those below it: `app`, `store`, `api`, `objectives`, `counting`, `traefik`,
`runtime`, and at the bottom `times`, `errors` and `structs`. The agent uses only `traefik`, `errors` and the settings.
To begin, follow a snapshot through `app.ingest`, `counting.rollup` and `objectives.reports`.
"""

__version__ = "0.1.0"

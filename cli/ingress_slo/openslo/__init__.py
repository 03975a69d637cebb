"""Objectives as OpenSLO v1 documents (https://github.com/OpenSLO/OpenSLO), without I/O.

`writing` makes documents of promises, `reading` makes promises of documents, and `plan` says what the API has to change
so that they hold. `documents` reads YAML and knows the line of everything; `alerts` checks that documents about alerts
say what holds anyway. Start reading at `promise`.
"""

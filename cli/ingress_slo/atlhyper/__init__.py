"""The logic of `ingress-slo migrate`: imports history and targets from AtlHyper's SQLite database.

`database` reads the file, `attribution` finds the routes of each row, `history` builds one history from two overlapping
tables, `targets` sets the targets, and `account` counts where every row went. Everything is read before anything is
written; `slo.app.import_history` writes. Start reading at `move`.
"""

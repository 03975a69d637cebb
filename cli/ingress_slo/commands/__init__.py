"""The commands, one module for each command or group.

A module declares the options, calls the logic and prints the result. The logic is in `slo.app` or in a package next to
this one. Commands raise `OperatorError` and never catch errors to print them. Start reading at `tree`, the smallest
command; `tokens` is the pattern for a group.
"""

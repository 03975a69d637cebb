"""Rehearsed incidents: a month of clusters that behave as planned, through the real functions, in simulated time.

`plan` says what goes wrong and by when it must be told, `traffic` makes the snapshots and knows the truth, `stage` runs
the functions with kills, faults and repetitions, and `verdict` compares what was told with what happened.
"""

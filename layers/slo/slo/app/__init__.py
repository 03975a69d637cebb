"""Use cases: what each function does, given its stores and a clock. One module for each folder in `functions/`."""

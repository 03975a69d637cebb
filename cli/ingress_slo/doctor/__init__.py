"""What is checked, and what to do about it: the API with a token, and the cluster with the agent's own collectors."""

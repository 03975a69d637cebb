"""Channels: each module sends a message to one kind of receiver."""

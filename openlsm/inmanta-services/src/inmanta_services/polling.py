"""How often an orchestrator is asked the same question again."""

POLL_INTERVAL = 0.25
"""Seconds between two questions of the same kind."""

"""What the commands take when they are not told otherwise."""

DESCRIPTIONS = "generator.services"
"""The package of descriptions."""

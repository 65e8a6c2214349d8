"""From descriptions to the intermediate model."""

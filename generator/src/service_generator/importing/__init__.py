"""From a module that is written by hand to descriptions of its services."""

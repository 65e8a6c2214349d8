"""Python side of the services of the module."""

"""Python side of the integration_example module."""

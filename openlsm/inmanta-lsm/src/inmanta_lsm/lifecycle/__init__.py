"""The lifecycle of service instances: decisions on plain data, without database and server."""

"""The service inventory: the calls on service instances."""

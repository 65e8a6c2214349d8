"""The service catalog: the calls on the definitions of services."""

"""From the bindings of the model to the definitions of its services in the service catalog."""

"""Orders: several changes of service instances that are requested together, and executed in the order they require."""

"""The resources of service instances: what is known of their deployment, and what the scheduler is asked for."""

"""What a new module project, and a new service in one, begin with."""

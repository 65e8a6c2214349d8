"""An inmanta orchestrator that a program starts for itself."""

"""Compiles that start from a process which has loaded inmanta and the project already."""

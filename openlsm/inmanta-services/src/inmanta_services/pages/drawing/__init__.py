"""Diagrams: pure functions from plain data to SVG. Nothing here knows a browser or an orchestrator."""

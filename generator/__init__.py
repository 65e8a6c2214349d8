"""
A small compiler that turns descriptions of services, written in Python, into an inmanta model.

The stages, each of which only imports the ones before it: descriptions (``generator.dsl``, ``generator.services``) are read
(``generator.read``) into an intermediate model (``generator.model``), which is checked and handed to the emitters
(``generator.emit``); the writer puts their text on disk and the command line (``generator.cli``) ties it all together.
"""

DESCRIPTIONS = "generator.services"
"""The package of descriptions that the commands take when they are not told of another one."""

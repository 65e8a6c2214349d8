"""Work and faults on one orchestrator for as long as one likes, and a look at what they left behind: ``python -m soak``."""

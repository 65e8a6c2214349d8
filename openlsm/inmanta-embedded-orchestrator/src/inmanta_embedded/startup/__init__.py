"""What comes first in each Python process of an orchestrator: this folder is the first one on their path."""

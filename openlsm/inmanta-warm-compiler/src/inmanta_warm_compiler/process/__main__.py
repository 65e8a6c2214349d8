"""Runs a warm process: ``python -m inmanta_warm_compiler.process DESCRIPTOR PARENT``."""

import sys

from inmanta_warm_compiler.process.loop import run

if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]))

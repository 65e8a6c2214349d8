"""The command line: ``python -m generator``."""

from service_generator.cli import main

main(prog_name="python -m generator")

"""The command line: ``python -m service_generator``."""

from service_generator.cli import main

main(prog_name="service-generator")

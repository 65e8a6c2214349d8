"""The command line as a module: ``python -m inmanta_services``."""

from inmanta_services.cli import main

if __name__ == "__main__":
    main(prog_name="inmanta-services")

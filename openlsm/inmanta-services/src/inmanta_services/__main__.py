"""The command line: ``inmanta-services``, and as a module ``python -m inmanta_services``."""

import atexit
import gc


def main() -> None:
    """Run the command."""
    # Nearly all that is made is there until the end, most of it by imports of inmanta-core: to look for garbage in it, as often
    # as Python does by default and once more at the end, takes half as long as a command.
    gc.set_threshold(100_000, 20, 100)
    atexit.register(gc.freeze)
    from inmanta_services.cli import main as command

    command(prog_name="inmanta-services")


if __name__ == "__main__":
    main()

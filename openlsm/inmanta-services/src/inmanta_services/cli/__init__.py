"""The command line: ``inmanta-services``."""

from inmanta_services.cli import catalog, files, history, instances, orders, pages, shells
from inmanta_services.cli.main import main

__all__ = ["catalog", "files", "history", "instances", "main", "orders", "pages", "shells"]

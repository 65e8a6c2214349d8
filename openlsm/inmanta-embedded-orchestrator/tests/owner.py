"""
A program that starts something of its own and waits: ``owner.py cluster|orchestrator <folder>``.

It prints one line when all is up.
"""

import sys
import threading
from pathlib import Path

from inmanta_embedded import Orchestrator
from inmanta_embedded.postgres import Cluster


def main(kind: str, folder: Path) -> None:
    """
    Start something and wait.

    :param kind: ``cluster``, or ``orchestrator``: one as the folder says
    :param folder: where
    """
    if kind == "cluster":
        with Cluster(folder, durable=False) as cluster:
            print(cluster.pid, flush=True)
            threading.Event().wait()
    with Orchestrator(folder) as orchestrator:
        print(orchestrator.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

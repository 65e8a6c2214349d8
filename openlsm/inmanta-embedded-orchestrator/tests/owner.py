"""
A program that starts something of its own and waits: ``owner.py cluster|orchestrator|environment <folder>``.

It prints one line when all is up.
"""

import sys
import threading
import uuid
from pathlib import Path

import requests
from inmanta_embedded import Orchestrator, Settings
from inmanta_embedded.patience import patient
from inmanta_embedded.postgres import Cluster

ENVIRONMENT = str(uuid.UUID(int=7))


def create_environment(orchestrator: Orchestrator) -> None:
    """
    Make sure that the server has an environment, and so a scheduler.

    :param orchestrator: runs
    """
    url, headers = orchestrator.url, orchestrator.headers()
    project, environment = f"{url}/api/v2/project", f"{url}/api/v2/environment/{ENVIRONMENT}"
    if requests.get(environment, headers=headers, timeout=patient()).ok:
        return
    answer = requests.put(project, json={"name": "test"}, headers=headers, timeout=patient())
    answer.raise_for_status()
    wish = {"project_id": answer.json()["data"]["id"], "name": "test", "environment_id": ENVIRONMENT}
    requests.put(f"{url}/api/v2/environment", json=wish, headers=headers, timeout=patient()).raise_for_status()


def main(kind: str, folder: Path) -> None:
    """
    Start something and wait.

    :param kind: ``cluster``, ``orchestrator``, or ``environment``: an orchestrator with an environment in it
    :param folder: where
    """
    if kind == "cluster":
        with Cluster(folder, durable=False) as cluster:
            print(cluster.pid, flush=True)
            threading.Event().wait()
    with Orchestrator(folder, Settings(durable=False, extensions=[])) as orchestrator:
        if kind == "environment":
            create_environment(orchestrator)
        print(orchestrator.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

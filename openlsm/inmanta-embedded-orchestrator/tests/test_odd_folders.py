"""The folder of an orchestrator has any name, and can be moved."""

from pathlib import Path

import pytest
import requests
from inmanta_embedded import Orchestrator, Phase, Settings
from inmanta_embedded.errors import last_lines
from inmanta_embedded.patience import patient, wait_until

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("orchestrator")]

PLAIN = Settings(durable=False, extensions=[])
NAMES = ["(a) & b; c", 'it\'s a "quote"', "$(touch made) `touch made` 100%", "ünïcödé ✓", "n" * 200]


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    with Orchestrator(tmp_path / name / "state", PLAIN) as orchestrator:
        assert orchestrator.status().phase is Phase.RUNNING
        answer = requests.get(f"{orchestrator.url}/api/v2/project", headers=orchestrator.headers(), timeout=patient())
        assert answer.status_code == 200

    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_it_starts_again_where_its_folder_was_moved_to(tmp_path: Path) -> None:
    with Orchestrator(tmp_path / "before", PLAIN) as orchestrator:
        url, headers = f"{orchestrator.url}/api/v2/project", orchestrator.headers()
        requests.put(url, json={"name": "kept"}, headers=headers, timeout=patient()).raise_for_status()
    (tmp_path / "before").rename(tmp_path / "it's (after)")

    with Orchestrator(tmp_path / "it's (after)", PLAIN) as orchestrator:
        url = f"{orchestrator.url}/api/v2/project"
        found = requests.get(url, headers=orchestrator.headers(), timeout=patient()).json()["data"]

    assert [project["name"] for project in found] == ["kept"]


def test_agents_start_in_a_folder_whose_name_could_be_a_template(tmp_path: Path) -> None:
    with Orchestrator(tmp_path / "100%s {odd} %", PLAIN) as orchestrator:

        def put(path: str, **body: str) -> str:
            url, headers = f"{orchestrator.url}/api/v2/{path}", orchestrator.headers()
            return str(requests.put(url, json=body, headers=headers, timeout=patient()).json()["data"]["id"])

        environment = put("environment", project_id=put("project", name="any"), name="any")
        log = orchestrator.layout.logs / f"agent-{environment}.log"

        wait_until(
            lambda: log.exists() and "Scheduler started" in log.read_text(), lambda: last_lines(orchestrator.layout.server_log)
        )

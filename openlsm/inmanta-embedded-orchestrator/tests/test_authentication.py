"""A whole service on an orchestrator that asks for tokens: compiles, agents and reports have theirs."""

import textwrap
import uuid
from typing import Any

import pytest
import requests
from inmanta_embedded import Orchestrator
from inmanta_embedded.patience import patient, wait_until

# One orchestrator serves them all.
pytestmark = [pytest.mark.full, pytest.mark.xdist_group("closed")]

ENVIRONMENT = str(uuid.uuid4())
MODEL = """
    import fs
    import lsm
    import lsm::fsm
    import mitogen
    import std

    entity Note extends lsm::ServiceEntity:
        \"\"\"
        A file with a text in it.
        \"\"\"
        string name
        lsm::attribute_modifier name__modifier = "rw"
    end

    implement Note using parents, file

    implementation file for Note:
        self.resources += fs::File(
            host=host, path="{folder}/{{{{ self.name }}}}", mode=644, content=self.name,
            purged=self.purge_resources, send_event=true,
        )
        self.owned_resources += self.resources
    end

    host = std::Host(name="localhost", os=std::linux, via=mitogen::Local())
    binding = lsm::ServiceEntityBindingV2(
        service_entity="__config__::Note", lifecycle=lsm::fsm::simple, service_entity_name="note", service_identity="name",
    )
    for instance in lsm::all(binding):
        Note(instance_id=instance["id"], name=instance["attributes"]["name"], entity_binding=binding)
    end
"""


class Api:
    """What the API answers to the bearer of a token."""

    def __init__(self, orchestrator: Orchestrator, token: str | None) -> None:
        """
        :param orchestrator: runs
        :param token: to send along, None for none
        """
        self._url = orchestrator.url
        self._headers = {"X-Inmanta-tid": ENVIRONMENT, **({"Authorization": f"Bearer {token}"} if token else {})}

    def answer(self, method: str, path: str, body: object = None) -> requests.Response:
        """
        Send a request.

        :param method: of HTTP
        :param path: of the url
        :param body: of the request
        """
        return requests.request(method, f"{self._url}{path}", headers=self._headers, json=body, timeout=patient())

    def data(self, method: str, path: str, body: object = None) -> Any:
        """
        Send a request that succeeds, and give the data of the answer.

        :param method: of HTTP
        :param path: of the url
        :param body: of the request
        """
        answer = self.answer(method, path, body)
        assert answer.ok, answer.text
        return answer.json().get("data") if answer.content else None


@pytest.fixture(scope="module")
def orchestrator(closed: Orchestrator) -> Orchestrator:
    """An orchestrator that asks for tokens, with an environment that has a project."""
    admin = Api(closed, closed.token())
    project = admin.data("PUT", "/api/v2/project", {"name": "test"})
    wish = {"project_id": project["id"], "name": "test", "environment_id": ENVIRONMENT}
    admin.data("PUT", "/api/v2/environment", wish)
    folder = closed.layout.project(ENVIRONMENT)
    (folder / "libs").mkdir(parents=True)
    (folder / "project.yml").write_text("{name: test, modulepath: libs, pip: {use_system_config: true}}")
    (folder / "main.cf").write_text(textwrap.dedent(MODEL).format(folder=closed.layout.folder))
    return closed


def test_a_service_is_deployed_by_the_bearer_of_a_token_for_its_environment(orchestrator: Orchestrator) -> None:
    api = Api(orchestrator, orchestrator.token(environment=ENVIRONMENT))
    api.data("POST", "/lsm/v1/exporter/export_service_definition", {"force_update": False})

    def catalog_is_filled() -> bool:
        compiles = api.data("GET", "/api/v2/compilereport")
        assert all(compile_["success"] is not False for compile_ in compiles), compiles
        return bool(api.data("GET", "/lsm/v1/service_catalog"))

    wait_until(catalog_is_filled, "the catalog is empty", interval=0.1)
    note = api.data("POST", "/lsm/v1/service_inventory/note", {"attributes": {"name": "hello"}})

    def note_is_up() -> bool:
        return bool(api.data("GET", f"/lsm/v1/service_inventory/note/{note['id']}")["state"] == "up")

    wait_until(note_is_up, "the note is not up", interval=0.1)

    assert (orchestrator.layout.folder / "hello").read_text() == "hello"


@pytest.mark.parametrize("path", ["/lsm/v1/service_catalog", "/lsm/v1/service_inventory/note", "/api/v2/compilereport"])
def test_nobody_else_gets_an_answer(orchestrator: Orchestrator, path: str) -> None:
    without = Api(orchestrator, None).answer("GET", path)
    elsewhere = Api(orchestrator, orchestrator.token(environment=str(uuid.uuid4()))).answer("GET", path)

    assert (without.status_code, elsewhere.status_code) == (401, 403)

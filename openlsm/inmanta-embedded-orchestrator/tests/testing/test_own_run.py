"""A test run with an orchestrator of its own: its access to it, and the archive that a test leaves which fails."""

import json
import re
import textwrap
import zipfile

import pytest
from inmanta_embedded import Orchestrator, Phase
from inmanta_embedded.layout import BASE_FOLDER

pytest_plugins = ["pytester"]

pytestmark = pytest.mark.full

CONFTEST = """
    import pytest
    from inmanta_embedded import Settings

    @pytest.fixture(scope="session")
    def embedded_orchestrator_settings():
        return Settings(durable=False, extensions=["lsm"])
"""
TESTS = """
    def test_where(remote_orchestrator_host):
        from pytest_inmanta_lsm.remote_service_instance_async import RemoteServiceInstance

        print("It is at", *remote_orchestrator_host, "asked every", RemoteServiceInstance.RETRY_INTERVAL, "s")

    def test_only_a_soft_clear_of_the_environment_keeps_the_project(remote_orchestrator):
        file = remote_orchestrator.remote_project_path / "files" / "kept"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("as it was")

        remote_orchestrator.clear_environment(soft=True)
        assert file.read_text() == "as it was"

        remote_orchestrator.clear_environment()
        assert not file.exists()

    def test_what_is_in_an_environment_that_no_test_had_is_cleared_for_the_first_one(remote_orchestrator):
        client, environment = remote_orchestrator.client, remote_orchestrator.environment
        remote_orchestrator.clear_environment()
        assert client.set_param(environment, "name", source="user", value="value").code == 200

        remote_orchestrator.clear_environment(soft=True)
        assert client.list_params(environment).result["parameters"] == []

    def test_that_fails(remote_orchestrator):
        assert remote_orchestrator is None
"""


def test_an_orchestrator_is_started_for_the_tests_and_ends_with_them_and_one_that_fails_leaves_an_archive(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(pytester.path))
    # The stock fixtures work in a module only.
    module = pytester.mkdir("sample")
    (module / "model").mkdir()
    (module / "model" / "_init.cf").touch()
    (module / "module.yml").write_text("name: sample\nversion: 1.0.0\nlicense: Apache-2.0\n")
    (module / "conftest.py").write_text(textwrap.dedent(CONFTEST))
    (module / "test_sample.py").write_text(textwrap.dedent(TESTS))
    monkeypatch.chdir(module)

    result = pytester.runpytest_subprocess("-s", "--rootdir", module, "--lsm-dump-on-failure", "--pip-use-system-config")

    result.assert_outcomes(passed=3, failed=1)
    result.stdout.re_match_lines([r".*It is at 127\.0\.0\.1 \d+ asked every 0\.2 s"])
    orchestrator = Orchestrator(module / BASE_FOLDER / "pytest-0")
    assert orchestrator.status().phase is Phase.STOPPED
    # Of four by the tests themselves and five by the stock fixtures, whatever the order of the tests: not at the start of the
    # run and before the first test, and not twice when one ends with a whole clear.
    log = (orchestrator.layout.logs / "server.log").read_text(encoding="utf-8")
    assert len(re.findall("Halting environment .* for clear operation", log)) == 6
    (archive,) = pytester.path.glob("test_that_fails_*_support_archive.zip")
    with zipfile.ZipFile(archive) as found:
        assert {"status.json", "versions.json", "compiles.json", "logs/server.log"} <= {*found.namelist()}
        assert json.loads(found.read("status.json"))["status"] == "OK"
        assert re.search(rb"Server startup complete", found.read("logs/server.log"))

"""The dump of the stock test options when a test fails: an archive of what the orchestrator knows about itself."""

import json
import re
import textwrap
import zipfile

import pytest

pytest_plugins = ["pytester"]

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("orchestrator")]

CONFTEST = """
    import pytest
    from inmanta_embedded import Settings

    @pytest.fixture(scope="session")
    def embedded_orchestrator_settings():
        return Settings(durable=False, extensions=["lsm"])
"""
FAILING = """
    def test_that_fails(remote_orchestrator):
        assert remote_orchestrator is None
"""


def test_a_test_that_fails_leaves_an_archive_and_no_other_error(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(pytester.path))
    # The stock fixtures work in a module only.
    module = pytester.mkdir("sample")
    (module / "model").mkdir()
    (module / "model" / "_init.cf").touch()
    (module / "module.yml").write_text("name: sample\nversion: 1.0.0\nlicense: Apache-2.0\n")
    (module / "conftest.py").write_text(textwrap.dedent(CONFTEST))
    (module / "test_sample.py").write_text(textwrap.dedent(FAILING))
    monkeypatch.chdir(module)

    result = pytester.runpytest_subprocess("--rootdir", module, "--lsm-dump-on-failure", "--pip-use-system-config")

    result.assert_outcomes(failed=1)
    (archive,) = pytester.path.glob("test_that_fails_*_support_archive.zip")
    with zipfile.ZipFile(archive) as found:
        assert {"status.json", "versions.json", "compiles.json", "logs/server.log"} <= {*found.namelist()}
        assert json.loads(found.read("status.json"))["status"] == "OK"
        assert re.search(rb"Server startup complete", found.read("logs/server.log"))

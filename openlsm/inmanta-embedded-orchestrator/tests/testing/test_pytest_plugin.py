"""What a test run gets when the package is installed."""

import contextlib
import re

import pytest
from inmanta_embedded import Orchestrator
from inmanta_embedded.testing.pytest_plugin import names_another_orchestrator
from inmanta_embedded.testing.run_folder import claim_folder
from pytest_inmanta.test_parameter import parameter

pytest_plugins = ["pytester"]

# The tests of these runs are about where the orchestrator is, and need nothing on it.
SETTINGS = """
    import pytest
    from inmanta_embedded import Settings

    @pytest.fixture(scope="session")
    def embedded_orchestrator_settings():
        return Settings(durable=False, extensions=[])
"""
WHERE = """
    from pytest_inmanta_lsm.remote_service_instance_async import RemoteServiceInstance

    def test_where(remote_orchestrator_host):
        print("It is at", *remote_orchestrator_host, "asked every", RemoteServiceInstance.RETRY_INTERVAL, "s")
"""


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """No orchestrator is named by the environment of this test run."""
    for name in ("HOST", "SRV_PORT", "REMOTE_HOST", "REMOTE_SHELL", "CONTAINER"):
        monkeypatch.delenv(f"INMANTA_LSM_{name}", raising=False)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], False),
        (["--lsm-partial-compile"], False),
        (["--lsm-host", "192.0.2.1"], True),
        (["--lsm-srv-port", "8888"], True),
        (["--lsm-rsh", "docker exec -i"], True),
        (["--lsm-rh", "other"], True),
        (["--lsm-ctr"], True),
    ],
)
def test_options_that_lead_to_an_orchestrator_name_another_one(
    pytester: pytest.Pytester, options: list[str], expected: bool
) -> None:
    assert names_another_orchestrator(pytester.parseconfig(*options)) == expected


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("INMANTA_LSM_HOST", "192.0.2.1", True),
        ("INMANTA_LSM_SRV_PORT", "8888", True),
        ("INMANTA_LSM_CONTAINER", "true", True),
        ("INMANTA_LSM_CONTAINER", "false", False),
        ("INMANTA_LSM_SSH_USER", "somebody", False),
        ("INMANTA_LSM_HOST", "", False),
        ("INMANTA_LSM_HOST", "  ", False),
        ("INMANTA_LSM_SRV_PORT", "", False),
        ("INMANTA_LSM_REMOTE_SHELL", "", False),
        ("INMANTA_LSM_CONTAINER", "", False),
    ],
)
def test_variables_that_lead_to_an_orchestrator_name_another_one(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: bool
) -> None:
    monkeypatch.setenv(variable, value)

    assert names_another_orchestrator(pytester.parseconfig()) == expected


def test_a_variable_that_is_empty_is_not_set(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    known = parameter.TestParameterRegistry.test_parameters()
    parameters = [one for one in known if one.environment_variable.startswith("INMANTA_")]
    assert parameters
    for one in parameters:
        monkeypatch.setenv(one.environment_variable, "")

    config = pytester.parseconfig()

    for one in parameters:
        with contextlib.suppress(parameter.ParameterNotSetException):
            assert one.resolve(config) == one.get_default_value(config)


def test_an_orchestrator_that_is_named_is_the_one_of_the_tests(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(WHERE)

    result = pytester.runpytest_subprocess("-s", "--lsm-host", "192.0.2.1", "--lsm-srv-port", "1234")

    result.stdout.fnmatch_lines(["*It is at 192.0.2.1 1234 asked every 5.0 s*"])
    assert not (pytester.path / ".inmanta-embedded").exists()


@pytest.mark.parametrize(
    "options",
    [
        ["--lsm-ssl"],
        ["--lsm-ca-cert", "ca.pem"],
        ["--lsm-token", "secret"],
        ["--lsm-ssh-user", "admin"],
        ["--lsm-ssh-port", "22"],
        ["--lsm-container-env"],
        ["--lsm-ctr-image", "image"],
    ],
    ids=lambda options: options[0],
)
def test_an_option_that_would_do_nothing_is_refused(pytester: pytest.Pytester, options: list[str]) -> None:
    with pytest.raises(pytest.UsageError, match=f"^{options[0]}: this is for another orchestrator"):
        pytester.parseconfigure(*options)

    # With an orchestrator that they are about they are fine.
    pytester.parseconfigure("--lsm-host", "192.0.2.1", *options)


def test_tests_that_need_no_orchestrator_start_none(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_nothing(): pass")

    result = pytester.runpytest_subprocess()

    result.assert_outcomes(passed=1)
    assert not (pytester.path / ".inmanta-embedded").exists()


def test_an_orchestrator_is_started_for_the_tests_and_ends_with_them(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(SETTINGS)
    pytester.makepyfile(WHERE)

    result = pytester.runpytest_subprocess("-s")

    result.assert_outcomes(passed=1)
    result.stdout.re_match_lines([r".*It is at 127\.0\.0\.1 \d+ asked every 0\.2 s"])
    assert not Orchestrator(pytester.path / ".inmanta-embedded" / "pytest-0").status().is_alive


def test_an_orchestrator_that_is_not_to_be_cleaned_goes_on_and_the_user_is_told_how_to_end_it(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeconftest(SETTINGS)
    pytester.makepyfile(WHERE)
    orchestrator = Orchestrator(pytester.path / ".inmanta-embedded" / "pytest-0")
    try:
        result = pytester.runpytest_subprocess("--lsm-no-clean", "-n", "1")

        assert orchestrator.status().is_alive
        result.stdout.re_match_lines([rf".*{re.escape(orchestrator.url)}.*inmanta-embedded --folder .*pytest-0 stop"])
        # The next run does not touch what the user looks at.
        folder, lock = claim_folder(pytester.path / ".inmanta-embedded")
        lock.release()
        assert folder.name == "pytest-1"
    finally:
        orchestrator.reset()

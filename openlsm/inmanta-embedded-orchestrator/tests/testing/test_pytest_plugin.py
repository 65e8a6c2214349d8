"""What a test run gets when the package is installed."""

import contextlib
import re

import pytest
from inmanta_embedded import Orchestrator
from inmanta_embedded.testing.pytest_plugin import NAME, names_another_orchestrator
from inmanta_embedded.testing.run_folder import claim_folder
from pytest_inmanta.test_parameter import parameter

pytest_plugins = ["pytester"]

# What looks for exceptions that nobody saw goes through all of the memory when a configuration ends.
QUICK = ("-p", "no:unraisableexception")

# The tests of these runs are about where the orchestrator is, and need nothing on it.
SETTINGS = """
    import pytest
    from inmanta_embedded import Settings

    @pytest.fixture(scope="session")
    def embedded_orchestrator_settings():
        return Settings(durable=False, extensions=[])
"""
WHERE = """
    def test_where(remote_orchestrator_host):
        print("It is at", *remote_orchestrator_host)
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
    named = pytester.parseconfigure(*QUICK, "--lsm-host", "192.0.2.1", "--lsm-srv-port", "1234")

    # So the fixtures are the stock ones.
    assert named.pluginmanager.hasplugin("pytest-inmanta-lsm")
    assert not named.pluginmanager.hasplugin(NAME)
    assert pytester.parseconfigure(*QUICK).pluginmanager.hasplugin(NAME)


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
        pytester.parseconfigure(*QUICK, *options)

    # With an orchestrator that they are about they are fine.
    pytester.parseconfigure(*QUICK, "--lsm-host", "192.0.2.1", *options)


def test_an_orchestrator_that_is_not_to_be_cleaned_goes_on_and_the_user_is_told_how_to_end_it(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeconftest(SETTINGS)
    pytester.makepyfile(WHERE)
    orchestrator = Orchestrator(pytester.path / ".inmanta-embedded" / "pytest-0")
    try:
        result = pytester.runpytest_subprocess("--lsm-no-clean", "-n", "1", "-p", "no:schemathesis")

        assert orchestrator.status().is_alive
        result.stdout.re_match_lines([rf".*{re.escape(orchestrator.url)}.*inmanta-embedded --folder .*pytest-0 stop"])
        # The next run does not touch what the user looks at.
        folder, lock = claim_folder(pytester.path / ".inmanta-embedded")
        lock.release()
        assert folder.name == "pytest-1"
    finally:
        orchestrator.reset()

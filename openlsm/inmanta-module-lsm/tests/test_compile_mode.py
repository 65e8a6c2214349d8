"""How the environment variables of a compile are understood."""

import pytest
from inmanta.plugins import PluginException
from inmanta_lsm import const
from inmanta_lsm.model import ModelState
from inmanta_plugins.lsm import compile_mode
from inmanta_plugins.lsm.compile_mode import CompileMode

FULL_EXPORT = CompileMode(no_instances=False, validated=None, requested=(), partial=False)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, FULL_EXPORT),
        ({const.ENV_MODEL_STATE: "active", const.ENV_PARTIAL_COMPILE: "False"}, FULL_EXPORT),
        ({const.ENV_MODEL_STATE: ""}, FULL_EXPORT),
        # Without ids there is nothing to restrict the compile to.
        ({const.ENV_PARTIAL_COMPILE: "True"}, FULL_EXPORT),
        (
            {const.ENV_INSTANCE_ID: "a b", const.ENV_PARTIAL_COMPILE: "true"},
            CompileMode(no_instances=False, validated=None, requested=("a", "b"), partial=True),
        ),
        (
            {const.ENV_INSTANCE_ID: "a"},
            CompileMode(no_instances=False, validated=None, requested=("a",), partial=False),
        ),
        (
            {
                const.ENV_INSTANCE_ID: "a",
                const.ENV_MODEL_STATE: ModelState.candidate.value,
                const.ENV_INSTANCE_VERSION: "3",
                const.ENV_PARTIAL_COMPILE: "True",
            },
            CompileMode(no_instances=False, validated="a", requested=("a",), partial=True),
        ),
        ({const.ENV_NO_INSTANCES: "TRUE"}, CompileMode(no_instances=True, validated=None, requested=(), partial=False)),
        ({const.ENV_NO_INSTANCES: "false"}, FULL_EXPORT),
    ],
)
def test_the_variables_of_a_compile_tell_its_mode(variables: dict[str, str], expected: CompileMode) -> None:
    assert compile_mode.parse(variables) == expected


@pytest.mark.parametrize("ids", ["", "a b"])
def test_a_validating_compile_is_about_exactly_one_instance(ids: str) -> None:
    with pytest.raises(PluginException, match="exactly one service instance"):
        compile_mode.parse({const.ENV_MODEL_STATE: "candidate", const.ENV_INSTANCE_ID: ids})


def test_an_unknown_model_state_is_refused() -> None:
    with pytest.raises(PluginException, match="inmanta_model_state is 'designed'"):
        compile_mode.parse({const.ENV_MODEL_STATE: "designed"})


def test_the_variables_are_read_when_they_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not compile_mode.current().validating
    monkeypatch.setenv(const.ENV_INSTANCE_ID, "a")
    monkeypatch.setenv(const.ENV_MODEL_STATE, ModelState.candidate)
    assert compile_mode.current().is_validated("a")

"""Names in a definition choose among known types; they run no code."""

import json
from pathlib import Path
from typing import Annotated, Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inmanta_lsm.attributes.changes import complete_for_create
from inmanta_lsm.attributes.narrower_types import FACTORIES, TYPES, narrower_type
from inmanta_lsm.attributes.schema import schema
from inmanta_lsm.attributes.violation import RuleViolationError
from inmanta_lsm.catalog.rules.definition import check_definition

from ..helpers.described_service import ANY_JSON, attribute, service

# Everything that can be called in the modules of the types, and what leads out of them.
CALLABLES = [
    "uuid._get_command_stdout",
    "uuid.main",
    "uuid.getnode",
    "uuid.uuid1",
    "uuid.os.system",
    "uuid.sys.exit",
    "uuid.Enum",
    "ipaddress.functools.partial",
    "ipaddress.ip_address",
    "ipaddress.summarize_address_range",
    "datetime.sys.exit",
    "datetime.timezone",
    "pydantic.create_model",
    "pydantic.Field",
    "pydantic.validate_call",
    "pydantic.schema_of",
    "pydantic.schema_json_of",
    "pydantic.parse_obj_as",
    "pydantic.with_config",
    "pydantic.TypeAdapter",
    "pydantic.conlist",
    "pydantic.conset",
    "pydantic.confrozenset",
    "pydantic.GetPydanticSchema",
    "pydantic.ImportString",
    "pydantic.PyObject",
    "pydantic.FilePath",
    "pydantic.DirectoryPath",
    "pydantic.NewPath",
    "pydantic.SocketPath",
    "pydantic.deprecated.tools.parse_obj_as",
    "pydantic.__getattr__",
    "pydantic.__loader__",
    "os.system",
    "builtins.eval",
    "subprocess.getoutput",
]


def touch(path: Path) -> list[dict[str, Any] | None]:
    """What a name that is called could be given to make a file."""
    script = path.parent / "script"
    script.write_text(f"#!/bin/sh\ntouch {path}\n")
    script.chmod(0o755)
    code = f"__import__('pathlib').Path({str(path)!r}).touch()"
    return [
        None,
        {},
        {"command": str(script)},
        {"cmd": str(script)},
        {"source": code},
        {"item_type": code},
        {"type_": code, "obj": []},
        {"model_name": "X", "field": code},
        {"model_name": "X", "__base__": code},
        {"func": code},
    ]


@pytest.mark.parametrize("name", CALLABLES)
def test_a_name_runs_nothing(tmp_path: Path, name: str) -> None:
    made = tmp_path / "made"
    for parameters in touch(made):
        described = service(attribute("a", "string", validation_type=name, validation_parameters=parameters, default="x"))

        check_definition(described)
        schema(described)
        for value in ("os.system", "/etc/passwd", "x"):
            assert complete_for_create(described, {"a": value}) == {"a": value}

    assert not made.exists()


@pytest.mark.parametrize("name", CALLABLES)
def test_a_name_of_something_else_is_left_to_the_compiler(name: str) -> None:
    assert narrower_type(name, "{}") is None


@pytest.mark.parametrize("name", TYPES)
def test_a_type_has_a_schema_and_takes_no_parameters(name: str) -> None:
    adapter = narrower_type(name, "{}")

    assert adapter is not None
    assert isinstance(adapter.json_schema(), dict)
    with pytest.raises(RuleViolationError, match=f"{name} cannot take the parameters .*: it has none"):
        narrower_type(name, '{"gt": 1}')


@pytest.mark.parametrize("name", [*TYPES, *FACTORIES])
@given(value=ANY_JSON | st.text() | st.integers())
def test_any_value_fits_a_type_or_is_refused(name: str, value: object) -> None:
    described = service(attribute("a", "any", validation_type=name))

    try:
        completed = complete_for_create(described, {"a": value})
    except RuleViolationError:
        return
    assert completed == {"a": value}


@pytest.mark.parametrize(
    ("name", "parameters", "fitting", "unfitting"),
    [
        ("pydantic.conint", {"ge": 2, "lt": 8, "multiple_of": 2}, [2, 6], [0, 3, 8]),
        ("pydantic.confloat", {"gt": 0.5, "le": 2}, [0.75, 2], [0.5, 2.5]),
        ("pydantic.condecimal", {"ge": "0.5", "max_digits": 3, "decimal_places": 1}, ["0.5", 1.5], ["0.4", "1.25", "1000.5"]),
        ("pydantic.constr", {"min_length": 2, "max_length": 3}, ["ab", "abc"], ["a", "abcd"]),
        ("pydantic.constr", {"pattern": "^a+$"}, ["aa"], ["b", ""]),
        ("pydantic.constr", {"regex": "a+$", "strict": True}, ["aa"], ["ba", ""]),
        ("pydantic.constr", {"regex": None}, ["anything"], [1]),
        ("pydantic.conbytes", {"max_length": 2}, ["ab"], ["abc"]),
        ("pydantic.condate", {"gt": "2020-01-31"}, ["2020-02-01"], ["2020-01-31", "x"]),
    ],
)
def test_a_factory_makes_a_type_of_its_parameters(
    name: str, parameters: dict[str, Any], fitting: list[object], unfitting: list[object]
) -> None:
    adapter = narrower_type(name, json.dumps(parameters))

    assert adapter is not None
    assert isinstance(adapter.json_schema(), dict)
    for value in fitting:
        adapter.validate_python(value)
    for value in unfitting:
        with pytest.raises(pydantic.ValidationError):
            adapter.validate_python(value)


@pytest.mark.parametrize(
    ("name", "parameters", "sentence"),
    [
        ("pydantic.conint", {"item_type": "x"}, "it has no parameter 'item_type', only ge, gt"),
        ("pydantic.conint", {"ge": "0"}, 'ge must be an integer, not "0"'),
        ("pydantic.conint", {"ge": True}, "ge must be an integer, not true"),
        ("pydantic.constr", {"min_length": -1}, "min_length must be a length, not -1"),
        ("pydantic.constr", {"min_length": 10**30}, "min_length must be a length"),
        ("pydantic.constr", {"regex": ["a"]}, "regex must be a string"),
        ("pydantic.constr", {"strict": "x"}, "strict must be a boolean"),
        ("pydantic.condate", {"gt": "x"}, "gt must be a date"),
        ("pydantic.condecimal", {"gt": "1e"}, "gt must be a number"),
        ("pydantic.conint", {"multiple_of": 0}, "multiple_of must be a number above 0, not 0"),
        ("pydantic.confloat", {"multiple_of": -1}, "must be a number above 0, not -1"),
        ("pydantic.constr", {"regex": "("}, "this is no regular expression: missing ), unterminated subpattern at position 0"),
        ("pydantic.constr", {"pattern": "("}, "this is no regular expression"),
        ("pydantic.conint", [1], "they must be an object"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused_in_one_sentence(name: str, parameters: object, sentence: str) -> None:
    with pytest.raises(RuleViolationError) as refusal:
        narrower_type(name, json.dumps(parameters))

    assert str(refusal.value).startswith(f"Validation type {name} cannot take the parameters ")
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "error", [SystemExit(1), GeneratorExit(), RecursionError(), ZeroDivisionError("x"), BaseException("x")]
)
def test_what_a_validator_raises_is_an_answer(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(value: object) -> object:
        raise error

    name = f"test.Failing{type(error).__name__}"
    monkeypatch.setitem(TYPES, name, Annotated[str, pydantic.AfterValidator(fail)])
    described = service(attribute("a", "string", validation_type=name))

    with pytest.raises(RuleViolationError, match=f"Attribute a must be a valid {name}"):
        complete_for_create(described, {"a": "x"})

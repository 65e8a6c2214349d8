"""Regular expressions of definitions mean what they mean in Python, and never take long."""

import asyncio
import re
import sys
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from inmanta_lsm.attributes import backtracking_pattern
from inmanta_lsm.attributes.changes import complete_for_create
from inmanta_lsm.attributes.linear_pattern import UntranslatableError, parse, translate
from inmanta_lsm.attributes.narrower_types import narrower_type
from inmanta_lsm.attributes.pattern import MAXIMUM_TEXT, SECONDS_IN_ALL, Engines, Pattern
from inmanta_lsm.attributes.violation import RuleViolationError
from inmanta_lsm.catalog.rules.definition import check_definition
from inmanta_lsm.model import ServiceAttribute

from ..helpers.described_service import attribute, embedded, service

# Far more than a text may take, for machines that are busy with other things as well, and far below what these would take.
PATIENCE = 5.0

CATASTROPHIC = [
    ("(a+)+$", "a" * 40 + "b"),
    ("^(a|a)*b$", "a" * 60),
    ("^(a|aa)+$", "a" * 90 + "b"),
    ("(.*)*x", "a" * 90),
    ("([a-z]+)*[A-Z]$", "a" * 90),
    (r"^(\w+\s?)*$", "word " * 30 + "!"),
    ("(?:.*a){20}", "a" * 19 + "b" * 20_000),
    (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 90),
    # What no linear engine can do.
    (r"(a|b|ab)*(?=c)\1x", "ab" * 60),
    (r"(?=(a+)+$)(a+)+b", "a" * 60),
    (r"^(?:(x+)x+|(x+)y)+\1$", "x" * 60 + "!"),
    (r"(?i)^(a|A|b|ab)*c$", "aB" * 60),
    (r"\b(a*)*\b(a*)*\b(a*)*c", "a" * 80),
]


def described_by(regex: str, parameter: str = "regex", **fields: Any) -> ServiceAttribute:
    """An attribute with a regular expression."""
    return attribute("a", "string", validation_type="pydantic.constr", validation_parameters={parameter: regex}, **fields)


@pytest.mark.parametrize(("regex", "text"), CATASTROPHIC)
def test_no_text_takes_long_to_refuse(regex: str, text: str) -> None:
    started = time.process_time()

    with pytest.raises(RuleViolationError, match=r"should match pattern|takes too long to match"):
        complete_for_create(service(described_by(regex)), {"a": text})

    assert time.process_time() - started < PATIENCE


@pytest.mark.parametrize(("regex", "text"), CATASTROPHIC)
def test_many_texts_of_one_request_do_not_take_long(regex: str, text: str) -> None:
    async def request() -> None:
        ports = embedded("ports", "rw+", None, key_attributes=None, attributes=[described_by(regex)])
        complete_for_create(service(embedded_entities=[ports]), {"ports": [{"a": text}] * 1000})

    async def requests() -> None:
        for _ in range(3):
            with pytest.raises(RuleViolationError):
                await asyncio.create_task(request())

    started = time.process_time()
    asyncio.run(requests())

    assert time.process_time() - started < 3 * (SECONDS_IN_ALL + PATIENCE)


@pytest.mark.parametrize(
    "regex", ["(?:(?:(?:a?){200}){200}){200}", "(?:" * 20 + "a" + "{1,9})" * 20, "(" * 1500 + ")" * 1500, "a" * 5000]
)
def test_an_expression_that_is_too_large_is_refused_before_it_is_compiled(regex: str) -> None:
    started = time.process_time()

    with pytest.raises(RuleViolationError, match=r"Service service, attribute a: .* cannot take the parameters"):
        check_definition(service(described_by(regex)))

    assert time.process_time() - started < PATIENCE


@pytest.mark.parametrize("parameter", ["regex", "pattern"])
def test_a_default_is_matched_in_bounded_time(parameter: str) -> None:
    started = time.process_time()

    with pytest.raises(RuleViolationError, match="the default does not fit"):
        check_definition(service(described_by("^(?:.{0,100}){90}x$", parameter, default="é" * 50_000)))

    assert time.process_time() - started < PATIENCE


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(RuleViolationError, match="takes too long to match"):
        complete_for_create(service(described_by("a*")), {"a": "a" * (MAXIMUM_TEXT + 1)})


EXPRESSIONS = [
    r"^[a-zA-Z0-9]*$",
    r"^(.*\S.*)$",
    r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$",
    r"a|b$",
    r"(a|b$)",
    r"a$b",
    r"(?:a$)?",
    r"(?m)^a$",
    r"(?s)a.b",
    r"a.b",
    r"a\Z",
    r"[^a\d]+?x",
    r"[\W\s]+$",
    r"[^\W\S]+\Z",
    r"(?a)\w+\Z",
    r"(?a)[^\s]\D\Z",
    r"(?x) a  # a letter",
    r"(?P<name>a{2,3})b{1,}",
    r"(?s:.)b(?-s:.)",
    r"(?i)ä$",
    r"\ba\b",
    r"\Ba?\B",
    r"(?a)\ba\B",
    r"(?i)\bÄ\B",
    r"a(?!b)",
    r"\w+?(?<=[^b-z])b",
    r"..?(?<![a-z])\b",
    r"(?=[^\w-])(?s:.)\S",
    r"(a)?(?(1)\w|\W)\D*$",
    r"(a)b?\1",
    r"(?>a+)b",
    r"a++b",
    r"[\]\-^a]+$",
    "\n$",
    r"\x00?é\N{SNOWMAN}?",
]


@pytest.mark.parametrize("regex", EXPRESSIONS)
@example(text="a\u0301")  # a letter with a mark that combines with it
@example(text="a\U0003d000")  # of an edition of Unicode that the backtracking engine knows, and Python does not
@example(text="\U00013460")  # of an edition of Unicode that the engine knows, and some releases of Python do not
@given(text=st.text(alphabet="aäbA1 \n\x1c.-xé", max_size=6) | st.text(max_size=4))
def test_an_expression_means_what_it_means_in_python(regex: str, text: str) -> None:
    assert Engines.of(Pattern(regex, python=True)).match(text) == (re.match(regex, text) is not None)


@pytest.mark.parametrize("regex", EXPRESSIONS)
@example(text="a\u0301")
@example(text="1\U0003d000")
@given(text=st.text(alphabet="aäbÄA1² \n\x1c.-xé\u0301\U0003d000", max_size=6) | st.text(max_size=4))
def test_the_engine_for_long_texts_agrees(regex: str, text: str) -> None:
    engine = Engines.of(Pattern(regex, python=True)).backtracking
    assert engine is not None
    assert (engine.match(text) is not None) == (re.match(regex, text) is not None)


@pytest.mark.parametrize("regex", [r"\b" * 1900, r"\w" * 900, r"[\W\d]" * 300])
def test_an_expression_that_says_the_same_again_and_again_is_no_larger_for_it(regex: str) -> None:
    assert len(backtracking_pattern.translate(parse(regex))) < 20 * len(regex) + 50_000


@pytest.mark.parametrize("regex", EXPRESSIONS)
def test_what_needs_no_backtracking_gets_none(regex: str) -> None:
    needs = any(part in regex for part in ("(?i)", r"\b", r"\B", "(?!", "(?=", "(?<", "(?(", r"\1", "(?>", "++", "a$b"))
    try:
        translate(parse(regex))
    except UntranslatableError:
        assert needs
    else:
        assert not needs


@pytest.mark.parametrize("category", [r"\d", r"\D", r"\s", r"\S", r"\w", r"\W"])
def test_a_category_has_the_characters_that_it_has_in_python(category: str) -> None:
    engines = Engines.of(Pattern(category, python=True))
    # All but the halves of pairs, which are no characters.
    characters = "".join(map(chr, (*range(0xD800), *range(0xE000, sys.maxunicode + 1))))

    assert engines.linear is not None
    assert list(filter(engines.linear.isinstance_python, characters)) == re.findall(category, characters)


def test_a_pattern_has_the_syntax_of_pydantic() -> None:
    adapter = narrower_type("pydantic.constr", '{"pattern": "\\\\p{Lu}$"}')

    assert adapter is not None
    adapter.validate_python("xA")
    with pytest.raises(ValueError, match="String should match pattern"):
        adapter.validate_python("A\n")

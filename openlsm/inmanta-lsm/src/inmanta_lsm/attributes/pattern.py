"""
Matching of texts with the regular expressions of a definition, in bounded time.

Definition and text come from outside, and a few characters of each suffice to keep a backtracking engine busy for years.
"""

import asyncio
import re
import time
import weakref
from dataclasses import dataclass
from functools import lru_cache

import pydantic.json_schema
import regex as backtracking
from pydantic_core import CoreSchema, PydanticCustomError, SchemaError, SchemaValidator, core_schema

from inmanta_lsm.attributes import backtracking_pattern
from inmanta_lsm.attributes.linear_pattern import SubPattern, UntranslatableError, parse, translate, weight

MAXIMUM_PATTERN = 4_000
"""How long an expression can be, in characters."""

MAXIMUM_TEXT = 100_000
"""How long a text can be that is matched, in characters."""

MAXIMUM_WEIGHT = 10_000
"""How large the repetitions can make an expression, in parts."""

MAXIMUM_WORK = 5_000_000
"""The states times characters for which the linear engine is taken: some ten milliseconds."""

SECONDS = 0.05
"""The time for one text."""

SECONDS_IN_ALL = 0.5
"""The time for all texts of one request. Nothing else is served meanwhile."""

_spent: weakref.WeakKeyDictionary[asyncio.Task[object], float] = weakref.WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    The constraint, for pydantic, that a text matches a regular expression.

    :param text: the expression
    :param python: whether it has the syntax of Python and has to match at the start of the text; it has that of Rust, and is
        looked for anywhere, otherwise
    """

    text: str
    python: bool

    def __get_pydantic_core_schema__(self, source: object, handler: pydantic.GetCoreSchemaHandler) -> CoreSchema:
        engines = Engines.of(self)

        def check(value: str) -> str:
            if not engines.match(value):
                raise PydanticCustomError(
                    "string_pattern_mismatch", "String should match pattern '{pattern}'", {"pattern": self.text}
                )
            return value

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: pydantic.GetJsonSchemaHandler
    ) -> pydantic.json_schema.JsonSchemaValue:
        return handler(schema) | {"pattern": self.text}


@dataclass(frozen=True, slots=True)
class Engines:
    """
    What can match one expression.

    :param weight: how many states the linear engine has for it
    :param linear: the linear engine, None when it cannot
    :param backtracking: the engine that is stopped when it takes too long, None when it cannot
    """

    weight: int
    linear: SchemaValidator | None
    backtracking: backtracking.Pattern[str] | None

    @classmethod
    @lru_cache(maxsize=1024)
    def of(cls, pattern: Pattern) -> "Engines":
        """
        Make the engines for an expression.

        :param pattern: the expression
        :raises ValueError: there is none for it
        """
        if len(pattern.text) > MAXIMUM_PATTERN:
            raise ValueError(f"the regular expression has more than {MAXIMUM_PATTERN} characters")
        try:
            return cls._of_python(pattern.text) if pattern.python else cls._of_rust(pattern.text)
        except (re.error, backtracking.error, SchemaError) as error:
            raise ValueError(f"this is no regular expression: {error}") from None
        except (RecursionError, OverflowError):
            raise ValueError("the regular expression is nested too deep") from None

    @classmethod
    def _of_python(cls, text: str) -> "Engines":
        parsed = parse(text)
        if weight(parsed, unroll=False) > MAXIMUM_WEIGHT:
            raise ValueError("the repetitions make the regular expression too large")
        try:
            linear = _linear(translate(parsed))
        except (UntranslatableError, SchemaError):
            linear = None
        return cls(weight(parsed, unroll=True), linear, backtracking.compile(_spelled_out(text, parsed), backtracking.VERSION0))

    @classmethod
    def _of_rust(cls, text: str) -> "Engines":
        try:
            states = weight(parse(text), unroll=True)
        except re.error:
            # Something that Python has no word for. The engine takes no expression that is much larger.
            states = MAXIMUM_WEIGHT
        return cls(states, _linear(text), None)

    def match(self, text: str) -> bool:
        """
        Tell whether a text matches.

        :raises ValueError: it takes too long to find out
        """
        too_long = ValueError("it takes too long to match it with the regular expression, shorten it")
        task = _current_task()
        spent = 0.0 if task is None else _spent.get(task, 0.0)
        if len(text) > MAXIMUM_TEXT or spent > SECONDS_IN_ALL:
            raise too_long
        started = time.thread_time()
        try:
            if self.linear is not None and self.weight * len(text) <= MAXIMUM_WORK:
                return self.linear.isinstance_python(text)
            if self.backtracking is not None:
                return self.backtracking.match(text, timeout=SECONDS) is not None
        except TimeoutError:
            raise too_long from None
        finally:
            if task is not None:
                _spent[task] = spent + time.thread_time() - started
        raise too_long


def _current_task() -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def _spelled_out(text: str, parsed: SubPattern) -> str:
    try:
        return backtracking_pattern.translate(parsed)
    except UntranslatableError:
        return text


def _linear(text: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=text, regex_engine="rust-regex"))

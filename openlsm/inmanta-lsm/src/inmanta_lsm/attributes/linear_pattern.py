"""
Regular expressions of Python, in the syntax of an engine whose time grows with the length of a text only.

Rust's engine, which pydantic brings, has no backtracking. What it has a word for is translated, so that it means what it means
in Python; look-around, references to groups and the like are not.
"""

import unicodedata
import warnings
from collections.abc import Iterable
from typing import Any

with warnings.catch_warnings():
    # The parser of `re` has no other name that is public.
    warnings.simplefilter("ignore", DeprecationWarning)
    import sre_constants as op
    import sre_parse

# The parts of an expression, for other engines too.
__all__ = ["SubPattern", "UntranslatableError", "op", "parse", "sre_parse", "translate", "weight"]

SubPattern = sre_parse.SubPattern

# The engine may know a later edition of Unicode: characters that came with it are of no category in Python.
_KNOWN = rf"\p{{age:{unicodedata.unidata_version.removesuffix('.0')}}}"

DIGIT, SPACE, WORD = rf"[\p{{Nd}}&&{_KNOWN}]", r"\s\x1c-\x1f", rf"[[\p{{L}}\p{{N}}_]&&{_KNOWN}]"
ASCII_DIGIT, ASCII_SPACE, ASCII_WORD = "0-9", r"\t-\r ", "a-zA-Z0-9_"

# A class of characters, as the number of states that the engine has for it.
CLASS_WEIGHT = 10


class UntranslatableError(Exception):
    """The engine has no word for something."""


def parse(regex: str) -> sre_parse.SubPattern:
    """
    The parts of a regular expression.

    :param regex: the expression, in the syntax of Python
    :raises re.error: it is none
    """
    return sre_parse.parse(regex)


def translate(parsed: sre_parse.SubPattern) -> str:
    """
    Translate a regular expression so that the engine finds it where Python matches it, at the start of the text.

    :param parsed: the parts of the expression
    :raises UntranslatableError: the engine has no word for one of them
    """
    return rf"\A(?:{_sequence(parsed, parsed.state.flags, last=True)})"


def weight(parsed: sre_parse.SubPattern, *, unroll: bool) -> int:
    """
    How large an expression becomes in an engine that repeats by writing things several times.

    :param parsed: the parts of the expression
    :param unroll: whether single characters are repeated that way, too
    """
    return sum(_weight(code, argument, unroll) for code, argument in parsed.data)


def _weight(code: object, argument: Any, unroll: bool) -> int:
    if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        lower, upper, repeated = argument
        times = max(1, int(lower) + 1 if upper == op.MAXREPEAT else int(upper))
        single = len(repeated) == 1 and not _inside(repeated[0][1])
        repetitions = 1 if single and not unroll else times
        return weight(repeated, unroll=unroll) * repetitions + 1
    inside = sum(weight(part, unroll=unroll) for part in _inside(argument))
    return inside + (CLASS_WEIGHT if code in (op.IN, op.ANY, op.NOT_LITERAL) else 1)


def _inside(argument: Any) -> list[sre_parse.SubPattern]:
    if isinstance(argument, sre_parse.SubPattern):
        return [argument]
    if isinstance(argument, tuple | list):
        return [part for item in argument for part in _inside(item)]
    return []


def _sequence(parsed: sre_parse.SubPattern, flags: int, *, last: bool) -> str:
    items: list[Any] = parsed.data
    return "".join(
        _item(code, argument, flags, last=last and index == len(items) - 1) for index, (code, argument) in enumerate(items)
    )


def _item(code: object, argument: Any, flags: int, *, last: bool) -> str:
    if flags & sre_parse.SRE_FLAG_IGNORECASE:
        # Python folds some letters that Rust does not, and the other way around.
        raise UntranslatableError
    if code is op.LITERAL:
        return _character(argument)
    if code is op.NOT_LITERAL:
        return f"[^{_character(argument)}]"
    if code is op.ANY:
        return "(?s:.)" if flags & sre_parse.SRE_FLAG_DOTALL else "."
    if code is op.IN:
        return _set(argument, flags)
    if code is op.AT:
        return _position(argument, flags, last)
    if code is op.BRANCH:
        return f"(?:{'|'.join(_sequence(branch, flags, last=last) for branch in argument[1])})"
    if code is op.SUBPATTERN:
        _, added, removed, inner = argument
        return f"(?:{_sequence(inner, (flags | added) & ~removed, last=last)})"
    if code in (op.MAX_REPEAT, op.MIN_REPEAT):
        lower, upper, repeated = argument
        limit = "" if upper == op.MAXREPEAT else int(upper)
        return f"(?:{_sequence(repeated, flags, last=last and upper == 1)}){{{int(lower)},{limit}}}"
    raise UntranslatableError


def _position(position: object, flags: int, last: bool) -> str:
    multiline = flags & sre_parse.SRE_FLAG_MULTILINE
    if position is op.AT_BEGINNING:
        return "(?m:^)" if multiline else r"\A"
    if position is op.AT_BEGINNING_STRING:
        return r"\A"
    if position is op.AT_END_STRING:
        return r"\z"
    if position is op.AT_END and multiline:
        return "(?m:$)"
    if position is op.AT_END and last:
        # Python lets a line break follow. Without anything after it, that can as well be read.
        return r"\n?\z"
    raise UntranslatableError


def _set(members: Iterable[Any], flags: int) -> str:
    negated, texts = "", []
    for code, argument in members:
        if code is op.NEGATE:
            negated = "^"
        elif code is op.LITERAL:
            texts.append(_character(argument))
        elif code is op.RANGE:
            texts.append(f"{_character(argument[0])}-{_character(argument[1])}")
        elif code is op.CATEGORY:
            texts.append(_category(argument, bool(flags & sre_parse.SRE_FLAG_ASCII)))
        else:
            raise UntranslatableError
    return f"[{negated}{''.join(texts)}]"


def _category(category: object, ascii_only: bool) -> str:
    digit, space, word = (ASCII_DIGIT, ASCII_SPACE, ASCII_WORD) if ascii_only else (DIGIT, SPACE, WORD)
    texts = {
        op.CATEGORY_DIGIT: digit,
        op.CATEGORY_NOT_DIGIT: f"[^{digit}]",
        op.CATEGORY_SPACE: space,
        op.CATEGORY_NOT_SPACE: f"[^{space}]",
        op.CATEGORY_WORD: word,
        op.CATEGORY_NOT_WORD: f"[^{word}]",
    }
    for known, text in texts.items():
        if category is known:
            return text
    raise UntranslatableError


def _character(code_point: int) -> str:
    if 0xD800 <= code_point <= 0xDFFF:
        raise UntranslatableError
    return rf"\x{{{code_point:x}}}"

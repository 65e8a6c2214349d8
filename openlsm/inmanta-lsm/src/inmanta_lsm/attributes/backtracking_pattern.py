"""
Regular expressions of Python, in the syntax of an engine that backtracks and can be stopped.

That engine takes most of them as they are. But to it other characters are letters and digits: marks that combine with a letter,
and what came with a later edition of Unicode than that of Python. So what an expression says of these is spelled out.
"""

import functools
import re
import sys
import unicodedata
from collections.abc import Iterable
from typing import Any

import regex as backtracking

from inmanta_lsm.attributes.linear_pattern import (
    ASCII_DIGIT,
    ASCII_SPACE,
    ASCII_WORD,
    SPACE,
    UntranslatableError,
    op,
    sre_parse,
)

_ANY = r"[\s\S]"

# Up to Python 3.13, no text without characters has a place that is no boundary.
_SOMETHING = "" if re.search(r"\B", "") else rf"(?:(?<={_ANY})|(?={_ANY}))"

_LETTER, _DIGIT = r"[\p{L}\p{N}_]", r"\p{Nd}"
_NO_LETTER, _NO_DIGIT = r"[^\p{L}\p{N}_]", r"\P{Nd}"

# How each is written, and how it is in ASCII alone.
_CATEGORIES = {
    op.CATEGORY_DIGIT: ("(?&digit)", f"[{ASCII_DIGIT}]"),
    op.CATEGORY_NOT_DIGIT: ("(?&no_digit)", f"[^{ASCII_DIGIT}]"),
    op.CATEGORY_SPACE: (f"[{SPACE}]", f"[{ASCII_SPACE}]"),
    op.CATEGORY_NOT_SPACE: (f"[^{SPACE}]", f"[^{ASCII_SPACE}]"),
    op.CATEGORY_WORD: ("(?&word)", f"[{ASCII_WORD}]"),
    op.CATEGORY_NOT_WORD: ("(?&no_word)", f"[^{ASCII_WORD}]"),
}
_REPEATS = {op.MAX_REPEAT: "", op.MIN_REPEAT: "?", op.POSSESSIVE_REPEAT: "+"}


def translate(parsed: sre_parse.SubPattern) -> str:
    """
    Translate a regular expression so that the engine matches it where Python does.

    :param parsed: the parts of the expression
    :raises UntranslatableError: the engine has no word for it: upper and lower case of ASCII alone, and letters, digits or ends
        of words in what looks back
    """
    translated = _sequence(parsed, parsed.state.flags)
    return translated + _definitions() if "(?&" in translated else translated


@functools.cache
def _definitions() -> str:
    """
    What Python takes for letters and digits, and for the ends of words. It stands once, at the end of an expression, where it
    moves the number of no group.
    """
    later = _later()
    boundary, inside = _ends(f"(?<={_LETTER})(?<!{later})", f"(?={_LETTER})(?!{later})")
    parts = {
        "word": f"(?!{later}){_LETTER}",
        "no_word": f"{later}|{_NO_LETTER}",
        "digit": f"(?!{later}){_DIGIT}",
        "no_digit": f"{later}|{_NO_DIGIT}",
        "boundary": boundary,
        "inside": inside,
    }
    return f"(?(DEFINE){''.join(f'(?P<{name}>{part})' for name, part in parts.items())})"


def _ends(before: str, after: str) -> tuple[str, str]:
    """
    :param before: matches behind a letter
    :param after: matches before a letter
    :return: what matches at the ends of words, and anywhere else
    """
    return f"(?:{before}(?!{after})|(?!{before}){after})", f"{_SOMETHING}(?:{before}{after}|(?!{before})(?!{after}))"


def _later() -> str:
    """The letters and digits of the engine that Python does not know yet, as a set."""
    known = backtracking.compile(r"[\p{L}\p{N}]+")
    ranges: list[list[int]] = []
    for found in known.finditer("".join(map(chr, range(sys.maxunicode + 1)))):
        for code_point in range(found.start(), found.end()):
            if unicodedata.category(chr(code_point)) == "Cn":
                if ranges and ranges[-1][1] == code_point - 1:
                    ranges[-1][1] = code_point
                else:
                    ranges.append([code_point, code_point])
    # Never empty: this is no character, and will be none.
    return f"[{''.join(f'{_character(first)}-{_character(last)}' for first, last in [*ranges, [0xFFFF, 0xFFFF]])}]"


def _sequence(parsed: sre_parse.SubPattern, flags: int) -> str:
    return "".join(_item(code, argument, flags) for code, argument in parsed.data)


def _item(code: Any, argument: Any, flags: int) -> str:
    if code is op.LITERAL:
        return _folded(_character(argument), flags)
    if code is op.NOT_LITERAL:
        return _folded(f"[^{_character(argument)}]", flags)
    if code is op.ANY:
        return _ANY if flags & re.DOTALL else r"[^\n]"
    if code is op.IN:
        return _set(argument, flags)
    if code is op.AT:
        return _position(argument, flags)
    if code is op.BRANCH:
        return f"(?:{'|'.join(_sequence(branch, flags) for branch in argument[1])})"
    if code in _REPEATS:
        lower, upper, repeated = argument
        limit = "" if upper == op.MAXREPEAT else int(upper)
        return f"(?:{_sequence(repeated, flags)}){{{int(lower)},{limit}}}{_REPEATS[code]}"
    return _group(code, argument, flags)


def _group(code: Any, argument: Any, flags: int) -> str:
    if code is op.SUBPATTERN:
        number, added, removed, inner = argument
        return f"({'' if number is not None else '?:'}{_sequence(inner, (flags | added) & ~removed)})"
    if code is op.ATOMIC_GROUP:
        return f"(?>{_sequence(argument, flags)})"
    if code is op.GROUPREF:
        return _folded(rf"\g<{argument}>", flags)
    if code is op.GROUPREF_EXISTS:
        number, there, missing = argument
        return f"(?({number}){_sequence(there, flags)}|{'' if missing is None else _sequence(missing, flags)})"
    if code in (op.ASSERT, op.ASSERT_NOT):
        direction, inner = argument
        text = _sequence(inner, flags)
        if direction < 0 and "(?&" in text:
            # The engine reads backwards there, and finds nothing of what is defined elsewhere.
            raise UntranslatableError
        return f"(?{'<' if direction < 0 else ''}{'=' if code is op.ASSERT else '!'}{text})"
    if code is op.FAILURE:
        return "(?!)"
    raise UntranslatableError


def _position(position: object, flags: int) -> str:
    if position in (op.AT_BOUNDARY, op.AT_NON_BOUNDARY):
        is_boundary = position is op.AT_BOUNDARY
        if not flags & re.ASCII:
            return "(?&boundary)" if is_boundary else "(?&inside)"
        return _ends(f"(?<=[{ASCII_WORD}])", f"(?=[{ASCII_WORD}])")[not is_boundary]
    if position is op.AT_END:
        return "(?m:$)" if flags & re.MULTILINE else r"(?=\n?\Z)"
    if position is op.AT_END_STRING:
        return r"\Z"
    return "(?m:^)" if position is op.AT_BEGINNING and flags & re.MULTILINE else r"\A"


def _set(members: Iterable[Any], flags: int) -> str:
    is_negated, literals, choices = False, "", []
    for code, argument in members:
        if code is op.NEGATE:
            is_negated = True
        elif code is op.LITERAL:
            literals += _character(argument)
        elif code is op.RANGE:
            literals += f"{_character(argument[0])}-{_character(argument[1])}"
        else:
            choices.append(_category(argument, bool(flags & re.ASCII)))
    if literals:
        choices.append(_folded(f"[{literals}]", flags))
    return f"(?:(?!{'|'.join(choices)}){_ANY})" if is_negated else f"(?:{'|'.join(choices)})"


def _category(category: Any, ascii_only: bool) -> str:
    everywhere, in_ascii = _CATEGORIES[category]
    return in_ascii if ascii_only else everywhere


def _folded(text: str, flags: int) -> str:
    if not flags & re.IGNORECASE:
        return text
    if flags & re.ASCII:
        raise UntranslatableError
    return f"(?i:{text})"


def _character(code_point: int) -> str:
    return f"\\U{code_point:08x}"

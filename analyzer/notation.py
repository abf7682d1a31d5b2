"""Failure codes in a text, in every notation that logs use (`grammars/notation.lark`)."""

import re
from functools import cache

from analyzer.grammar import load
from analyzer.scan import patterns_of
from analyzer.shape import Shapes, compiled, fields_of

FLAGS = frozenset({0x80000000, 0xC0000000, 0xFFFFFFFF})
"""Values that are bit masks wherever they stand."""
SEVERE = 0x80000000
"""The least code of a failure; a decimal number that comes to less is none."""


@cache
def _notations() -> tuple[re.Pattern[str], re.Pattern[str], Shapes]:
    """What only a text with a code can hold (the numbers themselves), the notations, and what they mean."""
    grammar = load("notation")
    notations = compiled(grammar)
    return re.compile("|".join(fields_of(grammar).values())), notations.anywhere, notations


def needles() -> tuple[str, ...]:
    """What a line must hold to hold a code."""
    return patterns_of(_notations()[2].shapes)


def codes_in(text: str) -> tuple[int, ...]:
    """The codes that *text* holds, unsigned, in order, as often as they are written."""
    number_in, pattern, notations = _notations()
    if number_in.search(text) is None:
        return ()
    found: list[int] = []
    for match in pattern.finditer(text):
        for name, value in notations.fields(match)[1].items():
            code = int(value, 16) if name == "hex" else int(value) & 0xFFFFFFFF
            if code >= SEVERE and code not in FLAGS:
                found.append(code)
    return tuple(found)


def number(text: str) -> int:
    """A result as messages write it, hexadecimal with or without `0x`, as an unsigned number."""
    return int(text, 16) & 0xFFFFFFFF

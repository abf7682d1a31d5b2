"""Conditions as trees: what is asked for, and how it is joined; kept between runs as JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

FLAGS: Mapping[str, tuple[str, str]] = {
    "failed": ("outcome", "failed"),
    "succeeded": ("outcome", "succeeded"),
    "cancelled": ("outcome", "cancelled"),
    "unfinished": ("outcome", "unfinished"),
    "recovered": ("recovered", "yes"),
    "offline": ("offline", "yes"),
}
"""Short words for filters that are asked for often."""


class Word(str):
    """A word of a condition, with its sort (NAME, CODE …) and where it stands in the text."""

    __slots__ = ("column", "line", "type")

    type: str
    line: int
    column: int

    def __new__(cls, text: str, type: str, line: int = 1, column: int = 1) -> "Word":
        word = super().__new__(cls, text)
        word.type, word.line, word.column = type, line, column
        return word


class Branch(Struct, frozen=True):
    """A part of a condition: its sort, as `grammars/condition.lark` names it, and its own parts."""

    data: str
    children: "tuple[Word | Branch, ...]"

    @property
    def words(self) -> Iterator[Word]:
        """All words below it, in the order of the text."""
        for part in self.children:
            if isinstance(part, Branch):
                yield from part.words
            else:
                yield part


Packed = list[Any]
"""A tree as JSON can hold it: its sort, and its parts, each packed too or a word with its sort."""


def packed(branch: Branch) -> Packed:
    """*branch* without the places of its words."""
    parts = [packed(part) if isinstance(part, Branch) else [part.type, str(part)] for part in branch.children]
    return [branch.data, parts]

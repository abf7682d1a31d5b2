"""Families: which file of `codes/facts` and `codes/meaning` holds a number of a space, from `codes/families.csv`."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from analyzer.codebook.rows import table
from analyzer.codebook.spaces import DECIMAL, SPACES
from analyzer.errors import DataError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

COLUMNS = ("family", "space", "first", "last")


class Range(Struct, frozen=True):
    """A stretch of numbers that one family holds; where two overlap, the one that stands first holds them."""

    family: str
    space: str
    first: int
    last: int


def ranges(root: "Traversable | None" = None) -> tuple[Range, ...]:
    """All stretches, in the order of the file."""
    rows = table("families.csv", COLUMNS, root)
    found = []
    for line, (family, space, first, last) in rows.lines():
        if space not in SPACES:
            raise DataError(f"unknown space {space!r}: use {', '.join(SPACES)}", file=rows.file, line=line)
        base = 10 if space in DECIMAL else 16
        found.append(Range(family, space, rows.number(line, first, base), rows.number(line, last, base)))
    return tuple(found)


@cache
def book_ranges() -> tuple[Range, ...]:
    """The stretches of the book itself, read once."""
    return ranges()


@cache
def spaces_of_families() -> Mapping[str, str]:
    """Each family with its space, in the order of the file."""
    return {stretch.family: stretch.space for stretch in book_ranges()}


def holder(number: int, space: str, among: tuple[Range, ...] | None = None) -> str:
    """Name of the family that holds *number*; empty where none does."""
    for stretch in among or book_ranges():
        if stretch.space == space and stretch.first <= number <= stretch.last:
            return stretch.family
    return ""

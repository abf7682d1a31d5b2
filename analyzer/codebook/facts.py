"""Facts: the public names of numbers, from `codes/facts/<family>.csv`."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from analyzer.codebook import families
from analyzer.codebook.rows import table
from analyzer.codebook.spaces import DECIMAL
from analyzer.errors import DataError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

COLUMNS = ("code", "symbol", "alias_of", "since", "source")
LISTINGS = frozenset({"cbs-A", "cbs-B"})
"""Sources that are unofficial lists: good enough to show, not to swear by."""


class Fact(NamedTuple):
    """A number, its name, its other names, and where they are published."""

    number: int
    symbol: str
    since: str
    source: str
    aliases: tuple[str, ...] = ()


@cache
def facts_of(family: str) -> Mapping[int, Fact]:
    """The facts of a family of the book, by number."""
    return read_facts(family, families.spaces_of_families()[family])


def read_facts(family: str, space: str, root: "Traversable | None" = None) -> Mapping[int, Fact]:
    """The facts of one file; aliases are gathered below the name they belong to."""
    rows = table(f"facts/{family}.csv", COLUMNS, root)
    base = 10 if space in DECIMAL else 16
    found: dict[int, Fact] = {}
    for line, (text, symbol, alias_of, since, source) in rows.lines():
        try:
            number = int(text, base)
        except ValueError:
            raise DataError(f"{text!r} is no number (base {base})", file=rows.file, line=line) from None
        if not alias_of:
            found[number] = Fact(number, symbol, since, source)
        elif (main := found.get(number)) and main.symbol == alias_of:
            found[number] = Fact(number, alias_of, main.since, main.source, (*main.aliases, symbol))
        else:
            text = f"{symbol} is an alias of {alias_of}, which does not stand above it"
            raise DataError(text, file=rows.file, line=line)
    return found


def fact(number: int, space: str) -> tuple[str, Fact | None]:
    """The family that holds *number*, and what is published of it."""
    family = families.holder(number, space)
    return family, facts_of(family).get(number) if family else None


@cache
def symbols() -> Mapping[str, tuple[tuple[str, int], ...]]:
    """Every name of the book in capitals, with the (space, number) pairs that bear it."""
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for family, space in families.spaces_of_families().items():
        for number, entry in facts_of(family).items():
            place = ((space, number),)
            for name in (entry.symbol, *entry.aliases):
                key = name.upper()
                found[key] = found[key] + place if key in found else place
    return found

"""Facility numbers and their names, from `codes/facilities.csv`."""

from collections.abc import Mapping
from functools import cache

from analyzer.codebook.rows import Table, table

COLUMNS = ("space", "number", "name", "origin")


def name(space: str, number: int) -> str:
    """Name of facility *number*, empty where none is public."""
    return _names().get((space, number), "")


@cache
def _names() -> Mapping[tuple[str, int], str]:
    return read(table("facilities.csv", COLUMNS))


def read(rows: Table) -> Mapping[tuple[str, int], str]:
    """The facilities of a table, by space and number."""
    return {(row[0], rows.number(line, row[1], 16)): row[2] for line, row in rows.lines()}

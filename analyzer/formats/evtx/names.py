"""How tools name what an event tells of itself: `codes/event-names.csv`.

Columns of CSV, members of JSON and the labels of lists are the same names; how they are written differs by tool only in
capitals and in what stands between the words. PowerShell and the tools do not translate them.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from analyzer.data import folder
from analyzer.errors import DataError

FILE = "codes/event-names.csv"
COLUMNS = ["role", "name", "only", "written by"]
ROLES = frozenset({"provider", "event", "when", "utc", "in-utc", "channel", "computer", "record", "version"}) | {
    "pid", "tid", "message", "values", "seen",
}  # fmt: skip
"""`utc` are times that are in UTC by definition; with a name of `in-utc` beside them all are; `seen` is only known."""
BETWEEN = re.compile(r"(?!^[_@])[\W_]+")
"""What stands between the words of a name; `_id` is none of them."""
WITHIN = re.compile(r"\A(?:_source\.)?(?:winlog\.(?:event_data\.|user_data\.)?|data\.win\.(?:system|eventdata)\.)")
"""Where Winlogbeat and Wazuh keep what an event tells, in front of the names of columns."""


@lru_cache(4096)
def plain(name: str) -> str:
    """*name* in small letters, with nothing between its words: `event_id` is `EventID`."""
    return BETWEEN.sub("", WITHIN.sub("", name.strip()).lower())


@cache
def names() -> Mapping[str, tuple[str, ...]]:
    """The plain names of each role, those that are believed first before the others."""
    found: dict[str, list[str]] = {role: [] for role in ROLES}
    for role, name, _ in _rows():
        found[role].append(plain(name))
    return {role: tuple(known) for role, known in found.items()}


@cache
def only() -> frozenset[str]:
    """The plain names that nothing but an event has."""
    return frozenset(plain(name) for _, name, sure in _rows() if sure)


@cache
def known() -> Mapping[str, str]:
    """The role of each plain name."""
    return {plain(name): role for role, name, _ in _rows()}


@cache
def _rows() -> tuple[tuple[str, str, str], ...]:
    rows = csv.reader(folder("codes").joinpath("event-names.csv").read_text("utf-8").splitlines())
    if next(rows, None) != COLUMNS:
        raise DataError(f"the columns are {','.join(COLUMNS)}", file=FILE, line=1)
    found: list[tuple[str, str, str]] = []
    for row in rows:
        if len(row) != len(COLUMNS) or row[0] not in ROLES or not row[1] or row[2] not in ("", "yes"):
            raise DataError(
                "a row is a known role, a name, `yes` or nothing, and the tools", file=FILE, line=rows.line_num
            )
        if any(plain(name) == plain(row[1]) for _, name, _ in found):
            raise DataError(f"{row[1]} stands twice", file=FILE, line=rows.line_num)
        found.append((row[0], row[1], row[2]))
    return tuple(found)


def are_of_events(given: Iterable[str]) -> bool:
    """Whether the plain names *given* are those of an event and of nothing else."""
    mine = frozenset(given)
    roles = {known()[name] for name in mine if name in known()}
    return "event" in roles and len(roles) > 2 and len(mine & only()) > 1

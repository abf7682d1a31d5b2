"""The words with which the Event Viewer names what an event tells, in its languages (`codes/viewer-labels.csv`).

Most are not verified; a word counts only where it stands as a label or at the head of a column.
"""

import csv
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from analyzer.data import folder
from analyzer.errors import DataError
from analyzer.formats.gpresult.headings import plain

FILE = "codes/viewer-labels.csv"
ROLES = frozenset(
    "channel provider when time event category level keywords user computer message xml more".split()  # noqa: SIM905
)
"""What a label can name; `more` begins a later paragraph of a description."""
LONGEST = 30
"""Characters of a label."""


@cache
def labels() -> Mapping[str, str]:
    """The role of each word, by its plain form."""
    rows = csv.DictReader(folder("codes").joinpath("viewer-labels.csv").read_text("utf-8").splitlines())
    known: dict[str, str] = {}
    for line, row in enumerate(rows, 2):
        if row["role"] not in ROLES:
            raise DataError(f"{row['role']!r} is no role", file=FILE, line=line)
        known.setdefault(plain(row["text"]), row["role"])
    return known


@lru_cache(1024)
def role_of(word: str) -> str:
    """What the label *word* names, or empty."""
    return labels().get(plain(word), "") if len(word) <= LONGEST else ""


def is_head(cells: Sequence[str]) -> bool:
    """Whether *cells* are the first line of a table, with the level or the keywords first."""
    roles = [role_of(cell.lstrip("\ufeff").strip()) for cell in cells[:4]]
    return roles in (["level", "when", "provider", "event"], ["keywords", "when", "provider", "event"])

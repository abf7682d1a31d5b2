"""A kind of text that tells the state of a machine: how it is known, and what its rows mean."""

import re
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from analyzer.formats import Told
from analyzer.formats.rows import Row

Opens = Callable[[Sequence[Row], int], bool]
"""Whether such a text begins at a row, with what follows it."""
Read = Callable[[Sequence[Row], str], Iterator[Told]]
"""What the rows mean; the command that made them is given where it stands above them."""
LABELLED = re.compile(r"\s*(\S[^:]*?)[ .]*:(?:\s+(.*))?\Z")


class Kind(Struct, frozen=True):
    """One kind of text."""

    name: str
    """The input, as `codes/inputs.csv` names it."""
    title: str
    command: re.Pattern[str]
    """The commands that write it."""
    opens: Opens
    read: Read


def opened_by(pattern: str) -> Opens:
    """A kind that is known by one line."""
    search = re.compile(pattern, re.IGNORECASE).search
    return lambda rows, at: search(rows[at].text) is not None


def labelled(row: Row) -> tuple[str, str]:
    """Label and value of a row `Label : value`; empty where it has none."""
    found = LABELLED.match(row.text)
    return (found[1].strip(), (found[2] or "").strip()) if found else ("", "")


def blocks(rows: Sequence[Row]) -> Iterator[tuple[Row, ...]]:
    """Runs of rows without a blank one between them."""
    run: list[Row] = []
    for row in rows:
        if row.text.strip():
            run.append(row)
        elif run:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def properties(run: Sequence[Row]) -> dict[str, tuple[str, Row]]:
    """A block as Format-List writes it: value and row by label; a value cut at the width of the window is joined."""
    found: dict[str, tuple[str, Row]] = {}
    last = ""
    for row in run:
        label, value = labelled(row)
        if label and row.indent == run[0].indent:
            last = label
            found.setdefault(label, (value, row))
        elif last:
            before, where = found[last]
            found[last] = (before + row.text.strip(), where)
    return found

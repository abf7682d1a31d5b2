"""The timeline as a table for the terminal: time, file if there are several, component, kind, text."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Protocol

from rich.cells import cell_len
from rich.text import Text

from analyzer.report.page import CODE, QUIET, Sheet, say, sheet, trimmed, written
from analyzer.zone import zone_name

TIME = 19
"""Columns of a time."""
ROOMY = 120
"""Columns from which the kind of an event is shown."""
WIDEST = 24
"""Columns that a component or a kind gets at most."""


class Row(Protocol):
    """What is shown of a row of the timeline."""

    @property
    def when(self) -> datetime | None: ...
    @property
    def source(self) -> str: ...
    @property
    def member(self) -> str: ...
    @property
    def line(self) -> int | None: ...
    @property
    def component(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def codes(self) -> str: ...
    @property
    def text(self) -> str: ...


def render(rows: Iterable[Row], zone: tzinfo, width: int | None = None, color: bool | None = None) -> str:
    """The rows as text; what does not fit is left out of the middle of its cell."""
    paper = sheet(width, color, zone)
    return written(_lines(list(rows), paper), paper)


def _lines(rows: Sequence[Row], paper: Sheet) -> Iterator[Text]:
    several = len({(row.source, row.member) for row in rows}) > 1
    component = _room((row.component for row in rows), "component")
    shown = paper.width >= ROOMY and any(row.kind for row in rows)
    kind = _room((row.kind for row in rows), "kind") if shown else 0
    last = ("", "")
    zone = zone_name(paper.zone)
    time = trimmed(zone if len(zone) > TIME - len("time in ") else f"time in {zone}", TIME)
    yield Text.assemble(
        (f"{time:<{TIME}}  {'line':>6}  {'component':<{component}}  {'kind' if kind else '':<{kind}}  text", "bold")
    )
    for row in rows:
        if several and (row.source, row.member) != last:
            last = (row.source, row.member)
            yield say(trimmed("!".join(part for part in last if part), paper.width), QUIET)
        yield _line(row, paper, component, kind)


def _room(texts: Iterable[str], head: str) -> int:
    return min(WIDEST, max([cell_len(head), *map(len, texts)]))


def _line(row: Row, paper: Sheet, component: int, kind: int) -> Text:
    cells = f"{_cell(row.component, component)}  {_cell(row.kind, kind) + '  ' if kind else ''}"
    first = Text.assemble((f"{paper.time(row.when):<{TIME}}", QUIET), f"  {row.line or '':>6}  {cells}")
    room = max(20, paper.width - first.cell_len)
    return Text.assemble(first, (trimmed(row.text, room), CODE if row.codes else ""))


def _cell(text: str, width: int) -> str:
    shown = trimmed(text, width)
    return shown + " " * (width - cell_len(shown))

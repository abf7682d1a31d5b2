"""The outline of a report in text: its lines brought to their steps, whatever was done to them on the way.

A common indent is taken away, blank lines are left out, lines that a console cut hard are joined, and a rule of dashes
marks the line above it as a heading. Where all indents were lost, the headings known tell the steps.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from analyzer.formats.gpresult.headings import LEVELS, role_of
from analyzer.formats.rows import Row

DASHES = re.compile(r"\s*-{3,}\s*\Z")
NUMBERS = re.compile(r"\s*,?\s*\d{1,3}(?:\s*,\s*\d{1,3})*\s*,?\s*\Z")
UNFINISHED = re.compile(r":\s+\d{1,3}(?:,\s*\d{1,3})*\s*,?\s*\Z")
RSOP = re.compile(r"rsop", re.IGNORECASE)
STEPS = ((2, 0), (6, 4), (9, 8), (14, 12), (19, 16))
"""The step of a line by its indent; the French `Filtrage` stands at 10 instead of 12."""
WIDTHS = (79, 80, 119, 120)
"""Lengths at which a console cuts a line."""


class Line(Struct, frozen=True):
    """A line of the outline."""

    level: int
    text: str
    row: Row
    dashes: int = 0
    """Length of the rule below a heading; 0 for any other line."""
    size: int = 0
    """Length of a heading as the rule counts it."""

    @property
    def extra(self) -> int:
        """By how much the rule is longer than its heading: 1 for some headings, 0 for others, in every language."""
        return self.dashes - self.size


class _Raw(Struct):
    """A line on its way to the outline."""

    indent: int
    text: str
    row: Row
    dashes: int = 0
    size: int = 0


def outline(rows: Sequence[Row]) -> tuple[Line, ...]:
    """The lines of *rows* at their steps."""
    lines = list(_headed(_joined(rows)))
    if _is_flat(lines):
        return tuple(_rebuilt(lines))
    base = _base(lines)
    return tuple(Line(_step(one, base), one.text, one.row, one.dashes, one.size) for one in lines)


def grammar_text(lines: Sequence[Line]) -> tuple[str, tuple[Line, ...]]:
    """*lines* as `grammars/gpresult.lark` reads them, and the line that each line of that text stands for."""
    parts: list[str] = []
    owners: list[Line] = []
    for line in lines:
        blanks = " " * line.level
        parts.append(f"{blanks}{line.text}\n")
        owners.append(line)
        if line.dashes:
            parts.append(f"{blanks}---\n")
            owners.append(line)
    return "".join(parts), tuple(owners)


def _joined(rows: Sequence[Row]) -> Iterator[_Raw | None]:
    """The lines, those joined that a console cut; None stands for a blank line."""
    width = max((len(row.text) for row in rows), default=0)
    cut = width in WIDTHS
    last: _Raw | None = None
    length = 0
    for row in rows:
        text = row.text.replace("\xa0", " ").rstrip()
        bare = text.strip()
        wrapped = cut and length == width and not DASHES.match(text) and (last is not None and last.indent > 0)
        if last is not None and bare and (wrapped or (UNFINISHED.search(last.text) and NUMBERS.match(text))):
            last.text += f" {bare}" if last.text.endswith(",") else bare
            length = len(row.text)
            continue
        length = len(row.text)
        if last is not None:
            yield last
            last = None
        if not bare:
            yield None
        else:
            last = _Raw(len(text) - len(text.lstrip()), bare, row)
    if last is not None:
        yield last


def _headed(lines: Iterator[_Raw | None]) -> Iterator[_Raw]:
    """The lines without blank ones; a rule of dashes becomes part of the line or the two lines above it."""
    near: list[_Raw] = []
    for line in lines:
        if line is None:
            yield from near
            near = []
        elif DASHES.match(line.text):
            if near:
                yield from near[:-2]
                yield from _heading(near[-2:], len(line.text))
            near = []
        else:
            near.append(line)
    yield from near


def _heading(above: list[_Raw], dashes: int) -> Iterator[_Raw]:
    head = above[-1]
    if len(above) == 2 and above[0].indent == head.indent:
        both = len(above[0].text) + 5 + len(head.text)
        if dashes - both in (-1, 0, 1) or role_of(f"{above[0].text} {head.text}"):
            yield _Raw(head.indent, f"{above[0].text} {head.text}", above[0].row, dashes, both)
            return
    yield from above[:-1]
    yield _Raw(head.indent, head.text, head.row, dashes, len(head.text))


def _base(lines: Sequence[_Raw]) -> int:
    """The indent that all lines share: by the headings known, else by the heading furthest to the left."""
    for line in lines:
        if line.dashes and (step := _known_step(line)) is not None:
            return max(line.indent - step, 0)
    return min((line.indent for line in lines if line.dashes), default=min((one.indent for one in lines), default=0))


def _known_step(line: _Raw) -> int | None:
    if RSOP.search(line.text) and ":" in line.text:
        return 0
    return LEVELS.get(role_of(line.text))


def _step(line: _Raw, base: int) -> int:
    indent = line.indent - base
    step = next((step for limit, step in STEPS if indent < limit), 20)
    return min(step, 8) if line.dashes else step


def _is_flat(lines: Sequence[_Raw]) -> bool:
    """Whether the indents were lost: headings of different steps stand at the same one."""
    headings = [line for line in lines if line.dashes]
    known = {step for line in headings if (step := _known_step(line)) is not None}
    return len(known) > 1 and len({line.indent for line in headings}) == 1


def _rebuilt(lines: Sequence[_Raw]) -> Iterator[Line]:
    """The steps of lines without indents, as far as the headings known tell them."""
    under, role, nested = 0, "", False
    for line in lines:
        if line.dashes:
            step = _known_step(line)
            role = role_of(line.text)
            nested = role == "details" or (nested and step is None)
            under = step if step is not None else 8 if nested else 4
            yield Line(under, line.text, line.row, line.dashes, line.size)
            continue
        yield Line(_flat_step(line.text, under, role), line.text, line.row)


def _flat_step(text: str, under: int, role: str) -> int:
    if under == 0:
        return 4 if role in ("computer", "user") else 0
    if under == 8:
        return 12 if text.startswith("GPO:") or ":" not in text else 16
    return 12 if role == "filtered" and re.search(r":\s", text) else 8

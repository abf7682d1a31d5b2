"""Lines of the servicing logs: how a record is cut, and how its text is freed of what only says who wrote it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise

from msgspec import Struct

from analyzer.grammar import load
from analyzer.shape import Shapes, compiled
from analyzer.source import Block, Source

STAMP = re.compile(
    rb"(?:[> \t]{1,8}(?:\d{1,7}: ?)?|\d{1,7}: ?)?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d, (?=[A-Z][a-z]{3,8}(?: |$))"
)
"""What a record begins with."""
WRITER = re.compile(
    r"(?P<csi>[0-9a-f]{8}(?:@\d{4}/\d{1,2}/\d{1,2}:[\d:.]{8,16})? (?:\([A-Z]\) )?)"
    r"|(?P<dism>(?:[A-Za-z.]+(?: [A-Za-z]+){0,4}: )?PID=(?P<pid>\d+)(?: TID=(?P<tid>\d+))? +)"
)
"""The number of a CSI line, or the process of a DISM line."""
UNIVERSAL = b"Universal Time is: "
"""CBS writes the universal time when it starts, behind its local stamp."""
BOTH_TIMES = re.compile(rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d), \w+ +CBS +%b(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)" % UNIVERSAL)
FAR = 8 << 20
"""Bytes of a source in which the first statement of its zone is looked for."""
AT_ONCE = timedelta(minutes=2)
"""Stamp and universal time of one line lie no further apart than this, besides the zone."""
QUARTER = timedelta(minutes=15)
FURTHEST = timedelta(hours=14)


class Cut(Struct, frozen=True):
    """The fields of one line as it stands in the log."""

    date: str
    time: str
    level: str
    component: str
    text: str


@cache
def line_shapes() -> Shapes:
    """The shapes of a record's first line."""
    return compiled(load("servicing"))


def cut(line: str) -> Cut | None:
    """The fields of *line*, None where it begins no record."""
    found = line_shapes().match(line)
    if found is None:
        return None
    fields = found[1]
    text = fields.get("text") or fields.get("bare", "")
    return Cut(fields["date"], fields["time"], fields["level"], fields.get("component", ""), text.strip())


def told_by(text: str) -> tuple[str, str]:
    """What *text* says, and the process and thread it names (`pid:tid`); without the marks of its writer."""
    found = WRITER.match(text)
    if found is None:
        return text, ""
    return text[found.end() :], ":".join(filter(None, (found["pid"], found["tid"])))


def pieces(data: bytes, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """The records in one line: several where a copy has lost its line ends."""
    marks = [start, *(mark.start() for mark in STAMP.finditer(data, start + 1, stop)), stop]
    for begin, end in pairwise(marks):
        if begin < end:
            yield begin, end


def first_zone(source: Source) -> str:
    """The first offset that *source* states: it holds for what stands before it too. Empty where none is stated."""
    for block in source.blocks():
        if isinstance(block, Block):
            at = block.data.find(UNIVERSAL)
            if at >= 0:
                return stated_zone(block.data[block.data.rfind(b"\n", 0, at) + 1 :])
            if block.offset > FAR:
                break
    return ""


def stated_zone(line: bytes) -> str:
    """The offset (`+hhmm`) that *line* states with its two times; empty where it states none that can be."""
    found = BOTH_TIMES.match(line) if UNIVERSAL in line else None
    if found is None:
        return ""
    try:
        apart = datetime.fromisoformat(found[1].decode()) - datetime.fromisoformat(found[2].decode())
    except ValueError:
        return ""
    quarters = QUARTER * round(apart / QUARTER)
    if abs(apart - quarters) > AT_ONCE or abs(quarters) > FURTHEST:
        return ""
    minutes = int(quarters.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"

"""Events as lists of labels: Format-List of PowerShell, `name=value` of Splunk, and PsLogList."""

import re
from collections.abc import Mapping
from itertools import pairwise

from msgspec import Struct

from analyzer.formats.evtx.names import known, only, plain
from analyzer.formats.rows import Row
from analyzer.model import Place

COLON = re.compile(r"(\s*)([A-Za-z][\w.]{1,40})( +: ?)(.*)")
"""A line of Format-List; what has no blank before the colon is another form."""
EQUALS = re.compile(r"(\s*)([A-Za-z]\w{1,40})(=)(.*)")
MOMENT = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4},? \d{1,2}:\d\d:\d\d(?:\.\d+)?(?: ?[AaPp][Mm])?\s*")
"""A line with a time and nothing else, as Splunk puts it before an event."""
OTHER = re.compile(r"```|~~~|(?:\w\S* )?PS [^>]*>|[A-Za-z]:\\[^>]*>|\[|\d")
"""How a line begins that is no more of a sentence although nothing stands between."""
MOST = 100
"""Labels of one event."""
LONGEST = 1000
"""Lines of one event."""
WIDEST = 8192
"""Characters of one line."""

Found = list[tuple[Mapping[str, str] | None, Place]]


class Line(Struct, frozen=True):
    """A line of a value."""

    text: str
    indent: int

    @property
    def end(self) -> int:
        """Where it ended on the screen."""
        return self.indent + len(self.text)


class Listed:
    """One event as labels with their values."""

    def __init__(self, row: Row, shape: re.Pattern[str]) -> None:
        self.place, self.shape = row.place, shape
        self.values: dict[str, list[Line]] = {}
        self._label, self._column, self._blanks, self._lines = "", 0, 0, 0

    @classmethod
    def begin(cls, row: Row) -> "Listed | None":
        """The list that begins with *row*, if its label is one that events have."""
        for shape in (COLON, EQUALS):
            found = shape.match(row.text)
            if found and plain(found[2]) in known():
                one = cls(row, shape)
                one._labelled(found)
                return one
        if MOMENT.fullmatch(row.text):
            one = cls(row, EQUALS)
            one.values["time"] = [Line(row.text.strip(), 0)]
            return one
        return None

    def take(self, row: Row) -> bool:
        """Takes *row* where it belongs to the list; a label that returns begins another one."""
        if not row.text.strip():
            self._blanks += 1
            return self.shape is COLON
        found = self.shape.match(row.text)
        if found and not (self._label and row.indent >= self._column):
            name = plain(found[2])
            if name in self.values:
                return False
            if name in known() or (self._blanks == 0 and len(self.values) < MOST):
                self._labelled(found)
                return True
        is_inside = self.shape is COLON and row.indent >= self._column - 1
        if is_inside or (not self._blanks and known().get(self._label) == "message" and not OTHER.match(row.text)):
            lines = self.values.get(self._label)
            if lines is not None and self._lines < LONGEST:
                lines += [Line("", 0)] * bool(self._blanks)
                lines.append(Line(row.text.strip()[:WIDEST], row.indent))
                self._lines += 1
            self._blanks = 0
            return True
        return False

    def _labelled(self, found: re.Match[str]) -> None:
        self._label, self._blanks = plain(found[2]), 0
        self._column = found.start(4)
        self.values[self._label] = [Line(found[4].strip()[:WIDEST], self._column)]

    @property
    def found(self) -> Found:
        """The event; nothing where the labels are none of an event."""
        members = {name: _joined(lines, self._column) for name, lines in self.values.items()}
        members = {name: text for name, text in members.items() if text}
        is_one = any(known().get(name) == "event" for name in members) and len(members.keys() & known().keys()) > 1
        return [(members, self.place)] if is_one and members.keys() & only() else []


def _joined(lines: list[Line], column: int) -> str:
    """The lines of one value; one is broken off only where the next word had no more room."""
    width = max(line.end for line in lines)
    text = lines[0].text
    for line, below in pairwise(lines):
        word = below.text.partition(" ")[0]
        is_broken = bool(line.text and word) and below.indent <= column and line.end + 1 + len(word) > width
        text += f" {below.text}" if is_broken else f"\n{below.text}"
    return text.strip()


HEAD = re.compile(r"\[(\d{1,10})\] (\S.{0,200})")
PART = re.compile(r"\s+(Type|Computer|User):\s*(.*)")
TIME = re.compile(r"\s+Time:\s{1,20}(\S.{0,60}?)\s{1,20}ID:\s{1,20}(\d{1,10})\s*")


class Dumped:
    """One event of PsLogList."""

    def __init__(self, row: Row, head: re.Match[str]) -> None:
        self.place = row.place
        self._members = {"recordnumber": head[1], "sourcename": head[2].strip()}
        self._lines: list[str] = []

    @classmethod
    def begin(cls, row: Row) -> "Dumped | None":
        """The event that begins with *row*."""
        head = HEAD.fullmatch(row.text.rstrip())
        return cls(row, head) if head else None

    def take(self, row: Row) -> bool:
        """Takes *row* where it belongs to the event: its sentence ends with an empty line."""
        if not row.text.strip():
            return False
        if not self._lines and (time := TIME.fullmatch(row.text)):
            self._members |= {"time": time[1], "eventid": time[2]}
        elif not self._lines and (part := PART.fullmatch(row.text)):
            self._members |= {part[1].lower(): part[2].strip()}
        elif "eventid" not in self._members or HEAD.fullmatch(row.text):
            return False
        elif len(self._lines) < LONGEST:
            self._lines.append(row.text.strip()[:WIDEST])
        return True

    @property
    def found(self) -> Found:
        """The event, once its number was told."""
        members = {**self._members, "message": "\n".join(self._lines)}
        return [(members, self.place)] if "eventid" in members else []

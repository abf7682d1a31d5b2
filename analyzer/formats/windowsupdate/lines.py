"""Lines of WindowsUpdate.log: how they are cut, and a line that has been seen but not yet written out."""

import re
from datetime import datetime
from functools import cache
from typing import Protocol

from msgspec import Struct

from analyzer.events import NOTHING, Said
from analyzer.grammar import load
from analyzer.model import Event, Place
from analyzer.scan import trimmed
from analyzer.shape import Shapes, compiled
from analyzer.source import Block

COLUMN = 16
"""Width of the newer format's component column with the blank behind it; also of a stamp down to the minute."""
WHOLE = slice(23, 27)
"""Where the newer format writes what follows the milliseconds."""


@cache
def line_shapes(first: str) -> Shapes:
    """The shapes of a line, those of the rule *first* tried before the others."""
    others = [rule for rule in ("modern", "legacy", "undecoded") if rule != first]
    return compiled(load("windowsupdate"), first, *others)


def split_message(message: bytes) -> tuple[str, bytes]:
    """Component and text of *message*, the end of a line; without what fills the component's column, but indented."""
    component = re.match(rb"\w*", message)
    end = component.end() if component else 0
    if message[end : end + 1] == b"\t":
        text = message[end + 1 :]
    elif end < COLUMN and not message[end:COLUMN].strip(b" "):
        text = message[COLUMN:]
    else:
        text = message[end:].lstrip(b" ")
    return message[:end].decode("ascii", "replace"), text


class Tail(Struct, frozen=True):
    """What stands behind the stamp of a line."""

    rule: str
    """Of which shape the line is; empty if of none."""
    said: Said
    thread: bytes
    other: bool
    """The line has the other format of this log."""
    noted: bool
    """The reading itself takes note of it."""
    plain: bool
    """It means something, and the reading need not note it."""
    silent: bool = False
    """It means nothing, or nothing new however often it is said."""


STRAY = Tail("", NOTHING, b"", False, True, False)
SILENT = Tail("", NOTHING, b"", False, False, False, silent=True)


class Author(Protocol):
    """What can write out the lines of its pages."""

    def when(self, data: bytes, start: int, stop: int) -> datetime | None:
        """The time of the line of *data* from *start* to *stop*."""

    def event(self, line: "Line", place: Place, raw: bytes) -> Event:
        """The Event of *line*, which stands at *place* as *raw*."""


class Page:
    """One block being read."""

    __slots__ = ("author", "block", "source")

    def __init__(self, author: Author, source: Place, block: Block) -> None:
        self.author, self.source, self.block = author, source, block

    def release(self) -> None:
        """Lets the bytes go; every line that is still held has been written out."""
        self.block = Block(b"", self.block.line, self.block.offset)

    def place(self, position: int) -> Place:
        """Where the line that starts at *position* stands in the original."""
        block = self.block
        return self.source.at(block.line_of(position), block.place_offset(position))


class Line(Struct, eq=False, weakref=True):
    """A line that means something; written out as an Event only when asked."""

    _page: Page
    _start: int
    _stop: int
    said: Said
    thread: bytes
    _raw: bytes = b""
    _place: Place | None = None
    _when: datetime | None = None
    _event: Event | None = None

    @property
    def position(self) -> tuple[int, int]:
        """Grows along the source."""
        return self._page.block.line, self._start

    @property
    def minute(self) -> bytes:
        """Its stamp down to the minute."""
        return self._page.block.data[self._start : self._start + COLUMN]

    @property
    def when(self) -> datetime | None:
        """Its time in UTC."""
        if self._when is None:
            if self._raw:
                self._when = self._page.author.when(self._raw, 0, len(self._raw))
            else:
                self._when = self._page.author.when(self._page.block.data, self._start, self._stop)
        return self._when

    def detach(self) -> None:
        """Keeps what an Event needs, for the block is about to go."""
        if not self._raw:
            data = self._page.block.data
            raw = data[self._start : trimmed(data, self._start, self._stop)]
            if raw[WHOLE] == b"0000":
                _ = self.when  # the line above tells whether this stamp is a minute low
            self._place = self._page.place(self._start)
            self._raw = raw

    @property
    def event(self) -> Event:
        """The Event, written out."""
        if self._event is None:
            self.detach()
            assert self._place is not None
            self._event = self._page.author.event(self, self._place, self._raw)
        return self._event

"""The lines of a short text, each with its place: what formats read that are no logs."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from analyzer.encoding import Encoding, text
from analyzer.events import Said
from analyzer.formats import Told
from analyzer.model import NO_FIELDS, Event, Place, Problem
from analyzer.source import Source

SHOWN = 4096
"""Characters of a line that an Event keeps."""
TWICE_DECODED = re.compile(r"[A-Za-z][¢¤¡‚][a-z]")
"""Letters of code page 850 that were read as Windows-1252: `Versi¢n` is `Versión`."""


class Row(Struct, frozen=True):
    """One line without its end."""

    text: str
    place: Place
    size: int = 0
    """Bytes of the line in the original."""

    @property
    def indent(self) -> int:
        """Blanks in front of its text."""
        return len(self.text) - len(self.text.lstrip())


def rows_of(source: Source) -> Iterator[Row | Problem]:
    """The lines of *source* in their order, and what could not be read."""
    encoding = source.encoding()
    for block in source.blocks():
        if isinstance(block, Problem):
            yield block
            continue
        start, line = 0, block.line
        while start < len(block.data):
            stop = block.data.find(b"\n", start)
            stop = len(block.data) if stop < 0 else stop
            offset, end = block.place_offset(start), block.place_offset(stop)
            place = source.place.at(line, offset)
            yield Row(decoded(block.data[start:stop], encoding), place, end - offset)
            start, line = stop + 1, line + 1


def decoded(raw: bytes, encoding: Encoding) -> str:
    """*raw* as one line of text: tabs are blanks, and letters that were decoded twice are put right."""
    line = text(raw, encoding).replace("\ufeff", "").replace("\xa0", " " if encoding.name != "utf-8" else "\xa0")
    line = line.rstrip("\r\n \0\x1a").expandtabs(8)
    if TWICE_DECODED.search(line):
        try:
            line = line.encode("cp1252").decode("cp850")
        except UnicodeError:
            return line
    return line


def told(kind: str, row: Row, fields: Mapping[str, str] = NO_FIELDS, codes: tuple[int, ...] = ()) -> Told:
    """What *row* means; it stands alone and echoes nothing."""
    event = Event(kind, None, row.place, row.text[:SHOWN], "", codes, fields)
    return Told(event, Said(kind, "", codes, fields), "|".join((kind, *fields.values())).encode())


def fact(name: str, value: str, row: Row) -> Told:
    """Something that *row* says of the machine."""
    return told("fact", row, {"name": name, "value": value})

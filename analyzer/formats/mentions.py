"""The last net: a short text of no known format that names codes of the update client, as a mail or a page does."""

from collections.abc import Iterator

from msgspec import Struct

from analyzer.codebook import lookup
from analyzer.codebook.mentions import codes_in
from analyzer.encoding import HEAD_SIZE
from analyzer.events import CODE, Said
from analyzer.formats import NO_FIT, Fit, Head, Settings, Told
from analyzer.formats.rows import SHOWN, rows_of
from analyzer.model import Event, Problem, Record, SourceInfo
from analyzer.source import Source

JUST_ENOUGH = 0.051
"""Any other format that fits at all says more of a text."""
FAMILIES = frozenset(
    {0x8000, 0x8007, 0x800B, 0x800F, 0x8009, 0x8019, 0x8020, 0x8024, 0x803D, 0x80D0, 0xC190, 0xC800}
)  # fmt: skip
"""What codes begin with that the update client, servicing and Setup give."""


class Mentions(Struct, frozen=True):
    """A text that is read for nothing but its codes."""

    name: str = "codes"
    title: str = "a text of any kind, for the update codes that it names"

    def fits(self, head: Head) -> Fit:
        """By a code that is known; a long text is some other log, and its codes mean other things."""
        if len(head.data) >= HEAD_SIZE or not any(True for line in head.lines for _ in _codes(line)):
            return NO_FIT
        return Fit(JUST_ENOUGH, "it has no format that is known, but names codes of updates; read for these only")

    def read(self, source: Source, settings: Settings) -> Iterator[Told | Problem | SourceInfo]:
        """The codes that it names, in their order."""
        lines = size = named = 0
        for row in rows_of(source):
            if isinstance(row, Problem):
                yield row
                continue
            lines, size = row.place.line, row.place.offset + row.size
            if codes := tuple(_codes(row.text)):
                named += 1
                event = Event(CODE, None, row.place, row.text[:SHOWN], "", codes)
                yield Told(event, Said(CODE, "", codes))
        yield SourceInfo(source.place, self.name, "", source.encoding().name, size, lines, named)

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its lines."""
        for row in rows_of(source):
            if isinstance(row, Problem):
                yield row
            elif row.text.strip():
                yield Record(None, row.place, self.name, "", row.text)


def _codes(line: str) -> Iterator[int]:
    """The update codes in *line* that the code book knows."""
    for value, space, _ in codes_in(line):
        if space == "hresult" and value >> 16 in FAMILIES and lookup(value).known:
            yield value


MENTIONS = Mentions()

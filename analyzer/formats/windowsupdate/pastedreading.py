"""Reading a pasted WindowsUpdate.log: its mended lines go the way of any log, each as a block of its own."""

from collections.abc import Iterator

from msgspec.structs import replace

from analyzer.encoding import Encoding, text
from analyzer.formats import Read, Settings, Told
from analyzer.formats.windowsupdate.bare import bare, is_known
from analyzer.formats.windowsupdate.lines import Page
from analyzer.formats.windowsupdate.pasted import mended, width_of
from analyzer.formats.windowsupdate.reading import SHOWN, Reading
from analyzer.model import Event, Problem, SourceInfo
from analyzer.source import BLOCK_SIZE, Block, Source

UTF_8 = Encoding("utf-8", 0, "mended")


class Counted:
    """What was read of the original."""

    def __init__(self) -> None:
        self.lines = self.size = self.mended = 0


class Mended(Source, frozen=True):
    """*original* with its lines mended; a line is a block, for its place tells nothing of the place of the next."""

    original: Source | None = None
    counted: Counted | None = None

    def encoding(self) -> Encoding:
        """That of the mended lines."""
        return UTF_8

    def blocks(self, size: int = BLOCK_SIZE) -> Iterator[Block | Problem]:
        """The mended lines, and what went wrong with the original."""
        assert self.original is not None
        encoding, counted = self.original.encoding(), self.counted or Counted()
        counted.lines = counted.size = counted.mended = last = 0
        width = width_of(text(self.original.head(), encoding).splitlines()[:400])
        for block in self.original.blocks(size):
            if isinstance(block, Problem):
                yield block
                continue
            rows = block.data.removesuffix(b"\n").split(b"\n")
            starts = [0]
            for row in rows:
                starts.append(starts[-1] + len(row) + 1)
            told = ((at, text(row, encoding).rstrip("\r\0\x1a")) for at, row in enumerate(rows))
            for line in mended(told, width):
                before = len(text(rows[line.number], encoding)[: line.start].encode(_page(encoding), "replace"))
                offset = block.place_offset(starts[line.number] + before)
                number = block.line + line.number
                counted.mended += line.mended and number != last
                last = number if line.mended else last
                yield Block(line.text.encode() + b"\n", number, offset)
            counted.lines, counted.size = block.line + len(rows) - 1, block.place_offset(len(block.data))


def _page(encoding: Encoding) -> str:
    """The encoding of a block of such a source."""
    return "utf-8" if encoding.name in ("ascii", "binary") or encoding.name.startswith("utf-") else encoding.name


class PastedReading(Reading):
    """The state of reading one pasted log."""

    def __init__(self, name: str, rule: str, source: Source, settings: Settings) -> None:
        self.counted = Counted()
        mended = Mended(source.place, source.size, source.content, [], source, self.counted)
        super().__init__(name, rule, mended, settings)
        self.original = source

    def sightings(self) -> Iterator[Read]:
        """What means something; how much was mended stands with what was read."""
        for item in super().sightings():
            if isinstance(item, SourceInfo):
                count = self.counted
                told = f"pasted text, {count.mended} of its {count.lines} lines mended"
                encoding = self.original.encoding().name
                item = replace(item, reason=told, encoding=encoding, size=count.size, lines=count.lines)
            yield item

    def _stray(self, page: Page, start: int, stop: int) -> Told | None:
        """A line without a stamp: what the agent says in words that are known, and codes."""
        told = super()._stray(page, start, stop)
        line = page.block.data[start:stop].decode("utf-8", "replace")
        said = bare(line)
        if not is_known(said):
            return told
        event = Event(said.kind, None, page.place(start), line[:SHOWN], said.component, said.codes, said.fields)
        return Told(event, said)

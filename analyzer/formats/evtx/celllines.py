"""The lines of a text for readers of rows and details, which go over several lines."""

from collections.abc import Iterator

from analyzer.encoding import text as decoded
from analyzer.formats.evtx.reading import Count
from analyzer.model import Problem
from analyzer.source import Source

CELL = 1 << 20
"""Characters of one line that are kept."""


class Lines:
    """The lines of a source, for a reader of rows that go over several of them."""

    def __init__(self, source: Source, count: Count) -> None:
        self.problems: list[Problem] = []
        self.place = source.place.at(1, source.encoding().bom)
        """Where the next line begins."""
        self._source, self._count = source, count

    def __iter__(self) -> Iterator[str]:
        encoding, place = self._source.encoding(), self._source.place
        for block in self._source.blocks():
            if isinstance(block, Problem):
                self.problems.append(block)
                continue
            line, at = block.line, 0
            for raw in block.data.splitlines(keepends=True):
                line, at = line + raw.endswith(b"\n"), at + len(raw)
                self.place = place.at(line, block.offset + at)
                self._count.lines += 1
                yield decoded(raw, encoding).replace("\0", "\ufffd")[:CELL]
            self._count.size = block.offset + len(block.data)

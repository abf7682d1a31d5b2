"""Blocks of whole lines: bytes as they are read, decoded and cut so that they can be searched.

Line numbers and offsets are those of the original bytes; a line that never ends costs no more memory than `MAX_LINE`.
"""

import codecs
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import replace

from analyzer.encoding import WIDE_RUN, Encoding
from analyzer.model import Place, Problem

MAX_LINE = 1 << 20
"""Bytes of one line that are kept; nothing that a log says needs more."""
NUL_RUN = re.compile(rb"\0{16,}")
NUL_RUNS_TOLD = 8
"""Runs of NULs told one by one in a block; the rest is counted."""
NARROW_RUN = re.compile("[\u2020-\u7e7e]{24,}")
"""What text of single bytes looks like when it is read as UTF-16, if all of its bytes are printable."""
NARROW = "holds text of single bytes between its UTF-16, which was not read; save the parts as files of their own"
PART_OF_UTF8 = re.compile(rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z")
CUT_OFF = (
    "ends in the middle of a character, as a file that was cut off or is still being written; what was read counts"
)

Read = Callable[[int, int], Iterator[bytes | Problem]]
"""Gives an input from a position on, in chunks of a size."""


class Block(Struct):
    """A run of whole lines, as UTF-8 or another ASCII-compatible encoding."""

    data: bytes
    """Ends with a line feed, but for the last block of a source."""
    line: int
    """1-based number of its first line."""
    offset: int
    """Byte offset of its first byte in the original."""
    wide: bool = False
    """The original is UTF-16."""
    _known: tuple[int, int] = (0, 0)
    _positions: list[int] = field(default_factory=lambda: [0])
    _lines: list[int] = field(default_factory=lambda: [0])
    """How many lines end before each of these positions."""

    def line_of(self, position: int) -> int:
        """The 1-based line of `data[position]` in the original; counted from the nearest position known before it."""
        near = bisect_right(self._positions, position)
        before = self._positions[near - 1]
        lines = self._lines[near - 1]
        if before != position:
            lines += self.data.count(b"\n", before, position)
            self._positions.insert(near, position)
            self._lines.insert(near, lines)
        return self.line + lines

    def place_offset(self, position: int) -> int:
        """The original byte offset of `data[position]`, in UTF-16 that of the character it belongs to."""
        if not self.wide:
            return self.offset + position
        while 0 < position < len(self.data) and self.data[position] & 0xC0 == 0x80:
            position -= 1
        near, size = self._known if self._known[0] <= position else (0, 0)
        size += wide_size(self.data[near:position])
        self._known = (position, size)
        return self.offset + size


def numbered(block: Block, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Each of *spans*, which stand in the order of *block*: its start, its end and the number of its first line."""
    for start, stop in spans:
        yield start, stop, block.line_of(start)


def wide_size(data: bytes) -> int:
    """How many bytes of UTF-16 became *data*."""
    if data.isascii():
        return 2 * len(data)
    return len(data.decode("utf-8", "replace").encode("utf-16-le"))


def blocks(read: Read, encoding: Encoding, place: Place, size: int) -> Iterator[Block | Problem]:
    """What *read* gives in blocks of about *size* bytes, and what went wrong; memory does not grow."""
    wide = encoding.name.startswith("utf-16")
    chunks = read(encoding.bom, min(size, MAX_LINE // 2 if wide else MAX_LINE))
    if wide:
        chunks = _decoded(chunks, encoding.name, place)
    elif encoding.name.startswith("utf-8"):
        chunks = _watched(chunks, place)
    for block in _cut(chunks, place, encoding.bom, wide):
        yield block
        if isinstance(block, Block) and b"\0" in block.data and encoding.name != "binary":
            yield from _wide_run(block, place)
            yield from _nul_runs(block, place)


def _decoded(chunks: Iterator[bytes | Problem], name: str, place: Place) -> Iterator[bytes | Problem]:
    """*chunks* of UTF-16 as UTF-8; a character that is cut off at the end is left out and told."""
    decoder, narrow = codecs.getincrementaldecoder(name)("replace"), False
    for chunk in chunks:
        if isinstance(chunk, Problem):
            yield chunk
            continue
        text = decoder.decode(chunk)
        narrow = narrow or _is_narrow(text, name)
        yield text.encode()
    if narrow:
        yield Problem(place, NARROW, 1)
    if decoder.getstate()[0]:
        yield Problem(place, CUT_OFF)


def _is_narrow(text: str, name: str) -> bool:
    """Whether in *text*, decoded as *name*, stands what was written in single bytes."""
    runs = () if text.isascii() else NARROW_RUN.finditer(text)
    return any(all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in run[0].encode(name)) for run in runs)


def _watched(chunks: Iterator[bytes | Problem], place: Place) -> Iterator[bytes | Problem]:
    """*chunks* of UTF-8 as they are; a character that is cut off at the end is told."""
    end = b""
    for chunk in chunks:
        if isinstance(chunk, bytes):
            end = (end + chunk[-3:])[-3:]
        yield chunk
    if PART_OF_UTF8.search(end):
        yield Problem(place, CUT_OFF)


def _cut(chunks: Iterator[bytes | Problem], place: Place, offset: int, wide: bool) -> Iterator[Block | Problem]:
    """Blocks cut at line ends; a line above `MAX_LINE` is a block of its own, of which the rest is skipped."""
    line, tail, skipped, ends = 1, b"", 0, list[Problem]()
    measure: Callable[[bytes], int] = wide_size if wide else len
    for chunk in chunks:
        if isinstance(chunk, Problem):
            ends.append(chunk)
            continue
        first = chunk.find(b"\n")
        if len(tail) + (len(chunk) if first < 0 else first) > MAX_LINE or skipped:
            head = chunk if first < 0 else chunk[:first]
            room = 0 if skipped else _whole(head, MAX_LINE - len(tail), wide)
            tail, skipped = tail + head[:room], skipped + measure(head[room:])
            if first < 0:
                continue
            yield Block(tail + b"\n", line, offset, wide)
            yield _too_long(place, line, offset, skipped)
            line, offset = line + 1, offset + measure(tail) + skipped + measure(b"\n")
            chunk, tail, skipped = chunk[first + 1 :], b"", 0
        end = chunk.rfind(b"\n") + 1
        if end:
            data = b"".join((tail, memoryview(chunk)[:end]))
            block = Block(data, line, offset, wide)
            yield block
            line, offset, tail = block.line_of(len(data)), offset + measure(data), b""
        tail += chunk[end:]
    if tail:
        yield Block(tail, line, offset, wide)
    if skipped:
        yield _too_long(place, line, offset, skipped)
    yield from (replace(end, place=place.at(line, offset)) for end in ends)


def _whole(data: bytes, size: int, wide: bool) -> int:
    while wide and 0 < size < len(data) and data[size] & 0xC0 == 0x80:
        size -= 1
    return size


def _too_long(place: Place, line: int, offset: int, skipped: int) -> Problem:
    text = f"a line longer than {MAX_LINE} bytes; its first {MAX_LINE} bytes were kept and {skipped} bytes skipped"
    return Problem(place.at(line, offset), text)


def _wide_run(block: Block, place: Place) -> Iterator[Problem]:
    """That UTF-16 stands in a text of single bytes: no line of it can be read."""
    if run := WIDE_RUN.search(block.data):
        lines = 1 + block.data.count(b"\n\0", run.start())
        text = f"the text goes on in UTF-16, of which {lines} lines were not read; save the parts as files of their own"
        yield Problem(place.at(block.line_of(run.start()), block.place_offset(run.start())), text, lines)


def _nul_runs(block: Block, place: Place) -> Iterator[Problem]:
    runs = NUL_RUN.finditer(block.data)
    for run in islice(runs, NUL_RUNS_TOLD):
        line = block.line_of(run.start())
        text = f"{len(run.group())} NUL bytes, as in a file that was being written when the machine went down"
        yield Problem(place.at(line, block.place_offset(run.start())), text)
    if more := sum(1 for _ in runs):
        text = f"{more} more runs of NUL bytes in the {len(block.data)} bytes from here"
        yield Problem(place.at(block.line, block.offset), text)

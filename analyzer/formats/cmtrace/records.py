"""Records in the blocks of a log: a text may hold line ends, so that a record spans lines and even blocks."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from analyzer.blocks import MAX_LINE, Block
from analyzer.model import Place, Problem
from analyzer.scan import Span, all_lines

OPEN, CLOSE = b"<![LOG[", b"]LOG]!>"
MARK = b"  $$<"
"""Between the text and the stamp of a record of the older form."""
LIMIT = MAX_LINE
"""Bytes of a record that does not end; more than this is given up."""


class Form(Struct, frozen=True):
    """How records are cut: by the brackets around their text, or by the mark before their stamp."""

    bracketed: bool

    def cut(self, data: bytes, spans: Iterable[Span]) -> Iterator[Span]:
        """The records of *data* that stand on the lines *spans*, each once, in order."""
        done = 0
        for start, stop in spans:
            while done < stop:
                found = self._next(data, max(start, done), done)
                if found is None:
                    return
                if found[0] >= stop:
                    done = stop  # the line belongs to no record, so none that comes later begins before its end
                    break
                yield found
                done = max(found[1], done + 1)

    def _next(self, data: bytes, start: int, done: int) -> Span | None:
        """The first record of *data* that ends behind *start* and begins at *done* or later."""
        return self._between_brackets(data, start, done) if self.bracketed else self._before_mark(data, start, done)

    @staticmethod
    def _between_brackets(data: bytes, start: int, done: int) -> Span | None:
        begin = data.rfind(OPEN, done, start + len(OPEN))
        close = data.find(CLOSE, begin) if begin >= 0 else -1
        if begin < 0 or (-1 < close <= start and _line_end(data, close) <= start):
            begin = data.find(OPEN, start)
            close = data.find(CLOSE, begin)
        if begin < 0 or close < 0:
            return None
        torn = data.find(b"\n" + OPEN, begin, close)
        if torn >= 0:
            return begin, torn + 1
        end = data.find(b">", close + len(CLOSE))
        line = _line_end(data, close)
        return begin, end + 1 if 0 <= end < line else line

    @staticmethod
    def _before_mark(data: bytes, start: int, done: int) -> Span | None:
        mark = data.find(MARK, start)
        if mark < 0:
            return None
        before = data.rfind(MARK, done, start)
        begin = max(done, 0 if before < 0 else _line_end(data, before) + 1)
        while begin < mark and data[begin] in b" \t\r\n":
            begin += 1
        return begin, _line_end(data, mark)

    def rest(self, data: bytes) -> int:
        """Where the record begins that goes on behind the end of *data*; its length where none does."""
        if self.bracketed:
            begin = data.rfind(OPEN)
            return len(data) if begin < 0 or data.find(CLOSE, begin) >= 0 else begin
        mark = data.rfind(MARK)
        begin = 0 if mark < 0 else _line_end(data, mark) + 1
        return begin if data[begin:].strip() else len(data)


BRACKETED, MARKED = Form(True), Form(False)


def all_of(data: bytes, form: Form) -> Iterator[Span]:
    """Every record of *data*."""
    return form.cut(data, all_lines(data))


def _line_end(data: bytes, position: int) -> int:
    end = data.find(b"\n", position)
    return len(data) if end < 0 else end


def whole(blocks: Iterable[Block | Problem], form: Form, place: Place) -> Iterator[Block | Problem]:
    """*blocks* cut so that each holds whole records; what never ends is given up and told."""
    rest: Block | None = None
    for block in blocks:
        if isinstance(block, Problem):
            yield block
            continue
        if rest is not None:
            block = Block(rest.data + block.data, rest.line, rest.offset, block.wide)
        rest, at = None, form.rest(block.data)
        if len(block.data) - at > LIMIT:
            yield _endless(block, at, place)
        elif at < len(block.data):
            line = block.line_of(at)
            rest = Block(block.data[at:], line, block.place_offset(at), block.wide)
            block = Block(block.data[:at], block.line, block.offset, block.wide)
        if block.data:
            yield block
    if rest is not None:
        if form.bracketed:
            yield Problem(place.at(rest.line, rest.offset), "the last record is cut off", 1)
        yield rest


def _endless(block: Block, at: int, place: Place) -> Problem:
    line = block.line_of(at)
    told = f"a record that does not end within {LIMIT} bytes was given up"
    return Problem(place.at(line, block.place_offset(at)), told)

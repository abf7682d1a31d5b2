"""Finding the lines that matter: the raw bytes are searched for needles, and only lines that hold one are parsed.

A needle is a literal or a short pattern with a fixed end; needles are derived from shapes (`needles_of`), nobody keeps
a list of them. Hyperscan (PyPI `hyperscan`) looks for all of them at once at gigabytes a second; without its wheel one
`re` alternation finds the same lines more slowly.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from analyzer.cache import kept, program
from analyzer.shape import Shape

if TYPE_CHECKING:
    import hyperscan

CR = 13

Span = tuple[int, int]
"""Start and end of a line's bytes in a block, without the line end."""

Search = Callable[[bytes], Iterable[Span]]
"""Gives the lines of a block in which a needle stands, each once, in order."""


def needles_of(shapes: Iterable[Shape]) -> tuple[str, ...]:
    """The patterns of which each line that fits one of *shapes* holds at least one, sorted."""
    return tuple(sorted({re.escape(shape.needle) if shape.needle else loosened(shape.pattern) for shape in shapes}))


def patterns_of(shapes: Iterable[Shape]) -> tuple[str, ...]:
    """The whole patterns of *shapes*, loosened: for short notations that stand anywhere in a line."""
    return tuple(sorted({loosened(shape.pattern) for shape in shapes if shape.names}))


def loosened(pattern: str) -> str:
    """*pattern* matching the same texts and some more: without lookarounds, which Hyperscan does not know, and with
    `*` for `{0,n}`, which it compiles slowly."""
    kept: list[str] = []
    depth = 0
    position = 0
    for token in re.finditer(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]|\(\?<?[=!]|\(|\)|.", pattern, re.DOTALL):
        text = token.group()
        if depth:
            depth += (text.startswith("(")) - (text == ")")
        elif re.fullmatch(r"\(\?<?[=!]", text):
            depth = 1
        else:
            kept.append(text)
        position = token.end()
    assert position == len(pattern)
    return re.sub(r"\{0,\d+\}", "*", "".join(kept))


@cache
def search(needles: tuple[str, ...], *, hyperscan: bool | None = None) -> Search:
    """A search for *needles* (patterns); *hyperscan* demands or forbids the wheel, None takes it where it is there."""
    if hyperscan is False:
        return _fallback(needles)
    try:
        return _hyperscan(needles)
    except ImportError:
        if hyperscan:
            raise
        return _fallback(needles)


def _hyperscan(needles: tuple[str, ...]) -> Search:
    database = _database(needles)

    def lines(data: bytes) -> list[Span]:
        spans: list[Span] = []
        done, size = -1, len(data)
        add, before, after = spans.append, data.rfind, data.find

        def note(_id: int, _start: int, end: int, _flags: int, _context: object) -> None:
            nonlocal done
            if end > done:
                start, done = before(b"\n", 0, end) + 1, after(b"\n", end)
                if done < 0:
                    done = size
                stop = done
                while data[stop - 1] == CR:  # no needle is a carriage return, so this ends behind one
                    stop -= 1
                add((start, stop))

        # Hyperscan (vectorscan 5.4) overlooks a needle of two bytes at the very end of 17 to 34.
        database.scan(data if data.endswith(b"\n") else data + b"\n", match_event_handler=note)
        return spans

    return lines


def _database(needles: tuple[str, ...]) -> "hyperscan.Database":
    """Hyperscan's database of *needles*, kept between runs: to compile it takes as long as to search 100 MB."""
    import hyperscan

    def make() -> bytes:
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        database.compile(
            expressions=[needle.encode() for needle in needles],
            ids=list(range(len(needles))),
            flags=[hyperscan.HS_FLAG_DOTALL] * len(needles),
        )
        return hyperscan.dumpb(database)

    def usable(content: bytes) -> "hyperscan.Database":
        database = hyperscan.loadb(content, mode=hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
        return database

    about = (program("scan"), str(vars(hyperscan).get("__version__")).encode())
    try:
        return usable(kept("needles", (*about, *(needle.encode() for needle in needles)), make))
    except hyperscan.error:  # kept by a machine with another processor
        return usable(make())


def _fallback(needles: tuple[str, ...]) -> Search:
    pattern = re.compile("|".join(f"(?:{needle})" for needle in needles).encode(), re.DOTALL)

    def lines(data: bytes) -> Iterator[Span]:
        done, size = -1, len(data)
        for match in pattern.finditer(data):
            end = match.end()
            if end <= done:
                continue
            start = data.rfind(b"\n", 0, end) + 1
            done = data.find(b"\n", end)
            if done < 0:
                done = size
            yield start, _trimmed(data, start, done) if data[done - 1] == CR else done

    return lines


def all_lines(data: bytes) -> Iterator[Span]:
    """Every line of *data*."""
    start = 0
    size = len(data)
    while start < size:
        stop = data.find(b"\n", start)
        if stop < 0:
            stop = size
        yield start, _trimmed(data, start, stop) if stop > start and data[stop - 1] == CR else stop
        start = stop + 1


def _trimmed(data: bytes, start: int, stop: int) -> int:
    stop -= 1
    while stop > start and data[stop - 1] == CR:
        stop -= 1
    return stop

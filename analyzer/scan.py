"""Finding the lines that matter: the raw bytes are searched for needles, and only lines that hold one are parsed.

A needle is a literal or a short pattern with a fixed end; needles are derived from shapes (`needles_of`), nobody keeps
a list of them. Hyperscan (PyPI `hyperscan`) looks for all of them at once at gigabytes a second; without its wheel a
search for one after the other finds the same lines more slowly.
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
LITERAL = re.compile(r"(?:\\\W|[^\\.^$*+?{}\[\]|()])+")
"""A needle that is no pattern."""
NUMBER_BEHIND_WORDS = re.compile(r"\(\?:\(\?i:.*(\([^()]*\))", re.DOTALL)
"""A needle of words in any case with a number at its end."""

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


def search(needles: tuple[str, ...], *, hyperscan: bool | None = None) -> Search:
    """A search for *needles* (patterns); *hyperscan* demands or forbids the wheel, None takes it where it is there."""
    find = rough_search(needles, hyperscan=hyperscan)
    return lambda data: [(start, trimmed(data, start, stop)) for start, stop in find(data)]


@cache
def rough_search(needles: tuple[str, ...], *, hyperscan: bool | None = None) -> Search:
    """The same; carriage returns before a line feed count as part of the line: to look for them takes a while."""
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
        ends: list[int] = []
        add = ends.append

        def note(_id: int, _start: int, end: int, _flags: int, _context: object) -> None:
            add(end)  # nothing more: this is called for each needle

        # Hyperscan (vectorscan 5.4) overlooks a needle of two bytes at the very end of 17 to 34.
        database.scan(data if data.endswith(b"\n") else data + b"\n", match_event_handler=note)
        spans: list[Span] = []
        done, size = -1, len(data)
        for end in ends:
            if end > done:
                start, done = data.rfind(b"\n", 0, end) + 1, data.find(b"\n", end)
                if done < 0:
                    done = size
                spans.append((start, done))
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
    """One needle after the other: for each, plain search skips faster than one alternation of all steps."""
    words, others = told_apart(needles)
    literals, patterns = [word.encode() for word in words], [_by_its_end(needle) for needle in others]

    def lines(data: bytes) -> list[Span]:
        found: set[Span] = set()
        size = len(data)
        for literal in literals:
            done, width = 0, len(literal)
            while (at := data.find(literal, done)) >= 0:
                span, done = _line(data, at + width, size)
                found.add(span)
        for end, whole in patterns:
            done = 0
            while (match := end.search(data, done)) is not None:
                span, done = _line(data, match.end(), size)
                if whole is None or whole.search(data, *span):
                    found.add(span)
        return sorted(found)

    return lines


def told_apart(needles: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of *needles* those that are plain words, as they stand in a text, and those that are patterns."""
    words, patterns = list[str](), list[str]()
    for needle in needles:
        if LITERAL.fullmatch(needle):
            words.append(re.sub(r"\\(.)", r"\1", needle))
        else:
            patterns.append(needle)
    return tuple(words), tuple(patterns)


def _by_its_end(needle: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes] | None]:
    """What to search for, and what the line must hold then: words in any case are ten times slower than digits."""
    end = NUMBER_BEHIND_WORDS.fullmatch(needle)
    whole = re.compile(needle.encode(), re.DOTALL)
    return (re.compile(end[1].encode()), whole) if end else (whole, None)


def _line(data: bytes, end: int, size: int) -> tuple[Span, int]:
    """The line in which a needle ends at *end*, and where to search on."""
    start, done = data.rfind(b"\n", 0, end) + 1, data.find(b"\n", end)
    if done < 0:
        done = size
    return (start, done), done


def all_lines(data: bytes) -> Iterator[Span]:
    """Every line of *data*."""
    start = 0
    size = len(data)
    while start < size:
        stop = data.find(b"\n", start)
        if stop < 0:
            stop = size
        yield start, trimmed(data, start, stop)
        start = stop + 1


def trimmed(data: bytes, start: int, stop: int) -> int:
    """The end of the line of *data* from *start* to *stop* without carriage returns."""
    while stop > start and data[stop - 1] == CR:
        stop -= 1
    return stop

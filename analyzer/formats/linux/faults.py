"""What package managers say when something is wrong, found anywhere in a text; nothing of it holds a credential."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from msgspec import Struct

from analyzer.events import Said
from analyzer.grammar import load
from analyzer.mask import masked
from analyzer.model import Place
from analyzer.scan import needles_of, search, told_apart
from analyzer.shape import Shapes, compiled

READ = 256 << 10
"""Characters of one line in which faults are looked for."""
SHOWN = 1000
"""Characters of a line that are shown as evidence."""
AROUND = 350
"""Characters shown before and behind a fault in the middle of a longer line."""
GRAMMAR, AZURE = "linux-messages", "azure-messages"
BLANKS = re.compile(r"(?:\\ )+")
"""A run of blanks in the pattern of a shape."""
QUOTES = {"'": "['\u2018\u2019]"}
"""What a mail program makes of a quotation mark."""
INODES, BLOCKS = "linux-inode-table", "linux-block-table"
"""The heads of what df shows: what stands below them is counted in these."""
TABLES = frozenset({INODES, BLOCKS})
"""What is no fault by itself."""
MIRROR = frozenset({"status", "url", "code", "curl", "mirror_curl", "timeout"})
"""What tells of one mirror of a repository, and not of the repository: another mirror may have it."""
COMPLETE = "Complete!"
"""yum, dnf and tdnf end with this word where everything was installed, whatever a mirror answered before."""


class Fault(Struct, frozen=True):
    """One thing that is wrong, and where in the text it is said."""

    said: Said
    start: int
    stop: int


@cache
def shapes(grammar: str = GRAMMAR) -> Shapes:
    """The shapes of *grammar*."""
    return compiled(load(grammar))


@cache
def anywhere(grammar: str = GRAMMAR) -> re.Pattern[str]:
    """The shapes of *grammar* as one pattern to search with.

    Messages of the portal come by way of web pages and mail programs, which add blanks, break lines at other places and
    bend quotation marks.
    """
    exact = shapes(grammar).anywhere
    if grammar != AZURE:
        return exact
    text = BLANKS.sub(r"\\s{1,40}", exact.pattern)
    for straight, any_form in QUOTES.items():
        text = text.replace(straight, any_form)
    return re.compile(text, re.DOTALL)


@cache
def needles(grammar: str = GRAMMAR) -> tuple[str, ...]:
    """What a line must hold to say something of *grammar*: of one whose blanks and quotes vary, a word."""
    if grammar != AZURE:
        return needles_of(shapes(grammar).shapes)
    known = shapes(grammar).shapes
    words = {re.escape(max(re.split(r"[ ']", shape.needle), key=len)) for shape in known if shape.needle}
    return tuple(sorted({*words, *needles_of(shape for shape in known if not shape.needle)}))


def quoting(lines: Sequence[str], grammar: str = GRAMMAR) -> int:
    """How many of *lines* say something of *grammar*; its patterns are tried only where one can."""
    data = "\n".join(lines).encode("utf-8", "replace")
    found = search(needles(grammar), hyperscan=False)(data)
    return sum(1 for start, stop in found if anywhere(grammar).search(data[start:stop].decode()))


@cache
def _signs(grammar: str) -> tuple[tuple[str, ...], tuple[re.Pattern[str], ...]]:
    """The needles of *grammar*: those that are words, and those that are patterns."""
    words, patterns = told_apart(needles(grammar))
    return words, tuple(re.compile(pattern, re.DOTALL) for pattern in patterns)


def _can_say(text: str, grammar: str) -> bool:
    """Whether *text* holds a needle of *grammar*: to look for them is ten times faster than to try the patterns."""
    words, patterns = _signs(grammar)
    return any(word in text for word in words) or any(pattern.search(text) for pattern in patterns)


def faults(text: str, component: str = "", grammar: str = GRAMMAR) -> Iterator[Fault]:
    """Everything of *grammar* that *text* says, in its order; the same kind once unless its fields differ."""
    text = text[:READ]
    if not _can_say(text, grammar):
        return
    seen: set[tuple[object, ...]] = set()
    for found in anywhere(grammar).finditer(text):
        rule, fields = shapes(grammar).fields(found)
        kind = rule.replace("_", "-")
        known = {name: masked(value).strip() for name, value in fields.items()}
        key = (kind, *known.values())
        if key not in seen:
            seen.add(key)
            yield Fault(Said(kind, component, (), known), found.start(), found.end())


def is_mirror(said: Said) -> bool:
    """Whether it tells of one mirror only."""
    return said.kind == "yum-metadata-unavailable" and bool(MIRROR.intersection(said.fields))


def shown(text: str, start: int = 0, stop: int = 0) -> str:
    """*text* as evidence: masked, and of a long line only its beginning and what stands around *start* to *stop*."""
    if len(text) <= SHOWN:
        return masked(text)
    if stop <= SHOWN:
        return masked(text[:SHOWN]) + " …"
    end = " …" if stop + AROUND < len(text) else ""
    return f"{masked(text[:200])} … {masked(text[max(200, start - AROUND) : stop + AROUND])}{end}"


def within(place: Place, start: int) -> Place:
    """*place*, of which a fault stands *start* characters behind the beginning of the text: a place of its own."""
    return place.at(place.line, place.offset + start)

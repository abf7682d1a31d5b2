"""One diagnosis on the page: what is wrong, why we say so, since when, which lines prove it, what to do."""

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from analyzer.model import Diagnosis, Evidence, Severity, hex_code
from analyzer.report.escape import safe
from analyzer.report.page import (
    CODE,
    COMMAND,
    LABEL,
    QUIET,
    Sheet,
    flow,
    labelled,
    more,
    say,
    shortened,
    trimmed,
    words,
)

BADGES = {Severity.ERROR: "bold white on red", Severity.WARNING: "black on yellow", Severity.INFO: "white on blue"}
MOST_LINES = 4
"""Lines of evidence shown of one diagnosis."""
MOST_CODES = 6
DATE = r"[>\s]*\d{2,4}[-/.]\d\d[-/.]\d{2,4}[\sT]\s*"
STAMP = re.compile(rf"{DATE}\d\d:\d\d:\d\d[\d.:,Z]*\s+(?:\d{{1,10}}\s+[\dA-Fa-f]{{1,8}}\s+(?=\D))?")
"""Date, time, process and thread at the beginning of a line."""
CLOCK = re.compile(rf"{DATE}(\d\d:\d\d:\d\d)")
GAPS = re.compile(r"\s{2,}")
SURENESS = (
    (0.97, "practically certain"),
    (0.9, "very likely"),
    (0.75, "likely"),
    (0.5, "more likely than not"),
    (0.0, "possible"),
)


def sureness(confidence: float) -> str:
    """*confidence* in words."""
    return next(words for least, words in SURENESS if confidence >= least)


def title(found: Diagnosis, sheet: Sheet, number: str = "") -> Iterator[Text]:
    """Its badge and its title."""
    word = found.severity.word.upper()
    first = Text.assemble(number, (f" {word} " if sheet.color else word, BADGES[found.severity]), " ")
    return flow(words(found.title, sheet, "bold"), sheet.prose, first, first.cell_len)


def block(found: Diagnosis, sheet: Sheet, number: str = "", machine: str = "") -> Iterator[Text]:
    """All of it, behind its *number*; with its *machine* where there are several."""
    yield Text()
    yield from title(found, sheet, number)
    if machine:
        yield from labelled("Machine", [say(machine)], sheet)
    yield from labelled("Because", words(found.because, sheet), sheet)
    if found.codes or found.follow_ups:
        yield from labelled("Codes", chain(found.codes + found.follow_ups, sheet), sheet, sheet.width)
    yield from labelled("Seen", words(seen(found, sheet), sheet), sheet)
    yield from labelled("How sure", words(f"{sureness(found.confidence)}: {found.confidence_reason}", sheet), sheet)
    yield from _evidence(found.evidence, sheet)
    yield from _steps(found.fix, sheet)
    for at, reference in enumerate(found.references):
        yield from labelled("" if at else "See also", [say(reference, QUIET)], sheet)
    yield from labelled("Rule", [say(found.id, QUIET)], sheet)


def seen(found: Diagnosis, sheet: Sheet) -> str:
    """When first, when last, how often."""
    times = {1: "once", 2: "twice"}.get(found.count, f"{found.count} times")
    first, last = found.first_seen, found.last_seen
    if first is None or last is None:
        return times if first is last else f"{times}, {sheet.time(first or last)}"
    return f"{times}, {sheet.time(first)}" if first == last else f"{times}, {sheet.time(first)} to {sheet.time(last)}"


def chain(codes: Sequence[int], sheet: Sheet) -> Iterator[Text]:
    """Codes from the raw cause outward, each with its symbol."""
    for at, code in enumerate(codes[:MOST_CODES]):
        written = Text.assemble("→ " if at else "", (hex_code(code), CODE))
        symbol = sheet.symbols.get(code, "")
        if LABEL + written.cell_len + 1 + len(symbol) <= sheet.width:
            yield Text.assemble(written, " " * bool(symbol), symbol)
        else:
            yield from (written, Text(symbol))
    if len(codes) > MOST_CODES:
        yield say(f"… and {len(codes) - MOST_CODES} more", QUIET)


def _evidence(lines: Sequence[Evidence], sheet: Sheet) -> Iterator[Text]:
    yield say("  Evidence", QUIET)
    for line in lines[:MOST_LINES]:
        yield from proof(line, sheet)
    yield from more(len(lines) - MOST_LINES, indent=4)


def proof(line: Evidence, sheet: Sheet) -> Iterator[Text]:
    """A line that proves something: where it stands, when it was written, and what it says without its own stamp.

    What does not fit beside its place stands below it.
    """
    place = trimmed(str(line.place), sheet.width - 4)
    beside = sheet.width - 6 - cell_len(place)
    when = f"{sheet.time(line.when)}{_own_clock(line, sheet)}  " if line.when else ""
    text = STAMP.sub("", line.text, count=1) if when else line.text
    if when or cell_len(safe(text)) > beside:
        text = GAPS.sub("  ", text.strip())
    if len(when) + cell_len(safe(text)) <= beside:
        yield Text.assemble("    ", (place, QUIET), "  ", (when, QUIET), shortened(text, beside - len(when)))
        return
    fits = len(when) <= beside
    yield Text.assemble("    ", (place, QUIET), (f"  {when}" if fits else "", QUIET))
    yield Text.assemble(" " * 6, shortened(text if fits else when + text, sheet.width - 6))


def _own_clock(line: Evidence, sheet: Sheet) -> str:
    """The hour that stands in *line* itself, where the page shows another."""
    found = CLOCK.match(line.text)
    return f" ({found[1]} in the log)" if found and line.when and found[1] not in sheet.time(line.when) else ""


def _steps(fix: Sequence[str], sheet: Sheet) -> Iterator[Text]:
    if fix:
        yield say("  What to do", QUIET)
    for number, step in enumerate(fix, 1):
        first = Text.assemble("    ", (f"{number}.", COMMAND if sheet.color else ""), " ")
        yield from flow(words(step, sheet), sheet.prose, first, 7)

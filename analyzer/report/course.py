"""What happened, in order: the failures with the successes around them, equal ones folded."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from analyzer.model import Evidence, Operation, Outcome, Report, Severity, hex_code
from analyzer.report.cause import proof
from analyzer.report.escape import safe
from analyzer.report.page import CODE, QUIET, Sheet, heading, more, trimmed
from analyzer.subject import ASIDE

PLURAL = {"was cancelled": "were cancelled", "has no end here": "have no end here"}
FIRST, LAST = 8, 16
"""Rows shown where there are more: from the beginning, and from the end."""
MOST_FAILURES, MOST_LINES = 3, 3
"""Failures without a known cause that are shown with their lines, and lines of each."""
LEAST_NAME = 16
"""Columns without which the name of an update is not begun."""
LEAST_BESIDE = 48
"""With fewer columns beside an operation, its updates stand below it."""
BELOW = 20
SERVICES = {
    "117CAB2D-82B1-4B5A-A08C-4D62DBEE7782": "Microsoft Store",
    "3DA21691-E39D-4DA6-8A4B-B43877BCB1B7": "WSUS",
    "7971F918-A847-4430-9279-4A52D1EFE18D": "Microsoft Update",
    "855E8A7C-ECB4-4CA3-B045-1DFA50104289": "Microsoft Store",
    "8B24B027-1DEE-BABB-9A95-3517DFB9C552": "Windows Update (DCAT)",
    "9482F4B4-E343-43B6-B170-9A65BC822C77": "Windows Update",
}
"""The services that Microsoft runs or that every machine has; each has the same GUID everywhere."""
STYLES = {Outcome.SUCCEEDED: "green", Outcome.FAILED: "red", Outcome.CANCELLED: "yellow", Outcome.UNFINISHED: "yellow"}


def telling(operations: Sequence[Operation]) -> list[Operation]:
    """The failures and the successes of the same thing next to them; where nothing failed, the last of each kind.

    Where nothing came to its end, that is what was begun last.
    """
    kept: set[int] = set()
    before: dict[object, int] = {}
    failing: set[object] = set()
    for at, done in enumerate(operations):
        thing = _thing(done)
        if done.outcome is Outcome.FAILED:
            kept |= {at, before.get(thing, at)}
            failing.add(thing)
        elif done.outcome is Outcome.SUCCEEDED:
            if thing in failing:
                kept.add(at)
                failing.discard(thing)
            before[thing] = at
    return [operations[at] for at in sorted(kept or _last(operations))]


def _last(operations: Sequence[Operation]) -> set[int]:
    """The last success of each kind and the last that was cancelled; where there is neither, what was begun last."""
    last: dict[Outcome, dict[str, int]] = {outcome: {} for outcome in Outcome}
    for at, done in enumerate(operations):
        last[done.outcome][done.kind] = at
    ended = {at for outcome in (Outcome.SUCCEEDED, Outcome.CANCELLED) for at in last[outcome].values()}
    if any(operations[at].kind not in ASIDE for at in ended):
        return ended
    return ended | {at for kind, at in last[Outcome.UNFINISHED].items() if kind not in ASIDE}


def left_open(operations: Sequence[Operation]) -> str:
    """What was cancelled of kinds that never came to their end; where nothing did, what was begun too.

    A log breaks off anywhere: beside results, what is under way at its end tells nothing.
    """
    about = [done for done in operations if done.kind not in ASIDE]
    ended = {done.kind for done in about if done.outcome in (Outcome.SUCCEEDED, Outcome.FAILED)}
    counts = Counter[tuple[str, str]]()
    for done in about:
        if done.outcome is Outcome.CANCELLED and done.kind not in ended:
            counts[done.kind, "was cancelled"] += done.count
        elif not ended and done.outcome is Outcome.UNFINISHED:
            counts[done.kind, "has no end here"] += done.count
    return ", ".join(
        f"{count} {kind}{'s' * (count > 1)} {how if count == 1 else PLURAL[how]}"
        for (kind, how), count in counts.items()
    )


def _thing(done: Operation) -> object:
    """What it was about: its updates, else the service that was asked."""
    return done.kind, frozenset(update.id or update.name for update in done.updates) or done.service


def course(report: Report, sheet: Sheet) -> Iterator[Text]:
    """The section."""
    rows = telling(report.operations)
    if not rows:
        return
    yield from heading("What happened")
    wide = (max(len(done.kind) for done in rows), max(len(_outcome(done)) for done in rows))
    cut = len(rows) > FIRST + LAST + 1
    for done in rows[:FIRST] if cut else rows:
        yield from _row(done, sheet, wide)
    if cut:
        yield from more(len(rows) - FIRST - LAST, "rows here")
        for done in rows[-LAST:]:
            yield from _row(done, sheet, wide)
    whole = sum(done.count for done in report.operations)
    hidden = whole - sum(done.count for done in rows)
    yield from more(hidden, f"other operation{'s' * (hidden > 1)} (--format json has all)")


def unexplained(report: Report, sheet: Sheet) -> Iterator[Text]:
    """Where no cause is known: the failures with the lines that tell them."""
    failed = [done for done in report.operations if done.outcome is Outcome.FAILED and not done.recovered]
    if not failed or any(found.severity is not Severity.INFO for found in report.diagnoses):
        return
    yield from heading("Failures without a known cause")
    for done in failed[:MOST_FAILURES]:
        yield from _row(done, sheet, (len(done.kind), len(_outcome(done))))
        telling_lines = [seen for seen in done.events if seen.codes] or list(done.events)
        for seen in telling_lines[:MOST_LINES]:
            yield from proof(Evidence(seen.place, seen.text, seen.when), sheet)
    yield from more(len(failed) - MOST_FAILURES)


def _row(done: Operation, sheet: Sheet, wide: tuple[int, int]) -> Iterator[Text]:
    """One operation; its updates stand below it where there is no room beside it."""
    when = sheet.time(done.start or done.end)[:16]
    outcome = (f"{_outcome(done):<{wide[1]}}", STYLES[done.outcome])
    line = Text.assemble("  ", (f"{when:<16}", QUIET), f"  {done.kind:<{wide[0]}}  ", outcome, "  ")
    codes = _codes(done.chain, sheet.width - line.cell_len)
    room = sheet.width - line.cell_len - (len(codes) + 2 if codes else 0)
    below = room < LEAST_BESIDE and any(update.name for update in done.updates)
    what = "" if below else _what(done, sheet, room)
    yield Text.assemble(line, (codes, CODE), "  " if codes and what else "", what)
    if below:
        yield Text.assemble(" " * BELOW, _what(done, sheet, sheet.width - BELOW))


def _codes(chain: tuple[int, ...], room: int) -> str:
    """The raw cause and the outermost wrapper, or the cause alone."""
    for ends in (chain[:1] + chain[1:][-1:], chain[:1]):
        written = " → ".join(hex_code(code) for code in ends)
        if len(written) <= room:
            return written
    return ""


def _outcome(done: Operation) -> str:
    times = f" ×{done.count}" if done.count > 1 else ""
    return f"{done.outcome.value}{', recovered' * done.recovered}{', inferred' * done.inferred}{times}"


def _what(done: Operation, sheet: Sheet, room: int) -> str:
    """Which updates, of which service, until when, for whom: as much of it as there is room for."""
    named = ", ".join(update.name for update in done.updates[:3] if update.name)
    further = f" and {len(done.updates) - 3} more" if len(done.updates) > 3 else ""
    service = f"from {SERVICES.get(done.service.upper(), done.service)}" if done.service else ""
    begun = done.start or done.end
    later = done.count > 1 and done.last and (begun is None or done.last > begun)
    until = f"until {sheet.time(done.last)[:16]}" if later else ""
    caller = f"for {done.caller}" if done.caller else ""
    shown = trimmed(named + further, max(room - len(until) - 2 if until else room, LEAST_NAME)) if named else ""
    told = ""
    for part in (shown, until, service, caller):
        longer = f"{told}; {safe(part)}" if told and part else told or safe(part)
        told = longer if cell_len(longer) <= room else told
    return told

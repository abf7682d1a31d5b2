"""What stands around the diagnoses on the page: what was not judged, the machine, codes, problems, sources."""

from collections.abc import Collection, Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from analyzer.correlate.stream import CANCELLED, FAILURE, STOPPED
from analyzer.model import CodeCount, Fact, Machine, Report, SourceInfo, Unjudged, hex_code
from analyzer.report.escape import safe
from analyzer.report.page import CODE, LABEL, QUIET, Sheet, flow, heading, more, trimmed, words
from analyzer.vocabulary import known_inputs

MOST_ROWS = 12
MOST_TITLES = 2
"""Diagnoses named that wait for the same input."""
MOST_INPUTS = 6
"""Inputs named that would decide something."""
FRAGMENT = 20
FEW = 2
"""Of a text of fewer lines than a `FRAGMENT` more than a `FEW` inputs that would help are only named."""
MOST_VALUES = 4
"""Values shown of a fact that changed, the last ones."""
ENDED_EARLY = CANCELLED | STOPPED
"""Somebody ended the operation, or the machine was shut down: no failure."""
MENTIONED = "codes"
"""The format of a text that is read for nothing but its codes."""
MOST_FOREIGN = 3
"""Files of no known format that are named; the rest is counted."""


def unjudged(report: Report, sheet: Sheet) -> Iterator[Text]:
    """What could not be judged, and which input would settle it."""
    if not report.unjudged:
        return
    yield from heading("What could not be judged")
    given = {label for name, label in known_inputs().items() if name in _inputs(report)}
    waiting: dict[str, list[Unjudged]] = {}
    for rule in report.unjudged:
        for wanted in rule.wanted:
            waiting.setdefault(wanted, []).append(rule)
    count = len(report.unjudged)
    told = "One diagnosis needs" if count == 1 else f"{count} diagnoses need"
    yield from flow(words(f"{told} further input:", sheet), sheet.prose, Text("  "), 2)
    ranked = sorted(waiting.items(), key=lambda entry: -len(entry[1]))
    if len(ranked) > FEW and sum(info.lines for info in report.sources) < FRAGMENT:
        named = "; ".join(_wanted(wanted, given) for wanted, _ in ranked[:MOST_INPUTS])
        yield from flow(words(named, sheet), sheet.prose, Text("  "), 4)
        return
    for wanted, rules in ranked[:MOST_INPUTS]:
        titles = [rule.title for rule in sorted(rules, key=lambda rule: len(rule.wanted))]
        rest = [f"and {len(titles) - MOST_TITLES} more"] if len(titles) > MOST_TITLES else []
        line = (
            *words(f"{_wanted(wanted, given)}:", sheet, "bold"),
            *words("; ".join(titles[:MOST_TITLES] + rest), sheet),
        )
        yield from flow(line, sheet.prose, Text("  "), 4)
    left = len(ranked) - MOST_INPUTS
    yield from more(left, "further input" if left == 1 else "further inputs")


def _inputs(report: Report) -> set[str]:
    return {info.format.partition("-")[0] for info in report.sources}


def _wanted(wanted: str, given: Collection[str]) -> str:
    """How the input *wanted* is called; of one that was *given*, more."""
    return f"more of {wanted}" if wanted in given else wanted


def machines(report: Report, sheet: Sheet) -> Iterator[Text]:
    """What is known of each host."""
    for host in report.machines:
        if host.facts:
            yield from heading(f"Machine {host.name}".rstrip())
            yield from _facts(host, sheet)


def _facts(host: Machine, sheet: Sheet) -> Iterator[Text]:
    left = max(len(fact.name) for fact in host.facts)
    values: dict[str, list[Fact]] = {}
    for fact in host.facts:
        values.setdefault(fact.name, []).append(fact)
    for name, facts in values.items():
        if len(facts) > MOST_VALUES:
            yield Text.assemble("  ", (f"{name:<{left}}", QUIET), f"  {len(facts)} values, the last of them:")
        for at, fact in enumerate(facts[-MOST_VALUES:]):
            label = name if at == 0 and len(facts) <= MOST_VALUES else ""
            line = Text.assemble("  ", (f"{label:<{left}}", QUIET), "  ")
            since = f", {sheet.time(fact.when)[:16]}" if len(facts) > 1 and fact.when else ""
            yield _fact(line, fact, sheet.width, len(host.sources) == 1, since)


def _fact(line: Text, fact: Fact, width: int, one: bool, since: str) -> Text:
    """Its value, and where it stands if there is room; in *one* source, the line is enough."""
    room = width - line.cell_len
    shown = trimmed(fact.value or "(not set)", room)
    place = safe(f"line {fact.place.line}" if one and fact.place.line else str(fact.place)) + since
    fits = cell_len(shown) + 2 + cell_len(place) <= room
    return Text.assemble(line, shown, (f"  {place}" if fits else "", QUIET))


def others(report: Report) -> list[CodeCount]:
    """The codes that no diagnosis names and that healthy machines do not write, most frequent first."""
    named = {code for found in report.diagnoses for code in (*found.codes, *found.follow_ups)}
    return sorted(
        (counted for counted in report.codes if not counted.routine and counted.code not in named),
        key=lambda counted: (-counted.count, counted.first, counted.code),
    )


def unclaimed(report: Report) -> list[CodeCount]:
    """Of these the codes of failures that belong to no operation either."""
    claimed = ENDED_EARLY | {code for done in report.operations for code in done.chain}
    claimed |= {code for done in report.operations for event in done.events for code in event.codes}
    claimed |= _only_named(report)
    return [counted for counted in others(report) if counted.code & FAILURE and counted.code not in claimed]


def _only_named(report: Report) -> set[int]:
    """The codes that only texts of no known format name, where a log or another output was read too."""
    texts = {info.place for info in report.sources if info.format == MENTIONED}
    if all(info.format in ("", MENTIONED) for info in report.sources):
        return set()
    told = {code for event in report.events if event.place.at() not in texts for code in event.codes}
    return {counted.code for counted in report.codes if counted.first.at() in texts} - told


def unclaimed_codes(report: Report, sheet: Sheet) -> Iterator[Text]:
    """These, with their meanings."""
    if rest := unclaimed(report):
        yield from heading("Codes of failures that no operation here ends with")
        yield from _codes(rest, sheet)


def codes(report: Report, sheet: Sheet, routine: bool, told: bool = False) -> Iterator[Text]:
    """The codes that no diagnosis names, or if some were *told* what is left of them.

    Those that healthy machines write too stand here only if *routine*.
    """
    usual = [counted for counted in report.codes if counted.routine]
    before = {counted.code for counted in unclaimed(report)} if told else set()
    if rest := [counted for counted in others(report) if counted.code not in before]:
        yield from heading("Other codes that were written")
        yield from _codes(rest, sheet)
    if usual and routine:
        yield from heading("Routine codes: healthy machines write them too")
        for counted in usual:
            yield from _code(counted, sheet, counted.routine)
    elif usual:
        yield Text()
        what = "code" if len(usual) == 1 else "codes"
        yield from more(len(usual), f"routine {what} of healthy machines (--routine shows)", indent=0)


def _codes(rest: Sequence[CodeCount], sheet: Sheet) -> Iterator[Text]:
    for counted in rest[:MOST_ROWS]:
        yield from _code(counted, sheet, counted.meaning)
    yield from more(len(rest) - MOST_ROWS)


def _code(counted: CodeCount, sheet: Sheet, text: str) -> Iterator[Text]:
    first = Text.assemble("  ", (hex_code(counted.code), CODE), f" {f'×{counted.count}':<6}")
    symbol = [Text.assemble((counted.symbol, "bold"), ":" if text else "")] if counted.symbol else []
    return flow([*symbol, *words(text, sheet)], sheet.prose, first, LABEL + 9)


def problems(report: Report, sheet: Sheet) -> Iterator[Text]:
    """What could not be read, and what that costs."""
    if not report.problems:
        return
    yield from heading("What could not be read")
    for fault in report.problems[:MOST_ROWS]:
        lost = f" ({fault.lost} lost)" if fault.lost > 1 else ""
        place = trimmed(str(fault.place), sheet.width - 4)
        yield from flow(words(fault.text + lost, sheet), sheet.prose, Text.assemble("  ", (f"{place}: ", QUIET)), 4)
    yield from more(max(report.counts.get("problems", 0), len(report.problems)) - MOST_ROWS)


def sources(report: Report, sheet: Sheet) -> Iterator[Text]:
    """What was read, as what, and in which zone it was written."""
    if not report.sources:
        return
    yield from heading("Sources")
    foreign = [info for info in report.sources if not info.format]
    unnamed = max(report.counts.get("unknown", 0), len(foreign)) - MOST_FOREIGN
    for info in report.sources:
        if info.format:
            yield from _source(info, sheet)
    for info in foreign[:MOST_FOREIGN]:
        place = trimmed(str(info.place), sheet.width - 4)
        yield from flow(words(f"not used: {info.reason}", sheet), sheet.prose, Text.assemble("  ", place, "  "), 4)
    yield from more(unnamed, "files of no known format")


def _source(info: SourceInfo, sheet: Sheet) -> Iterator[Text]:
    facts = [f"{info.format}, {info.encoding}" if info.encoding else info.format]
    if info.lines:
        facts.append("1 line" if info.lines == 1 else f"{info.lines} lines")
    read = info.reason.rpartition("; ")[2]
    if read.endswith((" records read", " lines mended")):
        facts.append(read)
    if info.first and info.last:
        facts.append(f"{sheet.time(info.first)} to {sheet.time(info.last)}")
    if info.zone:
        facts.append(f"zone {info.zone.name}, {info.zone.known}: {info.zone.reason}")
    first = Text.assemble("  ", trimmed(str(info.place), sheet.width - 4), "  ")
    return flow(words("; ".join(facts), sheet, QUIET), sheet.width, first, 4)

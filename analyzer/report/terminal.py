"""The report as a page for a tired person: the verdict first, then proof, fix, and what else was seen."""

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo

from rich.text import Text

from analyzer.errors import CallError
from analyzer.model import CodeCount, Diagnosis, Outcome, Report, Severity, hex_code
from analyzer.report import cause, context, course
from analyzer.report.page import QUIET, Sheet, flow, sheet, words, written
from analyzer.subject import ASIDE
from analyzer.zone import zone_name, zone_named

MOST_NAMED = 3
"""Codes named in the headline."""


def render(
    report: Report,
    width: int | None = None,
    color: bool | None = None,
    zone: tzinfo | None = None,
    routine: bool = False,
) -> str:
    """*report* as text of *width* columns, its times in *zone*; None leaves each to the terminal and the logs."""
    shown_in = zone or stated_zone(report) or UTC
    symbols = {counted.code: counted.symbol for counted in report.codes if counted.symbol}
    paper = sheet(width, color, shown_in, symbols)
    return written(_page(report, paper, zone is not None, routine), paper)


def stated_zone(report: Report) -> tzinfo | None:
    """The zone of the first source that states one, else of the first that was aligned; if it travelled, the first."""
    zones = [info.zone for info in report.sources if info.zone and info.zone.known in ("stated", "aligned")]
    for zone in sorted(zones, key=lambda zone: zone.known == "aligned"):
        try:
            return zone_named(zone.name.split(" then ")[0].removeprefix("UTC") or "UTC")
        except CallError:
            continue
    return None


def _page(report: Report, paper: Sheet, asked: bool, routine: bool) -> Iterator[Text]:
    yield from _verdict(report, paper, asked)
    told = all(found.severity is Severity.INFO for found in report.diagnoses) and not has_results(report)
    if told:
        yield from context.unclaimed_codes(report, paper)
    several = len(report.machines) > 1
    for number, found in _numbered(report.diagnoses):
        yield from cause.block(found, paper, number, found.machine if several else "")
    yield from course.unexplained(report, paper)
    yield from course.course(report, paper)
    yield from context.machines(report, paper)
    if any(info.format for info in report.sources):
        yield from context.unjudged(report, paper)
    yield from context.codes(report, paper, routine, told)
    yield from context.problems(report, paper)
    yield from context.sources(report, paper)


def _verdict(report: Report, paper: Sheet, asked: bool) -> Iterator[Text]:
    text, style = verdict(report)
    yield from _flowing(text, paper, style)
    yield from _flowing(times(report, paper, asked), paper, QUIET)
    errors = sum(found.severity is Severity.ERROR for found in report.diagnoses)
    if errors > 1 or len(report.diagnoses) > 2:
        yield Text()
        for number, found in _numbered(report.diagnoses):
            yield from cause.title(found, paper, number)


def _numbered(diagnoses: Sequence[Diagnosis]) -> Iterator[tuple[str, Diagnosis]]:
    for number, found in enumerate(diagnoses, 1):
        yield f"{number}. " if len(diagnoses) > 1 else "", found


def _flowing(text: str, paper: Sheet, style: str) -> Iterator[Text]:
    return flow(words(text, paper, style), paper.prose, Text(), 0)


def verdict(report: Report) -> tuple[str, str]:
    """The one line that matters most, and its style."""
    titles: dict[Severity, list[str]] = {severity: [] for severity in Severity}
    for found in report.diagnoses:
        titles[found.severity].append(found.title)
    errors = titles[Severity.ERROR]
    if not any(info.format for info in report.sources):
        return "Nothing readable: no input has a format that is known.", "bold red"
    if errors:
        return f"1 cause found: {errors[0]}" if len(errors) == 1 else f"{len(errors)} causes found", "bold red"
    failed = sum(done.count for done in report.operations if done.outcome is Outcome.FAILED and not done.recovered)
    left = context.unclaimed(report)
    if warnings := titles[Severity.WARNING]:
        finding = "No operation is left with a failure" if left else "No failure found"
        finding = "No cause of the failures found" if failed else finding
        return f"{finding}, but: {_first(warnings)}", "bold yellow"
    if failed:
        return f"No known cause: {_counted(failed)} failed and nothing known explains why.", "bold yellow"
    if left:
        return _unclaimed(left, report, titles[Severity.INFO])
    if report.unread:
        return "Nothing could be read of what was given: whether it tells of a failure is not known.", "bold red"
    if notes := titles[Severity.INFO]:
        return f"No failure found. To be known: {_first(notes)}", "bold green"
    if recovered := sum(done.count for done in report.operations if done.recovered):
        return f"No failure found: {_counted(recovered)} failed and succeeded later.", "bold green"
    if report.counts.get("other times") and not (report.operations or report.events or report.codes):
        return "Nothing stands in the time asked for (--since, --until): that is no sign of health.", "bold yellow"
    if _is_silent(report):
        return (
            "Nothing to judge by: no operation, no state and no failure code stands in what was given.",
            "bold yellow",
        )
    if left_undone := course.left_open(report.operations):
        return f"No failure found, but: {left_undone}.", "bold yellow"
    return "No failure found.", "bold green"


def _is_silent(report: Report) -> bool:
    """Machines were read of, and nothing was told of them."""
    told = report.operations or report.events or report.codes or any(host.facts for host in report.machines)
    return bool(report.machines) and not told


def has_results(report: Report) -> bool:
    """Whether an operation about updates came to an end."""
    return any(done.kind not in ASIDE and done.outcome is not Outcome.UNFINISHED for done in report.operations)


def _unclaimed(left: Sequence[CodeCount], report: Report, notes: Sequence[str]) -> tuple[str, str]:
    """What stands in the text where codes of failures do, and no operation that failed with them."""
    named = [f"{hex_code(counted.code)} {counted.symbol}".rstrip() for counted in left[:MOST_NAMED]]
    more = f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
    noted = f" To be known: {_first(notes)}" if notes else ""
    if has_results(report):
        start, style = "No operation is left with a failure, though failure codes were written", "bold green"
    else:
        start, style = "No operation's result stands in the text, but failure codes do", "bold yellow"
    if len(left) == 1:
        start = start.replace("failure codes were", "a failure code was").replace(
            "failure codes do", "a failure code does"
        )
    return f"{start}: {', '.join(named)}{more}.{noted}", style


def _first(titles: Sequence[str]) -> str:
    return titles[0] if len(titles) == 1 else f"{titles[0]}, and {len(titles) - 1} more"


def _counted(count: int) -> str:
    return "1 operation" if count == 1 else f"{count} operations"


def times(report: Report, paper: Sheet, asked: bool) -> str:
    """From when to when the logs reach, in which zone the page shows times, and how that zone is known."""
    dated = [(info.first, info.last) for info in report.sources if info.first and info.last]
    period = ""
    if dated:
        first, last = min(first for first, _ in dated), max(last for _, last in dated)
        period = f"The logs reach from {paper.time(first)} to {paper.time(last)}. "
    known = "as asked with --zone" if asked else _how_known(report)
    return f"{period}Times are in {zone_name(paper.zone)}{known and ', '}{known}."


def _how_known(report: Report) -> str:
    zones = [info.zone for info in report.sources if info.zone]
    known = {zone.known for zone in zones}
    if "stated" in known:
        one = len({zone.name for zone in zones}) == 1
        if one and " then " in zones[0].name:
            return "the first that the log states; it changes there (see Sources)"
        return "stated by the log" if one else "stated by the first log that tells its zone (see Sources)"
    if "aligned" in known:
        return "aligned (see Sources)"
    return "assumed: the log does not tell its zone (--zone names it)" if "assumed" in known else ""

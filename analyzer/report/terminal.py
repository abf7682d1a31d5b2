"""The report as a page for a tired person: the verdict first, then proof, fix, and what else was seen."""

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo

from rich.text import Text

from analyzer.errors import CallError
from analyzer.model import Diagnosis, Operation, Outcome, Report, Severity
from analyzer.report import cause, context, course
from analyzer.report.page import QUIET, Sheet, sheet, words, written
from analyzer.zone import zone_name, zone_named


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
    return written(_page(report, paper, routine), paper)


def stated_zone(report: Report) -> tzinfo | None:
    """The zone of the first source that states one; of one that travelled, the first."""
    for info in report.sources:
        if info.zone and info.zone.known == "stated":
            try:
                return zone_named(info.zone.name.split(" then ")[0].removeprefix("UTC") or "UTC")
            except CallError:
                continue
    return None


def _page(report: Report, paper: Sheet, routine: bool) -> Iterator[Text]:
    yield from _verdict(report, paper)
    several = len(report.machines) > 1
    for number, found in _numbered(report.diagnoses):
        yield from cause.block(found, paper, number, found.machine if several else "")
    yield from context.unjudged(report, paper)
    yield from course.course(report, paper)
    yield from context.machines(report, paper)
    yield from context.codes(report, paper, routine)
    yield from context.problems(report, paper)
    yield from context.sources(report, paper)


def _verdict(report: Report, paper: Sheet) -> Iterator[Text]:
    text, style = verdict(report)
    yield from _flowing(text, paper, style)
    yield from _flowing(times(report, paper), paper, QUIET)
    if len(report.diagnoses) > 2:
        yield Text()
        for number, found in _numbered(report.diagnoses):
            yield from cause.title(found, paper, number)


def _numbered(diagnoses: Sequence[Diagnosis]) -> Iterator[tuple[str, Diagnosis]]:
    for number, found in enumerate(diagnoses, 1):
        yield f"{number}. " if len(diagnoses) > 1 else "", found


def _flowing(text: str, paper: Sheet, style: str) -> Iterator[Text]:
    first, *rest = words(text, paper, style)
    line = first
    for word in rest:
        if line.cell_len + 1 + word.cell_len > paper.prose:
            yield line
            line = word
        else:
            line = Text.assemble(line, " ", word)
    yield line


def verdict(report: Report) -> tuple[str, str]:
    """The one line that matters most, and its style."""
    errors = [found for found in report.diagnoses if found.severity is Severity.ERROR]
    warnings = [found for found in report.diagnoses if found.severity is Severity.WARNING]
    failed = [done for done in report.operations if _has_failed(done)]
    if not any(info.format for info in report.sources):
        return "Nothing readable: no input has a format that is known.", "bold red"
    if len(errors) == 1:
        return f"1 cause found: {errors[0].title}", "bold red"
    if errors:
        return f"{len(errors)} causes found", "bold red"
    if len(warnings) == 1:
        return (
            f"No failure explained, but: {warnings[0].title}"
            if failed
            else f"No failure found, but: {warnings[0].title}",
            "bold yellow",
        )
    if warnings:
        return f"No cause of failure found, but {len(warnings)} warnings", "bold yellow"
    if failed:
        times = sum(done.count for done in failed)
        return f"No known cause: {_counted(times, 'operation')} failed and nothing known explains why.", "bold yellow"
    recovered = sum(done.count for done in report.operations if done.recovered)
    if recovered:
        return f"No failure found: {_counted(recovered, 'operation')} failed and succeeded later.", "bold green"
    return "No failure found.", "bold green"


def _has_failed(done: Operation) -> bool:
    return done.outcome is Outcome.FAILED and not done.recovered


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def times(report: Report, paper: Sheet) -> str:
    """From when to when the logs reach, in which zone the page shows times, and how the zones are known."""
    dated = [(info.first, info.last) for info in report.sources if info.first and info.last]
    period = ""
    if dated:
        first, last = min(first for first, _ in dated), max(last for _, last in dated)
        period = f"The logs reach from {paper.time(first)} to {paper.time(last)}. "
    return f"{period}Times are in {zone_name(paper.zone)}{_how_known(report)}."


def _how_known(report: Report) -> str:
    known = {info.zone.known for info in report.sources if info.zone}
    if "stated" in known:
        return (
            ", stated by the log"
            if known == {"stated"}
            else ", stated by a log; others do not tell theirs (see Sources)"
        )
    if "assumed" in known:
        return ", assumed: the log does not tell its zone (--zone names it)"
    ways = {"aligned": "aligned with an event log", "given": "given with --zone"}
    return "".join(f", {ways[way]}" for way in sorted(known) if way in ways)

"""`timeline`: what happened, in order, as a table or as data."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from analyzer.cli import end_unreadable
from analyzer.cli.analyze import options_of, period

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from analyzer.analysis import Options
    from analyzer.model import Problem
    from analyzer.timeline import Row

FORMATS = ("table", "csv", "ndjson", "parquet")
TOLD = 5
"""Problems told on standard error; the rest is counted."""


@click.command(name="timeline")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Write to FILE, which appears only when complete.")
@period
@click.option("--all", "every", is_flag=True, help="Every line, not only those that mean something.")
def command(
    paths: tuple[str, ...],
    form: str,
    output: str | None,
    zone: str | None,
    since: str | None,
    until: str | None,
    every: bool,
) -> None:
    """List what happened, in order, as a table or as data.

    PATH is a log, a folder of collected files or an archive; - is standard input. Files are merged by time, none is
    reordered. In csv, a cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    from datetime import UTC

    from analyzer.report.write import write
    from analyzer.timeline import merged

    options = options_of(zone, since, until, every)
    problems: list[Problem] = []
    shown_in = options.zone or UTC
    rows = merged(_rows(paths, options, shown_in, problems))
    _tell(problems)
    write(_rendered(rows, form, shown_in, output), output)
    if not rows and not _is_any_known(paths):
        end_unreadable()


def _rows(paths: tuple[str, ...], options: "Options", zone: "tzinfo", problems: "list[Problem]") -> "Iterator[Row]":
    """The rows in the time asked for; problems are put aside."""
    from analyzer.analysis import records
    from analyzer.model import Problem
    from analyzer.timeline import row

    since, until = options.since, options.until
    for item in records(paths, options, stdin=sys.stdin.buffer):
        if isinstance(item, Problem):
            problems.append(item)
        elif (since is None and until is None) or _is_between(since, item.when, until):
            yield row(item, zone)


def _is_between(since: "datetime | None", when: "datetime | None", until: "datetime | None") -> bool:
    return when is not None and (since is None or when >= since) and (until is None or when <= until)


def _is_any_known(paths: tuple[str, ...]) -> bool:
    """An input has a known format, though no row came of it; standard input is spent."""
    from analyzer.detect import detect
    from analyzer.source import Source, sources

    found = sources(path for path in paths if path != "-")
    return any(isinstance(source, Source) and detect(source).format is not None for source in found)


def _tell(problems: "list[Problem]") -> None:
    from analyzer.report.escape import safe

    for problem in problems[:TOLD]:
        click.echo(f"patchtrail: {safe(f'{problem.place}: {problem.text}')}", err=True)
    if len(problems) > TOLD:
        click.echo(f"patchtrail: … and {len(problems) - TOLD} more problems", err=True)


def _rendered(rows: "list[Row]", form: str, zone: "tzinfo", output: str | None) -> str | bytes:
    from analyzer import timeline
    from analyzer.report import table

    if form == "table":
        return table.render(rows, zone, color=False if output not in (None, "-") else None)
    whole = timeline.frame(rows)
    match form:
        case "csv":
            return timeline.csv(whole)
        case "ndjson":
            return timeline.ndjson(whole)
        case _:
            return timeline.parquet(whole)

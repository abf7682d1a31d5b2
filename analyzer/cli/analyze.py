"""`analyze`: from paths to the page, or to the report as data."""

import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyzer.cli import end_unreadable
from analyzer.errors import CallError

if TYPE_CHECKING:
    from analyzer.analysis import Options
    from analyzer.model import Report

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FAIL_ON = ("error", "warning", "never")


def period(function: Callable[..., None]) -> Callable[..., None]:
    """The options that say which zone and which time are meant."""
    for option in (
        click.option("--until", metavar="TIME", help="Nothing after it; a date means the whole day."),
        click.option(
            "--since", metavar="TIME", help="Nothing before it: 2024-05-01 or 2024-05-01T13:00, in --zone or UTC."
        ),
        click.option(
            "--zone",
            metavar="ZONE",
            help="Show times in it and read logs in it that do not tell theirs: Europe/Amsterdam, +01:00, UTC.",
        ),
    ):
        function = option(function)
    return function


@click.command(name="analyze")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--format", "form", type=click.Choice(("text", "json", "ndjson")), default="text", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Write to FILE, which appears only when complete.")
@period
@click.option(
    "--all", "every", is_flag=True, help="Look at every line, not only at those that mean something; implies --routine."
)
@click.option("--routine", is_flag=True, help="Show the codes that healthy machines write too.")
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="never",
    show_default=True,
    help="Exit status 1 for such a diagnosis or a graver one.",
)
@click.option(
    "--diagnoses", "folders", type=FOLDER, multiple=True, help="Folder with further diagnoses; may be repeated."
)
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda *call: show_schema(*call),
    help="Print the JSON Schema of the report and end.",
)
def command(
    paths: tuple[str, ...],
    form: str,
    output: str | None,
    zone: str | None,
    since: str | None,
    until: str | None,
    every: bool,
    routine: bool,
    fail_on: str,
    folders: tuple[Path, ...],
) -> None:
    """Say what went wrong, with the lines that prove it and what to do.

    PATH is a log, a folder of collected files or an archive (.zip, .tar, .gz); - is standard input.
    """
    from analyzer.report.write import write

    options = options_of(zone, since, until, every, folders)
    report = _analyzed(paths, options)
    write(_rendered(report, form, options, output, routine or every), output)
    if not any(info.format for info in report.sources):
        end_unreadable()
    if report.unread:
        end_unreadable("nothing could be read of what was given")
    if _fails(report, fail_on):
        sys.exit(1)


def options_of(
    zone: str | None, since: str | None, until: str | None, every: bool, folders: tuple[Path, ...] = ()
) -> "Options":
    """The options of one run."""
    from analyzer.analysis import Options
    from analyzer.zone import zone_named

    place = zone_named(zone) if zone else None
    first, last = moment(since, place), moment(until, place, whole_day=True)
    if first and last and first > last:
        raise CallError(f"--since {since} is after --until {until}")
    return Options(zone=place, every=every, since=first, until=last, diagnoses=folders)


def moment(text: str | None, zone: tzinfo | None, *, whole_day: bool = False) -> datetime | None:
    """The ISO date or date-time *text* in UTC; without an offset it is in *zone*. A *whole_day* ends at midnight."""
    from datetime import UTC

    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
        if whole_day and len(text) <= len("2024-05-01"):
            when += timedelta(days=1, microseconds=-1)
        return (when if when.tzinfo else when.replace(tzinfo=zone or UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise CallError(f"{text!r} is no time: write 2024-05-01, 2024-05-01T13:00 or 2024-05-01T13:00+02:00") from fault


def show_schema(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    """Prints the schema and ends, if it is *wanted*."""
    if wanted:
        from analyzer.report.json import schema

        click.echo(schema(), nl=False)
        context.exit()


def _analyzed(paths: tuple[str, ...], options: "Options") -> "Report":
    from analyzer.analysis import analyze

    ticker = Ticker() if sys.stderr.isatty() else None
    try:
        return analyze(paths, options, stdin=sys.stdin.buffer, progress=ticker)
    finally:
        if ticker:
            ticker.clear()


def _rendered(report: "Report", form: str, options: "Options", output: str | None, routine: bool) -> str:
    from analyzer.report import json, ndjson

    data: Mapping[str, Callable[[Report], str]] = {"json": json.render, "ndjson": ndjson.render}
    if form in data:
        return data[form](report)
    from analyzer.report.terminal import render

    color = False if output not in (None, "-") else None
    return render(report, color=color, zone=options.zone, routine=routine)


def _fails(report: "Report", fail_on: str) -> bool:
    from analyzer.model import Severity

    if fail_on == "never":
        return False
    return any(found.severity <= Severity[fail_on.upper()] for found in report.diagnoses)


class Ticker:
    """Tells on standard error what is being read, once that takes longer than a second."""

    def __init__(self) -> None:
        self.next = time.monotonic() + 1
        self.shown = 0

    def __call__(self, source: str, done: int) -> None:
        if time.monotonic() < self.next:
            return
        from analyzer.report.escape import safe

        self.next = time.monotonic() + 0.2
        line = f"{done / 1e6:6.0f} MB of {safe(source)[-60:]}"
        click.echo(f"\r{line:<{self.shown}}", err=True, nl=False)
        self.shown = len(line)

    def clear(self) -> None:
        """Wipes what was told."""
        if self.shown:
            click.echo(f"\r{'':<{self.shown}}\r", err=True, nl=False)

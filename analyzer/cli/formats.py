"""`formats`: as what each input is read, how sure that is, and why."""

import sys

import click

from analyzer.cli import NOTHING_READABLE


@click.command(name="formats")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
def command(paths: tuple[str, ...]) -> None:
    """Say as what each input is read, and why.

    Format (or none), score from 0 to 1, encoding, the input, and the reason.
    """
    from analyzer.detect import detect
    from analyzer.model import Problem
    from analyzer.report.escape import safe
    from analyzer.source import sources

    known = False
    for source in sources(paths, stdin=sys.stdin.buffer):
        if isinstance(source, Problem):
            click.echo(f"patchtrail: {safe(f'{source.place}: {source.text}')}", err=True)
            continue
        found = detect(source)
        known = known or found.format is not None
        name = found.format.name if found.format else "none"
        encoding = source.encoding().name
        click.echo(
            f"{name:<21} {found.fit.score:4.2f}  {encoding:<9}  {safe(str(source.place))}  ({safe(found.fit.reason)})"
        )
    if not known:
        sys.exit(NOTHING_READABLE)

"""`rules`: the diagnoses as data, to list, to read and to check."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyzer.errors import CallError

if TYPE_CHECKING:
    from analyzer.rules import Rule

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_folders: Callable[..., Callable[..., None]] = click.option(
    "--diagnoses", "folders", type=FOLDER, multiple=True, help="Folder with further diagnoses; may be repeated."
)


@click.group(name="rules")
def command() -> None:
    """List, show and check the diagnoses."""


@command.command("list")
@_folders
def listed(folders: tuple[Path, ...]) -> None:
    """Name every diagnosis, its severity and its title."""
    from analyzer.rules import rules

    known = rules(folders)
    width = max((len(rule.id) for rule in known), default=0)
    for rule in known:
        click.echo(f"{rule.id:<{width}}  {rule.severity.word:<7}  {rule.title}")


@command.command()
@click.argument("name", metavar="ID")
@_folders
def show(name: str, folders: tuple[Path, ...]) -> None:
    """Show one diagnosis: when it is made, why, and what to do."""
    from analyzer.rules import rules

    known = {rule.id: rule for rule in rules(folders)}
    if name not in known:
        from difflib import get_close_matches

        near = get_close_matches(name, known, 3, 0.5)
        hint = f"is it {' or '.join(near)}?" if near else "`rules list` names them all"
        raise CallError(f"no diagnosis is called {name!r}; {hint}")
    click.echo("\n".join(_lines(known[name])))


@command.command()
@click.argument("folder", metavar="[DIR]", type=FOLDER, required=False)
def check(folder: Path | None) -> None:
    """Check the diagnoses in DIR, or the built-in ones; exit status 2 if anything is wrong."""
    from analyzer import rules

    problems = list(rules.check(folder))
    for problem in problems:
        click.echo(problem)
    if problems:
        sys.exit(CallError.exit_code)
    click.echo("no mistake found")


def _lines(rule: "Rule") -> Iterator[str]:
    yield f"{rule.id}: {rule.title}"
    yield f"severity    {rule.severity.word}"
    yield f"confidence  {rule.confidence}: {rule.confidence_reason}"
    yield from ("", "when", *(f"    {line}" for line in rule.when.strip().splitlines()))
    yield from ("", "because", f"    {' '.join(rule.because.split())}")
    yield from ("", "fix", *(f"    {number}. {' '.join(step.split())}" for number, step in enumerate(rule.fix, 1)))
    if rule.references:
        yield from ("", "references", *(f"    {reference}" for reference in rule.references))
    held = sum(example.holds for example in rule.examples)
    yield from ("", f"examples    {held} that hold, {len(rule.examples) - held} near misses")

"""`rules`: the diagnoses as data, to list, to read, to check, to try and to begin."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyzer.errors import CallError

if TYPE_CHECKING:
    from analyzer.rules import Rule
    from analyzer.trial import Trial

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
PLACE = click.Path(exists=True, path_type=Path)
STEP = "    "
_folders: Callable[..., Callable[..., None]] = click.option(
    "--diagnoses", "folders", type=FOLDER, multiple=True, help="Folder with further diagnoses; may be repeated."
)


@click.group(name="rules")
def command() -> None:
    """List, show, check, test and begin diagnoses."""


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
    """Show one diagnosis: when it is made (as written and in words), why, and what to do."""
    from analyzer.rules import rules

    click.echo("\n".join(_lines(_named(name, rules(folders)))))


@command.command()
@click.argument("places", metavar="[DIR|FILE...]", type=PLACE, nargs=-1)
def check(places: tuple[Path, ...]) -> None:
    """Check the diagnoses in folders or files, or the built-in ones; exit status 2 if anything is wrong.

    Each mistake is told with file, line, column and how to mend it.
    """
    from analyzer import rules
    from analyzer.report.escape import safe

    problems = [safe(problem, "\n") for problem in rules.check(*places)]
    for problem in problems:
        click.echo(problem)
    if problems:
        sys.exit(CallError.exit_code)
    click.echo("no mistake found")


@command.command()
@click.argument("names", metavar="[ID|DIR|FILE...]", nargs=-1)
@_folders
@click.option("-v", "--verbose", is_flag=True, help="Show the lines that matched for good examples too.")
def test(names: tuple[str, ...], folders: tuple[Path, ...], verbose: bool) -> None:
    """Try every example of the diagnoses named, or of all: those that hold and the near misses.

    One line an example; below one that is not as written, why. Exit status 0 if all are as written, else 2.
    """
    from analyzer.report.escape import safe
    from analyzer.rules import rules
    from analyzer.trial import trials

    ids = {rule.id for rule in rules(folders)}
    places = tuple(dict.fromkeys(Path(name) for name in names if name not in ids and _is_place(name)))
    known = rules((*folders, *places))
    chosen = _chosen([name for name in names if Path(name) not in places], places, known)
    number = wrong = 0
    for tried in _told(trials(chosen, known)):
        number, wrong = number + 1, wrong + (not tried.good)
        click.echo("\n".join(safe(line) for line in _outcome(tried, known, verbose)))
    if wrong:
        click.echo(f"{wrong} of {number} examples are not as written")
        sys.exit(CallError.exit_code)
    click.echo(f"{number} examples are as written")


@command.command()
@click.argument("name", metavar="ID")
@click.option("--code", "codes", multiple=True, metavar="CODE", help="A code that it is about; may be repeated.")
@click.option(
    "--log", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Log whose first failure it is about."
)
@click.option(
    "-o", "--output", "folder", type=FOLDER, default=Path(), help="Folder to write it to; else the current one."
)
def new(name: str, codes: tuple[str, ...], log: Path | None, folder: Path) -> None:
    """Write the skeleton ID.toml of a diagnosis that passes `rules check` and `rules test`.

    Its texts come from the code book; with --log, condition and example from the first failed operation in that log,
    with hosts, addresses and names of people replaced: read the example before you share it.
    """
    from analyzer.skeleton import skeleton

    target = folder / f"{name}.toml"
    if target.exists():
        raise CallError(f"{target} exists already; choose another name or take it away")
    text = skeleton(name, codes, log)
    try:
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as fault:
        raise CallError(f"{target}: cannot be written ({fault.strerror or fault})") from fault
    click.echo(f"{target} is written; change what it says, then: patchtrail rules test {target}")


@command.command()
@click.argument("word", required=False, default="")
def words(word: str) -> None:
    """Name what conditions and texts may say: subjects, filters, flags, facts, kinds of events, groups of codes.

    With WORD only what holds it in its name or meaning.
    """
    from analyzer.lexicon import vocabulary

    found = [row for row in vocabulary() if word.casefold() in " ".join(row[1:]).casefold()]
    if not found:
        raise CallError(f"no word of conditions has {word!r} in its name or meaning; try a shorter one")
    width = max(len(name) for _, name, _ in found)
    for sort, name, meaning in found:
        click.echo(f"{sort:<7}  {name:<{width}}  {meaning}".rstrip())


def _is_place(name: str) -> bool:
    return name.endswith(".toml") or Path(name).is_dir()


def _chosen(names: Iterable[str], places: Iterable[Path], known: Iterable["Rule"]) -> list["Rule"]:
    """The rules that are named or stand in *places*, in the order of *known*; all if nothing is named."""
    from analyzer.rules import ids_in

    known = tuple(known)
    wanted = {_named(name, known).id for name in names}
    for place in places:
        found = set(ids_in(place))
        if not found:
            raise CallError(f"no diagnosis stands in {place}: its files end in .toml")
        wanted |= found
    return [rule for rule in known if rule.id in wanted or not wanted]


def _named(name: str, known: Iterable["Rule"]) -> "Rule":
    found = {rule.id: rule for rule in known}
    if name not in found:
        from difflib import get_close_matches

        near = get_close_matches(name, found, 3, 0.5)
        hint = f"is it {' or '.join(near)}?" if near else "`rules list` names them all"
        raise CallError(f"no diagnosis is called {name!r}; {hint}")
    return found[name]


def _told(tried: Iterable["Trial"]) -> Iterator["Trial"]:
    """The trials as they are; on a terminal it is told which diagnosis is tried."""
    shown = ""
    for one in tried:
        if sys.stderr.isatty() and not sys.stdout.isatty() and one.rule.id != shown:
            click.echo(f"\r{one.rule.id:<60}", err=True, nl=False)
            shown = one.rule.id
        yield one
    if shown:
        click.echo(f"\r{'':<60}\r", err=True, nl=False)


def _outcome(tried: "Trial", known: tuple["Rule", ...], verbose: bool) -> Iterator[str]:
    from analyzer.trial import proof, reasons

    yield f"{'ok    ' if tried.good else 'FAILED'}  {tried.name}: {tried.example.why or 'no reason is written'}"
    if not tried.good:
        yield from (f"{STEP}{line}" for line in reasons(tried, known))
    elif verbose:
        yield from (f"{STEP}{line}" for line in proof(tried))


def _group(name: str, members: str) -> Iterator[str]:
    from textwrap import wrap

    yield from wrap(f"{name} is {members}", 100, initial_indent=STEP, subsequent_indent=STEP * 2)


def _lines(rule: "Rule") -> Iterator[str]:
    from analyzer.language import parsed
    from analyzer.words import groups_named, words_of

    tree = parsed(rule.when)
    yield f"{rule.id}: {rule.title}"
    yield f"severity    {rule.severity.word}"
    yield f"confidence  {rule.confidence}: {rule.confidence_reason}"
    yield from ("", "when", *(f"{STEP}{line}" for line in rule.when.strip().splitlines()))
    yield from ("", "in words", *(f"{STEP}{line}" for line in words_of(tree)))
    groups = dict(groups_named(tree))
    if groups:
        yield from ("", "groups of codes", *(line for name in groups for line in _group(name, groups[name])))
    yield from ("", "because", f"{STEP}{' '.join(rule.because.split())}")
    yield from ("", "fix", *(f"{STEP}{number}. {' '.join(step.split())}" for number, step in enumerate(rule.fix, 1)))
    if rule.references:
        yield from ("", "references", *(f"{STEP}{reference}" for reference in rule.references))
    held = sum(example.holds for example in rule.examples)
    yield from ("", f"examples    {held} that hold, {len(rule.examples) - held} near misses")

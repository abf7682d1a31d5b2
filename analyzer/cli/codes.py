"""`codes`: search the code book, write it out, and check its data files."""

import csv
import io
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from analyzer.codebook import facts, families, meaning, spaces
from analyzer.codebook.book import lookup
from analyzer.codebook.notation import shown
from analyzer.codebook.search import Hit, search
from analyzer.data import folder
from analyzer.errors import CallError, DataError

LANG = click.option("--lang", default=meaning.ENGLISH, show_default=True, help="Language of the texts, such as nl.")


@click.group(name="codes")
def command() -> None:
    """The code book as a whole."""


@command.command(name="search")
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many codes to show.")
@LANG
def search_command(words: tuple[str, ...], form: str, limit: int, lang: str) -> None:
    """Find codes by words of their name, meaning or kind, best first."""
    meaning.demand(lang)
    hits = search(words, lang)
    if not hits:
        raise CallError(f"no code has {shown(' '.join(words))!r} in its name, meaning or kind: try a shorter word")
    if form == "json":
        click.echo(json.dumps([_hit(hit) for hit in hits[:limit]], indent=2, ensure_ascii=False))
        return
    width = max(40, shutil.get_terminal_size((80, 24)).columns)
    for hit in hits[:limit]:
        click.echo("\n".join(_line(hit, width)))
    if len(hits) > limit:
        click.echo(f"… {len(hits) - limit} more: raise --limit")


def _value(space: str, number: int) -> str:
    """The number as it is met in logs: a Win32 or ESE error as the HRESULT it mostly hides in."""
    match space:
        case "win32" if number:
            return f"0x{0x80070000 | number:08X}"
        case "jet" if number < 0:
            return f"0x{0xC8000000 | -number:08X}"
        case _:
            return spaces.write(number, space)


def _hit(hit: Hit) -> Mapping[str, object]:
    return {
        "code": _value(hit.space, hit.number),
        "space": hit.space,
        "number": hit.number,
        "symbol": hit.symbol,
        "meaning": hit.says,
    }


def _line(hit: Hit, width: int) -> Iterator[str]:
    head = f"{_value(hit.space, hit.number):<12}{hit.symbol}"
    yield head if hit.space == "hresult" else f"{head} ({hit.space} {spaces.write(hit.number, hit.space)})"
    if hit.says:
        says = " " * 12 + hit.says
        yield says if len(says) <= width else says[: width - 1] + "…"


@command.command(name="export")
@click.option("--format", "form", type=click.Choice(("csv", "json")), default="csv", show_default=True)
@click.option("--family", "only", multiple=True, help="Only this family; may be given more than once.")
@LANG
def export_command(form: str, only: tuple[str, ...], lang: str) -> None:
    """Write every code of the book, with its meaning, to standard output."""
    meaning.demand(lang)
    known = families.spaces_of_families()
    if stranger := next((name for name in only if name not in known), ""):
        raise CallError(f"no family {shown(stranger)!r}: choose {', '.join(known)}")
    rows = [row for family in known if not only or family in only for row in _rows(family, lang)]
    if form == "json":
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else ["code"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    click.echo(text.getvalue(), nl=False)


def _rows(family: str, lang: str) -> Iterator[Mapping[str, str]]:
    space = families.spaces_of_families()[family]
    written = {spaces.read(key, space) for key in meaning.names_in(family) if key != "family"}
    for number in sorted(facts.facts_of(family).keys() | written):
        code = lookup(number & spaces.MASK, space=space, lang=lang)
        yield {
            "code": spaces.write(number, space),
            "space": space,
            "hex": _value(space, number),
            "symbol": code.symbol,
            "aliases": " ".join(code.aliases),
            "family": family,
            "severity": code.severity,
            "role": code.role,
            "group": code.group,
            "meaning": code.meaning,
            "cause": code.cause,
            "next_step": code.next_step,
            "source": code.source,
            "since": code.since,
        }


@command.command(name="check")
@click.argument("place", required=False, metavar="[FOLDER]", type=click.Path(path_type=Path))
def check_command(place: Path | None) -> None:
    """Check the data files of the book, or of another FOLDER laid out like it."""
    from analyzer.codebook.check import check

    if place is not None and not place.is_dir():
        raise CallError(f"no folder {shown(str(place))!r}: give one laid out like codes/")
    faults = list(check(place or folder("codes")))
    for fault in faults:
        click.echo(fault)
    if faults:
        raise DataError(f"{len(faults)} faults in the code book: mend the lines above")
    known = families.spaces_of_families()
    numbers = sum(len(facts.facts_of(family)) for family in known)
    texts = {lang: sum(len(meaning.names_in(family, lang)) - 1 for family in known) for lang in meaning.languages()}
    told = ", ".join(f"{count} meanings in {lang}" for lang, count in texts.items())
    click.echo(f"All is well: {numbers} named numbers in {len(known)} families, {told}.")

"""`explain`: what codes mean, given on the command line or standing in a text on standard input."""

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence

import click

from analyzer.codebook import card as cards
from analyzer.codebook import meaning, notation
from analyzer.codebook.card import Card
from analyzer.codebook.mentions import Found, find
from analyzer.codebook.spaces import SPACES
from analyzer.errors import CallError


@click.command(name="explain", context_settings={"ignore_unknown_options": True})
@click.argument("codes", nargs=-1, metavar="CODE...", type=click.UNPROCESSED)
@click.option("--format", "form", type=click.Choice(("text", "json", "md")), default="text", show_default=True)
@click.option("--lang", default=meaning.ENGLISH, show_default=True, help="Language of the texts, such as nl.")
@click.option("--space", default="", metavar="SPACE", help=f"Table of a bare number: {', '.join(SPACES)}.")
def command(codes: tuple[str, ...], form: str, lang: str, space: str) -> None:
    """Say what codes mean, what causes them in updating, and what to do.

    CODE is written as people do: 0x8024402C, 8024402c, -2145107924, HTTP 403, %%1058, EC 1603, a symbol,
    0xC1900101-0x4000D. A single - reads a text from standard input and explains every code in it, once.
    """
    meaning.demand(lang)
    if space and space not in SPACES:
        raise CallError(f"unknown space {notation.shown(space)!r}: choose {', '.join(SPACES)}")
    if not codes:
        raise CallError("no code given: try `explain 0x8024402C`, or `explain -` to read a text")
    if codes == ("-",):
        _explain_text(_standard_input(), form, lang)
        return
    shown, faults = _cards(_joined(codes), space, lang)
    if shown:
        click.echo(_FORMS[form](shown))
    if faults:
        raise CallError("; ".join(faults))


def _joined(codes: Sequence[str]) -> list[str]:
    """The arguments, with `0xC1900101 - 0x4000D` and `HTTP 403` put together again where the shell split them."""
    whole: list[str] = []
    for code in codes:
        if whole and (whole[-1].endswith(" -") or whole[-1].upper() in ("HTTP", "EC")):
            whole[-1] += f" {code}"
        elif whole and code == "-":
            whole[-1] += " -"
        else:
            whole.append(code)
    return whole


def _cards(codes: Iterable[str], space: str, lang: str) -> tuple[list[Card], list[str]]:
    shown, faults = [], []
    for text in codes:
        if text.startswith("--"):
            raise CallError(f"no option {notation.shown(text)!r}: see `explain --help`")
        try:
            found = notation.parse(text, space)
        except CallError as fault:
            faults.append(str(fault))
        else:
            shown.append(cards.card(found.value, found.space, lang, extend=found.extend, bare=found.bare))
    return shown, faults


def _as_text(shown: Sequence[Card]) -> str:
    width = shutil.get_terminal_size((80, 24)).columns
    return "\n\n".join(cards.as_text(item, width) for item in shown)


def _as_markdown(shown: Sequence[Card]) -> str:
    return "\n\n".join(map(cards.as_markdown, shown))


def _as_json(shown: Sequence[Card]) -> str:
    return json.dumps([cards.as_data(item) for item in shown], indent=2, ensure_ascii=False)


_FORMS: dict[str, Callable[[Sequence[Card]], str]] = {"text": _as_text, "md": _as_markdown, "json": _as_json}


def _standard_input() -> list[str]:
    data = sys.stdin.buffer.read()
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return data.decode("utf-16" if wide else "utf-8-sig", "replace").splitlines()


def _explain_text(lines: Iterable[str], form: str, lang: str) -> None:
    found = find(lines, lang)
    shown = [cards.card(item.code.value, _space(item), lang, extend=item.extend) for item in found]
    if form == "json":
        seen = ({"count": item.count, "line": item.line} for item in found)
        both = [{**cards.as_data(one), **place} for one, place in zip(shown, seen, strict=True)]
        click.echo(json.dumps(both, indent=2, ensure_ascii=False))
    elif not found:
        click.echo(meaning.word("words", "labels", "nothing", lang))
    elif form == "md":
        click.echo(_as_markdown(shown))
    else:
        click.echo("\n\n".join(_noted(one, item, lang) for one, item in zip(shown, found, strict=True)))


def _space(found: Found) -> str:
    """The space to look a found code up in again: small numbers are no HRESULTs."""
    if found.code.value > 0xFFFF:
        return "hresult"
    return "http" if found.code.family == "http" else found.code.space


def _noted(shown: Card, found: Found, lang: str) -> str:
    width = shutil.get_terminal_size((80, 24)).columns
    label = meaning.word("words", "labels", "line", lang)
    times = f", {found.count} {meaning.word('words', 'labels', 'times', lang)}" if found.count > 1 else ""
    line = "".join(char if char.isprintable() else " " for char in found.text)
    place = f"{label} {found.line}{times}: "
    room = max(20, width - len(place))
    return place + (line if len(line) <= room else line[: room - 3] + "...") + "\n" + cards.as_text(shown, width, "  ")

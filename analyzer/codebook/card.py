"""What is shown of a code: as text for a terminal, as Markdown, and as data for JSON."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

from msgspec import Struct

from analyzer.codebook import meaning, spaces
from analyzer.codebook.book import lookup
from analyzer.codebook.code import Code, Relation
from analyzer.codebook.extend import Stage, stage
from analyzer.codebook.relations import related

MOST_RELATIONS = 6
_LABELS = ("says", "cause", "next", "stage", "operation", "group", "reads", "aliases", "related", "also")
_ELSEWHERE = ("win32", "http", "bugcheck", "cmprob")


class Card(Struct, frozen=True):
    """A code with all that is said about it, ready to be shown."""

    code: Code
    lang: str
    relations: tuple[Relation, ...]
    stage: Stage | None
    elsewhere: tuple[Code, ...]
    """The same small number in other tables."""


def card(value: int, space: str, lang: str, *, extend: int | None = None, bare: bool = False) -> Card:
    """The card of one code."""
    code = lookup(value, space=space, lang=lang)
    others = (lookup(value, space=other, lang=lang) for other in _ELSEWHERE if other != code.space) if bare else ()
    return Card(
        code,
        lang,
        related(code),
        None if extend is None else stage(extend, lang),
        tuple(other for other in others if other.symbol and (other.family != "http" or value >= 100)),
    )


def number_of(code: Code) -> str:
    """The number as people write it: hex for 32-bit values, decimal for small ones."""
    if code.space == "jet" and code.value >> 16 == 0xFFFF:
        return str(spaces.signed(code.value))
    return str(code.value) if code.value <= 0xFFFF and code.space != "bugcheck" else f"0x{code.value:08X}"


def rows(shown: Card) -> Iterator[tuple[str, str]]:
    """Label and text of each row below the head, in the language of the card."""
    code = shown.code
    untranslated = "" if code.lang == shown.lang else f" {_label('untranslated', shown)}"
    yield _label("says", shown), code.meaning + untranslated
    if shown.stage:
        yield _label("stage", shown), _joined(shown.stage.phase_words, shown.stage.phase)
        yield _label("operation", shown), _joined(shown.stage.operation_words, shown.stage.operation)
    yield _label("cause", shown), code.cause
    yield _label("next", shown), code.next_step
    yield _label("group", shown), _kind(shown)
    yield _label("reads", shown), " · ".join(_readings(shown))
    if code.aliases:
        yield _label("aliases", shown), ", ".join(code.aliases)
    if shown.relations:
        yield _label("related", shown), "; ".join(_relations(shown))
    if shown.elsewhere:
        yield _label("also", shown), "; ".join(f"{other.reading} {other.symbol}" for other in shown.elsewhere)


def as_text(shown: Card, width: int, indent: str = "") -> str:
    """The card for a terminal of *width* columns."""
    body = list(rows(shown))
    left = max(len(_label(key, shown)) for key in _LABELS) + 2
    name = shown.code.symbol or f"({_label('none', shown)})"
    lines = [f"{indent}{number_of(shown.code)}  {name}"]
    for label, text in body:
        margin = indent + "  " + " " * left
        first, *more = wrap(text, max(20, min(width, 112) - len(margin)), break_on_hyphens=False) or [""]
        lines.append(f"{indent}  {label:<{left}}{first}")
        lines += (margin + line for line in more)
    return "\n".join(lines)


def as_markdown(shown: Card) -> str:
    """The card as a Markdown section."""
    title = f"## `{number_of(shown.code)}` {shown.code.symbol}".rstrip()
    return "\n".join([title, "", *(f"- **{label}:** {text}" for label, text in rows(shown))])


def as_data(shown: Card) -> Mapping[str, object]:
    """The card for JSON."""
    code = shown.code
    return {
        "hex": f"0x{code.value:08X}",
        "signed": spaces.signed(code.value),
        "value": code.value,
        "space": code.space,
        "number": code.number,
        "symbol": code.symbol,
        "aliases": list(code.aliases),
        "facility": code.facility,
        "severity": code.severity,
        "role": code.role,
        "group": code.group,
        "meaning": code.meaning,
        "cause": code.cause,
        "next_step": code.next_step,
        "reading": code.reading,
        "family": code.family,
        "lang": code.lang,
        "known": code.known,
        "source": code.source,
        "since": code.since,
        "related": [_relation_data(link) for link in shown.relations],
        "setup_stage": _stage_data(shown.stage),
    }


def _relation_data(link: Relation) -> Mapping[str, str]:
    return {"kind": link.kind, "code": spaces.write(link.value, link.space), "symbol": link.symbol}


def _stage_data(found: Stage | None) -> Mapping[str, str] | None:
    if found is None:
        return None
    return {"extend": f"0x{found.value:X}", "phase": found.phase, "operation": found.operation}


def _label(key: str, shown: Card) -> str:
    return meaning.word("words", "labels", key, shown.lang)


def _kind(shown: Card) -> str:
    code = shown.code
    title = meaning.word("groups", code.group, "title", shown.lang) if code.group else ""
    role = meaning.word("words", "roles", code.role, shown.lang)
    return " · ".join(part for part in (f"{code.group} ({title})" if title else "", role) if part)


def _readings(shown: Card) -> Iterator[str]:
    code = shown.code
    yield f"{code.reading} ({meaning.word('words', 'severities', code.severity, shown.lang)})"
    if code.value > 0xFFFF:
        yield f"{spaces.signed(code.value)}"
        yield f"{code.value}"
    if not code.symbol and spaces.is_customer(code.value) and code.value >> 28 != 0xE:
        yield _label("customer", shown)
    if code.source == "listing":
        yield _label("listing", shown)


def _relations(shown: Card) -> Iterator[str]:
    """Relations gathered by kind: `may wrap 0x80070005 ERROR_ACCESS_DENIED, 0x80070070 ERROR_DISK_FULL`."""
    kinds: dict[str, list[str]] = {}
    for link in shown.relations[:MOST_RELATIONS]:
        kinds.setdefault(link.kind, []).append(_named(link))
    for kind, names in kinds.items():
        yield f"{meaning.word('words', 'relations', kind, shown.lang)} {', '.join(names)}"


def _named(link: Relation) -> str:
    if link.space == "jet":
        return f"{spaces.signed(link.value)} {link.symbol}"
    prefix = {"win32": "Win32 ", "http": "HTTP "}.get(link.space, "")
    return prefix + f"{spaces.write(link.value, link.space)} {'' if prefix else link.symbol}".strip()


def _joined(*parts: Sequence[str] | str) -> str:
    first, second = parts
    return f"{first} ({second})" if second else str(first)

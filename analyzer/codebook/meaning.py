"""Meanings in our own words: `codes/meaning/<family>.toml`, and the same below a folder for each further language.

A look-up reads one section, not the whole file: the file is cut at its section headers, and only the section wanted
goes through the TOML parser. `check` reads the files whole.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from analyzer.codebook.rows import text_of
from analyzer.data import folder
from analyzer.errors import CallError, DataError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

ENGLISH = "en"
KEYS = frozenset({"says", "cause", "next", "role", "group"})
_HEADER = re.compile(r"^\[([A-Za-z0-9_-]+)\][ \t]*(?:#.*)?$", re.MULTILINE)


class Prose(Struct, frozen=True):
    """What is written of one code in one language; role and group stand in the English file only."""

    says: str = ""
    cause: str = ""
    next: str = ""
    role: str = ""
    group: str = ""
    lang: str = ENGLISH
    """The language of the texts: English where the one asked for has none."""


class Sections(Struct, frozen=True):
    """A TOML file cut at its headers: name of each section with its first and last offset."""

    file: str
    text: str
    spans: Mapping[str, tuple[int, int]]


@cache
def languages() -> tuple[str, ...]:
    """The languages there are texts for: English, and every folder below `codes/meaning`."""
    return (ENGLISH, *sorted(entry.name for entry in (folder("codes") / "meaning").iterdir() if entry.is_dir()))


def demand(lang: str) -> None:
    """Refuse a language without texts."""
    if lang != ENGLISH and lang not in languages():
        raise CallError(f"no texts in language {lang!r}: choose {', '.join(languages())}")


def path_of(name: str, lang: str) -> str:
    """Path of a meaning file below `codes/`."""
    return f"meaning/{name}.toml" if lang == ENGLISH else f"meaning/{lang}/{name}.toml"


def cut(path: str, root: "Traversable | None" = None) -> Sections:
    """The file cut at its headers."""
    text = text_of(path, root)
    heads = list(_HEADER.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    spans = {head[1]: (head.start(), end) for head, end in zip(heads, ends, strict=True)}
    return Sections(f"codes/{path}", text, spans)


def parse(sections: Sections, name: str) -> Mapping[str, str]:
    """The section *name*, empty where there is none; a fault names file, line and column."""
    import tomllib

    span = sections.spans.get(name)
    if span is None:
        return {}
    try:
        found: Mapping[str, str] = tomllib.loads(sections.text[slice(*span)])[name]
    except tomllib.TOMLDecodeError as fault:
        above = sections.text.count("\n", 0, span[0])
        line, column = place_of(fault)
        text = f"broken TOML in [{name}]: {fault}"
        raise DataError(text, file=sections.file, line=above + line, column=column) from None
    return found


def place_of(fault: Exception) -> tuple[int, int]:
    """Line and column that a TOML error names; (1, 0) where it names none."""
    found = re.search(r"at line (\d+), column (\d+)", str(fault))
    return (int(found[1]), int(found[2])) if found else (1, 0)


@cache
def _cut_of_book(name: str, lang: str) -> Sections:
    path = path_of(name, lang)
    if lang != ENGLISH and not (folder("codes") / "meaning" / lang / f"{name}.toml").is_file():
        return Sections(f"codes/{path}", "", {})
    return cut(path)


def names_in(name: str, lang: str = ENGLISH) -> tuple[str, ...]:
    """The sections of a meaning file."""
    return tuple(_cut_of_book(name, lang).spans)


@cache
def section(name: str, key: str, lang: str) -> Mapping[str, str]:
    """Section *key* of a meaning file of the book, in *lang* alone; empty where it is missing."""
    return parse(_cut_of_book(name, lang), key)


def prose(family: str, key: str, lang: str) -> Prose:
    """What is written of a code: wholly in *lang*, or wholly in English where *lang* has nothing on it."""
    english = section(family, key, ENGLISH)
    texts = (section(family, key, lang) if lang != ENGLISH else english) or english
    group = english.get("group", "") or section(family, "family", ENGLISH).get("group", "")
    spoken = ENGLISH if english and texts is english else lang
    role = english.get("role", "")
    return Prose(
        texts.get("says", ""),
        texts.get("cause", "") or word("words", role, "cause", spoken) or word("groups", group, "cause", spoken),
        texts.get("next", "") or word("words", role, "next", spoken) or word("groups", group, "next", spoken),
        role,
        group,
        spoken,
    )


def word(name: str, section_name: str, key: str, lang: str) -> str:
    """One text of `groups`, `words` or a family's own section, in English where *lang* lacks it."""
    if lang != ENGLISH and (text := section(name, section_name, lang).get(key)):
        return text
    return section(name, section_name, ENGLISH).get(key, "")


def known_groups() -> frozenset[str]:
    """The vocabulary of groups."""
    return frozenset(names_in("groups"))

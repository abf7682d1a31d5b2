"""Validation of the data files: everything that a look-up takes for granted, said with file and line."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from analyzer.codebook import code, extend, facilities, facts, families, meaning, relations, spaces
from analyzer.codebook.families import Range
from analyzer.codebook.rows import table
from analyzer.errors import DataError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

FAMILY_KEYS = frozenset({"title", "says", "cause", "next", "group"})
GROUP_KEYS = frozenset({"title", "cause", "next"})
SOURCE_COLUMNS = ("source", "origin", "terms")
_SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SLOT = re.compile(r"\{(\w+)\}")

Document = Mapping[str, Mapping[str, str]]


def check(root: "Traversable") -> Iterator[str]:
    """Every fault of the data files below *root*, as `file:line: what is wrong`; none where all is well."""
    try:
        ranges = families.ranges(root)
        words = {lang: _whole(root, meaning.path_of("words", lang)) for lang in _languages(root)}
        groups = {lang: _whole(root, meaning.path_of("groups", lang)) for lang in _languages(root)}
    except DataError as fault:
        yield str(fault)
        return
    for family, space in {stretch.family: stretch.space for stretch in ranges}.items():
        yield from _caught(_facts(root, family, space, ranges))
        yield from _caught(_meaning(root, family, space, ranges, frozenset(groups[meaning.ENGLISH])))
    for lang in words:
        yield from _translation("words", lang, words)
        yield from _translation("groups", lang, groups)
    yield from _strangers(root, {stretch.family for stretch in ranges})
    yield from _caught(_tables(root))


def _caught(faults: Iterator[str]) -> Iterator[str]:
    """The faults found one by one, and last the one that kept the file from being read at all."""
    try:
        yield from faults
    except DataError as fault:
        yield str(fault)


def _languages(root: "Traversable") -> tuple[str, ...]:
    return (meaning.ENGLISH, *sorted(entry.name for entry in (root / "meaning").iterdir() if entry.is_dir()))


def _facts(root: "Traversable", family: str, space: str, ranges: tuple[Range, ...]) -> Iterator[str]:
    facts.read_facts(family, space, root)
    known = {row[0] for row in table("sources.csv", SOURCE_COLUMNS, root).rows}
    rows = table(f"facts/{family}.csv", facts.COLUMNS, root)
    before, seen = None, set()
    for line, (text, symbol, alias_of, _since, source) in rows.lines():
        where = f"{rows.file}:{line}"
        try:
            number = spaces.read(text, space)
        except ValueError:
            yield f"{where}: {text!r} is not written as space {space} writes its numbers"
            continue
        if before is not None and number < before:
            yield f"{where}: {text} stands after a larger number: sort the file"
        if not _SYMBOL.fullmatch(symbol):
            yield f"{where}: {symbol!r} is no symbol"
        if (number, symbol) in seen or (not alias_of and number == before):
            yield f"{where}: {text} {symbol} stands twice: give the second name as an alias"
        if source not in known:
            yield f"{where}: {symbol} has no source that sources.csv lists"
        if families.holder(number, space, ranges) != family:
            yield f"{where}: {text} belongs to {families.holder(number, space, ranges) or 'no family'}, by families.csv"
        before = number
        seen.add((number, symbol))


def _meaning(
    root: "Traversable", family: str, space: str, ranges: tuple[Range, ...], groups: frozenset[str]
) -> Iterator[str]:
    english = _whole(root, meaning.path_of(family, meaning.ENGLISH))
    for lang in _languages(root):
        path = meaning.path_of(family, lang)
        document = english if lang == meaning.ENGLISH else _whole(root, path)
        lines = _lines(root, path)
        for name, entry in document.items():
            where = f"codes/{path}:{lines.get(name, 1)}"
            allowed = FAMILY_KEYS if name == "family" else meaning.KEYS
            if lang != meaning.ENGLISH:
                allowed = allowed - {"role", "group"}
                if name not in english:
                    yield f"{where}: [{name}] does not stand in the English file"
            yield from (f"{where}: {fault}" for fault in _section(name, entry, allowed, groups))
            if name != "family" and not _belongs(name, space, family, ranges):
                yield f"{where}: [{name}] is not a number of {family}, written as space {space} does"


def _belongs(name: str, space: str, family: str, ranges: tuple[Range, ...]) -> bool:
    try:
        number = spaces.read(name, space)
    except ValueError:
        return False
    return name == spaces.write(number, space) and families.holder(number, space, ranges) == family


def _section(name: str, entry: Mapping[str, str], allowed: frozenset[str], groups: frozenset[str]) -> Iterator[str]:
    for key, text in entry.items():
        if key not in allowed:
            yield f"unknown key {key!r} in [{name}]: use {', '.join(sorted(allowed))}"
        elif not isinstance(text, str) or not text.strip():
            yield f"{key} of [{name}] is empty or no text"
    if name != "family" and "says" not in entry:
        yield f"[{name}] does not say what it means: add says"
    if entry.get("role", "cause") not in code.ROLES:
        yield f"unknown role {entry['role']!r} in [{name}]: use {', '.join(code.ROLES)}"
    if entry.get("group") and entry["group"] not in groups:
        yield f"unknown group {entry['group']!r} in [{name}]: add it to groups.toml or use one that is there"


def _translation(name: str, lang: str, documents: Mapping[str, Document]) -> Iterator[str]:
    """A translation may leave texts out, but must not add any, nor name other slots."""
    english = documents[meaning.ENGLISH]
    for section, entry in documents[lang].items():
        for key, text in entry.items():
            where = f"codes/{meaning.path_of(name, lang)}: [{section}] {key}"
            if key not in english.get(section, {}):
                yield f"{where} does not stand in the English file"
            elif set(_SLOT.findall(text)) - set(_SLOT.findall(english[section][key])):
                yield f"{where} names a slot that the English text does not have"
        if name == "groups" and lang == meaning.ENGLISH and set(entry) != GROUP_KEYS:
            yield f"codes/meaning/groups.toml: [{section}] must have {', '.join(sorted(GROUP_KEYS))}"


def _strangers(root: "Traversable", known: set[str]) -> Iterator[str]:
    """Files that no family of families.csv owns, so that nothing would read them."""
    folders = ["facts", "meaning", *(f"meaning/{lang}" for lang in _languages(root)[1:])]
    for folder in folders:
        place = root
        for part in folder.split("/"):
            place = place / part
        for entry in sorted(place.iterdir(), key=lambda entry: entry.name):
            stem = entry.name.rsplit(".", 1)[0]
            if entry.is_file() and stem not in known and not (folder != "facts" and stem in ("groups", "words")):
                yield f"codes/{folder}/{entry.name}: no family of families.csv bears this name"


def _tables(root: "Traversable") -> Iterator[str]:
    relations.read_links(root)
    facilities.read(table("facilities.csv", facilities.COLUMNS, root))
    table("extend_codes.csv", extend.COLUMNS, root)
    yield from ()


def _whole(root: "Traversable", path: str) -> Document:
    """A TOML file read as a whole."""
    import tomllib

    sections = meaning.cut(path, root)
    try:
        document: Document = tomllib.loads(sections.text)
    except tomllib.TOMLDecodeError as fault:
        line, column = meaning.place_of(fault)
        raise DataError(f"broken TOML: {fault}", file=sections.file, line=line, column=column) from None
    odd = set(document) - set(sections.spans)
    if odd:
        raise DataError(f"write the header of {min(odd)} as [name], alone on its line", file=sections.file)
    return document


def _lines(root: "Traversable", path: str) -> Mapping[str, int]:
    sections = meaning.cut(path, root)
    return {name: sections.text.count("\n", 0, start) + 1 for name, (start, _) in sections.spans.items()}

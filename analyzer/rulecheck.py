"""Every mistake in the file of a diagnosis, with file, line, column and how to mend it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from string import Formatter
from typing import Any

from analyzer import conditioncheck
from analyzer.errors import DataError, Spot
from analyzer.language import parsed
from analyzer.mend import near
from analyzer.model import Severity
from analyzer.rulefile import EXAMPLE_KEYS, KEYS, OPTIONAL, head, table, value_spot
from analyzer.vocabulary import known_facts

KINDS: Mapping[type, str] = {
    str: 'a text in quotes: {key} = "…"',
    float: "a number: {key} = 0.8",
    int: "a whole number: {key} = 1",
    list: 'a list of texts: {key} = ["…", "…"]',
}
PLACEHOLDERS = frozenset({"cause", "meaning", "next_step", "updates", "kind", "times", "code"})
"""What `title`, `because` and `fix` may name in braces, besides the facts (with `_` for `-`)."""
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
RANKS = range(4)


def mistakes(id: str, text: str, file: str) -> Iterator[DataError]:
    """Every mistake in the diagnosis *id* in the order of its file; what has no place comes last."""
    yield from sorted(_mistakes(id, text, file), key=lambda fault: (fault.line or len(text), fault.column))


def _mistakes(id: str, text: str, file: str) -> Iterator[DataError]:
    try:
        data = table(text, file)
    except DataError as fault:
        yield fault
        return
    if not ID.fullmatch(id):
        mend = re.sub(r"[^a-z0-9]+", "-", id.lower()).strip("-") or "my-diagnosis"
        yield DataError(f"`{id}` is no name of a diagnosis; call the file {mend}.toml", file=file)
    plain = {key: value for key, value in data.items() if key not in ("holds", "fails")}
    yield from key_mistakes(plain, text, file)
    if isinstance(when := plain.get("when"), str):
        yield from condition_mistakes(when, text, file)
    yield from _example_mistakes(data, text, file)


def key_mistakes(data: Mapping[str, object], text: str, file: str) -> Iterator[DataError]:
    """The mistakes in the keys and their values, but for the condition."""
    for key in KEYS:
        if key not in data:
            below = re.search(rf"^{key}\s*=", text[len(head(text)) :], re.MULTILINE)
            mend = "stands below an example; move it above the first [[holds]] or [[fails]]" if below else "is missing"
            line = text.count("\n", 0, len(head(text)) + below.start()) + 1 if below else 0
            yield DataError(f"`{key}` {mend}", file=file, line=line)
    for key, value in data.items():
        wanted = KEYS.get(key) or OPTIONAL.get(key)
        spot = value_spot(text, key, file)
        if wanted is None:
            message = f"`{key}` is no key of a diagnosis; {near(key, {*KEYS, *OPTIONAL})}"
            yield DataError(message, file=file, line=spot.line, column=1)
        elif not _is(value, wanted):
            yield spot.fault(f"`{key}` must be {KINDS[wanted].format(key=key)}")
        else:
            yield from _value_mistakes(key, value, text, spot)


def _is(value: object, wanted: type) -> bool:
    if isinstance(value, bool):
        return False
    if wanted is list:
        return isinstance(value, list) and all(isinstance(part, str) for part in value)
    return isinstance(value, wanted) or (wanted is float and isinstance(value, int))


def _value_mistakes(key: str, value: Any, text: str, spot: Spot) -> Iterator[DataError]:
    severities = [severity.word for severity in Severity]
    if key in KEYS and key != "when" and value in ("", []):
        yield spot.fault(f"`{key}` is empty; write {KINDS[KEYS[key]].format(key=key)}")
    elif key == "severity" and value not in severities:
        yield spot.fault(f"`severity` is error, warning or info; {near(value, severities)}")
    elif key == "confidence" and not 0 < value <= 1:
        yield spot.fault("`confidence` is above 0 and at most 1, such as 0.8: how often such a diagnosis is right")
    elif key == "rank" and value not in RANKS:
        yield spot.fault("`rank` is 0 (the machine's state proves it), 1 (a cause), 2 or 3 (only what is left)")
    elif key == "each" and value not in ("", "cause"):
        yield spot.fault('`each` is "cause" or left out')
    elif key in ("title", "because", "fix"):
        yield from _placeholder_mistakes(value if isinstance(value, list) else [value], key, text, spot)


def _placeholder_mistakes(texts: Iterable[str], key: str, text: str, spot: Spot) -> Iterator[DataError]:
    names = PLACEHOLDERS | {name.replace("-", "_") for name in known_facts()}
    for each in texts:
        try:
            parts = [(name, spec, turned) for _, name, spec, turned in Formatter().parse(each) if name is not None]
        except ValueError as fault:
            yield spot.fault(f"`{key}`: {fault}; write {{{{ and }}}} for braces")
            continue
        for name, spec, turned in dict.fromkeys(parts):
            if name in names and (spec or turned):
                yield _spot_of(f"{{{name}", text, spot).fault(f"`{key}`: write {{{name}}}, without `:` and `!`")
            elif name not in names:
                at = _spot_of(f"{{{name}", text, spot)
                mend = near(name, names, conditioncheck.LIST)
                braces = "braces themselves are written {{ and }}"
                yield at.fault(f"`{key}` names {{{name}}}, which is nothing known; {braces}; {mend}")


def _spot_of(wanted: str, text: str, spot: Spot) -> Spot:
    """Where *wanted* stands in *text* at or after *spot*; *spot* itself where it is written in another way."""
    for number, line in enumerate(text.split("\n")[max(spot.line - 1, 0) :], max(spot.line, 1)):
        if wanted in line:
            return Spot(spot.file, number, line.index(wanted) + 1)
    return spot


def condition_mistakes(when: str, text: str, file: str) -> Iterator[DataError]:
    """The mistakes in the condition *when* of the file *text*."""
    spot = value_spot(text, "when", file)
    try:
        tree = parsed(when, spot)
    except DataError as fault:
        yield fault
        return
    yield from conditioncheck.mistakes(tree, spot)


def _example_mistakes(data: Mapping[str, Any], text: str, file: str) -> Iterator[DataError]:
    yield from entry_mistakes(data, text, file)
    for word, meaning in (("holds", "a log from which it must be made"), ("fails", "a near miss")):
        if not data.get(word):
            mend = f"add {meaning}: [[{word}]], then why = \"…\" and log = '''…'''"
            yield DataError(f"no example under [[{word}]]; {mend}", file=file)


def entry_mistakes(data: Mapping[str, Any], text: str, file: str) -> Iterator[DataError]:
    """The mistakes in the examples."""
    for word in ("holds", "fails"):
        entries = data.get(word, [])
        lines = [number for number, line in enumerate(text.split("\n"), 1) if line.startswith(f"[[{word}]]")]
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            first = re.search(rf"^[ \t]*(?:\[{word}\]|{word}\b)", text, re.MULTILINE)
            line = text.count("\n", 0, first.start()) + 1 if first else 0
            yield DataError(f"`{word}` must be a table: write [[{word}]]", file=file, line=line)
            continue
        for number, entry in enumerate(entries):
            line = lines[number] if number < len(lines) else 0
            if not isinstance(entry.get("log"), str):
                yield DataError(f"[[{word}]] needs a `log`: log = '''…'''", file=file, line=line)
            for key in entry:
                if key not in (*EXAMPLE_KEYS, *KEYS):
                    mend = near(key, EXAMPLE_KEYS)
                    yield DataError(
                        f"`{key}` is no key of an example; {mend}", file=file, line=_key_line(text, key, line)
                    )


def _key_line(text: str, key: str, after: int) -> int:
    for number, line in enumerate(text.split("\n")[after:], after + 1):
        if re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return after

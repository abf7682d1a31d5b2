"""Diagnoses as data: `codes/diagnoses/<id>.toml`, one file each, with the examples that prove it."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Formatter
from typing import Any

from analyzer.condition import compiled
from analyzer.data import folder
from analyzer.errors import DataError
from analyzer.model import Severity
from analyzer.verdict import Test
from analyzer.vocabulary import known_facts

KEYS: Mapping[str, type] = {
    "title": str,
    "severity": str,
    "confidence": float,
    "confidence_reason": str,
    "when": str,
    "because": str,
    "fix": list,
}
OPTIONAL: Mapping[str, type] = {"rank": int, "each": str, "references": list}
EXAMPLES = re.compile(r"^\[\[(?:holds|fails)\]\]", re.MULTILINE)
"""Where the examples begin; they stand last in the file."""
PLACEHOLDERS = frozenset({"cause", "meaning", "next_step", "updates", "kind", "times", "code"})
"""What `title`, `because` and `fix` may name in braces, besides the facts (with `_` for `-`)."""


@dataclass(frozen=True, slots=True)
class Example:
    """A log and whether the diagnosis must be made from it."""

    log: str
    holds: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One diagnosis as its file tells it."""

    id: str
    title: str
    severity: Severity
    confidence: float
    confidence_reason: str
    when: str
    because: str
    fix: tuple[str, ...]
    references: tuple[str, ...]
    rank: int
    """0: proved by the state of the machine; 1: a cause of its own; each looks only at what no lower rank explains."""
    each: str
    """`cause`: one diagnosis for each cause found; empty: one for all."""
    test: Test
    file: str
    text: str

    @property
    def examples(self) -> tuple[Example, ...]:
        """Its examples; read only when asked for, a run of the program does not need them."""
        return tuple(_examples(_toml(self.text, self.file), self.text, self.file))


@cache
def rules(extra: tuple[Path, ...] = ()) -> tuple[Rule, ...]:
    """All diagnoses, those of the folders *extra* in place of built-in ones of the same id; sorted by rank and id."""
    known: dict[str, Rule] = {}
    for place in (folder("codes").joinpath("diagnoses"), *extra):
        for file in _files(place):
            text, own = file.read_text("utf-8"), place not in extra
            rule = read(file.name.removesuffix(".toml"), text, _shown(file, place), checked=not own)
            known[rule.id] = rule
    return tuple(sorted(known.values(), key=lambda rule: (rule.rank, rule.id)))


def check(place: Path | None = None) -> Iterator[str]:
    """The mistakes in the diagnoses of *place* (the built-in ones if None), one line each."""
    root: Traversable | Path = place if place is not None else folder("codes").joinpath("diagnoses")
    for file in _files(root):
        try:
            rule = read(file.name.removesuffix(".toml"), file.read_text("utf-8"), _shown(file, root))
            examples = rule.examples
        except DataError as fault:
            yield str(fault)
            continue
        for wanted, word in ((True, "[[holds]]"), (False, "[[fails]]")):
            if not any(example.holds is wanted for example in examples):
                yield f"{rule.file}: no example under {word}"


def _files(place: Traversable | Path) -> list[Traversable | Path]:
    if not place.is_dir():
        raise DataError("there is no such folder of diagnoses", file=str(place))
    return sorted((file for file in place.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)


def _shown(file: Traversable | Path, place: Traversable | Path) -> str:
    return (
        str(file)
        if isinstance(place, Path) and not str(place).endswith("codes/diagnoses")
        else f"codes/diagnoses/{file.name}"
    )


def read(id: str, text: str, file: str, *, checked: bool = True) -> Rule:
    """The diagnosis *id* written as TOML *text*; DataError names *file* and line of a mistake."""
    examples = EXAMPLES.search(text)
    data = _toml(text[: examples.start()] if examples else text, file)
    _check_keys(data, text, file)
    severities = {severity.word: severity for severity in Severity}
    if data["severity"] not in severities:
        raise DataError("`severity` is error, warning or info", file=file, line=_line(text, "severity"))
    if not 0 < data["confidence"] <= 1:
        raise DataError("`confidence` is above 0 and at most 1", file=file, line=_line(text, "confidence"))
    if data.get("each", "") not in ("", "cause"):
        raise DataError('`each` is "cause" or left out', file=file, line=_line(text, "each"))
    for key in ("title", "because", "fix"):
        _check_placeholders(data[key] if isinstance(data[key], list) else [data[key]], key, text, file)
    return Rule(
        id,
        data["title"],
        severities[data["severity"]],
        float(data["confidence"]),
        data["confidence_reason"],
        data["when"].strip(),
        " ".join(data["because"].split()),
        tuple(data["fix"]),
        tuple(data.get("references", ())),
        data.get("rank", 1),
        data.get("each", ""),
        compiled(data["when"], file=file, line=_line(text, "when"), checked=checked),
        file,
        text,
    )


def _toml(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        at = re.search(r"line (\d+), column (\d+)", str(fault))
        line, column = (int(at[1]), int(at[2])) if at else (0, 0)
        raise DataError(f"not valid TOML: {fault}", file=file, line=line, column=column) from fault


def _check_keys(data: Mapping[str, object], text: str, file: str) -> None:
    for key, kind in KEYS.items():
        if key not in data:
            raise DataError(f"`{key}` is missing", file=file)
        if not isinstance(data[key], kind) and not (kind is float and isinstance(data[key], int)):
            raise DataError(f"`{key}` must be a {kind.__name__}", file=file, line=_line(text, key))
    for key, value in data.items():
        if key not in KEYS and key not in OPTIONAL:
            raise DataError(f"`{key}` is no key of a diagnosis", file=file, line=_line(text, key))
        if key in OPTIONAL and not isinstance(value, OPTIONAL[key]):
            raise DataError(f"`{key}` must be a {OPTIONAL[key].__name__}", file=file, line=_line(text, key))


def _check_placeholders(texts: Iterable[str], key: str, text: str, file: str) -> None:
    facts = {name.replace("-", "_") for name in known_facts()}
    for each in texts:
        try:
            names = {name for _, name, _, _ in Formatter().parse(each) if name is not None}
        except ValueError as fault:
            raise DataError(
                f"`{key}`: {fault}; write {{{{ and }}}} for braces", file=file, line=_line(text, key)
            ) from fault
        for name in names - PLACEHOLDERS - facts:
            raise DataError(f"`{key}` names {{{name}}}, which is nothing known", file=file, line=_line(text, key))


def _examples(data: Mapping[str, object], text: str, file: str) -> Iterator[Example]:
    for word in ("holds", "fails"):
        entries = data.get(word, ())
        assert isinstance(entries, list | tuple)
        for entry in entries:
            if not isinstance(entry, dict) or not isinstance(entry.get("log"), str):
                raise DataError(f"[[{word}]] needs a `log`", file=file, line=_line(text, f"[[{word}]]"))
            yield Example(entry["log"], word == "holds", str(entry.get("why", "")))


def _line(text: str, key: str) -> int:
    """The line of *text* on which *key* stands."""
    start = key if key.startswith("[") else rf"{re.escape(key)}\s*="
    pattern = re.escape(key) if key.startswith("[") else start
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(pattern, line):
            return number
    return 0

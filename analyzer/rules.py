"""Diagnoses as data: `codes/diagnoses/<id>.toml`, one file each, with the examples that prove it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path

from analyzer.condition import compiled
from analyzer.data import folder
from analyzer.errors import DataError
from analyzer.model import Severity
from analyzer.rulecheck import entry_mistakes, key_mistakes, mistakes
from analyzer.rulefile import Example, examples, head, table, text_of, value_spot
from analyzer.verdict import Test


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
        for fault in entry_mistakes(table(self.text, self.file), self.text, self.file):
            raise fault
        return examples(self.text, self.file)


@cache
def rules(extra: tuple[Path, ...] = ()) -> tuple[Rule, ...]:
    """All diagnoses by rank and id; those of *extra*, folders or files, in place of built-in ones of the same id."""
    known: dict[str, Rule] = {}
    for place in (folder("codes").joinpath("diagnoses"), *extra):
        for file in _files(place):
            text, own = text_of(file, _shown(file, place)), place not in extra
            rule = read(file.name.removesuffix(".toml"), text, _shown(file, place), checked=not own)
            known[rule.id] = rule
    return tuple(sorted(known.values(), key=lambda rule: (rule.rank, rule.id)))


def check(*places: Path) -> Iterator[str]:
    """The mistakes in the diagnoses of *places*, folders or files (the built-in ones if none), one line each."""
    seen: dict[str, str] = {}
    for place in places or (folder("codes").joinpath("diagnoses"),):
        for file in _files(place):
            shown, id = _shown(file, place), file.name.removesuffix(".toml")
            if id.lower() in seen:
                yield f"{shown}: `{id}` stands in {seen[id.lower()]} too; give one of them another name"
            seen.setdefault(id.lower(), shown)
            try:
                yield from (str(fault) for fault in mistakes(id, text_of(file, shown), shown))
            except DataError as fault:
                yield str(fault)


def ids_in(place: Path) -> Iterator[str]:
    """The names of the diagnoses in the folder or file *place*."""
    yield from (file.name.removesuffix(".toml") for file in _files(place))


def _files(place: Traversable | Path) -> list[Traversable | Path]:
    if isinstance(place, Path) and place.is_file():
        return [place]
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
    data = table(head(text), file)
    for fault in key_mistakes(data, text, file):
        raise fault
    spot = value_spot(text, "when", file)
    return Rule(
        id,
        data["title"],
        Severity[data["severity"].upper()],
        float(data["confidence"]),
        data["confidence_reason"],
        data["when"].strip(),
        " ".join(data["because"].split()),
        tuple(data["fix"]),
        tuple(data.get("references", ())),
        data.get("rank", 1),
        data.get("each", ""),
        compiled(data["when"], file=file, line=spot.line, column=spot.column, checked=checked),
        file,
        text,
    )

"""Diagnoses as data: `codes/diagnoses/<id>.toml`, one file each, with the examples that prove it."""

import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from analyzer.branch import packed
from analyzer.cache import kept, program, state
from analyzer.condition import test_of
from analyzer.data import folder
from analyzer.errors import DataError
from analyzer.model import Severity
from analyzer.rulefile import Example, examples, head, table, text_of, value_spot
from analyzer.verdict import Test

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


class Rule(Struct, frozen=True):
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
    source: Callable[[], str]
    """Reads what its file says."""

    @property
    def text(self) -> str:
        """What its file says."""
        return self.source()

    @property
    def examples(self) -> tuple[Example, ...]:
        """Its examples; read only when asked for, a run of the program does not need them."""
        from analyzer.rulecheck import entry_mistakes

        text = self.text
        for fault in entry_mistakes(table(text, self.file), text, self.file):
            raise fault
        return examples(text, self.file)


@cache
def rules(extra: tuple[Path, ...] = ()) -> tuple[Rule, ...]:
    """All diagnoses by rank and id, those of *extra* (folders or files) in place of built-in ones of the same id."""
    known = {rule.id: rule for rule in _built_in()}
    for place in extra:
        for file in _files(place):
            rule = read(_id(file), text_of(file, _shown(file, place)), _shown(file, place))
            known[rule.id] = rule
    return tuple(sorted(known.values(), key=lambda rule: (rule.rank, rule.id)))


def _built_in() -> Iterator[Rule]:
    """Kept between runs as they are once read: to parse TOML and conditions takes longer than most logs."""
    place = folder("codes").joinpath("diagnoses")
    files = {_id(file): (file, _shown(file, place)) for file in _files(place)}

    def make() -> bytes:
        parsed = {id: _parsed(text_of(file, shown), shown, checked=False) for id, (file, shown) in files.items()}
        return json.dumps(parsed).encode()

    states = (state(file) for file, _ in files.values())
    content = kept("diagnoses", (program("branch", "language", "rulefile", "rules"), *states), make)
    for id, data in json.loads(content).items():
        file, shown = files[id]
        yield _rule(id, data, shown, partial(text_of, file, shown))


def check(*places: Path) -> Iterator[str]:
    """The mistakes in the diagnoses of *places*, folders or files (the built-in ones if none), one line each."""
    from analyzer.rulecheck import mistakes

    seen: dict[str, str] = {}
    for place in places or (folder("codes").joinpath("diagnoses"),):
        files = _files(place)
        if not files:
            yield f"{place}: no diagnosis stands in it; name the folder that holds the .toml files, or a file"
        for file in files:
            shown, id = _shown(file, place), _id(file)
            if id.lower() in seen:
                yield f"{shown}: `{id}` stands in {seen[id.lower()]} too; give one of them another name"
            seen.setdefault(id.lower(), shown)
            try:
                yield from (str(fault) for fault in mistakes(id, text_of(file, shown), shown))
            except DataError as fault:
                yield str(fault)


def ids_in(place: Path) -> Iterator[str]:
    """The names of the diagnoses in the folder or file *place*."""
    yield from (_id(file) for file in _files(place))


def _files(place: "Traversable | Path") -> "list[Traversable | Path]":
    if isinstance(place, Path) and place.is_file():
        return [place]
    if not place.is_dir():
        raise DataError("there is no such folder of diagnoses", file=str(place))
    return sorted((file for file in place.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)


def _shown(file: "Traversable | Path", place: "Traversable | Path") -> str:
    return (
        str(file)
        if isinstance(place, Path) and not str(place).endswith("codes/diagnoses")
        else f"codes/diagnoses/{file.name}"
    )


def _id(file: "Traversable | Path") -> str:
    return file.name.removesuffix(".toml")


def read(id: str, text: str, file: str) -> Rule:
    """The diagnosis *id* written as TOML *text*; DataError names *file* and line of a mistake."""
    return _rule(id, _parsed(text, file), file, lambda: text)


def _parsed(text: str, file: str, *, checked: bool = True) -> dict[str, Any]:
    """The keys of a diagnosis and its condition as a tree, *checked* for words that mean nothing."""
    from analyzer.conditioncheck import checked as without_mistakes  # slow to import; not needed where all is kept
    from analyzer.language import parsed
    from analyzer.rulecheck import key_mistakes

    data = table(head(text), file)
    for fault in key_mistakes(data, text, file):
        raise fault
    spot = value_spot(text, "when", file)
    return {**data, "tree": packed((without_mistakes if checked else parsed)(data["when"], spot))}


def _rule(id: str, data: dict[str, Any], file: str, source: Callable[[], str]) -> Rule:
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
        test_of(data["tree"]),
        file,
        source,
    )

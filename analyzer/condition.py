"""The condition language of diagnoses: parsed by lark's LALR, answered with evidence, with three truths.

A condition holds (with the operations, events and facts that make it hold), does not hold, or cannot be judged because
no file tells what it asks for.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, VisitError

from analyzer.codebook import known_groups
from analyzer.data import folder
from analyzer.errors import DataError
from analyzer.model import Operation
from analyzer.subject import ASIDE, FACT_NAMES, OPERATION_NAMES, Subject, Values, values_of
from analyzer.verdict import NO, Case, Test, Verdict, at_least, either, every, negated
from analyzer.vocabulary import OPERATIONS, SERVICING, known_facts, known_kinds

FLAGS: Mapping[str, tuple[str, str]] = {
    "failed": ("outcome", "failed"),
    "succeeded": ("outcome", "succeeded"),
    "cancelled": ("outcome", "cancelled"),
    "unfinished": ("outcome", "unfinished"),
    "recovered": ("recovered", "yes"),
    "offline": ("offline", "yes"),
}
"""Short words for filters that are asked for often."""
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a subject."""

    name: str
    test: Callable[[Values], bool]
    wanted: str | int = ""
    """The value, where the filter asks for one alone."""

    def passes(self, thing: Subject) -> bool:
        """Whether *thing* passes it."""
        return self.test(values_of(thing, self.name))


class _Compiler(Transformer[Token, Any]):
    """Tree to closures."""

    def __init__(self, checked: bool) -> None:
        super().__init__()
        self.checked = checked

    def flag(self, parts: list[Token]) -> Filter:
        return _flag(parts[0], True)

    def no_flag(self, parts: list[Token]) -> Filter:
        return _flag(parts[0], False)

    def equal(self, parts: list[Token]) -> Filter:
        value = _plain(parts[0], parts[1])
        return Filter(str(parts[0]), lambda values: value in values, value)

    def unequal(self, parts: list[Token]) -> Filter:
        value = _plain(parts[0], parts[1])
        return Filter(str(parts[0]), lambda values: value not in values)

    def among(self, parts: list[Token]) -> Filter:
        wanted = frozenset(_plain(parts[0], part) for part in parts[1:])
        return Filter(str(parts[0]), lambda values: not wanted.isdisjoint(values))

    def like(self, parts: list[Token]) -> Filter:
        search = self._search(parts[1])
        return Filter(str(parts[0]), lambda values: any(search(str(value)) for value in values))

    def unlike(self, parts: list[Token]) -> Filter:
        search = self._search(parts[1])
        return Filter(str(parts[0]), lambda values: not any(search(str(value)) for value in values))

    def _search(self, text: Token) -> Callable[[str], bool]:
        """Most patterns are never asked for in a run: they are compiled on first use, or at once to check them."""
        if self.checked:
            _pattern(str(text)[1:-1])
        return lambda value: _pattern(str(text)[1:-1]).search(value) is not None

    def compared(self, parts: list[Token]) -> Filter:
        compare, number = COMPARISONS[parts[1]], int(parts[2])
        return Filter(str(parts[0]), lambda values: any(isinstance(v, int) and compare(v, number) for v in values))

    def subject(self, parts: list[Any]) -> Test:
        return _asked(str(parts[0]), tuple(parts[1:]))

    def at_least(self, parts: list[Any]) -> Test:
        return at_least(int(parts[0]), parts[1])

    def negation(self, parts: list[Test]) -> Test:
        return negated(parts[0])

    def any(self, parts: list[Test]) -> Test:
        return either(tuple(parts))

    def all(self, parts: list[Test]) -> Test:
        return every(tuple(parts))


def _flag(word: Token, wanted: bool) -> Filter:
    if word not in FLAGS:
        raise ValueError(f"`{word}` is no flag; flags are {', '.join(sorted(FLAGS))}")
    name, value = FLAGS[word]
    return Filter(name, lambda values: (value in values) is wanted)


def _plain(name: Token, value: Token) -> str | int:
    if value.type == "STRING":
        return str(value)[1:-1]
    if value.type == "CODE":
        return int(value, 16)
    if value.type == "NUMBER":
        return int(value)
    if name in ("group", "groups") and value not in known_groups():
        raise ValueError(f"`{value}` is no group of codes")
    return str(value)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as fault:
        raise ValueError(f'"{text}" is no regular expression: {fault}') from fault


def _asked(kind: str, filters: tuple[Filter, ...]) -> Test:
    """The test for one subject; ValueError where it has no such attribute."""
    allowed = {"fact": FACT_NAMES}.get(kind, OPERATION_NAMES)
    for each in filters:
        if kind != "event" and each.name not in allowed:
            raise ValueError(f"`{kind}` has no `{each.name}`; it has {', '.join(sorted(allowed))}")
    if kind != "fact":
        return _things(kind, filters)
    names = [str(each.wanted) for each in filters if each.name == "name" and each.wanted]
    if len(names) != 1:
        raise ValueError("a fact is asked for by its name: `fact[name = wsus-server]`")
    if names[0] not in known_facts():
        raise ValueError(f"`{names[0]}` is no fact; facts are {', '.join(known_facts())}")
    return _fact(names[0], filters)


def _things(kind: str, filters: tuple[Filter, ...]) -> Test:
    inputs = _tellers(kind, filters)

    def test(case: Case) -> Verdict:
        things: Iterable[Subject] = case.events
        if kind != "event":
            things = (done for done in case.operations if kind == done.kind or _is_any(kind, done))
        found = tuple(thing for thing in things if all(each.passes(thing) for each in filters))
        if found:
            return Verdict(True, found)
        return NO if inputs & case.inputs else Verdict(None, missing=(inputs,))

    return test


def _is_any(kind: str, done: Operation) -> bool:
    """`operation` stands for all that is about updates themselves."""
    return kind == "operation" and done.kind not in ASIDE


def _tellers(kind: str, filters: tuple[Filter, ...]) -> frozenset[str]:
    """The inputs that can tell what is asked for: those of the event kinds named, or those of operations."""
    if kind != "event":
        return frozenset(OPERATIONS if kind in ("scan", "download") else (*OPERATIONS, *SERVICING))
    named = [each.wanted for each in filters if each.name == "kind" and each.wanted]
    for name in named:
        if name not in known_kinds():
            raise ValueError(f"`{name}` is no kind of event; kinds are {', '.join(known_kinds())}")
    kinds = named or list(known_kinds())
    return frozenset(part for name in kinds for part in known_kinds()[str(name)].split("|"))


def _fact(name: str, filters: tuple[Filter, ...]) -> Test:
    known = known_facts()[name]

    def test(case: Case) -> Verdict:
        told = [fact for fact in case.facts if fact.name == name]
        found = tuple(fact for fact in told if all(each.passes(fact) for each in filters))
        if found:
            return Verdict(True, found)
        inputs = frozenset(known.input.split("|"))
        if told or (known.told == "sometimes" and inputs & case.inputs):
            return NO
        return Verdict(None, missing=(inputs,))

    return test


@cache
def _parser() -> Lark:
    return Lark(folder("grammars").joinpath("condition.lark").read_text("utf-8"), parser="lalr")


def compiled(text: str, *, file: str = "", line: int = 0, checked: bool = True) -> Test:
    """The condition *text* as a function; DataError says where it is wrong and what was expected.

    Regular expressions in it are compiled at once only if it is to be *checked*.
    """
    try:
        test: Test = _Compiler(checked).transform(_parser().parse(text))
    except UnexpectedInput as fault:
        shown = fault.get_context(text, 30).rstrip() if fault.pos_in_stream is not None else text
        raise DataError(
            f"the condition is not understood here:\n{shown}",
            file=file,
            line=line + max(fault.line, 1) - 1,
            column=fault.column,
        ) from fault
    except VisitError as fault:
        raise DataError(str(fault.orig_exc), file=file, line=line) from fault
    return test

"""The condition language of diagnoses: parsed by lark's LALR, answered with evidence, with three truths.

A condition holds (with the operations, events and facts that make it hold), does not hold, or cannot be judged because
no file tells what it asks for.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lark import Token, Transformer

from analyzer.conditioncheck import mistakes
from analyzer.language import FLAGS, Branch, Spot, parsed
from analyzer.subject import Subject, Values, values_of
from analyzer.verdict import NO, Case, Test, Verdict, at_least, either, every, negated
from analyzer.vocabulary import OPERATIONS, known_facts, known_kinds

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
    """The value, where the filter or flag asks for one alone."""

    def passes(self, thing: Subject) -> bool:
        """Whether *thing* passes it."""
        return self.test(values_of(thing, self.name))


class _Compiler(Transformer[Token, Any]):
    """Tree to closures; the tree is free of mistakes."""

    def flag(self, parts: list[Token]) -> Filter:
        return _flag(parts[0], True)

    def no_flag(self, parts: list[Token]) -> Filter:
        return _flag(parts[0], False)

    def equal(self, parts: list[Token]) -> Filter:
        value = _plain(parts[1])
        return Filter(str(parts[0]), lambda values: value in values, value)

    def unequal(self, parts: list[Token]) -> Filter:
        value = _plain(parts[1])
        return Filter(str(parts[0]), lambda values: value not in values)

    def among(self, parts: list[Token]) -> Filter:
        wanted = frozenset(_plain(part) for part in parts[1:])
        return Filter(str(parts[0]), lambda values: not wanted.isdisjoint(values))

    def like(self, parts: list[Token]) -> Filter:
        search = _search(parts[1])
        return Filter(str(parts[0]), lambda values: any(search(str(value)) for value in values))

    def unlike(self, parts: list[Token]) -> Filter:
        search = _search(parts[1])
        return Filter(str(parts[0]), lambda values: not any(search(str(value)) for value in values))

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
    name, value = FLAGS[word]
    return Filter(name, lambda values: (value in values) is wanted, value if wanted else "")


def _plain(value: Token) -> str | int:
    match value.type:
        case "STRING":
            return str(value)[1:-1]
        case "CODE":
            return int(value, 16)
        case "NUMBER":
            return int(value)
    return str(value)


def _search(text: Token) -> Callable[[str], bool]:
    """Most patterns are never asked for in a run: they are compiled on first use."""
    return lambda value: _pattern(str(text)[1:-1]).search(value) is not None


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def _asked(kind: str, filters: tuple[Filter, ...]) -> Test:
    """The test for one subject."""
    if kind != "fact":
        return _things(kind, filters)
    return _fact(next(str(each.wanted) for each in filters if each.name == "name" and each.wanted), filters)


def _things(kind: str, filters: tuple[Filter, ...]) -> Test:
    inputs = _tellers(kind, filters)
    part = "kind" if kind == "event" else "outcome"
    only = next((str(each.wanted) for each in filters if each.name == part and each.wanted), "")

    def test(case: Case) -> Verdict:
        found = tuple(thing for thing in case.some(kind, only) if all(each.passes(thing) for each in filters))
        if found:
            return Verdict(True, found)
        return NO if inputs & case.inputs else Verdict(None, missing=(inputs,))

    return test


def _tellers(kind: str, filters: tuple[Filter, ...]) -> frozenset[str]:
    """The inputs that can tell what is asked for: those of the event kinds named, or those of operations."""
    if kind != "event":
        return frozenset(OPERATIONS)
    named = [each.wanted for each in filters if each.name == "kind" and each.wanted]
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


def compiled(text: str, *, file: str = "", line: int = 0, column: int = 0, checked: bool = True) -> Test:
    """The condition *text* as a function; DataError says where it is wrong and what was expected.

    It begins at *line* and *column* of *file*. Mistakes in its words are looked for only if it is to be *checked*.
    """
    spot = Spot(file, line, column)
    tree = parsed(text, spot)
    if checked:
        for mistake in mistakes(tree, spot):
            raise mistake
    return test_of(tree)


def test_of(branch: Branch) -> Test:
    """The condition, or any part of it, as a function."""
    test: Test = _Compiler().transform(branch)
    return test


def filter_of(branch: Branch) -> Filter:
    """One filter of a subject as a function."""
    found: Filter = _Compiler().transform(branch)
    return found

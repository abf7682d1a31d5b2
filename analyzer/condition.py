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

from analyzer.branch import FLAGS, Branch, Word
from analyzer.errors import Spot
from analyzer.subject import Subject, Values, values_of
from analyzer.verdict import NO, Case, Test, Verdict, at_least, either, every, negated
from analyzer.vocabulary import OPERATIONS, SERVICING, known_facts, known_kinds

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}

SEARCHES = frozenset(OPERATIONS)
"""The inputs that tell scans and downloads."""
CHANGES = frozenset((*OPERATIONS, *SERVICING))
"""The inputs that tell other operations."""


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


def test_of(branch: Branch) -> Test:
    """The condition, or any part of it, as a function; it is free of mistakes."""
    match branch.data, branch.children:
        case "any", parts:
            return either(tuple(map(_test_of, parts)))
        case "all", parts:
            return every(tuple(map(_test_of, parts)))
        case "negation", (part,):
            return negated(_test_of(part))
        case "at_least", (number, part):
            return at_least(int(str(number)), _test_of(part))
    kind, *filters = branch.children
    return _asked(str(kind), tuple(filter_of(each) for each in filters if isinstance(each, Branch)))


def _test_of(part: Word | Branch) -> Test:
    assert isinstance(part, Branch)
    return test_of(part)


def filter_of(branch: Branch) -> Filter:
    """One filter of a subject as a function."""
    name, *rest = (part for part in branch.children if isinstance(part, Word))
    if branch.data in ("flag", "no_flag"):
        asked, flagged = FLAGS[name]
        wanted = branch.data == "flag"
        return Filter(asked, lambda values: (flagged in values) is wanted, flagged if wanted else "")
    if branch.data == "compared":
        compare, number = COMPARISONS[rest[0]], int(rest[1])
        return Filter(name, lambda values: any(isinstance(v, int) and compare(v, number) for v in values))
    if branch.data in ("like", "unlike"):
        text, unlike = rest[0][1:-1], branch.data == "unlike"
        # Most patterns are never asked for in a run: they are compiled on first use.
        return Filter(name, lambda values: any(_pattern(text).search(str(value)) for value in values) is not unlike)
    values = frozenset(map(_plain, rest))
    if branch.data == "unequal":
        return Filter(name, lambda found: values.isdisjoint(found))
    return Filter(name, lambda found: not values.isdisjoint(found), _plain(rest[0]) if len(rest) == 1 else "")


def _plain(value: Word) -> str | int:
    match value.type:
        case "STRING":
            return str(value)[1:-1]
        case "CODE":
            return int(value, 16)
        case "NUMBER":
            return int(value)
    return str(value)


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
        return SEARCHES if kind in ("scan", "download") else CHANGES
    return _tell(tuple(str(each.wanted) for each in filters if each.name == "kind" and each.wanted))


@cache
def _tell(kinds: tuple[str, ...]) -> frozenset[str]:
    """The inputs that tell events of *kinds*; of any kind, if none is named."""
    return frozenset(part for name in kinds or known_kinds() for part in known_kinds()[name].split("|"))


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


def compiled(text: str, *, file: str = "", line: int = 0, column: int = 0) -> Test:
    """The condition *text*, which begins at *line* and *column* of *file*; DataError says where it is wrong."""
    from analyzer.conditioncheck import checked

    return test_of(checked(text, Spot(file, line, column)))

"""The condition language of diagnoses: parsed by lark's LALR, answered with evidence, with three truths.

A condition holds (with the operations, events and facts that make it hold), does not hold, or cannot be judged because
no file tells what it asks for.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from analyzer.branch import FLAGS, Packed, packed
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


class Filter(Struct, frozen=True):
    """One filter of a subject."""

    name: str
    test: Callable[[Values], bool]

    def passes(self, thing: Subject) -> bool:
        """Whether *thing* passes it."""
        return self.test(values_of(thing, self.name))


def test_of(tree: Packed) -> Test:
    """The condition, or any part of it, as a function; it is free of mistakes."""
    sort, parts = tree
    if sort == "any":
        return either(tuple(map(test_of, parts)))
    if sort == "all":
        return every(tuple(map(test_of, parts)))
    if sort == "negation":
        return negated(test_of(parts[0]))
    if sort == "at_least":
        return at_least(int(parts[0][1]), test_of(parts[1]))
    (_, kind), *filters = parts
    return _fact(filters) if kind == "fact" else _things(kind, filters)


def filter_of(tree: Packed) -> Filter:
    """One filter of a subject as a function."""
    sort, ((_, name), *rest) = tree
    if sort in ("flag", "no_flag"):
        asked, flagged = FLAGS[name]
        wanted = sort == "flag"
        return Filter(asked, lambda values: (flagged in values) is wanted)
    if sort == "compared":
        compare, number = COMPARISONS[rest[0][1]], int(rest[1][1])
        return Filter(name, lambda values: any(isinstance(v, int) and compare(v, number) for v in values))
    if sort in ("like", "unlike"):
        search, unlike = re.compile(rest[0][1][1:-1], re.IGNORECASE).search, sort == "unlike"
        return Filter(name, lambda values: any(search(str(value)) for value in values) is not unlike)
    values = frozenset(_plain(*word) for word in rest)
    if sort == "unequal":
        return Filter(name, lambda found: values.isdisjoint(found))
    return Filter(name, lambda found: not values.isdisjoint(found))


def _plain(sort: str, text: str) -> str | int:
    match sort:
        case "STRING":
            return text[1:-1]
        case "CODE":
            return int(text, 16)
        case "NUMBER":
            return int(text)
    return text


def _only(name: str, filters: list[Packed]) -> str:
    """The value that *filters* ask for of *name*, if it is one alone; empty if none or several."""
    for sort, ((_, asked), *rest) in filters:
        if sort == "flag" and FLAGS[asked][0] == name:
            return FLAGS[asked][1]
        if sort in ("equal", "among") and asked == name and len(rest) == 1:
            return str(_plain(*rest[0]))
    return ""


def _things(kind: str, filters: list[Packed]) -> Test:
    """The test for operations and events."""
    only = _only("kind" if kind == "event" else "outcome", filters)
    inputs = _tellers(kind, filters)
    untold = Verdict(None, missing=(inputs,))
    passing = _passing(filters)

    def test(case: Case) -> Verdict:
        things = case.some(kind, only)
        if things and (found := passing(things)):
            return Verdict(True, found)
        return untold if inputs.isdisjoint(case.inputs) else NO

    return test


def _passing(filters: list[Packed]) -> Callable[[Iterable[Subject]], tuple[Subject, ...]]:
    """Picks what passes all *filters*, which are made on first use: most ask for what no log of a run tells."""
    tests: list[Filter] = []

    def passing(things: Iterable[Subject]) -> tuple[Subject, ...]:
        if not tests:
            tests.extend(map(filter_of, filters))
        return tuple([thing for thing in things if all(each.passes(thing) for each in tests)])

    return passing


def _tellers(kind: str, filters: list[Packed]) -> frozenset[str]:
    """The inputs that can tell what is asked for: those of the event kinds named, or those of operations."""
    if kind != "event":
        return SEARCHES if kind in ("scan", "download") else CHANGES
    kinds = next((rest for sort, ((_, asked), *rest) in filters if sort in ("equal", "among") and asked == "kind"), ())
    return frozenset().union(*(_tell(str(_plain(*one))) for one in kinds)) if kinds else _tell("")


@cache
def _tell(kind: str) -> frozenset[str]:
    """The inputs that tell events of *kind*; of any kind, if it is empty."""
    told = known_kinds()[kind] if kind else "|".join(known_kinds().values())
    return frozenset(told.split("|"))


def _fact(filters: list[Packed]) -> Test:
    """The test for a fact, which is named."""
    name = _only("name", filters)
    known = known_facts()[name]
    inputs = frozenset(known.input.split("|"))
    untold = Verdict(None, missing=(inputs,))
    passing = _passing(filters)

    def test(case: Case) -> Verdict:
        if told := case.some("fact", name):
            found = passing(told)
            return Verdict(True, found) if found else NO
        return NO if known.told == "sometimes" and not inputs.isdisjoint(case.inputs) else untold

    return test


def compiled(text: str, *, file: str = "", line: int = 0, column: int = 0) -> Test:
    """The condition *text*, which begins at *line* and *column* of *file*; DataError says where it is wrong."""
    from analyzer.conditioncheck import checked

    return test_of(packed(checked(text, Spot(file, line, column))))

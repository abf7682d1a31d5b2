"""Epochs: where a setting changed while a log was written, each failure is judged by the value that held then."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from analyzer.events import SETTINGS
from analyzer.model import Fact, Operation
from analyzer.verdict import NO, Case, Test, Verdict

Span = tuple[datetime | None, datetime | None]
"""From a change to the next; None where there is none."""


def changed(facts: Iterable[Fact]) -> frozenset[str]:
    """The settings that changed at times that are known."""
    told: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.name in SETTINGS:
            told.setdefault(fact.name, []).append(fact)
    return frozenset(name for name, values in told.items() if values[1:] and all(fact.when for fact in values))


def in_force(facts: Iterable[Fact], when: datetime | None) -> Iterator[Fact]:
    """*facts*, of those that changed the one that held at the time *when*; the last where that is not known."""
    facts = tuple(facts)
    settings = {name: [fact for fact in facts if fact.name == name] for name in changed(facts)}
    for fact in facts:
        values = settings.get(fact.name)
        if values is None or fact is _at(values, when):
            yield fact


def _at(values: list[Fact], when: datetime | None) -> Fact:
    """What held before the first change that is told is not known: its value stands for it."""
    held = [fact for fact in values if when is None or (fact.when and fact.when <= when)]
    return held[-1] if held else values[0]


def in_epochs(test: Test, cases: Sequence[Case]) -> Verdict:
    """What *test* says of a machine as it was in each of *cases*: it holds where it does in one of them.

    Without an operation that proves it, the settings are those of the end.
    """
    verdicts = [test(one) for one in cases]
    held = [
        verdict
        for verdict, one in zip(verdicts, cases, strict=True)
        if verdict.holds and (one is cases[-1] or any(isinstance(thing, Operation) for thing in verdict.found))
    ]
    if not held:
        return verdicts[-1] if verdicts[-1].holds is None else NO
    found = {id(thing): thing for verdict in held for thing in verdict.found}
    return Verdict(True, tuple(found.values()))


def epochs(case: Case, names: frozenset[str]) -> Iterator[Case]:
    """*case* as it was while the settings *names* had each of their values, the one of the end last."""
    settings = [[fact for fact in case.facts if fact.name == name] for name in sorted(names)]
    times = sorted(fact.when for values in settings for fact in values[1:] if fact.when)
    spans: dict[tuple[str, ...], list[Span]] = {}
    held: dict[tuple[str, ...], list[Fact]] = {}
    for since, until in pairwise((None, *times, None)):
        facts = [_at(values, since) if since else values[0] for values in settings]
        key = tuple(fact.value for fact in facts)
        spans[key] = [*spans.pop(key, ()), (since, until)]
        held.setdefault(key, []).extend(facts)
    others = tuple(fact for fact in case.facts if fact.name not in names)
    for key, mine in spans.items():
        done = tuple(done for done in case.operations if any(_ran(done, span) for span in mine))
        yield Case(done, case.events, (*others, *held[key]), case.inputs)


def _ran(done: Operation, span: Span) -> bool:
    """Whether *done*, or one of those folded into it, began within *span*."""
    first = done.start or done.end
    last = done.last or first
    since, until = span
    return first is None or last is None or ((until is None or first < until) and (since is None or last >= since))

"""From what is known of a machine to diagnoses: the first cause, its proof, what to do, what was not judged."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache

from msgspec import Struct

from analyzer.chain import EMPTY_ROLES
from analyzer.codebook import lookup, role_of
from analyzer.epoch import changed, epochs, in_epochs, in_force
from analyzer.model import (
    Diagnosis,
    Event,
    Evidence,
    Fact,
    Operation,
    Outcome,
    Severity,
    Unjudged,
    Update,
    hex_code,
)
from analyzer.rules import Rule
from analyzer.subject import Subject
from analyzer.verdict import Case, Verdict
from analyzer.vocabulary import families, families_of, labels

COUNTED = re.compile(r"at least \d+ fact\[")
"""A condition that asks how many values a fact had."""
EVIDENCE = 12
"""Lines cited by one diagnosis."""
INFERRED = 0.6
"""No diagnosis is surer that rests on failures alone which are inferred."""
NAMED = 3
"""Updates named in a sentence; the others are counted."""


class Judgement(Struct, frozen=True):
    """All that the rules say of one machine."""

    diagnoses: tuple[Diagnosis, ...]
    unjudged: tuple[Unjudged, ...]


def diagnose(case: Case, rules: Iterable[Rule], machine: str = "") -> Judgement:
    """What *rules* (sorted by rank) say of *case*."""
    made: list[tuple[Diagnosis, bool]] = []
    unjudged: list[Unjudged] = []
    explained: list[Operation] = []
    told: list[tuple[Rule, tuple[Subject, ...]]] = []
    rank, seen, as_it_was = 0, case, AsItWas(case)
    for rule in rules:
        if rule.rank != rank:
            rank = rule.rank
            seen = case.without(explained)
            as_it_was = AsItWas(seen)
        verdict = as_it_was.verdict(rule)
        if verdict.holds is None:
            if missing := _missed(verdict.missing, case.inputs):
                joined = tuple(" or ".join(inputs) for inputs in missing)
                wanted = tuple(dict.fromkeys(inputs[0] for inputs in missing))
                unjudged.append(Unjudged(rule.id, _plain_title(rule), joined, wanted))
        elif verdict.holds and verdict.found and _is_news(rule, verdict.found, told):
            told.append((rule, verdict.found))
            explained += _failures(verdict.found)
            made += [
                (_diagnosis(rule, found, case.facts, machine), _stands(found)) for found in _split(rule, verdict.found)
            ]
    made.sort(key=lambda pair: _order(*pair))
    return Judgement(tuple(diagnosis for diagnosis, _ in made), tuple(unjudged))


class AsItWas:
    """A machine whose settings may have changed: a rule sees those it asks for as they were then."""

    def __init__(self, case: Case) -> None:
        self.case, self._changed = case, changed(case.facts)
        self._epochs: dict[frozenset[str], list[Case]] = {}
        """By the settings that are asked for; made once, for some thirty rules ask for the WSUS server."""

    def verdict(self, rule: Rule) -> Verdict:
        """What *rule* says of it; one that counts facts is about the change itself."""
        asked = frozenset(name for name in self._changed if name in rule.when and not COUNTED.search(rule.when))
        if not asked:
            return rule.test(self.case)
        if asked not in self._epochs:
            self._epochs[asked] = list(epochs(self.case, asked))
        return in_epochs(rule.test, self._epochs[asked])


def _order(diagnosis: Diagnosis, standing: bool) -> tuple[object, ...]:
    """Errors first, of them what still stands, then the surer, the more frequent and the earlier."""
    first = diagnosis.first_seen.isoformat() if diagnosis.first_seen else "~"
    return (
        diagnosis.severity,
        not standing,
        -diagnosis.confidence,
        -diagnosis.count,
        first,
        diagnosis.id,
        diagnosis.codes,
    )


@cache
def _missed(missing: tuple[frozenset[str], ...], given: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """What somebody who handed in *given* can have of what is missing; empty if of some part nothing."""
    mine = families_of(given)
    found = tuple(labels(name for name in inputs if families()[name] in mine) for inputs in missing)
    return found if all(found) else ()


def _is_news(rule: Rule, found: tuple[Subject, ...], told: Iterable[tuple[Rule, tuple[Subject, ...]]]) -> bool:
    """Whether *rule* says more than a graver diagnosis of a lower rank that rests on all that it has *found*."""
    return not any(
        before.rank < rule.rank
        and before.severity < rule.severity
        and all(any(thing is known for known in proof) for thing in found)
        for before, proof in told
    )


def _failures(found: Iterable[Subject]) -> list[Operation]:
    return [thing for thing in found if isinstance(thing, Operation) and thing.outcome is Outcome.FAILED]


def _stands(found: Iterable[Subject]) -> bool:
    operations = [thing for thing in found if isinstance(thing, Operation)]
    return not operations or any(done.standing for done in operations)


def _split(rule: Rule, found: tuple[Subject, ...]) -> Iterator[tuple[Subject, ...]]:
    """One group for each cause, if the rule asks for it."""
    if rule.each != "cause":
        yield found
        return
    others = tuple(thing for thing in found if not isinstance(thing, Operation))
    operations = [thing for thing in found if isinstance(thing, Operation)]
    for key in dict.fromkeys((done.kind, done.cause) for done in operations):
        yield (*(done for done in operations if (done.kind, done.cause) == key), *others)


def _diagnosis(rule: Rule, found: tuple[Subject, ...], facts: tuple[Fact, ...], machine: str) -> Diagnosis:
    operations = [thing for thing in found if isinstance(thing, Operation)]
    events = [thing for thing in found if isinstance(thing, Event)]
    failed = _failures(found)
    recovered = bool(failed) and all(done.recovered for done in failed)
    inferred = bool(failed) and all(done.inferred for done in failed)
    codes = tuple(dict.fromkeys(code for done in failed for code in done.chain))
    codes = tuple(dict.fromkeys((*codes, *(code for event in events for code in event.codes))))
    causes = tuple(code for code in codes if role_of(code) not in EMPTY_ROLES) or codes[:1]
    latest = max((when for done in operations if (when := done.last or done.start or done.end)), default=None)
    words = _words(operations, causes, in_force(facts, latest))
    times = sorted(_times((*failed, *events) or found))
    because = rule.because.format_map(words)
    if recovered:
        because += f" A later {failed[0].kind} succeeded."
    return Diagnosis(
        rule.id,
        rule.title.format_map(words) + (" (recovered since)" if recovered else ""),
        max(rule.severity, Severity.WARNING) if recovered else rule.severity,
        min(rule.confidence, INFERRED) if inferred else rule.confidence,
        f"no line tells how the {failed[0].kind} ended; {rule.confidence_reason}"
        if inferred
        else rule.confidence_reason,
        because,
        tuple(step.format_map(words) for step in rule.fix),
        causes,
        tuple(code for code in codes if code not in causes),
        tuple(_evidence(found)),
        times[0] if times else None,
        times[-1] if times else None,
        sum(done.count for done in failed) or sum(event.count for event in events) or 1,
        rule.references,
        machine,
    )


def _times(found: Iterable[Subject]) -> Iterator[datetime]:
    """When it happened; the last line of an operation is that of the last that was folded into it."""
    for thing in found:
        if isinstance(thing, Operation):
            stamps = (thing.start, thing.end, thing.last, *(event.when for event in thing.events[-1:]))
        else:
            stamps = (thing.when,)
        yield from (stamp for stamp in stamps if stamp is not None)


class _Words(dict[str, str]):
    """What a template names; a fact that no file told is `unknown`."""

    def __missing__(self, key: str) -> str:
        return "unknown"


def _words(operations: list[Operation], causes: tuple[int, ...], facts: Iterable[Fact]) -> Mapping[str, str]:
    words = _Words()
    for fact in facts:
        words[fact.name.replace("-", "_")] = fact.value or "not set"
    code = lookup(causes[0]) if causes else None
    words["code"] = hex_code(causes[0]) if causes else "no code"
    words["cause"] = " ".join(filter(None, (words["code"], code.symbol if code else "")))
    words["meaning"] = code.meaning.rstrip(".") if code else "no code was written"
    words["next_step"] = code.next_step if code else "Read the lines cited."
    words["kind"] = operations[0].kind if operations else "operation"
    words["times"] = _times_word(sum(done.count for done in operations))
    words["updates"] = _named(dict.fromkeys(update for done in operations for update in done.updates))
    return words


def _times_word(count: int) -> str:
    return {0: "once", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _named(updates: Iterable[Update]) -> str:
    names = list(dict.fromkeys(update.name for update in updates if update.name))
    if not names:
        return "an update that the log does not name"
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _evidence(found: tuple[Subject, ...]) -> Iterator[Evidence]:
    """First the line of the cause and the last line of each, then the others as far as there is room.

    What was looked up on the machine, and bears no time, stands before the lines of a log: it is what decides. That
    something began stands behind them: it proves nothing by itself.
    """
    first: list[Event | Fact] = []
    rest: list[Event | Fact] = []
    for thing in found:
        if isinstance(thing, Operation):
            telling = [event for event in thing.events if thing.cause in event.codes][:1]
            first += [*telling, *thing.events[-1:]] if thing.chain else thing.events[-1:]
            rest += thing.events
        else:
            first.append(thing)
    cited: dict[object, Event | Fact] = {}
    for each in (*first[: EVIDENCE - 2], *rest, *first):
        if len(cited) < EVIDENCE:
            cited.setdefault(each.place, each)
    state = {thing.place for thing in found if not isinstance(thing, Operation) and thing.when is None}
    for each in sorted(cited.values(), key=lambda one: (one.place not in state, _begins(one), one.place)):
        yield Evidence(each.place, each.text, each.when)


def _begins(each: Event | Fact) -> bool:
    """Whether it only tells that something began."""
    return isinstance(each, Event) and not each.codes and each.kind.endswith("-started")


def _plain_title(rule: Rule) -> str:
    return rule.title if "{" not in rule.title else rule.id.replace("-", " ")

"""The three truths of a condition, and how they join: yes with what proves it, no, and not to be judged."""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct, field

from analyzer.model import Event, Fact, Operation
from analyzer.subject import ASIDE, Subject


class Case(Struct, frozen=True):
    """What a condition looks at: all that is known of one machine."""

    operations: tuple[Operation, ...] = ()
    events: tuple[Event, ...] = ()
    facts: tuple[Fact, ...] = ()
    inputs: frozenset[str] = frozenset()
    """The kinds of input that were read, as `codes/inputs.csv` names them."""
    _parts: dict[tuple[str, str], list[Subject]] = field(default_factory=dict)

    def some(self, kind: str, only: str) -> Sequence[Subject]:
        """The operations that *kind* means, with *only* those of that outcome, or the `event`s or `fact`s called so.

        `operation` stands for all that is about updates themselves. Hundreds of conditions ask: all parts are told
        apart once.
        """
        if not self._parts:
            self._tell_apart()
        return self._parts.get((kind, only), ())

    def without(self, explained: Sequence[Operation]) -> "Case":
        """The same but for the operations that are *explained*."""
        left = tuple(done for done in self.operations if not any(done is known for known in explained))
        return Case(left, self.events, self.facts, self.inputs)

    def _tell_apart(self) -> None:
        parts = self._parts
        parts["event", ""] = list(self.events)
        for event in self.events:
            parts.setdefault(("event", event.kind), []).append(event)
        for fact in self.facts:
            parts.setdefault(("fact", fact.name), []).append(fact)
        for done in self.operations:
            for kind in (done.kind,) if done.kind in ASIDE else (done.kind, "operation"):
                parts.setdefault((kind, ""), []).append(done)
                parts.setdefault((kind, done.outcome.value), []).append(done)


class Verdict(Struct, frozen=True):
    """The answer of a condition."""

    holds: bool | None
    """None: cannot be judged."""
    found: tuple[Subject, ...] = ()
    """What makes it hold."""
    missing: tuple[frozenset[str], ...] = ()
    """What would decide it."""


NO = Verdict(False)
YES = Verdict(True)
Test = Callable[[Case], Verdict]


def at_least(number: int, test: Test) -> Test:
    """Holds where *test* holds of at least *number*, counting what was folded."""

    def enough(case: Case) -> Verdict:
        verdict = test(case)
        times = sum(thing.count if isinstance(thing, Operation | Event) else 1 for thing in verdict.found)
        return verdict if verdict.holds is None or times >= number else NO

    return enough


def negated(test: Test) -> Test:
    """Holds where *test* does not; it proves nothing."""

    def otherwise(case: Case) -> Verdict:
        verdict = test(case)
        if verdict.holds is None:
            return verdict
        return NO if verdict.holds else YES

    return otherwise


def every(tests: tuple[Test, ...]) -> Test:
    """Holds where all *tests* hold; one that does not decides, whatever cannot be judged."""

    def together(case: Case) -> Verdict:
        verdicts = []
        for test in tests:
            verdict = test(case)
            if verdict.holds is False:
                return NO
            verdicts.append(verdict)
        holds = None if any(verdict.holds is None for verdict in verdicts) else True
        return _joined(holds, verdicts)

    return together


def either(tests: tuple[Test, ...]) -> Test:
    """Holds where one of *tests* holds, with the proof of all that do."""

    def one(case: Case) -> Verdict:
        verdicts = [test(case) for test in tests]
        held = [verdict for verdict in verdicts if verdict.holds]
        if held:
            return _joined(True, held)
        unknown = [verdict for verdict in verdicts if verdict.holds is None]
        return _joined(None, unknown) if unknown else NO

    return one


def _joined(holds: bool | None, verdicts: Iterable[Verdict]) -> Verdict:
    verdicts = list(verdicts)
    found: list[Subject] = []
    for verdict in verdicts:
        found += [thing for thing in verdict.found if not any(thing is known for known in found)]
    missing = tuple(dict.fromkeys(inputs for verdict in verdicts for inputs in verdict.missing))
    return Verdict(holds, tuple(found), missing if holds is None else ())

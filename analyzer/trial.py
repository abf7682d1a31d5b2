"""Examples of diagnoses tried: whether each diagnosis is made from its own examples, and if not as written, why."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from io import BytesIO

from msgspec import Struct

from analyzer.analysis import Known, machines, taken
from analyzer.diagnose import AsItWas, Judgement, diagnose
from analyzer.language import parsed
from analyzer.model import Diagnosis
from analyzer.rulefile import Example
from analyzer.rules import Rule
from analyzer.verdict import Case
from analyzer.why import there, why_not

REMEMBERED = 256
"""Logs whose reading is kept: rules that stand side by side share examples."""


class Trial(Struct, frozen=True):
    """One example of a diagnosis, tried."""

    rule: Rule
    example: Example
    number: int
    """Which of the examples of its kind, from 1."""
    made: tuple[Diagnosis, ...]
    """The diagnosis as it was made from the example; empty where it was not."""

    @property
    def good(self) -> bool:
        """Whether the outcome is the one that is written."""
        return bool(self.made) is self.example.holds

    @property
    def name(self) -> str:
        """The example as a person finds it in the file."""
        return f"{self.rule.id} {'holds' if self.example.holds else 'fails'} {self.number}"


def trials(chosen: Iterable[Rule], known: Sequence[Rule]) -> Iterator[Trial]:
    """Every example of the rules *chosen*; those of *known* that come before a rule are judged before it."""
    for rule in chosen:
        numbers = {True: 0, False: 0}
        before = [other for other in known if other.rank < rule.rank and other.id != rule.id]
        for example in rule.examples:
            numbers[example.holds] += 1
            yield Trial(rule, example, numbers[example.holds], _made(rule, example.log, before))


def _made(rule: Rule, log: str, before: Sequence[Rule]) -> tuple[Diagnosis, ...]:
    judged = [diagnose(one.case, (*before, rule), one.name) for one in read(log)]
    return tuple(found for one in judged for found in one.diagnoses if found.id == rule.id)


def judged(log: str, known: Sequence[Rule]) -> Iterator[Judgement]:
    """What all rules *known* say of each machine that *log* tells of."""
    for one in read(log):
        yield diagnose(one.case, known, one.name)


@lru_cache(REMEMBERED)
def read(log: str) -> tuple[Known, ...]:
    """The machines that *log* tells of."""
    return tuple(machines(taken(["-"], stdin=BytesIO(log.encode()))))


def reasons(trial: Trial, known: Sequence[Rule]) -> Iterator[str]:
    """Why the diagnosis was not made from an example that should hold, or what proves it in a near miss."""
    if trial.made:
        yield "the condition holds; what proves it:"
        yield from (f"    {line}" for line in proof(trial))
        return
    tree = parsed(trial.rule.when)
    for one in read(trial.example.log):
        explained = _explained(trial.rule, one.case, known)
        if explained:
            yield f"the condition holds, but {', '.join(explained)} of a lower rank explains what it is about"
        else:
            yield from why_not(tree, one.case)
        yield from there(one.case)


def proof(trial: Trial) -> Iterator[str]:
    """The lines that matched."""
    for found in trial.made:
        yield from (f"line {one.place.line}: {one.text.strip()}" for one in found.evidence)


def _explained(rule: Rule, case: Case, known: Sequence[Rule]) -> tuple[str, ...]:
    """The diagnoses of lower rank on which the operations were spent, if the condition holds by itself."""
    if not AsItWas(case).verdict(rule).holds:
        return ()
    before = [other for other in known if other.rank < rule.rank]
    return tuple(dict.fromkeys(found.id for found in diagnose(case, before).diagnoses))

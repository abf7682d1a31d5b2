"""Why a condition does not hold: for each part whether it does, and what came nearest to it."""

from collections.abc import Iterable, Iterator, Sequence

from analyzer.branch import Branch, packed
from analyzer.condition import filter_of, test_of
from analyzer.model import Event, Fact, Operation, hex_code
from analyzer.subject import Subject, values_of
from analyzer.verdict import Case
from analyzer.vocabulary import labels
from analyzer.words import clause, sentence

MARKS = {True: "yes", False: "no ", None: "?  "}
STEP = "    "
MOST = 8
"""Things listed of each sort; the others are counted."""
WIDEST = 120
"""Columns of a value that are shown."""


def why_not(tree: Branch, case: Case, depth: int = 0) -> Iterator[str]:
    """The condition *tree*, one line a part, each with whether it holds of *case*."""
    verdict = test_of(packed(tree))(case)
    lead = STEP * depth + MARKS[verdict.holds] + " "
    if tree.data in ("any", "all", "negation"):
        words = {"any": "any of these:", "all": "all of these:", "negation": "not so:"}
        yield lead + words[tree.data]
        for part in tree.children:
            assert isinstance(part, Branch)
            yield from why_not(part, case, depth + 1)
        return
    yield lead + sentence(tree).replace("\0", " ")
    asked = tree.children[1] if tree.data == "at_least" else tree
    assert isinstance(asked, Branch)
    if verdict.holds is None:
        missing = " or ".join(" or ".join(labels(inputs)) for inputs in verdict.missing)
        yield f"{STEP * (depth + 1)}cannot be judged: only {missing} would tell"
    elif not verdict.holds:
        yield f"{STEP * (depth + 1)}{_nearest(asked, case)}"
    elif verdict.found:
        yield f"{STEP * (depth + 1)}{shown(verdict.found[0])}"


def _nearest(subject: Branch, case: Case) -> str:
    """The thing that passes most filters of *subject*, and the filters that it does not pass."""
    kind = str(subject.children[0])
    filters = [part for part in subject.children if isinstance(part, Branch)]
    tests = [(part, filter_of(packed(part))) for part in filters]
    named = [test for part, test in tests if part.children[0] in ("name", "kind")]
    near = [thing for thing in _things(kind, case) if all(test.passes(thing) for test in named)]
    if not near:
        return "nothing of the kind was found"
    best = max(near, key=lambda thing: sum(test.passes(thing) for _, test in tests))
    failed = [(part, test) for part, test in tests if not test.passes(best)]
    said = "; ".join(
        f"asked: {clause(kind, part)}, there: {_values(values_of(best, test.name))}".replace("\0", " ")
        for part, test in failed
    )
    return f"nearest: {shown(best)}" + (f"; {said}" if said else "; but not often enough")


def _things(kind: str, case: Case) -> Sequence[Subject]:
    return case.facts if kind == "fact" else case.some(kind, "")


def _values(values: Iterable[str | int]) -> str:
    told = ", ".join(
        _cut(hex_code(value) if isinstance(value, int) and value > 0xFFFF else str(value)) for value in values
    )
    return told or "nothing"


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def shown(thing: Subject) -> str:
    """An operation, event or fact on one line."""
    match thing:
        case Operation():
            codes = " → ".join(map(hex_code, thing.chain))
            lines = sorted({event.place.line for event in thing.events})
            return " ".join(filter(None, (thing.kind, thing.outcome.value, codes, _lines(lines))))
        case Event():
            codes = " ".join(map(hex_code, thing.codes))
            return " ".join(filter(None, ("event", thing.kind, codes, _lines([thing.place.line]))))
        case Fact():
            return f'fact {thing.name} = "{_cut(thing.value)}" {_lines([thing.place.line])}'


def _lines(numbers: list[int]) -> str:
    return f"({'line' if len(numbers) == 1 else 'lines'} {', '.join(map(str, numbers))})" if numbers else ""


def there(case: Case) -> Iterator[str]:
    """What was understood of the example at all."""
    things: tuple[Subject, ...] = (*case.operations, *case.facts, *case.events)
    if not things:
        yield "nothing in this log was understood: no format fits it, or its lines mean nothing"
        return
    yield "understood of this log:"
    for some in (case.operations, case.facts, case.events):
        yield from (f"{STEP}{shown(thing)}" for thing in some[:MOST])
        if len(some) > MOST:
            yield f"{STEP}… and {len(some) - MOST} more"

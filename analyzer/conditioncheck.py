"""What in a condition is well written but means nothing: each with its place and how to mend it."""

import re
from collections.abc import Iterator

from analyzer.branch import FLAGS, Branch, Word
from analyzer.codebook import known_groups
from analyzer.errors import NOWHERE, DataError, Spot
from analyzer.language import parsed, subjects
from analyzer.mend import alike, near
from analyzer.model import Outcome
from analyzer.subject import FACT_NAMES, OPERATION_NAMES
from analyzer.vocabulary import known_facts, known_kinds

EVENT_NAMES = ("kind", "component", "code", "group", "text")
"""What every event has; further names are those of its fields."""
ALIKE = 0.8
"""Names that are like those of every event to this degree are slips, not fields."""
NUMBERS = frozenset({"count", "code", "cause"})
LIST = "patchtrail rules words"

Wrong = tuple[Word, str, int]
"""The token that is wrong, why and what to write instead, and how far into the token."""


def checked(text: str, spot: Spot = NOWHERE) -> Branch:
    """The condition *text* as a tree; DataError says what is the first mistake in it."""
    tree = parsed(text, spot)
    for mistake in mistakes(tree, spot):
        raise mistake
    return tree


def mistakes(tree: Branch, spot: Spot = NOWHERE) -> Iterator[DataError]:
    """The mistakes of *tree*, in the order of the text."""
    for subject in subjects(tree):
        for token, message, shift in _wrong(subject):
            yield spot.fault(message, token.line, token.column + shift)


def _wrong(subject: Branch) -> Iterator[Wrong]:
    kind, *filters = subject.children
    assert isinstance(kind, Word)
    for each in filters:
        assert isinstance(each, Branch)
        name, *values = (part for part in each.children if isinstance(part, Word))
        if each.data in ("flag", "no_flag"):
            yield from _wrong_flag(kind, name)
        elif not _has(kind, name):
            names = {"fact": FACT_NAMES, "event": EVENT_NAMES}.get(kind, OPERATION_NAMES)
            yield name, f"`{kind}` has no `{name}`; {near(name, names)}", 0
        elif each.data in ("like", "unlike"):
            yield from _wrong_pattern(values[0])
        elif each.data == "compared":
            if name not in NUMBERS or kind == "fact":
                yield name, f"`{name}` is no number; `count` is compared, others with =, !=, in, ~ and !~", 0
        else:
            for value in values:
                yield from _wrong_value(kind, name, value)
    if kind == "fact":
        yield from _wrong_fact(kind, filters)


def _has(kind: Word, name: Word) -> bool:
    if kind == "event":
        return name in EVENT_NAMES or not alike(name, EVENT_NAMES, ALIKE)
    return name in (FACT_NAMES if kind == "fact" else OPERATION_NAMES)


def _wrong_flag(kind: Word, word: Word) -> Iterator[Wrong]:
    if word not in FLAGS:
        named = word in OPERATION_NAMES | FACT_NAMES or word in EVENT_NAMES
        mend = f"give it a value: `{word} = …`" if named else near(word, FLAGS)
        yield word, f"`{word}` is no flag; {mend}", 0
    elif kind in ("event", "fact"):
        yield word, f"`{word}` is said of operations, not of an {kind}", 0


def _wrong_pattern(text: Word) -> Iterator[Wrong]:
    try:
        re.compile(text[1:-1], re.IGNORECASE)
    except re.error as fault:
        yield (
            text,
            f"{text} is no regular expression: {fault.msg}; a \\ before a sign takes it as it is",
            1 + (fault.pos or 0),
        )


def _wrong_value(kind: Word, name: Word, value: Word) -> Iterator[Wrong]:
    word = value[1:-1] if value.type == "STRING" else str(value)
    if name in ("code", "cause") and value.type not in ("CODE", "NUMBER"):
        yield value, f"{value} is no code; write it without quotes and with eight digits: 0x8024402C", 0
    elif name in ("group", "groups") and value.type == "NAME" and word not in known_groups():
        yield value, f"`{word}` is no group of codes; {near(word, known_groups(), LIST)}", 0
    elif (kind, name) == ("event", "kind") or (kind != "event" and name == "event"):
        if word not in known_kinds():
            yield value, f"`{word}` is no kind of event; {near(word, known_kinds(), LIST)}", 0
    elif kind != "event" and name == "outcome" and word not in set(Outcome):
        yield value, f"`{word}` is no outcome; {near(word, Outcome)}", 0
    elif kind != "event" and name in ("recovered", "offline") and word not in ("yes", "no"):
        yield value, f"`{name}` is yes or no", 0


def _wrong_fact(kind: Word, filters: list[Word | Branch]) -> Iterator[Wrong]:
    named = [
        each for each in filters if isinstance(each, Branch) and each.data == "equal" and each.children[0] == "name"
    ]
    if len(named) != 1:
        yield kind, "a fact is asked for by its name: `fact[name = wsus-server]`", 0
        return
    token = named[0].children[1]
    assert isinstance(token, Word)
    word = token[1:-1] if token.type == "STRING" else str(token)
    if word not in known_facts():
        yield token, f"`{word}` is no fact; {near(word, known_facts(), LIST)}", 0

"""The condition language as text: its tree, and every mistake in it with its place and how to mend it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from analyzer.codebook import known_groups
from analyzer.data import folder
from analyzer.errors import DataError
from analyzer.mend import near
from analyzer.model import Outcome
from analyzer.subject import FACT_NAMES, OPERATION_NAMES
from analyzer.vocabulary import known_facts, known_kinds

Branch = Tree[Token]
FLAGS: Mapping[str, tuple[str, str]] = {
    "failed": ("outcome", "failed"),
    "succeeded": ("outcome", "succeeded"),
    "cancelled": ("outcome", "cancelled"),
    "unfinished": ("outcome", "unfinished"),
    "recovered": ("recovered", "yes"),
    "offline": ("offline", "yes"),
}
"""Short words for filters that are asked for often."""
SUBJECTS = ("operation", "scan", "download", "install", "uninstall", "restart", "event", "fact")
EVENT_NAMES = ("kind", "component", "code", "group", "text")
"""What every event has; further names are those of its fields."""
ALIKE = 0.8
"""Names that are like those of every event to this degree are slips, not fields."""
NUMBERS = frozenset({"count", "code", "cause"})
LIST = "patchtrail rules words"
SLIPS = (
    (re.compile(r"(?<==)="), "write `=` once"),
    (re.compile(r"'"), 'put texts in double quotes: "…"'),
    (re.compile(r"&&?|AND\b"), "write `and`"),
    (re.compile(r"\|\|?|OR\b"), "write `or`"),
    (re.compile(r"!(?![=~])|NOT\b"), "write `not`"),
    (re.compile(r"0[xX][0-9A-Fa-f]*|[0-9]*[A-Fa-f][0-9A-Fa-f]*(?=[\s,)\]])"), "a code has eight digits: 0x8024402C"),
    (re.compile(r'"[^"\n]*(?:\n|$)'), 'the text is not closed: a `"` is missing on this line'),
    (re.compile(r"#|//"), "there are no comments in a condition; write them above `when`"),
)
"""What people write by habit, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a condition begins in its file; without a line nowhere."""

    file: str = ""
    line: int = 0
    column: int = 0

    def fault(self, message: str, line: int = 1, column: int = 1) -> DataError:
        """The fault *message* at *line* and *column* of the condition (1-based)."""
        if not self.line:
            return DataError(message, file=self.file, line=line, column=column)
        shift = self.column - 1 if self.column and line == 1 else 0
        return DataError(message, file=self.file, line=self.line + line - 1, column=column + shift)


@cache
def parser() -> Lark:
    """The parser of conditions."""
    return Lark(folder("grammars").joinpath("condition.lark").read_text("utf-8"), parser="lalr")


def parsed(text: str, spot: Spot = Spot()) -> Branch:
    """The condition *text* as a tree; DataError says where it is not understood and what to write instead."""
    try:
        return parser().parse(text)
    except UnexpectedInput as fault:
        at = len(text.rstrip()) if _is_end(fault) else _word_start(text, fault.pos_in_stream or 0)
        before = text[:at]
        line, column = before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
        here = text.splitlines()[line - 1].rstrip() if text.strip() else ""
        shown = f"\n    {here}\n    {' ' * (column - 1)}^" if here else ""
        raise spot.fault(
            f"the condition is not understood here: {_advice(text, at, fault)}{shown}", line, column
        ) from fault


def mistakes(tree: Branch, spot: Spot = Spot()) -> Iterator[DataError]:
    """What in *tree* is well written but means nothing, in the order of the text."""
    for subject in subjects(tree):
        for token, message, shift in _wrong(subject):
            yield spot.fault(message, token.line or 1, (token.column or 1) + shift)


def subjects(tree: Branch) -> Iterator[Branch]:
    """All that *tree* asks for, in the order of the text."""
    if tree.data == "subject":
        yield tree
        return
    for child in tree.children:
        if isinstance(child, Tree):
            yield from subjects(child)


def _word_start(text: str, at: int) -> int:
    """Where the word begins in which *at* lies: what was understood of its beginning is no help."""
    inside = re.match(r"[\w-]", text[at:]) and re.search(r"[\w-]+\Z", text[:at])
    return inside.start() if inside else at


Wrong = tuple[Token, str, int]
"""The token that is wrong, why and what to write instead, and how far into the token."""


def _wrong(subject: Branch) -> Iterator[Wrong]:
    kind, *filters = subject.children
    assert isinstance(kind, Token)
    for each in filters:
        assert isinstance(each, Tree)
        name, *values = (part for part in each.children if isinstance(part, Token))
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


def _has(kind: Token, name: Token) -> bool:
    if kind == "event":
        return name in EVENT_NAMES or not get_close_matches(name, EVENT_NAMES, 1, ALIKE)
    return name in (FACT_NAMES if kind == "fact" else OPERATION_NAMES)


def _wrong_flag(kind: Token, word: Token) -> Iterator[Wrong]:
    if word not in FLAGS:
        named = word in OPERATION_NAMES | FACT_NAMES or word in EVENT_NAMES
        mend = f"give it a value: `{word} = …`" if named else near(word, FLAGS)
        yield word, f"`{word}` is no flag; {mend}", 0
    elif kind in ("event", "fact"):
        yield word, f"`{word}` is said of operations, not of an {kind}", 0


def _wrong_pattern(text: Token) -> Iterator[Wrong]:
    try:
        re.compile(text[1:-1], re.IGNORECASE)
    except re.error as fault:
        yield (
            text,
            f"{text} is no regular expression: {fault.msg}; a \\ before a sign takes it as it is",
            1 + (fault.pos or 0),
        )


def _wrong_value(kind: Token, name: Token, value: Token) -> Iterator[Wrong]:
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


def _wrong_fact(kind: Token, filters: list[Token | Branch]) -> Iterator[Wrong]:
    named = [each for each in filters if isinstance(each, Tree) and each.data == "equal" and each.children[0] == "name"]
    if len(named) != 1:
        yield kind, "a fact is asked for by its name: `fact[name = wsus-server]`", 0
        return
    token = named[0].children[1]
    assert isinstance(token, Token)
    word = token[1:-1] if token.type == "STRING" else str(token)
    if word not in known_facts():
        yield token, f"`{word}` is no fact; {near(word, known_facts(), LIST)}", 0


def _is_end(fault: UnexpectedInput) -> bool:
    return isinstance(fault, UnexpectedEOF) or (isinstance(fault, UnexpectedToken) and fault.token.type == "$END")


def _advice(text: str, at: int, fault: UnexpectedInput) -> str:
    """What to write at position *at*, as far as that can be told."""
    if not text.strip():
        return "it is empty; write what must be there, such as `scan[failed, cause = 0x8024402C]`"
    before = text[:at].rstrip()
    if not _is_end(fault):
        for slip, mend in SLIPS:
            if slip.match(text, at):
                return mend
        word = re.match(r"[A-Za-z][\w-]*", text[at:])
        if word and word[0] not in SUBJECTS and text[at + word.end() :].lstrip().startswith("["):
            return f"`{word[0]}` is nothing to ask for; {near(word[0], SUBJECTS)}"
    if before.endswith(SUBJECTS):
        return "say in brackets what is asked: `scan[failed]`"
    if re.search(r"=[ \t]*\S*\Z", text[:at]) and re.match(r"[^\s\],)]", text[at:]):
        return 'put the value in double quotes: "…"'
    return f"expected {_expected(fault)}"


def _expected(fault: UnexpectedInput) -> str:
    names: set[str] = set()
    if isinstance(fault, UnexpectedToken | UnexpectedCharacters):
        names = set(fault.accepts or fault.expected if isinstance(fault, UnexpectedToken) else fault.allowed or ())
    elif isinstance(fault, UnexpectedEOF):
        names = set(fault.expected)
    return " or ".join(sorted(_shown(name) for name in names)) or "something else"


def _shown(name: str) -> str:
    words = {"SUBJECT": "a subject such as `scan[…]`", "NAME": "a name", "CODE": "a code", "NUMBER": "a number"}
    words |= {"STRING": 'a text in "…"', "COMPARISON": "`>=`", "$END": "the end"}
    if name in words:
        return words[name]
    return f"`{parser().get_terminal(name).pattern.value}`"

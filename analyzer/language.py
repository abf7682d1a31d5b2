"""The condition language as text: its tree, and where a text is not understood its place and how to mend it."""

import re
from collections.abc import Iterator
from functools import cache

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from analyzer.branch import Branch, Word
from analyzer.data import folder
from analyzer.errors import NOWHERE, Spot
from analyzer.mend import near

SUBJECTS = ("operation", "scan", "download", "install", "uninstall", "repair", "restart", "event", "fact")
SHOWN = 24
"""Signs shown of the place where a condition is not understood."""
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


@cache
def parser() -> Lark:
    """The parser of conditions."""
    return Lark(folder("grammars").joinpath("condition.lark").read_text("utf-8"), parser="lalr")


def parsed(text: str, spot: Spot = NOWHERE) -> Branch:
    """The condition *text* as a tree; DataError says where it is not understood and what to write instead."""
    try:
        return _branch(parser().parse(text))
    except UnexpectedInput as fault:
        at = len(text.rstrip()) if _is_end(fault) else _word_start(text, fault.pos_in_stream or 0)
        before = text[:at]
        line, column = before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
        here = text[at:].split("\n")[0][:SHOWN].rstrip()
        where = f"at `{here}`" if here else "at its end"
        raise spot.fault(
            f"the condition is not understood {where}: {_advice(text, at, fault)}", line, column
        ) from fault


def _branch(tree: Tree[Token]) -> Branch:
    parts = (
        _branch(part) if isinstance(part, Tree) else Word(part, part.type, part.line or 1, part.column or 1)
        for part in tree.children
    )
    return Branch(str(tree.data), tuple(parts))


def subjects(tree: Branch) -> Iterator[Branch]:
    """All that *tree* asks for, in the order of the text."""
    if tree.data == "subject":
        yield tree
        return
    for child in tree.children:
        if isinstance(child, Branch):
            yield from subjects(child)


def _word_start(text: str, at: int) -> int:
    """Where the word begins in which *at* lies: what was understood of its beginning is no help."""
    inside = re.match(r"[\w-]", text[at:]) and re.search(r"[\w-]+\Z", text[:at])
    return inside.start() if inside else at


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

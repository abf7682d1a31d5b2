"""Shapes: one regular expression from one lark rule, for text that is not recursive.

A kept terminal becomes a named group, a `_DROPPED` one or a plain string is matched and forgotten, a rule inside a
rule is written out in place. The same fields as lark's LALR parser gives, 25 to 40 times faster; a test holds both
against each other on every sample and on real logs.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from analyzer.cache import kept, program
from analyzer.errors import DataError
from analyzer.grammar import Grammar

if TYPE_CHECKING:
    from lark.grammar import Symbol
    from lark.grammar import Terminal as TerminalSymbol

Fields = dict[str, str]


class Shape(Struct, frozen=True):
    """One way to write one rule."""

    rule: str
    pattern: str
    """A regular expression without anchors; its groups are not named, they stand in the order of `names`."""
    names: tuple[str, ...]
    """The field that each group holds: the terminal's name in lower case."""
    literals: tuple[str, ...]
    """The runs of fixed text, in order."""

    @property
    def needle(self) -> str:
        """The longest run of fixed text: a line without it cannot fit."""
        return max(self.literals, key=len, default="")

    @property
    def first(self) -> str:
        """The character with which every text of it begins; empty where that is not fixed."""
        begins = bool(self.literals) and self.pattern.startswith(re.escape(self.literals[0]))
        return self.literals[0][0] if begins else ""


def shapes(grammar: Grammar, rule: str) -> tuple[Shape, ...]:
    """Every way to write *rule*, in the order of the grammar (with an optional part before without it)."""
    return tuple(_shape(grammar, rule, symbols) for symbols in _expansions(grammar, rule, ()))


def _expansions(grammar: Grammar, rule: str, above: tuple[str, ...]) -> "Iterator[tuple[TerminalSymbol, ...]]":
    if rule in above:
        raise DataError(f"rule `{rule}` is recursive: a shape cannot be", file=f"grammars/{grammar.name}.lark")
    for candidate in grammar.rules:
        if candidate.origin.name == rule:
            yield from _product(grammar, candidate.expansion, (*above, rule))


def _product(
    grammar: Grammar, symbols: "Sequence[Symbol]", above: tuple[str, ...]
) -> "Iterator[tuple[TerminalSymbol, ...]]":
    from lark.grammar import NonTerminal, Terminal

    if not symbols:
        yield ()
        return
    first, rest = symbols[0], symbols[1:]
    heads: Iterator[tuple[TerminalSymbol, ...]]
    if isinstance(first, NonTerminal):
        heads = _expansions(grammar, first.name, above)
    else:
        heads = iter(((Terminal(first.name, getattr(first, "filter_out", False)),),))
    for head in heads:
        for tail in _product(grammar, rest, above):
            yield (*head, *tail)


def _shape(grammar: Grammar, rule: str, symbols: "Sequence[TerminalSymbol]") -> Shape:
    from lark.lexer import PatternStr

    patterns = {terminal.name: terminal.pattern for terminal in grammar.terminals}
    parts: list[str] = []
    names: list[str] = []
    literals: list[str] = []
    run = ""
    for symbol in symbols:
        pattern = patterns[symbol.name]
        literal = pattern.value if isinstance(pattern, PatternStr) and not pattern.flags else ""
        if literal and symbol.filter_out:
            run += literal
            parts.append(re.escape(literal))
            continue
        literals.append(run)
        run = ""
        if symbol.filter_out:
            parts.append(f"(?:{pattern.to_regexp()})")
            continue
        name = symbol.name.lower()
        if name in names:
            raise DataError(f"rule `{rule}` holds {symbol.name} twice", file=f"grammars/{grammar.name}.lark")
        names.append(name)
        parts.append(f"({pattern.to_regexp()})")
    literals.append(run)
    return Shape(rule, "".join(parts), tuple(names), tuple(text for text in literals if text))


class _Way(Struct):
    """A shape that a text can have, compiled when a text holds its needle: most are not met in a run."""

    shape: Shape
    needle: str
    _pattern: re.Pattern[str] | None = None

    def fits(self, text: str) -> re.Match[str] | None:
        """The match, if the whole of *text* fits."""
        if self._pattern is None:
            self._pattern = re.compile(f"(?:{self.shape.pattern})\\Z", re.DOTALL)
        return self._pattern.match(text)


class Shapes:
    """Several shapes tried as one: which rule a text fits, and its fields."""

    __slots__ = ("_bytes_pattern", "_marks", "_text", "_ways", "shapes")

    def __init__(self, *alternatives: Shape) -> None:
        # An empty group closes each alternative: `lastindex` then tells which one fitted.
        text = "|".join(f"{shape.pattern}()" for shape in alternatives)
        self.shapes = alternatives
        self._text = f"(?:{text})"
        self._ways: dict[str, list[_Way]] = {}
        """By the first character of a text, the shapes that it can have, in order; empty for any other one."""
        self._bytes_pattern: re.Pattern[bytes] | None = None
        self._marks: dict[int, tuple[Shape, int]] = {}
        index = 1
        for shape in alternatives:
            groups = len(shape.names)
            self._marks[index + groups] = (shape, index)
            index += groups + 1

    @property
    def bytes_pattern(self) -> re.Pattern[bytes]:
        """For undecoded lines, matched with an end position; classes such as `\\d` are ASCII's."""
        if self._bytes_pattern is None:
            self._bytes_pattern = re.compile((self._text + r"\Z").encode(), re.DOTALL)
        return self._bytes_pattern

    @property
    def anywhere(self) -> re.Pattern[str]:
        """For searching: any of the shapes, wherever it stands in a text."""
        return re.compile(self._text, re.DOTALL)

    def match(self, text: str) -> tuple[str, Fields] | None:
        """The rule that the whole of *text* fits first and its fields by name, or None."""
        ways = self._ways or self._all_ways()
        for way in ways.get(text[:1]) or ways[""]:
            if way.needle in text and (found := way.fits(text)) is not None:
                return way.shape.rule, dict(zip(way.shape.names, found.groups(), strict=True))
        return None

    def _all_ways(self) -> dict[str, list[_Way]]:
        known = [(_Way(shape, shape.needle), shape.first) for shape in self.shapes]
        for first in {"", *(first for _, first in known)}:
            self._ways[first] = [way for way, own in known if own in ("", first)]
        return self._ways

    def fields(self, found: re.Match[str]) -> tuple[str, Fields]:
        """The rule that a match of one of these patterns fits, and its fields by name."""
        shape, first = self._marks[found.lastindex or 0]
        return shape.rule, dict(zip(shape.names, found.groups()[first - 1 : first - 1 + len(shape.names)], strict=True))

    @property
    def marks(self) -> Mapping[int | None, tuple[str, int]]:
        """By `lastindex` of a match: the rule that fits, and the number of its first group."""
        return {index: (shape.rule, first) for index, (shape, first) in self._marks.items()}


class _Written(Struct, frozen=True):
    """A grammar written out as regular expressions."""

    shapes: Mapping[str, tuple[Shape, ...]]
    """By rule, those with samples."""
    fields: Mapping[str, str]
    """The pattern of each field, by name."""


def compiled(grammar: Grammar, *rules: str) -> Shapes:
    """All the shapes of *rules* (of every rule with samples, if none is named), in order."""
    known = _written(grammar).shapes
    return Shapes(*(shape for rule in rules or grammar.starts for shape in known[rule]))


def fields_of(grammar: Grammar) -> Mapping[str, str]:
    """The regular expression of each field that the shapes of *grammar* hold, by name."""
    return _written(grammar).fields


@cache
def _written(grammar: Grammar) -> _Written:
    """Kept between runs: lark takes longer for a grammar than most logs take to read."""

    def make() -> bytes:
        found = {rule: shapes(grammar, rule) for rule in grammar.starts}
        names = {name for ways in found.values() for shape in ways for name in shape.names}
        patterns = {terminal.name.lower(): terminal.pattern.to_regexp() for terminal in grammar.terminals}
        ways = {rule: [(way.pattern, way.names, way.literals) for way in known] for rule, known in found.items()}
        return json.dumps({"shapes": ways, "fields": {name: patterns[name] for name in sorted(names)}}).encode()

    content = kept(f"grammar-{grammar.name}", (program("grammar", "shape"), grammar.text.encode()), make)
    written = json.loads(content)
    return _Written(
        {
            rule: tuple(Shape(rule, pattern, tuple(names), tuple(literals)) for pattern, names, literals in ways)
            for rule, ways in written["shapes"].items()
        },
        written["fields"],
    )

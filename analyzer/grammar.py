"""Grammar files: lark rules that carry their own samples.

A comment `// >>> text` above a rule is a text that this rule must fit, `// !!! text` one that it must not;
`\\t` stands for a tab in them, `\\n` for a line end.
"""

from collections.abc import Collection, Iterator
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from analyzer.data import folder
from analyzer.errors import DataError

if TYPE_CHECKING:  # slow to import; a run whose shapes are kept from an earlier one needs none of it
    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef


class Sample(Struct, frozen=True):
    """One sample text of a rule."""

    rule: str
    text: str
    fits: bool
    line: int
    """1-based line in the grammar file."""


class Grammar(Struct, frozen=True):
    """One `grammars/*.lark` file; lark reads it when its rules are first asked for."""

    name: str
    text: str
    samples: tuple[Sample, ...]

    @property
    def starts(self) -> tuple[str, ...]:
        """The rules that stand for whole texts, in the order of the file: those that have samples."""
        return tuple(dict.fromkeys(sample.rule for sample in self.samples))

    @property
    def rules(self) -> "list[Rule]":
        """The rules with every alternative and optional part written out, as lark compiles them."""
        return _lark(self).rules

    @property
    def terminals(self) -> "Collection[TerminalDef]":
        """The terminals with their patterns."""
        return _lark(self).terminals

    def parser(self) -> "Lark":
        """lark's own LALR parser for the same rules, to check the shapes against."""
        from lark import Lark

        return Lark(self.text, start=list(self.starts), parser="lalr", lexer="contextual")


def samples_of(text: str, name: str = "") -> Iterator[Sample]:
    """The samples in the grammar *text*, each with the rule that follows it."""
    waiting: list[tuple[str, bool, int]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(("// >>> ", "// !!! ")):
            waiting.append((line[7:].replace("\\t", "\t").replace("\\n", "\n"), line[3] == ">", number))
        elif line and not line[0].isspace() and not line.startswith("//"):
            rule = line.split(":", 1)[0].split(".", 1)[0].lstrip("?!").strip()
            for sample, fits, at in waiting:
                yield Sample(rule, sample, fits, at)
            waiting.clear()
    if waiting:
        raise DataError("a sample without a rule below it", file=name, line=waiting[0][2])


@cache
def load(name: str) -> Grammar:
    """The grammar `grammars/<name>.lark`; DataError names file, line and column of a mistake once it is used."""
    return _grammar(folder("grammars").joinpath(f"{name}.lark").read_text("utf-8"), name)


def parse(text: str, name: str) -> Grammar:
    """The grammar written as *text*, checked at once."""
    grammar = _grammar(text, name)
    _lark(grammar)
    return grammar


def _grammar(text: str, name: str) -> Grammar:
    file = f"grammars/{name}.lark"
    samples = tuple(samples_of(text, file))
    if not samples:
        raise DataError("no rule has a sample (`// >>> text` above it)", file=file)
    return Grammar(name, text, samples)


@cache
def _lark(grammar: Grammar) -> "Lark":
    from lark import Lark
    from lark.exceptions import GrammarError, LarkError

    file = f"grammars/{grammar.name}.lark"
    try:
        return Lark(grammar.text, start=list(grammar.starts), parser=None, lexer="basic", keep_all_tokens=False)
    except GrammarError as fault:
        raise DataError(str(fault), file=file) from fault
    except LarkError as fault:
        line, column = getattr(fault, "line", 0) or 0, getattr(fault, "column", 0) or 0
        raise DataError(str(fault), file=file, line=line, column=column) from fault

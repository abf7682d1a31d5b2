"""Setup's extend codes: the second half of `0xC1900101 - 0x4000D`, from `codes/extend_codes.csv`."""

from collections.abc import Mapping
from functools import cache

from msgspec import Struct

from analyzer.codebook.meaning import word
from analyzer.codebook.rows import table

COLUMNS = ("kind", "hex", "symbol")


class Stage(Struct, frozen=True):
    """Where in the upgrade setup was, and what it did there."""

    value: int
    phase: str
    """Public name of the phase; empty where the number has none."""
    phase_words: str
    operation: str
    operation_words: str


def stage(value: int, lang: str) -> Stage:
    """The two halves of an extend code: the phase in the digits above the low word, the operation in the low byte."""
    phase, operation = f"{value >> 16:X}", f"{value & 0xFFFF:02X}"
    return Stage(
        value,
        _names().get(("phase", phase), ""),
        word("words", "phase", phase, lang) or word("words", "phase", "0", lang),
        _names().get(("operation", operation), ""),
        word("words", "operation", operation, lang) or word("words", "operation", "00", lang),
    )


@cache
def _names() -> Mapping[tuple[str, str], str]:
    return {(kind, digits): symbol for _, (kind, digits, symbol) in table("extend_codes.csv", COLUMNS).lines()}

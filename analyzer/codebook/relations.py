"""Relations between codes: those that follow from the numbers, and those of `codes/relations.csv`."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from analyzer.codebook.book import lookup
from analyzer.codebook.code import Code, Relation
from analyzer.codebook.decode import twins
from analyzer.codebook.rows import table
from analyzer.codebook.spaces import MASK
from analyzer.errors import DataError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

COLUMNS = ("code", "relation", "other", "basis", "note")
INVERSE = {
    "wraps": "wrapped-by",
    "caused-by": "causes",
    "leads-to": "comes-from",
    "maps-from": "maps-to",
    "nt-twin": "win32-twin",
    "http-status": "http-status",
    "same-cause": "same-cause",
    "similar": "similar",
}
"""Each relation with its name seen from the other end."""
KINDS = ("twin", *dict.fromkeys((*INVERSE, *INVERSE.values())))

Links = Mapping[int, tuple[tuple[str, int, str], ...]]


def related(code: Code) -> tuple[Relation, ...]:
    """The codes that belong to *code*, twins first."""
    pairs = dict.fromkeys(twins(code.value, code.space))
    if code.space == "hresult" and code.number != code.value:
        pairs["hresult", code.number] = None
    found = [("twin", value, where, "") for where, value in pairs]
    found += [(kind, value, "hresult", note) for kind, value, note in _links().get(_key(code), ())]
    order = {kind: place for place, kind in enumerate(KINDS)}
    found.sort(key=lambda item: order[item[0]])
    return tuple(
        Relation(kind, value, where, lookup(value, space=where).symbol, note) for kind, value, where, note in found
    )


def _key(code: Code) -> int:
    """The value under which relations are filed: a bare Win32 number counts as its HRESULT."""
    if code.space == "win32" and code.value <= 0xFFFF and code.value:
        return 0x80070000 | code.value
    return code.number & MASK if code.space == "ntstatus" else code.value


@cache
def _links() -> Links:
    return read_links()


def read_links(root: "Traversable | None" = None) -> Links:
    """Every link of the file from both its ends."""
    rows = table("relations.csv", COLUMNS, root)
    found: dict[int, tuple[tuple[str, int, str], ...]] = {}
    for line, (first, kind, second, _basis, note) in rows.lines():
        if kind not in INVERSE:
            raise DataError(f"unknown relation {kind!r}: use {', '.join(INVERSE)}", file=rows.file, line=line)
        one, other = rows.number(line, first, 16), rows.number(line, second, 16)
        found[one] = (*found.get(one, ()), (kind, other, note))
        found[other] = (*found.get(other, ()), (INVERSE[kind], one, note))
    return found

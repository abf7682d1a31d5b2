"""How far a record would unfold, before a parser that unfolds all of it is asked.

A template may name a value many times, and a value may be a template again: some dozen kilobytes can become terabytes.
"""

import re
from collections import Counter
from itertools import accumulate
from struct import Struct, error

from analyzer.formats.evtx.binxml import START
from analyzer.formats.evtx.chunks import Found

LARGEST = 8 << 20
"""Bytes to which a record may unfold: a hundred times those of the largest that there are."""
DEPTH = 12
"""Templates in templates; Windows has two."""
EFFORT = 16 << 20
"""Bytes looked at of one chunk; what is left after it passes for a bomb."""
VALUE = re.compile(rb"(?=[\x0d\x0e](..))", re.DOTALL)
"""What may name a value; also by chance, so what is counted is never too little."""
INSTANCE = re.compile(rb"(?=\x0c.......\0\0)", re.DOTALL)
"""What may name a template: its offset is within the chunk."""
BEGIN = 24
"""Bytes of a record before what it says."""
FRAGMENT, ARRAY = 0x21, 0x80
ITEM = 16
"""What each byte of a value that is several may become, with a name before each of them."""

_long = Struct("<I").unpack_from


class Unfolding:
    """What the records of one chunk unfold to; what was measured once is known."""

    def __init__(self, data: bytes) -> None:
        self.data, self.left = data, EFFORT
        self.known: dict[int, int] = {}

    def is_bomb(self, record: Found) -> bool:
        """Whether *record* would unfold beyond all reason."""
        return self.fragment(record.start + BEGIN, record.start + record.size, DEPTH) > LARGEST

    def fragment(self, begin: int, end: int, depth: int) -> int:
        """Bytes of what stands from *begin* to *end*, unfolded."""
        self.left -= max(0, end - begin)
        if not depth or self.left < 0:
            return LARGEST + 1
        if self.data[begin : begin + 4] == START:
            begin += 4
        if self.data[begin : begin + 1] == b"\x0c":
            return self.instance(begin, end, depth)
        found = [begin + one.start() for one in INSTANCE.finditer(self.data[begin:end])]
        return end - begin + sum(self.instance(at, end, depth) for at in found)

    def instance(self, at: int, end: int, depth: int) -> int:
        """Bytes of the template named at *at* with its values."""
        if at not in self.known:
            self.known[at] = LARGEST + 1  # until it is known: one that holds itself never ends
            try:
                self.known[at] = self._instance(at, end, depth)
            except error:
                self.known[at] = 0
        return self.known[at]

    def _instance(self, at: int, end: int, depth: int) -> int:
        data = self.data
        (definition,) = _long(data, at + 6)
        values = at + 10
        (size,) = _long(data, definition + 20)
        if definition == values:
            values += 24 + size
        (count,) = _long(data, values)
        if values + 4 + 4 * count > min(end, len(data)):
            return 0
        begin, behind = definition + 24, min(definition + 24 + size, len(data))
        total = self.fragment(begin, behind, depth - 1) if data[begin : begin + 4] == START else size
        described = [data[place : place + 4] for place in range(values + 4, values + 4 + 4 * count, 4)]
        sizes = [one[0] | one[1] << 8 for one in described]
        starts = list(accumulate(sizes, initial=values + 4 + 4 * count))
        named = Counter(found[1][0] | found[1][1] << 8 for found in VALUE.finditer(data[begin:behind]))
        for number, times in named.items():
            if number < count and total <= LARGEST:
                kind, unfolded = described[number][2], sizes[number]
                if kind == FRAGMENT:
                    unfolded = self.fragment(starts[number], starts[number + 1], depth - 1)
                elif kind & ARRAY:
                    unfolded *= ITEM
                total += times * unfolded
        return total

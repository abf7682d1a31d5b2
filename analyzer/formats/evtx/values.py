"""The values of a record, by their types, as the texts that the whole parser makes of them."""

from codecs import utf_16_le_decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from struct import Struct

from analyzer.formats.evtx.binxml import OddError, Value
from analyzer.formats.evtx.layout import Content
from analyzer.formats.evtx.record import YEARS

TEXT, TIME, FRAGMENT, TEXTS = 0x01, 0x11, 0x21, 0x81
EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
TICKS = 10
"""In a microsecond, as Windows counts time."""
LAST = 0x2300000000000000
"""A time beyond the years that are believed, in ticks."""
MOST = 256
"""Values of one record."""
PLENTY = 16
LARGEST = 1 << 20
"""Characters of one event of which the values are plenty; a larger one is a bomb."""

TRUTHS = ("False", "True")
"""Any other number is written as one."""

_count = Struct("<I").unpack_from


class Values:
    """The values of one template instance, which stand in *data* from *at* on and not behind *end*."""

    __slots__ = ("data", "kinds", "starts")

    def __init__(self, data: bytes, at: int, end: int) -> None:
        (count,) = _count(data, at)
        if count > MOST:
            raise OddError
        described = _described(count)(data, at + 4)
        self.data, self.kinds = data, described[1::2]
        self.starts = list(accumulate(described[::2], initial=at + 4 + 4 * count))
        if self.starts[-1] > end:
            raise OddError

    def text(self, part: str | Value) -> str:
        """*part* as text."""
        if isinstance(part, str):
            return part
        at = part[0]
        return TYPES[self.kinds[at]](self.data[self.starts[at] : self.starts[at + 1]])

    def number(self, part: str | Value) -> int:
        """*part* as a number; 0 if it is empty."""
        if isinstance(part, str):
            return int(part or 0)
        at = part[0]
        if self.kinds[at] not in UNSIGNED:
            return int(self.text(part) or 0)
        return int.from_bytes(self.data[self.starts[at] : self.starts[at + 1]], "little")

    def time(self, part: str | Value) -> datetime | None:
        """*part* as a time; None if it cannot be right."""
        if isinstance(part, str) or self.kinds[part.at] != TIME:
            raise OddError
        when = _moment(self.data[self.starts[part.at] : self.starts[part.at + 1]])
        return when if when.year in YEARS else None

    def content(self, content: Content) -> tuple[Mapping[str, str], tuple[str, ...], str]:
        """The values by name, all of them in order, and what is binary."""
        names: dict[str, str] = {}
        strings: list[str] = []
        text, kinds = self.text, self.kinds
        for name, part in content.values:
            if name:
                names[name] = text(part)
                strings.append(names[name])
            elif isinstance(part, Value) and kinds[part.at] == TEXTS:
                strings += self._texts(part.at)
            else:
                strings.append(text(part))
        if len(strings) > PLENTY and sum(map(len, strings)) > LARGEST:
            raise OddError
        return names, tuple(strings), self.text(content.binary)

    def _texts(self, at: int) -> list[str]:
        """A value that is several texts, each with its end marked."""
        whole = utf_16_le_decode(self.data[self.starts[at] : self.starts[at + 1]], "strict", True)[0]
        if not whole.endswith("\0"):
            raise OddError
        return whole[:-1].split("\0")


@cache
def _described(count: int) -> Callable[[bytes, int], tuple[int, ...]]:
    """What unpacks the sizes and types of *count* values."""
    return Struct("<" + count * "HBx").unpack_from


# ---- types ----


def _nothing(raw: bytes) -> str:
    return ""


def _text(raw: bytes) -> str:
    return utf_16_le_decode(raw, "strict", True)[0].rstrip("\0")


def _signed(raw: bytes) -> str:
    return str(int.from_bytes(raw, "little", signed=True))


def _unsigned(raw: bytes) -> str:
    return str(int.from_bytes(raw, "little"))


def _truth(raw: bytes) -> str:
    return TRUTHS[int.from_bytes(raw, "little")]


def _hex(raw: bytes) -> str:
    return hex(int.from_bytes(raw, "little"))


def _binary(raw: bytes) -> str:
    return raw.hex().upper()


def _guid(raw: bytes) -> str:
    if len(raw) != 16:
        raise OddError
    parts = (raw[3::-1], raw[5:3:-1], raw[7:5:-1], raw[8:10], raw[10:])
    return "-".join(part.hex() for part in parts).upper()


def _moment(raw: bytes) -> datetime:
    ticks = int.from_bytes(raw, "little")
    if ticks > LAST:
        raise OddError
    return EPOCH + timedelta(0, 0, ticks // TICKS)


def _time(raw: bytes) -> str:
    return _moment(raw).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _sid(raw: bytes) -> str:
    revision, count = raw[0], raw[1]
    if len(raw) != 8 + 4 * count:
        raise OddError
    parts = (int.from_bytes(raw[at : at + 4], "little") for at in range(8, len(raw), 4))
    return "-".join(("S", str(revision), str(int.from_bytes(raw[2:8], "big")), *map(str, parts)))


UNSIGNED = frozenset({0x04, 0x06, 0x08, 0x0A})
TYPES: Mapping[int, Callable[[bytes], str]] = {
    0x00: _nothing,
    TEXT: _text,
    **dict.fromkeys((0x03, 0x05, 0x07, 0x09), _signed),
    **dict.fromkeys(UNSIGNED, _unsigned),
    0x0D: _truth,
    0x0E: _binary,
    0x0F: _guid,
    TIME: _time,
    0x13: _sid,
    **dict.fromkeys((0x10, 0x14, 0x15), _hex),
}
"""What makes a text of a value, by its type."""

"""The values of a record, by their types, as the texts that the whole parser makes of them."""

from codecs import utf_16_le_decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from analyzer.formats.evtx.binxml import OddError
from analyzer.formats.evtx.record import YEARS

NOTHING, TEXT, TIME, FRAGMENT, TEXTS = 0x00, 0x01, 0x11, 0x21, 0x81
UNSIGNED: Mapping[int, int] = {0x04: 1, 0x06: 2, 0x08: 4, 0x0A: 8}
"""Types of numbers without a sign, and how many bytes they take."""
EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
TICKS = 10
"""In a microsecond, as Windows counts time."""
LAST = 0x2300000000000000
"""A time beyond the years that are believed, in ticks."""
TRUTHS = ("False", "True")
"""Any other number is written as one."""


def moment(ticks: int) -> datetime | None:
    """The time that is so many *ticks* after the beginning of 1601; None if it cannot be right."""
    if ticks > LAST:
        raise OddError
    when = EPOCH + timedelta(0, 0, ticks // TICKS)
    return when if when.year in YEARS else None


def text(raw: bytes) -> str:
    """A text without the zeros behind it."""
    return utf_16_le_decode(raw, "strict", True)[0].rstrip("\0")


def texts(raw: bytes) -> list[str]:
    """Several texts, each with its end marked."""
    whole = utf_16_le_decode(raw, "strict", True)[0]
    if not whole.endswith("\0"):
        raise OddError
    return whole[:-1].split("\0")


def _nothing(raw: bytes) -> str:
    return ""


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
    return "-".join([part.hex() for part in parts]).upper()


def _time(raw: bytes) -> str:
    ticks = int.from_bytes(raw, "little")
    if ticks > LAST:
        raise OddError
    return (EPOCH + timedelta(0, 0, ticks // TICKS)).isoformat("T", "microseconds").replace("+00:00", "Z")


def _sid(raw: bytes) -> str:
    revision, count = raw[0], raw[1]
    if len(raw) != 8 + 4 * count:
        raise OddError
    parts = (int.from_bytes(raw[at : at + 4], "little") for at in range(8, len(raw), 4))
    return "-".join(("S", str(revision), str(int.from_bytes(raw[2:8], "big")), *map(str, parts)))


TYPES: Mapping[int, Callable[[bytes], str]] = {
    NOTHING: _nothing,
    TEXT: text,
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

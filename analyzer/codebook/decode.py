"""How a 32-bit value is taken apart: the readings to try, best first.

The order is that of the public macros (HRESULT_FROM_WIN32, HRESULT_FROM_NT, NTSTATUS_FROM_WIN32,
HRESULT_FROM_SETUPAPI), with the private conventions of the field (ESE, HTTP, Intune's agent) where they stand alone.
"""

from collections.abc import Iterator

from msgspec import Struct

from analyzer.codebook.spaces import MASK, signed


class Reading(Struct, frozen=True):
    """One way to read a value: the number to look for, the space to look in, and how it came out of the value."""

    space: str
    number: int
    how: str
    """Key of a sentence in `words.toml`, section `readings`."""


def readings(value: int, space: str) -> Iterator[Reading]:
    """The ways to read *value* that was met in *space*, best first; the last always fits."""
    if space == "hresult":
        yield from _of_hresult(value)
    elif space == "jet":
        yield Reading("jet", signed(value), "jet")
    elif space == "setupapi":
        yield Reading("hresult", 0x800F0000 | value & 0xFFFF, "setupapi")
    elif space == "http":
        yield Reading("hresult", 0x80190000 | value & 0xFFFF, "http")
    elif space == "win32" and value > 0xFFFF:
        yield from _of_hresult(value)
    elif space == "win32" and value in (0, 1):
        yield Reading("win32", value, "win32")
    else:
        yield Reading(space, value, space)


def _of_hresult(value: int) -> Iterator[Reading]:
    high, low = value >> 16, value & 0xFFFF
    if high == 0x8007:
        yield Reading("win32", low, "win32-in-hresult")
    elif high in (0xC007, 0xD007):
        yield Reading("win32", low, "win32-in-ntstatus")
    yield from _of_own_ranges(value, high, low)
    yield Reading("hresult", value, "hresult" if high else "small")
    if not high:
        yield Reading("win32", value, "win32")
    elif value >> 28 == 0xD:
        yield Reading("ntstatus", value & ~0x10000000, "ntstatus-in-hresult")
    elif value >> 28 in (0x4, 0x8, 0xC):
        yield Reading("ntstatus", value, "ntstatus")
    elif signed(value) >= -9999:
        yield Reading("jet", signed(value), "jet")


def _of_own_ranges(value: int, high: int, low: int) -> Iterator[Reading]:
    """Ranges that hold the numbers of another space."""
    if high in (0xC800, 0x8E5E):
        yield Reading("jet", -low, "ese")
    elif high == 0xE000:
        yield Reading("hresult", 0x800F0000 | low, "setupapi")
    elif high == 0x80CF:
        yield Reading("hresult", 0x80240000 | low, "intune")


def twins(value: int, space: str) -> Iterator[tuple[str, int]]:
    """Other values that say the same by construction, each with its space; *value* was read in *space*."""
    high, low = value >> 16, value & 0xFFFF
    if space == "win32" and not high and low:
        yield "hresult", 0x80070000 | low
    elif space == "jet" and high == 0xFFFF:
        yield "hresult", 0xC8000000 | -value & 0xFFFF
    elif space == "bugcheck":
        return
    elif high == 0x8007:
        yield "win32", low
    elif high in (0xC007, 0xD007):
        yield "hresult", 0x80070000 | low
    elif high == 0xC800:
        yield from (("jet", -low & MASK), ("hresult", 0x8E5E0000 | low))
    elif high == 0x8E5E:
        yield from (("jet", -low & MASK), ("hresult", 0xC8000000 | low))
    elif high == 0xE000:
        yield "hresult", 0x800F0000 | low
    elif high == 0x800F and low < 0x0800:
        yield "setupapi", 0xE0000000 | low
    elif high == 0x8019 and 100 <= low < 600:
        yield "http", low
    elif value >> 28 == 0xD:
        yield "ntstatus", value & ~0x10000000
    elif high == 0x80CF:
        yield "hresult", 0x80240000 | low

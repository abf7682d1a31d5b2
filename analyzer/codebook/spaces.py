"""Number spaces: how each writes its numbers, and what the bits of a 32-bit value say."""

from analyzer.codebook import facilities

DECIMAL = frozenset({"win32", "jet", "cmprob", "cmret", "http"})
"""Spaces that people write in decimal."""
SPACES = ("hresult", "win32", "ntstatus", "jet", "setupapi", "bugcheck", "cmprob", "cmret", "http")
MASK = 0xFFFFFFFF
_NT_SEVERITIES = ("success", "info", "warning", "error")


def write(number: int, space: str) -> str:
    """*number* as its space writes it: `1603`, `-1808`, `0x8024402C`."""
    return str(number) if space in DECIMAL else f"0x{number & MASK:08X}"


def read(text: str, space: str) -> int:
    """The number that a fact or meaning is filed under; ValueError if it is not written as its space does."""
    if space in DECIMAL:
        return int(text, 10)
    digits = text.removeprefix("0x")
    if len(digits) != 8 or digits != digits.upper():
        raise ValueError(f"{text!r} is not eight capital hex digits")
    return int(digits, 16)


def signed(value: int) -> int:
    """*value* as PowerShell and .NET print it."""
    value &= MASK
    return value - (MASK + 1) if value >> 31 else value


def severity(number: int, space: str) -> str:
    """What the sign or the severity bits say."""
    match space:
        case "ntstatus":
            return _NT_SEVERITIES[(number & MASK) >> 30]
        case "jet":
            return "error" if number < 0 else "warning" if number else "success"
        case "bugcheck":
            return "stop"
        case "hresult":
            return "error" if number & 0x80000000 else "success"
        case "http":
            return "error" if number >= 300 else "success"
        case _:
            return "error" if number else "success"


def facility_of(value: int, space: str) -> str:
    """Name of the facility in the bits of *value*, or `facility 0x…` where the number has no name."""
    nt = space == "ntstatus"
    number = (value >> 16) & (0xFFF if nt else 0x7FF)
    return facilities.name("ntstatus" if nt else "hresult", number) or f"facility 0x{number:X}"


def is_customer(value: int) -> bool:
    """The customer bit: the code was made by a vendor, outside the public tables."""
    return bool(value & 0x20000000)

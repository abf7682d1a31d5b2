"""Codes found in running text: logs, mails, tickets. GUID parts, hashes and addresses are not codes."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from analyzer.codebook import spaces
from analyzer.codebook.book import lookup
from analyzer.codebook.code import Code

_CODE = re.compile(
    r"""
    (?<![0-9A-Za-z_])0x(?P<hex>[0-9a-f]{8})(?![0-9A-Za-z_])(?:\s?-\s?0x(?P<extend>[0-9a-f]{5,6})(?![0-9A-Za-z_]))?
  | (?<![0-9A-Za-z_{/\\.+-])(?P<bare>[89cd][0-9a-f]{7})(?![0-9A-Za-z_}\\-])
  | (?<![0-9A-Za-z_.-])(?P<signed>-2[01]\d{8})(?![0-9A-Za-z_])
  | (?<![0-9A-Za-z_.])(?P<unsigned>2[12]\d{8})(?![0-9A-Za-z_.-])
  | %%(?P<percent>\d{1,5})(?!\d)
  | \b(?:exit|return)[ _]?code(?:\ is|\ was)?\s*[:=]?\s*(?P<exit>\d{1,5})(?![0-9A-Za-z_])
  | \bHTTP(?:/\d(?:\.\d)?)?(?:[ _-]status)?(?:[ _-]code)?\s*[:=]?\s*(?P<http>[1-5]\d\d)(?!\d)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FLAG_WORD = re.compile(r"(?:flags?|mask|options)\s*[:=]?\s*\(?$", re.IGNORECASE)
"""What stands before a number that is a set of flags, not a code."""
_FLAGS = frozenset({*range(0x80000000, 0x80000007), 0xC0000000, 0xFFFFFFFF})
"""Numbers that logs use as flags, as registry roots (HKEY_LOCAL_MACHINE is 0x80000002) or as “nothing”."""


class Found(Struct, frozen=True):
    """One code of a text: where it stands first, and how often it stands there."""

    code: Code
    line: int
    """1-based number of the line that holds it first."""
    text: str
    count: int
    extend: int | None = None


def find(lines: Iterable[str], lang: str = "en") -> tuple[Found, ...]:
    """Every code of the text once, in the order of first sight."""
    seen: dict[tuple[int, str, int | None], tuple[int, str, int]] = {}
    for number, line in enumerate(lines, 1):
        for key in codes_in(line):
            first, text, count = seen.get(key, (number, line.strip(), 0))
            seen[key] = (first, text, count + 1)
    return tuple(
        Found(lookup(value, space=space, lang=lang), first, text, count, extend)
        for (value, space, extend), (first, text, count) in seen.items()
    )


def codes_in(line: str) -> Iterator[tuple[int, str, int | None]]:
    """The codes of one line: value, space and, for setup errors, the extend code."""
    for match in _CODE.finditer(line):
        if _FLAG_WORD.search(line, max(0, match.start() - 12), match.start()):
            continue
        text = match[match.lastgroup or 0] if match.lastgroup != "extend" else match["hex"]
        match "hex" if match.lastgroup == "extend" else match.lastgroup:
            case "hex":
                value = int(text, 16)
                if value not in _FLAGS and value > 0xFFFF and (value >> 28 in (0x8, 0xC, 0xD) or lookup(value).known):
                    yield value, "hresult", int(match["extend"], 16) if match["extend"] else None
            case "bare":
                value = int(text, 16)
                if value not in _FLAGS and lookup(value).known:
                    yield value, "hresult", None
            case "signed" | "unsigned":
                value = int(text) & spaces.MASK
                if lookup(value).known:
                    yield value, "hresult", None
            case "http":
                if int(text) >= 400:
                    yield int(text), "http", None
            case _:
                if int(text) and lookup(int(text), space="win32").known:
                    yield int(text), "win32", None

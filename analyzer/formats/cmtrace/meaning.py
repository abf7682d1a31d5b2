"""What the ConfigMgr client means by a text."""

import re
from functools import cache

from analyzer.events import FACT, ROUTINE, Said, coded
from analyzer.grammar import load
from analyzer.notation import codes_in, number
from analyzer.scan import needles_of
from analyzer.shape import Shapes, compiled

READ = 64 << 10
"""Characters of a text that are looked at."""
INFORMATION = "1"
UNKNOWN = "configmgr-code"
"""A warning or error with a code and no meaning of its own."""
NOT_THERE = 0x80070002
SUCCESSES = frozenset({"update-scan-succeeded", "update-downloaded"})
INDENT = re.compile(r"\A(?:ScanJob\(\{[0-9A-Fa-f-]{36}\}\): )?(?:(?:- ?){2,})?")
"""ScanAgent names its job and indents with dashes."""


@cache
def messages() -> Shapes:
    """The shapes of what the client says."""
    return compiled(load("cmtrace-messages"))


@cache
def needles() -> tuple[str, ...]:
    """What a record must hold to say something known."""
    return needles_of(messages().shapes)


def flat(text: str) -> str:
    """*text* on one line; the older form writes `~` for a line end."""
    return " ".join(text[:READ].replace("~", " ").split())


def understand(component: str, level: str, text: str) -> Said:
    """What *component* means by *text* (flat), written as information, warning or error."""
    found = messages().match(INDENT.sub("", text))
    if found is None:
        return _code(component, level, text)
    kind, fields = found[0].replace("_", "-"), dict(found[1])
    if kind.startswith("fact-"):
        return Said(FACT, component, (), {"name": kind.removeprefix("fact-"), "value": fields["value"].strip()})
    codes = () if kind in SUCCESSES else _codes(fields)
    if kind == "configmgr-policy-unreadable" and codes == (NOT_THERE,):
        return Said(ROUTINE, component, codes, fields, "the first time there is no policy to be read")
    return Said(kind, component, codes, fields)


def _codes(fields: dict[str, str]) -> tuple[int, ...]:
    result = number(fields.get("result") or fields.get("ended") or "0")
    return (result,) if result & 0x80000000 else ()


def _code(component: str, level: str, text: str) -> Said:
    """A text that says nothing known: its codes count, and those of mere information are routine."""
    codes = codes_in(text)
    if codes and level == INFORMATION:
        return Said(ROUTINE, component, codes, reason="the client writes it as information, not as a fault")
    return coded(component, text, codes, UNKNOWN)

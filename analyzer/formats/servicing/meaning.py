"""What the texts of servicing, DISM and Windows Setup mean, and which of their codes tell of no failure."""

import re
from collections.abc import Mapping
from functools import cache

from analyzer import notation
from analyzer.events import FACT, NOTHING, ROUTINE, Said, routine_reason
from analyzer.formats.servicing.lines import UNIVERSAL, told_by
from analyzer.grammar import load
from analyzer.model import NO_FIELDS
from analyzer.notation import codes_in
from analyzer.scan import needles_of
from analyzer.shape import Shapes, compiled

CODED = "servicing-code"
"""A line with a failure code and no meaning of its own."""
PASSING = (
    "on a line of level Info: one of several ways that were tried; what failed is told by the end of the operation"
)
LAST_ERROR = re.compile(r"\[gle=0x[0-9a-f]+\]")
"""GetLastError, whatever it was when the line was written."""
WIN32 = re.compile(r"HRESULT_FROM_WIN32\((\d{1,5})\)")
BARE = re.compile(r"([8C][0-9A-Fa-f]{7})\b")
RESULTS = ("result", "corrupt")
"""Fields that hold a code without `0x`."""
ATTEMPT = re.compile(r"\(Attempt (\d+) of (\d+)\)")
FIXED = re.compile(r"\([nw]\)[ \t]+|\(Fixed\)[ \t]*|0x[0-9A-Fa-f]{8}[ \t]+")
"""Marks of the readiness check before the name of what it found."""
KB = re.compile(r"KB\d{6,8}")
MESSAGES = "servicing-messages"


@cache
def messages() -> tuple[re.Pattern[str], Shapes]:
    """The shapes of what is said as one pattern for the beginning of a text, and what its matches mean."""
    shapes = compiled(load(MESSAGES))
    return shapes.anywhere, shapes


@cache
def needles() -> tuple[str, ...]:
    """What a line must hold to mean something; a shape of patterns alone holds a code, which is a needle by itself."""
    told = needles_of(shape for shape in messages()[1].shapes if shape.needle)
    return tuple(sorted({*told, *notation.needles(), UNIVERSAL.decode()}))


def understand(component: str, level: str, whole: str) -> Said:
    """What *component* means by the text *whole* of a line of *level*."""
    text, _ = told_by(whole)
    pattern, shapes = messages()
    found = pattern.match(text)
    if found is None:
        return _coded(component, level, whole)
    rule, fields = shapes.fields(found)
    kind = rule.replace("_", "-")
    if kind.startswith("fact-"):
        return Said(FACT, component, (), {"name": kind.removeprefix("fact-"), "value": fields["value"]})
    return _meant(kind, component, fields)


def _meant(kind: str, component: str, fields: dict[str, str]) -> Said:
    codes = tuple(int(fields[name], 16) for name in RESULTS if name in fields)
    match kind:
        case "servicing-damaged":
            if "(Fixed)" in fields.get("thing", ""):
                return NOTHING
            item = FIXED.sub("", fields.get("item") or fields.get("thing", "")).strip()
            shown = " ".join(filter(None, (item, fields.get("version", ""), fields.get("file", ""))))
            codes = (int(fields["ntstatus"]) & 0xFFFFFFFF,) if "ntstatus" in fields else ()
            return Said(kind, component, codes, {"item": shown})
        case "servicing-installer-failed":
            codes = _installer_codes(fields["hresult"])
        case "servicing-boot-files-failed":
            tries = ATTEMPT.search(fields["why"])
            if tries and int(tries[1]) < int(tries[2]):
                return NOTHING
        case "setup-failure-code":
            codes = (int(fields["upgrade"], 16),)
        case "servicing-package-missing":
            fields["kb"] = kb_of(fields["package"])
    return Said(kind, component, tuple(code for code in codes if code & 0x80000000), fields)


def _installer_codes(result: str) -> tuple[int, ...]:
    """The HRESULT of an installer, which CSI writes in three ways; symbols alone are no number."""
    if win32 := WIN32.match(result):
        return (0x80070000 | int(win32[1]) & 0xFFFF,)
    bare = BARE.match(result.removeprefix("0x"))
    return (int(bare[1], 16),) if bare else ()


def _coded(component: str, level: str, text: str) -> Said:
    """A line that only holds codes."""
    codes = codes_in(LAST_ERROR.sub("", text))
    if not codes:
        return NOTHING
    reasons: Mapping[int, str] = {code: routine_reason(code, component, text) for code in codes}
    if all(reasons.values()):
        return Said(ROUTINE, component, codes, NO_FIELDS, reasons[codes[0]])
    left = tuple(code for code in codes if not reasons[code])
    return Said(CODED, component, left, {"level": level.lower()}, PASSING if level == "Info" else "")


def kb_of(package: str) -> str:
    """`KB` and digits that *package* is named after, or nothing."""
    found = KB.search(package)
    return found[0] if found else ""

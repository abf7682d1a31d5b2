"""What the texts of records mean: the one vocabulary of Events, its fields, and which codes are routine."""

import csv
import re
from collections.abc import Mapping
from functools import cache

from msgspec import Struct, field

from analyzer.data import folder
from analyzer.errors import DataError
from analyzer.grammar import load
from analyzer.model import NO_FIELDS, Update
from analyzer.notation import codes_in, number
from analyzer.scan import needles_of
from analyzer.shape import Shapes, compiled

CODE = "code"
"""A line that says nothing known but holds a failure code."""
ROUTINE = "routine"
"""Such a line whose codes healthy machines write too."""
FACT = "fact"
"""Something known of the machine: fields `name` and `value`."""
SETTINGS = frozenset(
    {
        "wsus-server",
        "wsus-status-server",
        "target-group",
        "alternate-download-server",
        "access-disabled",
        "no-internet-locations",
    }
)
"""Facts of which one value holds at a time, and may change while a log is written."""

VECTOR = " (cV"
"""Begins what newer agents set behind more and more of their messages: which request they belong to."""
UNSET = frozenset({"<NULL>", "(null)", "NULL", "<null>", "(NULL)"})
"""How the agent writes that a setting is not set."""


class Said(Struct, frozen=True, eq=False):
    """What a message means, apart from when and where it was said."""

    kind: str
    """Empty when it means nothing to us."""
    component: str = ""
    codes: tuple[int, ...] = ()
    fields: Mapping[str, str] = field(default_factory=lambda: NO_FIELDS)
    reason: str = ""
    """Why a routine code is routine."""


NOTHING = Said("")


class Routine(Struct, frozen=True):
    """A code that means no failure where component and text fit; an empty one fits all."""

    code: int
    component: str
    text: str
    reason: str


@cache
def routines() -> Mapping[int, tuple[Routine, ...]]:
    """The table `codes/routine.csv` by code."""
    table: dict[int, tuple[Routine, ...]] = {}
    rows = folder("codes").joinpath("routine.csv").read_text("utf-8").splitlines()
    for line, row in enumerate(csv.DictReader(rows), 2):
        try:
            code = int(row["code"], 16)
            entry = Routine(code, row["component"], row["text"].lower(), row["reason"])
        except (KeyError, ValueError, AttributeError) as fault:
            raise DataError("a row is `code,component,text,reason`", file="codes/routine.csv", line=line) from fault
        if not entry.reason:
            raise DataError("a routine code needs its reason", file="codes/routine.csv", line=line)
        table[code] = (*table.get(code, ()), entry)
    return table


def routine_reason(code: int, component: str, text: str) -> str:
    """Why *code* is routine when *component* writes it in *text*; empty where it is not."""
    for entry in routines().get(code, ()):
        if entry.component in ("", component) and entry.text in text.lower():
            return entry.reason
    return ""


@cache
def messages() -> Shapes:
    """The shapes of what the Windows Update agent says."""
    return compiled(load("windowsupdate-messages"))


@cache
def marks() -> Shapes:
    """The shapes of what stands before a message: section sign and level."""
    return compiled(load("windowsupdate-marks"))


def needles() -> tuple[str, ...]:
    """What a line must hold to mean something."""
    return needles_of(messages().shapes)


def understand(component: str, text: str) -> Said:
    """What *component* means by *text*."""
    codes = codes_in(text)
    found = marks().match(text)
    body = found[1].get("text", "").rstrip() if found else ""
    if body.endswith(")"):
        body = body.partition(VECTOR)[0]
    meant = messages().match(body)
    if meant is None:
        return coded(component, text, codes)
    kind, fields = meant[0].replace("_", "-"), dict(meant[1])
    if kind.startswith("fact-"):
        return Said(FACT, component, codes, {"name": kind.removeprefix("fact-"), "value": _value(fields)})
    if kind in ("command-line-ended", "msi-ended"):
        codes = _with_exit_code(codes, fields["result"])
    if kind == "job-refused":
        return Said(kind, component, codes, fields, routine_reason(codes[0], component, text) if codes else "")
    return Said(kind, component, codes, fields)


def _value(fields: Mapping[str, str]) -> str:
    value = fields.get("value", "yes").strip().rstrip('"')
    return "" if value in UNSET else value


def _with_exit_code(codes: tuple[int, ...], result: str) -> tuple[int, ...]:
    """A Windows exit code such as 1603 stands for the HRESULT made of it; 3010 only asks for a restart."""
    exit_code = number(result)
    if codes or not 0 < exit_code < 0x10000 or exit_code in (3010, 1641):
        return codes
    return (0x80070000 | exit_code,)


def coded(component: str, text: str, codes: tuple[int, ...], kind: str = CODE) -> Said:
    """What *component* means by a *text* that says nothing known but *codes*: routine, or one of *kind* with them."""
    if not codes:
        return NOTHING
    reasons = [routine_reason(code, component, text) for code in codes]
    if all(reasons):
        return Said(ROUTINE, component, codes, NO_FIELDS, reasons[0])
    return Said(kind, component, tuple(code for code, reason in zip(codes, reasons, strict=True) if not reason))


KB = re.compile(r"\bKB ?(\d{5,8})\b", re.IGNORECASE)


def update_of(identity: str, title: str = "", revision: str = "") -> Update:
    """The update written as `{GUID}.revision`, with the KB number that its title names."""
    guid, _, number_after = identity.strip("{}").partition(".")
    found = KB.search(title)
    number_after = number_after or revision
    return Update(
        guid.rstrip("}").upper(),
        int(number_after) if number_after.isdigit() else None,
        title,
        f"KB{found[1]}" if found else "",
    )

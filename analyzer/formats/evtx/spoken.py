"""What an event means of which only the viewer's sentence is left.

Where the sentence is known its values are those of the XML; of any other sentence as much as can be told surely.
"""

import re

from analyzer.codebook.facts import symbols
from analyzer.formats.evtx.record import Logged
from analyzer.formats.evtx.sentences import inserted, system_error, values
from analyzer.formats.evtx.services import service_in
from analyzer.formats.evtx.table import Entry
from analyzer.notation import codes_in

DISABLED = re.compile("disabled|deaktiviert|uitgeschakeld|désactivé|deshabilitado|disabilitato", re.IGNORECASE)
SYMBOL = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\Z")
PERCENT = re.compile(r"%%(-?\d{1,10})(?!\d)")
ESE = re.compile(r"(?<![\w.,-])-(\d{3,4})(?![\w,-])")
"""An error of the database engine."""
TITLES = tuple(
    re.compile(begin + r":\s+([^\n]{1,500}?)\.?(?=\n|\Z)", re.IGNORECASE)
    for begin in (r"0x[0-9a-f]{8}[^:\n]{0,80}", r"\A[^\n]{0,300}")
)
"""The title of an update stands behind its code, else behind the last colon of the first line."""
WIN32 = 0x80070000


def valued(logged: Logged, entry: Entry) -> Logged:
    """*logged* with the values that its sentence tells, by the names that its XML has."""
    if strings := inserted(logged.message):
        return logged._replace(strings=strings)
    return logged._replace(data={**values(entry.provider, entry.event, logged.message), **logged.data})


def code_said(logged: Logged, entry: Entry) -> tuple[int, ...]:
    """The code that a sentence names: by its words where there is no number."""
    if not entry.notation:
        return ()
    if entry.notation == "ese":
        return tuple(0xC8000000 | int(number) for number in ESE.findall(logged.message)[-1:])
    value = logged.value(entry.code)
    if value:
        return _spelled(value, entry.notation)
    if entry.notation == "percent" and (percent := PERCENT.search(logged.message)):
        number = int(percent[1]) & 0xFFFFFFFF
        return (number if number > 0xFFFF else WIN32 | number,) if number else ()
    found = codes_in(logged.message)[:1]
    return found or (_spelled(logged.message, entry.notation) if entry.notation in ("percent", "win32") else ())


def _spelled(value: str, notation: str) -> tuple[int, ...]:
    """The code that *value* describes: by its symbol, with the system's words, or within other words."""
    if SYMBOL.match(value):
        found = symbols().get(value, ())
        return tuple(WIN32 | number if space == "win32" else number for space, number in found if number > 0)[:1]
    if notation in ("percent", "win32"):
        number = next((known for line in (value, *value.splitlines()) if (known := system_error(line))), 0)
        if number:
            return (WIN32 | number,)
        if notation == "percent" and DISABLED.search(value):
            return (0x80070422,)
    return codes_in(value)[:1]


def fields_said(logged: Logged, entry: Entry) -> dict[str, str]:
    """What a sentence that is not known tells of an update or a service."""
    if logged.strings or logged.data:
        return {}
    names = dict(entry.fields)
    if "title" in names:
        found = next((match for title in TITLES if (match := title.search(logged.message.strip()))), None)
        return {"title": found[1].strip()} if found else {}
    if "name" in names:
        return {"name": service_in(logged.message)}
    return {}

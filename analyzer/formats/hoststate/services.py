"""What `sc query`, `sc queryex`, `sc qc`, `sc start` and Get-Service tell of services.

Labels are translated in some languages of Windows; numbers and the words in capitals (4 RUNNING, 4 DISABLED) never are.
"""

import re
from collections.abc import Iterator, Sequence

from analyzer.formats import Told
from analyzer.formats.hoststate.kind import Kind, blocks, labelled, properties
from analyzer.formats.hoststate.table import cells, is_ruler
from analyzer.formats.rows import Row, told

NAME = re.compile(r"\s*[^\s:\[][^:]{2,40}?\s*:\s*([\w.$-]+)\s*\Z")
TYPE = re.compile(
    r":\s+[0-9a-f]{1,4}\s+(?:WIN32|KERNEL|FILE_SYSTEM|USER|ADAPTER|INTERACTIVE|UNKNOWN|ERROR)\w*", re.IGNORECASE
)
STATE = re.compile(r":\s+[1-7]\s+(STOPPED|START_PENDING|STOP_PENDING|RUNNING|CONTINUE_PENDING|PAUSE_PENDING|PAUSED)\b")
START = re.compile(r":\s+[0-4]\s+(BOOT_START|SYSTEM_START|AUTO_START|DEMAND_START|DISABLED)\b(?:\s+\((DELAYED)\))?")
EXIT = re.compile(r":\s+(\d+)\s+\(0x[0-9a-f]+\)\s*\Z", re.IGNORECASE)
FAILED = re.compile(r"\s*\[SC\]\s+(\w+)(?::(\w+))?\s*:?\s+\S*\s*(\d{1,5})\s*[:：]")
COMMAND = re.compile(
    r"sc(?:\.exe)?\s+(?:\\\\\S+\s+)?(?:query(?:ex)?|qc|start|stop|config|qfailure|sdshow)\b|(?:get|start|restart)-service\b",
    re.IGNORECASE,
)
ASKED = re.compile(r"sc(?:\.exe)?\s+(?:\\\\\S+\s+)?\w+\s+([\w.$-]+)", re.IGNORECASE)
STARTS = {
    "BOOT_START": "boot",
    "SYSTEM_START": "system",
    "AUTO_START": "auto",
    "DEMAND_START": "manual",
    "DISABLED": "disabled",
    "Automatic": "auto",
    "Manual": "manual",
    "Disabled": "disabled",
    "Boot": "boot",
    "System": "system",
    "AutomaticDelayedStart": "auto delayed",
}
CLEAN = frozenset({0, 1077})
"""Exit codes of a service that stopped as it should, or was not started since Windows was."""
HARMLESS = frozenset({5, 1056, 1062, 1061})
"""Answers of `sc` that say nothing of the service: no rights, already running, not running, busy."""
MISSING = 1060
UPDATING = frozenset(
    {
        "appxsvc",
        "bfe",
        "bits",
        "clipsvc",
        "cryptsvc",
        "dcomlaunch",
        "dnscache",
        "dosvc",
        "eventsystem",
        "gcarcservice",
        "gpsvc",
        "healthservice",
        "himds",
        "lanmanworkstation",
        "mpssvc",
        "installservice",
        "msiserver",
        "rpceptmapper",
        "rpcss",
        "staterepository",
        "trustedinstaller",
        "usosvc",
        "w32time",
        "waasmedicsvc",
        "winhttpautoproxysvc",
        "wuauserv",
    }
)
"""Services that updating needs; of a long list only these are told."""


def opens(rows: Sequence[Row], at: int) -> bool:
    """A service's name with its type below, an answer of `sc`, or a table of Get-Service."""
    text = rows[at].text
    if text.startswith("[SC]"):
        return True
    if NAME.match(text):
        return any(TYPE.search(row.text) for row in rows[at + 1 : at + 3])
    if re.search(r"\bDisplayName\b", text) and re.search(r"\bStat(?:us|e)\b", text):
        return at + 1 < len(rows) and is_ruler(rows[at + 1].text)
    return False


def read(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """States and configurations of services."""
    asked = ASKED.match(command)
    service = asked[1].lower() if asked else ""
    about: list[Row] = []
    for number, row in enumerate(rows):
        named = NAME.match(row.text)
        if named and any(TYPE.search(below.text) for below in rows[number + 1 : number + 3]):
            yield from _told(service, about)
            service, about = named[1].lower(), [row]
        elif failed := FAILED.match(row.text):
            yield from _failed(failed, row, service)
        else:
            about.append(row)
    yield from _told(service, about)
    yield from _tables(rows)


def _told(service: str, rows: Sequence[Row]) -> Iterator[Told]:
    state = next((row for row in rows if STATE.search(row.text)), None)
    start = next((row for row in rows if START.search(row.text)), None)
    if state is not None:
        found = STATE.search(state.text)
        codes = [int(exit[1]) for row in rows[rows.index(state) :] if (exit := EXIT.search(row.text))]
        exit_code = codes[0] if codes else 0
        yield _state(service, found[1].lower() if found else "", exit_code, state)
    if start is not None:
        yield _configuration(service, rows, start)


def _state(service: str, state: str, exit_code: int, row: Row) -> Told:
    codes = () if exit_code in CLEAN or state != "stopped" or exit_code > 0xFFFF else (0x80070000 | exit_code,)
    fields = {"service": service, "state": state, "exit": str(exit_code)}
    fields["clean"] = "no" if codes else "yes"
    return told("service-status", row, fields, codes)


def _configuration(service: str, rows: Sequence[Row], start: Row) -> Told:
    """By the order of the rows: behind the start type stand error control, program, group, tag, name, …, account."""
    found = START.search(start.text)
    below = rows[rows.index(start) + 1 :]
    pairs = [(row, *labelled(row)) for row in below if labelled(row)[0] or re.match(r"\s+:\s", row.text)]
    program = next((value for _, _, value in pairs if re.search(r"\.exe|\.sys|svchost", value, re.IGNORECASE)), "")
    named = [pair for pair in pairs if pair[1]]
    account = named[6] if len(named) == 7 else None
    depends = ""
    if account is not None:
        first, last = pairs.index(named[5]), pairs.index(account)
        parts = [named[5][2], *(row.text.partition(":")[2].strip() for row, _, _ in pairs[first + 1 : last])]
        depends = " ".join(filter(None, parts))
    word = STARTS[found[1]] if found else ""
    row = account[0] if account is not None and word != "disabled" else start
    fields = {
        "service": service,
        "start": f"{word} delayed" if found and found[2] else word,
        "program": program,
        "depends": depends,
        "account": account[2] if account is not None else "",
    }
    return told("service-config", row, fields)


def _failed(found: re.Match[str], row: Row, service: str) -> Iterator[Told]:
    number = int(found[3])
    if number == 0 or number in HARMLESS:
        return
    fields = {"service": service, "action": found[2] or found[1], "error": str(number)}
    yield told("service-absent" if number == MISSING else "service-failed", row, fields, (0x80070000 | number,))


def _tables(rows: Sequence[Row]) -> Iterator[Told]:
    """What Get-Service writes, as a table or a list."""
    for number, row in enumerate(rows[:-1]):
        if is_ruler(rows[number + 1].text) and re.search(r"\bStat(?:us|e)\b", row.text):
            for below in rows[number + 2 :]:
                if not below.text.strip():
                    break
                yield from _listed(cells(row.text, rows[number + 1].text, below.text), below)
    for run in blocks(rows):
        found = properties(run)
        if "Name" in found and ("Status" in found or "StartType" in found):
            yield from _listed({label: value for label, (value, _) in found.items()}, found["Name"][1])


def _listed(values: dict[str, str], row: Row) -> Iterator[Told]:
    service = values.get("Name", "").lower()
    if service not in UPDATING:
        return
    state = (values.get("Status") or values.get("State") or "").lower()
    if state:
        yield _state(service, state, 0, row)
    start = values.get("StartType") or values.get("StartMode") or ""
    if start:
        word = STARTS.get(start, "auto" if start == "Auto" else start.lower())
        fields = {"service": service, "start": word, "program": "", "depends": "", "account": ""}
        yield told("service-config", row, fields)


KIND = Kind("services", "sc query, sc qc, Get-Service", COMMAND, opens, read)

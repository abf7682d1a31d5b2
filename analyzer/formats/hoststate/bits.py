"""What `bitsadmin /list` and Get-BitsTransfer tell of transfer jobs."""

import re
from collections.abc import Iterator, Sequence

from analyzer.formats import Told
from analyzer.formats.hoststate.kind import Kind, blocks, opened_by, properties
from analyzer.formats.rows import Row, told

JOB = re.compile(r"\s*GUID:\s*(\{[0-9A-F-]{36}\})\s+DISPLAY:\s*'?(.*?)'?\s*\Z", re.IGNORECASE)
SHORT = re.compile(r"\s*(\{[0-9A-F-]{36}\})\s+'?(.*?)'?\s+([A-Z_]{5,})\s+\d+ / (?:\d+|UNKNOWN)", re.IGNORECASE)
STATE = re.compile(r"\bTYPE:\s*(\w+)\s+STATE:\s*(\w+)(?:\s+OWNER:\s*(.*?))?\s*\Z")
ERROR = re.compile(r"\s*ERROR CODE:\s*0x([0-9a-f]{8})", re.IGNORECASE)
PROXY = re.compile(r"\bPROXY USAGE:\s*(\w+)(?:\s+PROXY LIST:\s*(\S+))?")
DENIED = re.compile(r"0x80070005", re.IGNORECASE)
BROKEN = frozenset({"error", "transient_error"})


def read(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """The jobs, and whether the list could be had at all."""
    job: list[Row] = []
    for row in rows:
        if JOB.match(row.text):
            yield from _job(job)
            job = [row]
        elif found := SHORT.match(row.text):
            yield _told(row, found[1], found[2], found[3], "", "", ())
        elif job:
            job.append(row)
        elif DENIED.search(row.text):
            yield told("bits-list-denied", row)
    yield from _job(job)
    for run in blocks(rows):
        found_properties = properties(run)
        if "JobState" in found_properties:
            name, row = found_properties.get("DisplayName", ("", run[0]))
            state = found_properties["JobState"][0]
            state = {"TransientError": "TRANSIENT_ERROR"}.get(state, state)
            yield _told(row, found_properties.get("JobId", ("", row))[0], name, state, "", "", ())


def _job(rows: Sequence[Row]) -> Iterator[Told]:
    head = JOB.match(rows[0].text) if rows else None
    if head is None:
        return
    kind = next((found for row in rows if (found := STATE.search(row.text))), None)
    failed = next(((row, found) for row in rows if (found := ERROR.match(row.text))), None)
    proxy = next((found for row in rows if (found := PROXY.search(row.text))), None)
    state, owner = (kind[2], kind[3] or "") if kind else ("", "")
    codes = (int(failed[1][1], 16),) if failed and state.lower() in BROKEN and int(failed[1][1], 16) else ()
    usage = " ".join(filter(None, (proxy[1], "" if proxy[2] in (None, "NULL") else proxy[2]))) if proxy else ""
    yield _told(failed[0] if failed else rows[0], head[1], head[2], state, owner, usage, codes)


def _told(row: Row, id: str, name: str, state: str, owner: str, proxy: str, codes: tuple[int, ...]) -> Told:
    fields = {"job": id, "name": name, "state": state.lower(), "owner": owner, "proxy": proxy}
    return told("bits-job", row, fields, codes)


KIND = Kind(
    "bits",
    "bitsadmin /list /verbose, Get-BitsTransfer",
    re.compile(r"bitsadmin\b|get-bitstransfer\b", re.IGNORECASE),
    opened_by(
        r"^\s*GUID:\s*\{|^\s*BITSADMIN version|Unable to enum jobs"
        r"|^Get-BitsTransfer\s*:|^JobState\s+:|^JobId\s+:"
    ),
    read,
)

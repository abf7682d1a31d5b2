"""What the troubleshooters of Azure Update Management print, on Windows (list or JSON) and on Linux, and the table of
updates that a query of Log Analytics gives."""

import csv
import re
from collections.abc import Iterator, Sequence

from analyzer.formats import Told
from analyzer.formats.hoststate.kind import Kind, blocks, properties
from analyzer.formats.rows import Row, told

RESULT = re.compile(r"\s*\"?CheckResult\"?\s*:\s*\"?(Passed|PassedWithWarning|Failed)\b", re.IGNORECASE)
QUOTED = re.compile(r'\s*"(\w+)"\s*:\s*"(.*?)"\s*,?\s*\Z')
LINUX = re.compile(r"(Passed|Failed):\s+(\S.*)")
NEEDED = re.compile(r"\bUpdateState\b.*\bApprovalSource\b.*\bApproved\b|\bApproved\b.*\bUpdateState\b")


def opens(rows: Sequence[Row], at: int) -> bool:
    """A rule with its result below, a result of the Linux script, or the head of a table of updates."""
    text = rows[at].text
    if re.match(r"\s*\"?RuleId\"?\s*:", text, re.IGNORECASE):
        return any(RESULT.match(row.text) for row in rows[at : at + 8])
    if LINUX.match(text):
        return any(LINUX.match(row.text) for row in rows[at + 1 : at + 6])
    return NEEDED.search(text) is not None


def read(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """The results of checks, and updates that wait for approval."""
    for run in blocks(rows):
        for check in _checks(run):
            result = check.get("CheckResult")
            if result is not None:
                rule = check.get("RuleId", ("", result[1]))[0]
                yield _check(rule, result[0], check.get("CheckResultMessage", ("", result[1])), result[1], check)
    for row in rows:
        if found := LINUX.match(row.text):
            fields = {"rule": "", "result": found[1], "message": found[2], "id": ""}
            yield told("check-result", row, fields)
    yield from _unapproved(rows)


def _check(rule: str, result: str, message: tuple[str, Row], row: Row, check: dict[str, tuple[str, Row]]) -> Told:
    fields = {"rule": rule, "result": result, "message": message[0]}
    fields["id"] = check.get("CheckResultMessageId", ("", row))[0]
    return told("check-result", message[1] if message[0] else row, fields)


def _checks(run: Sequence[Row]) -> Iterator[dict[str, tuple[str, Row]]]:
    if any(QUOTED.match(row.text) for row in run):
        check: dict[str, tuple[str, Row]] = {}
        for row in run:
            if found := QUOTED.match(row.text):
                name = found[1][0].upper() + found[1][1:]
                if name in check:
                    yield check
                    check = {}
                check[name] = (found[2].replace('\\"', '"'), row)
        yield check
    else:
        yield properties(run)


def _unapproved(rows: Sequence[Row]) -> Iterator[Told]:
    """Rows of a table with comma or tab between: needed, by WSUS, not approved."""
    head = next((number for number, row in enumerate(rows) if NEEDED.search(row.text)), None)
    if head is None:
        return
    mark = "\t" if "\t" in rows[head].text else ","
    names = [name.strip() for name in next(csv.reader([rows[head].text], delimiter=mark))]
    if not {"UpdateState", "Approved"} <= set(names):
        return
    for row in rows[head + 1 :]:
        cells = dict(zip(names, next(csv.reader([row.text], delimiter=mark), []), strict=False))
        wsus = cells.get("ApprovalSource", "WSUS").strip().upper() == "WSUS"
        if cells.get("UpdateState") == "Needed" and wsus and cells.get("Approved", "").strip().lower() == "false":
            title = cells.get("Title") or cells.get("KBID") or ""
            yield told("update-not-approved", row, {"title": title, "computer": cells.get("Computer", "")})


KIND = Kind(
    "azure",
    "troubleshooter of Azure Update Management",
    re.compile(r".*UM_(?:Windows|Linux)_Troubleshooter|.*Troubleshoot-WindowsUpdateAgentRegistration", re.IGNORECASE),
    opens,
    read,
)

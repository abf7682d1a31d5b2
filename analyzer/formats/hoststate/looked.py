"""What somebody looked up by hand: hosts file, Process Monitor, the log of IIS, the certificate that a server shows.

These lines stand alone in a mail as often as in their own output; each is known by itself, none by what is around it.
"""

import re
from collections.abc import Iterator, Sequence

from analyzer.formats import Told
from analyzer.formats.hoststate import answers
from analyzer.formats.hoststate.kind import Kind
from analyzer.formats.rows import Row, told

UPDATE_HOST = re.compile(rf"(?:^|[\s/.(])((?:[\w-]+\.)*(?:{answers.UPDATE_DOMAINS}))\b", re.IGNORECASE)
HOSTS = re.compile(r"\s*(\d{1,3}(?:\.\d{1,3}){3}|::1?|0:0:0:0:0:0:0:[01])\s+([\w.-]+(?:\s+[\w.-]+)*)\s*(?:#.*)?\Z")
REFUSED = re.compile(
    r"(?:^|[\s,\"])([\w.-]+\.exe)\b.*?((?:[A-Za-z]:\\|HK(?:LM|CU|CR|U)\\)[^\t\",]*?)[\s\",]{1,60}ACCESS DENIED\b"
)
W3C = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d .*?\s(?:GET|POST|HEAD)\s+"
    r"(/(?:ClientWebService|SimpleAuthWebService|Content|SelfUpdate|ReportingWebService)\S*)\s.*?\s"
    r"([45]\d\d)\s(\d{1,3})\s\d+(?:\s\d+)*\s*\Z",
    re.IGNORECASE,
)
SUBSTATUS = re.compile(r"\b(40[134]|500)\.(\d{1,2})\b(?!\.\d)")
SPEAKS_OF_HTTP = re.compile(r"http|iis|error|fehler|erreur|fout", re.IGNORECASE)
DEPLOYING = re.compile(
    r"\b(Update Management|Azure Update Manager|update deployment|ConfigMgr|Configuration Manager|SCCM|MECM)\b",
    re.IGNORECASE,
)
ISSUER = re.compile(
    r"\s*(?:i:|issuer\s*[=:]|aussteller\s*:|verlener\s*:|.{1,2}metteur\s*:)\s*(\S.*?)\s*\Z", re.IGNORECASE
)
PUBLIC = re.compile(r"microsoft|digicert|baltimore|globalsign|verisign", re.IGNORECASE)
LOOKED_AT = 1000
"""Characters of a row."""
NEAR = 6
"""Rows above an issuer in which the host that showed it may be named."""


def opens(rows: Sequence[Row], at: int) -> bool:
    """A line that means something by itself, or a host above the certificate that it shows."""
    text = rows[at].text[:LOOKED_AT]
    if (
        answers.OF_UPDATES.search(text)
        and UPDATE_HOST.search(text)
        and any(ISSUER.match(row.text[:LOOKED_AT]) for row in rows[at + 1 : at + NEAR])
    ):
        return True
    if answers.asked(rows, at):
        return True
    return any(True for _ in _meant(rows, at))


def read(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """What each of the lines tells."""
    for at in range(len(rows)):
        yield from _meant(rows, at)


def _meant(rows: Sequence[Row], at: int) -> Iterator[Told]:
    row = rows[at]
    text = row.text[:LOOKED_AT]
    if (found := HOSTS.match(text)) and (named := UPDATE_HOST.search(found[2])):
        yield told("hosts-entry", row, {"host": named[1].lower(), "address": found[1]})
    elif "ACCESS DENIED" in text and (found := REFUSED.search(text)):
        yield told("access-refused", row, {"process": found[1].lower(), "path": found[2].rstrip()})
    elif found := W3C.match(text):
        yield told("iis-answer", row, {"path": found[1], "status": f"{found[2]}.{found[3]}"})
    elif (found := SUBSTATUS.search(text)) and SPEAKS_OF_HTTP.search(text):
        yield told("iis-answer", row, {"path": "", "status": f"{found[1]}.{int(found[2])}"})
    elif (found := ISSUER.match(text)) and not PUBLIC.search(found[1]):
        host = next(
            (named[1] for above in rows[max(0, at - NEAR) : at] if (named := UPDATE_HOST.search(above.text))), ""
        )
        if host:
            yield told("certificate-issuer", row, {"host": host.lower(), "issuer": found[1]})
    elif found := DEPLOYING.search(text):
        yield told("deployment-tool", row, {"tool": found[1]})
    else:
        yield from answers.meant(rows, at, text)


KIND = Kind(
    "looked",
    "hosts file, Process Monitor, IIS log, web filter, certificate shown",
    re.compile(
        r"(?:type|more|notepad|get-content|cat)\s+\S*drivers\\etc\\hosts|openssl\s+s_client"
        r"|curl(?:\.exe)?\s|invoke-webrequest\b|iwr\s|wget\s",
        re.IGNORECASE,
    ),
    opens,
    read,
)

"""Lines of others on the way to an update: HTTPERR of IIS, web filters, login pages, certificates, the WSUS server."""

import re
from collections.abc import Iterator, Sequence

from analyzer.formats import Told
from analyzer.formats.rows import Row, told

QUEUE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d .*?\s/(?:ClientWebService|SimpleAuthWebService|Content|SelfUpdate"
    r"|ReportingWebService|ApiRemoting30|ServerSyncWebService|DssAuthWebService)\S*\s+(?:\S+\s+)?(\d{3})\s+\S+\s+"
    r"(QueueFull|AppOffline|AppShutdown|AppPoolTimer|Disabled|ConnLimit|Connection_\w+)\s+(\S+)",
    re.IGNORECASE,
)
"""A line of HTTPERR: status, site, reason, application pool."""
UPDATE_DOMAINS = r"windowsupdate\.(?:com|microsoft\.com)|update\.microsoft\.com|delivery\.mp\.microsoft\.com"
"""Below these are the hosts of Windows Update."""
UPDATES = re.compile(rf"\b((?:[\w-]+\.)*(?:{UPDATE_DOMAINS}|download\.microsoft\.com))\b", re.IGNORECASE)
OF_UPDATES = re.compile(r"windowsupdate\.|microsoft\.com", re.IGNORECASE)
"""Stands in the name of each of these hosts: to look for it is ten times faster than for a whole name."""
BLOCKED = re.compile(
    r"\bTCP_DENIED\b|\b(?:action|act|status|verdict)\s*[=:]\s*\"?(?:blocked|block|denied|deny|dropped)\b"
    r"|\burl[ -]?filter\w*\b.*\b(?:block|den)|\bBLOCKED_BY\w*\b",
    re.IGNORECASE,
)
"""How squid, FortiGate, Palo Alto, Zscaler and others write that they refused a request."""
LOGIN_WANTED = re.compile(r"\bTCP_DENIED/407\b")
LOCATION = re.compile(r"\s*(?:<\s*)?Location\s*:\s*https?://([\w.-]+)", re.IGNORECASE)
PROBE = re.compile(
    r"msftconnecttest\.com|msftncsi\.com|ncsi\.txt|windowsupdate\.com|delivery\.mp\.microsoft\.com", re.IGNORECASE
)
OWN = re.compile(
    r"(?:^|\.)(?:microsoft|windowsupdate|msftconnecttest|msftncsi|msn|live|azureedge|akamaized)\.\w+\Z", re.IGNORECASE
)
NAME_FAULT = re.compile(
    r"CERT_CN_INVALID|SEC_E_WRONG_PRINCIPAL|RemoteCertificateNameMismatch|ERR_CERT_COMMON_NAME_INVALID"
    r"|SSL_ERROR_BAD_CERT_DOMAIN|SSL: no alternative certificate subject name matches",
)
DATE_FAULT = re.compile(
    r"CERT_DATE_INVALID|SEC_E_CERT_EXPIRED|ERR_CERT_DATE_INVALID|SSL_ERROR_EXPIRED_CERT|certificate has expired"
    r"|CERT_E_EXPIRED",
)
POSTINSTALL = re.compile(
    r"schema version of the database is from an older version of WSUS"
    r"|wsusutil(?:\.exe)?\"?\s+postinstall\s+/servicing\"?\s+to upgrade",
    re.IGNORECASE,
)
UNASSIGNED = re.compile(
    r"\b(?:Unassigned Computers|Niet-toegewezen computers|Nicht zugewiesene Computer|Ordinateurs non attribu\S+"
    r"|Equipos sin asignar|Computer non assegnati)\b",
    re.IGNORECASE,
)
ONLY_A_NAME = re.compile(r"\W*[\w -]{1,40}\W*\Z")
"""A list of groups names that group too."""
NEAR = 14
"""Rows above a redirect in which the address that was asked for stands."""


def asked(rows: Sequence[Row], at: int) -> bool:
    """Whether the row *at* names what was asked for and a redirect stands below it."""
    return PROBE.search(rows[at].text) is not None and any(LOCATION.match(row.text) for row in rows[at + 1 : at + NEAR])


def meant(rows: Sequence[Row], at: int, text: str) -> Iterator[Told]:
    """What the row *at*, of which *text* is looked at, means by itself."""
    row = rows[at]
    if found := QUEUE.match(text):
        yield told("iis-queue", row, {"status": found[1], "reason": found[2].lower(), "pool": found[3]})
    elif (
        OF_UPDATES.search(text)
        and (named := UPDATES.search(text))
        and BLOCKED.search(text)
        and not LOGIN_WANTED.search(text)
    ):
        yield told("filter-blocked", row, {"host": named[1].lower()})
    elif (found := LOCATION.match(text)) and not OWN.search(found[1]):
        if any(PROBE.search(above.text) for above in rows[max(0, at - NEAR) : at]):
            yield told("portal-redirect", row, {"host": found[1].lower()})
    elif NAME_FAULT.search(text):
        yield told("certificate-fault", row, {"what": "name"})
    elif DATE_FAULT.search(text):
        yield told("certificate-fault", row, {"what": "date"})
    elif POSTINSTALL.search(text):
        yield told("wsus-database-old", row)
    elif UNASSIGNED.search(text) and not ONLY_A_NAME.match(text) and "Target group:" not in text:
        yield told("wsus-unassigned", row)

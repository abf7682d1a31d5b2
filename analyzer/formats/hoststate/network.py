"""What `ipconfig /all`, `nslookup` and Test-NetConnection tell of names and ways."""

import re
from collections.abc import Iterator, Sequence

from analyzer.formats import Told
from analyzer.formats.hoststate.kind import Kind, blocks, labelled, properties
from analyzer.formats.rows import Row, fact, told

HEAD = re.compile(
    r"\s*(?:Windows[ -]IP\b|Configuraci.{1,2}n IP de Windows|Configuration IP de Windows|Configurazione IP di Windows"
    r"|Configura.{2,4}o de IP do Windows|Konfiguracja IP systemu Windows|Настройка протокола IP)"
)
HOST = re.compile(r"[\w-]{1,63}\Z")
SUFFIX = re.compile(r"[\w-]+(?:\.[\w-]+)+\Z")
ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:]+", re.IGNORECASE)
ASKED = re.compile(r"nslookup(?:\.exe)?\s+(?:-\S+\s+)*([\w.-]+)", re.IGNORECASE)
FAULT = re.compile(r"\s*\*\*\*\s.*?([\w-]+(?:\.[\w-]+)+)")
NOWHERE = re.compile(r"(?:^|\s)(?:0\.0\.0\.0|127\.\d+\.\d+\.\d+|::1?)\s*\Z")
"""What a name server that filters answers in place of the address."""
GATEWAY = re.compile(
    r"(?:Default Gateway|Standardgateway|Passerelle par d.{1,2}faut|Standaardgateway|Puerta de enlace predeterminada"
    r"|Gateway predefinito|Основной шлюз|デフォルト ゲートウェイ|默认网关|預設閘道)\Z"
)
TUNNEL = re.compile(r"VPN|AnyConnect|GlobalProtect|FortiClient|Pulse|WireGuard|OpenVPN|Zscaler|Wintun", re.IGNORECASE)
APART = re.compile(
    r"Media disconnected|Medium getrennt|M.{1,2}dia d.{1,2}connect|Medium ontkoppeld|Verbinding met medium verbroken"
    r"|medios desconectados|Supporto disconnesso|Среда передачи недоступна|切断|断开",
    re.IGNORECASE,
)
IPV4 = re.compile(r"IPv4|IP Address|IP-Adres", re.IGNORECASE)
TIMED_OUT = re.compile(r"timed? ?out|zeit|tijd|délai|tiempo|таймаут", re.IGNORECASE)


def opens(rows: Sequence[Row], at: int) -> bool:
    """The head of ipconfig, a failed lookup, or a test of a port."""
    text = rows[at].text
    if HEAD.match(text) or re.match(r"\*\*\* ", text):
        return True
    below = [row.text for row in next(blocks(rows[at : at + 8]), ())]
    return text.startswith("ComputerName") and any(line.startswith("TcpTestSucceeded") for line in below)


def read(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """Names, servers of names, lookups and tests of ports."""
    if any(HEAD.match(row.text) for row in rows):
        yield from _configuration(rows)
    yield from _own_name(rows, command)
    yield from _lookup(rows, command)
    for run in blocks(rows):
        found = properties(run)
        if "TcpTestSucceeded" in found:
            outcome, row = found["TcpTestSucceeded"]
            host = found.get("ComputerName", ("", row))[0]
            port = found.get("RemotePort", ("", row))[0]
            yield told("port-test", row, {"host": host, "port": port, "open": "yes" if outcome == "True" else "no"})


def _configuration(rows: Sequence[Row]) -> Iterator[Told]:
    head = next(number for number, row in enumerate(rows) if HEAD.match(row.text))
    dotted = [row for row in rows[head + 1 :] if re.search(r"\. ?:|\.:", row.text) or row.indent > 25]
    if dotted and HOST.match(labelled(dotted[0])[1]):
        host = labelled(dotted[0])[1]
        yield fact("host-name", host, dotted[0])
        suffix = labelled(dotted[1])[1] if len(dotted) > 1 else ""
        if SUFFIX.match(suffix):
            yield fact("dns-name", f"{host}.{suffix}".lower(), dotted[0])
    yield from _way_out(rows[head + 1 :])
    listing = False
    for row in dotted:
        label, value = labelled(row)
        if "DNS" in label and ADDRESS.match(value):
            listing = True
        elif row.indent <= 25 or not ADDRESS.match(row.text.strip()):
            listing = False
        if listing:
            found = ADDRESS.search(value if "DNS" in label and ADDRESS.match(value) else row.text)
            yield fact("dns-server", found[0] if found else "", row)


def _way_out(rows: Sequence[Row]) -> Iterator[Told]:
    """The default gateway, empty where an address has none, and whether a VPN is connected."""
    first: Row | None = None
    gateways: list[Row] = []
    tunnel = ""
    for row in rows:
        label, value = labelled(row)
        if row.text.strip() and not row.indent:
            tunnel = row.text.strip(" :") if TUNNEL.search(row.text) else ""
        elif GATEWAY.match(label):
            first = first or row
            gateways += [row] if ADDRESS.match(value) else []
        elif first is not None and not label and ADDRESS.match(row.text.strip()) and not gateways:
            gateways.append(row)
        elif tunnel and (APART.search(value) or APART.search(label)):
            yield fact("vpn", "disconnected", row)
        elif tunnel and IPV4.match(label):
            yield fact("vpn", "connected", row)
    if gateways:
        yield fact("default-gateway", labelled(gateways[0])[1] or gateways[0].text.strip(), gateways[0])
    elif first is not None:
        yield fact("default-gateway", "", first)


def _own_name(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """What `hostname` answers: the name alone on the row below."""
    if re.match(r"hostname\b|echo %computername%", command, re.IGNORECASE):
        row = next((row for row in rows[1:] if row.text.strip()), None)
        if row is not None and HOST.match(row.text.strip()):
            yield fact("host-name", row.text.strip(), row)


def _lookup(rows: Sequence[Row], command: str) -> Iterator[Told]:
    asked = ASKED.search(command)
    failed = next((row for row in rows if row.text.lstrip().startswith("***")), None)
    if failed is not None:
        named = FAULT.match(failed.text)
        name = asked[1] if asked else named[1] if named else ""
        if name:
            why = "no answer" if TIMED_OUT.search(failed.text) else "unknown name"
            yield told("name-lookup", failed, {"host": name.lower(), "found": "no", "why": why})
    elif asked:
        addresses = [row for row in rows if ADDRESS.search(labelled(row)[1] or row.text)]
        if len(addresses) > 1:
            why = "filtered" if NOWHERE.search(addresses[-1].text) else ""
            yield told("name-lookup", addresses[-1], {"host": asked[1].lower(), "found": "yes", "why": why})


KIND = Kind(
    "network",
    "ipconfig /all, nslookup, Test-NetConnection",
    re.compile(r"ipconfig\b|nslookup\b|test-netconnection\b|tnc\s|hostname\b|echo %computername%", re.IGNORECASE),
    opens,
    read,
)

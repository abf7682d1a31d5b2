"""A log without the names of its owner: hosts, addresses, people and machine ids become invented ones.

What Microsoft calls its own stays: the same names stand in the logs of everybody. It is a help, no guarantee.
"""

import re
from collections.abc import Iterable

from analyzer.model import Fact

PUBLIC = (
    "microsoft.com",
    "windowsupdate.com",
    "windows.com",
    "windows.net",
    "azure.com",
    "azure.net",
    "azure-automation.net",
    "live.com",
    "msftncsi.com",
    "digicert.com",
    "ubuntu.com",
    "debian.org",
    "redhat.com",
    "centos.org",
    "suse.com",
    "contoso.com",
    "example.org",
)
"""Names that everybody's logs have, and names of nobody."""
HOST_FACTS = frozenset({"host-name", "dns-name", "computer-name"})
ID_FACTS = frozenset({"client-id", "registry-client-id", "client-id-created"})
TAIL = r"(?:local|lan|internal|corp|intra|intranet|home|priv|ad|com|net|org|edu|gov|eu|[a-z]{2})"
NAME = re.compile(rf"(?<![\w.\\/-])(?:[a-z0-9](?:[\w-]*[a-z0-9])?\.)+{TAIL}(?![\w-]|\.\w)", re.IGNORECASE)
URL_HOST = re.compile(r"(?<=://)[^/\s:\"'<>|\])]+")
ADDRESS = re.compile(
    r"(?<![\w.])(?!(?:127|0|255|192\.0\.2)\.)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)"
)
MAIL = re.compile(r"[\w.+-]+@(?=[\w-]+\.)[\w.-]+")
SID = re.compile(r"S-1-(?:5-21|12-1)(?:-\d+){4}")
HOME = re.compile(r"(?<=[\\/]Users[\\/])[^\\/\s\"']+|(?<=/home/)[^/\s\"']+", re.IGNORECASE)
ACCOUNT = re.compile(
    r"(?<![\w\\.:$-])(?<!NT )(?!BUILTIN)[A-Za-z][\w-]*\\(?=[A-Za-z][\w.$-]*(?=[\s,;'\")\]]|$))[\w.$-]+"
)
MACHINE_ID = "11111111-2222-4333-8444-555555555555"


def anonymous(text: str, facts: Iterable[Fact]) -> str:
    """*text* with invented names; *facts* tell how the machine itself is called."""
    text = MAIL.sub("user@contoso.com", text)
    for fact in sorted(facts, key=lambda fact: -len(fact.value)):
        if fact.value and fact.name in HOST_FACTS:
            for name in (fact.value, fact.value.partition(".")[0]):
                new = "pc-01.contoso.com" if "." in name else "pc-01"
                text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", new, text, flags=re.IGNORECASE)
        elif fact.value and fact.name in ID_FACTS:
            text = re.sub(re.escape(fact.value), MACHINE_ID, text, flags=re.IGNORECASE)
    hosts: dict[str, str] = {}
    addresses: dict[str, str] = {}
    text = URL_HOST.sub(lambda found: _host(found[0], hosts), text)
    text = NAME.sub(lambda found: _host(found[0], hosts), text)
    text = ADDRESS.sub(lambda found: addresses.setdefault(found[0], f"192.0.2.{len(addresses) % 250 + 1}"), text)
    text = SID.sub("S-1-5-21-1-2-3-1001", text)
    return ACCOUNT.sub(r"CONTOSO\\user", HOME.sub("user", text))


def _host(name: str, hosts: dict[str, str]) -> str:
    plain = name.lower().rpartition("@")[2]
    if any(plain == known or plain.endswith(f".{known}") for known in PUBLIC) or ADDRESS.fullmatch(plain):
        return name
    return hosts.setdefault(plain, f"server{len(hosts) + 1:02}.contoso.com")

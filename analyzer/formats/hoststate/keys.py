"""The keys and values of the registry that tell something about updating."""

import re
from collections.abc import Iterator

from analyzer.formats import Told
from analyzer.formats.policy import is_update_key, policy_unset, policy_value
from analyzer.formats.rows import Row, fact, told

SERVICE = re.compile(r"\\(?:CurrentControlSet|ControlSet\d+)\\Services\\([^\\]+)(\\Parameters)?\Z", re.IGNORECASE)
AGENT = re.compile(r"\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\Z", re.IGNORECASE)
PENDING = re.compile(
    r"\\Component Based Servicing\\(?:RebootPending|PackagesPending|RebootInProgress)\Z"
    r"|\\WindowsUpdate\\Auto Update\\(?:RebootRequired|PostRebootReporting)\Z",
    re.IGNORECASE,
)
INTERNET = re.compile(r"\\CurrentVersion\\Internet Settings\Z", re.IGNORECASE)
HOST = re.compile(r"\\Services\\Tcpip\\Parameters\Z|\\ComputerName\\(?:Active)?ComputerName\Z", re.IGNORECASE)
COST = re.compile(r"\\NetworkList\\DefaultMediaCost\Z", re.IGNORECASE)
STARTS = {"0": "boot", "1": "system", "2": "auto", "3": "manual", "4": "disabled"}
POLICIES = "\\policies\\"


def meaning(key: str, name: str, data: str, row: Row) -> Iterator[Told]:
    """What the value *name* of *key* tells; an empty name stands for the key itself."""
    if PENDING.search(key):
        if not name:
            yield told("restart-marker", row, {"marker": key.rpartition("\\")[2]})
        return
    if not name:
        return
    low = name.lower()
    if low == "pendingfilerenameoperations" and data:
        yield told("restart-marker", row, {"marker": name})
    elif POLICIES in key.lower() and is_update_key(key):
        scope = "computer" if key.upper().startswith("HKEY_LOCAL_MACHINE") else "user"
        yield policy_value(row, f"{key}\\{name}", data, scope=scope)
    elif AGENT.search(key) and low == "susclientid":
        yield fact("registry-client-id", data.strip("{}").lower(), row)
    elif found := SERVICE.search(key):
        yield from _service(found[1].lower(), low, data, row)
    elif COST.search(key) and low in ("ethernet", "wifi", "default") and data == "2":
        yield told("network-metered", row, {"cost": name})
    elif INTERNET.search(key) and low == "proxyserver" and data:
        yield fact("user-proxy", data, row)
    elif HOST.search(key) and low in ("hostname", "computername") and data:
        yield fact("host-name", data, row)


def _service(service: str, name: str, data: str, row: Row) -> Iterator[Told]:
    fields = {"service": service, "start": "", "program": "", "depends": "", "account": "", "library": ""}
    match name:
        case "start":
            fields["start"] = STARTS.get(data, data)
        case "objectname":
            fields["account"] = data
        case "imagepath":
            fields["program"] = data
        case "servicedll":
            fields["library"] = data
        case "dependonservice":
            fields["depends"] = data.replace("\\0", " ").strip()
        case "hostname" if service == "tcpip":
            yield fact("host-name", data, row)
            return
        case _:
            return
    yield told("service-config", row, fields)


def unset(key: str, name: str, row: Row) -> Iterator[Told]:
    """What follows when the policy key *key* was asked for and it, or its value *name*, is not there."""
    low = key.lower()
    if POLICIES not in low or "currentversion" in low or not low.startswith("hkey_local_machine"):
        return
    if low.endswith("\\windowsupdate") and name.lower() in ("", "wuserver"):
        yield policy_unset(row, "WUServer")
    if low.endswith("\\windowsupdate\\au") and name.lower() == "usewuserver":
        yield policy_unset(row, "UseWUServer")

"""What does not fit together in what is known of one machine: policies against the log, zone against zone."""

import re
from collections.abc import Iterable, Iterator, Mapping

from analyzer.model import Fact

SUMMER = 60
"""Minutes by which a log in summer time lies off the zone that systeminfo names."""


def contradictions(facts: Iterable[Fact]) -> Iterator[Fact]:
    """The contradictions in *facts*, each as a fact with the place of one side; rules cite the other one."""
    by_name: dict[str, list[Fact]] = {}
    for fact in facts:
        by_name.setdefault(fact.name, []).append(fact)
    yield from _server(by_name)
    yield from _status_server(by_name)
    yield from _zone(by_name)


def _server(known: Mapping[str, list[Fact]]) -> Iterator[Fact]:
    """The WSUS server of the policy is none of those that the log names."""
    policy = [fact for fact in known.get("policy-wsus-server", ()) if _address(fact.value)]
    log = known.get("wsus-server", [])
    if not policy or not log or _off(known):
        return
    used = {_address(fact.value) for fact in log}
    if not used & {_address(fact.value) for fact in policy}:
        told, seen = policy[-1], log[-1].value or "none"
        yield _found("policy-contradiction", f"wsus-server: the policy names {told.value}, the log {seen}", told)


def _status_server(known: Mapping[str, list[Fact]]) -> Iterator[Fact]:
    server = {_address(fact.value) for fact in known.get("policy-wsus-server", ()) if fact.value}
    reports = [fact for fact in known.get("policy-wsus-status-server", ()) if fact.value]
    if server and reports and not server & {_address(fact.value) for fact in reports}:
        told = reports[-1]
        yield _found("policy-contradiction", f"status-server: reports go to {told.value}, scans elsewhere", told)


def _zone(known: Mapping[str, list[Fact]]) -> Iterator[Fact]:
    machine = known.get("machine-zone", [])
    log = [minutes for fact in known.get("time-zone", ()) if (minutes := _minutes(fact.value)) is not None]
    if not machine or not log:
        return
    own = _minutes(machine[-1].value)
    if own is not None and all(abs(minutes - own) not in (0, SUMMER) for minutes in log):
        text = f"{machine[-1].value} by systeminfo, {known['time-zone'][-1].value} in the log"
        yield _found("zone-contradiction", text, machine[-1])


def shared_by_name(bearers: Mapping[str, Mapping[str, Fact]]) -> Iterator[Fact]:
    """One SusClientId that was used under several names."""
    for names in bearers.values():
        if len({name.partition(".")[0] for name in names}) > 1:
            first = next(iter(names.values()))
            yield _found("client-id-shared", ", ".join(sorted(names)), list(names.values())[1] or first)


def _off(known: Mapping[str, list[Fact]]) -> bool:
    return any(fact.value.startswith("0") for fact in known.get("policy-use-wsus", ()))


def _address(url: str) -> str:
    """Scheme, host and port of an address, to be compared."""
    found = re.match(r"\s*(https?)://([^/:\s]+)(?::(\d+))?", url, re.IGNORECASE)
    if not found:
        return url.strip().lower()
    port = found[3] or ("443" if found[1].lower() == "https" else "80")
    return f"{found[1].lower()}://{found[2].lower()}:{port}"


def _minutes(zone: str) -> int | None:
    found = re.search(r"([+-])(\d\d):?(\d\d)", zone)
    if not found:
        return 0 if zone.upper() == "UTC" else None
    minutes = int(found[2]) * 60 + int(found[3])
    return -minutes if found[1] == "-" else minutes


def _found(name: str, value: str, fact: Fact) -> Fact:
    return Fact(name, value, fact.place, fact.when, fact.text)

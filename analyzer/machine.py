"""What is known of the machines: facts from events, and which sources belong to the same machine."""

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl

from analyzer.contradiction import contradictions, shared_by_name
from analyzer.model import Event, Fact, Machine

SERVER = re.compile(r"https?://[^/\s]+", re.IGNORECASE)
MANAGED = "3DA21691-E39D-4DA6-8A4B-B43877BCB1B7"
"""The service that stands for the WSUS server of the policy."""
LOCATED = {"WUA": "agent-version", "MK": "computer-brand", "MD": "computer-model"}
"""What the agent tells the service locator of the machine, by parameter of the address."""
ONE_AT_A_TIME = frozenset(
    {"wsus-server", "wsus-status-server", "target-group", "access-disabled", "no-internet-locations"}
    | {"alternate-download-server", "proxy-access", "agent-version", "os-version", "os-build", "approval-type"}
)
"""Settings that can be set back: each change is a fact, also to a value that was known before."""
CHANGES = 64
"""Changes of one setting that are kept; of later ones only new values are."""
IDENTITIES = ("client-id", "dns-name", "host-name")
"""Facts that tell machines apart."""


def facts_of(event: Event) -> Iterator[Fact]:
    """The facts that *event* tells."""
    fields = event.fields
    match event.kind:
        case "fact":
            yield _fact(event, fields["name"], fields["value"])
        case "targeting":
            yield _fact(event, "client-id", fields.get("value_guid", "").strip("{}").lower())
            yield _fact(event, "target-group", fields.get("group", ""))
            yield _fact(event, "dns-name", fields["dns"].lower())
        case "client-id-created":
            old = fields["old"].strip("{}").lower()
            yield _fact(event, "client-id-created", "" if old == "none" else old)
            yield _fact(event, "client-id", fields["value_guid"].strip("{}").lower())
        case "service-locator" | "locator-answered":
            yield _fact(event, "os-build", fields["build"])
            for name, value in parse_qsl(fields["query"].partition("?")[2].partition(" ")[0]):
                if name in LOCATED:
                    yield _fact(event, LOCATED[name], value)
        case "job-proxy" | "request-failed" if fields.get("proxy", "(null)") not in ("(null)", "<NULL>", ""):
            yield _fact(event, "proxy", fields["proxy"])
        case "log-initialized":
            yield _fact(event, "time-zone", fields["tz"])
        case "service-asked":
            url = fields["url"].rstrip('"')
            yield _fact(event, "service", url)
            server = SERVER.match(url)
            if server and fields["service"].strip("{}").upper() == MANAGED:
                yield _fact(event, "wsus-asked", server[0])
        case "configmgr-policy-overwritten":
            yield _fact(event, "group-policy-wsus-server", fields.get("server", ""))
        case "policy-value" if fields["fact"] and fields["scope"] != "user":
            yield _fact(event, fields["fact"], fields["shown"])
        case "service-config":
            if fields["start"] == "disabled":
                yield _fact(event, "service-disabled", fields["service"])
            if fields["account"]:
                yield _fact(event, "service-account", f"{fields['service']}: {fields['account']}")
        case "clock-status" if fields["source"]:
            yield _fact(event, "clock-source", fields["source"])


def _fact(event: Event, name: str, value: str) -> Fact:
    return Fact(name, value.strip(), event.place, event.when, event.text)


class Facts:
    """The facts of one source or machine: each value once, in order, as it changes."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, int], Fact] = {}
        self._last: dict[str, tuple[str, int]] = {}
        """By setting: its value, and how often it changed."""
        self._bearers: dict[str, dict[str, Fact]] = {}
        """By SusClientId: the names under which it was used, each with its first line."""

    def add(self, facts: Iterable[Fact]) -> None:
        """Takes facts in the order of their source."""
        facts = tuple(facts)
        ids = {fact.place: fact for fact in facts if fact.name == "client-id" and fact.value}
        for fact in facts:
            self._known.setdefault((fact.name, fact.value, self._change(fact)), fact)
            if fact.name == "dns-name" and fact.place in ids:
                self._bearers.setdefault(ids[fact.place].value, {}).setdefault(fact.value, ids[fact.place])

    def _change(self, fact: Fact) -> int:
        """The number of the change that *fact* belongs to; 0 for what may have several values at once."""
        if fact.name not in ONE_AT_A_TIME:
            return 0
        value, changes = self._last.get(fact.name, (fact.value, 0))
        if value != fact.value:
            changes = min(changes + 1, CHANGES)
        self._last[fact.name] = fact.value, changes
        return changes

    @property
    def all(self) -> tuple[Fact, ...]:
        """All of them, and what does not fit together among them."""
        told = (*self._known.values(), *_server(tuple(self._known.values())))
        known = {(fact.name, fact.value) for fact in told}
        found = (*contradictions(told), *shared_by_name(self._bearers))
        return (*told, *(fact for fact in found if (fact.name, fact.value) not in known))

    @property
    def identity(self) -> str:
        """What tells this machine from others: its DNS name, its SusClientId, its short name, else nothing."""
        values = {fact.name: fact.value for fact in self._known.values() if fact.name in IDENTITIES and fact.value}
        return values.get("dns-name") or values.get("client-id") or values.get("host-name", "").lower()


def _server(told: tuple[Fact, ...]) -> Iterator[Fact]:
    """The WSUS server of a log that begins after the start of the service: as it was asked, or as the policies say."""
    names = {fact.name for fact in told}
    if "wsus-server" in names or "service" not in names:
        return
    asked = [fact for fact in told if fact.name == "wsus-asked"]
    policy = [fact for fact in told if fact.name == "policy-wsus-server"]
    unused = any(fact.name == "policy-use-wsus" and not fact.value.startswith("1") for fact in told)
    nothing = [fact for fact in told if fact.name == "update-policy-applied" and not fact.value]
    if asked:
        yield _renamed(asked[-1], asked[-1].value)
    elif policy:
        yield _renamed(policy[-1], "" if unused else policy[-1].value)
    elif nothing:
        yield _renamed(nothing[-1], "")


def _renamed(fact: Fact, value: str) -> Fact:
    return Fact("wsus-server", value, fact.place, fact.when, fact.text)


def machine(name: str, facts: Facts, sources: Iterable[str]) -> Machine:
    """The machine *name*."""
    return Machine(name, facts.all, tuple(dict.fromkeys(sources)))


def same_machine(names: Iterable[str]) -> Mapping[str, str]:
    """For each short name the one full name that begins with it; names of which there are several stay apart."""
    known = set(filter(None, names))
    full: dict[str, set[str]] = {}
    for name in known:
        if "." in name:
            full.setdefault(name.partition(".")[0], set()).add(name)
    return {name: next(iter(full[name])) for name in known if len(full.get(name, ())) == 1}


def shared_client_ids(machines: Mapping[str, Iterable[Fact]]) -> Mapping[str, tuple[Fact, ...]]:
    """For each machine the facts `client-id-shared`: which others of the same run have its SusClientId."""
    bearers: dict[str, dict[str, Fact]] = {}
    for name, facts in machines.items():
        for fact in facts:
            if fact.name in ("client-id", "registry-client-id") and fact.value:
                bearers.setdefault(fact.value, {}).setdefault(name, fact)
    shared: dict[str, tuple[Fact, ...]] = {}
    for by_name in bearers.values():
        if len(by_name) > 1:
            for name, fact in by_name.items():
                others = ", ".join(sorted(other or "(no name)" for other in by_name if other != name))
                found = Fact("client-id-shared", others, fact.place, fact.when, fact.text)
                shared[name] = (*shared.get(name, ()), found)
    return shared

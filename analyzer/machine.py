"""What is known of the machines: facts from events, and which sources belong to the same machine."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from urllib.parse import parse_qsl

from analyzer.contradiction import contradictions, shared_by_name
from analyzer.events import SETTINGS
from analyzer.model import Event, Fact, Machine

SERVER = re.compile(r"https?://[^/\s]+", re.IGNORECASE)
WSUS = re.compile(
    r"(?P<server>https?://(?P<host>[^/\s:'\"<>]+)(?::\d+)?)(?:/[^/\s]+)?/+"
    r"(?:(?:ClientWebService|SimpleAuthWebService|ReportingWebService|SelfUpdate)/|Content/[0-9A-F]{2}/[0-9A-F]{2})",
    re.IGNORECASE,
)
"""The address of what only an update server has."""
MICROSOFT = re.compile(r"(?:^|\.)(?:microsoft|windowsupdate|windows)\.com\Z", re.IGNORECASE)
MANAGED = "3DA21691-E39D-4DA6-8A4B-B43877BCB1B7"
"""The service that stands for the WSUS server of the policy."""
LOCATED = {"WUA": "agent-version", "MK": "computer-brand", "MD": "computer-model"}
"""What the agent tells the service locator of the machine, by parameter of the address."""
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
        case "proxy-used":
            yield _fact(event, "proxy", fields["used"])
        case "log-initialized":
            yield _fact(event, "time-zone", fields["tz"])
        case "service-asked":
            url = fields["url"].rstrip('"')
            yield _fact(event, "service", url)
            server = SERVER.match(url)
            if server and fields["service"].strip("{}").upper() == MANAGED:
                yield _fact(event, "wsus-asked", server[0])
        case "endpoint" | "url-failed" | "eula-failed" | "job-failed":
            found = WSUS.search(fields.get("web") or fields.get("url") or fields.get("detail", ""))
            if found and not MICROSOFT.search(found["host"]):
                yield _fact(event, "wsus-asked", found["server"])
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
    """The facts of one source or machine in order: each value once, a setting as often as it changes."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Fact] = {}
        self._bearers: dict[str, dict[str, Fact]] = {}
        """By SusClientId: the names under which it was used, each with its first line."""

    def add(self, facts: Iterable[Fact]) -> None:
        """Takes facts in the order of their source."""
        facts = tuple(facts)
        ids = {fact.place: fact for fact in facts if fact.name == "client-id" and fact.value}
        for fact in facts:
            when = fact.when if fact.name in SETTINGS else None
            self._known.setdefault((fact.name, fact.value, when), fact)
            if fact.name == "dns-name" and fact.place in ids:
                self._bearers.setdefault(ids[fact.place].value, {}).setdefault(fact.value, ids[fact.place])

    @property
    def all(self) -> tuple[Fact, ...]:
        """All of them, and what does not fit together among them."""
        told = tuple(_in_time(self._known.values()))
        told = (*told, *_server(told))
        known = {(fact.name, fact.value) for fact in told}
        found = (*contradictions(told), *shared_by_name(self._bearers))
        return (*told, *(fact for fact in found if (fact.name, fact.value) not in known))

    @property
    def identity(self) -> str:
        """What tells this machine from others: its DNS name, its SusClientId, its short name, else nothing."""
        values = {fact.name: fact.value for fact in self._known.values() if fact.name in IDENTITIES and fact.value}
        return values.get("dns-name") or values.get("client-id") or values.get("host-name", "").lower()


def _in_time(told: Iterable[Fact]) -> Iterator[Fact]:
    """*told* with each setting only where it changes: in the order of its file, those of several files by time."""
    told = tuple(told)
    settings = {name: [fact for fact in told if fact.name == name] for name in SETTINGS}
    for name, facts in settings.items():
        files = {(fact.place.source, fact.place.member) for fact in facts}
        if len(files) > 1 and all(fact.when for fact in facts):
            settings[name] = sorted(facts, key=lambda fact: str(fact.when))
    ordered = {name: iter(facts) for name, facts in settings.items()}
    last: dict[str, str] = {}
    for known in told:
        fact = next(ordered[known.name]) if known.name in SETTINGS else known
        if known.name not in SETTINGS or last.get(fact.name) != fact.value:
            last[fact.name] = fact.value
            yield fact


def _server(told: tuple[Fact, ...]) -> Iterator[Fact]:
    """The WSUS server of a log that begins after the start of the service: as it was asked, or as the policies say."""
    names = {fact.name for fact in told}
    if "wsus-server" in names or names.isdisjoint({"service", "wsus-asked"}):
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

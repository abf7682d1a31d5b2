"""What is known of the machines: facts from events, and which sources belong to the same machine."""

from collections.abc import Iterable, Iterator

from analyzer.model import Event, Fact, Machine

IDENTITIES = ("client-id", "dns-name")
"""Facts that tell machines apart."""


def facts_of(event: Event) -> Iterator[Fact]:
    """The facts that *event* tells."""
    fields = event.fields
    match event.kind:
        case "fact":
            yield _fact(event, fields["name"], fields["value"])
        case "targeting":
            yield _fact(event, "client-id", fields["value_guid"].strip("{}").lower())
            yield _fact(event, "target-group", fields.get("group", ""))
            yield _fact(event, "dns-name", fields["dns"].lower())
        case "client-id-created":
            old = fields["old"].strip("{}").lower()
            yield _fact(event, "client-id-created", "" if old == "none" else old)
            yield _fact(event, "client-id", fields["value_guid"].strip("{}").lower())
        case "service-locator":
            yield _fact(event, "os-build", fields["build"])
        case "job-proxy" | "request-failed" if fields.get("proxy", "(null)") not in ("(null)", "<NULL>", ""):
            yield _fact(event, "proxy", fields["proxy"])
        case "log-initialized":
            yield _fact(event, "time-zone", fields["tz"])
        case "service-asked":
            yield _fact(event, "service", fields["url"].rstrip('"'))


def _fact(event: Event, name: str, value: str) -> Fact:
    return Fact(name, value.strip(), event.place, event.when, event.text)


class Facts:
    """The facts of one source or machine: each value once, in order, as it changes."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Fact] = {}

    def add(self, facts: Iterable[Fact]) -> None:
        """Takes facts in the order of their source."""
        for fact in facts:
            self._known.setdefault((fact.name, fact.value), fact)

    @property
    def all(self) -> tuple[Fact, ...]:
        """All of them."""
        return tuple(self._known.values())

    @property
    def identity(self) -> str:
        """What tells this machine from others: its DNS name, else its SusClientId, else nothing."""
        values = {fact.name: fact.value for fact in self.all if fact.name in IDENTITIES and fact.value}
        return values.get("dns-name") or values.get("client-id", "")


def machine(name: str, facts: Facts, sources: Iterable[str]) -> Machine:
    """The machine *name*."""
    return Machine(name, facts.all, tuple(dict.fromkeys(sources)))

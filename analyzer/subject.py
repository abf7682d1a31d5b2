"""What conditions are about (operations, events, facts) and the values that filters see of them."""

from analyzer.codebook import group_of
from analyzer.model import Event, Fact, Operation

Subject = Operation | Event | Fact
Values = tuple[str | int, ...]
ASIDE = frozenset({"reporting", "restart", "service session"})
"""Operations that are not about an update: `operation[…]` does not mean them."""
OPERATION_NAMES = frozenset(
    {
        "outcome",
        "cause",
        "code",
        "group",
        "groups",
        "caller",
        "service",
        "title",
        "kb",
        "text",
        "recovered",
        "offline",
        "count",
        "event",
    }
)
FACT_NAMES = frozenset({"name", "value"})


def _outcome_values(thing: Operation, name: str) -> Values:
    match name:
        case "outcome":
            return (thing.outcome.value,)
        case "cause":
            return thing.chain[:1]
        case "code":
            return thing.chain
        case "group":
            return tuple(group_of(code) for code in thing.chain[:1])
        case "groups":
            return tuple(group_of(code) for code in thing.chain)
        case "caller":
            return (thing.caller,)
        case "service":
            return (thing.service,)
        case "title":
            return tuple(update.title for update in thing.updates)
        case "kb":
            return tuple(update.kb for update in thing.updates)
        case "text":
            return tuple(event.text for event in thing.events)
        case "event":
            return tuple(event.kind for event in thing.events)
        case "recovered":
            return ("yes" if thing.recovered else "no",)
        case "offline":
            return ("yes" if thing.offline else "no",)
        case "count":
            return (thing.count,)
    return ()


def values_of(thing: Subject, name: str) -> Values:
    """The values that *thing* has for the filter *name*; several where it is many-valued."""
    match thing:
        case Operation():
            return _outcome_values(thing, name)
        case Fact():
            return (thing.name,) if name == "name" else (thing.value,)
        case Event():
            match name:
                case "kind":
                    return (thing.kind,)
                case "component":
                    return (thing.component,)
                case "code":
                    return thing.codes
                case "group":
                    return tuple(group_of(code) for code in thing.codes)
                case "text":
                    return (thing.text,)
            return (thing.fields[name],) if name in thing.fields else ()

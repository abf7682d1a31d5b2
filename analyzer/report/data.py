"""The records of a Report as plain data: the fields that JSON and its schema name."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from analyzer.model import (
    CodeCount,
    Diagnosis,
    Event,
    Evidence,
    Machine,
    Operation,
    Place,
    Problem,
    SourceInfo,
    Unjudged,
    Update,
    hex_code,
)

SCHEMA = "patchtrail.report/1"
Data = dict[str, Any]


def time(when: datetime | None) -> str | None:
    """*when* in UTC as ISO 8601 with `Z`."""
    return None if when is None else when.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def codes(values: Iterable[int]) -> list[str]:
    """Each code as reports write it."""
    return [hex_code(value) for value in values]


def place(where: Place) -> Data:
    """The four fields that say where."""
    return {"source": where.source, "member": where.member, "line": where.line, "offset": where.offset}


def source(info: SourceInfo) -> Data:
    """What was read, and as what."""
    zone = info.zone and {"name": info.zone.name, "known": info.zone.known, "reason": info.zone.reason}
    return {
        "source": info.place.source,
        "member": info.place.member,
        "format": info.format,
        "reason": info.reason,
        "encoding": info.encoding,
        "size": info.size,
        "lines": info.lines,
        "records": info.records,
        "first": time(info.first),
        "last": time(info.last),
        "zone": zone,
    }


def machine(host: Machine) -> Data:
    """A host and its facts."""
    facts = [
        {"name": fact.name, "value": fact.value, **place(fact.place), "when": time(fact.when), "text": fact.text}
        for fact in host.facts
    ]
    return {"name": host.name, "facts": facts, "sources": list(host.sources)}


def evidence(line: Evidence) -> Data:
    """A line that proves something."""
    return {**place(line.place), "text": line.text, "when": time(line.when)}


def diagnosis(cause: Diagnosis) -> Data:
    """A cause, with its proof and what to do."""
    return {
        "id": cause.id,
        "title": cause.title,
        "severity": cause.severity.word,
        "confidence": cause.confidence,
        "confidence_reason": cause.confidence_reason,
        "because": cause.because,
        "fix": list(cause.fix),
        "codes": codes(cause.codes),
        "follow_ups": codes(cause.follow_ups),
        "evidence": [evidence(line) for line in cause.evidence],
        "first_seen": time(cause.first_seen),
        "last_seen": time(cause.last_seen),
        "count": cause.count,
        "references": list(cause.references),
        "machine": cause.machine,
    }


def unjudged(rule: Unjudged) -> Data:
    """A diagnosis that could not be decided."""
    return {"id": rule.id, "title": rule.title, "missing": list(rule.missing)}


def update(item: Update) -> Data:
    """An update as far as the log names it."""
    return {"id": item.id, "revision": item.revision, "title": item.title, "kb": item.kb}


def operation(done: Operation) -> Data:
    """What was tried, and how it ended; its duration is in seconds."""
    duration = done.duration
    return {
        "kind": done.kind,
        "outcome": done.outcome.value,
        "recovered": done.recovered,
        "standing": done.standing,
        "offline": done.offline,
        "inferred": done.inferred,
        "start": time(done.start),
        "end": time(done.end),
        "duration": None if duration is None else duration.total_seconds(),
        "caller": done.caller,
        "service": done.service,
        "updates": [update(item) for item in done.updates],
        "chain": codes(done.chain),
        "count": done.count,
        "last": time(done.last),
        "events": [event(seen) for seen in done.events],
    }


def event(seen: Event) -> Data:
    """A record that means something."""
    return {
        "kind": seen.kind,
        "when": time(seen.when),
        **place(seen.place),
        "component": seen.component,
        "thread": seen.thread,
        "codes": codes(seen.codes),
        "fields": {name: seen.fields[name] for name in sorted(seen.fields)},
        "count": seen.count,
        "text": seen.text,
    }


def code(counted: CodeCount) -> Data:
    """One code of the case, and how often it was written."""
    return {
        "code": hex_code(counted.code),
        "symbol": counted.symbol,
        "meaning": counted.meaning,
        "count": counted.count,
        "routine": counted.routine,
        "first": place(counted.first),
    }


def problem(fault: Problem) -> Data:
    """What could not be read."""
    return {**place(fault.place), "text": fault.text, "lost": fault.lost}

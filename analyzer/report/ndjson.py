"""The report as one JSON object a line, each with its `type`; the first line tells the schema and the counts."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from analyzer import __version__
from analyzer.model import Report
from analyzer.report import data
from analyzer.report.escape import safe_json

T = TypeVar("T")


def render(report: Report) -> str:
    """*report* as lines of JSON."""
    return "".join(lines(report))


def lines(report: Report) -> Iterator[str]:
    """The lines, in the order of the sections of the JSON document."""
    counts = {name: report.counts[name] for name in sorted(report.counts)}
    yield _line("report", {"schema": data.SCHEMA, "version": __version__, "counts": counts})
    yield from _typed("source", report.sources, data.source)
    yield from _typed("machine", report.machines, data.machine)
    yield from _typed("diagnosis", report.diagnoses, data.diagnosis)
    yield from _typed("unjudged", report.unjudged, data.unjudged)
    yield from _typed("operation", report.operations, data.operation)
    yield from _typed("event", report.events, data.event)
    yield from _typed("code", report.codes, data.code)
    yield from _typed("problem", report.problems, data.problem)


def _typed(name: str, records: Iterable[T], shown: Callable[[T], data.Data]) -> Iterator[str]:
    return (_line(name, shown(record)) for record in records)


def _line(name: str, fields: data.Data) -> str:
    return safe_json(json.dumps({"type": name, **fields}, ensure_ascii=False, allow_nan=False)) + "\n"

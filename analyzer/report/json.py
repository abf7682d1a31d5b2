"""The report as one JSON document, `patchtrail.report/1`; the same case gives the same bytes."""

import json

import msgspec

from analyzer import __version__
from analyzer.model import Report
from analyzer.report import data
from analyzer.report.escape import safe_json


def document(report: Report) -> data.Data:
    """*report* as plain data."""
    return {
        "schema": data.SCHEMA,
        "version": __version__,
        "sources": [data.source(info) for info in report.sources],
        "machines": [data.machine(host) for host in report.machines],
        "diagnoses": [data.diagnosis(cause) for cause in report.diagnoses],
        "unjudged": [data.unjudged(rule) for rule in report.unjudged],
        "operations": [data.operation(done) for done in report.operations],
        "events": [data.event(seen) for seen in report.events],
        "codes": [data.code(counted) for counted in report.codes],
        "problems": [data.problem(fault) for fault in report.problems],
        "counts": {name: report.counts[name] for name in sorted(report.counts)},
    }


def render(report: Report) -> str:
    """*report* as JSON text that ends with a line feed."""
    return safe_json(_written(document(report))) + "\n"


def _written(told: data.Data) -> str:
    """*told* as JSON, indented by two."""
    try:
        return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()
    except UnicodeEncodeError:  # a lone surrogate, as in the name of a file that is no UTF-8
        return json.dumps(told, indent=2, ensure_ascii=False)


def schema() -> str:
    """The JSON Schema (draft 2020-12) that every such document fits."""
    from importlib.resources import files  # slow to import, and rarely needed

    return files("analyzer.report").joinpath("report.schema.json").read_text("utf-8")

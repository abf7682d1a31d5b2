"""The report as JSON: every document fits the published schema, and the schema is no looser than the documents."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from msgspec.structs import replace
from test_report_data import CASE, CAUSE, TRICKY

from analyzer.model import Diagnosis, Report
from analyzer.report import data, ndjson
from analyzer.report.json import document, render, schema

SCHEMA = json.loads(schema())
VALID = Draft202012Validator(SCHEMA)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("schema",), "patchtrail.report/2"),
        (("diagnoses", 0, "codes", 0), "0x80072ee7"),
        (("diagnoses", 0, "severity"), "fatal"),
        (("diagnoses", 0, "evidence"), []),
        (("diagnoses", 0, "confidence"), 1.5),
        (("operations", 0, "start"), "2024-03-04 00:00:00"),
        (("operations", 0, "outcome"), "lost"),
        (("sources", 0, "zone", "known"), "guessed"),
        (("problems", 0, "line"), -1),
        (("events", 0, "surplus"), 1),
    ],
)
def test_near_misses(path: tuple[str | int, ...], wrong: object) -> None:
    spoilt: Any = json.loads(render(CASE))
    part = spoilt
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = wrong
    with pytest.raises(ValidationError):
        VALID.validate(spoilt)


@pytest.mark.parametrize("report", [Report(), CASE, replace(CASE, diagnoses=()), Report(events=CASE.events)])
def test_reports_fit_the_schema(report: Report) -> None:
    VALID.validate(json.loads(render(report)))


def test_every_field_of_the_model_is_named() -> None:
    fields = set(Diagnosis.__struct_fields__)
    assert set(data.diagnosis(CAUSE)) == fields
    assert set(document(CASE)) == set(SCHEMA["properties"]) == {*Report.__struct_fields__, "schema", "version"}


def test_text_comes_back_as_it_was_and_the_bytes_are_harmless() -> None:
    written = render(CASE)
    written.encode()
    assert "\x1b" not in written
    assert "\u202e" not in written
    assert json.loads(written)["diagnoses"][0]["evidence"][-1]["text"].endswith(TRICKY)


def test_the_same_case_gives_the_same_bytes() -> None:
    assert render(CASE) == render(replace(CASE, counts={"operations dropped": 0, "unknown": 1}))


def test_lines_hold_the_same_as_the_document() -> None:
    sections = {
        "source": "sources",
        "machine": "machines",
        "diagnosis": "diagnoses",
        "unjudged": "unjudged",
        "operation": "operations",
        "event": "events",
        "code": "codes",
        "problem": "problems",
    }
    whole = document(CASE)
    found: dict[str, list[object]] = {name: [] for name in sections}
    first, *lines = map(json.loads, ndjson.render(CASE).splitlines())
    assert first == {"type": "report", **{name: whole[name] for name in ("schema", "version", "counts")}}
    for line in lines:
        found[line.pop("type")].append(line)
    assert found == {name: json.loads(json.dumps(whole[key])) for name, key in sections.items()}

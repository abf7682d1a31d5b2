"""Several outputs pasted into one text: cut into their parts, each read as what it is, at its own place."""

from itertools import permutations
from pathlib import Path

import pytest
from conftest import CHECKOUT, report_of

from analyzer.analysis import Options, analyze, records
from analyzer.model import Record, Report

SAMPLES = CHECKOUT / "samples"
BITS = """C:\\>sc qc bits
[SC] QueryServiceConfig SUCCESS

SERVICE_NAME: bits
        TYPE               : 20  WIN32_SHARE_PROCESS
        START_TYPE         : 4   DISABLED
        ERROR_CONTROL      : 1   NORMAL
"""
PROXY = "C:\\>netsh winhttp show proxy\n\nCurrent WinHTTP proxy settings:\n\n    Direct access (no proxy server).\n"
ANSWER = "\nRegards, Ann\n"
LOG = """2024-02-20 08:00:01.1234567 1204  5560  Agent           WSUS server: http://wsus01.contoso.com:8530
2024-02-20 08:10:02.1234567 1204  5572  Agent           * START * Finding updates CallerId = X  Id = 1 (cV = a.1)
2024-02-20 08:10:03.1234567 1204  5572  Agent           * END * Finding updates CallerId = X, Id = 1, Exit code = 0x0
"""


def facts(report: Report) -> dict[str, str]:
    return {fact.name: fact.value for machine in report.machines for fact in machine.facts}


@pytest.mark.parametrize("parts", list(permutations((BITS, PROXY, LOG))))
def test_the_order_does_not_matter(parts: tuple[str, ...]) -> None:
    report = report_of("\n".join(parts))
    assert report.sources[0].format == "ticket"
    known = facts(report)
    assert (known["service-disabled"], known["winhttp-proxy"], known["wsus-server"]) == (
        "bits",
        "",
        "http://wsus01.contoso.com:8530",
    )
    assert [done.kind for done in report.operations] == ["scan"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-le", "cp850"])
def test_places_are_those_of_the_whole_text(codec: str) -> None:
    text = f"Hallo, Grüße:\n\n{BITS}\n{PROXY}\n{LOG}{ANSWER}"
    raw = text.encode(codec)
    report = report_of(raw)
    (scan,) = report.operations
    lines = text.split("\n")
    for event in scan.events:
        assert lines[event.place.line - 1] == event.text
        assert raw[event.place.offset :].decode(codec if codec != "utf-16" else "utf-16-le").startswith(event.text)
    (server,) = [fact for fact in report.machines[0].facts if fact.name == "winhttp-proxy"]
    assert lines[server.place.line - 1] == server.text


def test_a_log_alone_is_no_ticket() -> None:
    assert report_of(f"Hello,\n{LOG}").sources[0].format == "windowsupdate"


def test_one_output_alone_is_no_ticket() -> None:
    assert report_of(f"Hello,\n{BITS}{BITS}").sources[0].format == "services"


def test_an_unknown_command_ends_a_part() -> None:
    report = report_of(f"{BITS}\nC:\\>dir\n        START_TYPE         : 4   DISABLED\n{PROXY}")
    assert facts(report)["service-disabled"] == "bits"


def test_what_a_part_could_tell_and_does_not_is_judged() -> None:
    open_ = {one.id for one in report_of(f"{BITS}\n{PROXY}\n{LOG}").unjudged}
    assert "service-disabled" not in open_
    assert "service-stopped-with-error" not in open_
    assert "wsus-policy-unused" in open_


def test_every_line_is_a_record() -> None:
    path = str(SAMPLES / "pasted-ticket" / "input")
    told = [one for one in records([path], Options(every=True)) if isinstance(one, Record)]
    written = [line for line in (Path(path) / "ticket.txt").read_text().split("\n") if line.strip()]
    assert len(told) == len(written)


def test_the_sample_ticket_cites_both_the_state_and_the_log() -> None:
    (found,) = analyze([str(SAMPLES / "pasted-ticket" / "input")]).diagnoses
    assert found.id == "service-disabled"
    assert {evidence.place.line for evidence in found.evidence} >= {19, 42}


@pytest.mark.parametrize(
    ("sample", "word"), [("wsus-policy-missing", "Toegepaste"), ("wsus-policy-filtered", "Geweigerd")]
)
def test_a_missing_policy_is_proved_by_gpresult_and_log(sample: str, word: str) -> None:
    found = analyze([str(SAMPLES / sample / "input")]).diagnoses[0]
    assert found.id == sample
    cited = {evidence.place.source.rpartition("/")[2]: evidence.text for evidence in found.evidence}
    assert word in cited["gpresult.txt"]
    assert any("WSUS server: (null)" in evidence.text for evidence in found.evidence)
    if sample.endswith("filtered"):
        assert "Geweigerd (beveiliging)" in found.because

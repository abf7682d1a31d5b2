"""Package managers: their faults wherever they stand, the grammars' own samples, and transcripts as they are pasted."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from conftest import report_of
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.analysis import Options, analyze
from analyzer.correlate.packagecall import exit_code, exit_codes, fault_kinds, is_good
from analyzer.formats.linux.faults import SHOWN, anywhere, faults, needles, shapes, shown
from analyzer.grammar import Sample, load
from analyzer.model import Report, Severity
from analyzer.vocabulary import known_kinds

SEARCHED = ("linux-messages", "azure-messages")
WHOLE = ("oms", "oms-messages", "linux")


def samples(names: tuple[str, ...]) -> Iterator[object]:
    for name in names:
        for sample in load(name).samples:
            yield pytest.param(name, sample, id=f"{name}-{sample.line}")


def ids(report: Report) -> list[str]:
    return [one.id for one in report.diagnoses if one.severity is not Severity.INFO]


@pytest.mark.parametrize(("name", "sample"), list(samples(SEARCHED)))
def test_a_sample_is_found_anywhere_as_its_rule_and_as_no_other(name: str, sample: Sample) -> None:
    for text in (sample.text, f"WARNING:- Output:  |\tE: {sample.text} |\tnext line"):
        rules = {shapes(name).fields(found)[0] for found in anywhere(name).finditer(text)}
        assert (sample.rule in rules) is sample.fits
    if sample.fits:
        found = shapes(name).match(sample.text)
        assert found is not None
        assert found[0] == sample.rule


@pytest.mark.parametrize(("name", "sample"), list(samples(WHOLE)))
def test_a_sample_fits_its_rule_and_no_other(name: str, sample: Sample) -> None:
    found = shapes(name).match(sample.text)
    assert (found is not None and found[0] == sample.rule) is sample.fits


@pytest.mark.parametrize("name", ["oms", "oms-messages", "linux-messages"])
def test_lalr_gives_the_fields_of_the_shape(name: str) -> None:
    grammar = load(name)
    if name == "linux-messages":
        pytest.skip("its terminals look ahead to where a text goes on: only the shape knows that")
    parser = grammar.parser()
    for sample in grammar.samples:
        if sample.fits:
            tree = parser.parse(sample.text, start=sample.rule)
            tokens = {token.type.lower(): str(token) for token in tree.scan_values(lambda _: True)}
            assert shapes(name).match(sample.text) == (sample.rule, tokens)


@pytest.mark.parametrize("name", [*SEARCHED, "oms-messages"])
def test_each_kind_is_known(name: str) -> None:
    assert {rule.replace("_", "-") for rule in load(name).starts} <= set(known_kinds())


def test_the_kinds_are_those_of_the_grammar() -> None:
    assert fault_kinds() == {rule.replace("_", "-") for rule in load("linux-messages").starts}


def test_a_needle_is_never_empty() -> None:
    assert all(len(needle) > 3 for needle in needles("linux-messages"))


NO_FAULT = (
    "Hit:1 http://azure.archive.ubuntu.com/ubuntu jammy InRelease",
    "This system is not registered with an entitlement server. You can use subscription-manager to register.",
    "After this operation, 62.4 MB of additional disk space will be used.",
    "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.",
    "Trying other mirror.",
    "The following packages have been kept back:",
    "/dev/loop3 64896 64896 0 100% /snap/core20/1974",
    "Setting up libgcc-s1:amd64 (12.3.0-1ubuntu1~22.04) ...",
    "The following 5 items are locked and will not be changed by any action:",
    "Checking for file conflicts: ....[done]",
    "- Return code from package manager: 0",
)


@pytest.mark.parametrize("text", NO_FAULT)
def test_what_is_no_fault(text: str) -> None:
    assert list(faults(text)) == []


def test_a_lock_tells_who_holds_it() -> None:
    found = next(faults("E: Could not get lock /var/lib/dpkg/lock. It is held by process 2181 (unattended-upgr)"))
    assert found.said.fields == {"lock": "/var/lib/dpkg/lock", "pid": "2181", "holder": "unattended-upgr"}


def test_evidence_of_a_long_line_shows_the_fault() -> None:
    text = "x" * 5000 + " Hash Sum mismatch " + "y" * 5000
    found = next(faults(text))
    assert "Hash Sum mismatch" in shown(text, found.start, found.stop)
    assert len(shown(text, found.start, found.stop)) < 2 * SHOWN


def test_every_exit_code_has_a_meaning() -> None:
    assert all(meaning for _, meaning in exit_codes().values())
    assert is_good("yum", 100)
    assert not is_good("apt", 100)
    assert is_good("zypper", 103)
    assert not is_good("zypper", 7)
    assert "locks" in exit_code("zypper", 7)
    assert "no meaning" in exit_code("zypper", 77)


def test_a_transcript_is_known_and_clean() -> None:
    log = "Loaded plugins: langpacks\nResolving Dependencies\n--> Running transaction check\nComplete!\n"
    report = report_of(log)
    assert report.sources[0].format == "linux"
    assert ids(report) == []


def test_output_behind_bars_and_in_quotes() -> None:
    for line in ("|\tError: GPG check FAILED", "> Error: GPG check FAILED", "\t|\tError: GPG check FAILED"):
        assert "yum-key-missing" in ids(report_of(f"$ sudo dnf upgrade\n{line}\n"))


def test_packages_that_dpkg_left_behind() -> None:
    half = "2026-05-23 22:10:00 status half-configured libssl3:amd64 3.0.17\n"
    done = "2026-05-23 22:10:02 status installed libssl3:amd64 3.0.17\n"
    assert "dpkg-half-installed" in {event.kind for event in report_of(half + half).events}
    assert "dpkg-half-installed" not in {event.kind for event in report_of(half + done).events}


def test_line_ends_and_hyperscan_make_no_difference() -> None:
    log = "Loaded plugins: x\nError: rpmdb open failed\nTrying other mirror.\n"
    first = report_of(log)
    assert ids(first) == ids(report_of(log.replace("\n", "\r\n"))) == ["yum-rpmdb-damaged"]
    assert ids(first) == ids(report_of(log, Options(hyperscan=False)))
    assert ids(first) == ids(report_of(log, Options(every=True)))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(noise: bytes) -> None:
    head = b"Loaded plugins: x\nResolving Dependencies\n--> Running\n"
    report = analyze(["-"], stdin=BytesIO(head + noise + b"\nError: rpmdb open failed"))
    assert report.sources[0].size == len(head + noise) + 25


MIRROR = (
    "https://mirror.example.org/x.rpm: [Errno 12] Timeout on https://mirror.example.org/x.rpm\nTrying other mirror.\n"
)
"""What yum writes when one mirror does not answer."""


@given(st.integers(0, 4), st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_a_mirror_counts_unless_all_was_installed_after_it(before: int, after: int) -> None:
    report = report_of(
        "$ sudo yum -y update\nLoaded plugins: langpacks\n" + MIRROR * before + "Complete!\n" + MIRROR * after
    )
    assert ("yum-metadata-unavailable" in ids(report)) is (after > 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("C:\\>sc query bits\n[SC] x\n\n", "\n"),
        ('[{"status": {"substatus": [{"name": "PatchAssessmentSummary", "x": "', ""),
    ],
    ids=["a ticket of several outputs", "a status document that is cut off"],
)
def test_a_mirror_counts_in_any_text_that_quotes_it(before: str, after: str) -> None:
    assert "yum-metadata-unavailable" in ids(report_of(f"{before}{MIRROR}{after}"))
    assert "yum-metadata-unavailable" not in ids(report_of(f"{before}{MIRROR}Complete!\n{after}"))


def test_a_repository_that_failed_counts_whatever_was_installed_after_it() -> None:
    failed = "Error: Failed to download metadata for repo 'appstream'\n"
    assert "yum-metadata-unavailable" in ids(report_of(f"$ dnf upgrade\n{failed}Complete!\n"))


FULL = "/dev/sda1      4128768 4128768     0  100% /\n"
INODES = "Filesystem      Inodes   IUsed IFree IUse% Mounted on\n"
BLOCKS = "Filesystem      Size  Used Avail Use% Mounted on\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (BLOCKS + FULL, ["linux-disk-full"]),
        (FULL, ["linux-disk-full"]),
        (INODES + FULL, ["linux-inodes-full"]),
        (INODES + BLOCKS + FULL, ["linux-disk-full"]),
        (BLOCKS + INODES + FULL, ["linux-inodes-full"]),
        (INODES + BLOCKS, []),
    ],
)
def test_the_head_of_a_table_tells_what_is_used_up(text: str, found: list[str]) -> None:
    assert ids(report_of(f"$ df\n{text}$ sudo apt-get update\nReading package lists... Done\n")) == found

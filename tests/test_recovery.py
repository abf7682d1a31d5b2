"""A failure in one log that another log tells was made good: near misses first."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from analyzer.join import Part
from analyzer.model import Operation, Outcome, Place, SourceInfo, Update, Zone
from analyzer.recovery import recovered

NOON = datetime(2024, 6, 12, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
UPDATE = Update("6B7ECBC4-C3A3-4519-9991-0AF24AF4807E", 200, "", "KB5099001")
FAILED = Operation(
    "install", Outcome.FAILED, NOON, NOON, updates=(UPDATE,), chain=(0x80070070,), last=NOON, standing=True
)
MADE_GOOD = replace(FAILED, outcome=Outcome.SUCCEEDED, start=NOON + HOUR, end=NOON + HOUR, last=NOON + HOUR, chain=())


def part(*operations: Operation, known: str = "stated") -> Part:
    return Part(SourceInfo(Place("x"), "windowsupdate", "", zone=Zone("UTC", known, "")), operations)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(part(replace(MADE_GOOD, kind="download")), id="only the download succeeded"),
        pytest.param(part(replace(MADE_GOOD, updates=(Update("", None, "", "KB5099002"),))), id="another update"),
        pytest.param(part(replace(MADE_GOOD, start=NOON - HOUR, end=NOON - HOUR, last=NOON - HOUR)), id="earlier"),
        pytest.param(part(replace(MADE_GOOD, outcome=Outcome.CANCELLED)), id="cancelled"),
        pytest.param(part(MADE_GOOD, known="assumed"), id="in another zone perhaps"),
        pytest.param(part(replace(MADE_GOOD, start=None, end=None, last=None)), id="nobody knows when"),
        pytest.param(part(replace(MADE_GOOD, offline=True)), id="no server was asked"),
    ],
)
def test_what_does_not_make_it_good(other: Part) -> None:
    first, _ = recovered([part(FAILED), other])
    assert not first.operations[0].recovered


def test_a_search_without_its_service_makes_nothing_good() -> None:
    failed = replace(FAILED, kind="scan", updates=())
    first, _ = recovered([part(failed), part(replace(MADE_GOOD, kind="scan", updates=()))])
    assert first.operations[0] == failed


def test_one_of_two_updates_is_not_enough() -> None:
    failed = replace(FAILED, updates=(UPDATE, Update("", None, "", "KB5099002")))
    first, _ = recovered([part(failed), part(MADE_GOOD)])
    assert not first.operations[0].recovered


def test_a_later_failure_elsewhere_takes_its_standing() -> None:
    again = replace(FAILED, start=NOON + HOUR, end=NOON + HOUR, last=NOON + HOUR)
    first, second = recovered([part(FAILED), part(again)])
    assert (first.operations[0].standing, second.operations[0].standing) == (False, True)
    assert not first.operations[0].recovered


@pytest.mark.parametrize("known", ["stated", "assumed"])
def test_a_later_success_in_another_log_makes_it_good(known: str) -> None:
    later = NOON + 15 * HOUR
    first, second = recovered([part(FAILED), part(replace(MADE_GOOD, start=later, end=later, last=later), known=known)])
    assert first.operations[0].recovered
    assert not first.operations[0].standing
    assert second.operations[0].outcome is Outcome.SUCCEEDED


def test_one_log_alone_stays_as_it_is() -> None:
    alone = part(FAILED, MADE_GOOD)
    assert recovered([alone]) == [alone]

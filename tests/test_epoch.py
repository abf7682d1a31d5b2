"""Settings that change while a log is written: each failure is judged by what held then."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import report_of
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from analyzer.analysis import analyze
from analyzer.epoch import changed, epochs, in_epochs, in_force
from analyzer.machine import Facts
from analyzer.model import Fact, Operation, Outcome, Place
from analyzer.verdict import NO, Case, Verdict

BEGIN = datetime(2024, 2, 20, 8, tzinfo=UTC)
OLD, NEW, NONE = "http://old.contoso.com:8530", "http://wsus.contoso.com:8530", "(null)"


def line(minute: int, component: str, text: str) -> str:
    return f"2024-02-20 08:{minute:02}:02.1234567 1204  5572  {component:<15} {text}\n"


def server(minute: int, value: str) -> str:
    return line(minute, "Agent", f"WSUS server: {value} (Changed)")


def scan(minute: int, code: str, service: str = "3DA21691-E39D-4DA6-8A4B-B43877BCB1B7") -> str:
    texts = [
        line(minute, "Agent", f"* START * Finding updates CallerId = UpdateOrchestrator  Id = {minute}"),
        line(minute, "Agent", f"ServiceID = {{{service}}} Managed"),
    ]
    if code != "00000000":
        texts.append(line(minute, "WebServices", f"WS Error code: {code}"))
    end = f"* END * Finding updates CallerId = UpdateOrchestrator, Id = {minute}, Exit code = 0x{code} (cV = a.1)"
    return "".join((*texts, line(minute, "Agent", end)))


def fact(minute: int | None, value: str, name: str = "wsus-server") -> Fact:
    when = None if minute is None else BEGIN + timedelta(minutes=minute)
    return Fact(name, value, Place("x", line=(minute or 0) + 1), when)


def failed(minute: int, last: int | None = None) -> Operation:
    start = BEGIN + timedelta(minutes=minute)
    return Operation(
        "scan", Outcome.FAILED, start, start, last=start if last is None else BEGIN + timedelta(minutes=last)
    )


# ---- what holds at a time ----


@pytest.mark.parametrize(
    "facts",
    [
        [],
        [fact(1, OLD)],
        [fact(1, OLD, "os-build"), fact(2, NEW, "os-build")],
        [fact(1, OLD), fact(None, NEW)],
    ],
)
def test_what_is_said_once_is_no_setting_or_has_no_time_did_not_change(facts: list[Fact]) -> None:
    assert changed(facts) == frozenset()
    assert list(in_force(facts, BEGIN)) == facts


@pytest.mark.parametrize(("minute", "held"), [(0, OLD), (1, OLD), (4, OLD), (5, NEW), (9, NEW), (None, NEW)])
def test_of_a_setting_that_changed_one_value_is_in_force(minute: int | None, held: str) -> None:
    facts = [fact(1, OLD), fact(2, "10.0", "os-build"), fact(5, NEW)]
    when = None if minute is None else BEGIN + timedelta(minutes=minute)
    assert {one.name: one.value for one in in_force(facts, when)} == {"wsus-server": held, "os-build": "10.0"}


def asked_of(value: str) -> object:
    """A condition: a scan failed, and the setting was *value*."""

    def test(case: Case) -> Verdict:
        told = tuple(one for one in case.facts if one.value == value)
        return Verdict(True, (*case.operations, *told)) if told and case.operations else NO

    return test


@pytest.mark.parametrize(
    ("value", "scans", "holds"),
    [
        (OLD, [failed(7)], False),
        (NEW, [failed(2)], False),
        (OLD, [failed(2)], True),
        (OLD, [failed(0)], True),  # what held before the first word of it is not known
        (NEW, [failed(5)], True),
        (NEW, [failed(2, last=7)], True),  # one of those folded into it
    ],
)
def test_a_condition_holds_with_what_was_set_then(value: str, scans: list[Operation], holds: bool) -> None:
    case = Case(tuple(scans), (), (fact(1, OLD), fact(5, NEW)))
    verdict = in_epochs(asked_of(value), list(epochs(case, frozenset({"wsus-server"}))))  # type: ignore[arg-type]
    assert verdict.holds is holds
    assert {one.value for one in verdict.found if isinstance(one, Fact)} == ({value} if holds else set())


def test_without_an_operation_the_end_counts() -> None:
    case = Case((), (), (fact(1, OLD), fact(5, NEW)))

    def is_set(value: str) -> Verdict:
        def test(case: Case) -> Verdict:
            return Verdict(True, told) if (told := tuple(one for one in case.facts if one.value == value)) else NO

        return in_epochs(test, list(epochs(case, frozenset({"wsus-server"}))))

    assert is_set(OLD).holds is False
    assert is_set(NEW).holds is True


def test_what_cannot_be_judged_stays_so() -> None:
    case = Case((failed(1),), (), (fact(1, OLD), fact(5, NEW)))
    cases = list(epochs(case, frozenset({"wsus-server"})))
    assert in_epochs(lambda _: Verdict(None, missing=(frozenset("x"),)), cases).holds is None


TOLD = st.lists(st.tuples(st.integers(0, 20), st.sampled_from((OLD, NEW, ""))), max_size=12)


@given(TOLD, st.booleans())
def test_a_setting_stands_once_for_each_change(told: list[tuple[int, str]], several: bool) -> None:
    facts = Facts()
    for at, (minute, value) in enumerate(told):
        one = fact(minute, value)
        facts.add([replace(one, place=Place(f"{at % 2 * several}", line=at))])
    values = [one.value for one in facts.all if one.name == "wsus-server"]
    assert all(before != after for before, after in pairwise(values))
    places = [one.place for one in facts.all if one.name == "wsus-server"]
    times = [one.when for one in facts.all if one.name == "wsus-server"]
    if len({place.source for place in places}) > 1:
        assert times == sorted(times, key=str)
    elif not several:
        assert places == sorted(places)
    assert set(values) == {value for _, value in told}


# ---- whole logs ----


def found(log: str) -> dict[str, str]:
    return {one.id: one.because for one in report_of(log).diagnoses}


def servers(log: str) -> list[str]:
    (machine,) = report_of(log).machines
    return [one.value for one in machine.facts if one.name == "wsus-server"]


def test_a_server_that_is_said_again_did_not_change() -> None:
    assert servers(server(1, OLD) + server(2, OLD) + scan(3, "00000000")) == [OLD]


def test_where_the_clock_was_set_back_the_file_tells_what_came_last() -> None:
    log = server(30, OLD) + scan(31, "00000000") + server(10, NEW) + scan(11, "80244022")
    assert servers(log) == [OLD, NEW]
    assert NEW in found(log)["wsus-overloaded"]


def test_a_server_that_comes_back_is_the_one_in_use() -> None:
    log = server(1, OLD) + scan(2, "00000000") + server(3, NEW) + scan(4, "00000000") + server(5, OLD)
    assert servers(log + scan(6, "80244022")) == [OLD, NEW, OLD]
    assert OLD in found(log + scan(6, "80244022"))["wsus-overloaded"]


def test_the_same_server_in_an_older_log_did_not_change(tmp_path: Path) -> None:
    for day, server_ in ((20, OLD), (21, OLD)):
        log = server(1, server_) + scan(2, "00000000")
        (tmp_path / f"{day}.log").write_text(log.replace("2024-02-20", f"2024-02-{day}"), "utf-8")
    assert "wsus-server-changed" not in {one.id for one in analyze([str(tmp_path)]).diagnoses}
    (tmp_path / "22.log").write_text(server(1, NEW).replace("2024-02-20", "2024-02-22"), "utf-8")
    assert "wsus-server-changed" in {one.id for one in analyze([str(tmp_path)]).diagnoses}


def test_a_log_that_goes_on_changing_it_costs_no_memory() -> None:
    log = "".join(server(at % 60, (OLD, NEW)[at % 2]) for at in range(300)) + scan(59, "00000000")
    assert len(servers(log)) <= 50


def test_a_server_that_was_set_later_is_not_to_blame() -> None:
    microsoft = "9482F4B4-E343-43B6-B170-9A65BC822C77"
    log = server(1, NONE) + scan(2, "8024402C", microsoft) + server(5, NEW)
    assert "wsus-name-not-resolved" not in found(log)
    assert "name-not-resolved" in found(log)


def test_the_text_names_the_server_of_the_failure() -> None:
    log = server(1, OLD) + scan(2, "8024402C") + server(5, NEW)
    because = found(log)["wsus-name-not-resolved"]
    assert OLD in because
    assert NEW not in because

"""The condition language: what it refuses, its three truths, and its evidence."""

import pytest

from analyzer.condition import compiled
from analyzer.errors import DataError
from analyzer.grammar import load
from analyzer.model import Event, Fact, Operation, Outcome, Place, Update
from analyzer.subject import values_of
from analyzer.verdict import Case, Test
from analyzer.vocabulary import known_facts, known_inputs, known_kinds

PLACE = Place("x.log", "", 1)
END = Event("scan-ended", None, PLACE, "* END * Finding updates", "Agent", (0x8024402C,), {"status": "407"})
SCAN = Operation(
    "scan", Outcome.FAILED, None, None, "Caller", chain=(0x80072EE7, 0x8024402C), events=(END,), count=3, standing=True
)
GOOD = Operation("download", Outcome.SUCCEEDED, None, None, updates=(Update("G", 1, "Title (KB5000001)", "KB5000001"),))
WSUS = Fact("wsus-server", "http://wsus.contoso.com:8530", PLACE)
CASE = Case((SCAN, GOOD), (END,), (WSUS,), frozenset({"windowsupdate"}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not understood"),
        ("scan", "not understood"),
        ("scan[failed", "not understood"),
        ("scan[failed] scan[failed]", "not understood"),
        ("scan[broken]", "`broken` is no flag"),
        ("scan[colour = red]", "`scan` has no `colour`"),
        ("scan[group = colour]", "`colour` is no group"),
        ("fact[value = x]", "asked for by its name"),
        ("fact[name = colour]", "`colour` is no fact"),
        ('scan[title ~ "("]', "no regular expression"),
        ("tea[failed]", "not understood"),
        ("event[kind = tea-time]", "`tea-time` is no kind of event"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(DataError, match=rf"(?s)^rule\.toml:7.*{message}"):
        compiled(text, file="rule.toml", line=7)


def holds(text: str, case: Case = CASE) -> bool | None:
    """The truth of *text*."""
    return compiled(text)(case).holds


@pytest.mark.parametrize(
    "text",
    [
        "download[failed]",
        "scan[recovered]",
        "scan[not failed]",
        "scan[cause = 0x8024402C]",
        "scan[group != dns]",
        "scan[count > 3]",
        "at least 4 scan[failed]",
        'scan[caller ~ "^all"]',
        'fact[name = wsus-server, value = ""]',
        "fact[name = proxy]",
        "not scan[failed]",
        "scan[failed] and download[failed]",
        "event[status = 408]",
        "event[kind = scan-started]",
    ],
)
def test_does_not_hold(text: str) -> None:
    assert holds(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "scan[failed, group = dns, cause = 0x80072EE7, code = 0x8024402C]",
        "scan[code in (0x80244018, 0x8024402c)]",
        "at least 3 scan[failed]",
        'operation[kb = "KB5000001"]',
        'operation[title ~ "title"]',
        'scan[text ~ "finding"]',
        "scan[event = scan-ended]",
        'fact[name = wsus-server, value ~ "//"]',
        'event[status = "407"]',
        'event[component != "Handler"]',
        "scan[failed] and not download[failed]",
        "(download[failed] or scan[failed]) and fact[name = wsus-server]",
        "scan[count >= 3, count < 4]",
    ],
)
def test_holds(text: str) -> None:
    assert holds(text) is True


def test_of_several_kinds_of_events_those_inputs_are_missed_that_tell_one_of_them() -> None:
    kinds = known_kinds()
    one, other = (next(kind for kind, inputs in kinds.items() if inputs == name) for name in ("evtx", "cmtrace"))
    wanted = compiled(f"event[kind in ({one}, {other})]")
    assert wanted(Case(inputs=frozenset({"evtx"}))).holds is False
    verdict = wanted(Case(inputs=frozenset({"gpresult"})))
    assert verdict.holds is None
    assert verdict.missing == (frozenset({"evtx", "cmtrace"}),)


def test_a_fact_that_every_log_tells_is_unknown_until_told() -> None:
    silent = Case((SCAN,), (), (), frozenset({"windowsupdate"}))
    verdict = compiled("scan[failed] and fact[name = wsus-server]")(silent)
    assert verdict.holds is None
    assert verdict.missing == (frozenset({"windowsupdate"}),)
    assert holds("scan[succeeded] and fact[name = wsus-server]", silent) is False
    assert holds("scan[failed] or fact[name = wsus-server]", silent) is True
    assert holds("not fact[name = wsus-server]", silent) is None
    assert holds("fact[name = proxy]", silent) is False


def test_without_a_log_nothing_is_judged() -> None:
    verdict = compiled("scan[failed]")(Case())
    assert verdict.holds is None
    assert "windowsupdate" in verdict.missing[0]


def test_the_evidence_is_what_was_found_each_once() -> None:
    test: Test = compiled("scan[failed] and scan[group = dns] and fact[name = wsus-server] and not download[failed]")
    found = test(CASE).found
    assert len(found) == 2
    assert found[0] is SCAN
    assert found[1] is WSUS


def test_values() -> None:
    assert values_of(SCAN, "groups") == ("dns", "dns")
    assert values_of(END, "text") == (END.text,)
    assert values_of(END, "missing") == ()
    assert values_of(WSUS, "name") == ("wsus-server",)


def test_known_facts_have_a_meaning() -> None:
    for fact in known_facts().values():
        assert fact.meaning
        assert fact.told in ("always", "sometimes")


def test_every_kind_and_fact_names_inputs_that_are_known() -> None:
    told = [*known_kinds().values(), *(fact.input for fact in known_facts().values())]
    assert {part for names in told for part in names.split("|")} <= set(known_inputs())


def test_every_message_has_its_kind() -> None:
    said = {rule.replace("_", "-") for rule in load("windowsupdate-messages").starts}
    assert {kind for kind in said if not kind.startswith("fact-")} <= set(known_kinds())
    assert {kind.removeprefix("fact-") for kind in said if kind.startswith("fact-")} <= set(known_facts())

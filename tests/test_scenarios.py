"""The table of scenarios: whole, without inventions, and its page up to date."""

import re

import pytest
from conftest import CHECKOUT, SHARED
from scenarios import Scenario, page, scenarios, table, tickets

from analyzer.rules import rules

INVENTORY = SHARED / "reference"
ROWS = scenarios()
PROVABLE = [row for row in ROWS if row.diagnoses]


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    (_, _, line) = table([Scenario("x", "a|b", (), "", "c")], {})
    assert line == "| x | a\\|b | – | – | c |  |"


def test_a_row_names_the_tickets_that_show_it() -> None:
    shown = {"disk-full": ("one", "two"), "no-network": ("one",)}
    (_, _, line) = table([Scenario("x", "t", ("disk-full", "no-network"), "p", "")], shown)
    assert line.endswith("| `one` |")


def test_no_row_is_empty_and_none_stands_twice() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert row.title
        assert bool(row.diagnoses) == bool(row.proof), row.id
        assert row.diagnoses or row.why_not, row.id
        assert len(set(row.diagnoses)) == len(row.diagnoses), row.id


def test_every_diagnosis_that_is_named_exists_and_each_is_named() -> None:
    named = {one for row in ROWS for one in row.diagnoses}
    known = {rule.id for rule in rules()}
    assert named - known == set()
    assert known - named == set(), "give them a row in samples/scenarios.csv"


@pytest.mark.parametrize("row", PROVABLE, ids=lambda row: row.id)
def test_each_row_that_can_be_proven_has_an_example(row: Scenario) -> None:
    by_id = {rule.id: rule for rule in rules()}
    shown = tickets()
    for one in row.diagnoses:
        assert shown.get(one) or any(example.holds for example in by_id[one].examples), one


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("scenarios.md", r"(?:UM|HRW|HRX|ONB|AUM|WSUS)-\d\d"),
        ("linux-signatures.md", r"LX-[A-Z]\d+"),
    ],
)
def test_every_scenario_of_the_inventory_stands_in_the_table(file: str, wanted: str) -> None:
    if not INVENTORY.is_dir():
        pytest.skip(f"{INVENTORY} is not there")
    text = (INVENTORY / file).read_text("utf-8")
    asked = set(re.findall(rf"^\| ({wanted}) \|", text, re.MULTILINE))
    assert len(asked) > 30
    assert asked == {row.id for row in ROWS if re.fullmatch(wanted, row.id)}


def test_the_page_is_up_to_date() -> None:
    made = "python tests/scenarios.py --markdown samples/SCENARIOS.md"
    assert page() == (CHECKOUT / "samples" / "SCENARIOS.md").read_text("utf-8"), made

"""The scenarios of the field: which diagnosis proves each, by what, or why no file can.

    python tests/scenarios.py --markdown FILE     writes the table (samples/SCENARIOS.md is made so)

The rows stand in `samples/scenarios.csv`: nothing of the program reads them, so they are no part of the wheel. Ids in
capitals are those of the inventory that this project was given; the others are ours, by area.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
TABLE = SAMPLES / "scenarios.csv"
SHOWN = 3
"""Tickets that a row names at most."""
PAGE = """\
# Scenarios

Made by `python tests/scenarios.py --markdown samples/SCENARIOS.md` from `samples/scenarios.csv`; a test holds it up to
date. For each scenario: the diagnoses that tell it, what input proves it and what in that input, and what no file can
prove. UM to WSUS are the scenarios of the two articles on Update Management and WSUS clients and of their later
versions, LX the words of the package managers of Linux; the rest is what else keeps machines from their updates.

{table}
"""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row."""

    id: str
    title: str
    diagnoses: tuple[str, ...]
    proof: str
    """Which input proves it, and what in it."""
    why_not: str
    """What of it cannot be proven from files, and why."""


def scenarios() -> tuple[Scenario, ...]:
    """The rows, in the order of the table."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Scenario(
                row["scenario"],
                row["title"],
                tuple(row["diagnoses"].split("|")) if row["diagnoses"] else (),
                row["proof"],
                row["why_not"],
            )
            for row in csv.DictReader(lines)
        )


def tickets() -> dict[str, tuple[str, ...]]:
    """The sample tickets that show each diagnosis, by its id."""
    found: dict[str, tuple[str, ...]] = {}
    for place in sorted(SAMPLES.glob("*/expected.json")):
        for cause in json.loads(place.read_text("utf-8"))["causes"]:
            found[cause["label"]] = (*found.get(cause["label"], ()), place.parent.name)
    return found


def table(rows: Sequence[Scenario], shown: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """The rows as a Markdown table; *shown* are the tickets by diagnosis."""
    yield "| id | scenario | diagnoses | what proves it | what no file can prove | tickets |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        names = dict.fromkeys(name for one in row.diagnoses for name in shown.get(one, ())[:1])
        cells = (
            row.id,
            row.title,
            ", ".join(f"`{one}`" for one in row.diagnoses) or "–",
            row.proof or "–",
            row.why_not,
            ", ".join(f"`{name}`" for name in list(names)[:SHOWN]),
        )
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def page() -> str:
    """The table as `samples/SCENARIOS.md` has it."""
    return PAGE.format(table="\n".join(table(scenarios(), tickets())))


def main() -> int:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the page to FILE")
    options = parser.parse_args()
    if options.markdown:
        options.markdown.write_text(page(), "utf-8", newline="\n")
    else:
        print(page(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())

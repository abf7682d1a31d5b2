"""How good the diagnoses are on labelled cases: first cause, precision, recall, decoys, healthy machines, calibration.

    python tests/evaluate.py [FOLDER ...]        a line for each case that is not as labelled, then the tables
    python tests/evaluate.py --markdown FILE     writes the tables (samples/EVALUATION.md is made so)

A folder holds cases: each `input/` and `expected.json` (samples/README.md), or logs and a `GROUND_TRUTH.tsv`.
Without folders the samples are judged and, where they stand beside this checkout, ../shared/cases and the real logs.
A diagnosis names a cause if it has the cause's label as id or, where a cause lists words to accept, one of each list.
"""

import argparse
import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from analyzer.analysis import analyze
from analyzer.model import Diagnosis, Report, Severity, hex_code

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
FOLDERS = {
    "samples": ROOT / "samples",
    "labelled cases": SHARED / "cases",
    "real logs": SHARED / "corpus" / "windowsupdate",
}
"""What is judged by default; the last two are no part of this project."""
BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.01)
TRUTH = "GROUND_TRUTH.tsv"
INFORMATIONAL = {"UM-21"}
"""Labels of causes that are no fault: a diagnosis of any severity names them."""
REAL: dict[str, tuple[str, ...]] = {
    "Appostarsi": ("payload-corrupt",),
    "Debajyati": (),
    "Lee-7723": (),
    "ReeceKetley": ("winre-partition-too-small", "name-not-resolved"),
    "findingsanity": ("content-filter",),
    "happytk": ("no-internet-route", "disk-full"),
    "raja-fahad": (),
    "rkudache31": (),
}
"""The errors that the ground truth of the real logs tells in words, the first first, by the owner of the log."""

PAGE = """\
# Evaluation

Made by `python tests/evaluate.py --markdown samples/EVALUATION.md`; a test holds the row of the samples up to date.
The samples are our own tickets, so they say that nothing was broken, not how good the diagnoses are on logs that nobody
here has seen. Cases and logs of other people are judged where they stand beside the checkout; they were looked at while
the diagnoses were written, so their rows flatter too.

{table}

*First cause right*: the first error or warning names a cause of the case. *Recall*: causes that some error or warning
names. *Precision*: errors that name a cause. *Decisive line cited*: of the causes named, those whose evidence has a
line that the label calls decisive. *Decoys named*: cases in which an error blames a code that is noise. *Healthy
disturbed*: healthy cases with an error.

## Confidence

All errors of all rows, by the confidence that their diagnosis states. Where everything is right, nothing can be said of
the confidence but that it is not too high.

{calibration}
"""
Line = tuple[str, int]
"""Name of a file and number of a line."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What is wrong in a case."""

    label: str
    accept: tuple[tuple[str, ...], ...] = ()
    decisive: frozenset[Line] = frozenset()

    def is_named(self, found: Diagnosis) -> bool:
        """Whether *found* says it."""
        words = " ".join((found.id, found.title, found.because, *found.fix)).lower()
        said = bool(self.accept) and all(any(word in words for word in group) for group in self.accept)
        return found.id == self.label or said

    def is_cited(self, found: Diagnosis) -> bool:
        """Whether the evidence of *found* has one of its decisive lines."""
        return any(
            (file_of(one.place.source, one.place.member), one.place.line) in self.decisive for one in found.evidence
        )


@dataclass(frozen=True, slots=True)
class Labelled:
    """One case and what is known of it."""

    name: str
    path: Path
    healthy: bool
    causes: tuple[Cause, ...]
    decoys: frozenset[str]


@dataclass(slots=True)
class Score:
    """How the cases of one folder came out."""

    cases: int = 0
    sick: int = 0
    first: int = 0
    causes: int = 0
    named: int = 0
    citable: int = 0
    cited: int = 0
    errors: int = 0
    right: int = 0
    healthy: int = 0
    disturbed: int = 0
    decoys: int = 0
    sure: list[tuple[float, bool]] = field(default_factory=list)
    """For each error its confidence and whether it names a cause."""
    notes: list[str] = field(default_factory=list)


def file_of(source: str, member: str) -> str:
    """The bare name of a file, or of the member of an archive."""
    return (member or source).replace("\\", "/").replace("!", "/").rpartition("/")[2]


def labelled(folder: Path) -> Iterator[Labelled]:
    """The cases in *folder*."""
    if (folder / TRUTH).exists():
        yield from _real(folder)
        return
    for place in sorted(folder.glob("*/expected.json")):
        data = json.loads(place.read_text("utf-8"))
        causes = tuple(
            Cause(
                cause["label"],
                tuple(tuple(group) for group in cause.get("accept", ())),
                frozenset((one["file"].rpartition("/")[2], line) for one in cause["decisive"] for line in one["lines"]),
            )
            for cause in data["causes"]
        )
        decoys = frozenset(code.upper() for code in data["decoys"])
        yield Labelled(place.parent.name, place.parent / "input", data["healthy"], causes, decoys)


def _real(folder: Path) -> Iterator[Labelled]:
    with (folder / TRUTH).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            name = row["file"]
            spans = re.findall(r"(?:^|;)(\d+)(?:-(\d+))?(?=;|$)", row["decisive_lines"])
            decisive = frozenset((name, line) for a, b in spans for line in range(int(a), int(b or a) + 1))
            decoys = frozenset(code.upper() for code in re.findall(r"0x[0-9A-F]{8}", row["decoys_that_must_not_win"]))
            labels = REAL[name.partition("__")[0]]
            causes = tuple(Cause(label, (), decisive if label == labels[0] else frozenset()) for label in labels)
            yield Labelled(name, folder / name, not causes, causes, decoys)


def judge(case: Labelled, report: Report, score: Score) -> None:
    """Adds to *score* how *report* does on *case*."""
    informational = any(cause.label in INFORMATIONAL for cause in case.causes)
    ranked = [one for one in report.diagnoses if one.severity is not Severity.INFO or informational]
    errors = [one for one in report.diagnoses if one.severity is Severity.ERROR]
    score.cases += 1
    score.healthy += case.healthy
    if case.healthy and errors:
        score.disturbed += 1
        score.notes.append(f"{case.name}: healthy, but {errors[0].id}")
    blamed = {hex_code(code).upper() for one in errors for code in one.codes} & {code.upper() for code in case.decoys}
    if blamed:
        score.decoys += 1
        score.notes.append(f"{case.name}: names the decoy {' '.join(sorted(blamed))}")
    for one in errors:
        right = any(cause.is_named(one) for cause in case.causes)
        score.errors, score.right = score.errors + 1, score.right + right
        score.sure.append((one.confidence, right))
        if not right and not case.healthy:
            score.notes.append(f"{case.name}: {one.id} ({one.confidence}) is none of its causes")
    _judge_causes(case, ranked, score)


def _judge_causes(case: Labelled, ranked: Sequence[Diagnosis], score: Score) -> None:
    score.sick += bool(case.causes)
    if case.causes and ranked and any(cause.is_named(ranked[0]) for cause in case.causes):
        score.first += 1
    elif case.causes:
        score.notes.append(f"{case.name}: first is {ranked[0].id if ranked else 'nothing'}")
    for cause in case.causes:
        hits = [one for one in ranked if cause.is_named(one)]
        score.causes, score.named = score.causes + 1, score.named + bool(hits)
        if not hits:
            score.notes.append(f"{case.name}: {cause.label} is missed")
        elif cause.decisive:
            cited = any(cause.is_cited(one) for one in hits)
            score.citable, score.cited = score.citable + 1, score.cited + cited
            if not cited:
                score.notes.append(f"{case.name}: {cause.label} is named without a decisive line")


def scored(folder: Path) -> Score:
    """How the cases of *folder* come out."""
    score = Score()
    for case in labelled(folder):
        judge(case, analyze([str(case.path)]), score)
    return score


def share(part: int, whole: int) -> str:
    """A share with its numbers."""
    return f"{100 * part / whole:.0f} % ({part}/{whole})" if whole else "–"


def table(scores: dict[str, Score]) -> Iterator[str]:
    """The scores as a Markdown table, a row a folder."""
    heads = ("cases", "first cause right", "recall", "precision", "decisive line cited", "decoys named")
    yield f"| | {' | '.join(heads)} | healthy disturbed |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, one in scores.items():
        cells = (
            name,
            str(one.cases),
            share(one.first, one.sick),
            share(one.named, one.causes),
            share(one.right, one.errors),
            share(one.cited, one.citable),
            f"{one.decoys} of {one.cases}",
            f"{one.disturbed} of {one.healthy}",
        )
        yield f"| {' | '.join(cells)} |"


def calibration(pairs: Iterable[tuple[float, bool]]) -> Iterator[str]:
    """By how sure the errors say they are: how many there are, and how many of them are right."""
    pairs = list(pairs)
    yield "| confidence | errors | said on average | right |"
    yield "|---|---|---|---|"
    for low, high in pairwise(BINS):
        some = [(sure, right) for sure, right in pairs if low <= sure < high]
        if some:
            said = sum(sure for sure, _ in some) / len(some)
            right = sum(right for _, right in some)
            yield f"| {low:.2f} to {min(high, 1):.2f} | {len(some)} | {said:.2f} | {share(right, len(some))} |"


def page(scores: dict[str, Score]) -> str:
    """The tables as `samples/EVALUATION.md` has them."""
    sure = [pair for one in scores.values() for pair in one.sure]
    return PAGE.format(table="\n".join(table(scores)), calibration="\n".join(calibration(sure)))


def main() -> int:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the page to FILE")
    options = parser.parse_args()
    folders = {one.name: one for one in options.folders} or {n: one for n, one in FOLDERS.items() if one.is_dir()}
    scores = {name: scored(folder) for name, folder in folders.items()}
    if options.markdown:
        options.markdown.write_text(page(scores), "utf-8", newline="\n")
        return 0
    for name, one in scores.items():
        for note in one.notes:
            print(f"{name}: {note}")
    print("\n".join((*table(scores), "", *calibration(pair for one in scores.values() for pair in one.sure))))
    return 0


if __name__ == "__main__":
    sys.exit(main())

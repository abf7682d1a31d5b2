"""One call of a package manager: which, with what exit code, and whether that code or its words mean a failure."""

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache

from msgspec import Struct, field
from msgspec.structs import replace

from analyzer.data import folder
from analyzer.events import Said
from analyzer.formats import Sighting, Told
from analyzer.grammar import samples_of

FAILED = "linux-call-failed"
MANAGER = re.compile(r"\b(apt-get|apt|dpkg|yum|dnf5?|tdnf|zypper|rpm)\b")
FAMILY = {"apt-get": "apt", "apt": "apt", "dpkg": "apt", "dnf5": "dnf", "tdnf": "dnf", "rpm": "yum"}
ASKING = re.compile(r"--assumeno|list (?:--)?installed|needs-restarting|\bdpkg -s\b|\bps -s\b|\brpm -q")
"""Calls that only ask, and end with 1 where the answer is no."""
PASSING = re.compile(r"\S*(?:/tmp/|azgps-|msft-aumc-|az-update-)\S*")
"""Names of files made for one run."""
ADVICE = frozenset({"zypper-run-again", "yum-nothing-to-do", "linux-exit-code"})
"""What says no cause of its own."""


@cache
def exit_codes() -> Mapping[tuple[str, int], tuple[bool, str]]:
    """The table `codes/linux-exit-codes.csv`: whether a code is good, and what it means."""
    rows = csv.DictReader(folder("codes").joinpath("linux-exit-codes.csv").read_text("utf-8").splitlines())
    return {(row["manager"], int(row["code"])): (row["good"] == "yes", row["meaning"]) for row in rows}


def is_good(manager: str, code: int) -> bool:
    """Whether *manager* ends with *code* where nothing failed."""
    known = exit_codes().get((manager, code))
    return known[0] if known else code == 0


def exit_code(manager: str, code: int) -> str:
    """*code* with its meaning: that of *manager*, or of the only one that has it."""
    known = exit_codes().get((manager, code))
    others = {meaning for (_, number), (_, meaning) in exit_codes().items() if number == code}
    meaning = known[1] if known else others.pop() if not manager and len(others) == 1 else ""
    return f"{code} of {manager or 'the package manager'} ({meaning or 'no meaning of it is known'})"


@cache
def fault_kinds() -> frozenset[str]:
    """The kinds of events that `grammars/linux-messages.lark` tells; read without compiling it."""
    text = folder("grammars").joinpath("linux-messages.lark").read_text("utf-8")
    return frozenset(sample.rule.replace("_", "-") for sample in samples_of(text))


class Call(Struct):
    """A call on its way."""

    command: str
    start: Sighting
    faults: list[Sighting] = field(default_factory=list)
    code: int | None = None
    coded: Sighting | None = None
    times: int = 1

    @property
    def key(self) -> str:
        """Equal for the same call made again."""
        return " ".join(PASSING.sub("", self.command).split())

    @property
    def manager(self) -> str:
        """apt, yum, dnf or zypper; empty if it is another program."""
        found = MANAGER.search(self.command)
        return FAMILY.get(found[1], found[1]) if found else ""

    def is_same(self, command: str) -> bool:
        """Whether *command* is this call, and it has not ended before."""
        return not self.ended and self.key == " ".join(PASSING.sub("", command).split())

    def end(self, sighting: Sighting, code: int) -> None:
        """It ended with *code*."""
        self.code, self.coded = code, sighting

    @property
    def ended(self) -> bool:
        """Its exit code is known."""
        return self.code is not None

    @property
    def is_failed(self) -> bool:
        """It said what is wrong, or ended with a code that means so."""
        if any(fault.said.kind not in ADVICE for fault in self.faults):
            return True
        bad = self.code is not None and not is_good(self.manager, self.code)
        return bad and not ASKING.search(self.command)

    @property
    def lines(self) -> Iterator[Sighting]:
        """What proves its failure."""
        yield from settled(self)

    def joined(self, later: "Call") -> "Call":
        """This call and the same one made again; what was said twice stands once."""
        told = {(one.said.kind, *one.said.fields.values()) for one in self.faults}
        new = [one for one in later.faults if (one.said.kind, *one.said.fields.values()) not in told]
        return replace(later, start=self.start, faults=[*self.faults, *new], times=self.times + later.times)


def settled(call: Call) -> Iterator[Sighting]:
    """The faults of a failed call, or its exit code where it says nothing known."""
    yield from call.faults
    if call.coded is not None and not any(fault.said.kind not in ADVICE for fault in call.faults):
        fields = {"code": str(call.code), "manager": call.manager, "command": call.command}
        event = replace(call.coded.event, kind=FAILED, fields=fields)
        yield Told(event, Said(FAILED, event.component, (), fields))

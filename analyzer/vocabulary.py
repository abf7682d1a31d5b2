"""The words that rules may use: kinds of input and event, and the facts known of machines. Data in `codes/*.csv`."""

import csv
from collections.abc import Iterable, Mapping
from functools import cache

from msgspec import Struct

from analyzer.data import folder

OPERATIONS = ("windowsupdate", "evtx", "reporting", "cmtrace", "oms", "linux")
"""The inputs that tell operations."""
PART_OF: Mapping[str, str] = {"configmgr": "windows"}
"""A machine of the one kind is one of the other too."""
SERVICING = ("servicing", "dism", "setup")
"""The inputs that tell installs, uninstalls and repairs, but no scans and downloads."""


class KnownFact(Struct, frozen=True):
    """One row of `codes/machine.csv`."""

    fact: str
    told: str
    """`always`: each input of its kind tells it; `sometimes`: only where it is so, its absence means no."""
    input: str
    """The inputs that tell it, joined with `|`."""
    meaning: str


def rows(name: str) -> Iterable[dict[str, str]]:
    """The rows of the table `codes/<name>`."""
    return csv.DictReader(folder("codes").joinpath(name).read_text("utf-8").splitlines())


@cache
def known_inputs() -> Mapping[str, str]:
    """The kinds of input by name, with what a person calls them."""
    return {row["input"]: row["label"] for row in rows("inputs.csv")}


@cache
def known_kinds() -> Mapping[str, str]:
    """The kinds of events, with the inputs that tell them (joined with `|`)."""
    return {row["kind"]: row["inputs"] for row in rows("kinds.csv")}


@cache
def kind_meanings() -> Mapping[str, str]:
    """What each kind of event says, for a person."""
    return {row["kind"]: row["meaning"] for row in rows("kinds.csv")}


@cache
def known_facts() -> Mapping[str, KnownFact]:
    """The facts that are known of machines, by name, in the order in which reports show them."""
    return {row["fact"]: KnownFact(**row) for row in rows("machine.csv")}


@cache
def families() -> Mapping[str, str]:
    """By input: `windows`, `configmgr`, `linux` or `azure`; nobody misses what belongs to another kind of machine."""
    return {row["input"]: row["family"] for row in rows("inputs.csv")}


def families_of(given: Iterable[str]) -> frozenset[str]:
    """The kinds of machine that have handed in *given*; any where nothing was."""
    mine = {families().get(name, "windows") for name in given} or set(families().values())
    return frozenset(mine | {PART_OF[family] for family in mine if family in PART_OF})


def labels(inputs: Iterable[str]) -> tuple[str, ...]:
    """What a person calls *inputs*, those first that most tickets hold."""
    wanted = frozenset(inputs)
    return tuple(label for name, label in known_inputs().items() if name in wanted)

"""Texts that say what is wrong in the words of package managers, agents and the Azure portal, stamped or not."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from msgspec.structs import replace

from analyzer.events import Said
from analyzer.formats import Told
from analyzer.formats.linux.faults import (
    AZURE,
    COMPLETE,
    GRAMMAR,
    INODES,
    TABLES,
    Fault,
    faults,
    is_mirror,
    needles,
    shown,
    within,
)
from analyzer.formats.linux.reading import NO_ZONE
from analyzer.mask import masked
from analyzer.model import Event, Place, Problem, Record, Zone
from analyzer.notation import number
from analyzer.shape import Shapes

CHECKED = "azure-check-line"
UNIT, DOWN = "azure-unit", "azure-unit-down"
"""systemctl writes the state some lines below the name of the unit."""
FULL, NO_INODES = "linux-filesystem-full", "linux-inodes-full"
"""df shows both alike: the head of the table tells them apart."""
HELD = 200
"""Answers of mirrors that are held back until it is known whether another mirror had it."""
Stamp = Callable[[dict[str, str]], datetime | None]


class Paste:
    """The author of a text in which faults may stand anywhere."""

    zone: Zone = NO_ZONE

    def __init__(self, *grammars: str) -> None:
        self.grammars = grammars or (GRAMMAR, AZURE)
        self.when: datetime | None = None
        self.component = ""
        self.unit = ""
        self.inodes = False
        self.held: list[Told] = []

    @property
    def needles(self) -> tuple[str, ...]:
        """What a line must hold to be looked at."""
        return tuple(sorted({COMPLETE, *(needle for grammar in self.grammars for needle in needles(grammar))}))

    def told(self, line: str, place: Place) -> Iterator[Told | Problem]:
        """The faults of *line*."""
        text = self.body(line)
        if COMPLETE in text:
            self.held.clear()
        for grammar in self.grammars:
            for fault in faults(text, self.component, grammar):
                if fault.said.kind == UNIT:
                    self.unit = fault.said.fields["unit"]
                elif fault.said.kind in TABLES:
                    self.inodes = fault.said.kind == INODES
                elif self._is_meant(fault, text):
                    told = self._told(self._counted(fault), line, text, place)
                    if is_mirror(fault.said) and len(self.held) < HELD:
                        self.held.append(told)
                    else:
                        yield told
                    self.unit = self.unit if fault.said.kind != DOWN else ""

    def _counted(self, fault: Fault) -> Fault:
        if fault.said.kind == FULL and self.inodes:
            return replace(fault, said=replace(fault.said, kind=NO_INODES))
        return fault

    def _is_meant(self, fault: Fault, text: str) -> bool:
        if fault.said.kind == DOWN:
            return bool(self.unit)
        return fault.said.kind != CHECKED or text.lstrip().startswith("Failed: ")

    def body(self, line: str) -> str:
        """What *line* says, without what stands before it."""
        return line

    def _told(self, fault: Fault, line: str, text: str, place: Place) -> Told:
        before = max(line.find(text), 0)
        fields = fault.said.fields if fault.said.kind != DOWN else {**fault.said.fields, "unit": self.unit}
        codes: tuple[int, ...] = ()
        if "hresult" in fields:
            codes = (number(fields["hresult"]),)
        said = Said(fault.said.kind, self.component, codes, fields)
        evidence = shown(line.strip("\r\n"), before + fault.start, before + fault.stop)
        here = within(place, fault.start)
        return Told(Event(said.kind, self.when, here, evidence, self.component, codes, fields), said)

    def ended(self) -> Iterator[Told | Problem]:
        """What mirrors answered, and nothing made good."""
        yield from self.held

    def all(self, lines: Iterable[tuple[str, Place]]) -> Iterator[Told | Problem]:
        """The faults of a whole text, whose *lines* these are."""
        for line, place in lines:
            yield from self.told(line, place)
        yield from self.ended()

    def record(self, line: str, place: Place) -> Record:
        """*line* as a record."""
        text = self.body(line)
        return Record(self.when, place, "", self.component, masked(text))


class Stamped(Paste):
    """The author of a log whose lines bear a stamp; a line without one belongs to the line above it."""

    def __init__(self, shapes: Shapes, stamp: Stamp, zone: Zone, *grammars: str) -> None:
        super().__init__(*grammars)
        self.shapes, self.stamp, self.zone = shapes, stamp, zone

    @property
    def needles(self) -> tuple[str, ...]:
        """None: each line has a stamp to be taken down."""
        return ()

    def body(self, line: str) -> str:
        """What *line* says; takes down its stamp and who writes it."""
        found = self.shapes.match(line)
        if found is None:
            return line
        fields = found[1]
        self.when = self.stamp(fields)
        self.component = fields.get("component", "") or fields.get("severity", "") or fields.get("grade", "")
        return fields.get("text", "")

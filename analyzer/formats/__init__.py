"""The formats that are read: what one must offer, and the built-in ones in order of trial."""

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from functools import cache, cached_property
from importlib import import_module
from typing import NamedTuple, Protocol

from msgspec import Struct

from analyzer.encoding import Encoding, text
from analyzer.events import Said
from analyzer.model import Event, Place, Problem, Record, SourceInfo
from analyzer.source import Source


class Head(Struct, frozen=True, dict=True):
    """The beginning of an input, by which its format is told."""

    data: bytes
    encoding: Encoding

    @cached_property
    def body(self) -> bytes:
        """The same as blocks have it: behind the byte order mark, and UTF-16 as UTF-8."""
        name, raw = self.encoding.name, self.data[self.encoding.bom :]
        return raw.decode(name, "replace").encode() if name.startswith("utf-16") else raw

    @cached_property
    def lines(self) -> list[str]:
        """Its first whole lines (at most 400) as text; none of what is binary."""
        if self.encoding.name == "binary":
            return []
        rows = self.body.split(b"\n", 400)[:400]
        return [text(row.rstrip(b"\r"), self.encoding) for row in (rows[:-1] if len(rows) > 1 else rows)]


class Fit(Struct, frozen=True):
    """How well a format fits an input."""

    score: float
    """0 (not at all) to 1."""
    reason: str
    """For a person: what was seen."""


NO_FIT = Fit(0.0, "")


class Settings(Struct, frozen=True):
    """How inputs are read."""

    zone: tzinfo | None = None
    """For logs that do not tell their own."""
    every: bool = False
    """Every record is looked at, not only those that hold a needle."""
    hyperscan: bool | None = None
    """True demands the wheel, False goes without, None takes it where it is there."""
    progress: Callable[[str, int], None] | None = None
    """Is told now and then which source is read and how many bytes of it are done."""

    def tell(self, place: Place, done: int) -> None:
        """Tells whoever wants to know that *done* bytes of *place* are read."""
        if self.progress is not None:
            self.progress(str(place), done)


class Sighting(Protocol):
    """Something seen that may become an Event; most is only counted and never written out."""

    @property
    def said(self) -> Said:
        """What it means."""

    @property
    def thread(self) -> bytes:
        """Process and thread, as far as they tell what belongs together."""

    @property
    def minute(self) -> bytes:
        """Equal for what was written in the same minute: a cheap key for echoes."""

    @property
    def when(self) -> datetime | None:
        """Its time in UTC."""

    @property
    def position(self) -> tuple[int, int]:
        """Grows along the source: what comes before what."""

    @property
    def event(self) -> Event:
        """The Event, written out."""


class Told(Struct, frozen=True):
    """A sighting whose Event is written out already."""

    event: Event
    said: Said
    thread: bytes = b""

    @property
    def when(self) -> datetime | None:
        """Its time in UTC."""
        return self.event.when

    @property
    def position(self) -> tuple[int, int]:
        """Its line, and nothing within the line."""
        return (self.event.place.line, 0)

    @property
    def minute(self) -> bytes:
        """Its time, or its line where it has none: such a line echoes nothing."""
        when = self.event.when
        return (when.isoformat()[:16] if when else str(self.event.place.line)).encode()


class Again(NamedTuple):
    """A text with codes that was said again so often, of which no more than the number is of interest."""

    said: Said
    times: int


class Turn(NamedTuple):
    """From here on a source that holds what several machines wrote tells of this one."""

    machine: str


class Format(Protocol):
    """One kind of input."""

    @property
    def name(self) -> str:
        """As reports name it."""

    @property
    def title(self) -> str:
        """What a person calls it."""

    def fits(self, head: Head) -> Fit:
        """How well the beginning of an input fits."""

    def read(self, source: Source, settings: Settings) -> Iterator["Read"]:
        """What *source* means, in its order, and at last one SourceInfo."""

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Every record of *source*, meant or not."""


Read = Sighting | Again | Turn | Problem | SourceInfo
"""What reading a source gives."""
BUILT_IN = (
    "analyzer.formats.windowsupdate:MODERN",
    "analyzer.formats.windowsupdate:LEGACY",
    "analyzer.formats.windowsupdate.pastedlog:PASTED",
    "analyzer.formats.reporting:REPORTING",
    "analyzer.formats.cmtrace:CMTRACE",
    "analyzer.formats.cmtrace:SIMPLE",
    "analyzer.formats.servicing:CBS",
    "analyzer.formats.servicing:DISM",
    "analyzer.formats.servicing:SETUP",
    "analyzer.formats.servicing:COMPAT",
    "analyzer.formats.servicing:DIAG",
    "analyzer.formats.hoststate:PASTED",
    "analyzer.formats.hoststate:GPRESULT",
    "analyzer.formats.hoststate:SERVICES",
    "analyzer.formats.hoststate:WINHTTP",
    "analyzer.formats.hoststate:REGISTRY",
    "analyzer.formats.hoststate:BITS",
    "analyzer.formats.hoststate:SYSTEMINFO",
    "analyzer.formats.hoststate:HOTFIXES",
    "analyzer.formats.hoststate:NETWORK",
    "analyzer.formats.hoststate:CLOCK",
    "analyzer.formats.hoststate:LOOKED",
    "analyzer.formats.hoststate:CONSOLE",
    "analyzer.formats.hoststate:MSI",
    "analyzer.formats.gpresult:XML",
    "analyzer.formats.gpresult:HTML",
    "analyzer.formats.evtx:EVTX",
    "analyzer.formats.evtx:XML",
    "analyzer.formats.evtx:JSON",
    "analyzer.formats.evtx:TABLE",
    "analyzer.formats.evtx:DETAILS",
    "analyzer.formats.evtx:COLUMNS",
    "analyzer.formats.evtx:PRINTED",
    "analyzer.formats.evtx:FARBAR",
    "analyzer.formats.oms:PATCHING",
    "analyzer.formats.oms:WORKER",
    "analyzer.formats.oms:AGENT",
    "analyzer.formats.oms:CONFIG",
    "analyzer.formats.oms:HANDLER",
    "analyzer.formats.oms:GUEST",
    "analyzer.formats.oms:BARE",
    "analyzer.formats.oms:STATUS",
    "analyzer.formats.oms:SETTINGS_FILE",
    "analyzer.formats.oms:PROGRESS",
    "analyzer.formats.linux:TRANSCRIPT",
    "analyzer.formats.linux:DPKG",
    "analyzer.formats.azure:PORTAL",
    "analyzer.formats.azure:TABLE",
    "analyzer.formats.mentions:MENTIONS",
)
"""The built-in formats as `module:name`, in order of trial."""
BINARY = ("analyzer.formats.evtx:EVTX",)
"""Those that are asked first of what is no text."""


def formats(binary: bool = False) -> Iterator[Format]:
    """The formats in order of trial, those of other distributions last; each is imported when its turn comes."""
    yield from map(_built_in, (*BINARY, *BUILT_IN) if binary else BUILT_IN)
    yield from _others()


@cache
def _built_in(place: str) -> Format:
    module, _, name = place.partition(":")
    found: Format = getattr(import_module(module), name)
    return found


@cache
def _others() -> tuple[Format, ...]:
    from importlib.metadata import entry_points  # slow to import, and rarely needed

    return tuple(point.load() for point in entry_points(group="patchtrail.formats"))

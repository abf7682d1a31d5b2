"""The records that flow along the line: source, Record, Event, Operation, Diagnosis, Report. All immutable.

Every `when` is an aware datetime in UTC, or None where the input gives no time that can be trusted.
Every code is an unsigned 32-bit integer; `hex_code` writes it the one way that reports use.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from types import MappingProxyType

from msgspec import Struct, field

NO_FIELDS: Mapping[str, str] = MappingProxyType({})


def hex_code(code: int) -> str:
    """*code* as `0x` and eight capitals."""
    return f"0x{code & 0xFFFFFFFF:08X}"


class Place(Struct, frozen=True, order=True):
    """Where a thing was seen."""

    source: str
    """The path as given on the command line, joined with the path below it; `-` is standard input."""
    member: str = ""
    """The member inside an archive; members of nested archives are joined with `!`."""
    line: int = 0
    """1-based line (text) or record number (event log) in the original file; 0 where there is none."""
    offset: int = 0
    """Byte offset of the line or record in the original file (of the member's own bytes in an archive)."""

    def at(self, line: int = 0, offset: int = 0) -> "Place":
        """Another place in the same input; without a line the input itself."""
        return Place(self.source, self.member, line, offset)

    def __str__(self) -> str:
        name = f"{self.source}!{self.member}" if self.member else self.source
        return f"{name}:{self.line}" if self.line else name


class Problem(Struct, frozen=True):
    """What could not be read, and what that costs."""

    place: Place
    text: str
    """One sentence for a person: what is wrong, and what was done about it."""
    lost: int = 0
    """How many lines, records or members were not read because of it."""


class Record(Struct, frozen=True):
    """One log record, fielded but not yet understood."""

    when: datetime | None
    place: Place
    format: str
    component: str
    text: str
    pid: int | None = None
    tid: int | None = None


class Event(Struct, frozen=True):
    """A record that means something, in one vocabulary for all formats (`events.KINDS`)."""

    kind: str
    when: datetime | None
    place: Place
    text: str
    """The whole line or record, as evidence."""
    component: str = ""
    codes: tuple[int, ...] = ()
    fields: Mapping[str, str] = field(default_factory=lambda: NO_FIELDS)
    thread: str = ""
    """Process and thread as the log writes them: what one thread says in a row belongs together."""
    count: int = 1
    """How often the same thing was said: echoes are one event."""


class Outcome(StrEnum):
    """How an operation ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNFINISHED = "unfinished"
    """The log ends, or the service stopped, before the operation did."""


class Update(Struct, frozen=True):
    """An update as far as the log names it."""

    id: str = ""
    """GUID in capitals without braces."""
    revision: int | None = None
    title: str = ""
    kb: str = ""
    """`KB` and digits, or empty."""

    @property
    def name(self) -> str:
        """What a person would call it."""
        return self.title or self.kb or (f"{self.id}.{self.revision}" if self.revision is not None else self.id)


class Operation(Struct, frozen=True):
    """One scan, download, install, uninstall, restart, service session or report; equal ones are folded into one."""

    kind: str
    outcome: Outcome
    start: datetime | None
    end: datetime | None
    caller: str = ""
    service: str = ""
    """GUID of the update service asked (Microsoft Update, WSUS, Store …), where the log tells."""
    updates: tuple[Update, ...] = ()
    chain: tuple[int, ...] = ()
    """Its failure codes from the raw cause (first) to the outermost wrapper (last); empty for a success."""
    events: tuple[Event, ...] = ()
    """What proves it, in file order: the start, the line of each code of the chain, the end."""
    recovered: bool = False
    """It failed, and a later operation of the same kind for the same thing succeeded."""
    offline: bool = False
    """A scan of what the machine knows already: no server was asked, so its success says nothing of the network."""
    standing: bool = False
    """It failed, and nothing else was heard of the same thing since."""
    inferred: bool = False
    """No line tells how it ended: that it failed is inferred from what failed on its way."""
    count: int = 1
    last: datetime | None = None
    """Start of the last of the folded operations."""

    @property
    def duration(self) -> timedelta | None:
        """From start to end; None where either is unknown or the clock ran backward between them."""
        if self.start is None or self.end is None or self.end < self.start:
            return None
        return self.end - self.start

    @property
    def cause(self) -> int | None:
        """The code nearest to the root."""
        return self.chain[0] if self.chain else None


class Fact(Struct, frozen=True):
    """One thing known of a machine (`wsus-server`, `agent-version` …) and where it is written."""

    name: str
    value: str
    """Empty when the log says outright that it is not set."""
    place: Place
    when: datetime | None = None
    text: str = ""


class Machine(Struct, frozen=True):
    """What is known of one host; a fact that changed stands once for each value, in order."""

    name: str
    facts: tuple[Fact, ...]
    sources: tuple[str, ...]


class Severity(IntEnum):
    """How much a diagnosis matters, most first."""

    ERROR = 0
    WARNING = 1
    INFO = 2

    @property
    def word(self) -> str:
        """As written in reports and rule files."""
        return self.name.lower()


class Evidence(Struct, frozen=True):
    """A line that proves something."""

    place: Place
    text: str
    when: datetime | None = None


class Diagnosis(Struct, frozen=True):
    """A cause, with its proof and what to do. Never without evidence."""

    id: str
    title: str
    severity: Severity
    confidence: float
    """0 to 1: how often a diagnosis made this way is right."""
    confidence_reason: str
    because: str
    fix: tuple[str, ...]
    """Steps in order of risk, the harmless first."""
    codes: tuple[int, ...]
    """Codes of the cause itself."""
    follow_ups: tuple[int, ...]
    """Wrappers and later codes that the cause explains."""
    evidence: tuple[Evidence, ...]
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    count: int = 1
    references: tuple[str, ...] = ()
    machine: str = ""

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError(f"diagnosis {self.id} without evidence")


class Unjudged(Struct, frozen=True):
    """A diagnosis that could not be decided, and what would decide it."""

    id: str
    title: str
    missing: tuple[str, ...]
    """Each of these is missing; where several inputs would do, they are joined with ` or `."""
    wanted: tuple[str, ...] = ()
    """The same with only the first of those that would do."""


class CodeCount(Struct, frozen=True):
    """One code of a case: how often it was written, where first, and whether healthy machines write it too."""

    code: int
    count: int
    first: Place
    symbol: str = ""
    meaning: str = ""
    routine: str = ""
    """Why it is routine here; empty where it is not."""


class Zone(Struct, frozen=True):
    """The time zone of one source and how it is known."""

    name: str
    """`UTC`, `UTC+09:00`, an IANA name, or several joined with ` then ` where the file changes it."""
    known: str
    """`stated`, `aligned`, `given` or `assumed`."""
    reason: str


class SourceInfo(Struct, frozen=True):
    """What was read, and as what."""

    place: Place
    format: str
    """Name of the format, or empty where nothing was recognised."""
    reason: str
    encoding: str = ""
    size: int = 0
    """Bytes read."""
    lines: int = 0
    records: int = 0
    """Records looked at; with `--all`, every one of the file."""
    first: datetime | None = None
    last: datetime | None = None
    zone: Zone | None = None


class Report(Struct, frozen=True):
    """Everything found in one case: the only thing that renderers read."""

    sources: tuple[SourceInfo, ...] = ()
    machines: tuple[Machine, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    operations: tuple[Operation, ...] = ()
    events: tuple[Event, ...] = ()
    codes: tuple[CodeCount, ...] = ()
    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """What was counted but not kept: `operations`, `events`, `skipped-files` …"""

    @property
    def unread(self) -> bool:
        """Inputs have a known format, but nothing of them could be read: that is no sign of health."""
        known = [info for info in self.sources if info.format]
        nothing = bool(known) and not any(info.records or info.first for info in known)
        return nothing and any(problem.lost for problem in self.problems)

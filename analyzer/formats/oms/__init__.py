"""What Azure's update runs and their agents leave on Linux: omsupdatemgmt.log, core.log, worker.log and neighbours."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from analyzer.formats import NO_FIT, Fit, Head, Settings, Sighting
from analyzer.formats.linux.paste import Stamped
from analyzer.formats.linux.reading import NO_ZONE, UTC_ZONE, Author, Reading
from analyzer.formats.oms.patching import Patching, line_shapes, stamp
from analyzer.formats.oms.status import RUN_RECORD, SETTINGS_FILE, STATUS, RunRecords
from analyzer.model import Problem, Record, SourceInfo, Zone
from analyzer.source import Source

__all__ = [
    "AGENT",
    "BARE",
    "CONFIG",
    "GUEST",
    "HANDLER",
    "PATCHING",
    "PROGRESS",
    "SETTINGS_FILE",
    "STATUS",
    "WORKER",
    "LineLog",
]


class LineLog(Struct, frozen=True):
    """One of these logs: lines of a shape, and an author who understands them."""

    name: str
    title: str
    rules: frozenset[str]
    """The rules of `grammars/oms.lark` that its lines fit."""
    sure: frozenset[str]
    """Those of them that no other format's lines fit."""
    author: Callable[[], Author]
    seen: str
    own: re.Pattern[str] | None = None
    """What one of its lines must say where others write such lines too."""

    def fits(self, head: Head) -> Fit:
        """By the share of lines that have its fields."""
        lines = [line for line in head.lines if line.strip()]
        if self.own is not None and not any(map(self.own.match, lines)):
            return NO_FIT
        shapes = line_shapes(*sorted(self.rules))
        found = [shape[0] if (shape := shapes.match(line)) else "" for line in lines]
        mine = sum(rule in self.rules for rule in found)
        sure = sum(rule in self.sure for rule in found)
        if not sure or (mine < 2 and mine < len(lines)):
            return NO_FIT
        return Fit(
            max(mine / len(lines), 0.3 if sure >= 3 else 0.0),
            f"{mine} of the first {len(lines)} lines have {self.seen}",
        )

    def read(self, source: Source, settings: Settings) -> Iterator[Sighting | Problem | SourceInfo]:
        """Its events in file order."""
        yield from Reading(self.name, source, settings, self.author()).sightings()

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its lines, one record each."""
        return Reading(self.name, source, settings, self.author()).records()


PATCHING = LineLog(
    "oms",
    "omsupdatemgmt.log or core.log of an update run on Linux",
    frozenset({"stamped", "detail", "output"}),
    frozenset({"stamped"}),
    Patching,
    "the stamp or the indent of an update run",
)


def _when(fields: dict[str, str]) -> datetime | None:
    """The time of a line: by its own offset, or as if it were UTC."""
    text = fields.get("when") or fields.get("exact") or fields.get("slashed", "")
    when = stamp(text)
    if when is None or "offset" not in fields:
        return when
    minutes = int(fields["offset"][1:3]) * 60 + int(fields["offset"][3:])
    return when - timedelta(minutes=minutes if fields["offset"][0] == "+" else -minutes)


def _log(rule: str, title: str, zone: Zone, seen: str, own: re.Pattern[str] | None = None) -> LineLog:
    rules = frozenset({rule})
    return LineLog(f"oms-{rule}", title, rules, rules, lambda: Stamped(line_shapes(rule), _when, zone), seen, own)


EXTENSION = re.compile(
    r"TELEMETRY_[A-Z]+: |(?:FATAL|ERROR|WARNING|INFO|DEBUG|VERBOSE): .{0,400}?(?:\b[Ee]xtension\b|\b[Gg]oal state\b"
    r"|\bCoreMain\b|\b[Pp]ackage [Mm]anager\b|\b[Pp]atch(?:ing)? (?:operation|assessment|installation)\b"
    r"|\b(?:apt|apt-get|yum|dnf|zypper|systemd|sudo|python\d?)\b|[ =\"'](?:/var|/etc|/usr|/tmp)/"
    r"|\.(?:settings|status)\b)"
)
"""What the patch extension says beside its level: the levels alone stand in many texts."""
OFFSET_ZONE = Zone("UTC", "stated", "each line tells its offset from UTC")
WORKER = _log("worker", "worker.log or sandbox*.log of the hybrid worker", UTC_ZONE, "the stamp of the hybrid worker")
AGENT = _log("agent", "omsagent.log", OFFSET_ZONE, "the stamp of the Log Analytics agent")
CONFIG = _log("config", "omsconfig.log", NO_ZONE, "the stamp of omsconfig")
HANDLER = _log("handler", "extension.log of the agent's extension", NO_ZONE, "the stamp of the extension")
GUEST = _log("guest", "waagent.log", UTC_ZONE, "the stamp of the Azure Linux agent")
BARE = _log("bare", "*.ext.log of the Linux patch extension", NO_ZONE, "the level that the extension writes", EXTENSION)


class RunProgress(Struct, frozen=True):
    """urp.log: what the agent sends of each package of a run, a JSON record a line."""

    name: str = "oms-progress"
    title: str = "urp.log, the progress of update runs"

    def fits(self, head: Head) -> Fit:
        """By its members."""
        lines = [line for line in head.lines if line.strip()]
        mine = sum(line.lstrip().startswith("{") and any(sign in line for sign in RUN_RECORD) for line in lines)
        if not mine or mine < len(lines) / 2:
            return NO_FIT
        return Fit(mine / len(lines), f"{mine} of the first {len(lines)} lines are records of a run")

    def read(self, source: Source, settings: Settings) -> Iterator[Sighting | Problem | SourceInfo]:
        """Its events in file order."""
        yield from Reading(self.name, source, settings, RunRecords()).sightings()

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its lines, one record each."""
        return Reading(self.name, source, settings, RunRecords()).records()


PROGRESS = RunProgress()

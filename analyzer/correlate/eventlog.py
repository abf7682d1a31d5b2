"""What event logs tell: updates by their GUID, scans, transfers, packages, restarts; and what services and clock did.

An event log tells of an update when its download and its installation begin and how they end; the records of one
update need no common thread. What is no operation is kept once, with the number of times it was said.
"""

from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from analyzer.correlate.draft import Open
from analyzer.correlate.stream import OPEN, Stream, draft, failure, outcome_of
from analyzer.events import update_of
from analyzer.formats import Sighting
from analyzer.model import Event, Outcome, Update

KEPT = 500
"""Different events kept with their number."""
DEFENDER = Update("DEFENDER DEFINITIONS", None, "Security intelligence update for Microsoft Defender Antivirus", "")
COUNTED = (
    "agent-configured",
    "agent-module-error",
    "agent-module-failed",
    "agent-proxy-refused",
    "agent-refused",
    "agent-unconnected",
    "clock-changed",
    "clock-unsynchronised",
    "configmgr-policy-overwritten",
    "configmgr-policy-unreadable",
    "content-location-missing",
    "data-store-broken",
    "feature-failed",
    "network-back",
    "network-gone",
    "policy-not-applied",
    "self-update-failed",
    "self-updated",
    "service-crashed",
    "service-dependency-failed",
    "service-ended-badly",
    "service-logon-failed",
    "service-start-failed",
    "service-start-type",
    "service-state",
    "service-timeout",
    "service-window-awaited",
    "shutdown-unexpected",
    "update-detected",
    "update-health",
    "update-ready",
    "update-server-event",
    "update-service-stop",
    "updates-actionable",
    "updates-paused",
    "updates-resumed",
    "worker-registration-failed",
    "worker-started",
    "worker-stopped",
    "worker-unconnected",
    "wsus-location-missing",
)
"""Kinds that are no operation."""


class _Counted(Struct):
    event: Event
    count: int = 1


class EventLog:
    """The operations that the events of one source tell."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.open: dict[tuple[str, str], Open] = {}
        """Downloads and installs that have begun, by kind and update."""
        self.restart: Sighting | None = None
        """Who asked for the restart that is under way."""
        self.counted: dict[tuple[object, ...], _Counted] = {}
        self.worker: Sighting | None = None
        """The last start or stop of the hybrid worker."""

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {
            **dict.fromkeys(COUNTED, self._count),
            "update-download-started": lambda sighting: self._begin("download", sighting),
            "update-downloaded": lambda sighting: self._end("download", sighting),
            "update-download-failed": lambda sighting: self._end("download", sighting),
            "update-install-started": self._installing,
            "update-installed": self._installed,
            "update-install-failed": lambda sighting: self._end("install", sighting),
            "update-uninstalled": lambda sighting: self._end("uninstall", sighting),
            "update-uninstall-failed": lambda sighting: self._end("uninstall", sighting),
            "update-scan-succeeded": self._scan,
            "update-scan-failed": self._scan,
            "transfer-done": self._transfer,
            "transfer-failed": self._transfer,
            "package-changed": self._package,
            "package-failed": self._package,
            "package-restart": self._count,
            "definition-updated": self._definitions,
            "definition-update-failed": self._definitions,
            "restart-asked": self._restart_asked,
            "windows-stopped": self._ignored,
            "windows-started": self._started,
        }

    # ---- one update ----

    def _update(self, sighting: Sighting) -> Update:
        fields = sighting.said.fields
        title = fields.get("title", "")
        update = self.stream.named(fields["update"], title) if fields.get("update") else update_of("", title)
        return update if update.id or not title else replace(update, id=title)

    def _begin(self, kind: str, sighting: Sighting) -> None:
        update = self._update(sighting)
        if len(self.open) >= OPEN:
            del self.open[next(iter(self.open))]
        self.open[kind, update.id] = Open(kind, sighting, updates={update.id: update})

    def _installing(self, sighting: Sighting) -> None:
        """What is installed has been downloaded."""
        update = self._update(sighting)
        download = self.open.pop(("download", update.id), None)
        if download is not None:
            self.stream.finish(draft(download, sighting, Outcome.SUCCEEDED))
        self._begin("install", sighting)

    def _installed(self, sighting: Sighting) -> None:
        update = self._update(sighting)
        download = self.open.pop(("download", update.id), None)
        if download is not None:
            self.stream.finish(draft(download, sighting, Outcome.SUCCEEDED))
        self._end("install", sighting)

    def _end(self, kind: str, sighting: Sighting) -> None:
        update = self._update(sighting)
        begun = self.open.pop((kind, update.id), None) or Open(kind, sighting, updates={update.id: update})
        begun.service = sighting.said.fields.get("service", "")
        self._finish(begun, sighting, failed=sighting.said.kind.endswith("failed"))

    def _finish(self, begun: Open, sighting: Sighting, *, failed: bool) -> None:
        """Hands on *begun* as *sighting* ends it; a code that only asks for a restart is no failure."""
        codes = sighting.said.codes
        outcome = Outcome.SUCCEEDED
        if failed:
            outcome = outcome_of(codes[-1]) if codes else Outcome.FAILED
        if outcome is Outcome.FAILED:
            self.stream.finish(failure(begun, sighting, codes, ()))
        else:
            self.stream.finish(draft(begun, sighting, outcome, codes if outcome is not Outcome.SUCCEEDED else ()))

    # ---- no update of its own ----

    def _scan(self, sighting: Sighting) -> None:
        begun = Open("scan", sighting, service=sighting.said.fields.get("service", ""))
        self._finish(begun, sighting, failed=sighting.said.kind.endswith("failed"))

    def _transfer(self, sighting: Sighting) -> None:
        begun = Open("download", sighting, sighting.said.fields.get("caller", "BITS"))
        self._finish(begun, sighting, failed=sighting.said.kind.endswith("failed"))

    def _package(self, sighting: Sighting) -> None:
        """What servicing did with a package: an installation or, if it shall be absent, an uninstallation."""
        fields = sighting.said.fields
        kb = fields.get("kb", "")
        if not kb:
            self._count(sighting)
            return
        kind = "uninstall" if fields.get("state", "").lower() in ("absent", "uninstalled") else "install"
        update = Update(kb, None, fields.get("package", ""), kb)
        begun = Open(kind, sighting, fields.get("client", ""), updates={update.id: update})
        self._finish(begun, sighting, failed=sighting.said.kind.endswith("failed"))

    def _definitions(self, sighting: Sighting) -> None:
        begun = Open("install", sighting, "Microsoft Defender", updates={DEFENDER.id: DEFENDER})
        self._finish(begun, sighting, failed=sighting.said.kind.endswith("failed"))

    # ---- restarts ----

    def _restart_asked(self, sighting: Sighting) -> None:
        self.restart = sighting
        self._count(sighting)

    def _started(self, sighting: Sighting) -> None:
        """Windows has started: what waited for a restart has it, what was under way was cut off."""
        asked, self.restart = self.restart, None
        self.stream.restart = None
        for key in [key for key in self.open if key[0] == "install"] if asked is None else ():
            self.stream.finish(draft(self.open.pop(key), None, Outcome.UNFINISHED))
        if asked is not None:
            begun = Open("restart", asked, asked.said.fields.get("process", ""))
            self.stream.finish(draft(begun, sighting, Outcome.SUCCEEDED))

    def _ignored(self, sighting: Sighting) -> None:
        """Said at every shutdown; its time stands in the timeline."""

    # ---- what is no operation ----

    def _count(self, sighting: Sighting) -> None:
        """Keeps the first of equal events, and how many there were."""
        said = sighting.said
        if said.kind in ("worker-started", "worker-stopped"):
            self.worker = sighting
            return
        key = (said.kind, said.component, said.codes, *said.fields.items())
        known = self.counted.get(key)
        if known is not None:
            known.count += 1
        elif len(self.counted) < KEPT:
            self.counted[key] = _Counted(sighting.event)

    def close(self) -> None:
        """What has not ended never will; a download may have ended where the log does not tell."""
        for (kind, _), begun in self.open.items():
            if kind == "install":
                self.stream.finish(draft(begun, None, Outcome.UNFINISHED))
        self.open.clear()
        for counted in self.counted.values():
            event = counted.event
            self.stream.done.append(replace(event, count=counted.count) if counted.count > 1 else event)
        self.counted.clear()
        if self.worker is not None:
            self.stream.done.append(self.worker.event)

"""The course of things in one log of the client: steps that only together tell what became of an update or a job.

What waits at the end of the log (a maintenance window, a place to load content from, a restart) is told at the end;
what was waited for and came is not told at all.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from analyzer.events import Said
from analyzer.formats import Told
from analyzer.formats.cmtrace.lines import Doing, End, Line, put, told

SITE = 'SiteCode="'
SERVER_NAMED = re.compile(r"<LocationRecord[ >]")
CONTENT = "ConfigMgr content"
"""Who loads what distribution points offer."""
NO_LOCATION = "content-location-missing"
PENDING_RESTART, DONE, WAITS = ("2", "5"), "4", "10"
"""State numbers of the enforcement of a deployment."""
ECHO_OF: Mapping[str, str] = {"scan": "search-failed", "download": "download-echo", "install": "install-echo"}


class Course:
    """The course of one log."""

    def __init__(self) -> None:
        self.scan: End | None = None
        """The last scan that failed."""
        self.titles: dict[str, str] = {}
        self.updates: dict[str, Doing] = {}
        self.jobs: dict[str, str] = {}
        """By assignment: what its last job does."""
        self.waiting: dict[tuple[str, str], Told] = {}
        """What is waited for, and whose it is."""
        self.steps: Mapping[str, Callable[[Line], Iterator[Told]]] = {
            "update-scan-failed": self._scan_failed,
            "search-failed": self._scan_failed,
            "known-update": self._known,
            "update-finished": self._finished,
            "update-progress": self._progress,
            "update-enforced": lambda line: self._ended(line, "update-installed"),
            "update-downloaded": lambda line: self._ended(line, "update-downloaded"),
            "update-download-failed": lambda line: self._ended(line, "update-download-failed"),
            "job-detects": lambda line: self._job(line, "scan"),
            "job-downloads": lambda line: self._job(line, "download"),
            "job-installs": lambda line: self._job(line, "install"),
            "job-error": self._job_error,
            "window-awaited": lambda line: self._wait(line, "service-window-awaited", "assignment"),
            "assignment-enforced": self._enforced,
            "updates-waiting": self._actionable,
            "content-without-location": lambda line: self._wait(line, NO_LOCATION, "job"),
            "content-located": lambda line: self._came(NO_LOCATION, line.said.fields["job"]),
            "locations-empty": lambda line: self._wait(line, NO_LOCATION, ""),
            "locations-given": lambda line: self._came(NO_LOCATION, ""),
            "transfer-error": lambda line: self._wait(line, "transfer-failed", "job"),
            "transfer-ended": lambda line: self._came("transfer-failed", line.said.fields["job"]),
            "wsus-location-reply": self._wsus_reply,
            "content-location-reply": self._site,
            "wsus-location": self._wsus,
        }

    def tell(self, line: Line) -> Iterator[Told]:
        """What *line* tells by itself or together with those before it."""
        step = self.steps.get(line.said.kind)
        if step is not None:
            yield from step(line)
        elif line.said.kind:
            yield told(line, line.said)

    def close(self) -> Iterator[Told]:
        """What is still waited for at the end."""
        yield from sorted(self.waiting.values(), key=lambda one: one.position)

    # ---- scans and updates ----

    def _scan_failed(self, line: Line) -> Iterator[Told]:
        """The first word on a failed scan makes it one; what follows soon with the same code is its echo."""
        end = End("scan", line.said.codes, line.when)
        kind = "search-failed" if end.is_echo_of(self.scan) else "update-scan-failed"
        if kind != "search-failed":
            self.scan = end
        yield told(line, Said(kind, line.said.component, line.said.codes, line.said.fields))

    def _known(self, line: Line) -> Iterator[Told]:
        fields = line.said.fields
        title = fields.get("title") or fields.get("named") or fields.get("stored", "")
        put(self.titles, fields["update"].lower(), title)
        yield from ()

    def _finished(self, line: Line) -> Iterator[Told]:
        yield from self._ended(line, "update-install-failed" if line.said.codes else "update-installed")

    def _progress(self, line: Line) -> Iterator[Told]:
        fields = line.said.fields
        doing, state = self._doing(fields["update"]), fields["state"].removeprefix("ci").removeprefix("State")
        if line.said.codes:
            loads = "Download" in state or ("Download" in doing.state and "Install" not in state)
            yield from self._ended(line, "update-download-failed" if loads else "update-install-failed")
        elif state in ("InstallComplete", "PendingSoftReboot", "PendingHardReboot"):
            yield from self._ended(line, "update-installed")
        elif "Error" not in state:
            doing.state, doing.end = state, None

    def _doing(self, update: str) -> Doing:
        known = self.updates.get(update.lower())
        if known is None:
            known = Doing()
            put(self.updates, update.lower(), known)
        return known

    def _ended(self, line: Line, kind: str) -> Iterator[Told]:
        """The end of a download or installation; said again by other parts of the client it is no other end."""
        update = line.said.fields["update"]
        doing, end = self._doing(update), End(kind, line.said.codes, line.when)
        if end.is_echo_of(doing.end):
            return
        doing.end = end
        known = {"update": update.upper(), "title": self.titles.get(update.partition(".")[0].lower(), "")}
        fields = {name: value for name, value in known.items() if value}
        yield told(line, Said(kind, line.said.component, line.said.codes, fields))

    # ---- deployments ----

    def _job(self, line: Line, does: str) -> Iterator[Told]:
        assignment = line.said.fields["assignment"]
        put(self.jobs, assignment, does)
        if does == "install":
            yield from self._came("service-window-awaited", assignment)

    def _job_error(self, line: Line) -> Iterator[Told]:
        does = self.jobs.get(line.said.fields["assignment"], "scan")
        said = Said(ECHO_OF[does], line.said.component, line.said.codes, line.said.fields)
        if does == "scan":
            yield from self._scan_failed(line._replace(said=said))
        else:
            yield told(line, said)

    def _enforced(self, line: Line) -> Iterator[Told]:
        state, assignment = line.said.fields["stateid"], line.said.fields["assignment"]
        if state in PENDING_RESTART:
            yield from self._wait(line, "restart-pending", "assignment")
        elif state == WAITS:
            yield from self._wait(line, "service-window-awaited", "assignment")
        elif state == DONE:
            yield from self._came("restart-pending", assignment)
            yield from self._came("service-window-awaited", assignment)

    def _actionable(self, line: Line) -> Iterator[Told]:
        """How many updates wait for somebody, or for their deadline; the last number holds."""
        yield from self._came("updates-actionable", "")
        if int(line.said.fields["number"]):
            yield from self._wait(line, "updates-actionable", "")

    # ---- servers ----

    def _site(self, line: Line) -> Iterator[Told]:
        reply = line.said.fields["reply"]
        site = reply.partition(SITE)[2].partition('"')[0]
        if len(site) == 3 and site.isalnum():
            yield told(line, Said("fact", line.said.component, (), {"name": "configmgr-site", "value": site}))

    def _wsus_reply(self, line: Line) -> Iterator[Told]:
        yield from self._site(line)
        if SERVER_NAMED.search(line.said.fields["reply"]):
            yield from self._came("wsus-location-missing", "")
        else:
            yield from self._wait(line, "wsus-location-missing", "")

    def _wsus(self, line: Line) -> Iterator[Told]:
        yield from self._came("wsus-location-missing", "")
        server = {"name": "configmgr-wsus-server", "value": line.said.fields["server"]}
        yield told(line, Said("fact", line.said.component, (), server))

    # ---- what is waited for ----

    def _wait(self, line: Line, kind: str, whose: str) -> Iterator[Told]:
        owner = line.said.fields.get(whose, "") if whose else ""
        fields = {"updates": line.said.fields["number"]} if "number" in line.said.fields else {}
        if kind == "transfer-failed":
            fields = {"caller": CONTENT}
        put(self.waiting, (kind, owner), told(line, Said(kind, line.said.component, line.said.codes, fields)))
        yield from ()

    def _came(self, kind: str, owner: str) -> Iterator[Told]:
        self.waiting.pop((kind, owner), None)
        yield from ()

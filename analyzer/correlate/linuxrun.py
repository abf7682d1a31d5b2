"""Update runs on Linux: assessments, installations, batches, packages, and the calls of the package manager in them.

What the run says of itself is not believed where its output tells otherwise: a call that ended with an error, or wrote
one, and was not repeated with success makes the operation around it a failure. A call that is repeated with success
makes what it said a fault that has passed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from analyzer.correlate.draft import Draft, Seen
from analyzer.correlate.packagecall import Call, fault_kinds, settled
from analyzer.correlate.stream import Stream
from analyzer.events import FACT, Said
from analyzer.formats import Sighting, Told
from analyzer.model import Outcome, Update

SCAN, RUN, BATCH, PACKAGE = "scan", "run", "batch", "install"
PASSED = "linux-fault-passed"
EXCEEDED = "oms-window-exceeded"
PROOF = 12
"""Lines kept of one operation."""
NOTABLE = (
    "oms-window-exceeded", "oms-restart-pending", "oms-superseded", "oms-classification-unsupported", "oms-retries-exhausted",
)  # fmt: skip
"""What is worth knowing by itself, and belongs to the run it is said in."""


@dataclass(slots=True)
class Doing:
    """An operation that goes on, and what went wrong in it."""

    kind: str
    start: Sighting
    update: Update | None = None
    told: list[Sighting] = field(default_factory=list)
    """Lines of the run itself that say it failed."""
    failed: dict[str, Call] = field(default_factory=dict)
    """Calls that failed and were not repeated with success, by command."""
    good: bool = False
    """It says outright that it ended well."""
    bad: bool = False
    manager: str = ""
    last: Sighting | None = None

    @property
    def proof(self) -> list[Sighting]:
        """What proves its failure, in file order."""
        lines = [*(line for call in self.failed.values() for line in call.lines), *self.told]
        first: dict[tuple[int, int], Sighting] = {}
        for line in lines:
            first.setdefault(line.position, line)
        return [first[position] for position in sorted(first)]


class LinuxRun:
    """The update runs of one source."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.call: Call | None = None
        self.scan: Doing | None = None
        self.run: Doing | None = None
        self.step: Doing | None = None
        self.batch: Doing | None = None
        self.counts = (0, 0)
        self.window = ""
        self.progress: Sighting | None = None
        self.exceeded = False

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {
            "oms-assessment-started": self._scan_started,
            "oms-assessment-ended": self._scan_ended,
            "oms-installation-started": self._run_started,
            "oms-window-allowed": self._window,
            "oms-window-used": self._used,
            "oms-progress": self._progress,
            "oms-call": self._called,
            "oms-call-ended": self._call_ended,
            "oms-call-code": self._coded,
            "oms-package-installed": self._installed,
            "oms-packages-done": self._listed,
            "oms-package-not-installed": self._not_installed,
            "oms-failed": self._failed,
            "oms-substatus": self._substatus,
            "oms-installed-count": self._counted,
            "oms-restart-started": self._restarts,
            "oms-restart-failed": self._restarts,
            **dict.fromkeys(NOTABLE, self._notable),
            **dict.fromkeys(("oms-machine", "oms-distribution", "oms-version", "oms-retry", "oms-log-closed"), self._known),
            **dict.fromkeys(fault_kinds(), self._fault),
        }

    # ---- assessments and installations ----

    def _scan_started(self, sighting: Sighting) -> None:
        self._close_all(sighting)
        self.scan = Doing(SCAN, sighting)

    def _scan_ended(self, sighting: Sighting) -> None:
        self._settle()
        if self.scan is not None:
            self.scan.good = True
            self._finish(self.scan, sighting)
            self.scan = None

    def _run_started(self, sighting: Sighting) -> None:
        self._close_all(sighting)
        self.run = Doing(RUN, sighting)
        self.counts, self.exceeded, self.progress = (0, 0), False, None
        self.window = sighting.said.fields.get("window", "")
        if self.window:
            self._fact("maintenance-window", self.window, sighting)

    def _failed(self, sighting: Sighting) -> None:
        self._settle(ended=True)
        if (doing := self._doing) is not None:
            doing.told.append(sighting)

    def _substatus(self, sighting: Sighting) -> None:
        fields = sighting.said.fields
        doing = {"assessment": self.scan, "installation": self.run}.get(fields["part"])
        if doing is not None and fields["status"].lower() in ("success", "warning"):
            doing.good = doing.good or doing.kind == RUN
            doing.last = sighting
        elif doing is not None and fields["status"].lower() in ("error", "failed"):
            doing.bad, doing.last = True, sighting

    def _counted(self, sighting: Sighting) -> None:
        if self.run is not None:
            self._end_steps(sighting)
            self.run.last = sighting

    @property
    def _doing(self) -> Doing | None:
        return self.run or self.scan

    def _close_all(self, sighting: Sighting | None = None) -> None:
        self._settle()
        self._end_steps(sighting)
        for doing in (self.scan, self.run):
            if doing is not None:
                self._finish(doing, doing.last)
        self.scan = self.run = None

    # ---- packages ----

    def _progress(self, sighting: Sighting) -> None:
        self._settle()
        fields = sighting.said.fields
        counts = int(fields["succeeded"][:9]), int(fields["failed"][:9])
        self._end_steps(sighting, counts)
        self.counts, self.progress = counts, sighting
        words = fields["step"].split()
        if words[0] == "Completed":
            self.progress = None
        elif "batch" in words[:2]:
            self.batch = Doing(BATCH, sighting)
        elif len(words) > 1:
            name = words[2] if words[0] == "Processing" and len(words) > 2 else words[1]
            version = words[-1].strip("()") if words[-1].startswith("(") else ""
            self.step = Doing(PACKAGE, sighting, Update(name, None, f"{name} {version}".strip()))

    def _end_steps(self, sighting: Sighting | None, counts: tuple[int, int] | None = None) -> None:
        step, batch, self.step, self.batch = self.step, self.batch, None, None
        for doing in (step, batch):
            if doing is not None:
                doing.good = doing.good or (counts is not None and counts[0] > self.counts[0])
                doing.bad = doing.bad or (counts is not None and counts[1] > self.counts[1])
                self._finish(doing, sighting)

    def _installed(self, sighting: Sighting) -> None:
        self._settle()
        if self.step is not None and self.step.update and self.step.update.id == sighting.said.fields["package"]:
            self.step.good = True
            self._finish(self.step, sighting)
            self.step = None

    def _listed(self, sighting: Sighting) -> None:
        """The names and versions of a batch that are done."""
        status = sighting.said.fields["status"].lower()
        if status in ("installed", "failed"):
            for part in sighting.said.fields["packages"].split("] [")[:500]:
                name, _, version = part.strip("[] ").removeprefix("P=").partition(",V=")
                doing = Doing(PACKAGE, sighting, Update(name, None, f"{name} {version}"))
                doing.good, doing.bad = status == "installed", status == "failed"
                self._finish(doing, sighting)

    def _not_installed(self, sighting: Sighting) -> None:
        self._notable(sighting)
        if self.step is not None:
            self.step.told.append(sighting)

    # ---- calls of the package manager ----

    def _called(self, sighting: Sighting) -> None:
        command = sighting.said.fields["command"].rstrip("] ")
        if self.call is not None and self.call.is_same(command):
            return
        self._settle()
        self.call = Call(command, sighting)

    def _call_ended(self, sighting: Sighting) -> None:
        fields = sighting.said.fields
        if self.call is None or not self.call.is_same(fields["run"]):
            self._settle()
            self.call = Call(fields["run"], sighting)
        self.call.end(sighting, int(fields["code"]))

    def _coded(self, sighting: Sighting) -> None:
        if self.call is not None:
            self.call.end(sighting, int(sighting.said.fields["code"]))

    def _fault(self, sighting: Sighting) -> None:
        fields = sighting.said.fields
        holder = " ".join(filter(None, (fields.get("holder", ""), f"(pid {fields['pid']})" if "pid" in fields else "")))
        if holder:
            self._fact("package-lock-holder", holder, sighting)
        if sighting.said.kind == "linux-exit-code":
            self._fact("package-manager-exit", fields["code"], sighting)
        doing = self._doing
        if self.call is not None:
            self.call.faults.append(sighting)
        elif doing is not None:
            doing.told.append(sighting)
        else:
            self.stream.notable(sighting)

    def _settle(self, *, ended: bool = False) -> None:
        """The current call is over: it failed, or made an earlier failure of the same command good."""
        call, self.call = self.call, None
        if call is None:
            return
        for doing in (self.step, self.batch, self._doing):
            if doing is None:
                continue
            doing.manager = doing.manager or call.manager
            before = doing.failed.get(call.key)
            if call.is_failed:
                doing.failed[call.key] = before.joined(call) if before else call
            elif before is not None and call.ended:
                del doing.failed[call.key]
                if doing is self._doing:
                    self._passed(before)
        if self._doing is None and call.is_failed:
            for line in settled(call):
                self.stream.notable(line)

    def _passed(self, call: Call) -> None:
        for fault in call.faults[:1]:
            event = replace(fault.event, kind=PASSED, fields={"fault": fault.said.kind})
            self.stream.notable(Told(event, Said(PASSED, event.component, (), event.fields)))

    # ---- the window, restarts and the rest ----

    def _window(self, sighting: Sighting) -> None:
        self.window = sighting.said.fields["window"]
        self._fact("maintenance-window", self.window, sighting)

    def _used(self, sighting: Sighting) -> None:
        if self.run is not None:
            self.window = sighting.said.fields["window"]
            self.used = sighting

    def _restarts(self, sighting: Sighting) -> None:
        ended = Outcome.FAILED if sighting.said.kind == "oms-restart-failed" else Outcome.SUCCEEDED
        self.stream.finish(Draft("restart", ended, sighting, None, "Linux"))

    def _notable(self, sighting: Sighting) -> None:
        self.exceeded = self.exceeded or sighting.said.kind == EXCEEDED
        self.stream.notable(sighting)
        if (doing := self._doing) is not None and sighting.said.kind != "oms-restart-pending":
            doing.told.append(sighting)

    def _known(self, sighting: Sighting) -> None:
        """What the facts tell already."""

    def _fact(self, name: str, value: str, sighting: Sighting) -> None:
        event = replace(sighting.event, kind=FACT, fields={"name": name, "value": value})
        self.stream.notable(Told(event, Said(FACT, "", (), event.fields)))

    # ---- endings ----

    def _finish(self, doing: Doing, end: Sighting | None) -> None:
        proof = doing.proof
        failed = bool(doing.failed) or doing.bad or (bool(doing.told) and doing.kind != PACKAGE)
        if doing.kind == PACKAGE and doing.good:
            failed = False
        outcome = Outcome.FAILED if failed else Outcome.SUCCEEDED if doing.good else Outcome.UNFINISHED
        if failed and doing.kind in (SCAN, RUN):
            for line in proof:
                if line.said.kind in fault_kinds():
                    self.stream.notable(line)
        updates = (doing.update,) if doing.update else ()
        draft = Draft(doing.kind, outcome, doing.start, end, doing.manager or "Linux", "", updates)
        if failed:
            draft.proof = tuple(Seen(line) for line in proof[:PROOF])
        self.stream.finish(draft)

    def close(self) -> None:
        """At the end of the source: what has not ended never will."""
        self._close_all()

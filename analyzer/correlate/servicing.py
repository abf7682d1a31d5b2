"""Servicing (CBS): installs, uninstalls and repairs of the component store, as CBS.log tells them.

A session is told by its start, by what fails in it, by a report of the failure, and by its end: each with the same
code. After a restart there is no session; what fails then is told by the status that a roll-back sets.
"""

from collections.abc import Callable, Mapping

from analyzer.correlate.draft import Open, Seen
from analyzer.correlate.package import Run, fact, failed, update_of_package, way
from analyzer.correlate.stream import FAILURE, Stream, draft
from analyzer.formats import Sighting
from analyzer.model import Outcome, Update
from analyzer.notation import number

CAUSES = (
    "servicing-boot-files-failed",
    "servicing-counter-failed",
    "servicing-driver-failed",
    "servicing-esu-refused",
    "servicing-installer-failed",
    "servicing-package-missing",
    "servicing-payload-unfound",
    "servicing-stack-required",
)
"""Lines that tell why something fails."""
DAMAGES = 200
"""Damaged things of the store that are remembered."""
ERRORS = 8
"""Errors kept of one session."""
NAMED = 3
"""Of these, how many are named."""
GONE = frozenset({"absent", "uninstalled"})
REPAIR = "repair"
CANCELLED = 0x800F0820
PENDING = Update("PENDING WORK", None, "what was left to be done at the start of Windows", "")


class Servicing:
    """The sessions of one source."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.way = way()
        self.run: Run | None = None
        self.ended: set[int] = set()
        """The codes of the run that ended last, which are said again."""
        self.errors: list[Sighting] = []
        """Errors since a session began or ended: in an excerpt they stand for the words that end a failed session."""
        self.whole = False
        """Whether the log told the end of a session: then it is no excerpt."""
        self.guest = False
        """Whether it stands in a log of Windows Setup, where its errors are of the way."""
        self.before: Sighting | None = None
        """A source that was refused for the session that begins next."""
        self.damage: dict[str, Sighting] = {}
        self.detected = 0

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {
            "servicing-started": self._started,
            "servicing-failing": self._failing,
            "servicing-rolled-back": self._told,
            "servicing-reported": self._reported,
            "servicing-ended": self._ended,
            "servicing-finalized": self._finalized,
            "servicing-echo": self._ignored,
            "servicing-package-done": self._package_done,
            "servicing-startup-done": self._startup_done,
            "servicing-damaged": self._damaged,
            "servicing-detected": self._detected,
            "servicing-repaired": self._repaired,
            **dict.fromkeys(CAUSES, self._cause),
        }

    def coded(self, sighting: Sighting) -> None:
        """A line with codes alone; servicing (CBS, not CSI, which tries much) writes an error for what failed."""
        self.way.append(Seen(sighting))
        if sighting.said.component == "CBS" and sighting.said.fields.get("level") == "error":
            self.errors = [*self.errors[-ERRORS + 1 :], sighting]

    def blamed(self, sighting: Sighting) -> None:
        """A line that tells why what comes next will fail; the source of a repair is named before it begins."""
        self.before = sighting

    def _ignored(self, sighting: Sighting) -> None:
        """Said again of what has ended."""

    # ---- sessions ----

    def _begun(self, sighting: Sighting) -> Run:
        if self.run is None:
            self.run = Run("install", sighting)
        return self.run

    def _started(self, sighting: Sighting) -> None:
        self._settle()
        self.way.clear()
        self.errors = []
        fields = sighting.said.fields
        repairs = "corruption" in fields.get("task", "").lower()
        self.run = Run(REPAIR if repairs else "install", sighting, fields.get("client", ""))
        if fields.get("package"):
            self.run.name(update_of_package(fields["package"]))
        if self.before is not None:
            self.run.causes.append(self.before)
            self.before = None

    def _failing(self, sighting: Sighting) -> None:
        """The first words of a failure; the same words again are another failure."""
        words = sighting.event.text.partition("[HRESULT")[0][20:]
        if self.run is not None and any(
            line.said.kind == sighting.said.kind and line.event.text.partition("[HRESULT")[0][20:] == words
            for line in self.run.failing
        ):
            self._settle()
        self._told(sighting)

    def _told(self, sighting: Sighting) -> None:
        if sighting.said.codes:
            run = self._begun(sighting)
            run.failing.append(sighting)
            if sighting.said.fields.get("package"):
                run.name(update_of_package(sighting.said.fields["package"]))

    def _reported(self, sighting: Sighting) -> None:
        fields = sighting.said.fields
        self._told(sighting)
        if self.run is not None:
            self.run.caller = self.run.caller or fields["client"].strip()
            if fields["state"].lower() in GONE and self.run.kind == "install":
                self.run.kind = "uninstall"

    def _ended(self, sighting: Sighting) -> None:
        fields = sighting.said.fields
        if "corruption" in fields.get("task", "").lower() and self.run is None:
            self.run = Run(REPAIR, sighting)
        if number(fields["result"]) & FAILURE:
            if self.run is not None or self._is_news(sighting):
                self._told(sighting)
            return
        run = self._begun(sighting)
        if fields.get("package"):
            run.name(update_of_package(fields["package"]))
        run.good = sighting

    def _finalized(self, sighting: Sighting) -> None:
        fields = sighting.said.fields
        if number(fields["result"]) & FAILURE:
            if self.run is not None or self._is_news(sighting):
                self._told(sighting)
        elif self.run is None:
            self.whole, self.errors = True, []
        elif self.run.good is None and self.run.start is not sighting:
            self.run.good = sighting
        if fields["reboot"] == "yes" and not number(fields["result"]) & FAILURE:
            self.stream.restart = self.stream.restart or sighting
        self._settle()

    def _is_news(self, sighting: Sighting) -> bool:
        return not self.ended.issuperset(sighting.said.codes)

    def _startup_done(self, sighting: Sighting) -> None:
        """What waited for a restart has had it."""
        self.stream.restart = None

    def _package_done(self, sighting: Sighting) -> None:
        fields = sighting.said.fields
        if int(fields["hr"], 16) & FAILURE or not fields["package"].startswith("Package_for_"):
            return
        if fields["state"] == fields["target"] and fields["state"] != fields["before"]:
            kind = "uninstall" if fields["target"].lower() in GONE else "install"
            update = update_of_package(fields["package"])
            opened = Open(kind, sighting, updates={update.id: update})
            self.stream.finish(draft(opened, sighting, Outcome.SUCCEEDED))

    def _settle(self) -> None:
        run, self.run = self.run, None
        if run is None:
            return
        if not run.failing and run.good is None and not self.guest:
            run.failing = self.errors or [line for line in run.causes if line.said.codes]
        self.whole = self.whole or run.good is not None or bool(run.failing)
        self.errors = []
        if not run.updates and any(line.said.kind == "servicing-rolled-back" for line in run.failing):
            run.name(PENDING)
        self.ended = {code for line in run.failing for code in line.said.codes}
        if run.failing:
            for line in run.causes:
                self.stream.notable(line)
            done = failed(self.stream, run, self.way)
            if done.chain == (CANCELLED,):
                done.outcome = Outcome.CANCELLED
            self.stream.finish(done)
            self.way.clear()
        elif run.good is not None and (run.updates or run.kind == REPAIR):
            self.stream.finish(draft(run.opened, run.good, Outcome.SUCCEEDED))

    # ---- why ----

    def _cause(self, sighting: Sighting) -> None:
        fields = sighting.said.fields
        run = self._begun(sighting)
        if len(run.causes) < DAMAGES:
            run.causes.append(sighting)
        self.way.append(Seen(sighting))
        match sighting.said.kind:
            case "servicing-installer-failed":
                fact(self.stream, sighting, "failed-installer", fields["installer"])
            case "servicing-package-missing":
                fact(self.stream, sighting, "missing-package", fields["package"])
            case "servicing-stack-required":
                fact(self.stream, sighting, "servicing-stack-needed", fields["needed"])
            case "servicing-counter-failed":
                fact(self.stream, sighting, "failed-counter-provider", fields["provider"])

    def _damaged(self, sighting: Sighting) -> None:
        if len(self.damage) < DAMAGES:
            self.damage.setdefault(sighting.said.fields["item"], sighting)

    def _detected(self, sighting: Sighting) -> None:
        self.detected = int(sighting.said.fields["number"])

    def _repaired(self, sighting: Sighting) -> None:
        """All that was found is repaired, or nothing was found."""
        if int(sighting.said.fields["number"]) >= self.detected and not self._was_cancelled:
            self.damage.clear()

    @property
    def _was_cancelled(self) -> bool:
        return any(CANCELLED in each.sighting.said.codes for each in self.way)

    def close(self) -> None:
        """At the end: what has not ended never will; what is damaged and was not repaired is told.

        An excerpt without any session tells by its errors that one failed.
        """
        if self.run is None and self.errors and not self.whole and not self.guest:
            self.run = Run("install", self.errors[0])
        self._settle()
        for line in self.damage.values():
            self.stream.notable(line)
        if self.damage:
            first = next(iter(self.damage.values()))
            names = list(self.damage)[:NAMED]
            more = f" and {len(self.damage) - NAMED} more" if len(self.damage) > NAMED else ""
            fact(self.stream, first, "damaged-component", ", ".join(names) + more)
        self.damage.clear()

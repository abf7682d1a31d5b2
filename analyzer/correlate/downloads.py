"""Downloads: a call for one or more updates, known by its GUID; each update's failure is told on its own."""

from collections import deque
from collections.abc import Callable, Mapping

from analyzer.correlate.draft import Open, Seen
from analyzer.correlate.stream import OPEN, Stream, draft, failure, outcome_of
from analyzer.correlate.unframed import failed_jobs
from analyzer.events import update_of
from analyzer.formats import Sighting
from analyzer.model import Outcome, Update
from analyzer.notation import number

KIND = "download"
CONTENT = "/Content/"
"""Stands in the address of a file on a WSUS server."""
UPDATES = 256
"""Updates whose failing jobs are remembered."""


class Downloads:
    """The downloads of one source."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.open: dict[str, Open] = {}
        self.jobs: dict[str, deque[Seen]] = {}
        """By update: what its transfer jobs said."""
        self.last_job: dict[bytes, str] = {}
        self.called = KIND
        self.addressed = False
        """An address of such a file was handed on: it tells the server."""

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {
            "download-started": self._started,
            "download-begun": self._begun,
            "job-failed": self._job,
            "job-transient": self._job,
            "job-refused": self._ignored,
            "job-completed": self._completed,
            "retry": self._ignored,
            "call-progress": self._ignored,
            "download-call-closed": self._ignored,
            "download-failed": self._failed,
            "download-ended": self._ended,
            "download-echo": self._echo,
            "call-complete": self._call,
            "call-error": self._call_error,
        }

    def _ignored(self, sighting: Sighting) -> None:
        """Said on the way of every download; its codes are counted, no more."""

    def _started(self, sighting: Sighting) -> None:
        fields = sighting.said.fields
        key = fields.get("call", "").strip("{}").upper() or f"thread {sighting.thread!r}"
        if len(self.open) >= OPEN:
            self._give_up(self.open.pop(next(iter(self.open))))
        opened = self.open[key] = Open(KIND, sighting, fields["caller"])
        self.stream.lists(sighting.thread, opened)

    def _begun(self, sighting: Sighting) -> None:
        """What begins well goes on by itself; a call that is refused has ended."""
        if outcome_of(number(sighting.said.fields["result"])) is Outcome.FAILED:
            self._ended(sighting)

    def _job(self, sighting: Sighting) -> None:
        update = update_of(sighting.said.fields["update"]).id
        said = sighting.said
        known = self.jobs.setdefault(update, deque(maxlen=6))
        for seen in known:
            if (seen.sighting.said.kind, seen.sighting.said.codes) == (said.kind, said.codes):
                seen.count += 1
                break
        else:
            known.append(Seen(sighting))
        if len(self.jobs) > UPDATES:
            del self.jobs[next(iter(self.jobs))]
        self.last_job[sighting.thread] = update
        if not self.addressed and CONTENT in said.fields.get("detail", ""):
            self.addressed = True
            self.stream.notable(sighting)

    def _completed(self, sighting: Sighting) -> None:
        """Whatever jobs for the same update said before, it was made good."""
        if identity := sighting.said.fields.get("update", ""):
            self.jobs.pop(update_of(identity).id, None)

    def _failed(self, sighting: Sighting) -> None:
        said = sighting.said
        identity = said.fields.get("update", "") or self.last_job.get(sighting.thread, "")
        update = self.stream.named(identity) if identity else Update()
        call = self._call_of(update)
        if call is not None:
            if not update.title and len(call.updates) == 1:
                known = next(iter(call.updates.values()))
                update = Update(update.id, update.revision, known.title, known.kb) if update.id else known
            call.told.add(update.id)
        way = [*self.jobs.pop(update.id, ()), *self.stream.on_the_way(sighting.thread, None, sighting)]
        way.sort(key=lambda seen: seen.sighting.position)
        codes = said.codes or (way[-1].sighting.said.codes if way else ())
        if codes and outcome_of(codes[-1]) is not Outcome.FAILED:
            return
        opened = Open(KIND, call.start, call.caller) if call else Open(KIND, sighting)
        self.stream.finish(failure(opened, sighting, codes, way, (update,) if update.id else ()))

    def _call_of(self, update: Update) -> Open | None:
        """The call that asked for *update*; the only one open, where its list is not in the log."""
        for call in self.open.values():
            if update.id in call.updates:
                return call
        return next(iter(self.open.values())) if len(self.open) == 1 else None

    def _ended(self, sighting: Sighting) -> None:
        fields = sighting.said.fields
        known = self.open.pop(fields["call"].strip("{}").upper(), None)
        call = known or Open(KIND, sighting)
        result = number(fields["result"])
        outcome = outcome_of(result)
        if outcome is Outcome.FAILED:
            if not call.told and not self.stream.is_echo(KIND, result, sighting, since=known.start if known else None):
                self.stream.finish(failure(call, sighting, (result,), self._jobs_of(call)))
            return
        updates = [update for update in call.updates.values() if update.id not in call.told]
        if updates or not call.told:
            chain = (result,) if outcome is not Outcome.SUCCEEDED else ()
            self.stream.finish(draft(call, sighting, outcome, chain, updates))

    def _jobs_of(self, call: Open) -> list[Seen]:
        return [seen for update in call.updates for seen in self.jobs.pop(update, ())]

    def _echo(self, sighting: Sighting) -> None:
        self._repeated(sighting, KIND)

    def _call(self, sighting: Sighting) -> None:
        """`Download call complete (…)` says of which kind the next `Call error code` is."""
        self.called = sighting.said.fields["callword"].lower()

    def _call_error(self, sighting: Sighting) -> None:
        self._repeated(sighting, self.called)

    def _repeated(self, sighting: Sighting, kind: str) -> None:
        """What callers say of a failed call: an echo if any failure of its kind was told since it began."""
        result = number(sighting.said.fields["result"])
        if outcome_of(result) is not Outcome.FAILED:
            return
        began = next(iter(self.open.values())).start if kind == KIND and self.open else sighting
        told = (*self.stream.ended_lately(kind, sighting, Outcome.FAILED), *self.stream.ended_since(kind, began))
        if any(ended.outcome is Outcome.FAILED for ended in told):
            return
        way = self.stream.on_the_way(sighting.thread, None, sighting)
        updates: tuple[Update, ...] = ()
        if kind == KIND and len(self.jobs) == 1:  # the only download of which anything was told
            identity, jobs = self.jobs.popitem()
            way, updates = [*jobs, *way], (self.stream.named(identity),)
        self.stream.finish(failure(Open(kind, sighting), sighting, (result,), way, updates))

    def close(self) -> None:
        """What has not ended never will."""
        for call in self.open.values():
            self._give_up(call)
        self.open.clear()
        found = [failed_jobs(self.stream, None, jobs, (self.stream.named(id),)) for id, jobs in self.jobs.items()]
        for failed in found:
            if failed is not None:
                self.stream.finish(failed)

    def _give_up(self, call: Open) -> None:
        if not call.told:
            failed = failed_jobs(self.stream, call, self._jobs_of(call), ())
            self.stream.finish(failed or draft(call, None, Outcome.UNFINISHED))

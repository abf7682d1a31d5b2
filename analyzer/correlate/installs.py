"""Installs and uninstalls: driven by the agent or a deployment job, done by a handler in a process of its own.

`LogHistory` tells the result of each update, raw and mapped; the job adds its own wrapper a moment later, so a failed
result waits for it. The handler's lines carry no update: they belong to the result that comes next.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from msgspec.structs import replace

from analyzer.correlate.draft import Draft, Open, Seen
from analyzer.correlate.stream import FAILURE, OPEN, Stream, draft, failure, outcome_of
from analyzer.correlate.unframed import unclaimed
from analyzer.formats import Sighting
from analyzer.model import Outcome, Update
from analyzer.notation import number

RESTART_NEEDED = frozenset({0x80242014, 0x00240005, 0x00242015, 0x80070BC2, 0x00000BC2, 0x00000669})
"""Installed, and a restart is needed to end it."""
KINDS = ("install", "uninstall")
A_MOMENT = timedelta(seconds=5)
DEPLOYERS = frozenset({"UDP", "Deployment"})
"""Components of the deployment jobs, in Windows 10 and 11."""
BEGUN = 181
"""The number of REPORT EVENT lines that tell of the beginning of an install."""
REPORTED: Mapping[int, str] = {148: "scan", 161: "download", 182: "install"}
"""The numbers of REPORT EVENT lines that tell of a failure, and of what."""


class Installs:
    """The installs and uninstalls of one source."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.open: dict[str, Open] = {}
        self.failed: dict[str, Draft] = {}
        """Failed results of single updates that may still get their wrapper, by update."""
        self.begun: dict[str, Update] = {}
        """Updates whose installation was reported to have begun, and nothing more."""
        self.alone: Draft | None = None
        """A result without its call: for whom it was, the next line may tell."""

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {
            "install-started": self._started,
            "uninstall-started": self._started,
            "update-title": self._title,
            "update-named": self._update,
            "command-line-ended": self._handled,
            "cbs-ended": self._handled,
            "msi-ended": self._handled,
            "driver-failed": self._handled,
            "device-failed": self._handled,
            "update-result": self._result,
            "deploy-result": self._deployed,
            "install-result": self._deployed,
            "install-ended": self._ended,
            "uninstall-ended": self._ended,
            "install-echo": self._repeated,
            "exit-code": self._exit,
            "after-restart": self._after_restart,
            "report": self._report,
        }

    # ---- which updates ----

    def _started(self, sighting: Sighting) -> None:
        self._release()
        said = sighting.said
        caller = said.fields.get("caller") or said.fields.get("client", "")
        if len(self.open) >= OPEN:
            self._give_up(self.open.pop(next(iter(self.open))))
        opened = self.open[_key(sighting)] = Open(said.kind.removesuffix("-started"), sighting, caller)
        self.stream.lists(sighting.thread, opened)
        self.stream.running[sighting.thread] = opened

    def _title(self, sighting: Sighting) -> None:
        self.stream.thread(sighting.thread).title = sighting.said.fields["title"].strip()

    def _update(self, sighting: Sighting) -> None:
        thread = self.stream.thread(sighting.thread)
        update = self.stream.named(sighting.said.fields["update"], thread.title)
        thread.title = ""
        opened = self.stream.listing.get(sighting.thread) or self._deployment(sighting)
        if opened is not None:
            opened.updates[update.id] = update

    def _deployment(self, sighting: Sighting) -> Open | None:
        """The only call that goes on, where its deployment job lists the updates on a thread of its own."""
        if sighting.said.component not in DEPLOYERS or len(self.open) != 1:
            return None
        return next(iter(self.open.values()))

    def _call_of(self, update: Update) -> Open | None:
        for call in reversed(self.open.values()):
            if update.id in call.updates:
                return call
        return next(iter(self.open.values())) if len(self.open) == 1 else None

    def _begun(self, sighting: Sighting, update: Update, kind: str = "", caller: str = "") -> Open:
        """The install of *update*, as part of the call that began it; its result is told with this."""
        call = self._call_of(update)
        if call is None:
            return Open(kind or "install", sighting, caller)
        call.told.add(update.id)
        return Open(kind or call.kind, call.start, caller or call.caller)

    # ---- how it ended ----

    def _handled(self, sighting: Sighting) -> None:
        said = sighting.said
        if said.codes:
            self.stream.handled.append(Seen(sighting))
        else:
            self.stream.thread(sighting.thread).good = self.stream.installed = sighting.position
        if said.fields.get("reboot", "") in ("1", "true"):
            self._restart(sighting)

    def _handled_since(self, opened: Open | None) -> list[Seen]:
        seen = list(self.stream.handled)
        if opened is not None:
            start = opened.start.position
            seen = [each for each in seen if each.sighting.position >= start]
        self.stream.handled.clear()
        return seen

    def _result(self, sighting: Sighting) -> None:
        """`LogHistory called`: the result of one update."""
        fields = sighting.said.fields
        raw, mapped = number(fields["result"]), number(fields["mapped"])
        update = self.stream.named(fields["update"])
        self._release(fields.get("client", ""), update)
        opened = self._begun(sighting, update, fields.get("operation", "").lower(), fields.get("client", ""))
        ended = [code for code in (raw, mapped) if code & FAILURE and code not in RESTART_NEEDED]
        outcome = outcome_of(ended[-1]) if ended else Outcome.SUCCEEDED
        if outcome is not Outcome.FAILED:
            if not self._is_told(update, ended, sighting, outcome):
                self.stream.finish(draft(opened, sighting, outcome, tuple(ended), (update,)))
            if mapped in RESTART_NEEDED or raw in RESTART_NEEDED:
                self._restart(sighting)
        elif not self._is_told(update, ended, sighting, outcome):
            self._settle(update.id)
            way = self._handled_since(None if opened.start is sighting else opened)
            self.failed[update.id] = failure(opened, sighting, ended, way, (update,))
            self.stream.remember(self.failed[update.id])

    def _is_told(self, update: Update, codes: list[int], sighting: Sighting, outcome: Outcome) -> bool:
        """The deployment job told this result a moment before."""
        when = sighting.when
        return any(
            set(codes) <= set(ended.chain)
            for kind in KINDS
            for ended in self.stream.ended_lately(kind, sighting, outcome, update=update.id)
            if when is not None and ended.when is not None and abs(when - ended.when) < A_MOMENT
        )

    def _deployed(self, sighting: Sighting) -> None:
        """The deployment job's word on one update: the wrapper of a failure told before, or all there is."""
        result = number(sighting.said.fields["result"])
        update = self.stream.named(sighting.said.fields["update"])
        known = self.failed.pop(update.id, None)
        if known is None:
            told = (self.stream.ended_lately(kind, sighting, update=update.id) for kind in KINDS)
            if not any(map(any, told)):
                self._alone(sighting, update, result)
            return
        if result & FAILURE and result not in known.chain:
            known = replace(known, chain=(*known.chain, result), wrapped=(sighting,))
        self.stream.finish(known)

    def _alone(self, sighting: Sighting, update: Update, result: int) -> None:
        self._release()
        opened = self._begun(sighting, update)
        outcome = Outcome.SUCCEEDED if result in RESTART_NEEDED else outcome_of(result)
        if outcome is Outcome.FAILED:
            way = self._handled_since(None if opened.start is sighting else opened)
            done = failure(opened, sighting, (result,), way, (update,))
        else:
            done = draft(opened, sighting, outcome, updates=(update,))
        if opened.start is sighting:
            self.stream.remember(done)
            self.alone = done
        else:
            self.stream.finish(done)

    def _release(self, caller: str = "", update: Update | None = None) -> None:
        """Hands on the result without its call, which was for *caller*, if this is told of the same *update*."""
        done, self.alone = self.alone, None
        if done is not None:
            if update is None or any(update.id == each.id for each in done.updates):
                done.caller = done.caller or caller
            self.stream.done.append(done)

    def _exit(self, sighting: Sighting) -> None:
        """`Exit code = …` is the result of what the thread is doing."""
        opened = self.stream.running.get(sighting.thread)
        if opened is None:
            self.stream.thread(sighting.thread).exit = sighting
        elif number(sighting.said.fields["result"]) & FAILURE:
            opened.ended.append(sighting)

    def _ended(self, sighting: Sighting) -> None:
        opened = self.open.pop(_key(sighting), None)
        self._release(sighting.said.fields.get("client", ""))
        self.stream.running.pop(sighting.thread, None)
        exited = self.stream.exited(sighting)
        if opened is None:
            if exited is None:
                return
            opened = Open(sighting.said.kind.removesuffix("-ended"), sighting, sighting.said.fields.get("caller", ""))
            opened.ended += [exited] if exited.said.codes else []
        for update in [each for each in self.failed if each in opened.told]:
            self._settle(update)
        if opened.told or any(self.stream.ended_lately(opened.kind, sighting, Outcome.FAILED)):
            return
        codes = [code for line in opened.ended for code in line.said.codes]
        if not codes and "result" in sighting.said.fields:
            codes = [number(sighting.said.fields["result"])]
        outcome = outcome_of(codes[-1]) if codes else Outcome.SUCCEEDED
        if outcome is Outcome.FAILED:
            way = [*self._handled_since(opened), *self.stream.on_the_way(sighting.thread, opened.start, sighting)]
            self.stream.finish(failure(opened, opened.ended[-1] if opened.ended else sighting, codes, way))
        elif opened.updates:
            self.stream.finish(draft(opened, sighting, outcome))

    # ---- what is told elsewhere ----

    def _repeated(self, sighting: Sighting) -> None:
        result = number(sighting.said.fields["result"])
        if outcome_of(result) is Outcome.FAILED and not self._has_failed(sighting):
            self.stream.finish(failure(Open("install", sighting), sighting, (result,), self._handled_since(None)))

    def _has_failed(self, sighting: Sighting) -> bool:
        return bool(self.failed) or any(self.stream.ended_lately("install", sighting, Outcome.FAILED))

    def _after_restart(self, sighting: Sighting) -> None:
        """What servicing said of an update after the restart that was to end it."""
        fields = sighting.said.fields
        self._alone(sighting, self.stream.named(fields["update"]), number(fields["result"]))

    def _report(self, sighting: Sighting) -> None:
        """A REPORT EVENT line: an echo, or all that the log holds of an operation."""
        fields = sighting.said.fields
        self.stream.reported(sighting)
        if int(fields["number"]) == BEGUN:
            self._report_begun(fields)
            return
        kind = REPORTED.get(int(fields["number"]), "")
        result = number(fields["result"])
        if not kind or outcome_of(result) is not Outcome.FAILED:
            return
        if any(self.stream.ended_lately(kind, sighting, code=result)):
            return
        update = self.stream.named(f"{fields['update']}.{fields['revision']}")
        named = update.id.strip("0-") != ""
        if any(result in done.chain or update in done.updates for done in self.failed.values()):
            return
        if named and any(self.stream.ended_lately(kind, sighting, update=update.id)):
            return
        way = self._handled_since(None) if kind == "install" else []
        opened = Open(kind, sighting, fields["client"])
        self.stream.finish(failure(opened, sighting, (result,), way, (update,) if named else ()))

    def _report_begun(self, fields: Mapping[str, str]) -> None:
        """The report names the update as nothing else in the log does."""
        title = fields["detail"].rpartition(": ")[2]
        update = self.stream.named(f"{fields['update']}.{fields['revision']}", title)
        if len(self.begun) < OPEN:
            self.begun[update.id] = update

    def _restart(self, sighting: Sighting) -> None:
        self.stream.restart = self.stream.restart or sighting

    def _settle(self, update: str) -> None:
        self._release()
        known = self.failed.pop(update, None)
        if known is not None:
            self.stream.finish(known)

    def close(self) -> None:
        """What has not ended never will."""
        self._release()
        for update in list(self.failed):
            self._settle(update)
        for opened in self.open.values():
            self._give_up(opened)
        self.open.clear()
        begun = tuple(self.begun.values())
        if (failed := unclaimed(self.stream, None, begun if len(begun) == 1 else ())) is not None:
            self.stream.finish(failed)

    def _give_up(self, opened: Open) -> None:
        """The agent begins an install before its deployment job does: only what names updates is one."""
        if not opened.told and opened.updates:
            failed = unclaimed(self.stream, opened)
            self.stream.finish(failed or draft(opened, None, Outcome.UNFINISHED))


def _key(sighting: Sighting) -> str:
    """The deployment job, or the thread where the agent itself installs."""
    return sighting.said.fields.get("job", "").strip("{}").upper() or f"thread {sighting.thread!r}"

"""Installs and uninstalls: driven by the agent or a deployment job, done by a handler in a process of its own.

`LogHistory` tells the result of each update, raw and mapped; the job adds its own wrapper a moment later, so a failed
result waits for it. The handler's lines carry no update: they belong to the result that comes next.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from analyzer.correlate.stream import FAILURE, Open, Seen, Stream, failure, operation, outcome_of
from analyzer.formats import Sighting
from analyzer.model import Event, Operation, Outcome, Update
from analyzer.notation import number

RESTART_NEEDED = frozenset({0x80242014, 0x00240005, 0x00242015, 0x80070BC2, 0x00000BC2, 0x00000669})
"""Installed, and a restart is needed to end it."""
A_MOMENT = timedelta(seconds=5)


class Installs:
    """The installs and uninstalls of one source."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.open: dict[str, Open] = {}
        self.failed: dict[str, Operation] = {}
        """Failed results of single updates that may still get their wrapper, by update."""

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

    def _started(self, sighting: Sighting) -> None:
        event = sighting.event
        kind = event.kind.removesuffix("-started")
        caller = event.fields.get("caller") or event.fields.get("client", "")
        opened = self.open[_key(sighting, event)] = Open(kind, event, caller)
        self.stream.lists(sighting.thread, opened)
        self.stream.running[sighting.thread] = opened

    def _title(self, sighting: Sighting) -> None:
        self.stream.thread(sighting.thread).title = sighting.said.fields["title"].strip()

    def _update(self, sighting: Sighting) -> None:
        thread = self.stream.thread(sighting.thread)
        update = self.stream.named(sighting.said.fields["update"], thread.title)
        thread.title = ""
        opened = self.stream.listing.get(sighting.thread)
        if opened is not None:
            opened.updates[update.id] = update

    def _handled(self, sighting: Sighting) -> None:
        event = sighting.event
        if event.codes:
            self.stream.handled.append(Seen(event))
        if event.fields.get("reboot", "") in ("1", "true"):
            self._restart(event)

    def _result(self, sighting: Sighting) -> None:
        """`LogHistory called`: the result of one update."""
        event = sighting.event
        raw, mapped = number(event.fields["result"]), number(event.fields["mapped"])
        update = self.stream.named(event.fields["update"])
        call = self._call_of(update)
        kind = event.fields.get("operation", "").lower() or (call.kind if call else "install")
        caller = event.fields.get("client", "") or (call.caller if call else "")
        opened = Open(kind, call.start if call else event, caller)
        if call is not None:
            call.told.add(update.id)
        ended = [code for code in (raw, mapped) if code & FAILURE and code not in RESTART_NEEDED]
        outcome = outcome_of(ended[-1]) if ended else Outcome.SUCCEEDED
        if outcome is Outcome.FAILED and self._is_told(update, ended, event):
            return
        if outcome is Outcome.FAILED:
            self._settle(update.id)
            self.failed[update.id] = failure(opened, event, ended, self._handled_since(call), updates=(update,))
            return
        self.stream.finish(operation(opened, event, outcome, tuple(ended), updates=(update,)))
        if mapped in RESTART_NEEDED or raw in RESTART_NEEDED:
            self._restart(event)

    def _is_told(self, update: Update, codes: list[int], event: Event) -> bool:
        """The deployment job told this result a moment before."""
        return any(
            update.id in _ids(done) and set(codes) <= set(done.chain)
            for done in self.stream.ended_lately("install", event.when, Outcome.FAILED)
            if done.end is not None and event.when is not None and abs(event.when - done.end) < A_MOMENT
        )

    def _handled_since(self, call: Open | None) -> list[Seen]:
        seen = [each for each in self.stream.handled if call is None or each.event.place.line >= call.start.place.line]
        self.stream.handled.clear()
        return seen

    def _deployed(self, sighting: Sighting) -> None:
        """The deployment job's word on one update: the wrapper of a failure told before, or all there is."""
        result = number(sighting.said.fields["result"])
        event = sighting.event
        update = self.stream.named(event.fields["update"])
        known = self.failed.pop(update.id, None)
        if known is not None:
            if result & FAILURE and result not in known.chain:
                known = replace(known, chain=(*known.chain, result), events=(*known.events, event), end=event.when)
            self.stream.finish(known)
        elif not any(update.id in _ids(done) for done in self.stream.ended_lately("install", event.when)):
            self._alone(event, update, result)

    def _alone(self, event: Event, update: Update, result: int) -> None:
        call = self._call_of(update)
        opened = Open(call.kind if call else "install", call.start if call else event, call.caller if call else "")
        if call is not None:
            call.told.add(update.id)
        outcome = Outcome.SUCCEEDED if result in RESTART_NEEDED else outcome_of(result)
        if outcome is Outcome.FAILED:
            self.stream.finish(failure(opened, event, (result,), self._handled_since(call), updates=(update,)))
        else:
            self.stream.finish(operation(opened, event, outcome, updates=(update,)))

    def _exit(self, sighting: Sighting) -> None:
        """`Exit code = …` is the result of what the thread is doing."""
        opened = self.stream.running.get(sighting.thread)
        if opened is not None and number(sighting.said.fields["result"]) & FAILURE:
            opened.ended.append(sighting.event)

    def _ended(self, sighting: Sighting) -> None:
        event = sighting.event
        opened = self.open.pop(_key(sighting, event), None)
        self.stream.running.pop(sighting.thread, None)
        if opened is None:
            return
        told = bool(opened.told)
        for update in opened.told:
            self._settle(update)
        codes = [code for line in opened.ended for code in line.codes]
        if not codes and "result" in event.fields:
            codes = [number(event.fields["result"])]
        outcome = outcome_of(codes[-1]) if codes else Outcome.SUCCEEDED
        if told or any(self.stream.ended_lately(opened.kind, event.when, Outcome.FAILED)):
            return
        if outcome is Outcome.FAILED:
            way = [*self._handled_since(opened), *self.stream.on_the_way(sighting.thread, opened.start, event.when)]
            self.stream.finish(failure(opened, opened.ended[-1] if opened.ended else event, codes, way))
        elif opened.updates:
            self.stream.finish(operation(opened, event, outcome))

    def _repeated(self, sighting: Sighting) -> None:
        result = number(sighting.said.fields["result"])
        event = sighting.event
        if outcome_of(result) is Outcome.FAILED and not any(
            (*self.failed, *self.stream.ended_lately("install", event.when, Outcome.FAILED))
        ):
            self.stream.finish(failure(Open("install", event), event, (result,), self._handled_since(None)))

    def _after_restart(self, sighting: Sighting) -> None:
        """What servicing said of an update after the restart that was to end it."""
        event = sighting.event
        self._alone(event, self.stream.named(event.fields["update"]), number(event.fields["result"]))

    def _report(self, sighting: Sighting) -> None:
        """A REPORT EVENT line: an echo, or all that the log holds of an operation."""
        fields = sighting.said.fields
        kind = REPORTED.get(int(fields["number"]), "")
        result = number(fields["result"])
        if not kind or not result & FAILURE or outcome_of(result) is not Outcome.FAILED:
            return
        event = sighting.event
        update = self.stream.named(f"{fields['update']}.{fields['revision']}")
        updates = (update,) if update.id.strip("0-") else ()
        known = [*self.failed.values(), *self.stream.ended_lately(kind, event.when, Outcome.FAILED)]
        for operation_told in known:
            if result in operation_told.chain or (updates and update.id in _ids(operation_told)):
                return
        way = self._handled_since(None) if kind == "install" else []
        self.stream.finish(failure(Open(kind, event, fields["client"]), event, (result,), way, updates=updates))

    def _restart(self, event: Event) -> None:
        self.stream.restart = self.stream.restart or event

    def _call_of(self, update: Update) -> Open | None:
        for call in self.open.values():
            if update.id in call.updates:
                return call
        return next(iter(self.open.values())) if len(self.open) == 1 else None

    def _settle(self, update: str) -> None:
        known = self.failed.pop(update, None)
        if known is not None:
            self.stream.finish(known)

    def close(self) -> None:
        """What has not ended never will."""
        for update in list(self.failed):
            self._settle(update)
        for opened in self.open.values():
            if not opened.told and opened.updates:
                self.stream.finish(operation(opened, opened.start, Outcome.UNFINISHED))
        self.open.clear()


REPORTED: Mapping[int, str] = {148: "scan", 149: "scan", 161: "download", 182: "install"}
"""The numbers of REPORT EVENT lines that tell of a failure, and of what."""


def _key(sighting: Sighting, event: Event) -> str:
    return event.fields.get("job", "").strip("{}").upper() or f"thread {event.thread}"


def _ids(done: Operation) -> set[str]:
    return {update.id for update in done.updates}

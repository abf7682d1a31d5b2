"""The calls of the package manager in an update run: what each said, and whether a later one made it good."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from analyzer.correlate.doing import Doing
from analyzer.correlate.packagecall import Call, exit_code, fault_kinds, settled
from analyzer.correlate.stream import Stream
from analyzer.events import FACT, Said
from analyzer.formats import Sighting, Told
from analyzer.formats.linux.faults import is_mirror

PASSED = "linux-fault-passed"


class PackageCalls:
    """The calls of one source, the current one and what came of those before."""

    def __init__(self, stream: Stream, around: Callable[[], list[Doing]]) -> None:
        self.stream = stream
        self.around = around
        """What goes on, the innermost first; the last is the assessment or installation."""
        self.call: Call | None = None

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {
            "oms-call": self._called,
            "oms-call-ended": self._call_ended,
            "oms-call-code": self._coded,
            "oms-transaction-complete": self._completed,
            **dict.fromkeys(fault_kinds(), self._fault),
        }

    def fact(self, name: str, value: str, sighting: Sighting) -> None:
        """Something known of the machine, which the line of *sighting* tells."""
        event = replace(sighting.event, kind=FACT, fields={"name": name, "value": value})
        self.stream.notable(Told(event, Said(FACT, "", (), event.fields)))

    def _called(self, sighting: Sighting) -> None:
        command = sighting.said.fields["command"].rstrip("] ")
        if self.call is not None and self.call.is_same(command):
            return
        self.settle()
        self.call = Call(command, sighting)

    def _call_ended(self, sighting: Sighting) -> None:
        fields = sighting.said.fields
        if self.call is None or not self.call.is_same(fields["run"]):
            self.settle()
            self.call = Call(fields["run"], sighting)
        self.call.end(sighting, int(fields["code"]))
        self._exit(sighting)

    def _exit(self, sighting: Sighting) -> None:
        call = self.call
        if call is not None and call.code is not None and call.is_failed:
            self.fact("package-manager-exit", exit_code(call.manager, call.code), sighting)

    def _coded(self, sighting: Sighting) -> None:
        if self.call is not None:
            self.call.end(sighting, int(sighting.said.fields["code"]))
            self._exit(sighting)

    def _completed(self, sighting: Sighting) -> None:
        """Everything was installed: what one mirror did not have another had."""
        for lines in (self.call.faults if self.call else [], *(doing.told for doing in self.around())):
            lines[:] = [line for line in lines if not is_mirror(line.said)]

    def _fault(self, sighting: Sighting) -> None:
        fields = sighting.said.fields
        holder = " ".join(filter(None, (fields.get("holder", ""), f"(pid {fields['pid']})" if "pid" in fields else "")))
        if holder:
            self.fact("package-lock-holder", holder, sighting)
        around = self.around()
        doing = around[-1] if around else None
        if sighting.said.kind == "linux-exit-code":
            manager = self.call.manager if self.call else doing.manager if doing else ""
            self.fact("package-manager-exit", exit_code(manager, int(fields["code"])), sighting)
        if self.call is not None:
            self.call.faults.append(sighting)
        elif doing is not None:
            doing.told.append(sighting)
        else:
            self.stream.notable(sighting)

    def settle(self) -> None:
        """The current call is over: it failed, or made an earlier failure of the same command good."""
        call, self.call = self.call, None
        if call is None:
            return
        around = self.around()
        if not call.is_failed:
            for line in call.faults:
                self.stream.notable(line)
        for doing in around:
            doing.manager = doing.manager or call.manager
            before = doing.failed.get(call.key)
            if call.is_failed:
                doing.failed[call.key] = before.joined(call) if before else call
            elif before is not None and call.ended:
                del doing.failed[call.key]
                if doing is around[-1]:
                    self._passed(before)
        if not around and call.is_failed:
            for line in settled(call):
                self.stream.notable(line)

    def _passed(self, call: Call) -> None:
        for fault in call.faults[:1]:
            event = replace(fault.event, kind=PASSED, fields={"fault": fault.said.kind})
            self.stream.notable(Told(event, Said(PASSED, event.component, (), event.fields)))

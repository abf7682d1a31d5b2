"""Commands of DISM: each begins with its command line and ends with the closing of its session, or a failure."""

import re
from collections.abc import Callable, Mapping

from analyzer.correlate.draft import Seen
from analyzer.correlate.package import Run, failed, way
from analyzer.correlate.stream import Stream, draft
from analyzer.formats import Sighting
from analyzer.model import Outcome, Update

KINDS = (
    ("repair", re.compile(r"cleanup-image|restorehealth|scanhealth|checkhealth", re.IGNORECASE)),
    ("uninstall", re.compile(r"\b(?:remove-(?:package|capability|driver)|disable-feature)\b", re.IGNORECASE)),
    ("install", re.compile(r"\b(?:add-(?:package|capability|driver)|enable-feature)\b", re.IGNORECASE)),
)
"""What a command does, by its words; any other works on an image."""
IMAGE = "image change"
NAME = re.compile(
    r"/(?:packagename|packagepath|capabilityname|featurename|driver)[:=]?\s*\"?([^\s\"/]+)", re.IGNORECASE
)
WORD = re.compile(
    r"\b(?:(?:add|remove|get|set|apply|mount|unmount|commit|enable|disable|export|capture|append|cleanup)-[a-z-]+|restorehealth"
    r"|scanhealth|checkhealth|startcomponentcleanup|analyzecomponentstore|revertpendingactions)\b",
    re.IGNORECASE,
)


class Imaging:
    """The commands of one source."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.way = way()
        self.run: Run | None = None

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {
            "dism-started": self._started,
            "dism-token": self._token,
            "dism-error": self._error,
            "dism-failed": self._failed,
            "dism-closed": self._closed,
        }

    def coded(self, sighting: Sighting) -> None:
        """A line with codes alone."""
        self.way.append(Seen(sighting))

    def blamed(self, sighting: Sighting) -> None:
        """A line that tells why what goes on will fail."""
        if self.run is not None:
            self.run.causes.append(sighting)

    def _started(self, sighting: Sighting) -> None:
        self._settle()
        self.run = _run(sighting, sighting.said.fields["command"])

    def _token(self, sighting: Sighting) -> None:
        if self.run is None:
            self.run = _run(sighting, sighting.said.fields["token"])

    def _error(self, sighting: Sighting) -> None:
        if self.run is None:
            self.run = Run(IMAGE, sighting, "DISM")
        self.run.causes.append(sighting)
        self.way.append(Seen(sighting))

    def _failed(self, sighting: Sighting) -> None:
        if self.run is None:
            self.run = Run(IMAGE, sighting, "DISM")
        self.run.failing.append(sighting)
        self._settle()

    def _closed(self, sighting: Sighting) -> None:
        if self.run is not None:
            self.run.good = sighting
        self._settle()

    def _settle(self) -> None:
        run, self.run = self.run, None
        if run is None:
            return
        if not run.failing:
            run.failing = [line for line in run.causes if line.said.kind == "dism-error"][-1:]
        if run.failing:
            self.stream.finish(failed(self.stream, run, self.way))
        elif run.good is not None and run.kind != IMAGE:
            self.stream.finish(draft(run.opened, run.good, Outcome.SUCCEEDED))
        self.way.clear()

    def close(self) -> None:
        """A command that is cut off has failed if it said so."""
        self._settle()


def _run(sighting: Sighting, command: str) -> Run:
    """The run of *command*; what it is about is named by its own words."""
    kind = next((kind for kind, words in KINDS if words.search(command)), IMAGE)
    run = Run(kind, sighting, "DISM")
    words = list(dict.fromkeys(word.lower() for word in WORD.findall(command)))
    about = [found.strip("'\"") for found in NAME.findall(command)]
    title = " ".join(("DISM", *(f"/{word}" for word in words), *about)) if words or about else ""
    if title:
        run.name(Update(title, None, title, ""))
    return run

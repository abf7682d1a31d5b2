"""Failures that no operation frames: a fragment of a log shows what failed, but neither begin nor end of it.

Where the text tells the result of no operation of that kind, what failed stands for one. A whole log always tells
results, so that nothing is inferred from it; a request that failed before one that was answered is none.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import islice

from analyzer.correlate.draft import Draft, Open, Seen
from analyzer.correlate.stream import FAILURE, Stream, Thread, failure, outcome_of
from analyzer.formats import Sighting
from analyzer.grammar import load
from analyzer.model import Outcome, Update
from analyzer.shape import Shapes, compiled

MOST = 8
"""Threads of which a failure is told."""
TELLING: Mapping[str, tuple[str, ...]] = {
    "scan": ("scan",),
    "download": ("scan", "download"),
    "install": ("install", "uninstall"),
}
"""By kind of what is inferred: the operations of which the log may tell none. A log that tells scans is no fragment:
a request for a file that failed was repeated in another way, or its download is told."""
THREADS = 256
"""Threads that are looked at, the latest."""
EXPIRED = 0x80190193
"""The address of a file has expired (HTTP 403); the agent asks for a new one and goes on."""
HANDLED = frozenset({"command-line-ended", "cbs-ended", "msi-ended", "driver-failed"})
"""Results of installers."""


@cache
def _wordings() -> tuple[re.Pattern[str], Shapes]:
    """How the agent says that a step of an operation failed; each rule is the kind of the operation."""
    shapes = compiled(load("windowsupdate-unframed"))
    return shapes.anywhere, shapes


class Unframed:
    """The failures of one source that belong to no operation in it; closed behind the operations."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {"step-done": self._done, "locator-answered": self._answered}

    def _done(self, sighting: Sighting) -> None:
        thread = self.stream.thread(sighting.thread)
        thread.good = sighting.position
        thread.minute = b""  # what is said behind it is no echo of what was said before

    def _answered(self, sighting: Sighting) -> None:
        if sighting.said.codes:
            self.stream.note(sighting)
            return
        self._done(sighting)
        self.stream.notable(sighting)

    def close(self) -> None:
        """What is left when every operation is told."""
        kinds = [kind for kind, others in TELLING.items() if not self.stream.has_told(*others)]
        latest = list(islice(reversed(self.stream.threads.values()), THREADS)) if kinds else []
        found = [done for thread in latest for kind in kinds if (done := self._of(kind, thread)) is not None]
        for done in sorted(found[:MOST], key=lambda done: done.start.position):
            self.stream.finish(done)

    def _of(self, kind: str, thread: Thread) -> Draft | None:
        return _inferred(kind, thread, self.stream.installed if kind == "install" else thread.good)


def broken_off(stream: Stream, opened: Open) -> Draft | None:
    """*opened*, which does not end in the log, as a failure if its own thread told last that a step of it failed.

    Of a beginning that lost its stamp nobody knows the thread: it may be any.
    """
    if stream.has_told(opened.kind):
        return None
    own = stream.threads.get(opened.start.thread)
    threads = list(islice(reversed(stream.threads.values()), THREADS)) if not opened.start.thread else []
    for thread in (own, *threads) if own else threads:
        done = _inferred(opened.kind, thread, max(thread.good, opened.start.position), opened)
        if done is not None:
            return done
    return None


def _inferred(kind: str, thread: Thread, since: tuple[int, int], opened: Open | None = None) -> Draft | None:
    """The operation of *kind* of which *thread*, behind *since*, told only that steps failed."""
    way = [seen for seen in thread.seen if seen.sighting.position > since]
    steps = [seen.sighting for seen in way if _kind_of(seen.sighting) == kind]
    if not steps:
        return None
    end = steps[-1]
    if thread.exit is not None and thread.exit.position > end.position:
        end = thread.exit
    if not end.said.codes or outcome_of(end.said.codes[-1]) is not Outcome.FAILED:
        return None
    return _marked(failure(opened or Open(kind, steps[0]), end, end.said.codes[-1:], way))


def _kind_of(sighting: Sighting) -> str:
    pattern, shapes = _wordings()
    found = pattern.search(sighting.event.text) if sighting.said.codes else None
    return shapes.fields(found)[0] if found else ""


def failed_jobs(stream: Stream, call: Open | None, jobs: Iterable[Seen], updates: Iterable[Update]) -> Draft | None:
    """The failed download of *updates*, begun by *call*, of which only its transfer *jobs* told."""
    way = list(jobs)
    if not way or way[-1].sighting.said.kind != "job-failed" or stream.has_told("scan", "download"):
        return None
    end = way[-1].sighting
    if not end.said.codes or end.said.codes[-1] == EXPIRED or outcome_of(end.said.codes[-1]) is not Outcome.FAILED:
        return None
    opened = call or Open("download", way[0].sighting)
    return _marked(failure(opened, end, end.said.codes[-1:], way, updates))


def unclaimed(stream: Stream, opened: Open | None, updates: Iterable[Update] = ()) -> Draft | None:
    """The failed install *opened*, or one whose beginning is not in the log, of which only the installer told."""
    seen = [each for each in stream.handled if _stands(stream, each, opened)]
    told = [each.sighting for each in seen if each.sighting.said.kind in HANDLED]
    if not told or stream.has_told("install", "uninstall", since=told[-1]):
        return None
    codes = [code for code in told[-1].said.codes if code & FAILURE]
    if not codes or outcome_of(codes[-1]) is not Outcome.FAILED:
        return None
    return _marked(failure(opened or Open("install", told[-1]), told[-1], codes, seen, updates))


def _stands(stream: Stream, seen: Seen, opened: Open | None) -> bool:
    thread = stream.threads.get(seen.sighting.thread)
    since = max(thread.good if thread else (0, 0), opened.start.position if opened else (0, 0))
    return seen.sighting.position > since


def _marked(draft: Draft) -> Draft:
    draft.inferred = True
    return draft

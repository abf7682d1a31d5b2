"""Which format an input has: decided on its content, never on its name."""

from msgspec import Struct

from analyzer.formats import NO_FIT, Fit, Format, Head, formats
from analyzer.own import is_own
from analyzer.source import Source

ENOUGH = 0.05
"""A lower score is chance: a few lines that look alike in a long text."""
SURE = 1.0
"""Every line fits: no further format is asked, their grammars need not even be loaded."""


class Detected(Struct, frozen=True):
    """The format of an input, or None with the reason why it has none that is known."""

    format: Format | None
    fit: Fit


def detect(source: Source) -> Detected:
    """The format that fits *source* best."""
    data = source.head()
    if not data:
        return Detected(None, Fit(0.0, "empty"))
    head = Head(data, source.encoding())
    if is_own(head):
        return Detected(None, Fit(0.0, "written by patchtrail itself: no evidence of its own"))
    best, fit = None, NO_FIT
    for candidate in formats(binary=head.encoding.name == "binary"):
        found = candidate.fits(head)
        if found.score > fit.score:
            best, fit = candidate, found
        if fit.score >= SURE:
            break
    if best is None or fit.score < ENOUGH:
        kind = "binary data" if head.encoding.name == "binary" else "text"
        return Detected(None, Fit(0.0, f"{kind} of no known format"))
    return Detected(best, fit)

"""What this program wrote itself: a report or a timeline beside the logs quotes them, and is no evidence of its own."""

import re

from analyzer.formats import Head

REPORT = re.compile(rb'\s*\{\s*(?:"type": "report", )?"schema": "patchtrail\.report/')
TIMELINE = re.compile(
    rb'when,local,source,member,line,offset,|\{"when": [^,{}]{4,40}, "local": [^,{}]{4,40}, "source": '
)
TABLE = re.compile(r"time in \S+ .*\bcomponent +text\Z")
PAGE = re.compile(r"(?:\d+ causes? found|No|Nothing)\b.*\sTimes are in [^ ]+[.,](?: |\Z)")
"""How the page begins: the verdict, and the zone of its times."""
MARKS = frozenset({"Sources", "Machine", "What happened", "What could not be judged", "What could not be read"})
"""Headings of the page."""
BEGIN = 8
"""Lines in which the page tells its zone."""


def is_own(head: Head) -> bool:
    """Whether an input that begins so is an output of this program: a report in any form, or a timeline."""
    if REPORT.match(head.body) or TIMELINE.match(head.body):
        return True
    lines = head.lines
    if lines and TABLE.match(lines[0]):
        return True
    begin = " ".join(line.strip() for line in lines[:BEGIN])
    return PAGE.match(begin) is not None and not MARKS.isdisjoint(lines)

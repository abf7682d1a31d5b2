"""GPRESULT in text as one of the outputs that people paste."""

import re
from collections.abc import Iterator, Sequence

from analyzer.formats import Told
from analyzer.formats.gpresult.headings import LEVELS, role_of
from analyzer.formats.gpresult.meaning import meaning
from analyzer.formats.gpresult.outline import DASHES
from analyzer.formats.gpresult.text import results
from analyzer.formats.hoststate.kind import Kind
from analyzer.formats.rows import Row, told

BANNER = re.compile(r"\s*Microsoft \(R\) Windows \(R\).*(?:Group Policy|Result tool)", re.IGNORECASE)
NO_DATA = re.compile(r"does not have RSO?P data", re.IGNORECASE)


def opens(rows: Sequence[Row], at: int) -> bool:
    """The banner, or a heading that only GPRESULT writes, with its rule of dashes."""
    text = rows[at].text
    if BANNER.match(text) or NO_DATA.search(text):
        return True
    if at + 1 >= len(rows) or not DASHES.match(rows[at + 1].text):
        return False
    if re.search("rsop", text, re.IGNORECASE) and ":" in text:
        return True
    return role_of(text) in LEVELS and role_of(text) not in ("computer", "user")


def read(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """What the reports tell."""
    for result in results(rows):
        yield from meaning(result)
    for row in rows:
        if NO_DATA.search(row.text):
            yield told("policy-unread", row)


KIND = Kind("gpresult", "GPRESULT /R, /V or /Z", re.compile(r"gpresult\b", re.IGNORECASE), opens, read)

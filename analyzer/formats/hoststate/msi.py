"""What a log of Windows Installer (msiexec /l*v, dd_*.log, opatchinstall.log) says of its end: product and error."""

import re
from collections.abc import Iterator, Sequence

from analyzer.formats import Told
from analyzer.formats.hoststate.kind import Kind
from analyzer.formats.rows import Row, told

RETURNED = re.compile(r"MainEngineThread is returning (\d{1,5})\b")
PRODUCT = re.compile(r"Product: (.{1,200}?) -{1,2} (?:Error (\d{4})\b|.{1,300}?Error code (\d{1,5})\b)")
SYSTEM = re.compile(r"System Error (\d{1,5})\b")
"""Why a step failed, behind the number of its message."""
OPENS = re.compile(r"=== Verbose logging started|MSI \([sc]\) \([0-9A-F:]+\) \[|MainEngineThread is returning \d")
UNTOLD = frozenset({"0", "3010", "1641", "1603"})
"""No error, or the one that says nothing of its reason."""
LOOKED_AT = 2000
"""Characters of a row."""


def opens(rows: Sequence[Row], at: int) -> bool:
    """A line that only Windows Installer writes."""
    return OPENS.search(rows[at].text[:LOOKED_AT]) is not None


def read(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """Each error of the log once, with the product that was named last."""
    product, known = "", set[str]()
    for row in rows:
        text = row.text[:LOOKED_AT]
        named, returned = PRODUCT.search(text), RETURNED.search(text)
        if named:
            product = named[1]
        if (deeper := SYSTEM.search(text)) and deeper[1] not in UNTOLD | known:
            known.add(deeper[1])
            yield told("msi-failed", row, {"product": product, "error": deeper[1]})
        error = (named[2] or named[3]) if named else returned[1] if returned else "0"
        if error not in UNTOLD and error not in known:
            known.add(error)
            yield told("msi-failed", row, {"product": product, "error": error})


KIND = Kind("msi", "log of Windows Installer", re.compile(r"msiexec\b", re.IGNORECASE), opens, read)

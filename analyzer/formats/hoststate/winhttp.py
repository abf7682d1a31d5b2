"""What `netsh winhttp show proxy` and the older `proxycfg` tell: the proxy of services, or that there is none."""

import re
from collections.abc import Iterator, Sequence

from analyzer.formats import Told
from analyzer.formats.hoststate.kind import Kind, labelled, opened_by
from analyzer.formats.rows import Row, fact

DIRECT = re.compile(r"^\s*[^:]*\((?=[^)]*(?:proxy|прокси|プロキシ|代理|프록시))[^):]*\)\s*[.。]?\s*\Z", re.IGNORECASE)
"""`Direct access (no proxy server).` in any language: the part in parentheses speaks of a proxy."""
ADDRESS = re.compile(r"(?:\w+=)?[\w.\[\]-]+:\d{2,5}(?:[;\s]|\Z)|[\w-]+(?:\.[\w-]+)+|\w+=\S+")


def read(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """Proxy and exceptions."""
    after = Row("", rows[-1].place)
    for row, following in zip(rows, [*rows[1:], after], strict=True):
        if DIRECT.match(row.text):
            yield fact("winhttp-proxy", "", row)
            continue
        label, value = labelled(row)
        if label and row.indent and ADDRESS.match(value) and not re.search("bypass", label, re.IGNORECASE):
            yield fact("winhttp-proxy", value, row)
            yield fact("proxy", value, row)
            exceptions = labelled(following)[1]
            if exceptions:
                yield fact("winhttp-bypass", "" if exceptions.startswith("(") else exceptions, following)


KIND = Kind(
    "winhttp",
    "netsh winhttp show proxy",
    re.compile(r"netsh\s+winhttp|proxycfg", re.IGNORECASE),
    opened_by(rf"winhttp[^\\]*:\s*\Z|{DIRECT.pattern}"),
    read,
)

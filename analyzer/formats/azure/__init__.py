"""What Azure says of update management: pasted messages, and tables exported from Log Analytics."""

import re
from collections.abc import Iterator

from msgspec import Struct

from analyzer.encoding import text as decoded
from analyzer.formats import NO_FIT, Fit, Head, Settings, Sighting
from analyzer.formats.linux import PORTAL
from analyzer.formats.linux.paste import Paste
from analyzer.formats.linux.reading import UTC_ZONE, Reading
from analyzer.model import Problem, Record, SourceInfo
from analyzer.source import Block, Source

__all__ = ["PORTAL", "TABLE"]

MOST = 64 << 20
"""Bytes of a table that are read; what is beyond is told as a Problem."""
COLUMNS = re.compile(
    rb"SourceComputerId|OperationCategory|UpdateState|UpdateRunName|InstallationStatus|ApprovalSource", re.IGNORECASE
)
"""Columns that only these tables have; looked for before pandas is asked."""


class Table(Struct, frozen=True):
    """A table exported from Log Analytics."""

    name: str
    title: str

    def fits(self, head: Head) -> Fit:
        """By the names of its columns."""
        start = head.data[head.encoding.bom :].replace(b"\0", b"").lstrip()
        if not COLUMNS.search(start[:4096]):
            return NO_FIT
        if start[:1] in (b"{", b"["):
            known = b'"tables"' in start[:4096] or b'"Computer"' in start
            return Fit(0.8, "JSON with the columns of a Log Analytics table") if known else NO_FIT
        from analyzer.formats.azure.tables import is_table

        lines = [line for line in head.lines[:5] if line.strip()]
        if lines and is_table(lines[0]):
            return Fit(0.9, "a header with the columns of a Log Analytics table")
        return NO_FIT

    def read(self, source: Source, settings: Settings) -> Iterator[Sighting | Problem | SourceInfo]:
        """What its rows mean."""
        from analyzer.formats.azure.tables import Rows, from_csv, from_json

        parts: list[bytes] = []
        size = left = 0
        for block in source.blocks():
            if isinstance(block, Problem):
                yield block
            elif isinstance(block, Block) and size < MOST:
                parts.append(block.data)
                size += len(block.data)
            else:
                left += block.data.count(b"\n")
        if left:
            yield Problem(source.place, f"is longer than {MOST >> 20} MB; its last {left} rows were not read", left)
        raw = b"".join(parts)
        text = decoded(raw, source.encoding())
        reading = from_json if text.lstrip("\ufeff \r\n")[:1] in ("{", "[") else from_csv
        rows, times = 0, []
        for frame in reading(text, source.place):
            if isinstance(frame, Problem):
                yield frame
                continue
            rows += len(frame)
            if "TimeGenerated" in frame.columns and frame["TimeGenerated"].notna().any():
                times += [frame["TimeGenerated"].min().to_pydatetime(), frame["TimeGenerated"].max().to_pydatetime()]
            yield from Rows(frame, source.place.at()).told()
        first, last = (min(times), max(times)) if times else (None, None)
        encoding = source.encoding().name
        yield SourceInfo(source.place, self.name, "", encoding, size, raw.count(b"\n"), rows, first, last, UTC_ZONE)

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its lines."""
        return Reading(self.name, source, settings, Paste()).records()


TABLE = Table("azure-table", "Table exported from Log Analytics (Heartbeat, Operation, Update, UpdateRunProgress)")

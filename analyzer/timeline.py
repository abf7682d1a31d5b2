"""What happened, row by row: the columns and what they mean, the rows in order, and the rows as a frame and as files.

Files are merged by time, and no file is ever reordered: a row counts as being as late as the latest row before it in
its file. So a clock that was put back, or a row without a time, leaves a row where its file has it.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from analyzer.errors import CallError
from analyzer.model import Event, Record, hex_code
from analyzer.notation import codes_in
from analyzer.report.escape import encodable, safe, safe_json

if TYPE_CHECKING:
    from pandas import DataFrame


class Column(Struct, frozen=True):
    """One column of the timeline."""

    name: str
    type: str
    """Its type in the frame."""
    meaning: str


COLUMNS = (
    Column("when", "datetime64[us, UTC]", "the time in UTC; empty where the input gives none that can be trusted"),
    Column("local", "string", "the same in the zone asked for, as ISO 8601 with its offset"),
    Column(
        "source", "string", "the path as given on the command line, joined with the path below it; - is standard input"
    ),
    Column("member", "string", "the member inside an archive"),
    Column("line", "Int64", "1-based line, or number of the record"),
    Column("offset", "Int64", "byte offset of the line or record in the original file"),
    Column("component", "string", "the part of the program that wrote it, as the log calls it"),
    Column("pid", "string", "process, as the log writes it"),
    Column("tid", "string", "thread, as the log writes it"),
    Column("kind", "string", "the kind of the event; empty for a record that was not interpreted (--all)"),
    Column("codes", "string", "the failure codes it holds, as 0x and eight capitals, separated by spaces"),
    Column("text", "string", "what it says, without time, process, thread and component"),
)


class Row(NamedTuple):
    """One row; its fields are the columns."""

    when: datetime | None
    local: str | None
    source: str
    member: str
    line: int | None
    offset: int
    component: str
    pid: str
    tid: str
    kind: str
    codes: str
    text: str


STAMPS = re.compile(r"[\dA-Fa-f\s:./,-]{8,80}(?:\b(?:Info|Warning|Error) +(?:\[0x[\da-f]+\] +)?)?", re.IGNORECASE)
"""Date, time, process and thread."""
THREAD = re.compile(r"(\w*):(\w*)")


def row(item: Record | Event, zone: tzinfo) -> Row:
    """*item* as a row, its local time in *zone*."""
    if isinstance(item, Event):
        kind, codes = item.kind, item.codes
        found = THREAD.fullmatch(item.thread)
        pid, tid = found.groups() if found else ("", item.thread)
    else:
        kind, codes = "", codes_in(item.text)
        pid, tid = ("" if number is None else str(number) for number in (item.pid, item.tid))
    return Row(
        item.when,
        item.when.astimezone(zone).isoformat() if item.when else None,
        encodable(item.place.source),
        encodable(item.place.member),
        item.place.line or None,
        item.place.offset,
        encodable(item.component),
        pid,
        tid,
        kind,
        " ".join(map(hex_code, codes)),
        encodable(_message(item)),
    )


def _message(item: Record | Event) -> str:
    """What *item* says: the text of an Event is the whole line, of which the columns before the message are cut off."""
    if not isinstance(item, Event) or not item.component:
        return item.text
    before, _, rest = item.text.partition(item.component)
    return rest.strip() if STAMPS.fullmatch(before) else item.text


def merged(rows: Iterable[Row]) -> list[Row]:
    """The rows of all files by time, those of one file in their own order; undated ones stay behind the one before."""
    keyed: list[tuple[float, Row]] = []
    for file in _files(rows):
        latest = next((one.when.timestamp() for one in file if one.when), float("inf"))
        for one in file:
            latest = max(latest, one.when.timestamp()) if one.when else latest
            keyed.append((latest, one))
    keyed.sort(key=lambda pair: pair[0])
    return [one for _, one in keyed]


def _files(rows: Iterable[Row]) -> Iterable[list[Row]]:
    files: dict[tuple[str, str], list[Row]] = {}
    for one in rows:
        files.setdefault((one.source, one.member), []).append(one)
    return files.values()


def frame(rows: Iterable[Row]) -> "DataFrame":
    """The rows as a pandas frame with the documented columns and their types."""
    from pandas import DataFrame

    whole = DataFrame.from_records(list(rows), columns=[column.name for column in COLUMNS])
    return whole.astype({column.name: column.type for column in COLUMNS})


# ---- as files ----


FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins with one of these for a formula: an apostrophe before it keeps it text."""


def csv(rows: "DataFrame") -> str:
    """Comma-separated, with a head; what a spreadsheet or a terminal would obey is made harmless."""
    texts = (column.name for column in COLUMNS if column.type == "string")
    shown: dict[str, Any] = {name: [_cell(text) for text in rows[name]] for name in texts}
    shown["when"] = [_stamp(when) for when in rows["when"]]
    return rows.assign(**shown).to_csv(index=False, lineterminator="\n")


def _cell(text: object) -> object:
    if not isinstance(text, str):
        return text
    shown = safe(text, "\t\n")
    return f"'{shown}" if text.startswith(FORMULA) else shown


def _stamp(when: object) -> str | None:
    return f"{when.replace(tzinfo=None).isoformat()}Z" if isinstance(when, datetime) and when == when else None


def ndjson(rows: "DataFrame") -> str:
    """One JSON object a line, with the columns as its keys; what is empty is null."""
    return "".join(_objects(rows))


def _objects(rows: "DataFrame") -> Iterator[str]:
    import json

    names = [column.name for column in COLUMNS]
    plain = rows.astype(object).where(rows.notna(), None)
    for values in plain.itertuples(index=False, name=None):
        fields = dict(zip(names, values, strict=True)) | {"when": _stamp(values[0])}
        yield safe_json(json.dumps(fields, ensure_ascii=False)) + "\n"


def parquet(rows: "DataFrame") -> bytes:
    """Parquet; needs pyarrow."""
    from io import BytesIO

    file = BytesIO()
    try:
        rows.to_parquet(file, engine="pyarrow", index=False)
    except ImportError as fault:
        raise CallError("parquet needs pyarrow: pip install 'patchtrail[parquet]'") from fault
    return file.getvalue()

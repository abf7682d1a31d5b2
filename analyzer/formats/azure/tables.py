"""Tables exported from Log Analytics as CSV or JSON: what their rows say of machines, found with pandas.

Facts: exports carry the column names of the query in English, TimeGenerated also as `TimeGenerated [UTC]`; a
spreadsheet that was between may have changed the delimiter and the form of dates. Times are UTC.
"""

import csv
import io
import json
import re
import warnings
from collections.abc import Iterator

import pandas as pd

from analyzer.formats import Told
from analyzer.formats.linux.faults import AZURE, faults, shown
from analyzer.formats.linux.reading import told
from analyzer.mask import masked
from analyzer.model import Event, Place, Problem

STALE = pd.Timedelta(hours=24)
"""A heartbeat comes each minute; one that is a day behind the newest of the table is no delay."""
NAMES = {
    name.lower(): name
    for name in (
        "TimeGenerated", "Computer", "SourceComputerId", "ComputerIP", "OperationCategory", "OperationStatus", "Detail",
        "UpdateState", "ApprovalSource", "Approved", "KBID", "Title", "UpdateRunName", "InstallationStatus", "Product",
        "ErrorResult", "SucceededOnRetry", "RestartPending", "TotalUpdatesMissing", "Classification",
        "Solutions", "OSType",
    )
}  # fmt: skip
"""The columns that are read."""
SURE = {"SourceComputerId", "OperationCategory", "UpdateState", "UpdateRunName", "InstallationStatus", "ApprovalSource"}
"""Columns that only these tables have."""
TEXTS = ("Detail", "ErrorResult", "InstallationStatus", "Title")
YEARS = range(2010, 2140)
"""Years in which a row can have been written."""
TOLD = 500
"""Events told of one table and kind; further ones are counted in a Problem."""


def column(name: str) -> str:
    """The column called *name* as it is known here; empty if it is none."""
    return NAMES.get(re.sub(r"\s*\[.*\]|\"|\s", "", name).removeprefix("\ufeff").removesuffix("_s").lower(), "")


def delimiter(header: str) -> str:
    """What stands between the columns of a header line."""
    return max(",;\t|", key=header.count)


def is_table(header: str) -> bool:
    """Whether *header* names columns that only these tables have."""
    known = {column(name) for name in header.split(delimiter(header))} - {""}
    return len(known) >= 2 and bool(known & SURE)


def from_csv(text: str, place: Place) -> Iterator[pd.DataFrame | Problem]:
    """The table written as CSV *text*; rows of another length are counted and left out."""
    lost: list[int] = []

    def bad(row: list[str]) -> None:
        lost.append(len(row))

    header = text.lstrip("\ufeff\r\n").partition("\n")[0]
    try:
        with warnings.catch_warnings(record=True) as longer:
            warnings.simplefilter("always", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.StringIO(text.lstrip("\ufeff\r\n")), sep=delimiter(header), dtype=str, keep_default_na=False,
                engine="python", on_bad_lines=bad, index_col=False,
            )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error, ValueError) as fault:
        yield Problem(place, f"is a table that cannot be read ({fault}); export it again as CSV", 1)
        return
    if lost:
        yield Problem(
            place, f"{len(lost)} rows have another number of columns than the header; they were not read", len(lost)
        )
    if longer:
        yield Problem(place, "rows have more columns than the header; what stands in those columns was not read", 1)
    yield named(frame.fillna(""))


def from_json(text: str, place: Place) -> Iterator[pd.DataFrame | Problem]:
    """The table written as JSON *text*: a list of rows, or the answer of the query interface."""
    try:
        data = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        yield Problem(place, "is no whole JSON, as a file that was cut off; export it again", 1)
        return
    tables = data.get("tables") if isinstance(data, dict) else None
    if isinstance(tables, list):
        for table in tables:
            if isinstance(table, dict) and isinstance(table.get("rows"), list):
                heads = [str(one.get("name", "")) for one in table.get("columns", ()) if isinstance(one, dict)]
                lists = [row for row in table["rows"] if isinstance(row, list) and len(row) == len(heads)]
                yield named(pd.DataFrame(lists, columns=heads).fillna("").astype(str))
        return
    rows = [row for row in (data if isinstance(data, list) else [data]) if isinstance(row, dict)]
    yield named(pd.DataFrame(rows).fillna("").astype(str))


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """*frame* with the known columns under their known names, and the row's number."""
    frame = frame.rename(columns={name: column(str(name)) for name in frame.columns if column(str(name))})
    frame = frame.loc[:, ~frame.columns.duplicated()].reset_index(drop=True)
    for name in NAMES.values():
        if name in frame.columns:
            frame[name] = frame[name].astype(str).str.strip()
    if "TimeGenerated" in frame.columns:
        times = pd.to_datetime(frame["TimeGenerated"], utc=True, errors="coerce", format="ISO8601")
        frame["TimeGenerated"] = times.where(times.dt.year.between(YEARS.start, YEARS.stop))
    return frame


class Rows:
    """What the rows of one table mean."""

    def __init__(self, frame: pd.DataFrame, place: Place) -> None:
        self.frame, self.place = frame, place
        self.columns = set(frame.columns)

    def told(self) -> Iterator[Told | Problem]:
        """Its events, those of one kind together."""
        for part in (self._identities, self._heartbeats, self._approvals, self._results, self._texts, self._facts):
            count = 0
            for one in part():
                count += 1
                if count <= TOLD:
                    yield one
            if count > TOLD:
                yield Problem(self.place, f"{count - TOLD} more rows say the like of the first {TOLD}", count - TOLD)

    def event(self, kind: str, row: int, text: str, **fields: str) -> Told:
        """An event of *kind* at the row numbered *row*."""
        place = self.place.at(row + 2, 0)
        when = self.frame["TimeGenerated"].iloc[row] if "TimeGenerated" in self.columns else pd.NaT
        stamp = None if pd.isna(when) else when.to_pydatetime()
        return told(
            Event(kind, stamp, place, shown(text), "", (), {name: masked(value) for name, value in fields.items()})
        )

    def _groups(self, by: str, of: str) -> Iterator[tuple[str, list[str], int]]:
        """Each value of *by* that stands with more than one of *of*, those values in order, and the last row."""
        frame = self.frame[(self.frame[by] != "") & (self.frame[of] != "")]
        for key, group in frame.groupby(frame[by].str.lower(), sort=True):
            values = list(dict.fromkeys(group[of].str.lower()))
            if len(values) > 1:
                yield str(key), values, int(group.index[-1])

    def _identities(self) -> Iterator[Told]:
        if not {"Computer", "SourceComputerId"} <= self.columns:
            return
        for name, ids, row in self._groups("Computer", "SourceComputerId"):
            text = f"Computer {name} has {len(ids)} SourceComputerIds: {', '.join(ids[:6])}"
            yield self.event("azure-id-changed", row, text, computer=name, count=str(len(ids)))
        for key, names, row in self._groups("SourceComputerId", "Computer"):
            text = f"SourceComputerId {key} is used by {len(names)} computers: {', '.join(names[:6])}"
            yield self.event("azure-id-shared", row, text, id=key, count=str(len(names)))

    def _heartbeats(self) -> Iterator[Told]:
        wanted = {"Computer", "SourceComputerId", "TimeGenerated"}
        if not wanted <= self.columns or {"UpdateState", "InstallationStatus"} & self.columns:
            return
        dated = self.frame[self.frame["TimeGenerated"].notna() & (self.frame["Computer"] != "")]
        newest = dated["TimeGenerated"].max()
        for name, group in dated.groupby(dated["Computer"].str.lower(), sort=True):
            last = group["TimeGenerated"].max()
            if newest - last > STALE:
                hours = int((newest - last).total_seconds() // 3600)
                text = f"Computer {name} was last heard of at {last.isoformat()}, {hours} hours before the newest here"
                yield self.event(
                    "azure-heartbeat-stale", int(str(group["TimeGenerated"].idxmax())), text, computer=str(name)
                )

    def _approvals(self) -> Iterator[Told]:
        if not {"UpdateState", "ApprovalSource", "Approved"} <= self.columns:
            return
        frame = self.frame
        needed = frame["UpdateState"].str.lower().eq("needed") & frame["ApprovalSource"].str.upper().eq("WSUS")
        for row in frame.index[needed & frame["Approved"].str.lower().eq("false")]:
            title, host = self._cell(row, "Title") or self._cell(row, "KBID"), self._cell(row, "Computer")
            text = f"{host}: {title} is needed, and not approved in WSUS"
            yield self.event("azure-update-not-approved", int(row), text, computer=host.lower(), title=title)

    def _results(self) -> Iterator[Told]:
        if "InstallationStatus" not in self.columns:
            return
        failed = self.frame["InstallationStatus"].str.lower().str.contains("fail")
        for row in self.frame.index[failed]:
            title, host = self._cell(row, "Title"), self._cell(row, "Computer")
            text = f"{host}: {title}: {self._cell(row, 'InstallationStatus')} {self._cell(row, 'ErrorResult')}".strip()
            yield self.event("azure-update-failed", int(row), text, computer=host.lower(), title=title)

    def _texts(self) -> Iterator[Told]:
        for name in TEXTS:
            if name not in self.columns:
                continue
            for text, rows in self.frame.groupby(name, sort=False).groups.items():
                for grammar in (AZURE, "linux-messages"):
                    for fault in faults(str(text), "", grammar):
                        yield self.event(fault.said.kind, int(rows[0]), str(text), **fault.said.fields)
        if "KBID" in self.columns and len(rows := self.frame.index[self.frame["KBID"].str.endswith("2267602")]):
            yield self.event("azure-definitions", int(rows[0]), f"KB2267602 {self._cell(rows[0], 'Title')}".strip())

    def _facts(self) -> Iterator[Told]:
        """A table of one machine tells which; of several, none."""
        for name, fact in (("Computer", "dns-name"), ("SourceComputerId", "source-computer-id")):
            values = set(self.frame[name].str.lower()) - {""} if name in self.columns else set()
            if len(values) == 1:
                value = values.pop()
                yield self.event("fact", 0, f"{name}: {value}", name=fact, value=value)

    def _cell(self, row: int, name: str) -> str:
        return str(self.frame[name].iloc[row]) if name in self.columns else ""

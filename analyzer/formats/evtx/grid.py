"""Events in a table as PowerShell prints it: names, dashes under them, and rows whose ends may be cut off."""

import re
from collections.abc import Mapping

from analyzer.formats.evtx.names import are_of_events, known, plain
from analyzer.formats.evtx.table import whole_provider
from analyzer.formats.rows import Row
from analyzer.model import Place

DASHES = re.compile(r"\s*-{2,}(?: +-{2,}){2,}\s*")
GROUP = re.compile(r"\s*ProviderName: (\S.*)")
"""What stands above the events of one provider."""
CUT = re.compile(r"(?<=[:.\s])(?:…|\.{3})\Z")
"""The mark of a sentence that is cut off, where nothing stands before it."""
LONGEST = 1 << 16
"""Characters of a sentence that goes over several lines."""


class Grid:
    """One table, from the dashes on."""

    def __init__(self, columns: list[tuple[int, str]], group: str) -> None:
        self.columns, self.group = columns, group
        """Where each column begins, with its plain name."""
        self.found: list[tuple[Mapping[str, str] | None, Place]] = []
        self._after_blank = False

    @classmethod
    def begin(cls, row: Row, above: str, group: str) -> "Grid | None":
        """The table that begins with the dashes *row* under the names *above*, if it is one of events."""
        if not DASHES.fullmatch(row.text):
            return None
        spans = [found.span() for found in re.finditer(r"-+", row.text)]
        columns = [(start, plain(above[start:end])) for start, end in spans]
        return cls(columns, group) if are_of_events(name for _, name in columns) else None

    def take(self, row: Row) -> bool:
        """Takes *row* where it belongs to the table."""
        if not row.text.strip():
            self._after_blank = True
            return True
        members = self._cells(row.text)
        if any(known().get(name) == "event" and text.isdigit() for name, text in members.items()):
            self._after_blank = False
            self.found.append((self._whole(members), row.place))
            return True
        if row.indent >= self.columns[-1][0] and self.found:
            last = self.found[-1][0]
            name = self.columns[-1][1]
            if isinstance(last, dict) and len(last.get(name, "")) < LONGEST:
                last[name] = f"{last.get(name, '')}\n{row.text.strip()[:LONGEST]}"
            return True
        if not self._after_blank and any(
            known().get(name) == "when" and text[-1:].isdigit() for name, text in members.items()
        ):
            self.found.append((None, row.place))
            return True
        return False

    def rows(self) -> list[tuple[Mapping[str, str] | None, Place]]:
        """The rows that have ended; the last one may go on."""
        ended, self.found = self.found[:-1], self.found[-1:]
        return ended

    def _cells(self, text: str) -> dict[str, str]:
        """The cells of a row: a number stands at the right of its column and may begin left of it."""
        cuts = [0]
        for start, _ in self.columns[1:]:
            cut = start
            while cut > cuts[-1] and (cut > len(text) or text[cut - 1 : cut].strip()):
                cut -= 1
            cuts.append(cut)
        ends = [*cuts[1:], len(text)]
        return {name: text[cut:end].strip() for (_, name), cut, end in zip(self.columns, cuts, ends, strict=True)}

    def _whole(self, members: dict[str, str]) -> dict[str, str]:
        """*members* with the provider of the group, or with its whole name where the column was too narrow."""
        number = next(
            (int(text) & 0xFFFF for name, text in members.items() if known().get(name) == "event" and text.isdigit()), 0
        )
        for name, text in members.items():
            if known().get(name) == "provider":
                members[name] = whole_provider(text, number)
        if self.group and not any(known().get(name) == "provider" for name in members):
            members["providername"] = self.group
        return {name: CUT.sub("", text) for name, text in members.items() if text}

"""Lines of a page for the terminal: words that wrap, commands that do not, long lines that lose their middle."""

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from io import StringIO
from types import MappingProxyType

from msgspec import Struct, field
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.segment import Segment, Segments
from rich.text import Text

from analyzer.report.escape import safe

LABEL = 12
"""Columns of indentation and label before the text of a field."""
PROSE = 112
"""Sentences are not set wider than this, however wide the terminal is."""
NARROWEST = 40
PIPED = 100
"""Columns where there is no terminal and `COLUMNS` is not set."""
WORDS = re.compile(r"(?:[^\s`]|`[^`]+`)+|\S+")
"""Words of a sentence; `a command` in backticks is part of one word."""

WRITTEN_CODE = re.compile(r"0x[0-9A-Fa-f]{8}\b|(?<![\w-])[89CDcd][0-9A-Fa-f]{7}(?![\w-])")
BEFORE_CODE = 8
"""Characters before a code that are shown with it."""
LEAST_SHORTENED = 60
"""Columns that a line needs to be shown in three parts."""

QUIET, HEADING, COMMAND, CODE = "dim", "bold", "bold cyan", "magenta"


class Sheet(Struct, frozen=True):
    """What a page is written on."""

    width: int
    color: bool
    zone: tzinfo = UTC
    symbols: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def prose(self) -> int:
        """The width of sentences."""
        return min(self.width, PROSE)

    def time(self, when: datetime | None) -> str:
        """*when* in the zone of the page, to the second."""
        return "no time" if when is None else f"{when.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"


def wants_color() -> bool:
    """Standard output is a terminal that shows colours, and nobody asked it not to (https://no-color.org)."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and sys.stdout is not None and sys.stdout.isatty()


def columns() -> int:
    """The width of the terminal; `COLUMNS` decides where it is set."""
    return shutil.get_terminal_size((PIPED, 24)).columns


def sheet(width: int | None, color: bool | None, zone: tzinfo = UTC, symbols: Mapping[int, str] | None = None) -> Sheet:
    """A sheet of *width* columns; None is what the terminal offers."""
    wide = max(NARROWEST, columns() if width is None else width)
    return Sheet(wide, wants_color() if color is None else color, zone, symbols or MappingProxyType({}))


def say(text: str, style: str = "") -> Text:
    """*text* as it may be shown: harmless, and nothing in it read as markup."""
    return Text(safe(text), style, end="", no_wrap=True)


def trimmed(text: str, width: int) -> str:
    """*text* on one line of at most *width* columns; what does not fit is left out of its middle."""
    shown = safe(text).rstrip()
    if cell_len(shown) <= width:
        return shown
    head = (width - 1) * 3 // 5
    tail = set_cell_size(shown[::-1], width - 1 - head)[::-1].lstrip()
    return f"{set_cell_size(shown, head).rstrip()}…{tail}"


def shortened(text: str, width: int) -> str:
    """*text* trimmed, but never through its first code: that stays, with what stands before it."""
    shown, whole = trimmed(text, width), safe(text).rstrip()
    found = WRITTEN_CODE.search(whole)
    if found is None or found[0] in shown or width < LEAST_SHORTENED:
        return shown
    begin = max(found.start() - BEFORE_CODE, width // 3)
    end = whole[begin:]
    if cell_len(end) <= width * 2 // 3 - 1:
        return f"{set_cell_size(whole, width - 1 - cell_len(end)).rstrip()}…{end}"
    head, middle = set_cell_size(whole, width // 3).rstrip(), whole[begin : found.end()]
    room = width - cell_len(head) - cell_len(middle) - 2
    return f"{head}…{middle}…{set_cell_size(whole[::-1], room)[::-1].lstrip()}"


def words(text: str, sheet: Sheet, style: str = "") -> Iterator[Text]:
    """The words of a sentence; what stands in backticks is one word, and loses them where colour marks it."""
    for word in WORDS.findall(safe(text.replace("\n", " "))):
        if not sheet.color or "`" not in word:
            yield Text(word, style)
            continue
        parts = word.split("`")
        yield Text.assemble(*((part, COMMAND if at % 2 else style) for at, part in enumerate(parts)))


def flow(parts: Iterable[Text], width: int, first: Text, indent: int) -> Iterator[Text]:
    """*parts* set in lines of *width* behind *first*, further lines indented; a part is never cut."""
    line, used, last = first, cell_len(first.plain), None
    for part in parts:
        size = cell_len(part.plain)
        if last is not None and used + 1 + size > width:
            yield line
            line, used, last = Text(" " * indent), indent, None
        gap = Text("" if last is None else " ", part.style if part.style == last else "")
        line, used, last = Text.assemble(line, gap, part), used + len(gap) + size, part.style
    yield line


def labelled(label: str, parts: Iterable[Text], sheet: Sheet, width: int = 0) -> Iterator[Text]:
    """A field: its label, and beside it *parts* in lines."""
    first = Text.assemble("  ", (f"{label:<{LABEL - 2}}", QUIET))
    return flow(parts, width or sheet.prose, first, LABEL)


def heading(text: str) -> Iterator[Text]:
    """The head of a section."""
    yield Text()
    yield say(text, HEADING)


def more(count: int, what: str = "more", indent: int = 2) -> Iterator[Text]:
    """Says that *count* were left out, if any were."""
    if count > 0:
        yield say(" " * indent + f"… and {count} {what}", QUIET)


def written(lines: Iterable[Text], sheet: Sheet) -> str:
    """The lines as text, with colours if the sheet has them."""
    if not sheet.color:
        return "".join(f"{line.plain.rstrip()}\n" for line in lines)
    file = StringIO()
    console = Console(
        file=file,
        width=sheet.width,
        color_system="standard",
        force_terminal=True,
        no_color=False,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
    )
    for line in lines:
        line.rstrip()
        parts = Segment.simplify(Text.assemble(line).render(console, end="\n"))
        console.print(Segments(parts), soft_wrap=True, end="")
    return file.getvalue()

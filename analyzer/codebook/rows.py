"""The data files of `codes/`: found, read, and blamed with file and line where they are wrong."""

import csv
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from analyzer.data import folder
from analyzer.errors import DataError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


class Table(Struct, frozen=True):
    """The rows of one CSV file below its header."""

    file: str
    rows: tuple[tuple[str, ...], ...]

    def lines(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Each row with its line number in the file."""
        return enumerate(self.rows, 2)

    def number(self, line: int, text: str, base: int = 10) -> int:
        """*text* as a number, or a DataError that says where it stands."""
        try:
            return int(text, base)
        except ValueError:
            raise DataError(f"{text!r} is no number (base {base})", file=self.file, line=line) from None


def text_of(path: str, root: "Traversable | None" = None) -> str:
    """The text of a data file, named by its path below `codes/`."""
    file = root or folder("codes")
    for part in path.split("/"):
        file = file / part
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError("file is missing: restore it from the package", file=f"codes/{path}") from None
    except UnicodeDecodeError as fault:
        line = fault.object[: fault.start].count(b"\n") + 1
        raise DataError("not UTF-8: save the file as UTF-8", file=f"codes/{path}", line=line) from None


def table(path: str, columns: Sequence[str], root: "Traversable | None" = None) -> Table:
    """The CSV file *path* below `codes/`, with exactly these *columns*."""
    file = f"codes/{path}"
    reader = csv.reader(text_of(path, root).splitlines(), strict=True)
    try:
        header, *rows = map(tuple, reader)
    except csv.Error as fault:
        raise DataError(f"broken CSV: {fault}", file=file, line=reader.line_num) from None
    except ValueError:
        raise DataError(f"empty: the first line must be {','.join(columns)}", file=file, line=1) from None
    if header != tuple(columns):
        raise DataError(f"the first line must be {','.join(columns)}", file=file, line=1)
    width = len(columns)
    if any(odd := [len(row) != width for row in rows]):
        line = odd.index(True)
        raise DataError(f"{len(rows[line])} fields instead of {width}", file=file, line=line + 2)
    return Table(file, tuple(rows))

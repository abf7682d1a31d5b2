"""The faults that end a run. What only spoils one input is no exception but a `Problem` on the stream.

PatchtrailError
├── CallError   the call is wrong: a bad option, a code that is none       exit status 2
└── DataError   a grammar, code table or diagnosis of ours is wrong        exit status 2
"""

from msgspec import Struct


class PatchtrailError(Exception):
    """A fault that a person must mend before the run can go on."""

    exit_code = 2


class CallError(PatchtrailError):
    """What was asked for makes no sense; the text says what would."""


class DataError(PatchtrailError):
    """A data file is wrong; *file*, *line* and *column* say where, the text says how to mend it."""

    def __init__(self, message: str, *, file: str = "", line: int = 0, column: int = 0) -> None:
        place = ":".join(str(part) for part in (file, line, column) if part)
        super().__init__(f"{place}: {message}" if place else message)
        self.file, self.line, self.column = file, line, column


class Spot(Struct, frozen=True):
    """Where a text begins in its file; without a line nowhere."""

    file: str = ""
    line: int = 0
    column: int = 0

    def fault(self, message: str, line: int = 1, column: int = 1) -> DataError:
        """The fault *message* at *line* and *column* of the text (1-based)."""
        if not self.line:
            return DataError(message, file=self.file, line=line, column=column)
        shift = self.column - 1 if self.column and line == 1 else 0
        return DataError(message, file=self.file, line=self.line + line - 1, column=column + shift)


NOWHERE = Spot()

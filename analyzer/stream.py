"""Bytes that can be opened again and again: whole files, windows of them, and streams that are being expanded."""

import io
import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Generic, Protocol, TypeVar
from zipfile import BadZipFile

from msgspec import Struct

from analyzer.limits import BombError
from analyzer.model import Place, Problem

CHUNK_SIZE = 64 << 10
"""How much is expanded at a time."""
HISTORY_SIZE = 64 << 10
"""How far back a stream that is being expanded remembers: enough to read a head twice."""

FAULTS = (
    OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, BadZipFile, tarfile.TarError, NotImplementedError,
    RuntimeError, struct.error, OverflowError, BombError,
)  # fmt: skip
"""What reading damaged or hostile bytes may raise."""


class Stream(Protocol):
    """Bytes from a position on; `read` may give less than asked, and nothing only at the end."""

    def read(self, size: int, /) -> bytes: ...

    def seek(self, offset: int, /) -> int: ...


class Content(Struct, frozen=True):
    """Bytes that can be opened any number of times."""

    place: Place
    size: int | None
    open: Callable[[], AbstractContextManager[Stream]]
    seekable: bool = False
    """Going back is cheap, as in a plain file."""


T = TypeVar("T")


class Shared(Generic[T]):
    """A thing that is open while anybody uses it, once for all of them, and is opened anew for who comes back later."""

    def __init__(self, opening: Callable[[], AbstractContextManager[T]]) -> None:
        self._opening, self._users, self._stack = opening, 0, ExitStack()

    @contextmanager
    def use(self) -> Iterator[T]:
        """The open thing."""
        if not self._users:
            self._thing = self._stack.enter_context(self._opening())
        self._users += 1
        try:
            yield self._thing
        finally:
            self._users -= 1
            if not self._users:
                self._stack.close()


class Window(io.RawIOBase):
    """*size* bytes of a stream from *start* on, with a position of its own."""

    def __init__(self, stream: Stream, start: int, size: int) -> None:
        self._stream, self._start, self._size, self._at = stream, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        left = max(0, self._size - self._at)
        wanted = left if size < 0 else min(size, left)
        if not wanted:
            return b""
        self._stream.seek(self._start + self._at)
        data = self._stream.read(wanted)
        if not data:
            raise EOFError("the archive ends too early")
        self._at += len(data)
        return data

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class Expanded:
    """A stream that grows forward only: what was read last stays at hand, farther back it starts anew."""

    def __init__(self, start: Callable[[], Iterator[bytes]]) -> None:
        self._start = start
        self._rewind()
        self._at = 0

    def _rewind(self) -> None:
        self._chunks, self._kept, self._base = self._start(), b"", 0
        self._fault: BaseException | None = None

    def _next(self) -> bytes:
        if self._fault:
            raise self._fault
        try:
            return next(self._chunks, b"")
        except FAULTS as fault:
            self._fault = fault
            raise

    def seek(self, offset: int, /) -> int:
        self._at = offset
        return offset

    def read(self, size: int, /) -> bytes:
        if self._at < self._base:
            self._rewind()
        while self._at >= self._base + len(self._kept):
            if not (chunk := self._next()):
                return b""
            dropped = max(0, len(self._kept) - HISTORY_SIZE)
            self._kept, self._base = self._kept[dropped:] + chunk, self._base + dropped
        begin = self._at - self._base
        data = self._kept[begin : begin + size]
        self._at += len(data)
        return data


def collect(stream: Stream, size: int) -> tuple[bytes, BaseException | None]:
    """Up to *size* bytes, and the fault that ended them too early."""
    parts, left = [], size
    try:
        while left and (part := stream.read(left)):
            parts.append(part)
            left -= len(part)
    except FAULTS as fault:
        return b"".join(parts), fault
    return b"".join(parts), None


def unreadable(place: Place, fault: BaseException, lost: int = 1) -> Problem:
    """*fault* as a sentence."""
    why = str(fault) or type(fault).__name__
    return Problem(place, f"cannot be read any further: {why}; what was read so far counts", lost)

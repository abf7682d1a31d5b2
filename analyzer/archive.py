"""Archives, read in place and never unpacked: the plain contents that stand inside a file.

What is an archive is decided on its first bytes, never on its name: zip, tar, and streams of gzip, bzip2 and xz (which
add no member name of their own), each inside the other. Names, sizes and counts are taken for hostile; what is refused
is a `Problem`.
"""

import bz2
import io
import lzma
import re
import stat
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar, cast
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipExtFile, ZipFile, ZipInfo

from analyzer.model import Place, Problem

DEPTH_LIMIT = 4
"""How deep archives may stand in archives; a compressed tar counts once."""
MEMBERS_LIMIT = 100_000
"""Members in one path of the command line, those of nested archives included."""
MEMBER_LIMIT = 4 << 30
"""Bytes that one member may expand to; a compressed tar as a whole may reach `TOTAL_LIMIT`."""
TOTAL_LIMIT = 16 << 30
"""Bytes that one path may expand to over all its layers; reading a member again costs nothing."""
RATIO_LIMIT = 1000
RATIO_FREE = 16 << 20
"""Below this many bytes no ratio is looked at: small logs of one repeated line pack very well."""
MEMORY_LIMIT = 64 << 20
"""A zip that stands in a compressed stream is held in memory, up to this size."""
XZ_MEMORY_LIMIT = 128 << 20
"""What an xz stream may ask for to be expanded; `xz -9` asks for 65 MiB."""
SNIFF_SIZE = 512
CHUNK_SIZE = 64 << 10
HISTORY_SIZE = 64 << 10
"""How far back a stream that is being expanded remembers: enough to read a head twice."""
TAR_HEADER_LIMIT = 64 << 10
DIRECTORY_LIMIT = 32 << 20
"""Bytes of a zip's list of members, which is read into memory as a whole."""
ZIP_END_SIZE = 76 + 22 + 0xFFFF
ZIP_METHODS = (ZIP_STORED, ZIP_DEFLATED, ZIP_BZIP2)

MAGIC = {
    "zip": re.compile(rb"PK(?:\x03\x04|\x05\x06)"),
    "gzip": re.compile(rb"\x1f\x8b\x08"),
    "bzip2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    "7-Zip": re.compile(rb"7z\xbc\xaf\x27\x1c"),
    "RAR": re.compile(rb"Rar!\x1a\x07"),
    "cabinet": re.compile(rb"MSCF\x00\x00\x00\x00"),
    "Zstandard": re.compile(rb"\x28\xb5\x2f\xfd"),
}
UNREAD = ("7-Zip", "RAR", "cabinet", "Zstandard")


class BombError(Exception):
    """A member expands beyond what is allowed; the text says beyond what."""


FAULTS = (
    OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, BadZipFile, tarfile.TarError, NotImplementedError,
    RuntimeError, struct.error, OverflowError, BombError,
)  # fmt: skip
"""What reading damaged or hostile bytes may raise."""


class Stream(Protocol):
    """Bytes from a position on; `read` may give less than asked, and nothing only at the end."""

    def read(self, size: int, /) -> bytes: ...

    def seek(self, offset: int, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Content:
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


class Allowance:
    """What one path may still expand to."""

    def __init__(self) -> None:
        self.members, self.bytes = MEMBERS_LIMIT, TOTAL_LIMIT

    def full(self) -> bool:
        """Counts one more member; true if there were too many."""
        self.members -= 1
        return self.members < 0

    def meter(self, limit: int) -> "Meter":
        """The check of one member, to be called with the bytes read and the bytes they gave so far."""
        high = 0

        def check(packed: int, expanded: int) -> None:
            nonlocal high
            self.bytes -= max(0, expanded - high)
            high = max(high, expanded)
            if expanded > limit or self.bytes < 0:
                raise BombError(f"it expands to more than {min(limit, TOTAL_LIMIT) >> 20} MiB")
            if expanded > RATIO_FREE and expanded > RATIO_LIMIT * packed:
                raise BombError(f"it expands to more than {RATIO_LIMIT} times its size")

        return check


Meter = Callable[[int, int], None]


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


class _Gzip:
    """A gzip stream behind the interface that bz2 and lzma share."""

    def __init__(self) -> None:
        self._machine, self._rest, self.needs_input = zlib.decompressobj(31), b"", True

    def decompress(self, data: bytes, limit: int) -> bytes:
        chunk = self._machine.decompress(self._rest + data, limit)
        self._rest = self._machine.unconsumed_tail
        self.needs_input = not self._rest and len(chunk) < limit
        return chunk

    @property
    def eof(self) -> bool:
        return self._machine.eof

    @property
    def unused_data(self) -> bytes:
        return self._machine.unused_data


_Machine = _Gzip | bz2.BZ2Decompressor | lzma.LZMADecompressor
MACHINES: dict[str, Callable[[], _Machine]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, XZ_MEMORY_LIMIT),
}


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


def _inner(content: Content, kind: str, meter: Meter) -> Content:
    @contextmanager
    def opened() -> Iterator[Stream]:
        with content.open() as packed:
            yield Expanded(partial(_expand, packed, MACHINES[kind], meter))

    return Content(content.place, None, opened)


def _expand(packed: Stream, new: Callable[[], _Machine], meter: Meter) -> Iterator[bytes]:
    """What the streams in *packed*, one after the other, expand to; NULs may stand between and after them."""
    position, expanded, data = packed.seek(0), 0, b""
    machine, between = new(), False
    while True:
        if machine.eof:
            data, machine, between = machine.unused_data, new(), True
        if between:
            data = data.lstrip(b"\0")
        if not data and machine.needs_input:
            data = packed.read(CHUNK_SIZE)
            position += len(data)
            if not data and between:
                return
            if not data:
                raise EOFError("the compressed data ends too early")
            if between:
                continue
        chunk, data, between = machine.decompress(data, CHUNK_SIZE), b"", False
        expanded += len(chunk)
        meter(position, expanded)
        if chunk:
            yield chunk


def kind_of(start: bytes) -> str:
    """The kind of archive that begins with *start*, or empty."""
    for kind, magic in MAGIC.items():
        if magic.match(start):
            return kind
    try:
        tarfile.TarInfo.frombuf(start[:512], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return ""
    return "tar"


def leaves(content: Content, allowance: Allowance | None = None, depth: int = 0) -> Iterator[Content | Problem]:
    """*content* itself, or if it is an archive what stands inside, to the bottom, in the archive's order."""
    allowance = allowance or Allowance()
    kind, fault = _sniffed(content)
    if fault:
        yield fault
    elif not kind:
        yield content
    elif kind in UNREAD:
        yield Problem(content.place, f"is a {kind} archive, which is not read; unpack it and give the folder", 1)
    elif depth >= DEPTH_LIMIT:
        yield Problem(content.place, f"is an archive {depth} archives deep and was not opened; unpack it first", 1)
    elif kind == "zip":
        yield from _zip_members(content, allowance, depth + 1)
    elif kind == "tar":
        yield from _tar_members(content, allowance, depth + 1)
    else:
        inner = _inner(content, kind, allowance.meter(MEMBER_LIMIT))
        if _sniffed(inner)[0] == "tar":
            inner = _inner(content, kind, allowance.meter(TOTAL_LIMIT))
            yield from _tar_members(inner, allowance, depth + 1)
        else:
            yield from leaves(inner, allowance, depth + 1)


def _sniffed(content: Content) -> tuple[str, Problem | None]:
    try:
        with content.open() as stream:
            start, fault = collect(stream, SNIFF_SIZE)
    except FAULTS as error:
        start, fault = b"", error
    return kind_of(start), unreadable(content.place, fault) if fault and not start else None


def _member(content: Content, name: str) -> Place:
    place = content.place
    return Place(place.source, f"{place.member}!{name}" if place.member else name)


def _bad_name(name: str) -> str:
    if not name:
        return "has no name"
    parts = re.split(r"[/\\]", name)
    if not parts[0] or re.match("[A-Za-z]:", name) or ".." in parts:
        return "has a name that leads out of the archive"
    return ""


@contextmanager
def _zip(content: Content) -> Iterator[ZipFile]:
    with content.open() as stream:
        if content.seekable:
            file: io.BufferedIOBase = io.BufferedReader(Window(stream, 0, content.size or 0))
        else:
            data, fault = collect(stream, MEMORY_LIMIT + 1)
            if fault:
                raise fault
            if len(data) > MEMORY_LIMIT:
                raise BombError(f"a zip in a packed stream is read up to {MEMORY_LIMIT >> 20} MiB; unpack it first")
            file = io.BytesIO(data)
        if _directory_size(file) > DIRECTORY_LIMIT:
            raise BombError(f"its list of members is larger than {DIRECTORY_LIMIT >> 20} MiB")
        with ZipFile(file) as archive:
            yield archive


def _directory_size(file: io.BufferedIOBase) -> int:
    """The size of a zip's list of members as its end claims it, before anybody reads that list into memory."""
    file.seek(max(0, file.seek(0, io.SEEK_END) - ZIP_END_SIZE))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end >= 76 and tail[end - 76 : end - 72] == b"PK\x06\x06":
        return int.from_bytes(tail[end - 36 : end - 28], "little")
    return int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0


def _zip_members(content: Content, allowance: Allowance, depth: int) -> Iterator[Content | Problem]:
    shared = Shared(partial(_zip, content))
    try:
        with shared.use() as archive:
            infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
            overlapping, seen = _overlapping(infos), set[str]()
            for number, info in enumerate(infos):
                place = _member(content, info.filename)
                if allowance.full():
                    yield _too_many(content.place, len(infos) - number)
                    return
                if why := _zip_refusal(info, overlapping):
                    yield Problem(place, f"{why}; it was not read", 1)
                    continue
                if info.filename in seen:
                    yield Problem(place, "stands more than once in the archive; each was read")
                seen.add(info.filename)
                inside = Content(place, info.file_size, partial(_unzipped, shared, info, allowance.meter(MEMBER_LIMIT)))
                yield from leaves(inside, allowance, depth)
    except FAULTS as fault:
        yield unreadable(content.place, fault)


def _zip_refusal(info: ZipInfo, overlapping: set[int]) -> str:
    if why := _bad_name(info.filename):
        return why
    if info.flag_bits & 0x1:
        return "is encrypted; unpack it with its password and give the folder"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link, and links in archives are not followed"
    if info.compress_type not in ZIP_METHODS:
        return f"is packed by method {info.compress_type}, which is not read; unpack it first"
    if info.header_offset in overlapping:
        return "shares its bytes with another member, as only a hostile archive does"
    return ""


def _overlapping(infos: list[ZipInfo]) -> set[int]:
    """The header offsets of the members that begin before the one in front of them ends."""
    found, end = set(), 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            found.add(info.header_offset)
        end = max(end, info.header_offset + 30 + len(info.orig_filename) + info.compress_size)
    return found


@contextmanager
def _unzipped(shared: Shared[ZipFile], info: ZipInfo, meter: Meter) -> Iterator[Stream]:
    with shared.use() as archive:

        def chunks() -> Iterator[bytes]:
            expanded = 0
            with cast(ZipExtFile, archive.open(info)) as packed:
                while chunk := packed.read1(CHUNK_SIZE):
                    expanded += len(chunk)
                    meter(info.compress_size, expanded)
                    yield chunk

        yield Expanded(chunks)


class _Headers:
    """The stream as `tarfile` sees it: only headers are read through it, so what asks for more is refused."""

    def __init__(self, stream: Stream) -> None:
        self._stream, self._at = stream, 0

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int) -> None:
        self._at = offset

    def read(self, size: int) -> bytes:
        if size > TAR_HEADER_LIMIT:
            raise tarfile.ReadError(f"a header of {size} bytes")
        self._stream.seek(self._at)
        data, fault = collect(self._stream, size)
        if fault:
            raise fault
        self._at += len(data)
        return data


def _tar_members(content: Content, allowance: Allowance, depth: int) -> Iterator[Content | Problem]:
    shared = Shared(content.open)
    try:
        with shared.use() as stream:
            headers = _Headers(stream)
            archive, seen = tarfile.TarFile(fileobj=headers, encoding="utf-8"), set[str]()  # type: ignore[arg-type]
            while info := archive.next():
                archive.members.clear()  # type: ignore[attr-defined]
                place = _member(content, info.name)
                if allowance.full():
                    yield _too_many(content.place, 1)
                    return
                if info.isdir():
                    continue
                if why := _tar_refusal(info):
                    yield Problem(place, f"{why}; it was not read", 1)
                    continue
                if info.name in seen:
                    yield Problem(place, "stands more than once in the archive; each was read")
                seen.add(info.name)
                opened = partial(_windowed, shared, info.offset_data, info.size)
                yield from leaves(Content(place, info.size, opened, content.seekable), allowance, depth)
            headers.seek(archive.offset)
            if headers.read(tarfile.BLOCKSIZE).strip(b"\0"):
                text = f"the archive is damaged at byte {archive.offset}; what follows was not read"
                yield Problem(content.place, text, 1)
    except FAULTS as fault:
        yield unreadable(content.place, fault)


def _tar_refusal(info: tarfile.TarInfo) -> str:
    if why := _bad_name(info.name):
        return why
    if not info.isreg():
        return "is a link, a device or some other special member"
    return "is a sparse file, which is not read" if info.issparse() else ""


@contextmanager
def _windowed(shared: Shared[Stream], start: int, size: int) -> Iterator[Stream]:
    with shared.use() as stream:
        yield Window(stream, start, size)


def _too_many(place: Place, lost: int) -> Problem:
    return Problem(place, f"has more than {MEMBERS_LIMIT} members; the rest was not read", lost)

"""What stands directly inside a zip or a tar, read in place; members that a hostile archive would have are refused."""

import io
import re
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipExtFile, ZipFile, ZipInfo

from analyzer import limits
from analyzer.limits import Allowance, BombError, Meter
from analyzer.model import Place, Problem
from analyzer.stream import CHUNK_SIZE, FAULTS, Content, Expanded, Shared, Stream, Window, collect, unreadable

ZIP_END_SIZE = 76 + 22 + 0xFFFF
"""The longest end of a zip: what stands behind its list of members."""
ZIP_METHODS = (ZIP_STORED, ZIP_DEFLATED, ZIP_BZIP2)


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
            data, fault = collect(stream, limits.MEMORY_LIMIT + 1)
            if fault:
                raise fault
            if len(data) > limits.MEMORY_LIMIT:
                raise BombError(
                    f"a zip in a packed stream is read up to {limits.MEMORY_LIMIT >> 20} MiB; unpack it first"
                )
            file = io.BytesIO(data)
        if _directory_size(file) > limits.DIRECTORY_LIMIT:
            raise BombError(f"its list of members is larger than {limits.DIRECTORY_LIMIT >> 20} MiB")
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


def zip_members(content: Content, allowance: Allowance) -> Iterator[Content | Problem]:
    """The members of the zip *content* in the order of its list."""
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
                opened = partial(_unzipped, shared, info, allowance.meter(limits.MEMBER_LIMIT))
                yield Content(place, info.file_size, opened)
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
        if size > limits.TAR_HEADER_LIMIT:
            raise tarfile.ReadError(f"a header of {size} bytes")
        self._stream.seek(self._at)
        data, fault = collect(self._stream, size)
        if fault:
            raise fault
        self._at += len(data)
        return data


def tar_members(content: Content, allowance: Allowance) -> Iterator[Content | Problem]:
    """The members of the tar *content* as they come."""
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
                yield Content(place, info.size, opened, content.seekable)
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
    return Problem(place, f"has more than {limits.MEMBERS_LIMIT} members; the rest was not read", lost)

"""The first step: from paths to blocks of bytes that can be searched.

A path gives its file, all files of a folder, or the members of an archive; each is a `Source`, and what cannot be read
is a `Problem` on the same stream. Blocks are whole lines, their line numbers and offsets those of the original bytes.
A `Source` is not for several threads: members of an archive share one open file.
"""

import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO
from weakref import finalize

from msgspec import Struct, field

from analyzer.archive import leaves
from analyzer.blocks import Block, blocks
from analyzer.encoding import HEAD_SIZE, Encoding, decide
from analyzer.model import Place, Problem
from analyzer.stream import FAULTS, Content, Stream, Window, collect, unreadable

__all__ = ["Block", "Source", "sources"]

BLOCK_SIZE = 256 << 10
STDIN_LIMIT = 64 << 20
"""Standard input is kept in memory up to this size, and beyond it in a temporary file."""
JUNCTION = 0xA0000003
"""The reparse tag of a folder that is another one under NTFS: `IO_REPARSE_TAG_MOUNT_POINT`."""


class Source(Struct, frozen=True):
    """One readable input: a file, standard input, or a member of an archive."""

    place: Place
    size: int | None
    """Bytes, if known beforehand."""
    content: Content
    _seen: list[tuple[bytes, Problem | None]] = field(default_factory=list)

    def head(self) -> bytes:
        """The first `HEAD_SIZE` bytes as they are; fewer if the input is shorter or cannot be read."""
        return self._start()[0]

    def encoding(self) -> Encoding:
        """Its encoding, decided on the head."""
        return decide(self.head())

    def blocks(self, size: int = BLOCK_SIZE) -> Iterator[Block | Problem]:
        """Its text in blocks of whole lines of about *size* bytes, and what went wrong; memory does not grow."""
        return blocks(self._chunks, self.encoding(), self.place, size)

    def raw(self, size: int = BLOCK_SIZE) -> Iterator[bytes | Problem]:
        """Its bytes as they are, for formats that are no text."""
        return self._chunks(0, size)

    def _start(self) -> tuple[bytes, Problem | None]:
        if not self._seen:
            try:
                with self.content.open() as stream:
                    head, fault = collect(stream, HEAD_SIZE)
            except FAULTS as error:
                head, fault = b"", error
            self._seen.append((head, unreadable(self.place, fault) if fault else None))
        return self._seen[0]

    def _chunks(self, skip: int, size: int) -> Iterator[bytes | Problem]:
        head, problem = self._start()
        if problem or len(head) < HEAD_SIZE:
            yield from (head[at : at + size] for at in range(skip, len(head), size))
            if problem:
                yield problem
            return
        try:
            with self.content.open() as stream:
                stream.seek(skip)
                fault = None
                while not fault:
                    chunk, fault = collect(stream, size)
                    if not chunk and not fault:
                        return
                    yield chunk
                yield unreadable(self.place, fault)
        except FAULTS as error:
            yield unreadable(self.place, error)


def sources(paths: Iterable[str], *, stdin: BinaryIO | None = None) -> Iterator[Source | Problem]:
    """All that stands at *paths*, files and members one by one, folders in the order of their names."""
    for path in paths:
        for content in _standard_input(stdin) if path == "-" else _below(path):
            if isinstance(content, Problem):
                yield content
                continue
            for leaf in leaves(content):
                yield leaf if isinstance(leaf, Problem) else Source(leaf.place, leaf.size, leaf)


def _standard_input(stdin: BinaryIO | None) -> Iterator[Content | Problem]:
    from tempfile import SpooledTemporaryFile  # only standard input needs it

    spool = SpooledTemporaryFile(max_size=STDIN_LIMIT)  # noqa: SIM115 - lives as long as what is read from it
    place = Place("-")
    try:
        shutil.copyfileobj(stdin or sys.stdin.buffer, spool, BLOCK_SIZE)
    except (OSError, ValueError) as fault:
        yield unreadable(place, fault)
    size = spool.tell()

    @contextmanager
    def opened() -> Iterator[Stream]:
        yield Window(spool, 0, size)

    finalize(opened, spool.close)
    yield Content(place, size, opened, seekable=True)


def _below(path: str) -> Iterator[Content | Problem]:
    """The files at *path* and below, each folder in bytewise order; links to folders are not followed."""
    waiting = [(path, True)]
    while waiting:
        path, named = waiting.pop()
        try:
            status = os.stat(path) if named else os.lstat(path)  # noqa: PTH116
            linked = stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == JUNCTION
            if linked:
                status = Path(path).stat()
            if stat.S_ISDIR(status.st_mode) and linked and not named:
                yield Problem(Place(path), "is a link to a folder and was not followed; name it to have it read", 1)
            elif stat.S_ISDIR(status.st_mode):
                waiting += [(name, False) for name in reversed(_entries(path))]
            elif stat.S_ISREG(status.st_mode):
                yield Content(Place(path), status.st_size, partial(_file, path), seekable=True)
            else:
                yield Problem(Place(path), "is a pipe, a device or a socket and was not opened; give a regular file", 1)
        except (OSError, ValueError) as fault:
            why = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
            yield Problem(Place(path), f"cannot be read ({why}); check the path and your rights to it", 1)


def _entries(folder: str) -> list[str]:
    """The paths right below *folder*, in bytewise order of all that stands below them."""
    base = folder if folder.endswith(("/", os.sep)) else f"{folder}/"
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    return [base + name for name, _ in sorted(found, key=lambda one: os.fsencode(one[0]) + b"/" * one[1])]


@contextmanager
def _file(path: str) -> Iterator[Stream]:
    with open(path, "rb", buffering=0, opener=_opened) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("it is no regular file any more")
        yield file


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))

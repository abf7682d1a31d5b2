"""Streams of gzip, bzip2 and xz, expanded as they are read."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from analyzer.limits import XZ_MEMORY_LIMIT, Meter
from analyzer.stream import CHUNK_SIZE, Content, Expanded, Stream


class _Gzip:
    """A gzip stream behind the interface that bz2 and lzma share."""

    def __init__(self) -> None:
        self._machine, self._rest, self.needs_input = zlib.decompressobj(31), b"", True
        self._fault: zlib.error | None = None

    def decompress(self, data: bytes, limit: int) -> bytes:
        if self._fault:
            raise self._fault
        before = self._machine.copy()
        try:
            chunk = self._machine.decompress(self._rest + data, limit)
        except zlib.error as fault:
            self._fault, self.needs_input = fault, False
            return _sound(before, self._rest + data, limit)
        self._rest = self._machine.unconsumed_tail
        self.needs_input = not self._rest and len(chunk) < limit
        return chunk

    @property
    def eof(self) -> bool:
        return self._machine.eof

    @property
    def unused_data(self) -> bytes:
        return self._machine.unused_data


def _sound(machine: "zlib._Decompress", data: bytes, limit: int) -> bytes:
    """What *data* expands to, up to the byte that is damaged."""
    sound = bytearray()
    with suppress(zlib.error):
        for at in range(len(data)):
            sound += machine.decompress(data[at : at + 1], limit)
            if len(sound) >= limit:
                break
    return bytes(sound)


_Machine = _Gzip | bz2.BZ2Decompressor | lzma.LZMADecompressor
MACHINES: dict[str, Callable[[], _Machine]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, XZ_MEMORY_LIMIT),
}


def expanded(content: Content, kind: str, meter: Meter) -> Content:
    """What *content*, a stream of *kind*, expands to."""

    @contextmanager
    def opened() -> Iterator[Stream]:
        with content.open() as packed:
            yield Expanded(partial(_expand, packed, MACHINES[kind], meter))

    return Content(content.place, None, opened)


def _expand(packed: Stream, new: Callable[[], _Machine], meter: Meter) -> Iterator[bytes]:
    """What the streams in *packed*, one after the other, expand to; NULs may stand between and after them."""
    position, given, data = packed.seek(0), 0, b""
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
        given += len(chunk)
        meter(position, given)
        if chunk:
            yield chunk

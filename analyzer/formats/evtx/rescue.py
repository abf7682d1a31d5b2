"""A program of its own: renders with python-evtx the records that the Rust parser could not decode.

It is run by path and imports nothing of the analyzer, for it may hang on a hostile file and then is killed. Standard
input: for each chunk its 64 KiB, a count and the offsets of records. Standard output: for each record that could be
rendered a line of JSON, `[number of the chunk, offset, XML]`.
"""

import json
import struct
import sys
from typing import Any

CHUNK = 1 << 16
LARGEST = 1 << 20
MEMORY = 1 << 30
"""Bytes that this program may take where the system can hold it to that."""


def main() -> None:
    """Renders what standard input asks for."""
    from Evtx.Evtx import ChunkHeader

    limit_memory()
    asked = sys.stdin.buffer.read()
    at = number = 0
    while at < len(asked):
        data = asked[at : at + CHUNK]
        (count,) = struct.unpack_from("<I", asked, at + CHUNK)
        offsets = struct.unpack_from(f"<{count}I", asked, at + CHUNK + 4)
        at += CHUNK + 4 + 4 * count
        chunk = ChunkHeader(data, 0)
        for offset in offsets:
            xml = rendered(data, offset, chunk)
            if xml:
                print(json.dumps([number, offset, xml]), flush=True)
        number += 1


def limit_memory() -> None:
    """Ends this program before a hostile record takes all memory; Windows has no such limit, only its time is up."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def rendered(data: bytes, offset: int, chunk: Any) -> str:
    """The record at *offset* as XML; empty if it cannot be rendered."""
    from Evtx.BinaryParser import BinaryParserException
    from Evtx.Evtx import Record
    from Evtx.Nodes import UnexpectedElementException

    faults = (
        *(BinaryParserException, UnexpectedElementException, struct.error, UnicodeError, ValueError, KeyError),
        *(IndexError, AttributeError, TypeError, OverflowError, NotImplementedError, RecursionError, OSError),
    )
    try:
        xml = str(Record(data, offset, chunk).xml())
    except faults:
        return ""
    return xml if len(xml) <= LARGEST else ""


if __name__ == "__main__":
    main()

"""Records that the Rust parser could not decode, rendered by python-evtx in a process that can be killed."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from struct import pack

from analyzer.formats.evtx.chunks import CHUNK
from analyzer.formats.evtx.decode import Decoded

SECONDS = 5.0
"""For one file; then the process is killed."""
MOST = 2000
"""Records tried of one file: python-evtx renders some hundred in a second."""
CHUNKS = 64


def salvaged(missing: list[Decoded]) -> Mapping[int, str]:
    """The XML of those *missing* that could be rendered, by their offset in the file."""
    by_chunk: dict[int, list[Decoded]] = {}
    for one in missing[:MOST]:
        by_chunk.setdefault(one.piece.chunk.offset, []).append(one)
    asked = list(by_chunk.items())[:CHUNKS]
    found: dict[int, str] = {}
    for line in _run(b"".join(_question(group) for _, group in asked)).splitlines():
        try:
            number, start, xml = json.loads(line)
        except ValueError:
            continue
        found[asked[number][0] + start] = xml
    return found


def _question(group: list[Decoded]) -> bytes:
    starts = [one.record.start for one in group]
    return group[0].piece.chunk.data.ljust(CHUNK, b"\0") + pack(f"<I{len(starts)}I", len(starts), *starts)


def _run(question: bytes) -> bytes:
    """What the process says until it ends or its time is over."""
    import subprocess  # most logs lose nothing

    program = [sys.executable, "-I", str(Path(__file__).with_name("rescue.py"))]
    try:
        done = subprocess.run(
            program, input=question, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        return late.stdout or b""
    except OSError:
        return b""
    return done.stdout

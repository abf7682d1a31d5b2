"""One log in many guises: encodings, line ends, archives and blocks; what is found stays the same."""

import bz2
import gzip
from collections.abc import Callable, Iterator

import pytest
from test_hostile import CAUSE, both, causes, packed, read, tarred, without

from analyzer.report.json import document, render
from analyzer.source import Source


@both
@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", [True, False])
def test_twins_in_other_encodings(log: str, name: str, mark: bool) -> None:
    guise = log.encode(name) if not mark or name == "utf-8-sig" else ("\ufeff" + log).encode(name)
    plain, other = document(read(log.encode())), document(read(guise))
    assert other["sources"][0]["encoding"] == name
    assert causes(read(guise)) == [CAUSE]
    assert without(other, "offset", "size", "encoding") == without(plain, "offset", "size", "encoding")
    lines = {one["line"]: one["offset"] for one in other["events"]}
    width = 0 if name == "utf-8-sig" else 2
    starts = [len(part.encode(name if width else "utf-8")) for part in _beginnings(log)]
    bom = len(guise) - len(log.encode(name if width else "utf-8"))
    assert all(offset == bom + starts[line - 1] for line, offset in lines.items())


def _beginnings(log: str) -> Iterator[str]:
    """What stands before each line of *log*."""
    at = 0
    for line in log.splitlines(keepends=True):
        yield log[:at]
        at += len(line)


@both
@pytest.mark.parametrize("end", ["\r\n", "\r\r\n"])
@pytest.mark.parametrize("every", [False, True])
def test_twins_with_other_line_ends(log: str, end: str, every: bool) -> None:
    plain, other = read(log.encode(), every=every), read(log.replace("\n", end).encode(), every=every)
    assert without(document(other), "offset", "size") == without(document(plain), "offset", "size")


@both
@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        bz2.compress,
        lambda data: packed(("a/WindowsUpdate.log", data)),
        lambda data: tarred(("a/WindowsUpdate.log", data)),
        lambda data: gzip.compress(tarred(("b.zip", packed(("c", gzip.compress(data)))))),
    ],
)
def test_member_equals_the_loose_file(log: str, pack: Callable[[bytes], bytes]) -> None:
    loose, member = document(read(log.encode())), document(read(pack(log.encode())))
    for found in (loose, member):
        for host in found["machines"]:
            del host["sources"]
    assert without(member, "member") == without(loose, "member")


@both
@pytest.mark.parametrize("size", [1, 60, 300])
def test_blocks_may_be_cut_anywhere(log: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = (log * 4).encode()
    whole = render(read(data))
    monkeypatch.setattr(Source.blocks, "__defaults__", (size,))
    assert render(read(data)) == whole

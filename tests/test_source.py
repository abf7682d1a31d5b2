"""From paths to blocks: every byte once, every line at its place."""

import io
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer import source
from analyzer.blocks import NUL_RUNS_TOLD
from analyzer.model import Place, Problem
from analyzer.source import Block, Source, sources
from analyzer.stream import Content, Stream

LINE_ENDS = ("\n", "\r\n", "\r\r\n")


def of(data: bytes) -> Source:
    """A source of *data*."""

    @contextmanager
    def opened() -> Iterator[Stream]:
        yield io.BytesIO(data)

    return Source(Place("x"), len(data), Content(Place("x"), len(data), opened))


def split(found: Iterator[Block | Problem]) -> tuple[list[Block], list[Problem]]:
    """The blocks, and the problems."""
    both = list(found)
    return [one for one in both if isinstance(one, Block)], [one for one in both if isinstance(one, Problem)]


def lines(blocks: list[Block]) -> list[tuple[int, int, bytes]]:
    """Number, offset and bytes of each line."""
    found = []
    for block in blocks:
        at = 0
        for number, line in enumerate(cut(block.data)):
            found.append((block.line + number, block.place_offset(at), line))
            at += len(line)
    return found


def cut(data: bytes) -> list[bytes]:
    """*data* after each line feed."""
    *whole, rest = data.split(b"\n")
    return [line + b"\n" for line in whole] + [rest] * bool(rest)


def naive(text: str, encoding: str, start: int) -> list[tuple[int, int, bytes]]:
    """What *lines* must give."""
    found, offset = [], start
    for number, line in enumerate(text.split("\n")):
        whole = line + "\n" if number < text.count("\n") else line
        if whole:
            found.append((number + 1, offset, whole.encode()))
        offset += len(whole.encode(encoding))
    return found


def written(folder: Path, **files: bytes) -> str:
    """*folder* with *files* in it."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return str(folder)


SIGNS = st.sampled_from("ab1 é€日本🙂\r")
TEXTS = st.builds(
    lambda parts, end: "log 1\n" + end.join(parts),
    st.lists(st.text(SIGNS, max_size=12), max_size=30),
    st.sampled_from(LINE_ENDS),
)


@given(TEXTS, st.integers(1, 40))
def test_lines_of_utf8(text: str, size: int) -> None:
    blocks, problems = split(of(text.encode()).blocks(size))
    assert not problems
    assert lines(blocks) == naive(text, "utf-8", 0)


@given(TEXTS, st.integers(1, 40))
def test_lines_after_a_mark(text: str, size: int) -> None:
    blocks, _ = split(of(text.encode("utf-8-sig")).blocks(size))
    assert lines(blocks) == naive(text, "utf-8", 3)


@given(TEXTS, st.integers(1, 40), st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_lines_of_utf16(text: str, size: int, name: str) -> None:
    blocks, _ = split(of(("\ufeff" + text).encode(name)).blocks(size))
    assert lines(blocks) == naive(text, name, 2)


@given(st.integers(1, 60), st.integers(1, 300), st.sampled_from(["utf-16-le", "utf-16-be"]), st.sampled_from(LINE_ENDS))
def test_lines_of_utf16_without_mark(count: int, size: int, name: str, end: str) -> None:
    text = "".join(f"2024-01-01 {number} 更新プログラム{end}" for number in range(count))
    blocks, _ = split(of(text.encode(name)).blocks(size))
    assert lines(blocks) == naive(text, name, 0)


@given(TEXTS, st.lists(st.integers(0, 10_000), max_size=20), st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_every_position_has_its_offset(text: str, positions: list[int], name: str) -> None:
    block = split(of(("\ufeff" + text + "\n").encode(name)).blocks())[0][0]
    for position in positions:
        place = position % len(block.data)
        before = block.data[:place].decode("utf-8", "ignore")
        assert block.place_offset(place) == 2 + len(before.encode(name))


PARTS = st.one_of(st.binary(max_size=6), st.sampled_from([b"\n", b"x" * 70, b"\r\n"]))


@given(st.lists(PARTS, max_size=40), st.integers(1, 99))
def test_no_byte_is_lost(parts: list[bytes], size: int) -> None:
    data = b"log\n" + b"".join(parts).replace(b"\0", b"0")
    blocks, _ = split(of(data).blocks(size))
    assert b"".join(block.data for block in blocks) == data
    assert all(block.data.endswith(b"\n") for block in blocks[:-1])


@given(st.lists(st.integers(0, 200), min_size=1, max_size=12), st.integers(1, 64), st.booleans())
def test_long_lines(sizes: list[int], size: int, closed: bool) -> None:
    limit = 32
    data = b"\n".join(bytes([97 + number % 26]) * size for number, size in enumerate(sizes)) + b"\n" * closed
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analyzer.blocks.MAX_LINE", limit)
        blocks, problems = split(of(data).blocks(size))
    expected, offset = [], 0
    for number, line in enumerate(cut(data)):
        body = line.rstrip(b"\n")
        expected.append((number + 1, offset, body[:limit] + line[len(body) :]))
        offset += len(line)
    assert lines(blocks) == [line for line in expected if line[2]]
    assert [problem.place.line for problem in problems] == [n + 1 for n, size in enumerate(sizes) if size > limit]


@pytest.mark.parametrize("size", [7, 64, 1 << 20])
def test_long_line_of_utf16(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr("analyzer.blocks.MAX_LINE", 32)
    text = "a\n" + "日🙂" * 30 + "\nend 1\n"
    blocks, problems = split(of(("\ufeff" + text).encode("utf-16-le")).blocks(size))
    found = lines(blocks)
    assert found[0] == (1, 2, b"a\n")
    assert found[1][:2] == (2, 6)
    assert ("日🙂" * 30).encode().startswith(found[1][2][:-1])
    assert found[2] == (3, 6 + 30 * 6 + 2, b"end 1\n")
    kept = len(found[1][2][:-1].decode().encode("utf-16-le"))
    assert f"and {30 * 6 - kept} bytes skipped" in problems[0].text


def test_spoilt_utf16_keeps_its_offsets() -> None:
    data = b"\xff\xfea\0\x00\xd8b\0\n\0\x00\xdc1\0\n\0x"
    blocks, _ = split(of(data).blocks())
    assert blocks[0].data == "a\ufffdb\n\ufffd1\n".encode()
    assert lines(blocks)[:2] == [(1, 2, "a\ufffdb\n".encode()), (2, 10, "\ufffd1\n".encode())]


@pytest.mark.parametrize(("count", "told"), [(15, 0), (16, 1), (5000, 1)])
def test_nul_runs(count: int, told: int) -> None:
    data = b"one\ntwo" + b"\0" * count + b"\nthree\n"
    blocks, problems = split(of(data).blocks())
    assert b"".join(block.data for block in blocks) == data
    assert [(p.place.line, p.place.offset) for p in problems] == [(2, 7)] * told


def test_many_nul_runs_are_counted() -> None:
    _, problems = split(of((b"word " * 20 + b"\0" * 16 + b"\n") * 100).blocks())
    assert len(problems) == NUL_RUNS_TOLD + 1
    assert "92 more runs" in problems[-1].text


@given(st.binary(max_size=300), st.integers(1, 50))
def test_no_bytes_raise(data: bytes, size: int) -> None:
    one = of(data)
    assert list(one.blocks(size)) == list(one.blocks(size))


def test_read_error_keeps_what_was_read() -> None:
    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 200_000:
                raise OSError(5, "Input/output error")
            return super().read(size)

    @contextmanager
    def opened() -> Iterator[Stream]:
        yield Breaking(b"0123456789\n" * 100_000)

    blocks, problems = split(Source(Place("x"), None, Content(Place("x"), None, opened)).blocks(65536))
    assert sum(len(block.data) for block in blocks) == 262144
    assert problems[0].place == Place("x", "", 23832, 262141)
    assert "Input/output error" in problems[0].text


def test_folder_in_bytewise_order(tmp_path: Path) -> None:
    for name in ("b", "a/x", "a.txt", "a/b/c", "Z", "é"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = [one.place.source for one in sources([str(tmp_path)])]
    assert found == sorted(found, key=os.fsencode)
    assert len(found) == 6


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("needs pipes, sockets and links that are files, as POSIX has them")
    written(tmp_path, log=b"x\n")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "folder").symlink_to(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "log")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        found = {Path(one.place.source).name: one for one in sources([str(tmp_path)])}
    assert {name for name, one in found.items() if isinstance(one, Source)} == {"link", "log"}
    assert {name for name, one in found.items() if isinstance(one, Problem)} == {"fifo", "dangling", "folder", "s"}
    assert all(one.lost == 1 for one in found.values() if isinstance(one, Problem))


@pytest.mark.parametrize("path", ["", "no/such/file", "nul\0in it", "\ud800"])
def test_path_that_is_none(path: str) -> None:
    (problem,) = sources([path])
    assert isinstance(problem, Problem)
    assert problem.place == Place(path)


def test_named_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("needs pipes, sockets and links that are files, as POSIX has them")
    (tmp_path / "real").mkdir()
    written(tmp_path / "real", log=b"x\n")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert [one.place.source for one in sources([f"{tmp_path}/link/"])] == [f"{tmp_path}/link/log"]


def test_file_that_vanished_is_a_problem(tmp_path: Path) -> None:
    written(tmp_path, log=b"x\n")
    (one,) = sources([str(tmp_path)])
    (tmp_path / "log").unlink()
    assert isinstance(one, Source)
    assert [type(found) for found in one.blocks()] == [Problem]


def test_standard_input_can_be_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "STDIN_LIMIT", 10)
    data = b"line\n" * 50_000
    (one,) = sources(["-"], stdin=io.BytesIO(data))
    assert isinstance(one, Source)
    assert (one.place, one.size) == (Place("-"), len(data))
    for _ in range(2):
        assert b"".join(block.data for block in split(one.blocks())[0]) == data


def test_files_are_opened_one_at_a_time(tmp_path: Path) -> None:
    written(tmp_path, **{f"log{number}": b"x\n" * 50_000 for number in range(50)})
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("needs /proc")
    before = len(list(folder.iterdir()))
    for one in list(sources([str(tmp_path)])):
        assert isinstance(one, Source)
        assert one.head()
        assert len(list(folder.iterdir())) == before

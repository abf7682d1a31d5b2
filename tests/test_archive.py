"""Archives: read in place, hostile ones refused, one bad member never costs the others."""

import bz2
import gzip
import io
import lzma
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer import limits
from analyzer.archive import SNIFF_SIZE, kind_of
from analyzer.members import ZIP_METHODS
from analyzer.model import Problem
from analyzer.source import Block, Source, sources
from analyzer.stream import Expanded

LOG = b"2024-01-01 first\n2024-01-01 second\n"


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as packed, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, data in members:
            packed.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def tarred(*members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE, form: int = tarfile.PAX_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.TarFile(fileobj=file, mode="w", format=form) as packed:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size, info.type = len(data), kind
            packed.addfile(info, io.BytesIO(data))
    return file.getvalue()


def read(data: bytes) -> tuple[dict[str, bytes], list[Problem]]:
    """The members of the archive *data*, and all problems."""
    found, problems = dict[str, bytes](), list[Problem]()
    for one in sources(["-"], stdin=io.BytesIO(data)):
        if isinstance(one, Problem):
            problems.append(one)
            continue
        found[one.place.member] = b""
        for block in one.blocks():
            if isinstance(block, Block):
                found[one.place.member] += block.data
            else:
                problems.append(block)
    return found, problems


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"PK are initials\n", b"BZh9 is no bzip2\n", b"\x1f\x8b", LOG * 40, b"\0" * 1024, b"MSCF is a word\n"],
)
def test_what_is_no_archive(data: bytes) -> None:
    assert kind_of(data[:SNIFF_SIZE]) == ""
    assert list(read(data)[0]) == [""]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_stream(pack: Callable[[bytes], bytes]) -> None:
    assert read(pack(LOG)) == ({"": LOG}, [])
    assert read(pack(b"")) == ({"": b""}, [])
    assert read(pack(LOG) + pack(LOG)) == ({"": LOG + LOG}, [])
    assert read(pack(LOG * 50_000)) == ({"": LOG * 50_000}, [])
    assert read(pack(LOG) + bytes(200_000)) == ({"": LOG}, [])
    found, problems = read(pack(LOG) + b"something else")
    assert (found, len(problems)) == ({"": LOG}, 1)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_tar(pack: Callable[[bytes], bytes], form: int) -> None:
    members = {"a/b.log": LOG, "empty": b"", "x" * 99: LOG * 10_000, "round": b"0123456\n" * 64 * 200}
    assert read(pack(tarred(*members.items(), form=form))) == (members, [])


@pytest.mark.parametrize("method", ZIP_METHODS)
def test_zip(method: int) -> None:
    members = {"a/b.log": LOG, "empty": b"", "large": LOG * 10_000, "ünï": LOG}
    assert read(zipped(*members.items(), ("folder/", b""), method=method)) == (members, [])
    assert read(zipped()) == ({}, [])


def test_nested() -> None:
    inner = zipped(("log", LOG), ("t", gzip.compress(tarred(("deep", LOG)))))
    found, problems = read(gzip.compress(tarred(("in.zip", inner), ("after", LOG))))
    assert found == {"in.zip!log": LOG, "in.zip!t!deep": LOG, "after": LOG}
    assert not problems


def test_depth() -> None:
    data = LOG
    for _ in range(limits.DEPTH_LIMIT):
        data = zipped(("z", data))
    assert read(data) == ({"z!z!z!z": LOG}, [])
    found, problems = read(zipped(("z", data), ("log", LOG)))
    assert found == {"log": LOG}
    assert [(problem.place.member, problem.lost) for problem in problems] == [("z!z!z!z", 1)]


@pytest.mark.parametrize(
    "name", ["/etc/x", "../x", "a/../x", "a\\..\\x", "\\x", "\\\\host\\share\\x", "C:\\x", "c:x", "//host/x"]
)
def test_names_that_lead_out(name: str) -> None:
    for data in (zipped((name, LOG), ("good..log", LOG)), tarred((name, LOG), ("good..log", LOG))):
        found, problems = read(data)
        assert found == {"good..log": LOG}
        assert [(problem.place.member, problem.lost) for problem in problems] == [(name, 1)]


def test_member_without_a_name() -> None:
    found, problems = read(zipped(("x", LOG), ("y", LOG)).replace(b"x", b"\0"))
    assert (found, problems[0].text) == ({"y": LOG}, "has no name; it was not read")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_special_members_of_tar(kind: bytes) -> None:
    found, problems = read(tarred(("x", b""), kind=kind))
    assert (found, len(problems)) == ({}, 1)


def test_link_in_zip() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        info = zipfile.ZipInfo("x")
        info.external_attr = 0o120777 << 16
        packed.writestr(info, "/etc/passwd")
    assert [problem.text for problem in read(file.getvalue())[1]] == [
        "is a link, and links in archives are not followed; it was not read"
    ]


def patched(data: bytes, offset: int, value: int) -> bytes:
    """The zip *data* with the 16-bit *value* at *offset* of its first central header."""
    at = data.index(b"PK\x01\x02") + offset
    return data[:at] + value.to_bytes(2, "little") + data[at + 2 :]


def test_encrypted_and_foreign_members() -> None:
    data = zipped(("first", LOG), ("second", LOG))
    for offset, value, word in ((8, 1, "encrypted"), (10, 9, "method 9"), (10, 14, "method 14")):
        found, problems = read(patched(data, offset, value))
        assert found == {"second": LOG}
        assert word in problems[0].text


def test_duplicate_names_are_both_read() -> None:
    for data in (zipped(("x", LOG), ("x", b"two")), tarred(("x", LOG), ("x", b"two"))):
        both = list(sources(["-"], stdin=io.BytesIO(data)))
        assert [type(one) for one in both] == [Source, Problem, Source]
        assert [one.head() for one in both if isinstance(one, Source)] == [LOG, b"two"]


def test_overlapping_members_are_refused() -> None:
    data = zipped(("x", LOG), ("y", LOG), ("z", LOG))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    overlapping = data[: second + 42] + bytes(4) + data[second + 46 :]
    found, problems = read(overlapping)
    assert found["z"] == LOG
    assert any("shares its bytes" in problem.text for problem in problems)


def test_corrupt_member_costs_only_itself() -> None:
    data = bytearray(zipped(("x", b"a" * 40), ("y", LOG), method=zipfile.ZIP_STORED))
    data[35] ^= 1
    found, problems = read(bytes(data))
    assert found["y"] == LOG
    assert "CRC" in problems[0].text


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_truncated_stream_gives_what_it_held(pack: Callable[[bytes], bytes]) -> None:
    whole = b"".join(f"{number * number} line\n".encode() for number in range(120_000))
    packed = pack(whole)
    found, problems = read(packed[: len(packed) * 2 // 3])
    assert whole.startswith(found[""])
    assert len(found[""]) > len(whole) // 3
    assert "too early" in problems[0].text


def test_a_damaged_stream_gives_what_stands_before_the_damage() -> None:
    whole = b"".join(f"{number * number} line\n".encode() for number in range(2000))
    packed = gzip.compress(whole)
    assert read(packed) == ({"": whole}, [])
    for from_end in (6, len(packed) // 2):  # its checksum, or data of which the rest has another meaning
        damaged = bytearray(packed)
        damaged[-from_end] ^= 0xFF
        found, problems = read(bytes(damaged))
        assert found[""][:1000] == whole[:1000]
        assert from_end > 6 or found[""] == whole
        assert "cannot be read any further" in problems[0].text


def test_damaged_tar_is_told() -> None:
    data = bytearray(tarred(("x", LOG), ("y", LOG), form=tarfile.USTAR_FORMAT))
    data[1024] ^= 1
    found, problems = read(bytes(data))
    assert found == {"x": LOG}
    assert "damaged at byte 1024" in problems[0].text
    assert "too early" in read(tarred(("x", LOG * 100))[:2000])[1][0].text


def test_header_of_a_tar_that_asks_for_memory() -> None:
    info = tarfile.TarInfo("x")
    info.size, info.type = 1 << 32, tarfile.XHDTYPE
    _, problems = read(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 10_000)
    assert "a header of 4294967296 bytes" in problems[0].text


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_bomb(pack: Callable[[bytes], bytes]) -> None:
    found, problems = read(zipped(("bomb", pack(b"\0" * (32 << 20))), ("log", LOG)))
    assert found["log"] == LOG
    assert len(found.get("bomb", b"")) <= (20 << 20)
    assert any("expands to more than 1000 times" in problem.text for problem in problems)


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    data = zipped(("a", LOG * 9), ("b", LOG * 9), ("c", LOG * 9))
    monkeypatch.setattr(limits, "MEMBERS_LIMIT", 2)
    found, problems = read(data)
    assert (list(found), problems[0].lost) == (["a", "b"], 1)
    monkeypatch.undo()
    monkeypatch.setattr(limits, "TOTAL_LIMIT", len(LOG) * 20)
    assert [problem.place.member for problem in read(data)[1]] == ["c"]
    monkeypatch.undo()
    monkeypatch.setattr(limits, "MEMBER_LIMIT", len(LOG) * 8)
    assert len(read(data)[1]) == 3
    monkeypatch.undo()
    monkeypatch.setattr(limits, "MEMORY_LIMIT", 100)
    assert "unpack it first" in read(gzip.compress(data))[1][0].text
    assert not read(data)[1]
    monkeypatch.setattr(limits, "DIRECTORY_LIMIT", 50)
    assert "list of members" in read(data)[1][0].text


def test_members_can_be_read_later_and_in_any_order(tmp_path: Path) -> None:
    members = {name: name.encode() * 200_000 + b"\n" for name in "abc"}
    for data in (zipped(*members.items()), gzip.compress(tarred(*members.items())), tarred(*members.items())):
        (tmp_path / "x").write_bytes(data)
        found = [one for one in sources([str(tmp_path / "x")]) if isinstance(one, Source)]
        running = [one.blocks(1000) for one in reversed(found)]
        for name, blocks in zip("cba", running, strict=True):
            first = next(blocks)
            assert isinstance(first, Block)
            assert first.data[:1] == name.encode()
        for one in reversed(found):
            blocks = one.blocks()
            assert b"".join(block.data for block in blocks if isinstance(block, Block)) == members[one.place.member]


def test_compressed_tar_is_expanded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rewound = list[Expanded]()
    monkeypatch.setattr(Expanded, "_rewind", counted(Expanded._rewind, rewound))
    members = [(f"log{number}", bytes([65 + number]) * (512 * number * 40) + b"\n") for number in range(20)]
    assert read(gzip.compress(tarred(*members))) == (dict(members), [])
    # To see what it is, to see that it holds a tar, and to read it.
    assert len(rewound) <= 3


def counted(rewind: Callable[[Expanded], None], calls: list[Expanded]) -> Callable[[Expanded], None]:
    def called(one: Expanded) -> None:
        calls.append(one)
        rewind(one)

    return called


@pytest.mark.parametrize("start", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x01\0", b"MSCF\0\0\0\0", b"\x28\xb5\x2f\xfd"])
def test_foreign_archives_are_told(start: bytes) -> None:
    found, problems = read(start + bytes(100))
    assert (found, problems[0].lost) == ({}, 1)


HOSTS = (
    zipped(("a.log", LOG), ("b/c.log", LOG * 30), ("d", gzip.compress(LOG))),
    gzip.compress(tarred(("a.log", LOG), ("in.zip", zipped(("x", LOG))))),
    tarred(("a.log", LOG), ("é" * 80, LOG), ("b", lzma.compress(LOG))),
    tarred(("a.log", LOG), ("g" * 120, LOG), form=tarfile.GNU_FORMAT),
    bz2.compress(LOG * 3),
    lzma.compress(LOG * 3),
)


@given(
    st.sampled_from(HOSTS),
    st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), max_size=6),
    st.integers(0, 20_000),
    st.binary(max_size=3),
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_mutations_never_raise(data: bytes, changes: list[tuple[int, int]], end: int, more: bytes) -> None:
    hostile = bytearray(data)
    for at, value in changes:
        hostile[at % len(hostile)] = value
    read(bytes(hostile[: end % len(hostile)] if end % 3 == 0 else hostile) + more)

"""Events read straight from their bytes are what the Rust parser reads; what is not plain is left to it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from struct import pack_into

import pytest
from conftest import SHARED
from evtx_writer import CHUNK, FIRST, HEADER, Event, resealed, written
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.formats.evtx.binxml import parsed
from analyzer.formats.evtx.chunks import Chunk, Found, intact, walked
from analyzer.formats.evtx.decode import Piece, decoded
from analyzer.formats.evtx.jsonevent import from_json
from analyzer.formats.evtx.plain import FAULTS, Plain
from analyzer.formats.evtx.record import Logged
from analyzer.formats.evtx.table import wanted
from analyzer.formats.evtx.thin import Texts, Thinner

REAL = SHARED / "corpus" / "evtx"
WHEN = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)


def chunks(data: bytes) -> list[Chunk]:
    """The intact chunks of *data*."""
    offsets = range(HEADER, len(data) - CHUNK + 1, CHUNK)
    return [chunk for at in offsets if (chunk := intact(data[at : at + CHUNK], at))]


def both(data: bytes) -> Iterator[tuple[Logged | None, Logged]]:
    """Each record of *data* as it is read straight, and by way of the parser."""
    plain = Plain()
    pieces = [Piece(chunk, chunk.data, walked(chunk.data)) for chunk in chunks(data)]
    for one in decoded(pieces) if pieces else ():
        theirs = from_json(one.text) if one.text else None
        if theirs is not None:
            yield plain.logged(one.piece.data, one.record), theirs


def real() -> list[object]:
    found = sorted(REAL.glob("*.evtx")) if REAL.is_dir() else []
    skipped = pytest.param(Path(), marks=pytest.mark.skip(reason="the real event logs are not beside this checkout"))
    return [pytest.param(path, id=path.stem[-40:]) for path in found] or [skipped]


@pytest.mark.parametrize("path", real())
def test_real_records_are_read_as_the_parser_reads_them(path: Path) -> None:
    pytest.importorskip("evtx")
    pairs = [(ours, theirs) for ours, theirs in both(path.read_bytes()) if ours is not None]
    for ours, theirs in pairs:
        assert ours == theirs


def test_nearly_all_real_records_that_are_asked_for_are_plain() -> None:
    if not REAL.is_dir():
        pytest.skip("the real event logs are not beside this checkout")
    thinner, plain, read = Thinner(wanted()), Plain(), []
    for path in sorted(REAL.glob("*.evtx")):
        for chunk in chunks(path.read_bytes()):
            read += [plain.logged(chunk.data, record) is not None for record in thinner.asked(chunk) or []]
    assert len(read) > 2000
    assert sum(read) / len(read) > 0.99


TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=40)


@given(
    st.lists(TEXTS, max_size=6),
    st.booleans(),
    st.booleans(),
    st.binary(max_size=20),
    st.sampled_from(["", "CbsPackageChangeState"]),
)
@settings(deadline=None, max_examples=60)
def test_what_is_written_is_read_alike(data: list[str], named: bool, many: bool, binary: bytes, user: str) -> None:
    pytest.importorskip("evtx")
    values = [(f"name{at}" if named or user else "", text) for at, text in enumerate(data)]
    events = [
        Event("Contoso", 7, WHEN + timedelta(seconds=at), values, user=user, binary="" if user else binary.hex())
        for at in range(1 + 2 * many)
    ]
    for ours, theirs in both(written(events)):
        if user and not data:
            assert ours is None
        elif named or user or len(data) < 2:
            assert ours == theirs
        elif ours is not None:
            assert ours._replace(strings=()) == theirs._replace(strings=())


# ---- what is not plain ----


def spoilt(at: int, new: bytes) -> tuple[bytes, Found]:
    """The chunk of a file of one event with *new* at the offset *at* of its record, and the record."""
    (chunk,) = chunks(written([Event("Contoso", 7, WHEN, [("a", "b")])]))
    data = bytearray(chunk.data)
    data[FIRST + at : FIRST + at + len(new)] = new
    return bytes(data), walked(chunk.data)[0]


@pytest.mark.parametrize(
    ("at", "new"),
    [
        pytest.param(24, b"\x0f\x01\x01\0\x01\x01", id="no template"),
        pytest.param(34, b"\xff\xff\xff\xff", id="a template beyond the chunk"),
        pytest.param(58, b"\xff\xff\xff\xff", id="a template that is longer than the chunk"),
        pytest.param(62, b"\0\0\0\0", id="a template that does not begin"),
        pytest.param(66, b"\x07", id="a token that templates rarely hold"),
        pytest.param(73, b"\xff\xff\0\0", id="a name beyond the chunk"),
    ],
)
def test_what_is_odd_is_left_to_the_parser(at: int, new: bytes) -> None:
    data, record = spoilt(at, new)
    assert Plain().logged(data, record) is None


def test_a_record_that_nothing_is_wrong_with_is_plain() -> None:
    data, record = spoilt(0, b"**")
    read = Plain().logged(data, record)
    assert read is not None
    assert (read.provider, read.event, read.when, dict(read.data)) == ("Contoso", 7, WHEN, {"a": "b"})


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes_for_a_template_end_in_an_element_or_a_fault_that_is_known(data: bytes) -> None:
    try:
        parsed(b"\x0f\x01\x01\0" + data, 0, len(data) + 4)
    except FAULTS:
        return


# ---- which records are asked for ----


def test_records_of_others_are_passed_over_and_those_asked_for_are_not() -> None:
    events = [Event("Contoso" if at % 3 else "Fabrikam", at % 5, WHEN, [("a", f"x{at % 2}/")]) for at in range(60)]
    (chunk,) = chunks(written(events))
    found = Thinner({"Fabrikam": {3: (), 1: ("x0/", "y/")}, "Northwind": {2: ()}}).asked(chunk)
    assert found is not None
    told = [at for at in range(60) if at % 3 == 0 and (at % 5 == 3 or (at % 5 == 1 and at % 2 == 0))]
    assert [record.number - 1 for record in found] == told


def test_a_chunk_of_which_the_records_do_not_add_up_is_not_passed_over() -> None:
    (chunk,) = chunks(written([Event("Contoso", 7, WHEN, [("a", "b")]) for _ in range(5)]))
    thinner = Thinner({"Fabrikam": {7: ()}})
    assert thinner.asked(chunk) == []
    data = bytearray(chunk.data)
    pack_into("<I", data, walked(chunk.data)[2].start + 4, 8)
    broken = intact(resealed(bytes(data)), 0)
    assert broken is not None
    assert thinner.asked(broken) is None
    chunk.expected += 1
    assert thinner.asked(chunk) is None


@given(st.lists(st.sampled_from(["ab/", "b/", "c", "/"]), min_size=1, max_size=3), st.text("abc/", max_size=8))
def test_one_of_several_texts_is_found_wherever_it_stands(asked: list[str], text: str) -> None:
    wide = text.encode("utf-16-le")
    assert Texts(tuple(asked)).among(b"//" + wide + b"//", 2, 2 + len(wide)) == any(one in text for one in asked)

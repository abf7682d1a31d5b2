"""Needles: the same lines with and without Hyperscan, and as a plain search finds them."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analyzer.formats.windowsupdate.reading import line_search
from analyzer.scan import all_lines, loosened, search

NEEDLES = (r"END", r"0x8[0-9A-F]{3}", r"\[8", r"(?:(?i:(?:D|EN) ?))([8A]0)")
TEXTS = st.text("EN D0x8[AF\r\n", max_size=200).map(str.encode)


@pytest.mark.parametrize(
    ("pattern", "plain"),
    [
        (r"(?<![a-z])(?:hr)(?!\d)", r"(?:hr)"),
        (r"a(?=b)c", "ac"),
        (r"(?!(?:x|y))z", "z"),
        (r"[(?!]", r"[(?!]"),
        (r"\(\?!", r"\(\?!"),
        (r"(?i:ab)", r"(?i:ab)"),
        (r"[a-z]{0,20}x{2}", r"[a-z]*x{2}"),
    ],
)
def test_loosened_drops_lookarounds_only(pattern: str, plain: str) -> None:
    assert loosened(pattern) == plain


@given(TEXTS)
def test_lines_are_those_that_hold_a_needle(data: bytes) -> None:
    find = search(NEEDLES, hyperscan=False)
    wanted = [line.rstrip(b"\r") for line in data.split(b"\n") if re.search("|".join(NEEDLES).encode(), line)]
    assert [data[start:stop] for start, stop in find(data)] == wanted


@given(TEXTS)
@example(b"0" * 15 + b"[8")
def test_hyperscan_finds_the_same_lines(data: bytes) -> None:
    pytest.importorskip("hyperscan")
    fast, slow = search(NEEDLES, hyperscan=True), search(NEEDLES, hyperscan=False)
    assert list(fast(data)) == list(slow(data))


@given(TEXTS)
def test_all_lines_are_all_lines(data: bytes) -> None:
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    assert [data[start:stop] for start, stop in all_lines(data)] == [line.rstrip(b"\r") for line in lines]


def test_the_same_lines_of_real_logs(corpus: Path) -> None:
    pytest.importorskip("hyperscan")
    for log in sorted(corpus.glob("*.log")):
        data = log.read_bytes()
        assert list(line_search(True)(data)) == list(line_search(False)(data))

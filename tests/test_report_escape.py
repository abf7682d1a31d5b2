"""Text from logs made harmless: first what must stay as it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.report.escape import STEERING, encodable, safe, safe_json


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain 0x8024402C",
        r"C:\Windows\SoftwareDistribution [red]x[/red] `y`",
        "Actualización Größe 更新プログラム תיקון ‌‍ 🩹",
        "a\u00a0b\u00adc",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert safe(text) == encodable(text) == safe_json(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x9b2J", r"\x9b2J"),
        ("a\tb", "a b"),
        ("a\r\nb\0", r"a\x0d\x0ab\x00"),
        ("bell\a del\x7f", r"bell\x07 del\x7f"),
        ("\u202egpj.exe\u2066", r"\u202egpj.exe\u2066"),
        ("\ud800 lone", r"\ud800 lone"),
        ("\u2028\ufeff\u200b", r"\u2028\ufeff\u200b"),
        ("tag\U000e0041", r"tag\U000e0041"),
    ],
)
def test_what_steers_is_written_out(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_kept_characters_stay() -> None:
    assert safe("a\tb\nc\x1b", "\t\n") == "a\tb\nc\\x1b"


@given(st.text(st.characters(codec=None)))
def test_nothing_that_steers_is_left_and_json_says_the_same(text: str) -> None:
    assert not STEERING.search(safe(text))
    encodable(text).encode()
    written = safe_json(json.dumps(text, ensure_ascii=False))
    written.encode()
    assert json.loads(written) == text
    assert not STEERING.search(written)

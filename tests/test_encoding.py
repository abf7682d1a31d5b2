"""What a text is written in: the near misses first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.encoding import HEAD_SIZE, Encoding, decide, text

DUTCH = "Geïnstalleerd beleid\r\nDe coördinatie is geëindigd\r\n"
GERMAN = "Gerät gestartet\r\nÜberprüfung läuft für Größe\r\n"
FRENCH = "Paramètres appliqués\r\nDernière exécution réussie à 10:00\r\nFrançais\r\n"
POLISH = "Zasady zabezpieczeń zostały zastosowane\r\nNie można połączyć się z usługą\r\n"
RUSSIAN = "Служба обновления Windows\r\nОшибка при установке 0x80240022\r\n"
JAPANESE = "コンピューターの設定\r\nポリシーの適用に失敗しました。 0x80070005\r\n"
CHINESE = "计算机设置\r\n无法连接到更新服务器。错误代码 0x8024402C\r\n"
FRAMED = "┌────────┐\r\n│ WSUS   │\r\n└────────┘\r\n"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"", "ascii"),
        (b"plain\r\n", "ascii"),
        (b"abcdef1\0", "ascii"),
        (b"2024-01-01 one line\r\n" + b"\0" * 4096, "ascii"),
        (b"2024-01-01 one stray \0 NUL in quite some text, as old programs write it\r\n", "ascii"),
        (b"\x1b[31mcolour\x1b[0m\x1a", "ascii"),
        (b"\0" * 4096, "binary"),
        (b"ElfFile\0" + bytes(range(32)) * 40, "binary"),
        (bytes(range(256)) * 16, "binary"),
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"caf\xe9", "cp1252"),
        ("é".encode() * 40 + b" one spoilt place: \xe9\r\n", "utf-8"),
        ("mangled long ago: \ufffd\ufffd, é\r\n".encode(), "utf-8"),
    ],
)
def test_near_misses(head: bytes, name: str) -> None:
    assert decide(head).name == name


@pytest.mark.parametrize("sample", [DUTCH, GERMAN, FRENCH, POLISH, RUSSIAN, JAPANESE, CHINESE])
@pytest.mark.parametrize("name", ["utf-8", "utf-16-le", "utf-16-be"])
def test_unicode_without_mark(sample: str, name: str) -> None:
    assert decide(sample.encode(name)).name == name


@pytest.mark.parametrize(
    ("sample", "name"),
    [
        (DUTCH, "cp1252"), (GERMAN, "cp1252"), (FRENCH, "cp1252"),
        (DUTCH, "cp850"), (GERMAN, "cp850"), (FRENCH, "cp850"),
        (POLISH, "cp1250"), (RUSSIAN, "cp1251"), (RUSSIAN.upper(), "cp1251"),
        (JAPANESE, "cp932"), (CHINESE, "gb18030"), (FRAMED, "cp437"),
    ],
)  # fmt: skip
def test_code_pages(sample: str, name: str) -> None:
    found = decide(sample.encode(name))
    assert text(sample.encode(name), found) == sample
    assert found.name in ({"cp437", "cp850"} if sample is FRAMED else {name})


@pytest.mark.parametrize("shift", range(4))
def test_head_cut_inside_a_character(shift: int) -> None:
    head = (b"x" * shift + "日本語🙂".encode() * HEAD_SIZE)[:HEAD_SIZE]
    assert decide(head).name == "utf-8"
    assert decide((b"x" * (HEAD_SIZE - 1) + "é".encode())[:HEAD_SIZE]).name == "utf-8"


def test_short_text_cut_inside_a_character() -> None:
    assert decide("größe, grö".encode()[:-1]).name == "utf-8"


def test_text_tries_again_where_the_head_was_ascii() -> None:
    assert text("Größe".encode(), Encoding("ascii")) == "Größe"
    assert text("Größe".encode("cp1252"), Encoding("ascii")) == "Größe"


@given(st.binary(max_size=400))
def test_no_bytes_raise(raw: bytes) -> None:
    assert isinstance(text(raw, decide(raw)), str)


SIGNS = st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufeff")


@given(st.text(SIGNS, min_size=1, max_size=80))
def test_utf8_is_never_taken_for_something_else(sample: str) -> None:
    raw = sample.encode()
    assert text(raw, decide(raw)) == sample

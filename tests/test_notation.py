"""Codes in every notation, and the numbers that only look like codes."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.analysis import analyze
from analyzer.notation import codes_in

FALSE = [
    "Service 8B24B027-1DEE-BABB-9A95-3517DFB9C552",
    "error 8b24b027-1dee-babb-9a95-3517dfb9c552 is the service",
    "[d:8DB250B1] released",
    "Flags: 0X80010010 (cV = x)",
    "Props = 0xC0000048",
    "with dwProvFlags 0x80000080:",
    "HANDLE = 0x80000438",
    "bytes total = 86874577, bytes transferred = 92264774",
    "expires in 89260000 100ns units",
    "FX%3A82F49BB2, revId[81339695]",
    "Download\\80baeac4f08760e32bb83b36fabdd1ff",
    "pci\\ven_80de&dev_8b81",
    "resultMapped=0, resultUnMapped=240006",
    "mask 0x80000000 and 0xC0000000 and 0xFFFFFFFF",
    "at 0x80072EE712345678",
    "-2047483648 and -21454851071",
    "completed with status 0x8",
    '{"ErrorCode":2145107924} without its sign',
    '{"ErrorCode":-2199999999}',
]
TRUE = [
    ("*FAILED* [80072EE2] Send request", 0x80072EE2),
    ("error 0x8024402c", 0x8024402C),
    ("0X80244007", 0x80244007),
    ("hr = 80072efd", 0x80072EFD),
    ("hr=C8000710", 0xC8000710),
    ("hr:80070005", 0x80070005),
    ("failed with hr = 8004100a.", 0x8004100A),
    ("with error = 80070070", 0x80070070),
    ("error code 80072EFD", 0x80072EFD),
    ("Complete the request URL x with [8024402C] and http status code[0]", 0x8024402C),
    ("hrGeneral[0x80247142]", 0x80247142),
    ("(hr=80072EFD)", 0x80072EFD),
    ("(mapping to error 8024200B)", 0x8024200B),
    ("|hr:0x80073cf0|", 0x80073CF0),
    ("resultMapped=80070643", 0x80070643),
    ("[HRESULT = 0x800f081f - CBS_E_SOURCE_MISSING]", 0x800F081F),
    ("HRESULT=80070BC9", 0x80070BC9),
    ('[{"StatusCode":-2143485936}]', 0x803D0010),
    ('{"ErrorCode": 2149859372}', 0x8024402C),
    ("0\t80072efd\tAutomaticUpdates", 0x80072EFD),
    ("WER Report sent: 7.6.7601.23453 0x80072efd(0) 0", 0x80072EFD),
    ("0xD0000034", 0xD0000034),
]


@pytest.mark.parametrize("text", FALSE)
def test_no_code(text: str) -> None:
    assert codes_in(text) == ()


@pytest.mark.parametrize(("text", "code"), TRUE)
def test_code(text: str, code: int) -> None:
    assert codes_in(text) == (code,)


@given(st.integers(0x80010000, 0x8FFFFFFF))
def test_all_notations_of_one_value(code: int) -> None:
    texts = [f"0x{code:08x}", f"[{code:08X}]", f"hr = {code:08x}", f"error code: {code:08X}", f"x\t{code:08x}\ty"]
    assert {codes_in(text) for text in texts} == {(code,)}


def test_the_codes_of_real_logs_all_and_only(corpus: Path) -> None:
    with (corpus / "CODES.tsv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    for log in sorted(corpus.glob("*.log")):
        wanted = Counter({int(row["code"], 16): int(row["hits"]) for row in rows if row["file"] == log.name})
        first = {int(row["code"], 16): int(row["first_line"]) for row in rows if row["file"] == log.name}
        report = analyze([str(log)])
        assert Counter({code.code: code.count for code in report.codes}) == wanted
        assert {code.code: code.first.line for code in report.codes} == first

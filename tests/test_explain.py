"""`explain` and `codes` as a person calls them."""

import csv
import io
import json

import pytest
from click.testing import CliRunner, Result

from analyzer.cli.codes import command as codes
from analyzer.cli.explain import command as explain
from analyzer.errors import CallError, DataError


def run(*args: str, text: str | bytes = "") -> str:
    result = CliRunner().invoke(explain, list(args), input=text, catch_exceptions=False, env={"COLUMNS": "80"})
    return output(result)


def output(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def run_codes(*args: str) -> str:
    return output(CliRunner().invoke(codes, list(args), catch_exceptions=False, env={"COLUMNS": "80"}))


SHOWN = """0x8024402C -2145107924 80072ee7 WU_E_PT_HTTP_STATUS_PROXY_AUTH_REQ 0x80190193 0xC1900101-0x4000D
0xC8000710 0xD0000034 0x800F0823 0x80D05011"""


def test_the_call_of_the_issue() -> None:
    cards = json.loads(run(*SHOWN.split(), "--format", "json"))
    assert [card["symbol"] for card in cards] == [
        "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED",
        "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED",
        "ERROR_WINHTTP_NAME_NOT_RESOLVED",
        "WU_E_PT_HTTP_STATUS_PROXY_AUTH_REQ",
        "BG_E_HTTP_ERROR_403",
        "MOSETUP_E_SETUP_PLATFORM",
        "JET_errDiskFull",
        "STATUS_OBJECT_NAME_NOT_FOUND",
        "CBS_E_NEW_SERVICING_STACK_REQUIRED",
        "DO_E_INSUFFICIENT_RANGE_SUPPORT",
    ]
    assert cards[5]["setup_stage"] == {
        "extend": "0x4000D",
        "phase": "SP_EXECUTION_OOBE_BOOT",
        "operation": "SP_EXECUTION_OP_MIGRATE_DATA",
    }


def test_text_fits_the_terminal_and_says_the_main_things() -> None:
    shown = run("0x80070643")
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert shown.startswith("0x80070643  ERROR_INSTALL_FAILURE\n")
    for label in ("Says", "Cause", "Next step", "Kind", "Reads as", "See also"):
        assert f"  {label} " in shown


def test_dutch() -> None:
    shown = run("0x80070643", "--lang", "nl")
    assert "Oorzaak" in shown
    assert "fatale fout" in shown


def test_markdown() -> None:
    shown = run("0x8024402C", "HTTP 403", "--format", "md")
    assert shown.startswith("## `0x8024402C` WU_E_PT_WINHTTP_NAME_NOT_RESOLVED\n\n- **Says:** ")
    assert "## `403` BG_E_HTTP_ERROR_403" in shown


def test_a_bare_number_shows_the_other_tables() -> None:
    shown = run("403")
    assert "ERROR_PROCESS_MODE_NOT_BACKGROUND" in shown
    assert "HTTP status 403" in shown
    assert run("403", "--space", "http").startswith("403  BG_E_HTTP_ERROR_403")


def test_words_that_the_shell_split_are_put_together() -> None:
    assert "SP_EXECUTION_OP_MIGRATE_DATA" in run("0xC1900101", "-", "0x4000D")
    assert run("HTTP", "404").startswith("404  BG_E_HTTP_ERROR_404")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "no code given"),
        (("",), "empty code"),
        (("hello",), "is no code"),
        (("0x8024402C", "--frmat"), "no option '--frmat'"),
        (("WU_E_NO_SERVISE",), "did you mean WU_E_NO_SERVICE"),
        (("5", "--space", "moon"), "unknown space"),
        (("5", "--lang", "xx"), "no texts in language 'xx': choose en, nl"),
        (("0x8024402C99",), "does not fit in 32 bits"),
    ],
)
def test_a_wrong_call_is_refused(args: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(explain, list(args))
    assert isinstance(result.exception, CallError)
    assert said in str(result.exception)


def test_good_codes_are_shown_beside_a_bad_one() -> None:
    result = CliRunner().invoke(explain, ["0x8024402C", "hello"])
    assert "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED" in result.stdout
    assert isinstance(result.exception, CallError)


MAIL = """Dag, sinds gisteren fout 0x8024402C op alle machines, soms ook (0x80072ee7).
In de log: hr=8024402c, en WUA: -2145107924. De dienst zegt %%1058, de installatie exit code 1603.
Upgrade: 0xC1900101 - 0x20017. BITS: HTTP status 403
"""
NO_CODES = """{8B2E4A10-8024-402C-9F00-80240034AABB} 8024402C-1111-2222-3333-444455556666
Flags: 0X80010010
address 0x00007FF8024402C0 hash 9a8024402cdeadbeef version 10.0.19041.80240034 flags 0x80000000 0xC0000000
20211118 80000000 C:\\Windows\\SoftwareDistribution\\Download\\80240034\\x deadbeef 0x00000000 %%0 HTTP/1.1 200 OK
"""


def test_a_text_is_read_from_standard_input() -> None:
    cards = json.loads(run("-", "--format", "json", text=MAIL))
    assert [(card["symbol"], card["line"], card["count"]) for card in cards] == [
        ("WU_E_PT_WINHTTP_NAME_NOT_RESOLVED", 1, 3),
        ("ERROR_WINHTTP_NAME_NOT_RESOLVED", 1, 1),
        ("ERROR_SERVICE_DISABLED", 2, 1),
        ("ERROR_INSTALL_FAILURE", 2, 1),
        ("MOSETUP_E_SETUP_PLATFORM", 3, 1),
        ("BG_E_HTTP_ERROR_403", 3, 1),
    ]


def test_an_exit_code_may_be_hexadecimal() -> None:
    cards = json.loads(run("-", "--format", "json", text="Exit code = 0x8024402C, return code: 0xZ, exit code 3010."))
    assert [card["symbol"] for card in cards] == ["WU_E_PT_WINHTTP_NAME_NOT_RESOLVED", "ERROR_SUCCESS_REBOOT_REQUIRED"]


def test_a_text_is_annotated_with_the_line_that_holds_the_code() -> None:
    shown = run("-", text=MAIL)
    assert shown.startswith("line 1, 3 times: Dag, sinds gisteren fout 0x8024402C")
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_what_only_looks_like_a_code_is_left_alone() -> None:
    assert run("-", text=NO_CODES) == "No codes found.\n"
    assert run("-", "--lang", "nl", text="") == "Geen codes gevonden.\n"


def test_standard_input_may_be_utf16_or_no_text_at_all() -> None:
    assert "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED" in run("-", text=MAIL.encode("utf-16"))
    assert "0x80240034" in run("-", text=b"\xff\x00\x1b[2J 0x80240034 \x07\n")
    assert "\x1b" not in run("-", text=b"\x1b[2J 0x80240034 \x07\n")


def test_search() -> None:
    shown = run_codes("search", "range", "support")
    assert "BG_E_INSUFFICIENT_RANGE_SUPPORT" in shown
    assert json.loads(run_codes("search", "proxy", "--format", "json", "--limit", "3"))[2]["symbol"]


def test_search_in_dutch() -> None:
    assert "0x8024402C" in run_codes("search", "omgezet", "--lang", "nl")


def test_search_without_a_hit_is_refused() -> None:
    result = CliRunner().invoke(codes, ["search", "xyzzy"])
    assert isinstance(result.exception, CallError)


def test_export() -> None:
    rows = list(csv.DictReader(io.StringIO(run_codes("export", "--family", "bits"))))
    assert next(row for row in rows if row["code"] == "0x80200013")["symbol"] == "BG_E_INSUFFICIENT_RANGE_SUPPORT"
    assert all(row["meaning"] and row["cause"] and row["next_step"] for row in rows)
    assert len(json.loads(run_codes("export", "--family", "bits", "--format", "json", "--lang", "nl"))) == len(rows)


def test_export_of_an_unknown_family_is_refused() -> None:
    result = CliRunner().invoke(codes, ["export", "--family", "moon"])
    assert isinstance(result.exception, CallError)


def test_check() -> None:
    assert run_codes("check").startswith("All is well: ")


def test_check_of_a_folder_that_is_none(tmp_path: object) -> None:
    assert isinstance(CliRunner().invoke(codes, ["check", f"{tmp_path}/none"]).exception, CallError)
    assert isinstance(CliRunner().invoke(codes, ["check", f"{tmp_path}"]).exception, DataError)

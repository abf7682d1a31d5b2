"""The code book: known codes by name, any number by its parts, and every notation of a value alike."""

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analyzer.codebook import Code, group_of, known_groups, lookup, role_of
from analyzer.codebook.code import ROLES
from analyzer.codebook.notation import Mention, parse
from analyzer.codebook.relations import related
from analyzer.codebook.search import close_to, search
from analyzer.errors import CallError

NAMED = [
    (0x8024402C, "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED", "dns"),
    (0x8024402F, "WU_E_PT_ECP_SUCCEEDED_WITH_ERRORS", "http-answer"),
    (0x8024402E, "WU_E_PT_CLIENT_ENFORCED_LOAD_SHEDDING", "timeout"),
    (0x8024401C, "WU_E_PT_HTTP_STATUS_REQUEST_TIMEOUT", "timeout"),
    (0x8024002E, "WU_E_WU_DISABLED", "policy"),
    (0x8024500C, "WU_E_REDIRECTOR_CONNECT_POLICY", "policy"),
    (0x80244011, "WU_E_PT_SUS_SERVER_NOT_SET", "policy"),
    (0x8024001E, "WU_E_SERVICE_STOP", "service-stop"),
    (0x8024001F, "WU_E_NO_CONNECTION", "no-network"),
    (0x80D03805, "DO_E_BLOCKED_BY_NO_NETWORK", "no-network"),
    (0x800704CF, "ERROR_NETWORK_UNREACHABLE", "no-network"),
    (0x80200010, "BG_E_NETWORK_DISCONNECTED", "no-network"),
    (0x80070422, "ERROR_SERVICE_DISABLED", "service-disabled"),
    (0x80070424, "ERROR_SERVICE_DOES_NOT_EXIST", "service-missing"),
    (0x8007043B, "ERROR_SERVICE_NOT_IN_EXE", "service-missing"),
    (0x80070433, "ERROR_SERVICE_DEPENDENCY_DELETED", "service-dependency"),
    (0x8007042C, "ERROR_SERVICE_DEPENDENCY_FAIL", "service-dependency"),
    (0x80040154, "REGDB_E_CLASSNOTREG", "com"),
    (0x80040206, "EVENT_E_INTERNALERROR", "com"),
    (0x80070005, "ERROR_ACCESS_DENIED", "access"),
    (0x80070020, "ERROR_SHARING_VIOLATION", "in-use"),
    (0x80070057, "ERROR_INVALID_PARAMETER", "parameter"),
    (0x800704DD, "ERROR_NOT_LOGGED_ON", "user"),
    (0x80072EE2, "ERROR_WINHTTP_TIMEOUT", "timeout"),
    (0x800705B4, "ERROR_TIMEOUT", "timeout"),
    (0x80072EE7, "ERROR_WINHTTP_NAME_NOT_RESOLVED", "dns"),
    (0x80072EFD, "ERROR_WINHTTP_CANNOT_CONNECT", "connect"),
    (0x80072F78, "ERROR_WINHTTP_INVALID_SERVER_RESPONSE", "http-answer"),
    (0x80072F76, "ERROR_WINHTTP_HEADER_NOT_FOUND", "http-answer"),
    (0x80072F8F, "ERROR_WINHTTP_SECURE_FAILURE", "tls"),
    (0x80072F0D, "ERROR_WINHTTP_SECURE_INVALID_CA", "tls"),
    (0x80072F05, "ERROR_WINHTTP_SECURE_CERT_DATE_INVALID", "tls"),
    (0x80072F06, "ERROR_WINHTTP_SECURE_CERT_CN_INVALID", "tls"),
    (0x80072F7D, "ERROR_WINHTTP_SECURE_CHANNEL_ERROR", "tls"),
    (0x800B0109, "CERT_E_UNTRUSTEDROOT", "trust"),
    (0x80190191, "BG_E_HTTP_ERROR_401", "http-401"),
    (0x80190193, "BG_E_HTTP_ERROR_403", "http-403"),
    (0x80190194, "BG_E_HTTP_ERROR_404", "http-404"),
    (0x80190197, "BG_E_HTTP_ERROR_407", "proxy-auth"),
    (0x8024401B, "WU_E_PT_HTTP_STATUS_PROXY_AUTH_REQ", "proxy-auth"),
    (0x801901F4, "BG_E_HTTP_ERROR_500", "http-500"),
    (0x801901F7, "BG_E_HTTP_ERROR_503", "http-503"),
    (0x80200011, "BG_E_MISSING_FILE_SIZE", "http-answer"),
    (0x80200013, "BG_E_INSUFFICIENT_RANGE_SUPPORT", "http-answer"),
    (0x80D05001, "DO_E_HTTP_BLOCKSIZE_MISMATCH", "http-answer"),
    (0x80D05011, "DO_E_INSUFFICIENT_RANGE_SUPPORT", "http-answer"),
    (0x80244010, "WU_E_PT_EXCEEDED_MAX_SERVER_TRIPS", "wsus-catalogue"),
    (0x80070070, "ERROR_DISK_FULL", "disk-space"),
    (0xC8000710, "JET_errDiskFull", "disk-space"),
    (0x80248007, "WU_E_DS_NODATA", "data-store"),
    (0xC80004B6, "JET_errDatabaseCorrupted", "data-store"),
    (0x80096010, "TRUST_E_BAD_DIGEST", "payload-trust"),
    (0x80096004, "TRUST_E_CERT_SIGNATURE", "payload-trust"),
    (0x800F024B, "SPAPI_E_FILE_HASH_NOT_IN_CATALOG", "payload-trust"),
    (0x80240061, "WU_E_FILETRUST_SHA2SIGNATURE_MISSING", "payload-trust"),
    (0x800F0823, "CBS_E_NEW_SERVICING_STACK_REQUIRED", "servicing-stack"),
    (0x800F081F, "CBS_E_SOURCE_MISSING", "feature-source"),
    (0x800F0831, "CBS_E_STORE_CORRUPTION", "store-corruption"),
    (0x80073712, "ERROR_SXS_COMPONENT_STORE_CORRUPT", "store-corruption"),
    (0x80073D02, "ERROR_PACKAGES_IN_USE", "appx"),
    (0xC1900107, "MOSETUP_E_CLEANUP_PENDING", "restart"),
    (0xC1900208, "MOSETUP_E_COMPAT_INSTALLREQ_BLOCK", "compat-block"),
    (0xD0000034, "STATUS_OBJECT_NAME_NOT_FOUND", "missing-file"),
    (0x80004005, "E_FAIL", "unexpected"),
]
WRAPPERS = [
    0x80240022, 0x80240034, 0x8024200B, 0x80246007, 0x80244005, 0x80244007, 0x80070643, 0x800F0922, 0xC1900101,
    0x8024402F, 0x80240FFF, 0x80004005, 0x8000FFFF,
]  # fmt: skip
REQUIRED_GROUPS = """dns connect timeout no-network proxy-auth proxy tls http-401 http-403 http-404 http-500 http-503
http-other bad-url http-answer soap wsus-catalogue policy service-disabled service-missing service-dependency
service-stop bits delivery-optimization disk-space data-store payload-trust trust store-corruption servicing
servicing-stack missing-file access in-use memory installer driver metadata restart compat-block feature-source
not-applicable cancelled busy appx unexpected"""


@pytest.mark.parametrize(("value", "symbol", "group"), NAMED, ids=[name for _, name, _ in NAMED])
def test_codes_of_the_field_are_named_and_told(value: int, symbol: str, group: str) -> None:
    code = lookup(value)
    assert (code.symbol, code.group) == (symbol, group)
    assert code.own_meaning


@pytest.mark.parametrize("value", WRAPPERS, ids=hex)
def test_wrappers_are_never_causes(value: int) -> None:
    assert role_of(value) == "wrapper"


@pytest.mark.parametrize(
    ("value", "role"),
    [
        (0x8024000B, "transient"),
        (0x8024000C, "routine"),
        (0x80248007, "routine"),
        (0x00240005, "routine"),
        (0x800F0816, "routine"),
        (0x00240006, "success"),
        (0, "success"),
        (0x8024402C, "cause"),
    ],
)
def test_roles(value: int, role: str) -> None:
    assert role_of(value) == role


def test_groups_of_the_rules_exist() -> None:
    assert set(REQUIRED_GROUPS.split()) <= known_groups()


def complete(code: Code) -> bool:
    return (
        all((code.meaning, code.cause, code.next_step, code.reading, code.severity))
        and code.role in ROLES
        and (not code.group or code.group in known_groups())
        and "{" not in code.meaning + code.cause + code.next_step + code.reading
    )


def test_any_number_decodes() -> None:
    sample = random.Random(7)
    values = [sample.randrange(1 << 32) for _ in range(5_000)]
    edges = [(high << 16) | low for high in (0, 0x8007, 0x8024, 0xC007, 0xC800, 0xD000, 0xE000, 0x80CF, 0xFFFF, 0x7FFF)
             for low in (0, 1, 0x7FFF, 0xFFFF)]  # fmt: skip
    for value in values + edges:
        assert complete(lookup.__wrapped__(value)), hex(value)


@given(st.integers(0, (1 << 32) - 1), st.sampled_from(["hresult", "win32", "ntstatus", "jet", "bugcheck", "setupapi"]))
def test_any_number_decodes_in_any_space_and_language(value: int, space: str) -> None:
    for lang in ("en", "nl"):
        assert complete(lookup(value, space=space, lang=lang))


@pytest.mark.parametrize(
    ("value", "symbol", "number", "space"),
    [
        (0xD0000034, "STATUS_OBJECT_NAME_NOT_FOUND", 0xC0000034, "ntstatus"),
        (0xC0000005, "STATUS_ACCESS_VIOLATION", 0xC0000005, "ntstatus"),
        (0xC0070002, "ERROR_FILE_NOT_FOUND", 2, "win32"),
        (0xD0070002, "ERROR_FILE_NOT_FOUND", 2, "win32"),
        (0x8E5E0710, "JET_errDiskFull", -1808, "jet"),
        (0xFFFFF8F0, "JET_errDiskFull", -1808, "jet"),
        (0xE000020B, "SPAPI_E_NO_SUCH_DEVINST", 0x800F020B, "hresult"),
        (0x80CF402C, "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED", 0x8024402C, "hresult"),
        (0x80190190, "BG_E_HTTP_ERROR_400", 0x80190190, "hresult"),
        (1603, "ERROR_INSTALL_FAILURE", 1603, "win32"),
    ],
)
def test_decoding_order(value: int, symbol: str, number: int, space: str) -> None:
    code = lookup(value)
    assert (code.symbol, code.number, code.space) == (symbol, number, space)


def test_a_win32_hresult_never_shows_the_name_of_a_foreign_interface() -> None:
    code = lookup(0x80070005)
    assert code.symbol == "ERROR_ACCESS_DENIED"
    assert code.aliases == ("E_ACCESSDENIED",)


def test_a_mosetup_code_is_not_read_as_ntstatus() -> None:
    assert lookup(0xC1900107).symbol == "MOSETUP_E_CLEANUP_PENDING"


def test_an_unknown_number_gets_its_parts_and_no_guess() -> None:
    code = lookup(0x8024FFF0)
    assert not code.known
    assert code.symbol == ""
    assert code.facility == "FACILITY_WINDOWSUPDATE"
    assert "0xFFF0" in code.reading


def test_an_unknown_win32_number_says_where_it_comes_from() -> None:
    code = lookup(0x8007FFFE)
    assert not code.known
    assert "65534" in code.reading


def test_one_number_two_interfaces() -> None:
    """winerror.h names 12175 after WinINet; Windows Update calls WinHTTP, where it is TLS."""
    code = lookup(0x80072F8F)
    assert group_of(0x80072F8F) == "tls"
    assert {"ERROR_INTERNET_DECODING_FAILED", "WININET_E_DECODING_FAILED"} <= set(code.aliases)


def test_names_from_unofficial_lists_are_marked() -> None:
    assert lookup(0x800F0831).source == "listing"
    assert lookup(0x8024402C).source == "mingw-deb"


def notations(value: int) -> list[str]:
    signed = value - (1 << 32) if value >> 31 else value
    return [f"0x{value:08X}", f"0x{value:08x}", f"0X{value:08X}", f"{value:08x}", str(signed), str(value),
            f"hr=0x{value:08X}", f"HRESULT: 0x{value:08X}.", f"(0x{value:08x})", f"error {signed}"]  # fmt: skip


@given(st.integers(0x10000000, (1 << 32) - 10_000))
@example(0xEC339450)
def test_all_notations_of_a_value_are_one(value: int) -> None:
    found = {(parse(text).value, parse(text).space) for text in notations(value)}
    assert found == {(value, "hresult")}


@pytest.mark.parametrize(
    ("text", "value", "space"),
    [
        ("WU_E_PT_WINHTTP_NAME_NOT_RESOLVED", 0x8024402C, "hresult"),
        ("wu_e_pt_winhttp_name_not_resolved", 0x8024402C, "hresult"),
        ("HTTP 403", 403, "http"),
        ("HTTP/1.1 403", 403, "http"),
        ("%%1058", 1058, "win32"),
        ("EC 1603", 1603, "win32"),
        ("exit code: 3010", 3010, "win32"),
        ("hrDiskFull", (1 << 32) - 1808, "jet"),
        ("-1018", (1 << 32) - 1018, "jet"),
        ("2359302", 0x00240006, "hresult"),
        ("-2145124330", 0x80240016, "hresult"),
        ("80240034", 0x80240034, "hresult"),
        ("ERROR_DISK_FULL", 112, "win32"),
        ("0x80070005 (E_ACCESSDENIED)", 0x80070005, "hresult"),
        ("Installation failed with 0x80240022 today", 0x80240022, "hresult"),
    ],
)
def test_notation(text: str, value: int, space: str) -> None:
    found = parse(text)
    assert (found.value, found.space) == (value, space)


def test_a_setup_pair_keeps_both_halves() -> None:
    pair = Mention("0xC1900101-0x4000D", 0xC1900101, "hresult", 0x4000D)
    assert parse("0xC1900101-0x4000D") == pair
    assert parse("0xC1900101 - 0x4000D").extend == 0x4000D


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("hello", "no code"),
        ("0x123456789", "32 bits"),
        ("-2147483649", "32 bits"),
        ("4294967296", "32 bits"),
        ("0x", "no code"),
        ("WU_E_PT_WINHTTP_NAME_NOT_RESOLVD", "did you mean WU_E_PT_WINHTTP_NAME_NOT_RESOLVED"),
        ("\x1b[31m", "no code"),
    ],
)
def test_what_is_no_code_is_refused_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(CallError) as caught:
        parse(text)
    assert hint in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("value", [-(1 << 31) - 1, 1 << 32])
def test_a_number_beyond_32_bits_is_refused(value: int) -> None:
    with pytest.raises(CallError, match="32 bits"):
        lookup(value)


def test_an_unknown_space_or_language_is_refused() -> None:
    with pytest.raises(CallError, match="space"):
        lookup(5, space="moon")
    with pytest.raises(CallError, match="language"):
        lookup(5, lang="xx")


@pytest.mark.parametrize(
    ("value", "kind", "other"),
    [
        (0x80240022, "wraps", 0x8024200B),
        (0x8024200B, "wrapped-by", 0x80240022),
        (0xC8000710, "twin", 0x8E5E0710),
        (0x800F020B, "twin", 0xE000020B),
        (0x80240438, "maps-from", 0x803D0010),
        (0x803D0010, "maps-to", 0x80240438),
        (0xC015001A, "nt-twin", 0x80073712),
        (0x8024402C, "same-cause", 0x80072EE7),
    ],
)
def test_relations(value: int, kind: str, other: int) -> None:
    assert (kind, other) in {(link.kind, link.value) for link in related(lookup(value))}


def test_search_ranks_codes_of_updating_first() -> None:
    symbols = [hit.symbol for hit in search(("name", "resolved"))]
    assert "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED" in symbols[:3]
    assert search(("nothing-like-this",)) == []


def test_close_names() -> None:
    assert close_to("ERROR_DISK_FUL")[0] == "ERROR_DISK_FULL"

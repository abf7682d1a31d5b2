"""The state of a machine in texts: services, proxy, registry, jobs, system, network, clock; real and our own."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest
from conftest import SHARED, report_of
from hypothesis import given
from hypothesis import strategies as st

from analyzer.analysis import analyze
from analyzer.contradiction import contradictions
from analyzer.formats.hoststate.split import split
from analyzer.formats.hoststate.table import cells
from analyzer.formats.policy import policies
from analyzer.formats.rows import Row
from analyzer.machine import same_machine, shared_client_ids
from analyzer.model import Event, Fact, Place, Report
from analyzer.vocabulary import known_facts, known_inputs, known_kinds

CORPUS = SHARED / "corpus"


def rows(text: str) -> list[Row]:
    return [Row(line, Place("x", "", number)) for number, line in enumerate(text.split("\n"), 1)]


def meant(text: str) -> list[Event]:
    parts = split(rows(text)).parts
    return [told.event for part in parts for told in part.kind.read(part.rows, part.command)]


def kinds(text: str) -> list[str]:
    return [event.kind for event in meant(text)]


def only(text: str, kind: str) -> Mapping[str, str]:
    (event,) = [event for event in meant(text) if event.kind == kind]
    return event.fields


def facts(report: Report) -> dict[str, str]:
    return {fact.name: fact.value for machine in report.machines for fact in machine.facts}


# ---- near misses ----


@pytest.mark.parametrize(
    "text",
    [
        "Hello,\nthe service bits is stopped: 1 STOPPED they say.\n",
        "C:\\>dir\nWinHTTP is a library\n",
        "Host Name: x\nand nothing else: here\nOS Version: soon\n",
        "the registry key HKEY_LOCAL_MACHINE\\SOFTWARE\\x was looked at\n",
        "STATE              : 4  RUNNING\n",
    ],
)
def test_words_about_a_state_are_no_state(text: str) -> None:
    assert kinds(text) == []


SC = """C:\\>sc query bits

SERVICE_NAME: bits
        TYPE               : 20  WIN32_SHARE_PROCESS
        STATE              : {state}
        WIN32_EXIT_CODE    : {code}  (0x0)
        SERVICE_EXIT_CODE  : 0  (0x0)
        CHECKPOINT         : 0x0
        WAIT_HINT          : 0x0
"""


@pytest.mark.parametrize(
    ("state", "code", "codes"),
    [
        ("4  RUNNING\n                                (STOPPABLE, NOT_PAUSABLE)", 0, ()),
        ("1  STOPPED", 0, ()),
        ("1  STOPPED", 1077, ()),
        ("1  STOPPED", 1068, (0x8007042C,)),
    ],
)
def test_only_an_exit_code_that_tells_a_failure_is_one(state: str, code: int, codes: tuple[int, ...]) -> None:
    (event,) = meant(SC.format(state=state, code=code))
    assert (event.kind, event.fields["service"], event.codes) == ("service-status", "bits", codes)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("[SC] ChangeServiceConfig SUCCESS", ""),
        ("[SC] StartService FAILED 1056:", ""),
        ("[SC] OpenService FAILED 5:", ""),
        ("[SC] StartService FAILED 1058:", "service-failed"),
        ("[SC] EnumQueryServicesStatus:OpenService FAILED 1060:", "service-absent"),
        ("[SC] OpenService 失败 1060:", "service-absent"),
        ("[SC] OpenService FEHLER 1060:", "service-absent"),
    ],
)
def test_answers_of_sc(answer: str, kind: str) -> None:
    assert kinds(f"C:\\>sc query wuauserv\n{answer}\n") == ([kind] if kind else [])


QC = """[SC] QueryServiceConfig SUCCESS

SERVICE_NAME: bits
        TYPE               : 20  WIN32_SHARE_PROCESS
        START_TYPE         : 2   AUTO_START  (DELAYED)
        ERROR_CONTROL      : 1   NORMAL
        BINARY_PATH_NAME   : C:\\Windows\\System32\\svchost.exe -k netsvcs -p
        LOAD_ORDER_GROUP   :
        TAG                : 0
        DISPLAY_NAME       : Background Intelligent Transfer Service
        DEPENDENCIES       : RpcSs
                           : EventSystem
        SERVICE_START_NAME : LocalSystem
"""


def test_a_configuration_is_read_by_the_order_of_its_rows() -> None:
    assert dict(only(QC, "service-config")) == {
        "service": "bits",
        "start": "auto delayed",
        "program": "C:\\Windows\\System32\\svchost.exe -k netsvcs -p",
        "depends": "RpcSs EventSystem",
        "account": "LocalSystem",
    }


def test_labels_may_be_in_any_language() -> None:
    text = QC.replace("SERVICE_NAME", "NOME_SERVIZIO").replace("START_TYPE", "TIPO_AVVIO").replace("TYPE ", "TIPO ")
    assert only(text, "service-config") == only(QC, "service-config")


OLDER = (
    "Current WinHTTP proxy settings under:\n\n  HKEY_LOCAL_MACHINE\\\n    x :\n\n    Direct access (no proxy server).\n"
)
NAMED = "Current WinHTTP proxy settings:\n\n    Proxy Server(s) :  p1:8080;p2:8080\n    Bypass List     :  (none)\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Current WinHTTP proxy settings:\n\n    Direct access (no proxy server).\n", ""),
        ("Huidige WinHTTP-proxyinstellingen:\n\n    Directe toegang (geen proxyserver).\n", ""),
        (OLDER, ""),
        (NAMED, "p1:8080;p2:8080"),
    ],
)
def test_the_proxy_of_services(text: str, value: str) -> None:
    told = [event.fields["value"] for event in meant(text) if event.fields.get("name") == "winhttp-proxy"]
    assert told == [value]


REG = """Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU]{blank}
"AUOptions"=dword:0000000a{blank}
"UseWUServer"=-
"NoAutoUpdate"=dword:00000001

[-HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate]
"WUServer"="http://gone:8530"

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\BITS\\Parameters]
"ServiceDll"=hex(2):43,00,3a,00,\\
  5c,00,71,00,00,00
"""


@pytest.mark.parametrize("blank", ["", " "])
def test_an_export_is_hexadecimal_and_forgets_what_is_deleted(blank: str) -> None:
    events = meant(REG.format(blank=blank))
    assert {one.fields["policy"]: one.fields["value"] for one in events if one.kind == "policy-value"} == {
        "AUOptions": "10",
        "NoAutoUpdate": "1",
    }
    assert [one.fields["library"] for one in events if one.kind == "service-config"] == ["C:\\q"]


def test_a_key_that_is_not_there_is_not_set() -> None:
    key = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate"
    text = f"C:\\>reg query {key} /v WUServer\n\nERROR: The system was unable to find the specified registry key.\n"
    assert facts(report_of(text))["policy-wsus-server"] == ""


def test_a_policy_of_the_user_is_none_of_the_machine() -> None:
    key = "HKEY_CURRENT_USER\\Software\\Policies\\Microsoft\\Windows\\WindowsUpdate"
    text = f"{key}\n    WUServer    REG_SZ    http://x:1\n"
    assert kinds(text) == ["policy-value"]
    assert "policy-wsus-server" not in facts(report_of(text))


def test_a_pending_restart_and_a_client_id() -> None:
    root = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion"
    pending = f"{root}\\Component Based Servicing\\RebootPending\n\n"
    text = f"{pending}{root}\\WindowsUpdate\n    SusClientId    REG_SZ    AB-1\n"
    assert kinds(text) == ["restart-marker", "fact"]
    assert facts(report_of(text)) == {"registry-client-id": "ab-1"}


def test_a_list_that_was_denied_is_no_fault_of_bits() -> None:
    text = "BITSADMIN version 3.0\n\nUnable to enum jobs - 0x80070005\nAccess is denied.\n"
    (event,) = meant(text)
    assert (event.kind, event.codes) == ("bits-list-denied", ())


def test_lookups_and_ports() -> None:
    text = (
        "> nslookup wsus01.contso.com\nServer:  dc01\nAddress:  10.20.0.10\n\n"
        "*** wsus01.contso.com wurde von dc01 nicht gefunden: Non-existent domain.\n\n"
        "> nslookup wsus01.contoso.com\nServer:  dc01\nAddress:  10.20.0.10\n\n"
        "Name:    wsus01.contoso.com\nAddress:  10.20.3.41\n"
    )
    assert [(one.fields["host"], one.fields["found"]) for one in meant(text)] == [
        ("wsus01.contso.com", "no"),
        ("wsus01.contoso.com", "yes"),
    ]
    test = "ComputerName     : s\nRemotePort       : 80\nTcpTestSucceeded : False\n"
    assert only(test, "port-test") == {"host": "s", "port": "80", "open": "no"}


def test_ipconfig_tells_the_name() -> None:
    text = (
        "Windows-IP-Konfiguration\n\n   Hostname  . . . . . . . . . . . . : SRV7\n"
        "   Primäres DNS-Suffix . . . . . . . : contoso.com\n   Knotentyp . . . . . . . . . . . . : Hybrid\n\n"
        "   DNS-Server  . . . . . . . . . . . : 10.0.0.1\n                                       10.0.0.2\n"
    )
    told = [(one.fields["name"], one.fields["value"]) for one in meant(text)]
    assert told == [
        ("host-name", "SRV7"),
        ("dns-name", "srv7.contoso.com"),
        ("dns-server", "10.0.0.1"),
        ("dns-server", "10.0.0.2"),
    ]


def test_columns_on_the_right_of_their_heading() -> None:
    header, ruler = "Name  State ProcessID StartType", "----  ----- --------- ---------"
    assert cells(header, ruler, "BITS  Run       14044 Automatic") == {
        "Name": "BITS",
        "State": "Run",
        "ProcessID": "14044",
        "StartType": "Automatic",
    }


# ---- what does not fit together ----


def fact(name: str, value: str) -> Fact:
    return Fact(name, value, Place(name))


@pytest.mark.parametrize(
    ("known", "found"),
    [
        ((("policy-wsus-server", "http://a:8530"), ("wsus-server", "http://A:8530/")), []),
        ((("policy-wsus-server", "http://a"), ("wsus-server", "http://a:80")), []),
        ((("policy-wsus-server", "http://a:8530"), ("wsus-server", "http://b:8530")), ["policy-contradiction"]),
        ((("policy-wsus-server", "http://a:8530"), ("wsus-server", "")), ["policy-contradiction"]),
        ((("policy-wsus-server", ""), ("wsus-server", "http://b:8530")), []),
        ((("machine-zone", "UTC+01:00"), ("time-zone", "+0200")), []),
        ((("machine-zone", "UTC-08:00"), ("time-zone", "+0100")), ["zone-contradiction"]),
    ],
)
def test_contradictions(known: tuple[tuple[str, str], ...], found: list[str]) -> None:
    assert [one.name for one in contradictions(fact(*pair) for pair in known)] == found


def test_short_names_join_the_one_full_name() -> None:
    assert same_machine(["srv7", "srv7.contoso.com", "a.x.com", "a.y.com", "a", ""]).get("srv7") == "srv7.contoso.com"
    assert "a" not in same_machine(["a.x.com", "a.y.com", "a"])


def test_one_client_id_on_two_machines() -> None:
    shared = shared_client_ids(
        {"a": [fact("client-id", "1")], "b": [fact("client-id", "1")], "c": [fact("client-id", "2")]}
    )
    assert {name: found[0].value for name, found in shared.items()} == {"a": "b", "b": "a"}


def test_two_folders_with_one_client_id(tmp_path: Path) -> None:
    line = "2024-02-20 08:00:02.1234567 1204  5572  ProtocolTalker  Initializing simple targeting cookie, "
    for name in ("pc7", "pc8"):
        (tmp_path / name).mkdir()
        text = (
            f"{line}clientId = 0b8e7d0a-2f8f-41c6-a6ad-61c39f4b1f1d, target group = , DNS name = {name}.contoso.com\n"
        )
        (tmp_path / name / "WindowsUpdate.log").write_text(text * 2)
    report = analyze([str(tmp_path)])
    assert [(one.id, one.machine) for one in report.diagnoses] == [
        ("duplicate-client-id", "pc7.contoso.com"),
        ("duplicate-client-id", "pc8.contoso.com"),
    ]


# ---- the tables ----


def test_every_policy_becomes_a_known_fact() -> None:
    for policy in policies().values():
        assert not policy.fact or policy.fact in known_facts()


# ---- real outputs ----

REAL_ERRORS = {"id22166677693": {"service-disabled"}, "jerrydman": {"wsus-policy-malformed"}}
"""By the beginning of the file: the real outputs that show a fault."""


def real(folder: str) -> list[Path]:
    if not CORPUS.is_dir():
        pytest.skip("../shared/corpus is not there")
    return [path for path in sorted((CORPUS / folder).iterdir()) if not path.name.startswith("MANIFEST")]


@pytest.mark.parametrize(
    ("folder", "formats"),
    [
        ("sc", {"services"}),
        ("reg_export", {"registry"}),
        ("reg_query", {"registry"}),
        ("winhttp", {"winhttp"}),
        ("systeminfo", {"systeminfo"}),
        ("bitsadmin", {"bits"}),
        ("get_bitstransfer", {"bits"}),
        ("services", {"services", "hotfixes"}),
        ("wmic_qfe", {"hotfixes"}),
    ],
)
def test_every_real_output_is_known(folder: str, formats: set[str]) -> None:
    for path in real(folder):
        (source,) = analyze(["-"], stdin=BytesIO(path.read_bytes())).sources
        assert source.format in formats, path.name


def test_real_systems() -> None:
    known = {path.name: facts(analyze([str(path)])) for path in real("systeminfo")}
    spanish = next(value for name, value in known.items() if name.startswith("sego1"))
    assert (spanish["machine-zone"], spanish["windows-version"]) == ("UTC+01:00", "10.0.17763")
    assert spanish["hotfixes"].startswith("11: KB4514358")
    laptop = next(value for name, value in known.items() if name.endswith("hyperv.out"))
    assert (laptop["dns-name"], laptop["machine-zone"]) == ("testlaptop.test.com", "UTC-06:00")


def test_what_is_told_is_in_the_vocabulary() -> None:
    for folder in ("sc", "reg_export", "reg_query", "winhttp", "systeminfo", "bitsadmin", "services", "wmic_qfe"):
        for path in real(folder):
            report = analyze([str(path)])
            errors = {one.id for one in report.diagnoses if one.severity.word == "error"}
            assert errors == REAL_ERRORS.get(path.name.partition("__")[0], set())
            for event in report.events:
                assert event.kind == "fact" or known_kinds()[event.kind]
            assert set(facts(report)) <= set(known_facts())
            assert report.sources[0].format in known_inputs()


@given(st.text(alphabet="SERVICE_NAME: \n\tTYPE[]STOPPED1234\\HKLM=\"'-{}0x(),.", max_size=400))
def test_no_text_is_too_strange(text: str) -> None:
    meant(text)

# ruff: noqa: E501
"""Sentences of a viewer: they mean what the XML of the same event means, and name services by their whole names."""

import csv
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_evtx_meaning import reported, told, xml

from analyzer.data import folder
from analyzer.formats.evtx.meaning import said
from analyzer.formats.evtx.record import Logged
from analyzer.formats.evtx.sentences import SLOT, event_of, inserted, plain, system_error, values
from analyzer.formats.evtx.services import service_in
from analyzer.formats.evtx.table import entry_of
from analyzer.model import Event

SCM = "Service Control Manager"
BITS = "Background Intelligent Transfer Service"
WU = "Microsoft-Windows-WindowsUpdateClient"
STORE = r"C:\Windows\SoftwareDistribution\DataStore"
DISABLED = "The service cannot be started, either because it is disabled or because it has no enabled devices associated with it."


def copied(provider: str, number: int, sentence: str) -> str:
    return f"Log Name: System\nSource: {provider}\nDate: 2024-05-06 07:08:09\nEvent ID: {number}\nDescription:\n{sentence}\n"


def data(*strings: str, **named: str) -> str:
    parts = [f"<Data>{text}</Data>" for text in strings]
    return "".join((*parts, *(f"<Data Name='{name}'>{value}</Data>" for name, value in named.items())))


TWINS = [
    (SCM, 7000, f"The {BITS} service failed to start due to the following error: \n%%1053", data(param1=BITS, param2="%%1053")),
    (SCM, 7000, "The Windows Update service failed to start due to the following error: \nAccess is denied.", data(param1="Windows Update", param2="%%5")),
    (SCM, 7000, f"The Windows Update service failed to start due to the following error: \n{DISABLED}", data(param1="Windows Update", param2="%%1058")),
    (SCM, 7001, f"The Windows Update service depends on the Remote Procedure Call (RPC) service which failed to start because of the following error: \n{DISABLED}", data(param1="Windows Update", param2="Remote Procedure Call (RPC)", param3="%%1058")),
    (SCM, 7009, f"A timeout was reached (30000 milliseconds) while waiting for the {BITS} service to connect.", data(param1="30000", param2=BITS)),
    (SCM, 7023, "The Windows Update service terminated with the following error: \nThe specified module could not be found.", data(param1="Windows Update", param2="%%126")),
    (SCM, 7024, f"The {BITS} service terminated with the following service-specific error: \n%%2147942405", data(param1=BITS, param2="%%2147942405")),
    (SCM, 7034, "The Windows Update service terminated unexpectedly.  It has done this 2 time(s).", data(param1="Windows Update", param2="2")),
    (SCM, 7036, "The Windows Update service entered the stopped state.", data(param1="Windows Update", param2="stopped")),
    (SCM, 7040, f"The start type of the {BITS} service was changed from demand start to disabled.", data(param1=BITS, param2="demand start", param3="disabled", param4="BITS")),
    ("Microsoft-Windows-Bits-Client", 61, "BITS stopped transferring the WU Client Download transfer job that is associated with the http://download.windowsupdate.com/d/a.cab URL. The status code is 0x80072EE2.", data(name="WU Client Download", url="http://download.windowsupdate.com/d/a.cab", hr="2147954402")),
    ("Microsoft-Windows-Servicing", 3, "Package KB5099001 failed to be changed to the Installed state. Status: 0x800f0984.", data(PackageIdentifier="KB5099001", IntendedPackageStateTextized="Installed", ErrorCode="0x800f0984")),
    ("Microsoft-Windows-WUSA", 3, 'Windows update "Security Update for Windows (KB5099001)" could not be installed because of error 2149842967 "The update is not applicable to your computer" (Command line: ""C:\\Windows\\system32\\wusa.exe" "C:\\a.msu" /quiet")', data(UpdateTitle="Security Update for Windows (KB5099001)", ErrorCode="2149842967")),
    ("Microsoft-Windows-WinREAgent", 4502, "Windows Recovery Environment servicing failed.\n(CBS_E_INSUFFICIENT_DISK_SPACE)", data(ErrorCode="0x800f0828")),
    ("Microsoft-Windows-Kernel-General", 1, "The system time has changed to \u200e2024\u200e-\u200e03\u200e-\u200e12T10:15:00.500000000Z from \u200e2021\u200e-\u200e01\u200e-\u200e20T13:57:52.000000000Z.\n\nChange Reason: An application or system component changed the time.", data(NewTime="2024-03-12T10:15:00.5Z", OldTime="2021-01-20T13:57:52.0Z")),
    ("User32", 1074, "The process C:\\a.exe (PC7) has initiated the restart of computer PC7 on behalf of user NT AUTHORITY\\SYSTEM for the following reason: Operating System: Upgrade (Planned)\n Reason Code: 0x80020003\n Shutdown Type: restart\n Comment: ", data("C:\\a.exe (PC7)", "PC7", "Operating System: Upgrade (Planned)", "0x80020003", "restart", "", "NT AUTHORITY\\SYSTEM")),
    ("ESENT", 490, f'wuaueng.dll (1280) SUS20ClientDataStore: An attempt to open the file "{STORE}\\DataStore.edb" for read / write access failed with system error 32 (0x00000020): "The process cannot access the file because it is being used by another process. ".  The open file operation will fail with error -1032 (0xfffffbf8).', data("wuaueng.dll", "1280", "SUS20ClientDataStore: ", f"{STORE}\\DataStore.edb", "-1032 (0xfffffbf8)", "32 (0x00000020)", "x")),
    ("ESENT", 412, f"wuaueng.dll (1280) SUS20ClientDataStore: Unable to read the header of logfile {STORE}\\Logs\\edb.log. Error -530.", data("wuaueng.dll", "1280", "SUS20ClientDataStore: ", f"{STORE}\\Logs\\edb.log", "-530")),
    ("MsiInstaller", 1024, "Product: Contoso Office - Update '{ABCD}' could not be installed. Error code 1603. Windows Installer can create logs.", data("Contoso Office", "{ABCD}", "1603", "(NULL)")),
    ("Microsoft-Windows-DistributedCOM", 10005, 'DCOM got error "1053" attempting to start the service BITS with arguments "Unavailable" in order to run the server:\n{4991D34B-80A1-4291-83B6-3328366B9097}', data(param1="1053", param2="BITS", param3="Unavailable")),
    (WU, 20, "Installation Failure: Windows failed to install the following update with error 0x80070643: 2024-05 Update: part two (KB5099001).", data(errorCode="0x80070643", updateTitle="2024-05 Update: part two (KB5099001)")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("provider", "number", "sentence", "values"), TWINS, ids=[f"{one[0]} {one[1]}" for one in TWINS]
)
def test_a_sentence_means_what_the_xml_means(provider: str, number: int, sentence: str, values: str) -> None:
    plain, twin = reported(copied(provider, number, sentence)), reported(xml(provider, number, values))
    assert _told(plain.events) == _told(twin.events)
    assert [(one.kind, one.chain, one.updates) for one in plain.operations] == [
        (one.kind, one.chain, one.updates) for one in twin.operations
    ]
    assert [found.id for found in plain.diagnoses] == [found.id for found in twin.diagnoses]
    assert plain.operations or _told(plain.events)


def _told(events: tuple[Event, ...]) -> list[tuple[str, tuple[int, ...], dict[str, str]]]:
    return [(one.kind, one.codes, dict(one.fields)) for one in events if one.kind != "fact"]


def _rows() -> Iterator[tuple[str, int, str]]:
    rows = csv.DictReader(folder("codes").joinpath("event-sentences.csv").read_text("utf-8").splitlines())
    for row in rows:
        yield row["provider"], int(row["event"]), row["sentence"]


@pytest.mark.parametrize(("provider", "number", "sentence"), list(_rows()))
def test_every_sentence_gives_back_the_values_put_into_it(provider: str, number: int, sentence: str) -> None:
    entry = entry_of(provider, number)
    assert entry is not None, "a sentence of an event that means nothing"
    names = [name for name in SLOT.findall(sentence) if name]
    given = {name: f"v{at}" for at, name in enumerate(names)}
    filled = SLOT.sub(lambda slot: given.get(slot[1], "any"), sentence)
    found = values(provider, number, filled)
    assert {name: found.get(name) for name in given} == given
    wrapped = filled.replace(" ", "\r\n", 1).replace('"', "”")
    assert {name: values(provider, number, wrapped).get(name) for name in given} == given
    if entry.code and entry.notation != "ese":
        assert entry.code in names or not {theirs for _, theirs in entry.fields}.isdisjoint(names)


@pytest.mark.parametrize(
    "sentence",
    [
        "The Orbits Telemetry service failed to start due to the following error: \nAccess is denied.",
        "The Sensor Monitoring Service service failed to start due to the following error: \nAccess is denied.",
        "The Windows Defender Advanced Threat Protection Service service failed to start due to the following error: \n%%5",
        "The Contoso Windows Update Helper service failed to start due to the following error: \n%%5",
        "El servicio Contoso Windows Update Helper no pudo iniciarse debido al siguiente error: \n%%5",
        'Служба "Contoso BITS" не запущена: %%5',
        "The habits service, which is not BITS Helper, failed",
    ],
)
def test_a_service_is_none_whose_name_only_holds_that_of_another(sentence: str) -> None:
    assert told(copied(SCM, 7000, sentence)) == []


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("El servicio Windows Update no pudo iniciarse debido al siguiente error: \n%%1053", "Windows Update"),
        ('Служба "Windows Update" не запущена: %%1053', "Windows Update"),
        ("Tjänsten Windows Update kunde inte startas: %%1053", "Windows Update"),
        ("Der Dienst BITS wurde anders beendet: %%1053", "BITS"),
    ],
)
def test_a_service_is_known_in_sentences_that_are_not(sentence: str, name: str) -> None:
    assert service_in(sentence) == name
    (event,) = told(copied(SCM, 7000, sentence))
    assert event.codes == (0x8007041D,)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Access is denied.", 5),
        ("Access is denied", 5),
        ("access is denied. Please call Ann", 5),
        ("Zugriff verweigert", 5),
        ("Le service n’a pas répondu assez vite à la demande de lancement ou de contrôle.", 1053),
        ("Access is deniedly", 0),
        ("Your access is denied.", 0),
        ("The system cannot find the file specified elsewhere", 2),
        ("", 0),
    ],
)
def test_errors_of_the_system_are_known_by_their_words(text: str, number: int) -> None:
    assert system_error(text) == number


def test_a_mail_may_break_the_lines_of_an_error() -> None:
    broken = DISABLED.replace(" disabled or", " disabled or\n").replace("either", "\neither")
    (event,) = told(
        copied(SCM, 7000, f"The Windows Update service failed to start due to the following error: \n{broken}")
    )
    assert event.codes == (0x80070422,)


def test_what_group_policy_lists_as_possible_reasons_is_no_code() -> None:
    sentence = (
        "The processing of Group Policy failed. This issue may be transient and could be caused by one or more of the\n"
        "following:\na) Name Resolution\nc) The Distributed File System (DFS) client has been disabled."
    )
    (event,) = told(copied("Microsoft-Windows-GroupPolicy", 1058, sentence))
    assert (event.kind, event.codes) == ("policy-not-applied", ())


def test_prose_below_a_title_is_none_of_it() -> None:
    below = (
        "Installation Failure: Windows failed to install the following update with error 0x80070643: {}\nThanks: Ann"
    )
    for title in ("2024-05 Update (KB5099001)", "2024-05 Update (KB5099001).", "Contoso Corp. - Display - 1.2."):
        (done,) = reported(copied(WU, 20, below.format(title))).operations
        assert done.updates[0].title == title.rstrip(".")


@pytest.mark.parametrize(
    ("message", "strings"),
    [
        (
            "The following information is part of the event:'1053', 'BITS', 'Unavailable'",
            ("1053", "BITS", "Unavailable"),
        ),
        ("The following information was included with the event: \n\n1053\nBITS\n", ("1053", "BITS")),
        ("No information is part of an event", ()),
    ],
)
def test_the_values_of_an_event_without_sentence(message: str, strings: tuple[str, ...]) -> None:
    assert inserted(message) == strings


def test_an_event_without_sentence_means_what_its_values_say() -> None:
    (event,) = told(copied("DCOM", 10005, "The following information is part of the event:'1053', 'BITS', 'x'"))
    assert (event.kind, event.codes, event.fields["service"]) == ("service-start-failed", (0x8007041D,), "bits")


# ---- rows of the table ----


@pytest.mark.parametrize(
    ("provider", "number", "values", "kind"),
    [
        ("Microsoft-Windows-Service Control Manager", 7000, data(param1=BITS, param2="%%5"), "service-start-failed"),
        ("Windows Update Agent", 21, "", "restart-pending"),
        ("DCOM", 10005, data(param1="1053", param2="wuauserv"), "service-start-failed"),
        ("Microsoft-Windows-WUSA", 4, data(UpdateTitle="a"), "restart-pending"),
        ("ESENT", 413, data("wuaueng.dll", "1", "SUS20ClientDataStore: ", "-1032"), "data-store-broken"),
        ("ESENT", 623, data("wuaueng.dll", "1", "SUS20ClientDataStore: ", "0", "16"), "data-store-broken"),
    ],
)
def test_other_names_and_events(provider: str, number: int, values: str, kind: str) -> None:
    assert [event.kind for event in told(xml(provider, number, values))] == [kind]


@pytest.mark.parametrize(
    ("provider", "number", "values"),
    [
        ("Contoso Service Control Manager", 7000, data(param1=BITS, param2="%%5")),
        ("DCOM", 10005, data(param1="1053", param2="ContosoAgent")),
        ("DCOM", 10005, data(param1="1115", param2="TrustedInstaller")),
        ("DCOM", 10005, data(param1="1084", param2="wuauserv")),
        (SCM, 7001, data(param1="Windows Update", param2="Remote Procedure Call (RPC)", param3="%%1084")),
        ("ESENT", 413, data("taskhostw", "1", "WebCacheLocal: ", "-1032")),
        ("Windows Error Reporting", 1001, data("", "0", "APPCRASH", "Not available", "0", "a.exe", "8024000b")),
    ],
)
def test_their_near_misses_mean_nothing(provider: str, number: int, values: str) -> None:
    assert told(xml(provider, number, values)) == []
    assert not reported(xml(provider, number, values)).operations


REPORT = (
    "",
    "0",
    "WindowsUpdateFailure3",
    "Not available",
    "0",
    "10.0.19041.1",
    "80240016",
    "6B7ECBC4-C3A3-4519-9991-0AF24AF4807E",
)


@pytest.mark.parametrize(
    ("did", "kind"), [("Scan", "scan"), ("Download", "download"), ("Install", "install"), ("Other", "")]
)
def test_the_client_reports_its_failure_to_microsoft(did: str, kind: str) -> None:
    found = reported(xml("Windows Error Reporting", 1001, data(*REPORT, did, "1"), "Application")).operations
    assert [(one.kind, one.chain) for one in found] == ([(kind, (0x80240016,))] if kind else [])


def test_the_report_as_a_sentence() -> None:
    sentence = (
        "Fault bucket , type 0\nEvent Name: WindowsUpdateFailure3\nResponse: Not available\nCab Id: 0\n\nProblem signature:\n"
        + "".join(f"P{at}: {value}\n" for at, value in enumerate((*REPORT[5:], "Install", "1"), 1))
    )
    (one,) = reported(copied("Windows Error Reporting", 1001, sentence)).operations
    assert (one.kind, one.chain, one.updates[0].id) == ("install", (0x80240016,), REPORT[7])


# ---- bad input ----


@given(st.text(max_size=400), st.sampled_from([(SCM, 7000), (SCM, 7001), (WU, 20), ("ESENT", 490), ("User32", 1074)]))
def test_any_sentence_is_read_without_fault(message: str, event: tuple[str, int]) -> None:
    said(Logged(*event, None, message=message))
    assert plain(plain(message)) == plain(message)


def test_a_sentence_is_compared_in_steady_time() -> None:
    assert values(SCM, 7001, "The " + "a service depends on the " * 40_000) == {}


# ---- sentences alone ----


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("The Windows Update service failed to start due to the following error: Access is denied.", 7000),
        ("Error The Windows Update service failed to start due to the following error:", 7000),
        ("[Error] The Windows Update service terminated unexpectedly. It has done this 1 time(s).", 7031),
        ("Installation Failure: Windows failed to install the following update with error 0x800F0922: a (KB1).", 20),
        (
            '"wuaueng.dll (800) SUS20ClientDataStore: Unable to read the header of logfile C:\\a\\edb.log. Error -546."',
            412,
        ),
        ('Der Dienst "Windows Update" wurde mit folgendem Fehler beendet: Zugriff verweigert', 7023),
        ("The Windows Update service is not started.", 0),
        ("The Windows Update service could not be started.", 0),
        ("The Windows Update service was stopped successfully.", 0),
        ("The following error: failed to start", 0),
        ("Installation Failure: Windows failed to install the following update", 0),
        ("I see that the Windows Update service failed to start due to the following error: 5", 0),
        ("taskhostw (2160) WebCacheLocal: The version store for this instance (0) has reached its maximum", 0),
        ("Error code: 0x80070005 Error description: none", 0),
        ("Event Name: WindowsUpdateFailure3 Response: x P1: a P2: b P3: c P4: d P5: e", 0),
        ("", 0),
        ("Error", 0),
    ],
)
def test_which_sentence_is_known_without_its_labels(line: str, number: int) -> None:
    found = event_of(line)
    assert (found.event if found else 0) == number


def test_sentences_quoted_in_prose_are_events_at_their_lines() -> None:
    text = (
        "In the log I see\n\nError The Windows Update service failed to start due to the following error:\n"
        "Access is denied.\nInformation The Windows Update service entered the stopped state.\nthat is all, 0x80070422\n"
    )
    assert [(one.place.line, one.codes) for one in told(text)] == [(3, (0x80070005,)), (5, ())]
    assert reported(text).sources[0].reason.endswith("2 of 2 records read")


def test_a_sentence_in_a_log_leaves_the_log_what_it_is() -> None:
    log = "2024/05/06 08:20:07.1234567 1204  5572  DownloadManager *FAILED* [80070422] Failed to connect to BITS service\n"
    text = f"{log * 3}The Windows Update service failed to start due to the following error: Access is denied.\n"
    assert reported(text).sources[0].format == "windowsupdate"

"""The samples that hold event logs, as recipes: `python tests/evtx_samples.py` writes them, a test compares them."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evtx_writer import Event, written

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
GROUP = "AOI-11111111-2222-4333-8444-555555555555"
INSTANCE = "{4E7C1B7A-0E4F-4B52-9D3B-66F0B8A7C1E5}"
WORKER = "Microsoft.EnterpriseManagement.HealthService.AzureAutomation.HybridAgent"
UNABLE = "Unable to Register Machine for Patch Management, Registration Failed with Exception "
WORKER_SAMPLES: Mapping[str, tuple[str, str, str]] = {
    "already-registered": (
        "hybrid-worker-already-registered",
        WORKER,
        UNABLE
        + 'System.InvalidOperationException: {"Message":"Machine is already registered to a different account."}',
    ),
    "tls": (
        "hybrid-worker-tls",
        WORKER,
        UNABLE + "System.Net.Http.HttpRequestException: An error occurred while sending the request. ---> "
        "System.Net.WebException: The underlying connection was closed: An unexpected error occurred on a receive. "
        "---> System.ComponentModel.Win32Exception: The client and server can't communicate, because they do not "
        "possess a common algorithm",
    ),
    "not-json": (
        "hybrid-worker-answer-not-json",
        WORKER,
        UNABLE
        + "Newtonsoft.Json.JsonReaderException: Error parsing positive infinity value. Path '', line 0, position 0.",
    ),
    "certificate": (
        "hybrid-worker-certificate-replaced",
        WORKER,
        "The certificate presented by the service 11111111-2222-4333-8444-555555555555.oms.opinsights.azure.com was "
        "not issued by a certificate authority used for Microsoft services. Contact your network administrator.",
    ),
    "self-signed-nl": (
        "hybrid-worker-self-signed",
        "Microsoft. EnterpriseManagement. HealthService. AzureAutomation. HybridAgent",
        UNABLE
        + "AgentService.HybridRegistration. PowerShell.Certificates.CertificateCreationException: Failed to create "
        "a self-signed certificate. ---> System.UnauthorizedAccessException: Toegang geweigerd.",
    ),
    "access-denied": (
        "hybrid-worker-access-denied",
        WORKER,
        UNABLE + "System.UnauthorizedAccessException: Access is denied. (Exception form HRESULT: 0x80070005"
        "(E_ACCESSDENIED))",
    ),
    "other-module": (
        "",
        "Microsoft.EnterpriseManagement.Modules.CollectInstanceSpace",
        "System.Data.SqlClient.SqlException: Timeout expired",
    ),
}
"""By the end of the sample's name: the diagnosis, the module and what it threw."""


def files() -> Iterator[tuple[str, bytes]]:
    """Every file of these samples: its path below `samples` and its bytes."""
    for name, (label, module, thrown) in WORKER_SAMPLES.items():
        yield f"hybrid-worker-4502-{name}/input/Operations Manager.evtx", _operations_manager(module, thrown)
        causes: list[dict[str, object]] = [
            {"label": label, "codes": [], "decisive": [{"file": "Operations Manager.evtx", "lines": [3, 6]}]}
        ]
        why = "Event 4502 of the hybrid worker tells why it could not register." if label else NOT_THE_WORKER
        yield f"hybrid-worker-4502-{name}/expected.json", _expected(why, label, causes if label else [], [])
    yield "log-and-events/input/WindowsUpdate.log", _log().encode()
    yield "log-and-events/input/System.evtx", _system()
    yield "log-and-events/expected.json", _expected(TOLD_TWICE, "disk-full", [DISK_FULL], ["0x80248007"])


NOT_THE_WORKER = "Event 4502 names another module than the hybrid worker: updates are not concerned."
TOLD_TWICE = (
    "Both logs tell of the same four installations; the local times of WindowsUpdate.log are two hours ahead of UTC. "
    "One update fails twice because the disk is full."
)


def _expected(why: str, first: str, causes: list[dict[str, object]], decoys: list[str]) -> bytes:
    whole = {"healthy": not causes, "why": why, "first": first or None, "causes": causes, "decoys": decoys}
    return (json.dumps(whole, indent=1) + "\n").encode()


def _operations_manager(module: str, thrown: str) -> bytes:
    when = datetime(2024, 3, 5, 8, 0, tzinfo=UTC)
    rule = "Microsoft.IntelligencePacks.AzureAutomation.HybridAgent.Init" if "Hybrid" in module else "CollectSpace"
    values = (GROUP, rule, "srv-07.contoso.com", INSTANCE, module, thrown)
    failed = tuple(("", value) for value in values)
    events = []
    for day in range(2):
        start = when + timedelta(days=day)
        events += [
            _agent("HealthService", 1210, start, (("", GROUP), ("", "UpdatesSolution, ChangeTracking"))),
            _agent("HealthService", 7028, start + timedelta(minutes=1), (("", GROUP),)),
            _agent("Health Service Modules", 4502, start + timedelta(minutes=9), failed, 2),
        ]
    return written(events)


def _agent(provider: str, number: int, when: datetime, data: tuple[tuple[str, str], ...], level: int = 4) -> Event:
    return Event(provider, number, when, data, "Operations Manager", "srv-07.contoso.com", level)


# ---- a log and the events of the same machine ----

CUMULATIVE = ("EE0E8DAC-A313-4127-8452-D4C667223E18", 200, "2024-06 Cumulative Update for Windows 10 (KB5099401)")
NET = ("88BD4314-B1AB-4727-A57E-9E11F9B5ACA1", 201, "2024-06 Cumulative Update for .NET Framework 4.8 (KB5099402)")
TOOL = ("5C6BA2D3-0C8B-4B8A-9E1A-6D1D5B1F3A77", 100, "Windows Malicious Software Removal Tool x64 (KB890830)")
AHEAD = timedelta(hours=2)
INSTALLED: tuple[tuple[datetime, tuple[str, int, str], str], ...] = (
    (datetime(2024, 6, 12, 6, 30, 5, tzinfo=UTC), TOOL, "00000000"),
    (datetime(2024, 6, 12, 6, 41, 40, tzinfo=UTC), CUMULATIVE, "80070070"),
    (datetime(2024, 6, 13, 7, 2, 11, tzinfo=UTC), NET, "00000000"),
    (datetime(2024, 6, 13, 7, 20, 59, tzinfo=UTC), CUMULATIVE, "80070070"),
)
"""When each installation ended in UTC, of which update, with which result."""
DISK_FULL: dict[str, object] = {
    "label": "disk-full",
    "codes": ["0x80070070"],
    "decisive": [{"file": "WindowsUpdate.log", "lines": [13, 25]}, {"file": "System.evtx", "lines": [5, 10]}],
}


def _line(when: datetime, component: str, text: str) -> str:
    return f"{when + AHEAD:%Y/%m/%d %H:%M:%S}.1234567 1204  5572  {component:<15} {text}\r\n"


def _log() -> str:
    start = datetime(2024, 6, 12, 6, 0, tzinfo=UTC)
    lines = [
        _line(start, "Shared", "* START * Service startup"),
        _line(start, "Agent", "WU client version 10.0.19041.4522"),
        _line(start, "Agent", "WSUS server: (null)"),
        _line(start, "Misc", "*FAILED* [80248007] GetDataStoreRecord"),
    ]
    for number, (end, (guid, revision, title), result) in enumerate(INSTALLED, 1):
        begin, job = end - timedelta(minutes=3), f"{{9BD9E1A2-77C4-4B0E-8C3E-00000000000{number}}}"
        scan = begin - timedelta(minutes=5)
        lines += [
            _line(
                scan,
                "Agent",
                f"* START * Finding updates CallerId = UpdateOrchestrator  Id = {number} (cV = a.{number})",
            ),
            _line(
                scan + timedelta(minutes=1),
                "Agent",
                f"* END * Finding updates CallerId = UpdateOrchestrator, Id = {number}, Exit code = 0x00000000",
            ),
            _line(
                begin, "Agent", f"* START * Begin Installing Updates [CallerId = UpdateOrchestrator] [Call ID = {job}]"
            ),
            _line(begin, "Agent", f"  Title = {title}"),
            _line(begin, "Agent", f"  UpdateId = {guid}.{revision}"),
            _line(
                end,
                "Agent",
                f"LogHistory called. idUpdate={{{guid}}}.{revision}, resultMapped={result}, resultUnMapped={result}",
            ),
        ]
    return "".join(lines)


def _system() -> bytes:
    boot = datetime(2024, 6, 12, 5, 58, tzinfo=UTC)
    events = [Event("EventLog", 6005, boot, (("", ""),)), _clock(boot + timedelta(minutes=1))]
    for end, (guid, revision, title), result in INSTALLED:
        named = (("updateTitle", title), ("updateGuid", f"{{{guid}}}"), ("updateRevisionNumber", str(revision)))
        events.append(_update(43, end - timedelta(minutes=3), named))
        if result == "00000000":
            events.append(_update(19, end, named))
        else:
            events.append(_update(20, end, (("errorCode", f"0x{result}"), *named)))
    events.append(Event("User32", 1074, INSTALLED[-1][0] + timedelta(hours=1), _restart()))
    events.append(Event("EventLog", 6005, INSTALLED[-1][0] + timedelta(hours=1, minutes=2), (("", ""),)))
    return written(events)


def _update(number: int, when: datetime, data: tuple[tuple[str, str], ...]) -> Event:
    return Event("Microsoft-Windows-WindowsUpdateClient", number, when, data, level=2 if number == 20 else 4, version=1)


def _clock(when: datetime) -> Event:
    data = (
        ("NewTime", f"{when:%Y-%m-%dT%H:%M:%S}.0000000Z"),
        ("OldTime", f"{when - AHEAD:%Y-%m-%dT%H:%M:%S}.0000000Z"),
        ("Reason", "1"),
    )
    return Event("Microsoft-Windows-Kernel-General", 1, when, data)


def _restart() -> tuple[tuple[str, str], ...]:
    values = (
        *(
            r"C:\Windows\system32\svchost.exe (PC-01)",
            "PC-01",
            "Operating System: Service pack (Planned)",
            "0x80020010",
        ),
        *("restart", "", r"NT AUTHORITY\SYSTEM"),
    )
    return tuple((f"param{number}", value) for number, value in enumerate(values, 1))


def main() -> None:
    """Writes the samples."""
    for path, content in files():
        place = SAMPLES / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


if __name__ == "__main__":
    main()

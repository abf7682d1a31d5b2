"""What an event means: by the table, and for some kinds by what its values say."""

import re
from collections.abc import Callable, Mapping

from analyzer.events import KB, Said
from analyzer.formats.evtx.record import Logged, stamp
from analyzer.formats.evtx.services import service_key, service_state
from analyzer.formats.evtx.spoken import DISABLED, code_said, fields_said, valued
from analyzer.formats.evtx.table import Entry, entry_of
from analyzer.formats.evtx.worker import CHANNEL, told_by_4502

SHOWN = 4096
"""Characters of a text that is kept."""
JUMP = 60
"""Seconds: smaller changes of the clock are its daily correction."""
ESE = re.compile(r"-(\d{1,5})(?: \(0x[0-9a-f]{8}\))?\.?$", re.IGNORECASE)
UPDATING = re.compile(r"^WU Client Download|Windows ?Update|^UpdateOrchestrator|^Preinstall|^SusClient", re.IGNORECASE)
"""Names of transfer jobs that bring updates."""
UPDATE_HOSTS = re.compile(
    r"https?://[^/]*(?:windowsupdate\.com|\.(?:do\.dsp\.mp|delivery\.mp|update)\.microsoft\.com|/SelfUpdate|:853[01])"
    r"|/Content/[0-9A-F]{2}/[0-9A-F]{40}\.|/filestreamingservice/",
    re.IGNORECASE,
)
STORE = re.compile(r"SoftwareDistribution|SUS20ClientDataStore|wuaueng", re.IGNORECASE)

NO_TIME_TO_START = frozenset({0x8007045B, 0x8007043C})
"""Windows shuts down, or runs in safe mode: that a service is not started then is as it should be."""
REPORTED = "update-failure-reported"
REPORT = "WindowsUpdateFailure"
"""What such a report is called, with a number behind it."""

Fields = dict[str, str]


def component(provider: str) -> str:
    """What a person calls *provider*."""
    return provider.removeprefix("Microsoft-Windows-")


def said(logged: Logged) -> tuple[Said, Entry] | None:
    """What *logged* means, and its row of the table; None where it means nothing to us."""
    entry = entry_of(logged.provider, logged.event)
    if entry is None:
        return None
    spoken = bool(logged.message) and not logged.strings
    if spoken:
        logged = valued(logged, entry)
    if entry.kind == REPORTED:
        logged = _numbered(logged)
    fields: Fields = {ours: logged.value(theirs).strip() for ours, theirs in entry.fields}
    codes = _codes(logged, entry) if entry.notation else ()
    if spoken:
        codes = codes or code_said(logged, entry)
        fields |= fields_said(logged, entry)
    kind = entry.kind
    refine = REFINED.get(kind)
    if refine is not None:
        refined = refine(logged, fields, codes)
        if refined is None:
            return None
        kind, fields = refined
    fields = {name: value for name, value in fields.items() if value}
    fields["event"] = str(logged.event)
    return Said(kind, component(entry.provider), codes, fields), entry


def text_of(logged: Logged, entry: Entry) -> str:
    """*logged* as one line for a person."""
    if logged.message:
        values = " ".join(logged.message.split())
    elif logged.data:
        values = "; ".join(f"{name}={' '.join(value.split())}" for name, value in logged.data.items())
    else:
        values = "; ".join(" ".join(value.split()) for value in logged.strings if value.strip())
    head = f"{component(entry.provider)} {logged.event}: {entry.meaning}"
    return (f"{head}: {values}" if values else head)[:SHOWN]


# ---- codes ----


def _codes(logged: Logged, entry: Entry) -> tuple[int, ...]:
    if entry.notation == "ese":
        found = [match for text in logged.texts() if (match := ESE.search(text.strip()))]
        numbers = [match[1] for match in found] or ([entry.code] if entry.code else [])
        return tuple(0xC8000000 | int(number) for number in numbers[:1])
    value = logged.value(entry.code) if entry.code else ""
    code = decoded(value, entry.notation)
    return (code,) if code else ()


def decoded(value: str, notation: str) -> int:
    """The code that *value* writes in *notation*, unsigned; 0 where it is a success or none."""
    text = value.strip().removeprefix("%%")
    try:
        number = int(text, 16) if notation == "bare" or (notation == "hex" and not text.isdigit()) else int(text, 0)
    except ValueError:
        return 0
    number &= 0xFFFFFFFF
    if notation in ("win32", "percent") and 0 < number < 0x10000:
        return 0x80070000 | number
    return number


# ---- kinds that depend on values ----


def _update(logged: Logged, fields: Fields, codes: tuple[int, ...], kind: str) -> tuple[str, Fields]:
    guid = fields.pop("update", "").strip("{}").upper()
    revision = fields.pop("revision", "")
    fields["update"] = f"{guid}.{revision}" if guid and revision.isdigit() else guid
    fields["service"] = fields.get("service", "").strip("{}").upper()
    return kind, fields


def _of_update(kind: str) -> "Refine":
    return lambda logged, fields, codes: _update(logged, fields, codes, kind)


def _service(kind: str) -> "Refine":
    def refine(logged: Logged, fields: Fields, codes: tuple[int, ...]) -> tuple[str, Fields] | None:
        key = service_key(fields.get("name", ""), "" if kind != "service-state" else logged.binary)
        depends = service_key(fields.get("dependency", ""))
        if (not key and not depends) or NO_TIME_TO_START.intersection(codes):
            return None
        fields["service"] = key
        return kind, fields

    return refine


def _state(logged: Logged, fields: Fields, codes: tuple[int, ...]) -> tuple[str, Fields] | None:
    found = _service("service-state")(logged, fields, codes)
    if found is not None:
        fields["state"] = service_state(fields.get("state", ""), logged.binary)
    return found


def _start_type(logged: Logged, fields: Fields, codes: tuple[int, ...]) -> tuple[str, Fields] | None:
    """Only a service that is switched off, or on again, tells something."""
    key = service_key(fields.pop("key", "")) or service_key(fields.get("name", ""))
    disabled = bool(DISABLED.search(fields.get("after", "")))
    if not key or not (disabled or DISABLED.search(fields.get("before", ""))):
        return None
    return "service-start-type", {**fields, "service": key, "disabled": "yes" if disabled else "no"}


def _transfer(logged: Logged, fields: Fields, codes: tuple[int, ...]) -> tuple[str, Fields] | None:
    """Only jobs that bring updates: other programs have jobs of their own."""
    if not UPDATING.search(fields.get("job", "")) and not UPDATE_HOSTS.search(fields.get("url", "")):
        return None
    fields["host"] = fields.pop("url", "").partition("://")[2].partition("/")[0].lower()
    return ("transfer-failed" if codes and codes[0] & 0x80000000 else "transfer-done"), fields


def _clock(logged: Logged, fields: Fields, codes: tuple[int, ...]) -> tuple[str, Fields] | None:
    old, new = stamp(fields.get("old", "")), stamp(fields.get("new", ""))
    if old is None or new is None or abs((new - old).total_seconds()) < JUMP:
        return None
    return "clock-changed", {"seconds": str(round((new - old).total_seconds()))}


def _package(kind: str) -> "Refine":
    def refine(logged: Logged, fields: Fields, codes: tuple[int, ...]) -> tuple[str, Fields] | None:
        found = KB.search(fields.get("package", ""))
        fields["kb"] = f"KB{found[1]}" if found else ""
        return kind, fields

    return refine


def _store(logged: Logged, fields: Fields, codes: tuple[int, ...]) -> tuple[str, Fields] | None:
    told = (*logged.texts(), logged.message)
    return ("data-store-broken", fields) if any(STORE.search(text) for text in told) else None


def _numbered(logged: Logged) -> Logged:
    """A report of an error with its parameters by name: they stand behind what the report is called."""
    told = [part for text in logged.strings for part in (text.split(", ") if f", {REPORT}" in text else (text,))]
    at = next((at for at, text in enumerate(told) if text.startswith(REPORT)), None)
    if at is None:
        return logged
    return logged._replace(data={f"P{place}": text for place, text in enumerate(told[at + 3 :], 1)})


def _reported(logged: Logged, fields: Fields, codes: tuple[int, ...]) -> tuple[str, Fields] | None:
    """What the client reported to Microsoft: what it did stands in the fourth parameter of the report."""
    did = {"scan": "scan", "download": "download", "install": "install"}.get(fields.pop("did", "").lower(), "")
    return _update(logged, fields, codes, f"update-{did}-failed") if did and codes else None


def _module(logged: Logged, fields: Fields, codes: tuple[int, ...]) -> tuple[str, Fields] | None:
    if logged.channel and logged.channel.lower() != CHANNEL:
        return None
    kind, told = told_by_4502(logged)
    return kind, dict(told)


Refine = Callable[[Logged, Fields, tuple[int, ...]], tuple[str, Fields] | None]
REFINED: Mapping[str, Refine] = {
    **{kind: _of_update(kind) for kind in ("update-installed", "update-install-failed", "update-install-started")},
    **{kind: _of_update(kind) for kind in ("update-uninstalled", "update-uninstall-failed", "update-detected")},
    **{kind: _of_update(kind) for kind in ("update-download-started", "update-downloaded", "update-download-failed")},
    **{kind: _of_update(kind) for kind in ("update-scan-succeeded", "update-scan-failed")},
    **{kind: _service(kind) for kind in ("service-start-failed", "service-dependency-failed", "service-timeout")},
    **{kind: _service(kind) for kind in ("service-ended-badly", "service-crashed", "service-logon-failed")},
    **{kind: _package(kind) for kind in ("package-changed", "package-failed", "package-restart")},
    "service-state": _state,
    "service-start-type": _start_type,
    "transfer-failed": _transfer,
    "transfer-ended": _transfer,
    "clock-changed": _clock,
    "data-store-broken": _store,
    "agent-module-failed": _module,
    REPORTED: _reported,
}
"""Kinds of which the values decide; None: it means nothing to us after all."""

"""Policies as the XML and HTML reports name them, by their display text, back to the registry values that they set.

The display texts are those of the ADMX files, in the language of the machine. English ones are known; in another
language the two policies that matter most are known by what they hold: addresses, and a mode such as `4 - …`.
"""

import re
from collections.abc import Iterator, Sequence

from analyzer.formats.gpresult.headings import plain

ROOT = "Software\\Policies\\Microsoft\\Windows\\WindowsUpdate\\"
AU = f"{ROOT}AU\\"
USERS = "No auto-restart with logged on users for scheduled automatic updates installations"
SWITCHES = {
    "Remove access to use all Windows Update features": f"{ROOT}SetDisableUXWUAccess",
    "Turn off access to all Windows Update features": f"{ROOT}DisableWindowsUpdateAccess",
    "Do not connect to any Windows Update Internet locations": f"{ROOT}DoNotConnectToWindowsUpdateInternetLocations",
    USERS: f"{AU}NoAutoRebootWithLoggedOnUsers",
    "Always automatically restart at the scheduled time": f"{AU}AlwaysAutoRebootAtScheduledTime",
    "Do not allow update deferral policies to cause scans against Windows Update": f"{ROOT}DisableDualScan",
    "Do not include drivers with Windows Updates": f"{ROOT}ExcludeWUDriversInQualityUpdate",
    "Allow Automatic Updates immediate installation": f"{AU}AutoInstallMinorUpdates",
    "Select when Preview Builds and Feature Updates are received": f"{ROOT}DeferFeatureUpdates",
    "Select when Quality Updates are received": f"{ROOT}DeferQualityUpdates",
    "Manage preview builds": f"{ROOT}ManagePreviewBuilds",
    "Select the target Feature Update version": f"{ROOT}TargetReleaseVersion",
}
"""Policies that are on or off, with the value that is then 1 or 0."""
DAYS = {
    f"{ROOT}DeferFeatureUpdates": f"{ROOT}DeferFeatureUpdatesPeriodInDays",
    f"{ROOT}DeferQualityUpdates": f"{ROOT}DeferQualityUpdatesPeriodInDays",
}
GROUP = "Enable client-side targeting"
SWITCH_BY_NAME = {plain(name): path for name, path in SWITCHES.items()}
SERVER = plain("Specify intranet Microsoft update service location")
MODE = plain("Configure Automatic Updates")
TARGETING = plain(GROUP)
UPDATE = re.compile(r"windows[ -]?update|центр обновления|windows 更新", re.IGNORECASE)
ADDRESS = re.compile(r"https?://\S+\Z", re.IGNORECASE)
NUMBERED = re.compile(r"([1-7])\s*[-–]\s")
DAY = re.compile(r"([0-7])\s*[-–]\s")
HOUR = re.compile(r"(\d\d):00\Z")

Options = Sequence[tuple[str, str]]


def values_of(name: str, state: str, category: str, options: Options) -> Iterator[tuple[str, str]]:
    """Path and value of what the policy *name* sets, as far as it concerns updating."""
    if not UPDATE.search(category):
        return
    key = plain(name)
    off = plain(state) in ("disabled", "отключен", "отключено", "deaktiviert", "uitgeschakeld", "désactivé", "已禁用")
    if key in SWITCH_BY_NAME:
        path = SWITCH_BY_NAME[key]
        yield path, "0" if off else "1"
        number = next((value for _, value in options if value.isdigit()), "")
        if path in DAYS and number and not off:
            yield DAYS[path], number
    elif key == SERVER or any(ADDRESS.match(value) for _, value in options):
        yield from _server(off, options)
    elif key == MODE or any(NUMBERED.match(value) for _, value in options[:1]):
        yield from _mode(off, options)
    elif key == TARGETING:
        yield f"{ROOT}TargetGroupEnabled", "0" if off else "1"
        if options and not off:
            yield f"{ROOT}TargetGroup", options[0][1]


def _server(off: bool, options: Options) -> Iterator[tuple[str, str]]:
    yield f"{AU}UseWUServer", "0" if off else "1"
    names = ("WUServer", "WUStatusServer", "UpdateServiceUrlAlternate")
    if not off:
        for name, (_, value) in zip(names, options, strict=False):
            if value.strip():
                yield ROOT + name, value.strip()


def _mode(off: bool, options: Options) -> Iterator[tuple[str, str]]:
    yield f"{AU}NoAutoUpdate", "1" if off else "0"
    if off:
        return
    numbered = [found[1] for _, value in options if (found := DAY.match(value))]
    hours = [found[1] for _, value in options if (found := HOUR.match(value))]
    if numbered:
        yield f"{AU}AUOptions", numbered[0]
    if len(numbered) > 1:
        yield f"{AU}ScheduledInstallDay", numbered[1]
    if hours:
        yield f"{AU}ScheduledInstallTime", str(int(hours[0]))

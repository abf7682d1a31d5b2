"""What a GPRESULT report says, whether as text, XML or HTML."""

from msgspec import Struct

from analyzer.formats.rows import Row


class Named(Struct, frozen=True):
    """A group policy object that was applied."""

    gpo: str
    row: Row


class Filtered(Struct, frozen=True):
    """A group policy object that was not applied, and why."""

    gpo: str
    reason: str
    """As the report says it."""
    why: str
    """`security`, `wmi`, `empty`, `link`, `gpo` or `unknown`."""
    row: Row
    filter: str = ""
    """Name of the WMI filter, if there is one."""
    reason_row: Row | None = None


class Setting(Struct, frozen=True):
    """One registry value that a policy sets."""

    gpo: str
    path: str
    """Key and value name."""
    value: str
    row: Row


class Scope(Struct, frozen=True):
    """What was worked out for the computer or for the user."""

    name: str
    """`computer` or `user`."""
    row: Row
    distinguished: str = ""
    """The name in the directory (`CN=SRV7,OU=…`)."""
    names_row: Row | None = None
    applied: tuple[Named, ...] = ()
    applied_row: Row | None = None
    """The heading of the list of what was applied."""
    filtered: tuple[Filtered, ...] = ()
    groups: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    templates: Row | None = None
    """Where the administrative templates begin: without them the report says nothing of single settings."""
    whole: bool = True
    """Its heading is there; of a pasted part it is not known what else there was."""


class Result(Struct, frozen=True):
    """One report."""

    host: str
    row: Row
    system: str = ""
    """Version of Windows (`10.0.17763`)."""
    system_row: Row | None = None
    domain: str = ""
    """Of the computer, in DNS."""
    scopes: tuple[Scope, ...] = ()

"""What the book says of one number: `Code`, and the `Relation`s between numbers."""

from msgspec import Struct

ROLES = ("cause", "wrapper", "routine", "success", "transient")
"""`wrapper`: only reports that something below it failed; `routine`: healthy machines write it too;
`transient`: passes by itself (busy, cancelled, shutting down)."""


class Relation(Struct, frozen=True):
    """How another code belongs to this one."""

    kind: str
    """One of `relations.KINDS`, seen from the code asked for."""
    value: int
    space: str
    symbol: str
    note: str = ""


class Code(Struct, frozen=True):
    """One number, read: its name, its make-up, and what it means for updating."""

    value: int
    """The number asked for, unsigned."""
    space: str
    """The table that named it: an HRESULT 0x80070005 is read in `win32`."""
    symbol: str
    """Empty where there is no public name."""
    aliases: tuple[str, ...]
    facility: str
    severity: str
    """`error`, `warning`, `info`, `success` or `stop` (bug checks)."""
    meaning: str
    cause: str
    next_step: str
    role: str
    group: str
    """What kind of trouble it is (`known_groups`); empty where that cannot be told from the number."""
    known: bool
    """It has a public symbol or a meaning of its own here."""
    number: int = 0
    """The number within `space`: 5 for 0x80070005, -1808 for 0xC8000710."""
    reading: str = ""
    """How the number was taken apart, for a person."""
    family: str = ""
    own_meaning: bool = False
    """The meaning was written for this very code, not made from its name or its bits."""
    source: str = ""
    """Where the symbol is published; `listing` marks names found only in unofficial lists."""
    since: str = ""
    lang: str = "en"
    """The language of the texts: English where the one asked for has none."""

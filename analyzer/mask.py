"""Credentials in addresses and command lines, masked: no text that is shown or kept holds them."""

import re

from msgspec.structs import replace

from analyzer.model import Event, Record

MASK = "***"
NAMES = (
    r"(?:password|passwd|passphrase|pwd|secret|(?<!publickey)token"
    r"|(?:api|account|shared|workspace|primary|access|activation)[_-]?key)"
)
"""How settings are called that hold a credential; `PublicKeyToken` is part of a .NET name and no secret."""

RULES = (
    ("@", r"(?i)\b([a-z][a-z0-9+.-]{0,20}://)[^\s/@'\"<>|]+@", rf"\1{MASK}@"),
    (
        "g= token= code= key= pass=",
        r"(?i)([?&](?:sig|sv_sig|token|access_token|code|key|pass)=)[^\s&'\"\])>|]+",
        rf"\1{MASK}",
    ),
    (
        "author",
        r"(?i)(\bauthorization['\"]?\s*[:=]\s*['\"]?(?:basic|bearer|sharedkey)\s+)[^\s'\",]+",
        rf"\1{MASK}",
    ),
    ("--", rf"(?i)(--(?:[a-z]{{1,20}}-){{0,4}}{NAMES}\s+)(?!-)[^\s'\"\])|]+", rf"\1{MASK}"),
    (
        "passw passphrase pwd secret token key",
        rf"(?i)({NAMES}['\"]?\s?[=:]\s?['\"]?)(?!\s)[^\s'\"&,;\])|]+",
        rf"\1{MASK}",
    ),
    (
        "-u --user --proxy-user",
        r"((?:^|\s)(?:-u|--user|--proxy-user)[ =]+[^\s:'\"]+:)[^\s'\"]+",
        rf"\1{MASK}",
    ),
    ("omsadm", r"(\bomsadmin\.sh\b.*?\s-s\s+)\S+", rf"\1{MASK}"),
    ("protected", r"(?i)(\"protectedSettings\"\s*:\s*\")[^\"]+", rf"\1{MASK}"),
)
"""Words of which a text must hold one, what to look for, and what stays of it.

The words have no `i`: IGNORECASE takes it for the Turkish ones too, folding does not.
"""
HINT = re.compile(r"@|[=:]|--|-u|-s ")


def masked(text: str) -> str:
    """*text* with `***` for each credential in it; the same text where there is none."""
    if not HINT.search(text):
        return text
    folded = text.casefold()
    for words, pattern, kept in RULES:
        # Nearly no text holds any of the words, and to look for them costs a tenth of trying the pattern.
        if any(map(folded.__contains__, words.split())):
            text = re.sub(pattern, kept, text)
    return text


def without_secrets(event: Event) -> Event:
    """*event* with its text and fields masked; the same event where there is nothing to mask."""
    text = masked(event.text)
    fields = {name: masked(value) for name, value in event.fields.items()}
    if text == event.text and fields == dict(event.fields):
        return event
    return replace(event, text=text, fields=fields)


def record_without_secrets(record: Record) -> Record:
    """*record* with its text masked."""
    text = masked(record.text)
    return record if text == record.text else replace(record, text=text)

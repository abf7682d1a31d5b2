"""Credentials in addresses and command lines, masked: no text that is shown or kept holds them."""

import re
from dataclasses import replace

from analyzer.model import Event, Record

MASK = "***"
NAMES = (
    r"(?:password|passwd|passphrase|pwd|secret|(?<!publickey)token"
    r"|(?:api|account|shared|workspace|primary|access|activation)[_-]?key)"
)
"""How settings are called that hold a credential; `PublicKeyToken` is part of a .NET name and no secret."""

RULES = (
    (re.compile(r"\b([a-z][a-z0-9+.-]{0,20}://)[^\s/@'\"<>|]+@", re.IGNORECASE), rf"\1{MASK}@"),
    (re.compile(r"([?&](?:sig|sv_sig|token|access_token|code|key|pass)=)[^\s&'\"\])>|]+", re.IGNORECASE), rf"\1{MASK}"),
    (
        re.compile(r"(\bauthorization['\"]?\s*[:=]\s*['\"]?(?:basic|bearer|sharedkey)\s+)[^\s'\",]+", re.IGNORECASE),
        rf"\1{MASK}",
    ),
    (re.compile(rf"(--(?:[a-z]{{1,20}}-){{0,4}}{NAMES}\s+)(?!-)[^\s'\"\])|]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(rf"({NAMES}['\"]?\s?[=:]\s?['\"]?)(?!\s)[^\s'\"&,;\])|]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"((?:^|\s)(?:-u|--user|--proxy-user)[ =]+[^\s:'\"]+:)[^\s'\"]+"), rf"\1{MASK}"),
    (re.compile(r"(\bomsadmin\.sh\b.*?\s-s\s+)\S+"), rf"\1{MASK}"),
    (re.compile(r"(\"protectedSettings\"\s*:\s*\")[^\"]+", re.IGNORECASE), rf"\1{MASK}"),
)
"""What to look for, and what stays of it."""
HINT = re.compile(r"@|[=:]|--|-u|-s ")


def masked(text: str) -> str:
    """*text* with `***` for each credential in it; the same text where there is none."""
    if HINT.search(text):
        for pattern, kept in RULES:
            text = pattern.sub(kept, text)
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

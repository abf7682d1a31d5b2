"""What `ping` and `netsh wlan` tell of the way to a server: packets that are too large, and what the data costs."""

import re
from collections.abc import Iterator, Sequence

from analyzer.formats import Told
from analyzer.formats.hoststate.kind import Kind, labelled
from analyzer.formats.rows import Row, told

PINGED = re.compile(
    r".*\b(?:with|mit|avec|met|con|com|с)\s(\d{1,5})\s(?:bytes|octets|byte|байтами)\b.*:\s*\Z|.*\s(\d{1,5})\s?(?:バイトのデータ|字节的数据)",
    re.IGNORECASE,
)
"""`Pinging host [address] with 1472 bytes of data:` in several languages."""
SIZE = re.compile(r"ping(?:\.exe)?\s.*[-/](?:l|s)\s+(\d{1,5})\b", re.IGNORECASE)
"""The size that was asked for; it stands only there where the head was not copied."""
ANSWERED = re.compile(r"\b(?:time|zeit|temps|tijd|tiempo|durata|tempo|время|時間|时间)\s*[=<]\s*\d", re.IGNORECASE)
FRAGMENT = re.compile(
    r"needs to be fragmented but DF|m.{1,2}sste fragmentiert werden|doit .{1,2}tre fragment|moet worden gefragmenteerd"
    r"|es necesario fragmentar el paquete|Требуется фрагментация пакета|フラグメント化が必要|需要拆分数据包",
    re.IGNORECASE,
)
LARGE = 1400
"""Bytes from which a packet is large: that one is lost while smaller ones arrive speaks of the size."""
COMMON = 1472
"""What an ordinary Ethernet lets through: only a larger one has to be cut there."""
COST = re.compile(r"\s+(?:Cost|Kosten|Co.{1,2}t|Costo|Custo|Стоимость|コスト|费用|成本)\s*:\s*(\S+)", re.IGNORECASE)
LIMITED = re.compile(
    r"(?:Fixed|Variable|Fest|Fixe|Variabel|Vast|Fij[oa]|Fiss[oa]|Фиксир\w*|固定|可変|可变)\Z", re.IGNORECASE
)


def opens(rows: Sequence[Row], at: int) -> bool:
    """The head of ping, or the costs of a wireless network."""
    return PINGED.match(rows[at].text) is not None or (
        COST.match(rows[at].text) is not None
        and any("Congest" in row.text or ":" in row.text for row in rows[at : at + 3])
    )


def read(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """Sizes that do not pass, and a connection that costs."""
    yield from _sizes(rows, command)
    for row in rows:
        if (found := COST.match(row.text)) and LIMITED.match(found[1]):
            yield told("network-metered", row, {"cost": labelled(row)[1]})


def _sizes(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """Each try: its size, and whether anything came back; what would have to be cut is told at once."""
    typed = SIZE.search(command)
    head: Row | None = rows[0] if typed else None
    size, answered = int(typed[1]) if typed else 0, False
    for row in rows:
        if found := PINGED.match(row.text):
            if head is not None and head is not rows[0]:
                yield _tried(head, size, answered)
            head, size, answered = row, int(found[1] or found[2]), False
        elif head is not None and FRAGMENT.search(row.text):
            if size <= COMMON:
                yield told("packet-too-large", row, {"bytes": str(size)})
            head = None
        elif head is not None and ANSWERED.search(row.text):
            answered = True
    if head is not None:
        yield _tried(head, size, answered)


def _tried(head: Row, size: int, answered: bool) -> Told:
    fields = {
        "bytes": str(size),
        "size": "large" if size >= LARGE else "small",
        "answered": "yes" if answered else "no",
    }
    return told("ping", head, fields)


KIND = Kind("network", "ping, netsh wlan show profile", re.compile(r"ping\s|netsh\s+wlan", re.IGNORECASE), opens, read)

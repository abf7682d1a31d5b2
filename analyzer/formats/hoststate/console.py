"""What Windows says on the screen when an update is tried by hand: DISM, wusa, the history of updates, Setup.

Such lines are typed over into tickets, in the language of the machine; each is known by itself, and by its code.
"""

import re
from collections.abc import Iterator, Sequence

from analyzer.formats import Told
from analyzer.formats.hoststate.kind import Kind
from analyzer.formats.rows import Row, told
from analyzer.notation import codes_in

ERROR = r"(?:error|fehler|fout|erreur|errore|erro|fel|błąd|ошибка|エラー|错误|錯誤|오류)"
DISM = re.compile(r"\bdism(?:\.exe)?\s+(/.*)", re.IGNORECASE)
VERSION = re.compile(
    r"\s*Deployment Image Servicing and Management tool|.*\(DISM\)\s*\Z|.*DISM\\dism\.log", re.IGNORECASE
)
ENDED = re.compile(rf"\s*{ERROR}\s*[:：]\s*(0x[0-9A-F]{{8}})\b", re.IGNORECASE)
"""`Error: 0x800f081f`, alone on its line, as DISM ends."""
INSTALLER = re.compile(
    r"(?:installer encountered an error|installationsprogramm[^:]{0,60}fehler|erreur[^:]{0,40}programme d.installation"
    r"|programme d.installation[^:]{0,60}erreur|installatieprogramma[^:]{0,60}fout|fout[^:]{0,40}installatieprogramma"
    r"|インストーラーでエラー|安装程序遇到错误|установщик[^:]{0,60}ошибк)[^:：]{0,40}[:：]\s*(0x[0-9A-F]{8})\b",
    re.IGNORECASE,
)
"""What wusa says in its window."""
HISTORY = re.compile(
    r"(?:failed to install on \S+|install(?:ation)? error|installationsfehler|fehler bei der installation[^-]{0,20}"
    r"|installatiefout|installeren mislukt[^-]{0,20}|erreur d.installation|échec de l.installation[^-]{0,20}"
    r"|インストール エラー|安装错误|ошибка установки)\s*[-–—:]\s*(0x[0-9A-F]{8})\b",
    re.IGNORECASE,
)
"""What the history of updates in Settings shows."""
EXTENDED = re.compile(r"\b(0x(?:C190|800[0-9A-F])[0-9A-F]{4})\s?[-–]\s?(0x[1-5]0{1,3}[0-9A-F]{1,3})\b", re.IGNORECASE)
"""The two codes that Setup shows when an upgrade was taken back."""
RESERVED = re.compile(
    r"couldn.t update the system reserved partition|reservierte\s?partition konnte nicht aktualisiert"
    r"|mettre à jour la partition réservée|gereserveerde partitie (?:kan|kon) niet|无法更新系统保留的?分区"
    r"|システムで予約済みのパーティションを更新|обновить зарезервированный (?:системой )?раздел",
    re.IGNORECASE,
)
"""Setup could not write to the partition from which the machine starts."""
TITLE = re.compile(r"[^\s].*\bKB\d{6,8}\b[^:–]*")
UNNAMED = "an update that the message does not name"
ABOVE = 4
"""Rows above a code in which the update may be named."""
SESSION = 40
"""Rows below a command in which DISM tells its error."""
LOOKED_AT = 1000
"""Characters of a row."""


def opens(rows: Sequence[Row], at: int) -> bool:
    """A line that means something by itself, the head of DISM, or the name of an update above its error."""
    text = rows[at].text[:LOOKED_AT]
    if VERSION.match(text) or any(True for _ in _quoted(rows, at)):
        return True
    return (
        "KB" in text
        and TITLE.search(text) is not None
        and any(
            INSTALLER.search(row.text[:LOOKED_AT]) or HISTORY.search(row.text[:LOOKED_AT])
            for row in rows[at + 1 : at + 1 + ABOVE]
        )
    )


def read(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """Commands of DISM that ended with an error, and the codes that are quoted."""
    begun = -1
    for at, row in enumerate(rows):
        text = row.text[:LOOKED_AT]
        if DISM.search(text) or (begun < 0 and VERSION.match(text)):
            begun = at
        if begun >= 0 and at - begun <= SESSION and (found := ENDED.match(text)):
            typed = DISM.search(rows[begun].text[:LOOKED_AT]) or DISM.search(command)
            yield told("dism-started", rows[begun], {"command": f"dism {typed[1]}" if typed else "dism"})
            yield told("dism-failed", row, {"part": "DISM", "result": found[1][2:]}, codes_in(found[1]))
            begun = -1
        yield from _quoted(rows, at)


def _quoted(rows: Sequence[Row], at: int) -> Iterator[Told]:
    row = rows[at]
    text = row.text[:LOOKED_AT]
    has_code = "0x" in text or "0X" in text
    if has_code and (found := EXTENDED.search(text)):
        yield told("setup-failure-code", row, {"upgrade": found[1], "extend": found[2]}, codes_in(found[1]))
    elif has_code and (found := INSTALLER.search(text) or HISTORY.search(text)):
        title = next(
            (
                named[0].strip()
                for near in reversed(rows[max(0, at - ABOVE) : at + 1])
                if (named := TITLE.search(near.text[:LOOKED_AT]))
            ),
            "",
        )
        yield told("update-install-failed", row, {"title": title or UNNAMED}, codes_in(found[1]))
    if RESERVED.search(text):
        yield told("system-partition-refused", row, {"message": text.strip()[:200]})


KIND = Kind(
    "console",
    "what DISM, wusa or Setup shows",
    re.compile(r"dism(?:\.exe)?\s+/|wusa(?:\.exe)?\s", re.IGNORECASE),
    opens,
    read,
)

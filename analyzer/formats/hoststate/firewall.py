"""Rules of the Windows Firewall (`netsh advfirewall`, Get-NetFirewallRule) that keep updating from the network."""

import re
from collections.abc import Iterator, Sequence

from analyzer.formats import Told
from analyzer.formats.hoststate.kind import Kind, blocks, labelled
from analyzer.formats.rows import Row, told

HEAD = re.compile(
    r"\s*(?:Rule Name|Regelname|Nom de la r.{1,2}gle|Regelnaam|Nombre de (?:la )?regla|Nome regola|Nome da Regra"
    r"|Имя правила|規則名稱|規則名|规则名称)\s*[:：]"
)
LISTED = re.compile(r"(?:Display)?Name\s+:")
POLICY = re.compile(r"\bBlock\w*,\s?BlockOutbound\w*")
"""The policy of a profile; the words are the same in every language."""
OUT = re.compile(
    r"(?:Out(?:bound)?|Ausgehend|Sortante?|Sortie|Uit(?:gaand)?|Salida|Saliente|In uscita|Исход\w*|送信|出)\Z",
    re.IGNORECASE,
)
BLOCK = re.compile(
    r"(?:Block(?:en|ieren)?|Bloquer|Bloquear|Blokkeren|Blocca|Блокир\w*|Запрет\w*|ブロック|阻止|封鎖)\Z", re.IGNORECASE
)
OFF = re.compile(r"(?:No|False|Nein|Non|Nee|Falsch|Нет|いいえ|否|2)\Z", re.IGNORECASE)
ENABLED = re.compile(
    r"(?:Enabled|Aktiviert|Activ.{1,2}e?|Ingeschakeld|Habilitad[ao]|Abilitata|Включен\w*|有効|已启用)\Z", re.IGNORECASE
)
PROGRAM = re.compile(r"\\(svchost|usoclient|wuauclt|mousocoreworker|sihclient|wuaucltcore)\.exe\Z", re.IGNORECASE)
SERVICE = re.compile(r"(?:wuauserv|bits|dosvc|usosvc)\Z", re.IGNORECASE)
TITLE = re.compile(r"windows\W?update|wuauserv|delivery optimi[sz]ation", re.IGNORECASE)
FARTHEST = 24
"""Rows of one rule."""


def opens(rows: Sequence[Row], at: int) -> bool:
    """The name of a rule, with its direction and action below, or the policy of a profile."""
    text = rows[at].text
    if HEAD.match(text) or POLICY.search(text):
        return True
    if not LISTED.match(text):
        return False
    below = [row.text for row in next(blocks(rows[at : at + FARTHEST]), ())]
    return any(re.match(r"Direction\s+:", line) for line in below)


def read(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """The rules that block what goes out of updating."""
    for run in _rules(rows):
        yield from _rule(run)
    for row in rows:
        if POLICY.search(row.text):
            yield told("firewall-blocks", row, {"rule": "BlockOutbound", "what": "everything"})


def _rules(rows: Sequence[Row]) -> Iterator[list[Row]]:
    rule: list[Row] = []
    for row in rows:
        if HEAD.match(row.text) or (LISTED.match(row.text) and not row.text.startswith("DisplayName") and rule):
            if rule:
                yield rule
            rule = []
        rule.append(row)
    if rule:
        yield rule


def _rule(run: Sequence[Row]) -> Iterator[Told]:
    pairs = [(*labelled(row), row) for row in run[:FARTHEST]]
    values = [value for _, value, _ in pairs]
    action = next((row for _, value, row in pairs if BLOCK.match(value)), None)
    if action is None or not any(OUT.match(value) for value in values):
        return
    if any(ENABLED.match(label) and OFF.match(value) for label, value, _ in pairs):
        return
    what = next((value for value in values if PROGRAM.search(value) or SERVICE.match(value)), "")
    name = next((value for label, value, row in pairs if HEAD.match(row.text) or label == "DisplayName"), values[0])
    if what or TITLE.search(name):
        yield told("firewall-blocks", action, {"rule": name, "what": what or name})


KIND = Kind(
    "looked",
    "rules of the Windows Firewall",
    re.compile(r"netsh\s+advfirewall|get-netfirewall(?:rule|profile)", re.IGNORECASE),
    opens,
    read,
)

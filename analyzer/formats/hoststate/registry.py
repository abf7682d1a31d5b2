"""What the registry holds (`reg query`, .reg exports, Get-ItemProperty), down to the values that matter to updating."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from analyzer.formats import Told
from analyzer.formats.hoststate.keys import meaning, unset
from analyzer.formats.hoststate.kind import Kind, blocks, properties
from analyzer.formats.rows import Row

KEY = re.compile(r"\s*\[?(-?)(HKEY_[A-Z_]+|HK(?:LM|CU|CR|U))(\\[^\]]*?)?\\?\]?\s*\Z", re.IGNORECASE)
QUERIED = re.compile(r"\s{2,}(\S.*?)\s{2,}(REG_[A-Z_]+)(?:\s{2,}(.*))?\Z")
EXPORTED = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|(@))\s*=\s*(.*?)\s*\Z')
ASKED = re.compile(r"reg(?:\.exe)?\s+query\s+(\"[^\"]+\"|\S+)(?:.*?/v\s+(\S+))?", re.IGNORECASE)
ABSENT = re.compile(r"\s*(?:ERROR|FOUT|FEHLER|ERREUR|ERRORE|ERRO|FEL|FEJL|BŁĄD|ОШИБКА|エラー|错误)\s*:", re.IGNORECASE)
HIVES = {"HKLM": "HKEY_LOCAL_MACHINE", "HKCU": "HKEY_CURRENT_USER", "HKCR": "HKEY_CLASSES_ROOT", "HKU": "HKEY_USERS"}


class Value(Struct, frozen=True):
    """One registry value."""

    key: str
    name: str
    data: str
    """Numbers are decimal."""
    row: Row


def read(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """The values and keys that matter."""
    exported = any(re.match(r"\s*(?:Windows Registry Editor|REGEDIT4)", row.text) for row in rows[:3])
    keys: dict[str, tuple[Row, set[str]]] = {}
    for found in _values(rows):
        if isinstance(found, Value):
            keys.setdefault(found.key.lower(), (found.row, set()))[1].add(found.name.lower())
            yield from meaning(found.key, found.name, found.data, found.row)
        else:
            key, row = found
            keys.setdefault(key.lower(), (row, set()))
            yield from meaning(key, "", "", row)
    asked = ASKED.search(command)
    error = next((row for row in rows if ABSENT.match(row.text)), None)
    if asked and error is not None and not keys:
        yield from unset(_full(asked[1].strip('"')), asked[2] or "", error)
    for key, (row, names) in keys.items():
        if exported and not names & {"wuserver"}:
            yield from unset(key, "", row)


def _values(rows: Sequence[Row]) -> Iterator[Value | tuple[str, Row]]:
    key = ""
    for row in _whole(rows):
        if found := KEY.match(row.text):
            key = "" if found[1] else _full(found[2] + (found[3] or ""))
            if key:
                yield key, row
        elif key and (found := QUERIED.match(row.text)):
            yield Value(key, found[1], _number(found[3] or "", found[2]), row)
        elif key and (found := EXPORTED.match(row.text)) and found[3] != "-":
            name = (found[1] or "").replace('\\"', '"').replace("\\\\", "\\")
            yield Value(key, name, _exported(found[3]), row)
    for run in blocks(rows):
        yield from _properties(run)


def _properties(run: Sequence[Row]) -> Iterator[Value]:
    """What Get-ItemProperty writes: the path stands among the values."""
    found = properties(run)
    if "PSPath" not in found:
        return
    key = found["PSPath"][0].partition("::")[2]
    for name, (data, row) in found.items():
        if not name.startswith("PS"):
            yield Value(key, name, data, row)


def _whole(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows of an export, with those joined that go on after a backslash."""
    waiting: Row | None = None
    for row in rows:
        if waiting is not None:
            row = Row(waiting.text[:-1] + row.text.strip(), waiting.place)
        waiting = row if re.search(r"=hex.*,\\\Z", row.text) else None
        if waiting is None:
            yield row
    if waiting is not None:
        yield waiting


def _full(key: str) -> str:
    hive, _, rest = key.partition("\\")
    return f"{HIVES.get(hive.upper(), hive)}\\{rest}".rstrip("\\")


def _number(data: str, type_name: str) -> str:
    if type_name.upper() in ("REG_DWORD", "REG_QWORD") and re.match(r"0x[0-9a-f]+\Z", data.strip(), re.IGNORECASE):
        return str(int(data.strip(), 16))
    return data.strip()


def _exported(data: str) -> str:
    if found := re.match(r"dword:([0-9a-f]{1,8})\Z", data, re.IGNORECASE):
        return str(int(found[1], 16))
    if found := re.match(r"hex(?:\((\w+)\))?:(.*)\Z", data, re.IGNORECASE):
        raw = bytes(int(part, 16) for part in re.findall(r"\b[0-9a-f]{2}\b", found[2], re.IGNORECASE))
        if found[1] in ("1", "2", "7"):
            return raw.decode("utf-16-le", "replace").rstrip("\0").replace("\0", " ")
        return raw.hex(" ")
    if len(data) >= 2 and data[0] == data[-1] == '"':
        return data[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return data


def opens(rows: Sequence[Row], at: int) -> bool:
    """A key on a line of its own, the head of an export, or a path of Get-ItemProperty below."""
    text = rows[at].text
    if (KEY.match(text) and "\\" in text) or re.match(r"\s*(?:Windows Registry Editor|REGEDIT4)", text):
        return True
    if not re.match(r"\S+\s+:", text):
        return False
    below = rows[at : at + 40]
    return any(row.text.startswith("PSPath") and "Registry::" in row.text for row in next(blocks(below), ()))


KIND = Kind(
    "registry",
    "reg query, .reg export, Get-ItemProperty",
    re.compile(r"reg(?:\.exe)?\s+(?:query|export)|get-itemproperty|gp\s+hk", re.IGNORECASE),
    opens,
    read,
)

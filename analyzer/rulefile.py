"""The file of a diagnosis as text: its keys, where their values stand, and its examples."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from analyzer.errors import DataError, Spot

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

KEYS: Mapping[str, type] = {
    "title": str,
    "severity": str,
    "confidence": float,
    "confidence_reason": str,
    "when": str,
    "because": str,
    "fix": list,
}
OPTIONAL: Mapping[str, type] = {"rank": int, "each": str, "references": list}
EXAMPLE_KEYS = ("why", "log")
EXAMPLES = re.compile(r"^\[\[(?:holds|fails)\]\]", re.MULTILINE)
"""Where the examples begin; they stand last in the file."""

TOML_MENDS: Mapping[str, str] = {
    "Cannot overwrite a value": "a key stands twice; take one away",
    "Unescaped '\\' in a string": "put a text that has a \\ in single quotes",
    "Invalid value": "put a text in quotes",
    "Illegal character": "the text is not closed on its line; longer texts stand between '''",
    "Unclosed array": "a comma or a ] is missing",
    "Expected \"'": "the text is not closed",
    "Unterminated": "the text is not closed",
    "Invalid statement": "write key = value, or [[holds]]",
    "Expected '=' after": "write key = value",
}
"""What a TOML reader says, and what is to be done about it."""


class Example(Struct, frozen=True):
    """A log and whether the diagnosis must be made from it."""

    log: str
    holds: bool
    why: str = ""


def text_of(file: "Traversable | Path", shown: str) -> str:
    """The text of *file*, *shown* as that in a fault; a byte-order mark is taken off."""
    raw = file.read_bytes()
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        column = fault.start - (raw.rfind(b"\n", 0, fault.start) + 1) + 1
        raise DataError("not UTF-8; save the file as UTF-8", file=shown, line=line, column=column) from fault


def table(text: str, file: str) -> dict[str, Any]:
    """The TOML *text*; DataError names *file*, line and column."""
    import tomllib  # what is kept between runs is read without

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        message, _, place = str(fault).partition(" (at ")
        at = re.search(r"line (\d+), column (\d+)", place)
        line, column = (int(at[1]), int(at[2])) if at else _last_opened(text)
        mend = next((mend for start, mend in TOML_MENDS.items() if message.startswith(start)), "")
        raise DataError(
            f"not valid TOML: {message}{'; ' if mend else ''}{mend}", file=file, line=line, column=column
        ) from fault


def _last_opened(text: str) -> tuple[int, int]:
    """Line and column of the last value of several lines: where the end of the file is no help."""
    opened = [found.start(1) for found in re.finditer(r"^[^\n=]+=[ \t]*(\'\'\'|\"\"\")(?!.*\1)", text, re.MULTILINE)]
    at = opened[-1] if opened else len(text.rstrip("\n"))
    return text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1


def head(text: str) -> str:
    """*text* without the examples."""
    first = EXAMPLES.search(text)
    return text[: first.start()] if first else text


def examples(text: str, file: str) -> tuple[Example, ...]:
    """The examples in the file *text*, which is free of mistakes."""
    data = table(text, file)
    return tuple(
        Example(entry["log"], word == "holds", str(entry.get("why", "")))
        for word in ("holds", "fails")
        for entry in data.get(word, ())
    )


def value_spot(text: str, key: str, file: str) -> Spot:
    """Where the value of *key* begins: after the quotes, and after the line end that TOML drops there."""
    found = re.search(
        rf"^[ \t]*\"?{re.escape(key)}\"?[ \t]*=[ \t]*(?:(?:'''|\"\"\")(?P<dropped>\n)?|'|\")?", text, re.MULTILINE
    )
    if found is None:  # a table, or a key with dots
        header = re.search(rf"^[ \t]*\[*[ \t]*\"?{re.escape(key)}\b", text, re.MULTILINE)
        return Spot(file, text.count("\n", 0, header.end()) + 1 if header else 1, 1)
    before = text[: found.end()]
    return Spot(file, before.count("\n") + 1, found.end() - (before.rfind("\n") + 1) + 1)

"""The services that updating needs: `codes/services.csv`, by their keys and by the names that Windows shows."""

import csv
import re
from base64 import b64decode
from collections.abc import Mapping
from functools import cache, lru_cache

from analyzer.data import folder
from analyzer.errors import DataError

FILE = "codes/services.csv"
QUOTED = re.compile(r"[\"“„«]\s?([^\"“”„«»\n]{1,80}?)\s?[\"”“»]")
WORD = re.compile(r"\S{1,80}")
SERVICE = re.compile(r"dienst\w*\Z", re.IGNORECASE)
"""What a language with capitals for nouns calls a service."""


@cache
def services() -> Mapping[str, str]:
    """The key of each service, by its key and its names in small letters."""
    rows = folder("codes").joinpath("services.csv").read_text("utf-8").splitlines()
    table: dict[str, str] = {}
    for line, row in enumerate(csv.DictReader(rows), 2):
        if not row.get("key") or not row.get("names"):
            raise DataError("a row is `key,states,names`", file=FILE, line=line)
        for name in (row["key"], *row["names"].split("|")):
            table[name.lower()] = row["key"]
    return table


def service_key(name: str, binary: str = "") -> str:
    """The key of the service shown as *name*; *binary* may hold it, with its state. Empty for any other service."""
    inside = _inside(binary).partition("/")[0]
    return services().get(inside.lower(), "") or services().get(name.strip().lower(), "")


def service_in(sentence: str) -> str:
    """The name of a service that *sentence*, of a language not known, tells of: the whole name and no part of one.

    It stands within quotation marks, or among words with small letters.
    """
    quoted = QUOTED.findall(sentence)
    if quoted:
        return next((name for name in quoted if name.lower() in services()), "")
    for found in _named().finditer(sentence):
        before, after = WORD.findall(sentence[: found.start()][-80:]), WORD.match(sentence[found.end() :].lstrip())
        opens = len(before) < 2 or before[-1][:1].islower() or SERVICE.match(before[-1])
        if opens and not (after and after[0][:1].isupper()):
            return found[0]
    return ""


@cache
def _named() -> re.Pattern[str]:
    names = sorted(services(), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w-])", re.IGNORECASE)


def service_state(shown: str, binary: str = "") -> str:
    """`stopped`, `running` or what is *shown*: only the number in *binary* is the same in every language."""
    number = _inside(binary).rpartition("/")[2]
    return {"1": "stopped", "4": "running"}.get(number, shown)


@lru_cache(1024)
def _inside(binary: str) -> str:
    """*binary* as text: hexadecimal, or base64 as python-evtx writes it."""
    for read in (bytes.fromhex, b64decode):
        try:
            return read(binary).decode("utf-16-le").rstrip("\0")
        except ValueError:
            continue
    return ""


@cache
def spellings() -> tuple[str, ...]:
    """How records write the services of which starts and stops are told: their keys as they stand before a state."""
    rows = folder("codes").joinpath("services.csv").read_text("utf-8").splitlines()
    return tuple(f"{key}/" for row in csv.DictReader(rows) for key in row["states"].split("|") if key)

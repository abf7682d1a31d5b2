"""The values that a viewer's sentence is made of: `codes/event-sentences.csv`, by provider and number.

A sentence is compared piece by piece, without its quotation marks and however its lines were broken.
"""

import csv
import re
from collections.abc import Mapping
from functools import cache, lru_cache

from msgspec import Struct

from analyzer.data import folder
from analyzer.errors import DataError

FILE = "codes/event-sentences.csv"
COLUMNS = ("provider", "event", "language", "known", "sentence")
PART = "part"
"""In the column `known`: what stands within a longer text, and is no sentence that people quote alone."""
ERRORS = "codes/system-errors.csv"
SLOT = re.compile(r"\{([\w ]*)\}")
QUOTES = dict.fromkeys(map(ord, '"“”„‟«»‹›\u200b\u200e\u200f\u202a\u202c'))
APOSTROPHES = str.maketrans("’‘`´\xa0\u202f", "''''  ")
BEFORE_COLON = re.compile(r" +(?=[:;?!])")
LOOSE = 11
"""Characters from which a sentence may begin within the text: fewer are found everywhere."""
LONGEST = 1000
"""Characters of a value."""
OVER = (".", ")", "。")
"""How the last line of a sentence ends."""
LEVELS = frozenset({"Error", "Warning", "Information", "Critical"})
"""What may stand before a sentence that was copied out of a list."""
STORE = "SUS20ClientDataStore"
"""What the sentences about the client's database hold; they begin with the name of a program."""
WRAPPED = 4
"""Lines over which a mail breaks the end of a sentence."""
INSERTED = re.compile(r"information (?:is part of|was included with) the event:", re.IGNORECASE)
INSERTED_ONE = re.compile(r"'([^']{0,1000})'(?=\s*(?:,|\.?\s*\Z))")


class Sentence(Struct, frozen=True):
    """What a viewer writes for an event."""

    provider: str
    event: int
    alone: bool
    """It is known for what it is wherever it stands."""
    begin: str
    """What stands before its first value."""
    slots: tuple[tuple[str, str], ...]
    """The name of each value, and what stands behind it."""

    def values(self, text: str) -> dict[str, str] | None:
        """The values that *text*, brought to its `plain` form, tells by name; None if it is another sentence."""
        flat = text.replace("\n", " ") + " "
        at = flat.find(self.begin)
        if at < 0 or (at > 0 and len(self.begin) < LOOSE):
            return None
        at += len(self.begin)
        found: dict[str, str] = {}
        for name, behind in self.slots:
            end = flat.find(behind, at) if behind else len(flat)
            if end < 0 or (behind and end - at > LONGEST):
                return None
            if name:
                found[name] = flat[at:end].strip(" '") if behind else _sentence(text[at:])
            at = end + len(behind)
        return found


@cache
def sentences() -> Mapping[tuple[str, int], tuple[Sentence, ...]]:
    """The sentences, by provider in small letters and number; the most telling first."""
    reader = csv.reader(folder("codes").joinpath("event-sentences.csv").read_text("utf-8").splitlines())
    if tuple(next(reader, ())) != COLUMNS:
        raise DataError(f"the columns are {','.join(COLUMNS)}", file=FILE, line=1)
    table: dict[tuple[str, int], list[Sentence]] = {}
    for row in reader:
        if len(row) != len(COLUMNS) or not row[1].isdecimal() or not SLOT.search(row[4]):
            raise DataError("a row has a number and a sentence with a value", file=FILE, line=reader.line_num)
        table.setdefault((row[0].lower(), int(row[1])), []).append(_sentence_of(row))
    return {key: tuple(sorted(found, key=lambda one: -len(one.slots))) for key, found in table.items()}


def _sentence_of(row: list[str]) -> Sentence:
    provider, event, _, known, text = row
    begin, *rest = SLOT.split(plain(text).removesuffix("."))
    return Sentence(provider, int(event), known != PART, begin, tuple(zip(rest[::2], rest[1::2], strict=True)))


@cache
def _by_word() -> Mapping[str, tuple[Sentence, ...]]:
    """The sentences that can stand alone, by their first word; by none where that is a value."""
    table: dict[str, list[Sentence]] = {}
    for known in sentences().values():
        for one in known:
            if one.alone:
                table.setdefault(one.begin.partition(" ")[0], []).append(one)
    return {word: tuple(found) for word, found in table.items()}


def event_of(line: str) -> Sentence | None:
    """The sentence that *line* begins with, of which nothing else of the event is left; None for any other text."""
    text = unlevelled(line)
    word = text.split(None, 1)[:1]
    candidates = _by_word().get(word[0].translate(QUOTES), ()) if word else ()
    if STORE in line:
        candidates = (*candidates, *_by_word().get("", ()))
    if not candidates:
        return None
    text = plain(text)
    return next((one for one in candidates if text.startswith(one.begin) and one.values(text) is not None), None)


def unlevelled(line: str) -> str:
    """*line* without the level before its sentence."""
    word, _, rest = line.lstrip().partition(" ")
    return rest if word.strip("[]:") in LEVELS else line


def values(provider: str, event: int, message: str) -> dict[str, str]:
    """The values that *message* tells of *event*, as its XML names them; none where the sentence is not known."""
    text = plain(message)
    known = sentences().get((provider.lower(), event), ())
    return next((found for one in known if (found := one.values(text)) is not None), {})


def inserted(message: str) -> tuple[str, ...]:
    """The values of an event for which the viewer had no sentence, in order."""
    found = INSERTED.search(message)
    if found is None:
        return ()
    rest = message[found.end() :].strip()
    if rest.startswith("'"):
        return tuple(INSERTED_ONE.findall(rest))
    return tuple(line.strip() for line in rest.splitlines() if line.strip())


def plain(text: str) -> str:
    """*text* as sentences are compared: without quotation marks, with one blank between words; lines stay lines."""
    bare = text.translate(QUOTES).translate(APOSTROPHES)
    return "\n".join(BEFORE_COLON.sub("", " ".join(line.split())) for line in bare.splitlines() if line.strip())


def _sentence(text: str) -> str:
    """The end of a sentence that *text* begins with: prose may stand below it."""
    kept: list[str] = []
    for line in text.strip().split("\n")[:WRAPPED]:
        kept.append(line)
        if line.endswith(OVER):
            break
    return " ".join(kept).strip(" '").removesuffix(".")[:LONGEST]


# ---- errors of the system, by their text ----


@cache
def _errors() -> Mapping[str, int]:
    rows = csv.DictReader(folder("codes").joinpath("system-errors.csv").read_text("utf-8").splitlines())
    table: dict[str, int] = {}
    for line, row in enumerate(rows, 2):
        if not row["code"].isdecimal() or not row["text"]:
            raise DataError("a row is `language,code,known,text`", file=ERRORS, line=line)
        table[_compared(row["text"])] = int(row["code"])
    return table


@lru_cache(256)
def system_error(text: str) -> int:
    """The number of the error that Windows describes with the words that *text* begins with; 0 for any other."""
    said = _compared(text)
    return max(((len(known), code) for known, code in _errors().items() if _begins(said, known)), default=(0, 0))[1]


def _begins(said: str, known: str) -> bool:
    return said.startswith(known) and not said[len(known) : len(known) + 1].isalnum()


def _compared(text: str) -> str:
    return plain(text).replace("\n", " ").casefold().rstrip(". ")

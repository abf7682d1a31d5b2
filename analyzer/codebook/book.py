"""The code book itself: what any 32-bit value says. Each look-up reads only the files it needs."""

import re
from functools import lru_cache

from analyzer.codebook import facts, meaning, spaces
from analyzer.codebook.code import Code
from analyzer.codebook.decode import Reading, readings
from analyzer.codebook.facts import Fact
from analyzer.codebook.meaning import ENGLISH, Prose, word
from analyzer.errors import CallError

_CONTAINERS = frozenset(
    {"win32-in-hresult", "win32-in-ntstatus", "ese", "setupapi", "http", "intune", "ntstatus-in-hresult"}
)
"""Readings that say where a number comes from even when it has no name there."""


@lru_cache(maxsize=1 << 14)
def lookup(value: int, *, space: str = "hresult", lang: str = ENGLISH) -> Code:
    """What is known of *value*, met in *space*, told in *lang*; never fails on a 32-bit value."""
    if not -(1 << 31) <= value <= spaces.MASK:
        raise CallError(f"{value} does not fit in 32 bits")
    if space not in spaces.SPACES:
        raise CallError(f"unknown space {space!r}: choose {', '.join(spaces.SPACES)}")
    meaning.demand(lang)
    value &= spaces.MASK
    reading, family, fact, prose = _best(value, space, lang)
    return _told(value, space, reading, family, fact, prose, lang)


def group_of(value: int) -> str:
    """What kind of trouble *value* is; empty where that cannot be told."""
    return lookup(value).group


def role_of(value: int) -> str:
    """Whether *value* is a cause, a wrapper, routine, a success or passing."""
    return lookup(value).role


def _best(value: int, space: str, lang: str) -> tuple[Reading, str, Fact | None, Prose]:
    """The first reading that has a name or a meaning; else the first that says where the number comes from."""
    tried = []
    for reading in readings(value, space):
        family, fact = facts.fact(reading.number, reading.space)
        key = spaces.write(reading.number, reading.space)
        prose = meaning.prose(family, key, lang) if family else Prose()
        if fact or prose.says:
            return reading, family, fact, prose
        tried.append((reading, family))
    reading, family = next((pair for pair in tried if pair[0].how in _CONTAINERS), tried[0])
    return reading, family, None, meaning.prose(family, "", lang) if family else Prose()


def _told(value: int, space: str, reading: Reading, family: str, fact: Fact | None, prose: Prose, lang: str) -> Code:
    names = {**_names(value, space, reading), "symbol": fact.symbol if fact else "", "family": _title(family, lang)}
    kind = "named" if fact else "unnamed"
    plain = Prose(*(_generic(family, kind, key, names, lang) for key in ("says", "cause", "next")))
    known = bool(fact or prose.says)
    severity = _severity(value, reading)
    return Code(
        value=value,
        space=reading.space,
        symbol=fact.symbol if fact else "",
        aliases=fact.aliases if fact else (),
        facility=names["facility"],
        severity=severity,
        meaning=prose.says or plain.says,
        cause=prose.cause if known and prose.cause else plain.cause,
        next_step=prose.next if known and prose.next else plain.next,
        role=prose.role or ("success" if severity == "success" else "cause"),
        group=prose.group if known or severity != "success" else "",
        known=known,
        number=reading.number,
        reading=word("words", "readings", reading.how, lang).format_map(names),
        family=family,
        own_meaning=bool(prose.says),
        source="listing" if fact and fact.source in facts.LISTINGS else fact.source if fact else "",
        since=fact.since if fact else "",
        lang=prose.lang if prose.says else lang,
    )


def _severity(value: int, reading: Reading) -> str:
    whole = reading.how in ("hresult", "small", "intune", "win32-in-hresult", "ntstatus-in-hresult", "ese")
    return spaces.severity(value, "hresult") if whole else spaces.severity(reading.number, reading.space)


def _names(value: int, space: str, reading: Reading) -> dict[str, str]:
    """What the sentences of `words.toml` may name."""
    wide = value > 0xFFFF and reading.how not in ("jet", "bugcheck")
    bits = "ntstatus" if reading.how == "ntstatus" else "hresult"
    return {
        "hex": spaces.write(value, "hresult"),
        "number": spaces.write(reading.number, reading.space),
        "low": str(value & 0xFFFF),
        "lowhex": f"0x{value & 0xFFFF:04X}",
        "space": space,
        "facility": spaces.facility_of(value, bits) if wide else "",
    }


def _title(family: str, lang: str) -> str:
    return word(family, "family", "title", lang) if family else ""


def _generic(family: str, kind: str, key: str, names: dict[str, str], lang: str) -> str:
    """A sound sentence for a code that nobody has written about: from its family, else for any code."""
    text = word(family, "family", key, lang) if family and (kind == "named" or key != "says") else ""
    return (text or word("words", kind, key, lang)).format_map({**names, "words": _readable(names["symbol"])})


def _readable(symbol: str) -> str:
    """A symbol as words: `WU_E_DS_NODATA` as `ds nodata`, `JET_errDiskFull` as `disk full`."""
    bare = re.sub(r"^(?:[A-Z0-9]+_[ESWI]_|(?:ERROR|STATUS|JET|[A-Z]+_NT)_|[ES]_)(?:err|wrn)?", "", symbol) or symbol
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", bare).lower()

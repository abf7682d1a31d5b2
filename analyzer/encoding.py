"""In what a text is written, decided on its bytes alone, and its lines made readable.

Byte order marks, then UTF-16 where NULs stand, then valid UTF-8. What is left is an old code page: double-byte text is
known by its shape, the single-byte pages are tried one by one, and the one in which the words look like words wins.
"""

import codecs
import re
from collections import Counter
from functools import cache, lru_cache

from msgspec import Struct

HEAD_SIZE = 64 << 10
"""How much of an input is looked at."""


class Encoding(Struct, frozen=True):
    """How bytes are to be read as text."""

    name: str
    """`ascii`, `utf-8`, `utf-8-sig`, `utf-16-le`, `utf-16-be`, a code page such as `cp1252`, or `binary`."""
    bom: int = 0
    """Bytes of the byte order mark in front of the text."""
    reason: str = ""
    """How it is known."""


BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
CONTROLS = bytes(set(range(32)) - set(b"\a\b\t\n\v\f\r\x1a\x1b"))
CONTROL_SHARE = 0.03
"""More control bytes than this, and one by chance, are no text; of random bytes 9 in 100 are such."""
NUL_RUN = re.compile(rb"\0{16,}")
WIDE_RUN = re.compile(rb"(?:[\t\r\n -~]\0){24,}")
"""UTF-16 in a text of single bytes, as `>>` of PowerShell adds it."""
WIDE_NULS = re.compile(r"\0{8,}")
TEXT = (
    "[\t\n\r -~\xa0-\u024f\u0370-\u05ff\u2010-\u2027\u20ac\u2122\u2500-\u25ff"
    "\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]"
)
"""What logs are written in: Latin, Greek, Cyrillic, Hebrew, East Asian; common signs and frames."""
TEXT_SHARE = 0.95
HIGH = re.compile(rb"[\x80-\xff]")
WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
WORDS_TRIED = 2000

WESTERN = "äöüßÄÖÜéèêàçëïîôûùâáíóúñãõåøæÉÀÇÅØÆÁÓÚÑ°«»§\xa0"
FRAMES = "─│┌┐└┘├┤┬┴┼═║╔╗╚╝╠╣╦╩╬"
PAGES = {
    "cp1252": f"{WESTERN}œÈ’“”–…€®™",
    "cp1250": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉÍŘŠÚÝŽöüőűÖÜŐŰăâîșțţş„”–…§°\xa0",
    "cp1251": "абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯёЁіїєґ«»–—№“”…\xa0",
    "cp850": f"{WESTERN}{FRAMES}®",
    "cp437": f"{WESTERN}{FRAMES}╒╓╕╖╘╙╛╜╞╟╡╢╤╥╧╨╪╫▌▐",
}
"""The single-byte pages in the order of trial, each with the characters that its languages really use."""

EVENT_LOG = b"ElfFile\0"
"""An .evtx file begins so: what is large and no text needs no further look."""


@lru_cache(8)
def decide(head: bytes) -> Encoding:
    """The encoding of the text that begins with *head*, which may be cut inside a character."""
    for mark, name in BOMS:
        if head.startswith(mark):
            return Encoding(name, len(mark), "byte order mark")
    if head.startswith(EVENT_LOG):
        return Encoding("binary", 0, "it begins as an event log does")
    if b"\0" in head and (name := _wide(head)):
        return Encoding(name, 0, "its pairs of bytes are UTF-16 text")
    bare = WIDE_RUN.sub(b"", NUL_RUN.sub(b"", head)).strip(b"\0")
    controls = len(bare) - len(bare.translate(None, CONTROLS))
    if controls > 1 + CONTROL_SHARE * len(bare) or (head and not bare):
        return Encoding("binary", 0, f"{controls} control bytes in {len(bare)}")
    if bare.isascii():
        return Encoding("ascii", 0, "nothing but ASCII")
    if _is_utf8(bare, cut=len(head) >= HEAD_SIZE):
        return Encoding("utf-8", 0, "valid UTF-8")
    for name, fits in (("cp932", _japanese), ("gb18030", _chinese)):
        if fits(bare):
            return Encoding(name, 0, "its pairs of bytes are the characters that such text uses")
    return Encoding(_page(bare), 0, "the code page in which its words look most like words")


def text(raw: bytes, encoding: Encoding) -> str:
    """*raw*, a line or a part of one, for showing; never raises, what cannot be decoded is U+FFFD.

    A block has no UTF-16 any more. Where the head was plain ASCII, later bytes are tried as UTF-8 and then as cp1252.
    """
    match encoding.name:
        case "ascii" | "binary":
            try:
                return raw.decode()
            except UnicodeDecodeError:
                return raw.decode("cp1252", "replace")
        case "utf-8" | "utf-8-sig" | "utf-16-le" | "utf-16-be":
            return raw.decode("utf-8", "replace")
        case page:
            return raw.decode(page, "replace")


def _is_utf8(data: bytes, *, cut: bool) -> bool:
    """Whether *data*, not all ASCII, is UTF-8 but for single spoilt places; a character cut at the end is none."""
    wide = codecs.getincrementaldecoder("utf-8")("replace").decode(data)
    bad = wide.count("\ufffd") - data.count("\ufffd".encode())
    good = len(re.findall(r"[^\0-\x7f]", wide)) - bad
    return good > 9 * bad or (cut and not bad)


def _wide(head: bytes) -> str:
    """The UTF-16 that *head* is, or empty: the order of bytes that gives text, some of it ASCII as in all logs."""
    whole = head[: len(head) // 2 * 2]
    share, best = max((_plausible(whole.decode(name, "replace")), name) for name in ("utf-16-be", "utf-16-le"))
    return best if share > TEXT_SHARE else ""


def _plausible(wide: str) -> float:
    """Which part of *wide* is characters that logs have; 0 where hardly any is ASCII. Runs of NULs are left out."""
    wide = WIDE_NULS.sub("", wide)
    ascii_size = len(re.findall("[\t\n\r -~]", wide))
    if ascii_size < 2 or ascii_size < 0.04 * len(wide) or not re.search("[\n\r0-9 ]", wide):
        return 0
    return len(re.findall(TEXT, wide)) / len(wide)


def _japanese(data: bytes) -> bool:
    return _shaped(data, "cp932", "[\u3000-\u3002\u3040-\u30ff]", 0.15, "[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]")


def _chinese(data: bytes) -> bool:
    common = 2 * len(re.findall(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]", data)) > 0.85 * len(HIGH.findall(data))
    return common and _shaped(data, "gb18030", "[\u4e00-\u9fff]", 0.5, "[\u2010-\u9fff\uff01-\uff5e]")


def _shaped(data: bytes, name: str, typical: str, share: float, usual: str) -> bool:
    """Whether *data* is valid as *name*, nearly all of it *usual* beside ASCII, and a *share* of that *typical*."""
    try:
        wide = codecs.getincrementaldecoder(name)().decode(data)
    except UnicodeDecodeError:
        return False
    others = re.sub(r"[\0-\x7f]+", "", wide)
    found = len(re.findall(typical, others))
    return len(re.findall(usual, others)) > 0.9 * len(others) and found >= share * len(others) > 0


def _page(data: bytes) -> str:
    words = Counter(match.group() for match, _ in zip(WORD.finditer(data), range(WORDS_TRIED), strict=False))
    return max(PAGES, key=lambda page: sum(_likeness(word, page) for word in words))


def _likeness(word: bytes, page: str) -> int:
    """How much *word*, letters around at least one byte above ASCII, looks like one in *page*."""
    wide, usual, score = word.decode(page, "replace"), _usual(page), 0
    for before, sign, after in zip("\0" + wide, wide, wide[1:] + "\0", strict=False):
        if sign < "\x80":
            continue
        if sign in usual:
            score += 3
        if sign == "\ufffd" or sign < "\xa0":
            score -= 8
        elif _odd(before, sign, after):
            score -= 4
    return score


def _odd(before: str, sign: str, after: str) -> bool:
    """Whether no word has *sign* there: a sign between letters, a capital after a small one, Cyrillic beside Latin …"""
    if not sign.isalpha():
        return sign != "’" and before.isalpha() and after.isalpha()
    if before == sign == after:
        return True
    if sign >= "\u0400":
        return any(near.isascii() and near.isalpha() for near in (before, after))
    return (sign.isupper() and before.islower()) or (sign.islower() and before.isupper() and after.isupper())


@cache
def _usual(page: str) -> frozenset[str]:
    return frozenset(PAGES[page])

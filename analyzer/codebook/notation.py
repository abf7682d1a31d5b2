"""Every way people write a code, read: hex, signed and unsigned decimals, symbols, `HTTP 403`, `%%1058`, `EC 1603`."""

import re

from msgspec import Struct

from analyzer.codebook import facts, spaces
from analyzer.errors import CallError

_LABEL = re.compile(
    r"^(?:(?:hr|hresult|error|err|code|status|result|rc|errorcode|error[ _]code|resultcode|fout|foutcode)\s*[:=]?\s*)+"
    r"(?=[-+0-9(]|0x|[89A-F][0-9A-F]{7}\b)",
    re.IGNORECASE,
)
_HEX = re.compile(r"0x([0-9a-f]+)[hl]?", re.IGNORECASE)
_EIGHT = re.compile(r"[0-9a-f]{8}", re.IGNORECASE)
_DECIMAL = re.compile(r"[-+]?\d+")
_EXTEND = re.compile(r"(\S+?)\s*[-–,]\s*(?:0x)([0-9a-f]{1,6})", re.IGNORECASE)
_HTTP = re.compile(r"(?:https?(?:/\d(?:\.\d)?)?|http[ _-]?status|status[ _]?code)\s*[:=]?\s*(\d{3})", re.IGNORECASE)
_EXIT = re.compile(
    r"(?!ec\d{6}\Z)(?:%%|ec|exit(?:ed)?[ _]?code|return[ _]?code|afsluitcode|win32)\s*[:=]?\s*(\d+)",
    re.IGNORECASE,
)
_SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|hr[A-Z]\w+")
_WRAPPING = " \t\r\n\"'`<>.,;:()[]{}"


class Mention(Struct, frozen=True):
    """A code as someone wrote it, and which number in which space that is."""

    text: str
    value: int
    space: str
    extend: int | None = None
    """The second half of a setup error, where it was given."""
    bare: bool = False
    """A small number without a word of which table it belongs to."""


def parse(text: str, space: str = "") -> Mention:
    """The code that *text* writes; *space* says which table a bare number belongs to."""
    bare = _LABEL.sub("", text.strip(_WRAPPING)).strip(_WRAPPING)
    if not bare:
        raise CallError("empty code: give one, such as 0x8024402C")
    if (found := _EXTEND.fullmatch(bare)) and (first := _number(found[1], "")) is not None:
        return Mention(text, first.value, first.space, int(found[2], 16))
    if found := _HTTP.fullmatch(bare):
        return Mention(text, int(found[1]), "http")
    if found := _EXIT.fullmatch(bare):
        bare, space = found[1], space or "win32"
    number = _number(bare, space)
    if number is not None:
        return Mention(text, number.value, number.space, bare=number.bare)
    if _SYMBOL.fullmatch(bare) or bare.upper() in facts.symbols():
        return _symbol(text, bare, space)
    if found_within := _within(text):
        return found_within
    raise CallError(f"{shown(text)!r} is no code: write 0x8024402C, -2145107924, HTTP 403, EC 1603 or a symbol")


def _within(text: str) -> Mention | None:
    """The first code in a longer text, such as `0x80070005 (E_ACCESSDENIED)`."""
    from analyzer.codebook.mentions import codes_in

    for value, space, extend in codes_in(text):
        return Mention(text, value, space, extend)
    return None


def shown(text: str) -> str:
    """*text* fit for a terminal: control characters made visible, long input cut."""
    clean = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return clean if len(clean) <= 60 else clean[:57] + "..."


def _number(bare: str, space: str) -> Mention | None:
    """*bare* as a number; None where it is written as something else."""
    if (found := _HEX.fullmatch(bare)) or _EIGHT.fullmatch(bare):
        value = int(found[1] if found else bare, 16)
    elif _DECIMAL.fullmatch(bare):
        value = int(bare)
    else:
        return None
    if not -(1 << 31) <= value <= spaces.MASK:
        raise CallError(f"{shown(bare)} does not fit in 32 bits: a code lies between -2147483648 and 0xFFFFFFFF")
    if not space and -9999 <= value < 0:
        space = "jet"
    value &= spaces.MASK
    return Mention(bare, value, space or "hresult", bare=not space and value <= 0xFFFF)


def _symbol(text: str, name: str, space: str) -> Mention:
    """The number behind a public name; for a name that does not exist, the names closest to it."""
    places = facts.symbols().get(name.upper(), ())
    for found, number in places:
        if space in ("", found):
            return Mention(text, number & spaces.MASK, found)
    from analyzer.codebook.search import close_to

    near = close_to(name)
    hint = f"did you mean {', '.join(near)}?" if near else "see `codes search WORD`"
    raise CallError(f"no symbol {shown(name)!r}: {hint}")

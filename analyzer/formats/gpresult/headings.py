"""The headings and words of GPRESULT in the languages of Windows (`codes/gpresult-headings.csv`).

They help where they are known and are never needed: most are not verified, and structure tells what a block is.
"""

import csv
import unicodedata
from collections.abc import Mapping
from functools import cache

from analyzer.data import folder

LEVELS: Mapping[str, int] = {
    "computer": 0,
    "user": 0,
    "applied": 4,
    "filtered": 4,
    "groups": 4,
    "privileges": 4,
    "details": 4,
    "templates": 8,
}
"""The step at which a heading stands in the text report."""
REASONS = ("security", "wmi", "empty", "link", "gpo", "unknown")


def plain(text: str) -> str:
    """*text* as it is compared: small letters and digits alone, without accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if sign.isalnum())


@cache
def roles() -> Mapping[str, str]:
    """The role of each known heading or word, by its plain form."""
    rows = csv.DictReader(folder("codes").joinpath("gpresult-headings.csv").read_text("utf-8").splitlines())
    known: dict[str, str] = {}
    for row in rows:
        known.setdefault(plain(row["text"]), row["role"])
    return known


@cache
def scope_words() -> tuple[tuple[str, str], ...]:
    """What a heading about one scope may hold: the plain word and `computer` or `user`."""
    words = {
        "computer": "computer computador komputer компьютер datorn dator datamaskin počítač bilgisayar コンピュータ"
        " 计算机 電腦 컴퓨터 ordinateur equipo",
        "user": "user usuario utente utilisateur benutzer gebruiker użytkownik пользовател användar bruger bruker"
        " uživatel kullanıcı ユーザー 用户 使用者 사용자 usuário utilizador",
    }
    return tuple((plain(word), scope) for scope, text in words.items() for word in text.split())


def role_of(heading: str) -> str:
    """What the heading or word *heading* is, or empty; letters lost to a code page do not matter."""
    key = plain(heading)
    known = roles()
    if key in known:
        return known[key]
    if "?" in heading or "\ufffd" in heading:
        for full, role in known.items():
            if _loosely(heading, full):
                return role
    return ""


def _loosely(heading: str, full: str) -> bool:
    """Whether *heading* is *full* but for question marks in place of letters."""
    shown = "".join(sign for sign in heading.casefold().replace("\ufffd", "?") if sign.isalnum() or sign == "?")
    if len(shown) != len(full) or shown.count("?") * 3 > len(full):
        return False
    return all(sign in ("?", other) for sign, other in zip(shown, full, strict=True))


def scope_of(heading: str) -> str:
    """`computer` or `user` if *heading* says of which it tells, or empty."""
    role = role_of(heading)
    if role in ("computer", "user"):
        return role
    key = plain(heading)
    found = [(key.find(word), scope) for word, scope in scope_words() if word in key]
    return min(found)[1] if found else ""


def reason_of(text: str) -> str:
    """Why a policy was filtered out, in one word: `security`, `wmi`, `empty`, `link`, `gpo` or `unknown`."""
    role = role_of(text)
    if role in REASONS:
        return role
    if "wmi" in text.casefold():
        return "wmi"
    return "unknown"

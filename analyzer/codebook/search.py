"""Search in the book: by word over symbols, meanings and kinds; and the names closest to a misspelt one."""

from collections.abc import Iterator

from msgspec import Struct

from analyzer.codebook import facts, families, meaning, spaces
from analyzer.codebook.meaning import ENGLISH

UPDATING = frozenset(
    {"windows-update", "bits", "http", "delivery-optimization", "winhttp-wininet", "cbs-servicing", "setup-mosetup"}
)
"""Families whose codes are all about updating: they come first."""


class Hit(Struct, frozen=True):
    """A code that a search found; the higher the score, the better it fits."""

    score: int
    space: str
    number: int
    symbol: str
    says: str

    @property
    def order(self) -> tuple[int, str, int]:
        """Best first, then by number."""
        return -self.score, self.space, self.number & spaces.MASK


def search(words: tuple[str, ...], lang: str = ENGLISH) -> list[Hit]:
    """Every code whose symbol, texts or kind hold all *words*, best first."""
    wanted = " ".join(words).casefold().split()
    if not wanted:
        return []
    hits = (hit for family in families.spaces_of_families() for hit in _in_family(family, wanted, lang))
    return sorted(hits, key=lambda hit: hit.order)


def _in_family(family: str, wanted: list[str], lang: str) -> Iterator[Hit]:
    space = families.spaces_of_families()[family]
    known = facts.facts_of(family)
    written = {spaces.read(key, space): key for key in meaning.names_in(family) if key != "family"}
    for number in known.keys() | written.keys():
        fact, key = known.get(number), written.get(number)
        names = " ".join((fact.symbol, *fact.aliases)).casefold() if fact else ""
        prose = meaning.prose(family, key, lang) if key else None
        texts = f"{prose.says} {prose.cause} {prose.next}".casefold() if prose else ""
        group = prose.group if prose else ""
        scores = [_score(word, names, group, texts) for word in wanted]
        if all(scores):
            weight = sum(scores) + 30 * (family in UPDATING) + 10 * bool(prose)
            yield Hit(weight, space, number, fact.symbol if fact else "", prose.says if prose else "")


def _score(word: str, names: str, group: str, texts: str) -> int:
    """How well one word fits: as the kind or a part of the symbol, within the symbol, in the text."""
    if word == group:
        return 45
    if word in names.split() or word in names.replace("_", " ").split():
        return 40
    if word in names:
        return 25
    return 10 if word in texts else 0


def close_to(name: str, count: int = 3) -> tuple[str, ...]:
    """The public names most like *name*."""
    import difflib

    wanted = name.upper()
    grams = {wanted[place : place + 3] for place in range(len(wanted) - 2)}

    def unlike(other: str) -> float:
        return -sum(gram in other for gram in grams) / (len(other) + len(wanted))

    return tuple(difflib.get_close_matches(wanted, sorted(facts.symbols(), key=unlike)[:200], n=count, cutoff=0.6))

"""Search in the book: by word over symbols, meanings and kinds; and the names closest to a misspelt one."""

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.codebook import facts, families, meaning, spaces
from analyzer.codebook.meaning import ENGLISH

FIELD = {"hresult", "win32", "jet"}
"""Spaces whose codes show up in updating; the others rank behind."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A code that a search found; the higher the score, the better it fits."""

    score: int
    space: str
    number: int
    symbol: str
    says: str

    @property
    def order(self) -> tuple[int, bool, str, int]:
        """Best first, then by number."""
        return -self.score, self.space not in FIELD, self.space, self.number & spaces.MASK


def search(words: tuple[str, ...], lang: str = ENGLISH) -> list[Hit]:
    """Every code whose symbol, texts or kind hold all *words*, best first."""
    wanted = [word.casefold() for word in words if word.strip()]
    if not wanted:
        return []
    return sorted((hit for family in families.spaces_of_families() for hit in _in_family(family, wanted, lang)), key=lambda hit: hit.order)


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
        scores = [_score(word, names, group, texts, bool(prose)) for word in wanted]
        if all(scores):
            yield Hit(sum(scores), space, number, fact.symbol if fact else "", prose.says if prose else "")


def _score(word: str, names: str, group: str, texts: str, written: bool) -> int:
    """How well one word fits: whole part of the symbol, kind, part of the symbol, text."""
    parts = names.replace("_", " ").split()
    if word in parts or word in names.split():
        return 40 + 20 * written
    if word == group:
        return 30
    if word in names:
        return 20 + 20 * written
    return 10 if word in texts else 0


def close_to(name: str, count: int = 3) -> tuple[str, ...]:
    """The public names most like *name*."""
    import difflib

    wanted = name.upper()
    grams = {wanted[place : place + 3] for place in range(len(wanted) - 2)}
    ranked = sorted(facts.symbols(), key=lambda other: -sum(gram in other for gram in grams) * 40 // (len(other) + len(wanted)))
    return tuple(difflib.get_close_matches(wanted, ranked[:200], n=count, cutoff=0.6))

"""How a wrong word in a data file is mended: what was probably meant, or what there is."""

from collections.abc import Iterable

LISTED = 30
"""More names than these are not listed in a message."""


def near(word: str, known: Iterable[str], listed: str = "") -> str:
    """What to write in place of *word*: the *known* names like it, else all of them, else where they are *listed*."""
    names = sorted(known)
    found = alike(word.lower().replace("_", "-"), names) or alike(word.lower(), names)
    if found:
        return f"did you mean {' or '.join(f'`{name}`' for name in found)}?"
    if len(names) <= LISTED or not listed:
        return f"there is {', '.join(names)}"
    return f"`{listed}` lists them"


def alike(word: str, names: Iterable[str], degree: float = 0.6) -> list[str]:
    """The *names* that are like *word*, at most three, the likest first."""
    from difflib import get_close_matches  # a run without a mistake does not need it

    return get_close_matches(word, list(names), 3, degree)

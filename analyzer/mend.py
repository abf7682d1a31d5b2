"""How a wrong word in a data file is mended: what was probably meant, or what there is."""

from collections.abc import Iterable
from difflib import get_close_matches

LISTED = 30
"""More names than these are not listed in a message."""


def near(word: str, known: Iterable[str], listed: str = "") -> str:
    """What to write in place of *word*: the *known* names like it, else all of them, else where they are *listed*."""
    names = sorted(known)
    alike = get_close_matches(word.lower().replace("_", "-"), names, 3, 0.6)
    alike = alike or get_close_matches(word.lower(), names, 3, 0.6)
    if alike:
        return f"did you mean {' or '.join(f'`{name}`' for name in alike)}?"
    if len(names) <= LISTED or not listed:
        return f"there is {', '.join(names)}"
    return f"`{listed}` lists them"

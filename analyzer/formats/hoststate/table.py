"""Tables as PowerShell and wmic write them: columns stand below their headings."""

import re

COLUMN = re.compile(r"\S+")
RULER = re.compile(r"\s*-{2,}(?:\s+-{2,})+\s*\Z")


def is_ruler(text: str) -> bool:
    """Whether *text* is the row of dashes below the headings of a table."""
    return RULER.match(text) is not None


def cells(header: str, ruler: str, row: str) -> dict[str, str]:
    """The cells of *row* by the headings of *header*; a column reaches to the next, or is aligned to its right."""
    names = header.split()
    starts = [found.start() for found in COLUMN.finditer(ruler)]
    if len(names) != len(starts):
        return {}
    right = [header[start : start + 1] == " " for start in starts]
    edges = [*starts, max(len(row), len(header)) + 1]
    found = {}
    for number, name in enumerate(names):
        start, stop = edges[number], edges[number + 1]
        if right[number] and number:
            start = edges[number - 1] + len(row[edges[number - 1] : start].rstrip())
        found[name] = row[start:stop].strip()
    return found


def columns(header: str, row: str) -> dict[str, str]:
    """The cells of *row* where there is no ruler: cut at the headings of *header*."""
    heads = list(COLUMN.finditer(header))
    edges = [*(head.start() for head in heads), max(len(row), len(header)) + 1]
    return {head[0]: row[edges[at] : edges[at + 1]].strip() for at, head in enumerate(heads)}

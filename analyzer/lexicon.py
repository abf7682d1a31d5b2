"""The words of conditions, each with what it means to a person: subjects, flags, filters, facts, kinds, groups."""

from collections.abc import Iterator
from functools import cache

from analyzer.codebook import group_of, known_groups, lookup, meaning, spaces
from analyzer.codebook.search import search
from analyzer.subject import OPERATION_NAMES
from analyzer.vocabulary import kind_meanings, known_facts

WORD = 0xFFFF
SUBJECT_WORDS = {
    "operation": "a scan, download, install, uninstall or repair",
    "scan": "a search for updates",
    "download": "a download",
    "install": "an installation",
    "uninstall": "an uninstallation",
    "repair": "a repair of the component store",
    "restart": "a restart of Windows",
    "event": "a line or record that means something: kind, component, code, group, text and its own fields",
    "fact": "a thing known of the machine: name, value",
}
FILTER_WORDS = {
    "outcome": "succeeded, failed, cancelled or unfinished",
    "cause": "the code nearest to the root",
    "code": "any code of the chain from the cause to the outermost wrapper",
    "group": "what kind of trouble the cause is",
    "groups": "what kind of trouble any code of the chain is",
    "caller": "the program that asked for it",
    "service": "GUID of the update service",
    "title": "titles of the updates",
    "kb": "KB numbers of the updates",
    "text": "the lines that prove it",
    "event": "kinds of the events that prove it",
    "count": "how often it happened alike",
    "recovered": "yes or no",
    "offline": "yes or no",
}
OUTCOMES = {
    "failed": ("failed", "did not fail"),
    "succeeded": ("succeeded", "did not succeed"),
    "cancelled": ("was cancelled", "was not cancelled"),
    "unfinished": ("has no end in the log", "has an end in the log"),
    "recovered": ("was made good by a later one", "was not made good by a later one"),
    "offline": ("asked no server (offline)", "asked a server (not offline)"),
}
"""Each flag as it is said, and its contrary."""


def title_of(group: str) -> str:
    """What a person calls *group*."""
    return meaning.word("groups", group, "title", meaning.ENGLISH)


@cache
def members_of(group: str) -> tuple[int, ...]:
    """The codes of *group* that logs of updating write: those of the update agent first, each as it is written."""
    hits = (hit for hit in search((group,)) if hit.number)
    values = (_written(hit.space, hit.number) for hit in hits)
    members = tuple(dict.fromkeys(value for value in values if group_of(value) == group))
    return tuple(value for value in members if lookup(value).severity != "success") or members


def _written(space: str, number: int) -> int:
    """A Win32 error stands in logs as the HRESULT that holds it."""
    return 0x80070000 | number if space == "win32" and 0 < number <= WORD else number & spaces.MASK


def vocabulary() -> Iterator[tuple[str, str, str]]:
    """All that a condition may name: what sort of word it is, the word, what it means."""
    yield from (("subject", f"{name}[…]", meaning) for name, meaning in SUBJECT_WORDS.items())
    yield from (("flag", flag, said[0]) for flag, said in OUTCOMES.items())
    yield from (("filter", name, FILTER_WORDS.get(name, "")) for name in sorted(OPERATION_NAMES))
    yield from (("fact", fact.fact, fact.meaning) for fact in known_facts().values())
    yield from (("kind", kind, said) for kind, said in kind_meanings().items())
    yield from (("group", group, title_of(group)) for group in sorted(known_groups()))

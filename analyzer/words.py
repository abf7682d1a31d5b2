"""A condition in plain English, made from its tree: what a person says who explains it."""

from collections.abc import Iterator
from textwrap import wrap

from analyzer.branch import FLAGS, Branch, Word
from analyzer.codebook import known_groups, lookup
from analyzer.language import subjects
from analyzer.lexicon import OUTCOMES, members_of, title_of
from analyzer.model import hex_code
from analyzer.vocabulary import kind_meanings, known_facts, known_kinds

STEP = 4
"""Columns by which a part stands further right than the whole."""
SHOWN = 6
"""Codes named of a group; the others are counted."""
LEAST = 40
"""Columns that a sentence has at least, however far to the right it stands."""
HELD = "\0"
"""A blank at which no line is broken: it belongs to a text that is looked for."""
ARTICLES = {"operation": "an operation", "install": "an install", "uninstall": "an uninstall", "event": "an event"}
NAMES = {
    "cause": "whose cause",
    "code": "one of whose codes",
    "group": "whose cause",
    "groups": "one of whose codes",
    "caller": "whose caller",
    "service": "whose update service",
    "title": "whose update's title",
    "kb": "whose update's number",
    "text": "one of whose lines",
    "count": "whose count",
    "event": "one of whose events",
    "outcome": "whose outcome",
    "recovered": "of which recovered",
    "offline": "of which offline",
}
EVENT_NAMES = {
    "code": "one of whose codes",
    "group": "one of whose codes",
    "component": "whose component",
    "text": "whose line",
}
SIGNS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}


def words_of(tree: Branch, width: int = 100) -> Iterator[str]:
    """The condition *tree* as lines of at most *width* columns, if words are no longer than that."""
    yield from _lines(tree, 0, width, "")


def _lines(tree: Branch, depth: int, width: int, lead: str) -> Iterator[str]:
    if tree.data in ("any", "all"):
        yield from _wrapped(f"{lead}{'any' if tree.data == 'any' else 'all'} of these:", depth, width)
        for part in tree.children:
            assert isinstance(part, Branch)
            yield from _lines(part, depth + 1, width, "- ")
    elif tree.data == "negation":
        (part,) = tree.children
        assert isinstance(part, Branch)
        if part.data == "subject":
            yield from _wrapped(f"{lead}not so: {sentence(part)}", depth, width)
        else:
            yield from _lines(part, depth, width, f"{lead}not so: ")
    else:
        yield from _wrapped(lead + sentence(tree), depth, width)


def _wrapped(text: str, depth: int, width: int) -> Iterator[str]:
    left = " " * (STEP * depth)
    hang = left + ("  " if text.startswith("- ") else "")
    room = max(width, len(left) + LEAST)
    for line in wrap(
        text, room, initial_indent=left, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
    ):
        yield line.replace(HELD, " ")


def sentence(subject: Branch) -> str:
    """One subject, or `at least N` of it, as part of a sentence."""
    if subject.data == "at_least":
        number, asked = subject.children
        assert isinstance(asked, Branch)
        return f"at least {number} times: {sentence(asked)}"
    kind, *filters = subject.children
    parts = [part for part in filters if isinstance(part, Branch)]
    if kind == "fact":
        return _fact(parts)
    said = [clause(str(kind), part) for part in parts if not _is_kind(str(kind), part)]
    kinds = _kinds(str(kind), parts)
    return (
        ARTICLES.get(str(kind), f"a {kind}")
        + kinds
        + ("," if kinds and said else "")
        + (" " + _joined(said) if said else "")
    )


def _joined(clauses: list[str]) -> str:
    """The clauses as one: flags first need `that`, the others bring their own word."""
    plain = [clause for clause in clauses if not clause.startswith(("whose", "one of", "none of", "that ", "of which"))]
    others = [clause for clause in clauses if clause not in plain]
    first = [f"that {' and '.join(plain)}"] if plain else []
    return ", ".join([*first, *others])


def clause(kind: str, part: Branch) -> str:
    """One filter of a subject of *kind*."""
    name, *values = (str(child) if isinstance(child, Word) else "" for child in part.children)
    tokens = [child for child in part.children[1:] if isinstance(child, Word)]
    if part.data in ("flag", "no_flag"):
        return OUTCOMES[name][part.data == "no_flag"] if name in FLAGS else name
    whose = EVENT_NAMES.get(name, f"whose {name}") if kind == "event" else NAMES.get(name, f"whose {name}")
    if part.data == "compared":
        return f"{whose} is {SIGNS[values[0]]} {values[1]}"
    none = part.data in ("unequal", "unlike") and whose.startswith("one of ")
    whose = "none" + whose.removeprefix("one") if none else whose
    deny = " not" if part.data in ("unequal", "unlike") and not none else ""
    if part.data in ("like", "unlike"):
        return f"{whose} {'does not match' if deny else 'matches'} {values[0].replace(' ', HELD)}"
    told = [value(name, token) for token in tokens]
    if name in ("group", "groups"):
        return f"{whose} is{deny} of {'the group' if len(told) == 1 else 'one of the groups'} {', '.join(told)}"
    return f"{whose} is{deny} {_either(told)}"


def value(name: str, token: Word) -> str:
    """One value of the filter *name*, with what it means."""
    if token.type == "CODE":
        code = lookup(int(token, 16))
        return f"{hex_code(code.value)} ({code.symbol or code.meaning.rstrip('.')})"
    if token.type == "STRING":
        return str(token).replace(" ", HELD) if len(token) > len('""') else "empty"
    if name in ("kind", "event") and token in known_kinds():
        return f"{token} ({kind_meanings()[str(token)]})"
    return str(token)


def _fact(parts: list[Branch]) -> str:
    name = next(
        str(part.children[1]).strip('"') for part in parts if part.children[0] == "name" and part.data == "equal"
    )
    known = known_facts().get(name)
    start = f"the fact {name}" + (f" ({known.meaning})" if known else "")
    said = [clause("fact", part) for part in parts if part.children[0] != "name"]
    said += [clause("fact", part) for part in parts if part.children[0] == "name" and part.data != "equal"]
    told = [each.replace("whose value", "its value", 1) for each in said]
    return f"{start} is known" + (" and " + " and ".join(told) if told else "")


def _is_kind(kind: str, part: Branch) -> bool:
    return kind == "event" and part.children[0] == "kind" and part.data in ("equal", "among")


def _kinds(kind: str, parts: list[Branch]) -> str:
    """For an event the kinds asked for."""
    named = [part.children[1:] for part in parts if _is_kind(kind, part)]
    each = [_either([value("kind", token) for token in tokens if isinstance(token, Word)]) for tokens in named]
    return "".join(f" of the kind {kinds}" for kinds in each)


def _either(values: list[str]) -> str:
    return values[0] if len(values) == 1 else f"one of {', '.join(values)}"


def groups_named(tree: Branch) -> Iterator[tuple[str, str]]:
    """The groups of codes that *tree* asks for, in the order of the text, each once with codes that belong to it."""
    seen: dict[str, None] = {}
    for asked in subjects(tree):
        for part in asked.children:
            if isinstance(part, Branch) and part.children[0] in ("group", "groups"):
                seen |= {str(token): None for token in part.children[1:] if str(token) in known_groups()}
    for group in seen:
        members = list(members_of(group))
        more = f" and {len(members) - SHOWN} more" if len(members) > SHOWN else ""
        named = (f"{hex_code(code)} {lookup(code).symbol}".rstrip() for code in members[:SHOWN])
        yield group, f"{title_of(group)}: {', '.join(named)}{more}"

"""The beginnings of a diagnosis: a file filled in from the code book or from a log, each of its examples tried."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from analyzer.analysis import Known, machines, taken
from analyzer.codebook import lookup, notation
from analyzer.codebook.code import Code
from analyzer.data import folder
from analyzer.errors import CallError
from analyzer.excerpt import LONGEST, excerpt
from analyzer.language import SUBJECTS
from analyzer.model import Operation, Outcome, hex_code
from analyzer.rulecheck import ID
from analyzer.rulefile import Example
from analyzer.rules import read, rules
from analyzer.subject import ASIDE
from analyzer.trial import trials

WORD = 0xFFFF
BASES = {"win32": 0x80070000, "http": 0x80190000}
"""The HRESULT in which logs of updating write a small number of another table."""
ANY = 0x80240FFF
"""WU_E_UNEXPECTED: stands for the code while none is named."""
OTHERS = (0x80248014, 0x80240438, 0x80070005)
"""Codes for near misses."""
BEGIN = re.compile(r"(?:^|-)(?:started|progress|ended|failed)$")


class Seed(Struct, frozen=True):
    """What a diagnosis is to be about."""

    kind: str
    codes: tuple[int, ...]
    event: str = ""
    """For an operation without a code the kind of the event that tells it."""
    log: str = ""
    """The lines of a log that show it."""

    @property
    def condition(self) -> str:
        """As `when` says it."""
        if not self.codes:
            return f"{self.kind}[failed, event = {self.event}]"
        codes = [hex_code(code) for code in self.codes]
        cause = f"cause = {codes[0]}" if len(codes) == 1 else f"cause in ({', '.join(codes)})"
        return f"{self.kind}[failed, {cause}]"


def skeleton(id: str, codes: Sequence[str], log: Path | None) -> str:
    """The file of a new diagnosis *id*, about *codes* or the first failure in *log*; CallError if it cannot be made."""
    if not ID.fullmatch(id):
        mend = re.sub(r"[^a-z0-9]+", "-", id.lower()).strip("-")
        raise CallError(f"{id!r} is no name of a diagnosis; write it as {mend or 'my-diagnosis'}")
    if id in {rule.id for rule in rules()}:
        raise CallError(f"a diagnosis {id!r} exists already; `rules show {id}` shows it")
    numbers = tuple(_number(code) for code in codes)
    seed = _from_log(log, numbers) if log else Seed("operation", numbers or (ANY,))
    text = _text(seed, ())
    kept = [one for one in _candidates(seed) if _is_as_written(id, text, one)]
    if {one.holds for one in kept} != {True, False}:
        raise CallError(
            f"no example of `{seed.condition}` comes out as it should, so there is nothing to begin with; "
            f"{'copy a log that shows it by hand' if seed.log else 'is it a code that logs write as the cause?'}"
        )
    return _text(seed, kept)


def _number(text: str) -> int:
    found = notation.parse(text, "")
    value = BASES.get(found.space, 0) | found.value if found.value <= WORD else found.value
    code = lookup(value)
    if code.severity == "success" or value <= WORD:
        raise CallError(f"{text} is no failure of updating; give a code such as 0x8024402C")
    return value


def _is_as_written(id: str, text: str, example: Example) -> bool:
    rule = read(id, text + _example(example), f"{id}.toml")
    return all(trial.good for trial in trials([rule], rules()))


def _from_log(path: Path, codes: tuple[int, ...]) -> Seed:
    """The first failed operation of the log at *path*, if *codes* are named the first with one of them."""
    for one in machines(taken([str(path)])):
        for done in one.case.operations:
            if done.outcome is Outcome.FAILED and done.kind not in ASIDE and (not codes or done.cause in codes):
                return _seed(path, one, done, codes)
    wanted = f" with {' or '.join(map(hex_code, codes))}" if codes else ""
    raise CallError(f"{path}: no failed operation{wanted} was found in it; `patchtrail analyze {path}` shows what was")


def _seed(path: Path, one: Known, done: Operation, codes: tuple[int, ...]) -> Seed:
    kind = done.kind if done.kind in SUBJECTS else "operation"
    telling = [event.kind for event in done.events if not BEGIN.search(event.kind)] or [done.events[-1].kind]
    log = excerpt(path, one, done)
    if not log:
        raise CallError(
            f"{path}: its first failure ({done.kind}, {hex_code(done.cause) if done.cause else 'no code'}) cannot be "
            f"shown in {LONGEST} lines of text; give --code and write the example yourself"
        )
    return Seed(kind, codes or done.chain[:1], "" if done.chain else telling[0], log)


def _candidates(seed: Seed) -> Iterator[Example]:
    """Examples and near misses that should come out as they are written."""
    if seed.log:
        yield Example(seed.log, True, "as a log shows it")
        lines = seed.log.splitlines(keepends=True)
        code = "|".join(f"{code:08x}" for code in seed.codes) or "error|warning|fail"
        rest = [line for line in lines if not re.search(code, line, re.IGNORECASE)]
        if rest:
            yield Example("".join(rest), False, "the same without the lines that show the failure")
        if rest[1:] or not rest:
            yield Example(lines[0], False, "only its first line")
    if seed.codes:
        yield from _made_up(seed)


def _made_up(seed: Seed) -> Iterator[Example]:
    other = next(code for code in OTHERS if code not in seed.codes)
    kinds = ("scan", "download", "install") if seed.kind == "operation" else (seed.kind,)
    for kind in kinds:
        for name, log in _templates(kind)[: 1 if len(kinds) > 1 else None]:
            yield Example(log.replace("CODE", f"{seed.codes[0]:08X}"), True, f"{name} ends with it")
    for code in seed.codes[1:]:
        yield Example(_templates(kinds[0])[0][1].replace("CODE", f"{code:08X}"), True, f"the code 0x{code:08X}")
    for kind in kinds[:1]:
        for name, log in _templates(kind)[:1]:
            yield Example(log.replace("CODE", f"{other:08X}"), False, f"{name} ends with another code")
            yield Example(log.replace("CODE", "00000000"), False, f"{name} succeeds")
    first = f"{seed.codes[0]:08X}"
    passing = "2024-02-20 08:10:03.1234567 1204  5572  Misc            *FAILED* [CODE] Method failed [Sample::Call:1]\n"
    start, *_, end = _templates("scan")[0][1].splitlines(keepends=True)
    log = start + passing.replace("CODE", first) + end.replace("CODE", "00000000")
    yield Example(log, False, "the code passes by; the scan succeeds")


def _templates(kind: str) -> list[tuple[str, str]]:
    """Short logs in which an operation of *kind* ends with CODE, each with its name."""
    text = folder("codes").joinpath("skeleton.txt").read_text("utf-8")
    parts = re.findall(r"^== (\w+): (.*)\n((?:(?!== ).*\n)*)", text, re.MULTILINE)
    return [(name, log) for sort, name, log in parts if sort == kind]


def _text(seed: Seed, examples: Iterable[Example]) -> str:
    code = lookup(seed.codes[0]) if seed.codes else None
    meaning = _escaped(code.meaning) if code else f"What the event {seed.event} tells"
    next_step = _escaped(code.next_step) if code else "Read the lines cited."
    return "".join(
        (
            f"# {_about(seed, code)}\n",
            "# Change what it says, then: patchtrail rules check FILE, patchtrail rules test FILE\n",
            f"title = {_quoted(meaning.rstrip('.'))}\n",
            'severity = "error"\n',
            "confidence = 0.7\n",
            'confidence_reason = "what else gives the same lines is not known yet"\n',
            f"when = '''\n{seed.condition}\n'''\n",
            'because = """\n',
            "{cause}: {meaning}. A {kind} ended with it ({times}).\n" if code else f"{meaning}.\n",
            '"""\n',
            f"fix = [\n  {_quoted(next_step)},\n]\n",
            'references = [\n  # "https://learn.microsoft.com/…",\n]\n',
            *(_example(one) for one in sorted(examples, key=lambda one: not one.holds)),
        )
    )


def _about(seed: Seed, code: Code | None) -> str:
    if code is None:
        return f"About failures of which {seed.event} tells."
    return f"About {', '.join(' '.join((hex_code(one), lookup(one).symbol)).rstrip() for one in seed.codes)}."


def _example(one: Example) -> str:
    log = re.sub(r"[^\t\n\x20-\x7e\xa0-\uffff]", " ", one.log).replace("'''", "''")
    return f"\n[[{'holds' if one.holds else 'fails'}]]\nwhy = {_quoted(one.why)}\nlog = '''\n{log}'''\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _escaped(text: str) -> str:
    """*text* for a place where braces name something."""
    return text.replace("{", "{{").replace("}", "}}")

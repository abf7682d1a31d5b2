"""A WindowsUpdate.log that came by way of a mail or a web page, mended until it has the lines of the log again.

Such a text has quote marks before its lines, other blanks, the marks of Markdown or HTML; its lines are wrapped, or run
together; its stamps lack milliseconds, or are not there at all. A line that fits as it stands stays so, as does one
of which mending makes nothing known. Places are those of the original.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from itertools import pairwise
from typing import NamedTuple

from analyzer.events import understand
from analyzer.formats.windowsupdate.bare import LEVEL, LONGEST, NAMES, SAYS, bare, is_known, speaks, uncovered
from analyzer.formats.windowsupdate.lines import line_shapes

BLANK = r"(?:[ \t\xa0|]|&nbsp;)"
DATE, TIME = r"(?P<date>\d{4}[-/.]\d\d[-/.]\d\d)", r"(?P<time>\d\d[:.]\d\d[:.]\d\d)"
RECORD = re.compile(
    rf"{DATE}{BLANK}{{1,20}}{TIME}(?:[:.,](?P<fraction>\d{{7}}|\d{{3}})(?!\d))?{BLANK}{{1,40}}"
    rf"(?:(?P<pid>[0-9A-Fa-f]{{1,8}}){BLANK}{{1,40}}(?P<tid>[0-9A-Fa-f]{{1,8}}){BLANK}{{1,40}}(?P<component>[A-Z]\w{{1,19}})"
    rf"|(?P<alone>{NAMES})(?=[ \t][ \t]|\t|[ \t](?:{LEVEL}|[*#=+:]+[ \t])))(?=[ \t\xa0|&*#=+:-]|\Z)"
)
"""Stamp, process, thread and component; without process and thread only a component that is known."""
GLUED = re.compile(
    rf"{DATE}[ \t]?{TIME}(?::(?P<fraction>\d{{3}}))?[ \t]?(?P<ids>\d[0-9a-f]{{2,12}})[ \t]?(?P<component>{NAMES})"
)
"""The same where the tabs between the fields were lost: which digits are the process nobody can tell."""
TAGS = re.compile(
    r"</?(?:a|b|blockquote|br|code|div|em|font|i|li|p|pre|span|strong|td|tr)\b[^<>]{0,300}>|\[/?(?:url|code|quote|b|i)(?:=[^\]]{0,300})?\]",
    re.IGNORECASE,
)
ESCAPED = re.compile(r"\\([*#_`<>|\[\]-])")
FRAMES = re.compile(r"\*\*[ \t]*(START|END)[ \t]*\*\*")
GAPS = re.compile(r"[ \t]{2,}")
SIGNS = re.compile(rf"\xa0|&(?:nbsp|lt|gt|amp|quot);|`|{TAGS.pattern}", re.IGNORECASE)
"""What stands in a line that went through a page, and hardly in a log."""
FOLLOWING = 5
"""Lines that may go on a wrapped one."""
NARROW, WIDE = 50, 140
"""Between these a text was wrapped by a mail program or a console."""


class Line(NamedTuple):
    """One line of the text, or a part of one that was a line before."""

    text: str
    number: int
    start: int = 0
    """Characters before it on its line."""
    record: bool = False
    """It has the stamp of the log."""
    mended: bool = False


def marked(text: str) -> bool:
    """Whether a line is one of the log though it is none as it stands: by its stamp, or by who speaks and how."""
    return len(text) <= LONGEST and (is_stamped(text) or speaks(text))


def is_stamped(text: str) -> bool:
    """Whether a line bears the stamp of the log, or what is left of it, anywhere."""
    return RECORD.search(text) is not None or GLUED.match(text.lstrip()) is not None


def knows(line: str) -> bool:
    """Whether *line*, with or without a stamp, says something known."""
    found = line_shapes("modern").match(line)
    if found is None:
        return is_known(bare(line))
    fields = found[1]
    return is_known(understand(fields.get("component", ""), fields.get("text", "").strip()))


def tidied(text: str) -> str:
    """*text* without what pages and editors made of it."""
    text = unescape(text) if "&" in text else text
    text = TAGS.sub("", text.replace("\xa0", " ").replace("`", ""))
    text = FRAMES.sub(r"** \1 **", ESCAPED.sub(r"\1", text))
    return GAPS.sub(" ", text.rstrip(" \t|"))


def pieces(line: Line) -> Iterator[Line]:
    """*line*, or the lines that it was before they ran together, each mended if that makes something of it."""
    text = line.text
    if len(text) > LONGEST:
        yield line
        return
    stamps = list(RECORD.finditer(text))
    if not stamps and (glued := GLUED.match(text, len(text) - len(text.lstrip()))):
        yield line._replace(text=_canonical(glued, text[glued.end() :]), record=True, mended=True)
        return
    if not stamps:
        yield from _without_stamp(line)
        return
    if text[: stamps[0].start()].strip() and len(uncovered(text[: stamps[0].start()])) > 2:
        yield line._replace(text=text[: stamps[0].start()])
    elif stamps[0].start() and len(stamps) == 1 and line_shapes("modern").match(text):
        yield from _kept(line, stamps[0], text)
        return
    for at, found in enumerate(stamps):
        stop = stamps[at + 1].start() if at + 1 < len(stamps) else len(text)
        start = found.start()
        part = line._replace(text=text[start:stop], start=line.start + start, mended=start > 0)
        yield from _kept(part, found, text[:stop])


def _kept(line: Line, found: re.Match[str], text: str) -> Iterator[Line]:
    """*line* with its stamp, as it stands if it fits and mending makes nothing more of it."""
    fits = line_shapes("modern").match(line.text) is not None
    rest = text[found.end() :]
    if fits and found["component"] is not None and (not _is_untidy(rest) or _is_sound(line.text, rest)):
        yield line._replace(record=True)
        return
    mended = _canonical(found, rest)
    if fits and found["component"] is not None and not knows(mended):
        yield line._replace(record=True)
    else:
        yield line._replace(text=mended, record=True, mended=True)


def _is_untidy(rest: str) -> bool:
    return tidied(rest).strip() != rest.strip()


def _is_sound(text: str, rest: str) -> bool:
    return SIGNS.search(rest) is None and knows(text)


def _without_stamp(line: Line) -> Iterator[Line]:
    starts = [found.start() for found in SAYS.finditer(line.text)]
    if len(starts) < 2:
        mended = tidied(line.text)
        better = mended != line.text and not is_known(bare(line.text)) and is_known(bare(mended))
        yield line._replace(text=mended, mended=True) if better else line
        return
    for start, stop in pairwise(sorted({0, *starts, len(line.text)})):
        if line.text[start:stop].strip():
            yield line._replace(text=tidied(line.text[start:stop]), start=line.start + start, mended=True)


def _canonical(found: re.Match[str], rest: str) -> str:
    """A line of the log with the fields *found* and the text *rest*; what it lacks is zero."""
    fields = found.groupdict()
    component = fields.get("component") or fields.get("alone") or ""
    pid, tid = fields.get("pid") or "0", fields.get("tid") or fields.get("ids", "0")[-8:] or "0"
    text, fraction = tidied(rest).strip(" \t|"), fields["fraction"] or "000"
    time = fields["time"].replace(".", ":")
    if len(fraction) == 7:
        numbers = [one if one.isdigit() else str(int(one, 16)) for one in (pid, tid)]
        return f"{fields['date']} {time}.{fraction} {numbers[0]:<5} {numbers[1]:<5} {component:<15} {text}".rstrip()
    pid = pid if pid.isdigit() else str(int(pid, 16))
    return f"{fields['date']}\t{time}:{fraction}\t{pid:>4}\t{tid.lower()}\t{component}\t{text}"


def width_of(texts: Iterable[str]) -> int:
    """The width at which *texts* were wrapped: that of the longest line with a stamp; 0 where they were not."""
    widest = max((len(text.rstrip()) for text in texts if RECORD.search(text[:LONGEST])), default=0)
    return widest if NARROW <= widest <= WIDE else 0


def mended(texts: Iterable[tuple[int, str]], width: int = 0) -> Iterator[Line]:
    """The lines of a text, given with their numbers, as they were in the log; wrapped at *width*, put together."""
    held: Line | None = None
    further: list[Line] = []
    for number, text in texts:
        for line in pieces(Line(text, number)):
            if held is not None and not line.record and text.strip() and len(further) < FOLLOWING:
                further.append(line)
                continue
            if held is not None:
                yield from _unwrapped(held, further, width)
            held, further = (line, []) if line.record else (None, [])
            if held is None:
                yield line
    if held is not None:
        yield from _unwrapped(held, further, width)


def _unwrapped(first: Line, further: Sequence[Line], width: int) -> Iterator[Line]:
    """*first* with as many of the lines below it as make something of it; then those that are left."""
    joined, taken, before = first.text, 0, len(first.text)
    run, unknown = 0, bool(further) and not knows(first.text)
    for at, line in enumerate(further if unknown else (), 1):
        rest = tidied(uncovered(line.text))
        full = bool(width) and before + 1 + len(rest.split(" ", 1)[0]) > width
        joined = FRAMES.sub(r"** \1 **", f"{joined.rstrip()} {rest}")
        if knows(joined):
            taken = at
            break
        if full and run == at - 1 and not line.mended:
            run = at
        before = len(line.text.rstrip())
    if not taken and run:
        rests = [tidied(uncovered(line.text)) for line in further[:run]]
        joined, taken = " ".join([first.text.rstrip(), *rests]), run
    yield first._replace(text=joined, mended=True) if taken else first
    yield from further[taken:]

"""A text cut into the events that were copied into it, each with its labels and its description.

A text has more than events: prose, fences, other outputs. What lies in no `Detail` belongs to none of them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from analyzer.formats.evtx.labels import LONGEST, role_of
from analyzer.formats.evtx.sentences import OVER, WRAPPED, event_of, unlevelled

LABEL = re.compile(rf"([^\W\d_][^:：]{{1,{LONGEST}}}?)[\s*]*[:：][\s*]*(.*)", re.DOTALL)
QUOTED = re.compile(r"(?:\s{0,8}>){1,8}(?=\s|$)")
"""Marks of a mail or of Markdown before a line."""
BULLET = re.compile(r"\s*[-*•]\s+(?=\S)")
BREAK = re.compile(r"(?:\s{0,8}(?:\\|</?br\s?/?>)){1,4}\s*\Z", re.IGNORECASE)
"""An end of line in Markdown."""
FENCE = re.compile(r"\s*(?:`{3}|~{3}|[-=_*]{5,}\s*\Z)")
"""What people put around or between what they copied."""
INDEX = re.compile(r"\s*Event\[\d{1,9}\]:?\s*\Z")
"""What wevtutil writes before each event."""
STAMPED = re.compile(r"\s*\d{4}[-/]\d\d[-/]\d\d[ \tT]\d\d:\d\d:\d\d")
"""A line of a log."""
APPENDED = re.compile(
    r"\s*(?:For more information, see|Data:(?: Bytes| Words)?\s*\Z|[0-9a-f]{4}: (?:[0-9a-f]{2} )+)", re.IGNORECASE
)
"""What older viewers wrote behind a description."""
MARKED = frozenset("`~-=_*E")
"""What a fence, a rule or an index begins with."""
NUMBER = re.compile(r"\d{1,6}(?!\S)")
HEADER = frozenset({"channel", "provider", "when", "event", "category", "level", "keywords", "user", "computer"})
UNIQUE = frozenset({"channel", "provider", "when", "event"})
"""What no event says twice."""
LARGEST = 1 << 20
"""Characters of a description."""
LEAST = 3
"""Labels that together are meant as an event."""


class Detail(Struct, frozen=True):
    """One event and the lines of it."""

    first: int
    """Its first line; the first of all is 1."""
    last: int
    """Its last line, that of `Event Xml:` not counted."""
    parts: Mapping[str, str]
    """What its labels say, by role."""
    xml: bool = False
    """The same event follows as XML."""
    alone: bool = False
    """It has no labels: only its sentence was quoted."""

    @property
    def number(self) -> int:
        """Its event ID; -1 if it has none."""
        found = NUMBER.match(self.parts.get("event", ""))
        return int(found[0]) if found else -1

    @property
    def whole(self) -> bool:
        """It tells who wrote it and its number: without those it means nothing."""
        return self.number >= 0 and bool(self.parts.get("provider"))


def cut(lines: Iterable[str | None]) -> Iterator[Detail]:
    """The events of *lines*, in order; None stands where another part was taken out, which ends an event."""
    cutter = _Cutter()
    number = 0
    for number, line in enumerate(lines, 1):
        done = cutter.end(number) if line is None else cutter.take(number, line)
        if done is not None:
            yield done
    last = cutter.end(number + 1)
    if last is not None:
        yield last


def bare(line: str) -> str:
    """*line* without the marks of mails and Markdown around it."""
    quoted = QUOTED.match(line) if ">" in line else None
    text = line[quoted.end() :] if quoted else line
    return BREAK.sub("", text).rstrip() if text.rstrip().endswith(("\\", ">")) else text.rstrip()


def labelled(text: str) -> tuple[str, str, bool]:
    """Role and value of the label that the bare line *text* begins with, and whether it has a label at all."""
    bullet = BULLET.match(text) if text.lstrip()[:1] in "-*•" else None
    found = LABEL.match((text[bullet.end() :] if bullet else text).strip().lstrip("*`"))
    if found is None:
        return "", "", False
    role, value = role_of(found[1].strip()), found[2].strip()
    if role == "when" and not any(sign.isdigit() for sign in value):
        role = ""
    return role, value.removesuffix("**").strip(), True


class _Cutter:
    """Takes lines one by one and gives each event when it is over."""

    def __init__(self) -> None:
        self.parts: dict[str, str] = {}
        self.pieces: list[str] = []
        """The lines of the description."""
        self.size = 0
        self.first = self.last = self.indent = 0
        self.blank = False
        """The line before was blank."""
        self.alone = False
        self.opening = "channel"
        """The label with which events begin here."""

    def take(self, number: int, line: str) -> Detail | None:
        """The event that is over with *line*, if one is."""
        if line.lstrip()[:1] in MARKED and (FENCE.match(line) or INDEX.match(line)):
            return self.end(number)
        text = bare(line)
        if not text.strip():
            self.blank = True
            return None
        role, value, has_label = labelled(text)
        done = None
        if role == "xml" or (self.parts and text.lstrip(" \t\\").startswith("<Event")):
            return self.end(number, xml=True)
        if self._begins(role):
            done = self.end(number)
            self.first, self.indent = number, len(text) - len(text.lstrip())
        elif not self.parts or not self._belongs(text, role, has_label):
            done = self.end(number)
            if not self._quoted(text):
                return done
            self.first, self.indent, text = number, len(text) - len(text.lstrip()), unlevelled(text)
        self._keep(text, role, value, has_label)
        self.last, self.blank = number, False
        return done

    def end(self, number: int, xml: bool = False) -> Detail | None:
        """The event that ends before line *number*; None if there is none, or only a label or two of prose."""
        parts = self.parts
        if self.pieces or "message" in parts:
            parts["message"] = "\n".join(self.pieces).strip().strip("`")
        detail = Detail(self.first, min(self.last, number - 1), parts, xml, self.alone)
        self.parts, self.pieces, self.size, self.blank, self.alone = {}, [], 0, False, False
        if not detail.whole and (len(parts) < LEAST or not parts.keys() & {"provider", "event"}):
            return None
        if not detail.alone:
            self.opening = next(iter(parts))
        return detail

    def _begins(self, role: str) -> bool:
        """Whether a label of *role* is the first of another event."""
        if role not in HEADER:
            return False
        if "message" in self.parts:
            return role in ("channel", self.opening, next(iter(self.parts))) or (self.blank and role in UNIQUE)
        return not self.parts or (role in UNIQUE and role in self.parts)

    def _quoted(self, text: str) -> bool:
        """Whether *text* is a sentence of an event by itself; begins that event then."""
        found = event_of(text)
        if found is None:
            return False
        self.parts = {"provider": found.provider, "event": str(found.event), "message": ""}
        self.alone = True
        return True

    def _belongs(self, text: str, role: str, has_label: bool) -> bool:
        """Whether *text* goes on with the event."""
        if "message" not in self.parts:
            return (has_label and (bool(role) or not self.blank)) or self._whole()
        if STAMPED.match(text) and self.pieces:
            return False
        unfinished = bool(self.pieces) and self.pieces[-1].endswith((":", "："))
        if self.alone and (self.pieces[-1].endswith(OVER) or len(self.pieces) >= WRAPPED or event_of(text)):
            return False
        if not self.blank or not self.pieces:
            return True
        return (
            unfinished or role == "more" or len(text) - len(text.lstrip()) > self.indent or bool(APPENDED.match(text))
        )

    def _whole(self) -> bool:
        return Detail(0, 0, self.parts).whole

    def _keep(self, text: str, role: str, value: str, has_label: bool) -> None:
        """Keeps what *text* tells; the description goes on to the end."""
        if "message" in self.parts:
            self._describe(text)
        elif role == "message":
            self.parts["message"] = ""
            self._describe(value)
        elif role == "time":
            self.parts["when"] = f"{self.parts.get('when', '')} {value}".strip()
        elif role in HEADER:
            self.parts.setdefault(role, value)
        elif self._whole() and (self.blank or not has_label):
            self.parts["message"] = ""
            self._describe(text)

    def _describe(self, text: str) -> None:
        if text.strip() and not APPENDED.match(text) and self.size < LARGEST:
            self.pieces.append(text.strip())
            self.size += len(text)

"""Reading a report in text: the tree of its outline becomes a Result, by structure first and by words where known."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from analyzer.formats.gpresult.headings import reason_of, role_of, scope_of
from analyzer.formats.gpresult.outline import Line, grammar_text, outline
from analyzer.formats.gpresult.result import Filtered, Named, Result, Scope, Setting
from analyzer.formats.policy import data_of
from analyzer.formats.rows import Row
from analyzer.grammar import load

VALUE = re.compile(r"\s*:\s+|\s*:\Z")
VERSION = re.compile(r"\d{1,2}\.\d\.\d{4,5}\b")
BYTES = re.compile(r"\d{1,3}(?:\s*,\s*\d{1,3})*\Z")
KEY = re.compile(r"(?:software|system)\\", re.IGNORECASE)
HOST = re.compile(r"([^\s:\\]+)\s*:\s*[^:]*\Z")
NAME = re.compile(r"[\w.-]{1,63}\Z")
EMPTY = ("N/A", "N/V", "N/D", "Н/Д", "n.v.t.")


@cache
def _parse() -> Callable[[str], Any]:
    return load("gpresult").parser().parse


def results(rows: Sequence[Row]) -> Iterator[Result]:
    """The reports in *rows*, one after the other; a part of a report counts as one."""
    lines = outline(rows)
    if not lines:
        return
    text, owners = grammar_text(lines)
    tree = _parse()(text)
    loose: list[Any] = [node for node in tree.children if node.data in ("lines", "extension", "block")]
    head = _Part(owners, None, loose)
    scopes: list[_Part] = []
    for node in (node for node in tree.children if node.data == "scope"):
        heading = owners[node.children[0].line - 1]
        part = _Part(owners, heading, node.children[1:])
        if _opens_report(heading):
            if scopes or head.heading is not None or any(node.data != "lines" for node in head.nodes):
                yield _result(head, scopes)
            head, scopes = part, []
        else:
            scopes.append(part)
    yield _result(head, scopes)


def _opens_report(heading: Line) -> bool:
    if role_of(heading.text) in ("computer", "user"):
        return False
    return bool(re.search("rsop", heading.text, re.IGNORECASE)) or "\\" in heading.text


class _Part:
    """One scope of the tree, or what stands before the first."""

    def __init__(self, owners: tuple[Line, ...], heading: Line | None, nodes: Sequence[Any]) -> None:
        self.owners, self.heading, self.nodes = owners, heading, nodes

    def line(self, token: Any) -> Line:
        """The line that *token* stands for."""
        owner: Line = self.owners[token.line - 1]
        return owner

    def lines(self, node: Any) -> Iterator[tuple[Line, Any]]:
        """The lines right below *node*, each with its own node."""
        for one in node.children:
            if hasattr(one, "data") and one.data.startswith("at"):
                yield self.line(one.children[0]), one

    def named(self, kind: str) -> list[tuple[Line, Any]]:
        """Its blocks or extensions: the heading and the node of each."""
        return [(self.line(node.children[0]), node) for node in self.nodes if node.data == kind]

    @property
    def rows(self) -> list[Line]:
        """Its own rows, above its first block."""
        return [line for node in self.nodes if node.data == "lines" for line, _ in self.lines(node)]


def _result(head: _Part, scopes: list[_Part]) -> Result:
    made = [_scope(part, number, len(scopes)) for number, part in enumerate(scopes)]
    if any(node.data != "lines" for node in head.nodes):
        made.append(_scope(head, 0, 1))
    found = HOST.search(head.heading.text) if head.heading is not None else None
    host = found[1] if found and NAME.match(found[1]) else ""
    host = host or next((_common_name(one.distinguished) for one in made if one.name == "computer"), "")
    domains = (_dns_domain(scope.distinguished) for scope in made)
    system = next((line for line in head.rows if VERSION.search(_value(line.text))), None)
    version = VERSION.search(_value(system.text)) if system is not None else None
    return Result(
        host,
        head.heading.row if head.heading is not None else made[0].row if made else head.owners[0].row,
        version[0] if version else "",
        system.row if system is not None else None,
        next(filter(None, domains), ""),
        tuple(made),
    )


def _scope(part: _Part, number: int, count: int) -> Scope:
    heading = part.heading
    named = next((line for line in part.rows if re.match(r"CN=", line.text, re.IGNORECASE)), None)
    blocks = _by_role(part)
    groups = tuple(line.text for line, _ in _items(part, blocks.get("groups")))
    row = heading.row if heading else part.owners[0].row
    extensions = part.named("extension")
    for _, node in part.named("block"):
        nested = (one for one in node.children if getattr(one, "data", "") == "extension")
        extensions += [(part.line(one.children[0]), one) for one in nested]
    settings = tuple(setting for _, node in extensions for setting in _settings(part, node))
    templates = next((head.row for head, node in extensions if _is_templates(part, head, node)), None)
    return Scope(
        _scope_name(heading, groups, number, count),
        row,
        named.text if named else "",
        named.row if named else None,
        tuple(Named(line.text, line.row) for line, _ in _items(part, blocks.get("applied"))),
        part.line(blocks["applied"].children[0]).row if "applied" in blocks else None,
        tuple(_filtered(part, blocks.get("filtered"))),
        groups,
        settings,
        templates,
        heading is not None,
    )


def _scope_name(heading: Line | None, groups: Sequence[str], number: int, count: int) -> str:
    told = scope_of(heading.text) if heading else "computer"
    if told:
        return told
    if any(group.endswith("$") for group in groups):
        return "computer"
    return "computer" if count > 1 and number == 0 else "user"


def _by_role(part: _Part) -> Mapping[str, Any]:
    """The blocks of a scope by what they are: by their words, else by the length of their rule and what they hold."""
    blocks: dict[str, Any] = {}
    unknown = []
    for head, node in part.named("block"):
        role = role_of(head.text)
        if role in ("applied", "filtered", "groups", "privileges", "details"):
            blocks.setdefault(role, node)
        else:
            unknown.append((head, node))
    for head, node in unknown:
        if any(getattr(one, "data", "") == "extension" for one in node.children):
            continue
        details = any(len(one.children) > 1 for _, one in _items(part, node))
        if details:
            blocks.setdefault("filtered", node)
        elif head.extra == 0:
            blocks.setdefault("groups", node)
        else:
            blocks.setdefault("applied", node)
    return blocks


def _items(part: _Part, block: Any) -> Iterator[tuple[Line, Any]]:
    """What a block lists: names at the eighth column."""
    if block is None:
        return
    for node in block.children:
        if getattr(node, "data", "") == "lines":
            for line, item in part.lines(node):
                if line.level == 8 and line.text not in EMPTY:
                    yield line, item


def _filtered(part: _Part, block: Any) -> Iterator[Filtered]:
    for line, item in _items(part, block):
        rows = [below for below, _ in part.lines(item)]
        if not rows:
            continue
        reason = _value(rows[0].text)
        wmi = _value(rows[1].text) if len(rows) > 1 else ""
        yield Filtered(line.text, reason, reason_of(reason), line.row, wmi, rows[0].row)


def _settings(part: _Part, extension: Any) -> Iterator[Setting]:
    """The registry values of an extension: a path, and its data as decimal bytes; `State` is not the value."""
    for node in (node for node in extension.children if getattr(node, "data", "") == "lines"):
        for gpo, item in part.lines(node):
            rows = [below for below, _ in part.lines(item)]
            if gpo.level >= 16:
                continue
            path = next((_value(one.text) for one in rows if KEY.match(_value(one.text))), "")
            data = next((one for one in rows if BYTES.match(_value(one.text))), None)
            if path and data is not None:
                value = data_of(path.rpartition("\\")[2], _value(data.text))
                yield Setting(_value(gpo.text), path, value, data.row)


def _is_templates(part: _Part, head: Line, node: Any) -> bool:
    return role_of(head.text) == "templates" or any(True for _ in _settings(part, node))


def _value(text: str) -> str:
    found = VALUE.search(text)
    return text[found.end() :].strip() if found else ""


def _common_name(distinguished: str) -> str:
    found = re.match(r"CN=([^,]+)", distinguished, re.IGNORECASE)
    return found[1] if found else ""


def _dns_domain(distinguished: str) -> str:
    return ".".join(re.findall(r"\bDC=([^,\s]+)", distinguished, re.IGNORECASE)).lower()

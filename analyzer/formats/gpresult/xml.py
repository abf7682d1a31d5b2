"""GPRESULT /X: the XML report, parsed piece by piece; entities and networks are never touched."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from analyzer.formats.gpresult.admx import values_of
from analyzer.formats.gpresult.result import Filtered, Named, Result, Scope, Setting
from analyzer.formats.rows import Row
from analyzer.model import Place, Problem
from analyzer.source import Source

MOST = 64 << 20
"""Bytes of a report that are read."""
DECLARED = re.compile(r"\A\s*<\?xml[^>]*\?>")


def parsed(source: Source, *, html: bool) -> tuple[Any, list[Problem], int]:
    """The root of the document (None where there is none), what went wrong, and the bytes read."""
    chunks, problems, size = [], [], 0
    for chunk in source.raw():
        if isinstance(chunk, Problem):
            problems.append(chunk)
        elif size < MOST:
            chunks.append(chunk)
            size += len(chunk)
        else:
            problems.append(
                Problem(source.place, f"is larger than {MOST >> 20} MB; what comes after that was not read", 1)
            )
            break
    encoding = source.encoding()
    name = "utf-8" if encoding.name in ("ascii", "utf-8-sig") else encoding.name
    text = b"".join(chunks)[encoding.bom :].decode(name, "replace")
    text = DECLARED.sub("", text).replace("\0", "")
    safe: dict[str, Any] = {"recover": True, "huge_tree": False, "no_network": True}
    parser = etree.HTMLParser(encoding="utf-8", **safe) if html else _xml_parser(safe)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as fault:
        problems.append(Problem(source.place, f"cannot be read as a report ({fault.msg})", 1))
        return None, problems, size
    faults = [] if html else [entry for entry in parser.error_log if entry.level_name == "FATAL"]
    if faults:
        place = source.place.at(faults[0].line)
        told = f"is damaged here ({faults[0].message.strip()}); what can be told around it was read"
        problems.append(Problem(place, told, 1))
    return root, problems, size


def _xml_parser(safe: dict[str, Any]) -> Any:
    return etree.XMLParser(encoding="utf-8", resolve_entities=False, load_dtd=False, dtd_validation=False, **safe)


def result_of(root: Any, place: Place) -> Result | None:
    """The report below *root*, or None if it is none."""
    parts = [node for node in root.iter() if _local(node) in ("ComputerResults", "UserResults")]
    if _local(root) != "Rsop" or not parts:
        return None
    scopes = []
    host, domain, row = "", "", Row("Rsop", place)
    for node in sorted(parts, key=lambda one: _local(one)):
        name = "computer" if _local(node) == "ComputerResults" else "user"
        if name == "computer":
            host = _child(node, "Name").partition("\\")[2].rstrip("$")
            domain = _child(node, "Domain")
            named = next((one for one in node if _local(one) == "Name"), node)
            row = _row(named, place, f"Name: {_child(node, 'Name')}")
        scopes.append(_scope(node, name, place))
    return Result(host, row, "", None, domain.lower() if "." in domain else "", tuple(scopes))


def _scope(node: Any, name: str, place: Place) -> Scope:
    names: dict[str, str] = {}
    applied: list[tuple[int, Named]] = []
    filtered: list[Filtered] = []
    for gpo in (one for one in node if _local(one) == "GPO"):
        title = _child(gpo, "Name")
        names[_deep(gpo, "Identifier")] = title
        order = max((int(text) for text in _all(gpo, "AppliedOrder") if text.isdigit()), default=0)
        row = _row(gpo, place, f"GPO: {title}")
        why, reason = _why(gpo)
        if order:
            applied.append((order, Named(title, row)))
        elif why:
            filtered.append(Filtered(title, reason, why, row, _child(gpo, "FilterName"), row))
    settings = tuple(_settings(node, names, place))
    groups = tuple(_all(node, "SecurityGroup/Name"))
    return Scope(
        name,
        _row(node, place, f"{name} results"),
        applied=tuple(one for _, one in sorted(applied, key=lambda pair: pair[0])),
        applied_row=_row(node, place, f"{name} results"),
        filtered=tuple(filtered),
        groups=groups,
        settings=settings,
        templates=_row(node, place, f"{name} results"),
    )


def _why(gpo: Any) -> tuple[str, str]:
    """Why a policy was not applied, from its flags."""
    if _child(gpo, "AccessDenied") == "true":
        return "security", "access denied (security filtering)"
    if _child(gpo, "FilterAllowed") == "false":
        return "wmi", "WMI filter false"
    links = [text for link in gpo if _local(link) == "Link" for text in (_child(link, "Enabled"),)]
    if links and all(text == "false" for text in links):
        return "link", "link disabled"
    if _child(gpo, "Enabled") == "false":
        return "gpo", "policy disabled"
    return "empty", "empty"


def _settings(node: Any, names: dict[str, str], place: Place) -> Iterator[Setting]:
    for policy in (one for one in node.iter() if _local(one) == "Policy"):
        if _child(policy, "Precedence") not in ("", "1"):
            continue
        options = [
            (_child(one, "Name"), _child(one, "Value/Name") or _child(one, "Value") or _child(one, "State"))
            for one in policy
            if _local(one) in ("DropDownList", "EditText", "CheckBox", "Numeric")
        ]
        gpo = names.get(_deep(policy, "Identifier"), _deep(policy, "Identifier"))
        title, state = _child(policy, "Name"), _child(policy, "State")
        row = _row(policy, place, f"{title}: {state} {_shown(options)}".rstrip())
        for path, value in values_of(title, state, _child(policy, "Category"), options):
            yield Setting(gpo, path, value, row)


def _shown(options: list[tuple[str, str]]) -> str:
    told = "; ".join(f"{name.strip()} {value}" for name, value in options if value)
    return f"({told})" if told else ""


def _row(node: Any, place: Place, text: str) -> Row:
    return Row(text, place.at(node.sourceline or 0))


def _local(node: Any) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _child(node: Any, path: str) -> str:
    """The text of the child at *path*, whatever its namespace."""
    for name in path.split("/"):
        node = next((one for one in node if _local(one) == name), None)
        if node is None:
            return ""
    return (node.text or "").strip()


def _deep(node: Any, name: str) -> str:
    return next(((one.text or "").strip() for one in node.iter() if _local(one) == name), "")


def _all(node: Any, path: str) -> Iterator[str]:
    above, _, name = path.rpartition("/")
    for one in node.iter():
        if _local(one) == name and (not above or _local(one.getparent()) == above):
            yield (one.text or "").strip()

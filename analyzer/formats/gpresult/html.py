"""GPRESULT /H: the HTML report. Scripts, styles and the explanations of policies are not looked at."""

import re
from collections.abc import Iterator
from typing import Any

from analyzer.formats.gpresult.admx import values_of
from analyzer.formats.gpresult.headings import reason_of, role_of, scope_of
from analyzer.formats.gpresult.result import Filtered, Named, Result, Scope, Setting
from analyzer.formats.rows import Row
from analyzer.model import Place

TITLE = re.compile(r"\[[^\]]*\]\s*\Z")


def result_of(root: Any, place: Place) -> Result | None:
    """The report below *root*, or None if it is none."""
    title = "".join(root.xpath("string(//title)")).strip()
    scopes = tuple(filter(None, (_scope(root, name, place) for name in ("computer", "user"))))
    if not scopes:
        return None
    host, domain = _computer(root)
    first = next(iter(root.xpath("//title")), root)
    return Result(host or _host_of(title), _row(first, place, title), "", None, domain, scopes)


def _host_of(title: str) -> str:
    found = re.search(r"\s(?:on|auf|op|sur|en|su|на)\s+(?:[^\s\\]+\\)?([\w-]+)\Z", title)
    return found[1] if found else ""


def _computer(root: Any) -> tuple[str, str]:
    """Name and domain of the computer, as the general part of its details tells them."""
    for cell in root.xpath("//td[strong]"):
        name = _text(cell)
        value = _text(cell.getnext()) if cell.getnext() is not None else ""
        if role_of(name) == "html-name":
            below = cell.getparent().getnext()
            cells = below.xpath("./td") if below is not None else []
            domain = _text(cells[1]) if len(cells) > 1 and "." in _text(cells[1]) else ""
            return value.rpartition("\\")[2].rstrip("$"), domain.lower()
    return "", ""


def _sections(root: Any) -> Iterator[tuple[Any, str, Any]]:
    """The headings of the report, each with the container that follows it."""
    for span in root.xpath("//span[contains(@class,'sectionTitle')]"):
        holder = span.getparent()
        below = holder.getnext() if holder is not None else None
        yield span, _text(span), below


def _scope(root: Any, name: str, place: Place) -> Scope | None:
    row: Row | None = None
    applied: list[Named] = []
    applied_row: Row | None = None
    filtered: list[Filtered] = []
    current = ""
    for span, title, below in _sections(root):
        if role_of(title) in ("computer", "user"):
            current = scope_of(title)
            row = row or (_row(span, place, title) if current == name else None)
        elif current == name and below is not None:
            if role_of(title) == "html-applied" or plain_applied(title):
                applied_row = _row(span, place, title)
                applied += [_named(one, text, place) for one, text, _ in _sections_in(below)]
            elif role_of(title) == "html-filtered":
                filtered += _denied(below, place)
    settings = tuple(_settings(root, name, place))
    if row is None and not settings:
        return None
    first = row or settings[0].row
    templates = first if settings or applied_row else None
    return Scope(
        name,
        first,
        applied=tuple(applied),
        applied_row=applied_row,
        filtered=tuple(filtered),
        settings=settings,
        templates=templates,
        whole=bool(applied_row or filtered or settings),
    )


def _named(span: Any, title: str, place: Place) -> Named:
    return Named(TITLE.sub("", title).strip(), _row(span, place, title))


def plain_applied(title: str) -> bool:
    """Whether a heading is the text report's word for what was applied."""
    return role_of(title) == "applied"


def _sections_in(below: Any) -> Iterator[tuple[Any, str, Any]]:
    for span in below.xpath("./div/span[contains(@class,'sectionTitle')]"):
        yield span, _text(span), span.getparent().getnext()


def _denied(below: Any, place: Place) -> Iterator[Filtered]:
    """Name and reason of each policy that was not applied; the reason is the last row of its table."""
    for span, title, holder in _sections_in(below):
        rows = holder.xpath(".//tr") if holder is not None else []
        told = [row.xpath("./td") for row in rows]
        reasons = [_text(cells[1]) for cells in told if len(cells) > 1 and role_of(_text(cells[0])) == "html-reason"]
        reason = reasons[0] if reasons else _text(told[-1][1]) if told and len(told[-1]) > 1 else ""
        why = reason_of(reason)
        row = _row(span, place, f"{title}: {reason}")
        yield Filtered(TITLE.sub("", title).strip(), reason, why, row, "", row)


def _settings(root: Any, name: str, place: Place) -> Iterator[Setting]:
    for span in root.xpath("//span[@gpmc_settingname]"):
        path = span.get("gpmc_settingpath", "")
        if (scope_of(path.partition("/")[0]) or "computer") != name:
            continue
        line = span.xpath("ancestor::tr[1]")
        cells = line[0].xpath("./td") if line else []
        if len(cells) < 2:
            continue
        title, state = span.get("gpmc_settingname", ""), _text(cells[1])
        options = list(_options(line[0].getnext()))
        told = "; ".join(f"{label} {value}" for label, value in options if value)
        row = _row(span, place, f"{title}: {state}" + (f" ({told})" if told else ""))
        gpo = _text(cells[2]) if len(cells) > 2 else ""
        for where, value in values_of(title, state, path.partition("/")[2], options):
            yield Setting(gpo, where, value, row)


def _options(row: Any) -> Iterator[tuple[str, str]]:
    if row is None or row.xpath(".//span[@gpmc_settingname]"):
        return
    for inner in row.xpath(".//table//tr"):
        cells = inner.xpath("./td")
        if len(cells) == 2:
            yield _text(cells[0]), _text(cells[1])


def _text(node: Any) -> str:
    return " ".join("".join(node.itertext()).replace("\xa0", " ").split())


def _row(node: Any, place: Place, text: str) -> Row:
    return Row(text, place.at(node.sourceline or 0))

"""What a GPRESULT report tells of a machine: who it is, which update policies reached it, and what they say."""

import re
from collections.abc import Iterator

from analyzer.formats import Told
from analyzer.formats.gpresult.result import Result, Scope
from analyzer.formats.policy import is_update_key, policy_unset, policy_value
from analyzer.formats.rows import fact, told

UPDATES = re.compile(
    r"wsus|wufb|\bwu\b|(?:windows|software|server|client|automatic|auto)[ _.-]?updat|(?<!chrome)(?<!edge)\bupdates\b"
    r"|\bupdate[ _.-]?(?:polic|setting|service|server|client|ring|management)|patch|mises? à jour|aktualis|bijwerk"
    r"|aggiornament|actualiz|atualiz|обновлен|更新|업데이트",
    re.IGNORECASE,
)
"""Words by which people name the policies of updating."""
CORE = ("WUServer", "UseWUServer")
"""Policies whose absence from a complete list is told."""


def meaning(result: Result) -> Iterator[Told]:
    """What *result* tells, in the order of the report."""
    if result.host:
        yield fact("host-name", result.host, result.row)
        if result.domain:
            yield fact("dns-name", f"{result.host}.{result.domain}".lower(), result.row)
    if result.system and result.system_row is not None:
        yield fact("windows-version", result.system, result.system_row)
    names = [scope.name for scope in result.scopes if scope.whole]
    if names:
        yield fact("policy-scope", " and ".join(dict.fromkeys(names)), result.row)
    for scope in result.scopes:
        yield from _scope(scope)


def _scope(scope: Scope) -> Iterator[Told]:
    for applied in scope.applied:
        yield told("policy-applied", applied.row, {"gpo": applied.gpo, "scope": scope.name})
    for one in scope.filtered:
        fields = {"gpo": one.gpo, "scope": scope.name, "reason": one.reason, "why": one.why, "filter": one.filter}
        yield told("policy-filtered", one.row, fields)
        if scope.name == "computer" and one.why != "empty" and UPDATES.search(one.gpo):
            by = f" [{one.filter}]" if one.filter else ""
            yield fact("update-policy-filtered", f"{one.gpo}: {one.reason}{by}", one.reason_row or one.row)
    for setting in scope.settings:
        if is_update_key(setting.path.rpartition("\\")[0]):
            yield policy_value(setting.row, setting.path, setting.value, gpo=setting.gpo, scope=scope.name)
    if scope.name == "computer":
        yield from _computer(scope)


def _computer(scope: Scope) -> Iterator[Told]:
    """Which update policy reached the computer, and what is outright absent."""
    held = [one for one in scope.settings if is_update_key(one.path.rpartition("\\")[0])]
    named = [one for one in scope.applied if UPDATES.search(one.gpo)]
    if named:
        yield fact("update-policy-applied", named[0].gpo, named[0].row)
    elif held:
        yield fact("update-policy-applied", held[0].gpo, held[0].row)
    elif scope.applied_row is not None:
        yield fact("update-policy-applied", "", scope.applied_row)
    if scope.templates is not None and scope.whole:
        present = {one.path.rpartition("\\")[2].lower() for one in held}
        for name in CORE:
            if name.lower() not in present:
                yield policy_unset(scope.templates, name)

"""Which sources belong to the same machine: a run may hold the tickets of several."""

import re
from collections.abc import Hashable, Iterable, Mapping

from analyzer.intake import Taken
from analyzer.machine import same_machine
from analyzer.model import Place

CLIENT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def by_machine(reads: Iterable[Taken]) -> dict[str, list[Taken]]:
    """The sources of each machine: by what they say themselves; what says nothing belongs to its folder's machine.

    Two WindowsUpdate.log in two folders that do not say whose they are count as two machines, each named by its folder;
    the folder of a copy is of the machine of the first.
    """
    reads = list(reads)
    homes = _homes(reads)
    alias = same_machine(read.facts.identity for read in reads)
    names = {id(read): alias.get(read.facts.identity, read.facts.identity) for read in reads}
    names |= _by_client_id(reads, names)
    named = set(names.values()) - {""}
    by_folder: dict[str, set[str]] = {}
    for read in reads:
        by_folder.setdefault(homes[id(read)], set()).add(names[id(read)])
    nameless = {homes[id(read)] for read in reads if not names[id(read)] and "windowsupdate" in read.inputs}
    groups: dict[str, list[Taken]] = {}
    for read in reads:
        name, folder = names[id(read)], homes[id(read)]
        if not name:
            near = by_folder[folder] - {""}
            if len(near) == 1 or len(named) == 1:
                name = next(iter(near if len(near) == 1 else named))
            elif len(nameless) > 1 and folder in nameless:
                name = folder
        groups.setdefault(name, []).append(read)
    return groups


def _homes(reads: Iterable[Taken]) -> dict[int, str]:
    """By source: its folder, or the first with a copy of a log that lies there."""
    first: dict[Hashable, str] = {}
    same: dict[str, str] = {}
    folders = {id(read): _folder(read.place) for read in reads}
    for read in reads:
        if read.content is not None:
            folder = folders[id(read)]
            same.setdefault(folder, same.get(known := first.setdefault(read.content, folder), known))
    return {key: same.get(folder, folder) for key, folder in folders.items()}


def _by_client_id(reads: Iterable[Taken], names: Mapping[int, str]) -> dict[int, str]:
    """A source that knows only its SusClientId is of the one machine that its folder names."""
    here: dict[str, set[str]] = {}
    for read in reads:
        here.setdefault(_folder(read.place), set()).add(names[id(read)])
    found: dict[int, str] = {}
    for read in reads:
        named = here[_folder(read.place)] - {""}
        hosts = {name for name in named if not CLIENT_ID.fullmatch(name)}
        if names[id(read)] not in hosts and len(hosts) == 1 and len(named) == 2:
            found[id(read)] = next(iter(hosts))
    return {key: name for key, name in found.items() if names[key]}


def _folder(place: Place) -> str:
    return str(place).replace("\\", "/").rpartition("/")[0]

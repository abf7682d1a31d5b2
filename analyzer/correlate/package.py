"""What servicing calls packages: how a person calls them, and what is known of one operation on them."""

import re
from collections import deque
from collections.abc import Iterable, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from analyzer.chain import chain_of
from analyzer.codebook import group_of
from analyzer.correlate.draft import Draft, Open, Seen
from analyzer.correlate.stream import EVIDENCE, FAILURE, KEPT, Stream
from analyzer.correlate.stream import draft as ended_draft
from analyzer.events import FACT, KB, Said
from analyzer.formats import Sighting, Told
from analyzer.model import Outcome, Update

OWN_CODE = frozenset({"disk-space", "access", "in-use", "memory", "service-disabled", "service-missing", "disk-error"})
"""Groups in which the code of one installer tells the cause of the whole; other codes mean something to it alone."""
FEATURES = ("LanguageFeatures", "-FOD-", "-FoD-", "OnDemand", "NetFx3", "Client-LanguagePack", "OpenSSH", "RSAT")
"""What stands in the names of packages that are fetched when somebody asks for a feature or language."""
BOOT = re.compile(r"boot ?file|bfsvc", re.IGNORECASE)


def update_of_package(package: str) -> Update:
    """The package *package* (`name~key~architecture~language~version`) as an update."""
    name, version = package.partition("~")[0], package.rpartition("~")[2]
    kb = KB.search(name.replace("_", " "))
    number = f"KB{kb[1]}" if kb else ""
    if name.startswith("Package_for_RollupFix"):
        title = f"cumulative update ({name} {version})"
    elif any(word in name for word in FEATURES):
        title = f"feature or language package {name} {version}"
    else:
        title = f"{name} {version}"
    return Update(number or package, None, title.strip(), number)


def fact(stream: Stream, sighting: Sighting, name: str, value: str) -> None:
    """Hands on that the machine is known by *sighting* to have *value* for the fact *name*."""
    event = replace(sighting.event, kind=FACT, codes=(), fields={"name": name, "value": value})
    stream.notable(Told(event, Said(FACT, "", (), event.fields)))


class Run(Struct):
    """An operation that goes on."""

    kind: str
    start: Sighting
    caller: str = ""
    updates: dict[str, Update] = field(default_factory=dict)
    failing: list[Sighting] = field(default_factory=list)
    """Lines that tell its own result, and that it is a bad one."""
    causes: list[Sighting] = field(default_factory=list)
    """Lines that tell why, and are no mere codes."""
    good: Sighting | None = None

    @property
    def opened(self) -> Open:
        """The same as an operation that has begun."""
        return Open(self.kind, self.start, self.caller, updates=self.updates)

    def name(self, update: Update) -> None:
        """It is about *update* too."""
        self.updates.setdefault(update.id, update)


def failed(stream: Stream, run: Run, way: Iterable[Seen]) -> Draft:
    """*run* as it failed, with what was said on the *way*."""
    ended = tuple(dict.fromkeys(code for line in run.failing for code in line.said.codes if code & FAILURE))
    told = tuple(_own_codes(run.causes))
    seen = [each for each in way if each.sighting.position >= run.start.position or run.start in run.failing]
    codes = tuple(code for each in seen for code in each.sighting.said.codes)
    chain = chain_of((*told, *codes), ended) if not run.causes or told else chain_of(told, ended)
    wanted = set(chain)
    proof = [Seen(line) for line in run.causes]
    for each in seen:
        if not wanted.isdisjoint(each.sighting.said.codes):
            wanted.difference_update(each.sighting.said.codes)
            proof.append(each)
    proof += [Seen(line) for line in run.failing[:-1]]
    done = ended_draft(run.opened, run.failing[-1], Outcome.FAILED, chain)
    done.proof = tuple(proof[:EVIDENCE])
    for code in chain:
        if code in stream.tally.routine:
            stream.tally.routine[code] = ""
    return done


def _own_codes(causes: Iterable[Sighting]) -> Iterator[int]:
    for line in causes:
        if line.said.kind == "servicing-installer-failed":
            if BOOT.search(line.said.fields["installer"]):
                continue  # its disk is not the system drive: what it says means the boot partition
            yield from (code for code in line.said.codes if group_of(code) in OWN_CODE)
        elif line.said.kind != "repair-source-refused":
            yield from line.said.codes


def way() -> deque[Seen]:
    """An empty way."""
    return deque(maxlen=KEPT)

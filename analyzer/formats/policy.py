"""Policies of Windows Update as the registry holds them: names, raw data decoded, and each value in words."""

import csv
from collections import Counter
from collections.abc import Mapping
from functools import cache

from msgspec import Struct

from analyzer.data import folder
from analyzer.errors import DataError
from analyzer.formats import Told
from analyzer.formats.rows import Row, told

KEYS = ("windows\\windowsupdate", "windows\\deliveryoptimization", "windows\\bits", "policies\\servicing")
"""Ends of the keys below which policies of updating stand."""


class Policy(Struct, frozen=True):
    """One row of `codes/policies.csv`."""

    name: str
    kind: str
    """`text` (REG_SZ) or `number` (REG_DWORD)."""
    fact: str
    """The fact of the machine that it becomes; empty if none."""
    about: str
    meanings: Mapping[str, str]
    shared: bool = False
    """Several policies become the same fact, so each names itself in the value."""

    def shown(self, value: str) -> str:
        """*value* with what it means."""
        words = f"{value}: {self.meanings[value]}" if value in self.meanings else value
        return f"{self.name} = {words}" if self.shared else words


@cache
def policies() -> Mapping[str, Policy]:
    """The known policies by name in small letters."""
    lines = folder("codes").joinpath("policies.csv").read_text("utf-8").splitlines()
    rows = list(csv.DictReader(lines))
    uses = Counter(row["fact"] for row in rows if row["fact"])
    known: dict[str, Policy] = {}
    for line, row in enumerate(rows, 2):
        meanings = dict(part.split("=", 1) for part in row["meanings"].split(";") if part)
        if row["kind"] not in ("text", "number"):
            raise DataError("a policy is a `text` or a `number`", file="codes/policies.csv", line=line)
        fact = row["fact"]
        known[row["policy"].lower()] = Policy(
            row["policy"], row["kind"], fact, row["about"], meanings, shared=uses[fact] > 1
        )
    return known


def is_update_key(path: str) -> bool:
    """Whether policies of updating stand at the registry key *path*."""
    low = path.lower().rstrip("\\").removesuffix("\\au")
    return low.endswith(KEYS)


def data_of(name: str, numbers: str) -> str:
    """The registry data *numbers* (`104, 0, 116, 0 …`) of the value *name*, whose type no report tells."""
    try:
        raw = bytes(int(part) for part in numbers.replace(" ", "").rstrip(",").split(","))
    except ValueError:
        return numbers
    known = policies().get(name.lower())
    wide = len(raw) >= 2 and len(raw) % 2 == 0
    if wide and (known.kind == "text" if known else len(raw) > 4 and raw[-2:] == b"\0\0"):
        return raw.decode("utf-16-le", "replace").split("\0")[0]
    if len(raw) == 4:
        number = int.from_bytes(raw, "little")
        letter = chr(number) if known is None and 0x20 <= number <= 0x7E else ""
        return f'{number} (or the text "{letter}")' if letter else str(number)
    return "" if raw == b"\0\0" else raw.hex(" ")


def policy_value(row: Row, path: str, value: str, *, gpo: str = "", scope: str = "computer") -> Told:
    """The policy value at the registry path *path*, key and name, as *row* tells it."""
    key, _, name = path.rpartition("\\")
    known = policies().get(name.lower())
    fields = {
        "policy": known.name if known else name,
        "key": key,
        "value": value,
        "gpo": gpo,
        "scope": scope,
        "fact": known.fact if known else "",
        "shown": known.shown(value) if known else value,
    }
    return told("policy-value", row, fields)


def policy_unset(row: Row, name: str, *, scope: str = "computer") -> Told:
    """What is known when *row* begins a complete list in which the policy *name* does not occur."""
    known = policies()[name.lower()]
    fields = {"policy": known.name, "key": "", "value": "", "gpo": "", "scope": scope, "fact": known.fact, "shown": ""}
    return told("policy-value", row, fields)

"""Rebuild the facts that free headers hold, and report where `codes/facts` differs from them.

    python codes/regenerate.py /usr/share/mingw-w64/include           report
    python codes/regenerate.py /usr/share/mingw-w64/include --write   put new names into the files as well

The headers are those of Debian's package mingw-w64-common. A fact whose `source` is `mingw-deb` can be rebuilt from
them; every other source is named in its row, and cannot be rebuilt here. Names are compared with their value, so
that a header that moved a name is seen. Exit status 1 says that something differs.
"""

import argparse
import csv
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from analyzer.codebook import families, spaces  # noqa: E402
from analyzer.codebook.facts import COLUMNS  # noqa: E402

SOURCE = "mingw-deb"
HEADERS = (
    "winerror.h", "wuerror.h", "bitsmsg.h", "ntstatus.h", "winhttp.h", "wininet.h", "esent.h", "vsserror.h", "cfg.h",
    "cfgmgr32.h", "slerror.h", "corerror.h", "lmerr.h", "bugcodes.h", "wbemcli.h", "winnt.h",
    "psdk_inc/_wsa_errnos.h", "raserror.h", "dismapi.h", "fltwinerror.h", "uiautomationcoreapi.h",
)  # fmt: skip
WATCHED = {
    "wuerror.h": ("windows-update",),
    "bitsmsg.h": ("bits", "http"),
    "winhttp.h": ("winhttp-wininet",),
    "esent.h": ("jet-ese",),
    "winerror.h": ("setupapi", "msi", "sxs", "appx-package", "trust-crypto"),
}
"""Headers whose every code belongs in these families: a name that is missing from the files is reported."""

_DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+([A-Za-z]\w*)[ \t]+(\S[^\n]*?)[ \t]*(?:/[/*][^\n]*)?$", re.MULTILINE)
_ENUM = re.compile(r"^[ \t]*([A-Z]\w*)[ \t]*=[ \t]*(0x[0-9A-Fa-f]+|\d+)[ \t]*,?", re.MULTILINE)
_WRAPPER = re.compile(r"_HRESULT_TYPEDEF_|_NDIS_ERROR_TYPEDEF_|__MSABI_LONG|\((?:HRESULT|NTSTATUS|DWORD|ULONG|LONG)\)")
_DOTNET = re.compile(r"\b(?:EMAKEHR|SMAKEHR)\(\s*(0x[0-9A-Fa-f]+)\s*\)")
_TERM = re.compile(r"(-?)\s*(0[xX][0-9A-Fa-f]+|\d+|[A-Za-z_]\w*)[uUlL]*")

Names = Mapping[str, int]


def header_names(folder: Path) -> Mapping[str, Names]:
    """The numbers that the headers define, by header and name."""
    texts = {name: (folder / name).read_text(encoding="latin-1") for name in HEADERS if (folder / name).is_file()}
    raw = {name: dict((*_DEFINE.findall(text), *_ENUM.findall(text))) for name, text in texts.items()}
    everywhere = {key: value for found in raw.values() for key, value in found.items()}
    values = {name: {key: value_of(text, everywhere, 4) for key, text in found.items()} for name, found in raw.items()}
    return {name: {key: value for key, value in found.items() if value is not None} for name, found in values.items()}


def value_of(text: str, names: Mapping[str, str], depth: int) -> int | None:
    """The number that a macro stands for: a number, another macro, or a sum or union of them."""
    dotnet = _DOTNET.sub(lambda found: f"{'0x8013' if found[0][0] == 'E' else '0x0013'}{int(found[1], 16):04X}", text)
    bare = _WRAPPER.sub("", dotnet).replace("(", " ").replace(")", " ").strip()
    if not bare or not re.fullmatch(r"[-\w\s+|]+", bare) or depth == 0:
        return None
    total = 0
    for sign, term in _TERM.findall(bare.replace("+", " ").replace("|", " ")):
        number = int(term, 0) if term[0].isdigit() and not re.fullmatch(r"0\d+", term) else None
        if number is None and term in names:
            number = value_of(names[term], names, depth - 1)
        if number is None:
            return None
        total += -number if sign else number
    return total


def differences(headers: Mapping[str, Names]) -> Iterator[tuple[str, str]]:
    """Each difference: the family it concerns, and a sentence."""
    merged = {name: value for found in headers.values() for name, value in found.items()}
    for family, space in families.spaces_of_families().items():
        known = set()
        for text, symbol, _alias, _since, source in rows_of(family):
            known.add(symbol)
            number = spaces.read(text, space)
            if symbol in merged and not same(merged[symbol], number, space):
                yield family, f"{symbol} is {text} here, 0x{merged[symbol] & spaces.MASK:08X} in the headers"
            elif source == SOURCE and symbol not in merged:
                yield family, f"{symbol} ({text}) is not in the headers that were read"
        for symbol, number in missing(family, space, headers, known):
            yield family, f"{symbol} ({spaces.write(number, space)}) is in the headers, not here"


def missing(family: str, space: str, headers: Mapping[str, Names], known: set[str]) -> Iterator[tuple[str, int]]:
    """Names of watched headers that the family should have and has not."""
    for header, owners in WATCHED.items():
        if family not in owners:
            continue
        for symbol, value in headers.get(header, {}).items():
            number = value if space in spaces.DECIMAL else value & spaces.MASK
            coded = re.match(r"(WU|BG|SPAPI|CERT|TRUST|CRYPT)_[ES]_|ERROR_|JET_(err|wrn)", symbol)
            if coded and symbol not in known and families.holder(number, space) == family:
                yield symbol, number


def same(value: int, number: int, space: str) -> bool:
    """A header's value and a fact's number are one, allowing for HRESULTs that are filed as Win32 errors."""
    return (value - number) & spaces.MASK == 0 or (space == "win32" and value & spaces.MASK == 0x80070000 | number)


def rows_of(family: str) -> list[list[str]]:
    """The rows of a facts file below its header."""
    with (HERE / "facts" / f"{family}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]


def write_new(headers: Mapping[str, Names]) -> int:
    """Put the missing names into the files; the number of names put in."""
    count = 0
    for family, space in families.spaces_of_families().items():
        rows = rows_of(family)
        main = {row[0]: row[1] for row in rows if not row[2]}
        new = list(missing(family, space, headers, {row[1] for row in rows}))
        for symbol, number in new:
            text = spaces.write(number, space).removeprefix("0x")
            rows.append(
                [text, symbol, main.setdefault(text, symbol) if main.get(text, symbol) != symbol else "", "", SOURCE]
            )
        if new:
            count += len(new)
            rows.sort(key=lambda row: (spaces.read(row[0], space), bool(row[2])))
            with (HERE / "facts" / f"{family}.csv").open("w", encoding="utf-8", newline="") as lines:
                csv.writer(lines, lineterminator="\n").writerows([COLUMNS, *rows])
    return count


def main() -> int:
    """Report the differences; 1 where there are any."""
    words = argparse.ArgumentParser(description="Compare codes/facts with the headers of mingw-w64.")
    words.add_argument("folder", type=Path, help="folder with winerror.h")
    words.add_argument("--write", action="store_true", help="put new names into the files")
    given = words.parse_args()
    if not (given.folder / "winerror.h").is_file():
        print(
            f"{given.folder}: no winerror.h there: install mingw-w64-common and name its include folder",
            file=sys.stderr,
        )
        return 2
    headers = header_names(given.folder)
    found = list(differences(headers))
    for family, sentence in found:
        print(f"{family}: {sentence}")
    sources = [row[4] for family in families.spaces_of_families() for row in rows_of(family)]
    print(f"{sources.count(SOURCE)} of {len(sources)} names can be rebuilt from these headers; {len(found)} differ.")
    if given.write:
        print(f"{write_new(headers)} names put in.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""Archives, read in place and never unpacked: the plain contents that stand inside a file.

What is an archive is decided on its first bytes, never on its name: zip, tar, and streams of gzip, bzip2 and xz (which
add no member name of their own), each inside the other. Names, sizes and counts are taken for hostile; what is refused
is a `Problem`.
"""

import re
import tarfile
from collections.abc import Iterator

from analyzer import limits
from analyzer.limits import DEPTH_LIMIT, Allowance
from analyzer.members import tar_members, zip_members
from analyzer.model import Problem
from analyzer.packed import expanded
from analyzer.stream import FAULTS, Content, collect, unreadable

SNIFF_SIZE = 512
MAGIC = {
    "zip": re.compile(rb"PK(?:\x03\x04|\x05\x06)"),
    "gzip": re.compile(rb"\x1f\x8b\x08"),
    "bzip2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    "7-Zip": re.compile(rb"7z\xbc\xaf\x27\x1c"),
    "RAR": re.compile(rb"Rar!\x1a\x07"),
    "cabinet": re.compile(rb"MSCF\x00\x00\x00\x00"),
    "Zstandard": re.compile(rb"\x28\xb5\x2f\xfd"),
}
UNREAD = ("7-Zip", "RAR", "cabinet", "Zstandard")


def kind_of(start: bytes) -> str:
    """The kind of archive that begins with *start*, or empty."""
    for kind, magic in MAGIC.items():
        if magic.match(start):
            return kind
    try:
        tarfile.TarInfo.frombuf(start[:512], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return ""
    return "tar"


def leaves(content: Content, allowance: Allowance | None = None, depth: int = 0) -> Iterator[Content | Problem]:
    """*content* itself, or if it is an archive what stands inside, to the bottom, in the archive's order."""
    allowance = allowance or Allowance()
    kind, fault = _sniffed(content)
    if fault:
        yield fault
    elif not kind:
        yield content
    elif kind in UNREAD:
        yield Problem(content.place, f"is a {kind} archive, which is not read; unpack it and give the folder", 1)
    elif depth >= DEPTH_LIMIT:
        yield Problem(content.place, f"is an archive {depth} archives deep and was not opened; unpack it first", 1)
    else:
        for inside in _inside(content, kind, allowance):
            if isinstance(inside, Problem):
                yield inside
            else:
                yield from leaves(inside, allowance, depth + 1)


def _inside(content: Content, kind: str, allowance: Allowance) -> Iterator[Content | Problem]:
    """What stands directly inside *content*, an archive of *kind*; a compressed tar is one archive."""
    if kind == "zip":
        return zip_members(content, allowance)
    if kind == "tar":
        return tar_members(content, allowance)
    inner = expanded(content, kind, allowance.meter(limits.MEMBER_LIMIT))
    if _sniffed(inner)[0] == "tar":
        return tar_members(expanded(content, kind, allowance.meter(limits.TOTAL_LIMIT)), allowance)
    return iter((inner,))


def _sniffed(content: Content) -> tuple[str, Problem | None]:
    try:
        with content.open() as stream:
            start, fault = collect(stream, SNIFF_SIZE)
    except FAULTS as error:
        start, fault = b"", error
    return kind_of(start), unreadable(content.place, fault) if fault and not start else None

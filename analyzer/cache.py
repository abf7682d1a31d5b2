"""What is made from the data files at every start, kept between runs: a start takes a third of the time.

The folder is the user's cache folder, or the one that `PATCHTRAIL_CACHE` names; empty, nothing is kept. Where a file
there is damaged, or none can be written, its content is made anew: nothing depends on it but time.
"""

import os
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer import __version__

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

VARIABLE = "PATCHTRAIL_CACHE"
"""Names the folder instead of the user's own; empty for none."""
DIGEST = 32
"""Bytes of the digest of its content, with which each file begins."""
SIBLINGS = 4
"""Contents kept of one name: those of other releases and of data that was edited."""


def kept(name: str, made_from: Iterable[bytes], make: Callable[[], bytes]) -> bytes:
    """What *make* gives, called *name* and the same as long as all that it is *made_from* is the same."""
    root = _folder()
    if root is None:
        return make()
    key = sha256()
    for part in made_from:
        key.update(b"%d:" % len(part))
        key.update(part)
    file = root / f"{name}-{key.hexdigest()[:32]}"
    content = _read(file)
    if content is None:
        content = make()
        _write(file, name, content)
    return content


@cache
def program(*modules: str) -> bytes:
    """The text of *modules* of this package (as `shape`): what they make may be another when they are."""
    try:
        return b"".join((Path(__file__).parent / f"{module}.py").read_bytes() for module in modules)
    except OSError:  # the package lies in an archive
        return __version__.encode()


def state(file: "Traversable | Path") -> bytes:
    """What is another when *file* is: its size and times on a disk, as git knows changed files; else its content."""
    if not isinstance(file, Path):
        return file.name.encode() + b"\0" + file.read_bytes()
    found = file.stat()
    return f"{file.name}\0{found.st_size}\0{found.st_mtime_ns}\0{found.st_ctime_ns}".encode()


def _folder() -> Path | None:
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    from platformdirs import user_cache_path

    return user_cache_path("patchtrail", appauthor=False)


def _read(file: Path) -> bytes | None:
    try:
        whole = file.read_bytes()
    except OSError:
        return None
    content = whole[DIGEST:]
    return content if sha256(content).digest() == whole[:DIGEST] else None


def _write(file: Path, name: str, content: bytes) -> None:
    """Writes it beside and moves it into place: another run may read or write the same at this moment."""
    from tempfile import NamedTemporaryFile  # rarely needed

    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in sorted(file.parent.glob(f"{name}-*"), key=lambda one: one.stat().st_mtime)[: 1 - SIBLINGS]:
            old.unlink(missing_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=f"{name}-", delete=False) as out:
            out.write(sha256(content).digest() + content)
        Path(out.name).replace(file)
    except OSError:
        return

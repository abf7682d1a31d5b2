"""Where a result goes: standard output, or a file that is there as a whole or not at all."""

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from analyzer.errors import CallError


def write(result: str | bytes, target: str | None) -> None:
    """Writes *result* to the file *target*; None or `-` is standard output."""
    if target not in (None, "-"):
        data = result if isinstance(result, bytes) else result.encode("utf-8", "backslashreplace")
        _to_file(data, Path(str(target)))
        return
    try:
        _to_output(result)
    except BrokenPipeError:
        silence()
    except OSError as fault:
        raise CallError(f"standard output: cannot be written ({fault.strerror or fault})") from fault


def silence() -> None:
    """Nobody reads standard output any more: what is left of it goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _to_output(result: str | bytes) -> None:
    if isinstance(result, str):
        sys.stdout.write(result)
        sys.stdout.flush()
        return
    if sys.stdout.isatty():
        raise CallError("this format is binary and no sight for a terminal; name a file with -o")
    sys.stdout.buffer.write(result)
    sys.stdout.buffer.flush()


def _to_file(data: bytes, target: Path) -> None:
    """A file is replaced when its new content is complete; a device or pipe is simply written to."""
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
        else:
            _replace(data, target.resolve())
    except OSError as fault:
        raise CallError(f"{target}: cannot be written ({fault.strerror or fault})") from fault


def _replace(data: bytes, target: Path) -> None:
    from tempfile import mkstemp  # most reports go to the screen

    handle, name = mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(_mode(target))
        Path(name).replace(target)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def _mode(target: Path) -> int:
    """The rights that *target* has, or those of any new file."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

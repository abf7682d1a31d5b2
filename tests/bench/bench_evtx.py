"""Speed and memory of `patchtrail analyze` on event logs, beside the Rust parser, python-evtx and reading the bytes.

    python tests/bench/bench_evtx.py [--size MB] [--rounds N]

The input repeats the chunks of the real System logs of ../shared/corpus (our own writer's where that is absent). The
commands are whole processes that find their modules compiled, as installed ones do, and take turns; what counts are the
ratios. What each further megabyte costs is the difference between a large file and a small one.
"""

import argparse
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from struct import pack_into

from process import CHECKOUT, run

CORPUS = CHECKOUT.parent / "shared" / "corpus" / "evtx"
CHUNK, HEADER = 1 << 16, 4096
SMALL, MIDDLE = 1, 4
"""Megabytes of the small file, and of the one for python-evtx, which takes some ten seconds for each."""
RUST = "import sys, evtx\nprint(sum(1 for _ in evtx.PyEvtxParser(sys.argv[1]).records_json()))"
BYTES = "import sys\nwith open(sys.argv[1], 'rb') as log:\n    while log.read(1 << 20):\n        pass"
PYTHON = (
    "import sys\n"
    "from Evtx.Evtx import Evtx\n"
    "with Evtx(sys.argv[1]) as log:\n"
    "    print(sum(len(record.xml()) for record in log.records()))\n"
)


def chunks(pattern: str) -> list[bytes]:
    """The chunks of the real logs that fit *pattern*, or of one that our writer makes."""
    found: list[bytes] = []
    for file in sorted(CORPUS.glob(pattern)) if CORPUS.is_dir() else []:
        data = file.read_bytes()
        found += [data[at : at + CHUNK] for at in range(HEADER, len(data) - CHUNK + 1, CHUNK)]
    return [chunk for chunk in found if chunk.startswith(b"ElfChnk\0")] or _own()


def _own() -> list[bytes]:
    sys.path.insert(0, str(CHECKOUT / "tests"))
    from evtx_writer import Event, written

    when = datetime(2024, 1, 1, tzinfo=UTC)
    provider = "Microsoft-Windows-WindowsUpdateClient"
    data = written(
        Event(provider, 19 + n % 2, when + timedelta(minutes=n), (("updateTitle", "x"),)) for n in range(900)
    )
    return [data[at : at + CHUNK] for at in range(HEADER, len(data), CHUNK)]


def make(path: Path, size: int, pattern: str) -> None:
    """A file of about *size* MB."""
    source, count = chunks(pattern), max(1, size * (1 << 20) // CHUNK)
    header = bytearray(HEADER)
    header[:8] = b"ElfFile\0"
    pack_into("<QQQIHHHH", header, 8, 0, count - 1, 1, 128, 1, 3, HEADER, count & 0xFFFF)
    with path.open("wb") as file:
        file.write(header)
        for number in range(count):
            file.write(source[number % len(source)])


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--size", type=int, default=60, help="megabytes of the log")
    options.add_argument("--rounds", type=int, default=5)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        system, security, small, middle, large = (
            Path(folder, f"{name}.evtx") for name in ("system", "security", "small", "middle", "large")
        )
        make(system, asked.size, "*ystem.evtx")
        make(security, asked.size, "*ecurity.evtx")
        make(small, SMALL, "*ystem.evtx")
        make(middle, MIDDLE, "*ystem.evtx")
        make(large, 4 * asked.size, "*ystem.evtx")
        analyze = [sys.executable, "-m", "analyzer", "analyze"]
        rows = {
            "System: bare Rust loop": [sys.executable, "-c", RUST, str(system)],
            "System: analyze": [*analyze, str(system)],
            "no wanted provider: read its bytes": [sys.executable, "-c", BYTES, str(security)],
            "no wanted provider: analyze": [*analyze, str(security)],
            f"{MIDDLE} MB: python-evtx": [sys.executable, "-c", PYTHON, str(middle)],
            f"{MIDDLE} MB: analyze": [*analyze, str(middle)],
            f"{SMALL} MB: analyze": [*analyze, str(small)],
            f"{4 * asked.size} MB: analyze": [*analyze, str(large)],
        }
        taken: dict[str, list[float]] = {name: [] for name in rows}
        memory: dict[str, float] = {}
        for number in range(-1, asked.rounds):
            for name, command in rows.items():
                if "python-evtx" in name and number != 0:
                    continue
                cost = run(command)
                memory[name] = cost.resident
                if number >= 0:
                    taken[name].append(cost.cpu)
    shown = {name: median(times) for name, times in taken.items()}
    for name, value in shown.items():
        print(f"{name:<40} {value:8.3f} s {memory[name]:6.0f} MB")

    def ratio(over: str, under: str, said: str) -> None:
        print(f"{said:<40} {shown[over] / shown[under]:8.2f}")

    ratio("System: analyze", "System: bare Rust loop", "analyze / bare Rust loop")
    ratio("no wanted provider: analyze", "no wanted provider: read its bytes", "analyze / reading, no wanted provider")
    ratio(f"{MIDDLE} MB: python-evtx", f"{MIDDLE} MB: analyze", f"python-evtx / analyze, {MIDDLE} MB")
    start = shown[f"{SMALL} MB: analyze"]
    for name in ("System", "no wanted provider"):
        each = (shown[f"{name}: analyze"] - start) / (asked.size - SMALL) * 1000
        print(f"each further megabyte, {name:<17} {each:8.2f} ms")
    each = shown["System: bare Rust loop"] / asked.size * 1000
    print(f"each megabyte of the bare Rust loop      {each:8.2f} ms")


if __name__ == "__main__":
    main()

"""Speed and memory of `patchtrail analyze` on event logs, beside the Rust parser, python-evtx and reading the bytes.

    python tests/bench/bench_evtx.py [--size MB] [--rounds N]

The input repeats the chunks of the real System logs of ../shared/corpus (our own writer's where that is absent). The
commands are whole processes and take turns; what counts are the ratios.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from struct import pack_into

CHECKOUT = Path(__file__).resolve().parent.parent.parent
CORPUS = CHECKOUT.parent / "shared" / "corpus" / "evtx"
CHUNK, HEADER = 1 << 16, 4096
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


def seconds(command: list[str]) -> float:
    """How long *command* takes as a whole process."""
    begin = time.perf_counter()
    subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - begin


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--size", type=int, default=60, help="megabytes of the log")
    options.add_argument("--rounds", type=int, default=5)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        system, security, small = (Path(folder, f"{name}.evtx") for name in ("system", "security", "small"))
        make(system, asked.size, "*ystem.evtx")
        make(security, asked.size, "*ecurity.evtx")
        make(small, 1, "*ystem.evtx")
        analyze = [sys.executable, "-m", "analyzer", "analyze"]
        rows = {
            "System: bare Rust loop": [sys.executable, "-c", RUST, str(system)],
            "System: analyze": [*analyze, str(system)],
            "no wanted provider: read its bytes": [sys.executable, "-c", BYTES, str(security)],
            "no wanted provider: analyze": [*analyze, str(security)],
            "1 MB: python-evtx": [sys.executable, "-c", PYTHON, str(small)],
            "1 MB: analyze": [*analyze, str(small)],
            "an empty run of analyze": [*analyze, str(CHECKOUT / "samples" / "healthy-but-noisy" / "input")],
        }
        taken: dict[str, list[float]] = {name: [] for name in rows}
        for number in range(asked.rounds):
            for name, command in rows.items():
                if "python-evtx" not in name or number == 0:
                    taken[name].append(seconds(command))
        shown = {name: median(times) for name, times in taken.items()}
        for name, value in shown.items():
            print(f"{name:<40} {value:8.3f} s")
        ratio = shown["System: analyze"] / shown["System: bare Rust loop"]
        print(f"analyze / bare Rust loop                 {ratio:8.2f}")
        ratio = shown["no wanted provider: analyze"] / shown["no wanted provider: read its bytes"]
        print(f"analyze / reading, no wanted provider    {ratio:8.2f}")
        ratio = shown["1 MB: python-evtx"] / shown["1 MB: analyze"]
        print(f"python-evtx / analyze, 1 MB              {ratio:8.2f}")
        resident = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        print(f"largest resident set of all              {resident:8} MB")


if __name__ == "__main__":
    main()

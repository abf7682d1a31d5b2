"""Speed and memory of `patchtrail analyze` beside grep, ripgrep and a plain Python loop, in one run.

    python tests/bench/bench_analyze.py [--size MB] [--big MB] [--rounds N]

The input repeats the real logs of ../shared/corpus (our own samples where that is absent). The commands take turns, so
that a slow moment of the machine hits all of them; what counts are the ratios.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from process import CHECKOUT, Cost, run

CORPUS = CHECKOUT.parent / "shared" / "corpus" / "windowsupdate"
CODE = "80248007"
LOOP = (
    "import re,sys\n"
    f"match = re.compile(rb'.*{CODE}').match\n"
    "with open(sys.argv[1], 'rb') as log:\n"
    "    print(sum(match(line) is not None for line in log))\n"
)


def make(path: Path, size: int) -> None:
    """A log of *size* bytes at *path*: the real logs again and again, each whole."""
    logs = sorted(CORPUS.glob("*.log")) or sorted((CHECKOUT / "samples").glob("*/input/WindowsUpdate.log"))
    texts = [text if text.endswith(b"\n") else text + b"\n" for text in (log.read_bytes() for log in logs)]
    texts = [text for text in texts if not text.startswith((b"\xff\xfe", b"\xfe\xff"))]
    with path.open("wb") as out:
        while out.tell() < size:
            for text in texts:
                out.write(text)


def table(title: str, size: int, costs: dict[str, list[Cost]]) -> None:
    """Prints the medians, and each beside `patchtrail analyze`."""
    ours = median(cost.cpu for cost in next(iter(costs.values())))
    print(f"\n{title}: {size / 1e6:.0f} MB, median of {len(next(iter(costs.values())))}")
    print(f"{'command':36}{'CPU s':>8}{'wall s':>8}{'MB/s':>8}{'MB res.':>9}{'of ours':>9}")
    for name, runs in costs.items():
        cpu, wall, most = (
            median(one.cpu for one in runs),
            median(one.wall for one in runs),
            max(r.resident for r in runs),
        )
        print(f"{name:36}{cpu:8.2f}{wall:8.2f}{size / 1e6 / cpu:8.0f}{most:9.0f}{cpu / ours:9.2f}")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=300, help="megabytes of the log (300)")
    parser.add_argument(
        "--big", type=int, default=0, help="megabytes of a bigger log, to see that memory does not grow"
    )
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    patchtrail = [sys.executable, "-m", "analyzer", "analyze", "--format", "json"]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "WindowsUpdate.log"
        make(log, options.size * 1_000_000)
        commands = {
            "patchtrail analyze": [*patchtrail, str(log)],
            "patchtrail analyze --all": [*patchtrail, "--all", str(log)],
            f"grep -c {CODE}": ["grep", "-c", CODE, str(log)],
            f"rg -c {CODE}": ["rg", "-c", CODE, str(log)],
            f"python: re.match('.*{CODE}') a line": [sys.executable, "-c", LOOP, str(log)],
        }
        commands = {name: command for name, command in commands.items() if shutil.which(command[0])}
        run([*patchtrail, str(CHECKOUT / "samples" / "disk-full")])  # compiles the modules
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                costs[name].append(run(command))
        table("whole process", log.stat().st_size, costs)
        if options.big:
            make(log, options.big * 1_000_000)
            table("ten times the log", log.stat().st_size, {"patchtrail analyze": [run([*patchtrail, str(log)])]})
    small = {"patchtrail --help": ["--help"], "patchtrail explain 0x8024402C": ["explain", "0x8024402C"]}
    quick: dict[str, list[Cost]] = {name: [] for name in ("python -c pass", *small)}
    for _ in range(max(options.rounds, 5)):
        quick["python -c pass"].append(run([sys.executable, "-c", "pass"]))
        for name, words in small.items():
            quick[name].append(run([sys.executable, "-m", "analyzer", *words]))
    table("starting", 0, quick)


if __name__ == "__main__":
    main()

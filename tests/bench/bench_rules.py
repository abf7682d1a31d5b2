"""What the diagnoses cost: a run with all of them beside the same run with none, in one process and as whole programs.

    python tests/bench/bench_rules.py [--rounds N] [PATH ...]

By default it judges the real logs of ../shared/corpus, all in one run, and one small ticket. The two runs take turns,
so that a slow moment of the machine hits both; what counts is the ratio, which should not be above 1.15.
"""

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from process import CHECKOUT, run

from analyzer.analysis import analyze
from analyzer.rules import rules

CORPUS = CHECKOUT.parent / "shared" / "corpus" / "windowsupdate"
SMALL = CHECKOUT / "samples" / "wsus-name-not-resolved" / "input"
WHOLE = "import sys; from analyzer.analysis import analyze; analyze([sys.argv[1]]{})"
"""A program that reads one path; importing what is not used costs both the same."""


def inside(path: Path, judged: bool) -> float:
    """CPU seconds of one run in this process, where the rules are loaded already."""
    start = time.process_time()
    analyze([str(path)], known=None if judged else ())
    return time.process_time() - start


def outside(path: Path, judged: bool) -> float:
    """CPU seconds of one run as a program of its own, with its start and the loading of the rules."""
    command = [sys.executable, "-c", WHOLE.format("" if judged else ", known=()"), str(path)]
    return run(command).cpu


def measure(name: str, once: Callable[[bool], float], rounds: int) -> None:
    """Prints the medians of *rounds* turns and their ratio."""
    with_all, with_none = [], []
    once(True)
    for _ in range(rounds):
        with_none.append(once(False))
        with_all.append(once(True))
    some, none = median(with_all), median(with_none)
    print(f"{name:56}{none * 1000:10.1f}{some * 1000:10.1f}{(some - none) * 1000:10.1f}{some / none:8.2f}")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("paths", nargs="*", type=Path)
    options = parser.parse_args()
    paths = options.paths or [path for path in (CORPUS, SMALL) if path.exists()]
    start = time.process_time()
    count = len(rules())
    loading = (time.process_time() - start) * 1000
    print(f"{count} diagnoses, loaded in {loading:.0f} ms; CPU ms, median of {options.rounds}")
    print(f"{'':56}{'none':>10}{'all':>10}{'more':>10}{'ratio':>8}")
    for path in paths:
        files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
        size = sum(file.stat().st_size for file in files) / 1e6
        shown = f"{'/'.join(path.resolve().parts[-2:])} ({size:.1f} MB)"
        measure(f"{shown}, in one process", partial(inside, path), options.rounds)
        measure(f"{shown}, whole program", partial(outside, path), options.rounds)


if __name__ == "__main__":
    main()

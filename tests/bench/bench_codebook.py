"""What the code book costs, in multiples of `python -c pass`: run `python tests/bench/bench_codebook.py`."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).parents[2]
ROUNDS = 9
ENGINE = "from analyzer.codebook import lookup;"
COLD = {
    "one look-up from a cold book": "lookup(0x8024402C)",
    "ten look-ups of ten families": "[lookup(v) for v in (0x8024402C, 0x80070643, 0x80072EE7, 0xC8000710, "
    "0xD0000034, 0x800F0823, 0x80D05011, 0x80190193, 0x80070005, 0xC1900101)]",
    "the whole book": "from analyzer.codebook import facts; facts.symbols()",
}
EXPLAIN = "import sys; sys.argv = ['explain', '0x8024402C']; from analyzer.cli.explain import command; command()"


def process(code: str) -> float:
    """Seconds that a whole Python process takes to run *code*."""
    start = perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - start


def inside(code: str) -> float:
    """Seconds that *code* takes in a fresh process, without the start of Python and the imports."""
    clock = "import tomllib\nfrom time import perf_counter\nstart = perf_counter()"
    timed = f"{ENGINE}\n{clock}\n{code}\nprint(perf_counter() - start)"
    run = subprocess.run([sys.executable, "-c", timed], cwd=ROOT, check=True, capture_output=True, text=True)
    return float(run.stdout)


def warm(count: int = 10_000) -> float:
    """Seconds for *count* look-ups of codes already met, as ten thousand mentions in a log make."""
    from analyzer.codebook import lookup

    values = (0x8024402C, 0x80070643, 0x80072EE7, 0xC8000710)
    for value in values:
        lookup(value)
    start = perf_counter()
    for number in range(count):
        lookup(values[number & 3])
    return perf_counter() - start


def typical(measure: Callable[[], float]) -> float:
    """Median of several rounds."""
    return median(measure() for _ in range(ROUNDS))


def main() -> None:
    """Print every figure in milliseconds and as a multiple of an empty Python process."""
    sys.path.insert(0, str(ROOT))
    base = typical(lambda: process("pass"))
    figures = {"python -c pass": base}
    figures |= {name: typical(lambda code=code: inside(code)) for name, code in COLD.items()}  # type: ignore[misc]
    figures["10,000 look-ups, warm"] = typical(warm)
    figures["import analyzer.codebook, process"] = typical(lambda: process("import analyzer.codebook"))
    figures["explain 0x8024402C, process"] = typical(lambda: process(EXPLAIN))
    for name, seconds in figures.items():
        print(f"{name:<36}{seconds * 1000:9.1f} ms {seconds / base:8.2f} x")


if __name__ == "__main__":
    main()

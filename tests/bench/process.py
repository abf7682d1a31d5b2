"""Whole processes, measured as a user starts them: their modules are found compiled, as installed ones are."""

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
COMPILED = tempfile.TemporaryDirectory(prefix="patchtrail-bench-")
"""The compiled modules and what patchtrail keeps between runs; the first run fills it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run cost."""

    cpu: float
    """Seconds of CPU, of the program and of the system for it."""
    wall: float
    """Seconds that went by."""
    resident: float
    """Megabytes of memory at the most."""


def run(command: Sequence[str]) -> Cost:
    """Runs *command* from the checkout; its output goes to a file, for some programs stop early without one."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    folders = {"PYTHONPYCACHEPREFIX": COMPILED.name, "PATCHTRAIL_CACHE": str(Path(COMPILED.name, "kept"))}
    begin = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=kept | folders, stdout=out, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - begin, used.ru_maxrss / 1024)

"""Where the tests find data that is not ours, and small logs of our own."""

import os
import tempfile
from io import BytesIO
from pathlib import Path

import pytest

from analyzer.analysis import Options, analyze
from analyzer.model import Report

CHECKOUT = Path(__file__).resolve().parent.parent
SHARED = CHECKOUT.parent / "shared"
KEPT = tempfile.TemporaryDirectory(prefix="patchtrail-tests-")
os.environ["PATCHTRAIL_CACHE"] = KEPT.name  # no test reads or writes what the user's own runs keep


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real WindowsUpdate.log files; the test is skipped where it is absent."""
    folder = SHARED / "corpus" / "windowsupdate"
    if not folder.is_dir():
        pytest.skip("../shared/corpus is not there")
    return folder


def report_of(text: str | bytes, options: Options | None = None) -> Report:
    """The report on a log given as text."""
    raw = text.encode() if isinstance(text, str) else text
    return analyze(["-"], options, stdin=BytesIO(raw))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` writes the golden files anew."""
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew")

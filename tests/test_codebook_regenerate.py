"""The script that compares the facts with the headers of mingw-w64."""

import subprocess
import sys
from pathlib import Path

from analyzer.data import folder

SCRIPT = Path(str(folder("codes"))) / "regenerate.py"
HEADER = """
#define BASE __MSABI_LONG(12000)
#define ERROR_WINHTTP_TIMEOUT (BASE + 2)
#define ERROR_DISK_FULL __MSABI_LONG(113)
#define SPAPI_E_BRAND_NEW _HRESULT_TYPEDEF_(0x800F02FE)
#define E_FAIL _HRESULT_TYPEDEF_(0x80004005) /* as ever */
"""


def run(place: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), str(place)], capture_output=True, text=True, check=False)


def test_differences_are_reported(tmp_path: Path) -> None:
    (tmp_path / "winerror.h").write_text(HEADER, encoding="latin-1")
    ran = run(tmp_path)
    assert ran.returncode == 1
    said = ran.stdout.splitlines()
    assert "win32: ERROR_DISK_FULL is 112 here, 0x00000071 in the headers" in said
    assert "setupapi: SPAPI_E_BRAND_NEW (0x800F02FE) is in the headers, not here" in said
    assert not [line for line in said if ": E_FAIL " in line or ": ERROR_WINHTTP_TIMEOUT " in line]


def test_a_folder_without_headers_is_refused(tmp_path: Path) -> None:
    ran = run(tmp_path)
    assert ran.returncode == 2
    assert "no winerror.h there" in ran.stderr

"""The package as users get it: a wheel, an sdist and the wheel made from it, each working away from the checkout."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from conftest import CHECKOUT

from analyzer import __version__


def built(kind: str, source: Path, target: Path) -> Path:
    """The wheel or sdist that hatchling makes of *source*."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (made,) = target.iterdir()
    return made


def run(package: Path, *words: str) -> str:
    """What the program unpacked at *package* prints, run far from the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(package)}
    command = [sys.executable, "-m", "analyzer", *words]
    done = subprocess.run(
        command, cwd=package, env=environment, capture_output=True, check=True, text=True, encoding="utf-8"
    )
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked."""
    package = tmp_path_factory.mktemp("unpacked")
    zipfile.ZipFile(built("wheel", CHECKOUT, tmp_path_factory.mktemp("wheel"))).extractall(package)
    return package


def test_the_wheel_works_by_itself(wheel: Path) -> None:
    assert (wheel / "analyzer" / "grammars" / "windowsupdate.lark").is_file()
    assert (wheel / "analyzer" / "py.typed").is_file()
    assert not (wheel / "grammars").exists()
    assert "WINHTTP_NAME_NOT_RESOLVED" in run(wheel, "explain", "0x8024402C")
    assert run(wheel, "rules", "check") == "no mistake found\n"
    page = run(wheel, "analyze", str(CHECKOUT / "samples" / "disk-full" / "input"))
    assert "disk is full" in page


def test_the_sdist_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    for name in ("sdist", "unpacked", "wheel"):
        (tmp_path / name).mkdir()
    with tarfile.open(built("sdist", CHECKOUT, tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    again = zipfile.ZipFile(built("wheel", source, tmp_path / "wheel"))
    files = {str(path.relative_to(wheel)).replace(os.sep, "/") for path in wheel.rglob("*") if path.is_file()}
    assert {name for name in again.namelist() if not name.endswith("/")} == files


def test_the_version_stands_once() -> None:
    assert f'version = "{__version__}"' in (CHECKOUT / "pyproject.toml").read_text("utf-8")

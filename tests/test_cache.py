"""What is kept between runs: used when it fits, made anew when anything is wrong with it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CHECKOUT

from analyzer import cache, rules
from analyzer.cache import VARIABLE, kept, program, state


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_other_data_is_made_anew(place: Path) -> None:
    assert kept("x", (b"one",), lambda: b"1") == b"1"
    assert kept("x", (b"two",), lambda: b"2") == b"2"
    assert kept("y", (b"one",), lambda: b"3") == b"3"
    assert kept("x", (b"o", b"ne"), lambda: b"4") == b"4"
    assert len(list(place.iterdir())) == 4


def test_the_same_data_is_made_once(place: Path) -> None:
    assert kept("x", (b"one",), lambda: b"1") == b"1"
    assert kept("x", (b"one",), lambda: pytest.fail("made again")) == b"1"


def test_a_file_that_was_written_again_is_another(tmp_path: Path) -> None:
    file, twin = tmp_path / "a.toml", tmp_path / "b.toml"
    file.write_bytes(b"one")
    twin.write_bytes(b"one")
    before = state(file)
    assert state(file) == before != state(twin)
    file.write_bytes(b"longer")
    assert state(file) != before
    file.write_bytes(b"two")
    os.utime(file, ns=(1, 1))
    assert state(file) != before


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 32 + b"1"], ids=["empty", "cut off", "other content"])
def test_a_damaged_file_is_made_anew(place: Path, damage: bytes) -> None:
    kept("x", (b"one",), lambda: b"1")
    (file,) = place.iterdir()
    file.write_bytes(damage)
    assert kept("x", (b"one",), lambda: b"anew") == b"anew"
    assert kept("x", (b"one",), lambda: pytest.fail("made again")) == b"anew"


def test_old_contents_go(place: Path) -> None:
    for number in range(20):
        kept("x", (b"%d" % number,), lambda: b"1")
    assert len(list(place.iterdir())) == cache.SIBLINGS


def test_a_folder_that_cannot_be_made_costs_nothing_else(place: Path) -> None:
    place.write_text("a file stands in its place")
    assert kept("x", (b"one",), lambda: b"1") == b"1"


def test_nothing_is_kept_where_nobody_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.chdir(tmp_path)
    assert kept("x", (b"one",), lambda: b"1") == b"1"
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_nobody_else_can_read_or_write_it(place: Path) -> None:
    kept("x", (b"one",), lambda: b"1")
    assert place.stat().st_mode & 0o777 == 0o700


def test_an_edited_program_makes_other_things() -> None:
    assert program("shape") == (CHECKOUT / "analyzer" / "shape.py").read_bytes()
    assert program("shape") != program("grammar")


def test_a_report_is_the_same_with_and_without(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "analyzer", "analyze", "samples/two-causes/input", "--format", "json"]
    reports = {
        subprocess.run(
            command, cwd=CHECKOUT, env={**os.environ, VARIABLE: folder}, check=True, capture_output=True
        ).stdout
        for folder in ("", str(tmp_path), str(tmp_path))
    }
    assert len(reports) == 1
    assert {path.name.rpartition("-")[0] for path in tmp_path.iterdir()} >= {"diagnoses", "grammar-notation"}


def test_a_diagnosis_that_is_edited_is_read_anew(place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "diagnoses"
    folder.mkdir()
    for name in ("disk-full", "dual-scan"):
        text = (CHECKOUT / "codes" / "diagnoses" / f"{name}.toml").read_text("utf-8")
        (folder / f"{name}.toml").write_text(text, "utf-8")
    monkeypatch.setattr(rules, "folder", lambda _: tmp_path)
    before = {rule.id: rule.title for rule in rules.rules.__wrapped__()}
    file = folder / "dual-scan.toml"
    file.write_text(re.sub(r"^title = .*", 'title = "Another"', file.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    after = {rule.id: rule.title for rule in rules.rules.__wrapped__()}
    assert after == {**before, "dual-scan": "Another"}

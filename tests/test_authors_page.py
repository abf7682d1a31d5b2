"""`codes/diagnoses/README.md`: every command on it is run, in order, on the files that it shows; the output is real.

pytest tests/test_authors_page.py --update-golden     writes the output anew; read the difference before you commit it
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CHECKOUT

from analyzer.lexicon import FILTER_WORDS, OUTCOMES, SUBJECT_WORDS
from analyzer.rulecheck import PLACEHOLDERS
from analyzer.rulefile import KEYS, OPTIONAL
from analyzer.rules import rules

PAGE = CHECKOUT / "codes" / "diagnoses" / "README.md"
TEXT = PAGE.read_text("utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`([\w.-]+)`:\n\n\Z")
LONGEST = 24
"""Lines of output that the page shows of one command; of a longer one the middle is left out."""
ENDS = {("analyze",): (3, 0), ("rules", "show"): (LONGEST, 0)}
"""Lines shown from the beginning and from the end, by command."""


def shown(words: list[str], output: str) -> str:
    """The *output* of a command as the page shows it."""
    lines = output.rstrip("\n").split("\n")
    first, last = next((ends for start, ends in ENDS.items() if tuple(words[: len(start)]) == start), (LONGEST, 1))
    if len(lines) > first + last:
        lines = [*lines[:first], "…", *lines[len(lines) - last :]]
    return "\n".join(lines) + "\n"


def done(fence: str) -> str:
    """The console *fence* with its commands run and their output below each."""
    made = ""
    for line in fence.split("\n"):
        if line.startswith("$ "):
            program, *words = shlex.split(line[2:])
            assert program == "patchtrail"
            command = [sys.executable, "-m", "analyzer", *words]
            environment = {**os.environ, "COLUMNS": "100", "PYTHONPATH": str(CHECKOUT)}
            found = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False, encoding="utf-8"
            )
            assert found.returncode in (0, 2), found.stderr
            assert not found.stderr
            made += f"{line}\n{shown(words, found.stdout)}"
    return made


def test_every_command_gives_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    page, at, count = "", 0, 0
    for fence in FENCE.finditer(TEXT):
        language, body = fence[1], fence[2]
        page += TEXT[at : fence.start(2)]
        if language == "console":
            body, count = done(body), count + 1
        else:
            name = NAMED.search(TEXT[: fence.start()])
            assert name, f"which file is this? {body[:60]}"
            Path(name[1]).write_text(body, "utf-8")
        page, at = page + body, fence.end(2)
    page += TEXT[at:]
    if request.config.getoption("--update-golden"):
        PAGE.write_text(page, "utf-8", newline="\n")
    assert count > 4
    assert page == PAGE.read_text("utf-8"), "read the difference; if it is right, run with --update-golden"


def test_the_tables_have_every_word() -> None:
    for subject, meaning in SUBJECT_WORDS.items():
        assert f"| `{subject}` | {meaning} |" in TEXT
    for flag, (said, contrary) in OUTCOMES.items():
        assert f"| `{flag}` | {said} | {contrary} |" in TEXT
    for name, meaning in FILTER_WORDS.items():
        assert f"| `{name}` | {meaning} |" in TEXT
    for key in (*KEYS, *OPTIONAL):
        assert f"| `{key}` |" in TEXT
    for name in PLACEHOLDERS:
        assert f"`{{{name}}}`" in TEXT


def test_the_page_is_no_diagnosis() -> None:
    assert "README" not in {rule.id for rule in rules()}

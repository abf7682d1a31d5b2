"""What the papers claim: every command is there and helps, the output shown is real, nothing speaks of one machine."""

import re
import subprocess

import pytest
from click.testing import CliRunner
from conftest import CHECKOUT

from analyzer.analysis import analyze
from analyzer.cli import COMMANDS, commands
from analyzer.report import terminal

README = (CHECKOUT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_and_has_help(name: str) -> None:
    assert f"`patchtrail {name}" in README
    shown = CliRunner().invoke(commands, [name, "--help"])
    assert shown.exit_code == 0
    assert len(shown.output) > 80


def test_the_output_shown_is_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CHECKOUT)
    page = terminal.render(analyze(["samples/disk-full/input"]), width=100, color=False)
    shown = re.search(r"```text\n(.*?)\n```", README, re.DOTALL)
    assert shown is not None
    first, rest = shown[1].split("\n…\n")
    assert page.startswith(first)
    assert rest in page


def test_every_fence_of_the_readme_opens_with_its_language_and_closes() -> None:
    fences = re.findall(r"^```(\w*)$", README, re.MULTILINE)
    assert len(fences) % 2 == 0
    assert all(fences[::2])
    assert not any(fences[1::2])


def test_the_second_command_is_what_ci_runs() -> None:
    command = re.search(r"-m pytest (.*)", README)
    assert command is not None
    assert f"-m pytest {command[1]}" in (CHECKOUT / ".ci" / "run").read_text("utf-8") + "\n"


def test_no_file_speaks_of_one_machine() -> None:
    names = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    machine = re.compile(r"(?:^|[\s\"'(=:])/(?:work|farm|root|tmp/pytest)/")
    for name in names:
        path = CHECKOUT / name
        if name.endswith((".py", ".md", ".toml", ".lark", ".csv", ".json")) and path.is_file():
            assert not machine.search(path.read_text("utf-8")), name


def test_architecture_is_one_page() -> None:
    assert len((CHECKOUT / "ARCHITECTURE.md").read_text("utf-8").splitlines()) < 100

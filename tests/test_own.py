"""What patchtrail wrote itself is no evidence, whatever it quotes."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import CHECKOUT, report_of

from analyzer.cli import commands

SAMPLES = sorted(path for path in (CHECKOUT / "samples").iterdir() if path.is_dir())
OWN = "written by patchtrail itself: no evidence of its own"
LOG = (CHECKOUT / "samples" / "disk-full" / "input" / "WindowsUpdate.log").read_text("utf-8")


def output(*words: str) -> str:
    return CliRunner().invoke(commands, words).stdout


@pytest.mark.parametrize(
    "text",
    [
        LOG,
        f"Hello,\nhere is what patchtrail said:\n{output('analyze', str(SAMPLES[0] / 'input'))}\nand the log:\n{LOG}",
        f"No luck so far. Times are in UTC.\n{LOG}",
        '{"schema": "contoso.report/1", "code": "0x80070070"}',
        "when,source,member\n2024-02-20,x,0x80070070\n",
        "time in UTC, then the component\nSources\n",
    ],
)
def test_what_others_wrote_is_read(text: str) -> None:
    assert OWN not in report_of(text).sources[0].reason


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_a_report_is_not(sample: Path) -> None:
    for form in ("text", "json", "ndjson"):
        report = report_of(output("analyze", str(sample / "input"), "--format", form))
        assert [info.reason for info in report.sources] == [OWN]
        assert not report.codes


@pytest.mark.parametrize("form", ["table", "csv", "ndjson"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_timeline_is_not(form: str, codec: str) -> None:
    text = output("timeline", str(CHECKOUT / "samples" / "disk-full" / "input"), "--format", form)
    assert [info.reason for info in report_of(text.encode(codec)).sources] == [OWN]


def test_a_report_written_beside_the_log_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "WindowsUpdate.log").write_text(LOG, "utf-8")
    before = output("analyze", str(tmp_path), "--format", "text").split("\nSources\n")[0]
    (tmp_path / "report.txt").write_text(before + "\nSources\n", "utf-8")
    output("analyze", str(tmp_path), "--format", "json", "-o", str(tmp_path / "report.json"))
    assert output("analyze", str(tmp_path), "--format", "text").split("\nSources\n")[0] == before

"""What DISM, wusa and Setup show on the screen, as it stands in tickets."""

from pathlib import Path

import pytest

from analyzer.analysis import analyze
from analyzer.model import Outcome

CBS = """\
2024-02-20 04:10:01, Info                  CBS    Exec: Processing started.  Client: WindowsUpdateAgent, \
Session: 31100000_1000000001, Package: Package_for_KB5099201~31bf3856ad364e35~amd64~~19041.9201.1.7
2024-02-20 04:10:02, Info                  CBS    Failed to perform operation.  \
[HRESULT = 0x80073712 - ERROR_SXS_COMPONENT_STORE_CORRUPT]
"""


def failures(folder: Path, **texts: str) -> list[tuple[str, tuple[str, ...], str]]:
    """Kind, codes and title of each failed operation that *texts* tell."""
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return [
        (done.kind, tuple(f"0x{code:08X}" for code in done.chain), " ".join(update.title for update in done.updates))
        for done in analyze([str(folder)]).operations
        if done.outcome is Outcome.FAILED
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Error: 0x800f081f",
        "dism was tried, without success: 0x800f081f was shown",
        "C:\\>dism /online /cleanup-image /restorehealth\n\nThe operation completed successfully.",
        "install error codes such as 0x80070643 are explained on the web page",
        "installer: version 0x80070005 of the tool",
        "the driver 0x80070005 - 0x1 was loaded",
    ],
)
def test_near_misses(text: str, tmp_path: Path) -> None:
    assert failures(tmp_path, note=text) == []


@pytest.mark.parametrize("word", ["Error", "Fehler", "Fout", "Erreur ", "エラー", "错误", "Ошибка"])
def test_dism_ends_with_an_error(word: str, tmp_path: Path) -> None:
    text = f"C:\\>dism /online /cleanup-image /restorehealth\n\n[====85.1%====   ]\n\n{word}: 0x800f081f\n"
    assert failures(tmp_path, note=text) == [("repair", ("0x800F081F",), "DISM /cleanup-image /restorehealth")]


def test_dism_whose_command_was_not_copied(tmp_path: Path) -> None:
    text = "Deployment Image Servicing and Management tool\nVersion: 10.0.1\n\nError: 0x800f0954\n"
    assert [codes for _, codes, _ in failures(tmp_path, note=text)] == [("0x800F0954",)]


@pytest.mark.parametrize(
    "text",
    [
        "Installer encountered an error: 0x80073712",
        "Das Installationsprogramm hat einen Fehler festgestellt: 0x80073712",
        "Le programme d'installation a rencontré une erreur : 0x80073712",
        "インストーラーでエラーが発生しました: 0x80073712",
        "Failed to install on 2/20/2024 - 0x80073712",
        "Installationsfehler – 0x80073712",
    ],
)
def test_an_installation_that_somebody_quotes(text: str, tmp_path: Path) -> None:
    title = "2024-02 Cumulative Update for Windows 10 (KB5099201)"
    assert failures(tmp_path, note=f"{title}\n{text}\n") == [("install", ("0x80073712",), title)]


def test_a_quote_is_left_out_where_a_log_tells_the_failure(tmp_path: Path) -> None:
    told = failures(tmp_path, note="Installer encountered an error: 0x80073712", cbs=CBS)
    assert [title for _, _, title in told] == ["Package_for_KB5099201 19041.9201.1.7"]


def test_a_quote_of_another_failure_stays(tmp_path: Path) -> None:
    told = failures(tmp_path, note="Installer encountered an error: 0x80070643", cbs=CBS)
    assert sorted(codes[0] for _, codes, _ in told) == ["0x80070643", "0x80073712"]


def test_the_two_codes_of_setup(tmp_path: Path) -> None:
    found = failures(tmp_path, note="PC-7 went back to Windows 10: 0xC1900101 - 0x30018")
    assert [(kind, codes) for kind, codes, _ in found] == [("install", ("0xC1900101",))]

"""The data files of the code book: sound as they are, and blamed with file and line where they are not."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.codebook import lookup
from analyzer.codebook.check import check
from analyzer.codebook.extend import stage
from analyzer.codebook.facts import facts_of
from analyzer.codebook.families import spaces_of_families
from analyzer.codebook.meaning import languages, names_in, section
from analyzer.data import folder

CODES = Path(str(folder("codes")))

SEEDS = """80070424 8007043B 80070422 80070433 8007042C 80070003 80070002 80040154 80040206 80070057 80072EE7 80072F78
80200013 80200011 80190193 800704DD 80072EE2 8024001E 8024002E 8024401C 8024402C 8024402F"""
TOP = """80070643 800F0922 80073712 800F081F 800F0831 80070002 80070003 80070005 8007000D 80070020 80070057 80070070
80070422 80070424 8007042C 80070433 8007043B 80070490 800705B4 800705B9 800706BE 800706BA 8007000E 800705AF 800705AA
800704C7 800704CF 80070652 80070641 80071A91 800719E4 80073701 8007371B 800736CC 80073D02 80073CF9 80072EE2 80072EE6
80072EE7 80072EFD 80072EFE 80072F05 80072F06 80072F0D 80072F76 80072F78 80072F7D 80072F8F 8024000B 8024000E 80240016
80240017 8024001E 8024001F 80240020 80240022 8024002E 80240034 80240438 80240439 80240FFF 80242006 8024200B 8024200D
80242014 80242016 80244007 80244010 80244011 80244015 80244017 80244018 80244019 8024401B 8024401C 8024401F 80244021
80244022 80244023 8024402C 8024402F 8024500B 8024500C 80246007 80246008 80246010 80246013 80246017 80248007 80248014
8024A000 8024A10A 8024D009 80200011 80200013 80200053 80190193 80190194 80D02002 80D03805 80D05001 800F0816 800F081E
800F0821 800F0823 800F0825 800F0906 800F0907 800F0920 800F0950 800F0954 800F0982 800F0984 800F0986 800F0988 800F0991
8000FFFF 80004005 80004004 80040154 80080005 800B0100 800B0101 800B0109 80092003 80092004 80096004 C1900101 C1900107
C1900200 C1900208 C190020E C1800118 80070715 C8000710 8024801E 8024000C 80240007 80247160 80247142 800F0805
80096010"""
WHOLE_FAMILIES = (
    "windows-update",
    "bits",
    "http",
    "delivery-optimization",
    "cbs-servicing",
    "setup-mosetup",
    "setupapi",
)


def test_the_data_files_are_sound() -> None:
    assert list(check(folder("codes"))) == []


@pytest.mark.parametrize("digits", sorted({*SEEDS.split(), *TOP.split()}))
@pytest.mark.parametrize("lang", languages())
def test_seeds_and_top_codes_have_a_meaning_in_every_language(digits: str, lang: str) -> None:
    code = lookup(int(digits, 16), lang=lang)
    key = code_key(code.number, code.space)
    assert section(code.family, key, lang)["says"] == code.meaning
    assert code.cause
    assert code.next_step


def code_key(number: int, space: str) -> str:
    return str(number) if space in ("win32", "jet") else f"0x{number:08X}"


@pytest.mark.parametrize("family", WHOLE_FAMILIES)
def test_every_code_of_updating_has_its_own_meaning(family: str) -> None:
    missing = [
        fact.symbol for number, fact in facts_of(family).items() if code_key(number, "hresult") not in names_in(family)
    ]
    assert missing == []


@pytest.mark.parametrize("family", WHOLE_FAMILIES[:-1])
@pytest.mark.parametrize("lang", languages())
def test_updating_is_told_in_every_language(family: str, lang: str) -> None:
    assert set(names_in(family, lang)) == set(names_in(family))


def test_meanings_are_specific() -> None:
    """No two symbols of the agent say the very same thing, but for the kinds that do mean the same."""
    says = [section("windows-update", name, "en").get("says", "") for name in names_in("windows-update")]
    assert len(set(says)) > 0.97 * len(says)


def test_every_family_is_spoken_for_in_every_language() -> None:
    for family in spaces_of_families():
        for lang in languages():
            assert section(family, "family", lang)["title"]


def test_extend_codes_have_words_in_every_language() -> None:
    with (CODES / "extend_codes.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        shift = 16 if row["kind"] == "phase" else 0
        for lang in languages():
            found = stage(int(row["hex"], 16) << shift, lang)
            assert found.phase_words
            assert found.operation_words


Spoil = Callable[[str], str]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("facts", "meaning"):
        shutil.copytree(CODES / name, tmp_path / name)
    for table in CODES.glob("*.csv"):
        shutil.copy(table, tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "spoil", "said"),
    [
        ("facts/bits.csv", lambda text: text.replace("80200013,", "8020001Z,", 1), "'8020001Z' is no number"),
        ("facts/bits.csv", lambda text: text + "80200001,BG_E_NOT_FOUND,,,sdk\n", "sort the file"),
        ("facts/bits.csv", lambda text: text + "80300001,X_E_FAR,,,sdk\n", "belongs to com-general"),
        ("facts/bits.csv", lambda text: text + "80200099,X_E_NEW,,,\n", "has no source"),
        ("facts/bits.csv", lambda text: text + "80200099,X E NEW,,,sdk\n", "is no symbol"),
        ("facts/bits.csv", lambda text: text + "80200099,X_E_NEW,NOBODY,,x\n", "alias of NOBODY"),
        ("facts/bits.csv", lambda text: text + "80200099,X_E_NEW\n", "2 fields instead of 5"),
        ("facts/bits.csv", lambda text: text.replace("code,", "kode,", 1), "the first line must be code,symbol"),
        ("facts/bits.csv", lambda text: text + '80200099,"X_E_NEW,,,sdk\n', "broken CSV"),
        ("facts/bits.csv", lambda text: "", "empty"),
        ("meaning/bits.toml", lambda text: text.replace('says = "', "says = ", 1), "broken TOML"),
        ("meaning/bits.toml", lambda text: text.replace("says =", "sais =", 1), "unknown key 'sais'"),
        (
            "meaning/bits.toml",
            lambda text: text.replace('group = "connect"', 'group = "konnekt"', 1),
            "group 'konnekt'",
        ),
        ("meaning/bits.toml", lambda text: text.replace('role = "transient"', 'role = "flaky"', 1), "role 'flaky'"),
        ("meaning/bits.toml", lambda text: text + '\n[0x80240001]\nsays = "x"\n', "not a number of bits"),
        ("meaning/bits.toml", lambda text: text + '\n[0x80200abc]\nsays = "x"\n', "not a number of bits"),
        ("meaning/nl/bits.toml", lambda text: text + '\n[0x80200099]\nsays = "x"\n', "not stand in the English"),
        ("meaning/nl/bits.toml", lambda text: text + 'group = "dns"\n', "unknown key 'group'"),
        ("meaning/nl/words.toml", lambda text: text.replace("{number}", "{nummer}", 1), "names a slot"),
        ("meaning/groups.toml", lambda text: text + '\n[new]\ntitle = "New"\n', "[new] must have cause, next, title"),
        ("relations.csv", lambda text: text + "80240022,eats,80240034,own,\n", "unknown relation 'eats'"),
        ("families.csv", lambda text: text + "moon,lunar,0,1\n", "unknown space 'lunar'"),
        ("facilities.csv", lambda text: text + "hresult,zz,FACILITY_Z,x\n", "'zz' is no number"),
    ],
)
def test_a_spoilt_file_is_named(copy: Path, file: str, spoil: Spoil, said: str) -> None:
    place = copy / file
    place.write_text(spoil(place.read_text(encoding="utf-8")), encoding="utf-8")
    faults = list(check(copy))
    assert any(file in fault and said in fault for fault in faults), faults


def test_a_stray_file_is_named(copy: Path) -> None:
    (copy / "facts" / "moon.csv").write_text("code,symbol,alias_of,since,source\n", encoding="utf-8")
    assert list(check(copy)) == ["codes/facts/moon.csv: no family of families.csv bears this name"]


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "facts" / "bits.csv").unlink()
    assert "codes/facts/bits.csv: file is missing: restore it from the package" in list(check(copy))


def test_bytes_that_are_no_utf8_are_named(copy: Path) -> None:
    (copy / "meaning" / "bits.toml").write_bytes(b'[family]\ntitle = "\xff"\n')
    assert "codes/meaning/bits.toml:2: not UTF-8: save the file as UTF-8" in list(check(copy))

"""A wrong rule file is told with file, line, column and the mend; all its mistakes at once."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from analyzer.cli import commands
from analyzer.conditioncheck import mistakes
from analyzer.errors import DataError, Spot
from analyzer.language import parsed
from analyzer.rules import check, read, rules
from analyzer.words import words_of

GOOD = '''title = "A sample"
severity = "error"
confidence = 0.8
confidence_reason = "it is a sample"
when = """
scan[failed, cause = 0x80072EE7]
and not fact[name = proxy]
"""
because = "The lookup fails with {cause}."
fix = ["Look the name up."]

[[holds]]
why = "a lookup fails"
log = "x"

[[fails]]
why = "nothing fails"
log = "y"
'''
"""A file without a mistake, as far as `check` looks: its examples are tried by `test`."""
SUBJECT = "scan[failed, cause = 0x80072EE7]"

WRONG: dict[str, tuple[str, str, str]] = {
    "a key with a slip": ("confidence_reason =", "confidence_raeson =", r":4:1: .*did you mean `confidence_reason`"),
    "a key is missing": ('fix = ["Look the name up."]\n', "", r"a-sample\.toml: `fix` is missing"),
    "a key below the examples": (
        GOOD,
        GOOD.replace('fix = ["Look the name up."]\n', "") + 'fix = ["x"]\n',
        r":18: `fix` stands below an example; move it above",
    ),
    "a text where a number belongs": ("0.8", '"high"', r":3:15: `confidence` must be a number"),
    "a number out of range": ("0.8", "1.5", r":3:14: `confidence` is above 0 and at most 1"),
    "yes where a number belongs": ("0.8", "true", r":3:14: `confidence` must be a number"),
    "a list of numbers": ('["Look the name up."]', "[1]", r":10:7: `fix` must be a list of texts"),
    "a text where a list belongs": ('["Look the name up."]', '"Look"', r":10:8: `fix` must be a list of texts"),
    "no severity": ('"error"', '"eror"', r":2:13: `severity` is .*did you mean `error`"),
    "a rank there is not": ("because =", "rank = 7\nbecause =", r":9:8: `rank` is 0"),
    "each of nothing": ("because =", 'each = "code"\nbecause =', r":9:9: `each` is \"cause\""),
    "a placeholder with a slip": ("{cause}", "{casue}", r":9:34: `because` names {casue}.*did you mean `cause`"),
    "an open brace": ("{cause}", "{cause", r":9:12: `because`: .*write {{ and }}"),
    "a placeholder with a format": ("{cause}", "{cause:d}", r":9:34: `because`: write {cause}, without"),
    "a placeholder without a name": ("{cause}", "{}", r":9:34: `because` names {}, which is nothing known"),
    "an empty list": ('["Look the name up."]', "[]", r":10:7: `fix` is empty; write a list of texts"),
    "an empty text": ('"A sample"', '""', r":1:10: `title` is empty; write a text"),
    "a table where a text belongs": ('title = "A sample"', "[title]\nx = 1\n", r":1:1: `title` must be a text"),
    "a key twice": ("confidence = 0.8\n", "confidence = 0.8\nconfidence = 0.9\n", r":\d+:\d+: not valid TOML: .*twice"),
    "a text not closed": ('"A sample"', '"A sample', r":1:18: not valid TOML: .*not closed"),
    "a long text not closed": ('"""\nbecause', "because", r":5:8: not valid TOML: .*not closed"),
    "a backslash in quotes": ('"A sample"', r'"C:\Windows"', r":1:\d+: not valid TOML: .*single quotes"),
    "a text without quotes": ('"A sample"', "sample", r":1:9: not valid TOML: .*in quotes"),
    "no example": ('[[holds]]\nwhy = "a lookup fails"\nlog = "x"\n', "", r"no example under \[\[holds\]\]; add"),
    "no near miss": ('[[fails]]\nwhy = "nothing fails"\nlog = "y"\n', "", r"no example under \[\[fails\]\]; add"),
    "an example without a log": ('log = "y"\n', "", r":16: \[\[fails\]\] needs a `log`"),
    "an example's key with a slip": ('log = "y"', 'log = "y"\nwyh = "z"', r":19: `wyh` is no key.*`why`"),
    "an example that is no table": ("[[fails]]", "[fails]", r":16: `fails` must be a table: write \[\[fails\]\]"),
    "an unknown flag": ("failed,", "faild,", r":6:6: `faild` is no flag; did you mean `failed`"),
    "a flag that needs a value": ("failed,", "group,", r":6:6: `group` is no flag; give it a value"),
    "a flag of a fact": ("name = proxy", "name = proxy, failed", r":7:28: `failed` is said of operations"),
    "an unknown filter": ("cause =", "caus =", r":6:14: `scan` has no `caus`; did you mean `cause`"),
    "an unknown filter of an event": (SUBJECT, "event[knd = x]", r":6:7: `event` has no `knd`; did you mean `kind`"),
    "an unknown group": ("cause = 0x80072EE7", "group = dsn", r":6:22: `dsn` is no group.*did you mean `dns`"),
    "a second unknown group": ("cause = 0x80072EE7", "group in (dns, conect)", r":6:29: `conect` .*`connect`"),
    "an unknown kind": (SUBJECT, "event[kind = scan-endet]", r":6:14: `scan-endet` is no kind.*`scan-ended`"),
    "an unknown kind of several": (SUBJECT, "event[kind in (retry, retri)]", r":6:23: `retri` .*`retry`"),
    "an unknown event": ("cause = 0x80072EE7", "event = scan-endet", r":6:22: `scan-endet` is no kind"),
    "an unknown outcome": ("cause = 0x80072EE7", "outcome = failled", r":6:24: `failled` is no outcome.*`failed`"),
    "neither yes nor no": ("cause = 0x80072EE7", "recovered = maybe", r":6:26: `recovered` is yes or no"),
    "an unknown fact": ("name = proxy", "name = wsus-sever", r":7:21: `wsus-sever` is no fact.*`wsus-server`"),
    "a fact without a name": ("name = proxy", "value = x", r":7:9: a fact is asked for by its name"),
    "a code in quotes": ("0x80072EE7", '"0x80072EE7"', r':6:22: "0x80072EE7" is no code; write it without'),
    "a comparison of texts": ("cause = 0x80072EE7", "title > 3", r":6:14: `title` is no number"),
    "a bad pattern": ("cause = 0x80072EE7", "title ~ 'x'", r":6:22: .*put texts in double quotes"),
    "a bad regular expression": (
        GOOD,
        GOOD.replace('"""', "'''").replace("cause = 0x80072EE7", 'text ~ "ab("'),
        r":6:24: .*no regular",
    ),
    "a subject with a slip": (SUBJECT, "scann[failed]", r":6:1: .*`scann` is nothing to ask for; did you mean `scan`"),
    "a subject without brackets": (SUBJECT, "scan failed", r":6:6: .*say in brackets what is asked"),
    "a bracket is missing": (SUBJECT, SUBJECT[:-1], r":7:1: .*expected .*`\]`"),
    "and at the end": ("and not fact[name = proxy]", "and", r":7:4: .*expected"),
    "AND": ("and not", "AND not", r":7:1: .*write `and`"),
    "two signs": ("cause = ", "cause == ", r":6:21: .*write `=` once"),
    "a short code": ("0x80072EE7", "0x80072EE", r":6:22: .*eight digits"),
    "a code without 0x": ("0x80072EE7", "8007EE7A", r":6:\d+: .*eight digits"),
    "an address without quotes": (
        "name = proxy",
        "name = proxy, value = http://x",
        r":7:\d+: .*put the value in double quotes",
    ),
    "an empty condition": (GOOD, re.sub(r'(?s)when = """.*?"""', 'when = ""', GOOD), r":5:9: .*it is empty"),
    "a condition on one line": (
        GOOD,
        re.sub(r'(?s)when = """.*?"""', "when = 'scan[faild]'", GOOD),
        r":5:14: `faild` is no flag",
    ),
}
"""What is wrong, what is replaced by what, and what must be said of it after the name of the file."""


@given(
    st.one_of(
        st.text(max_size=60),
        st.tuples(st.sampled_from([rule.when for rule in rules()]), st.integers(0, 300), st.text(max_size=3)).map(
            lambda part: part[0][: part[1]] + part[2] + part[0][part[1] + len(part[2]) :]
        ),
    )
)
def test_any_condition_is_understood_or_told_on_one_line(text: str) -> None:
    try:
        tree = parsed(text, Spot("a.toml", 5, 3))
    except DataError as fault:
        message = str(fault)
    else:
        message = "".join(map(str, mistakes(tree, Spot("a.toml", 5, 3))))
        assert message or list(words_of(tree))
    assert "\n" not in message
    assert not message or re.match(r"a\.toml:\d+:\d+: .", message)


def told(folder: Path, text: str, name: str = "a-sample.toml") -> list[str]:
    """What is said of *text* as the file *name*."""
    (folder / name).write_text(text, "utf-8")
    return list(check(folder))


def test_a_good_file_has_no_mistake(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD) == []
    assert told(tmp_path, GOOD.replace("\n", "\r\n")) == []
    (tmp_path / "a-sample.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert list(check(tmp_path)) == []
    assert "a-sample" in {rule.id for rule in rules((tmp_path,))}


@pytest.mark.parametrize("name", WRONG)
def test_each_mistake_has_its_place_and_mend(name: str, tmp_path: Path) -> None:
    old, new, wanted = WRONG[name]
    assert old in GOOD
    found = told(tmp_path, GOOD.replace(old, new, 1))
    assert any(
        re.search(rf"a-sample\.toml{wanted}" if wanted[0] == ":" else wanted, line, re.DOTALL) for line in found
    ), found


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('"error"', '"eror"').replace("failed,", "faild, colour = red,").replace("= proxy", "= prxy")
    assert [line.split("a-sample.toml:")[1].split(": ")[0] for line in told(tmp_path, text)] == [
        "2:13",
        "6:6",
        "6:13",
        "7:21",
    ]


def test_a_file_is_named_in_small_letters(tmp_path: Path) -> None:
    assert any("call the file my-sample.toml" in line for line in told(tmp_path, GOOD, "My_Sample.toml"))


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a-sample.toml").write_bytes(GOOD.replace("Look", "Prüfen").encode("cp1252"))
    assert [line for line in check(tmp_path) if re.search(r"a-sample\.toml:10:11: not UTF-8; save", line)]
    with pytest.raises(DataError, match="not UTF-8"):
        rules((tmp_path,))


def test_one_name_in_two_places_is_told(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a-sample.toml").write_text(GOOD, "utf-8")
    assert any("stands in" in line for line in check(tmp_path / "one", tmp_path / "two"))
    assert list(check(tmp_path / "one")) == []
    assert list(check(tmp_path / "one" / "a-sample.toml")) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        list(check(tmp_path / "nowhere"))
    assert CliRunner().invoke(commands, ["rules", "check", str(tmp_path / "nowhere")]).exit_code == 2


def test_the_first_mistake_ends_a_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^a\.toml:6:6: "):
        read("a", GOOD.replace("failed,", "faild,"), "a.toml")


def test_other_files_in_a_folder_are_no_diagnoses(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# No diagnosis", "utf-8")
    assert told(tmp_path, GOOD) == []


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_what_is_right_is_not_called_wrong(rule: object) -> None:
    assert list(mistakes(parsed(rule.when))) == []  # type: ignore[attr-defined]

"""GPRESULT in text, XML and HTML: by structure in any language, folded, shifted, cut; and what it tells."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from conftest import SHARED, report_of
from hypothesis import given
from hypothesis import strategies as st

from analyzer.formats.gpresult.headings import reason_of, role_of, scope_of
from analyzer.formats.gpresult.outline import grammar_text, outline
from analyzer.formats.gpresult.result import Result
from analyzer.formats.gpresult.text import results
from analyzer.formats.policy import data_of
from analyzer.formats.rows import Row
from analyzer.grammar import load
from analyzer.model import Place, Report

REAL = SHARED / "corpus" / "gpresult"
WSUS = (
    "104, 0, 116, 0, 116, 0, 112, 0, 58, 0, 47, 0, 47, 0, 119, 0, 115, 0, 117, 0, 115, 0, 48, 0, 49, 0, 58, 0, "
    "56, 0, 53, 0, 51, 0, 48, 0, 0, 0"
)
TEXT = f"""RSOP data for CONTOSO\\ann on SRV7 : Logging Mode
-------------------------------------------------

OS Configuration:            Member Server
OS Version:                  10.0.17763

COMPUTER SETTINGS
------------------
    CN=SRV7,OU=Servers,DC=contoso,DC=com
    Last time Group Policy was applied: 3/14/2024 at 8:41:07 AM

    Applied Group Policy Objects
    -----------------------------
        WSUS: servers (north) \\ west
        LAPS
        LAPS

    The following GPOs were not applied because they were filtered out
    -------------------------------------------------------------------
        WSUS workstations
            Filtering:  Denied (WMI Filter)
            WMI Filter: Only Windows 10

        Local Group Policy
            Filtering:  Not Applied (Empty)

    The computer is a part of the following security groups
    -------------------------------------------------------
        BUILTIN\\Administrators
        SRV7$

    Resultant Set Of Policies for Computer
    ---------------------------------------

        Software Installations
        ----------------------
            N/A

        Administrative Templates
        ------------------------
            GPO: WSUS: servers (north) \\ west
                Folder Id: Software\\Policies\\Microsoft\\Windows\\WindowsUpdate\\WUServer
                Value:       {WSUS}
                State:       Enabled

            GPO: WSUS: servers (north) \\ west
                KeyName:     SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU\\NoAutoUpdate
                Value:       0, 0, 0, 0
                State:       Enabled
"""


def rows(text: str) -> list[Row]:
    return [Row(line, Place("x", "", number)) for number, line in enumerate(text.split("\n"), 1)]


def result(text: str) -> Result:
    (found,) = results(rows(text))
    return found


def facts(report: Report) -> dict[str, str]:
    return {fact.name: fact.value for machine in report.machines for fact in machine.facts}


def told(result: Result) -> list[object]:
    """What a report says, without places."""
    return [
        result.host,
        result.domain,
        *(
            (
                scope.name,
                [one.gpo for one in scope.applied],
                [(one.gpo, one.why) for one in scope.filtered],
                [(one.gpo, one.path, one.value) for one in scope.settings],
            )
            for scope in result.scopes
        ),
    ]


# ---- near misses ----


@pytest.mark.parametrize("text", ["Heading\n-------\nsome words\n", "a: b\n", "NAME  TITLE\n----  -----\nx     y\n"])
def test_other_texts_with_dashes_are_no_report(text: str) -> None:
    assert [source.format for source in report_of(text).sources] == [""]


def test_the_empty_local_policy_is_no_finding() -> None:
    report = report_of(TEXT.replace("WSUS workstations", "Local Group Policy").replace("WMI Filter", "Empty"))
    assert "update-policy-filtered" not in facts(report)


def test_state_enabled_is_not_the_value() -> None:
    assert facts(report_of(TEXT))["policy-no-auto-update"] == "0: Automatic Updates are on"


def test_a_pasted_part_says_nothing_of_what_is_absent() -> None:
    part = TEXT[TEXT.index("        Administrative") :].replace("WUServer", "TargetGroup")
    assert "policy-wsus-server" not in facts(report_of(part))


def test_r_without_templates_says_nothing_of_values() -> None:
    known = facts(report_of(TEXT[: TEXT.index("    Resultant")]))
    assert "policy-wsus-server" not in known
    assert known["update-policy-applied"] == "WSUS: servers (north) \\ west"


# ---- what it tells ----


def test_a_report_tells_host_policies_and_filters() -> None:
    found = result(TEXT)
    assert (found.host, found.domain, found.system) == ("SRV7", "contoso.com", "10.0.17763")
    (computer,) = found.scopes
    assert [one.gpo for one in computer.applied] == ["WSUS: servers (north) \\ west", "LAPS", "LAPS"]
    assert [(one.gpo, one.why, one.filter) for one in computer.filtered] == [
        ("WSUS workstations", "wmi", "Only Windows 10"),
        ("Local Group Policy", "empty", ""),
    ]
    assert computer.groups == ("BUILTIN\\Administrators", "SRV7$")


def test_values_have_the_place_of_their_own_row() -> None:
    report = report_of(TEXT)
    (machine,) = report.machines
    (server,) = [fact for fact in machine.facts if fact.name == "policy-wsus-server"]
    assert (server.value, server.place.line) == ("http://wsus01:8530", 43)
    assert machine.name == "srv7.contoso.com"


def variants() -> Iterator[object]:
    yield pytest.param("\n".join(f"      {line}" for line in TEXT.split("\n")), id="shifted by a paste")
    yield pytest.param("\n".join(line.strip() for line in TEXT.split("\n")), id="indents lost")
    yield pytest.param("\n".join(line for line in TEXT.split("\n") if line.strip()), id="no blank lines")
    yield pytest.param(TEXT.replace("    ", "\xa0\xa0\xa0\xa0"), id="hard blanks")
    folded = [
        part for line in TEXT.split("\n") for part in ([line[i : i + 80] for i in range(0, len(line), 80)] or [""])
    ]
    yield pytest.param("\n".join(folded), id="cut at 80 columns")
    yield pytest.param("> gpresult /z\n" + TEXT, id="with its command")


@pytest.mark.parametrize("text", list(variants()))
def test_what_happens_to_a_text_changes_nothing(text: str) -> None:
    assert told(result(text)) == told(result(TEXT))


@pytest.mark.parametrize("codec", ["cp850", "cp437", "cp1252", "utf-8", "utf-16"])
def test_any_code_page_will_do(codec: str) -> None:
    text = TEXT.replace("LAPS", "Sécurité").replace("\n", "\r\n")
    report = report_of(text.encode(codec))
    assert report.sources[0].format == "gpresult"
    assert facts(report)["policy-wsus-server"] == "http://wsus01:8530"


@pytest.mark.parametrize("size", range(0, len(TEXT), 97))
def test_half_a_report_is_read_as_far_as_it_goes(size: int) -> None:
    for found in results(rows(TEXT[:size])):
        assert {one.gpo for scope in found.scopes for one in scope.filtered} <= {
            "WSUS workstations",
            "Local Group Policy",
        }


def test_two_reports_in_one_text_are_two() -> None:
    other = TEXT.replace("SRV7", "SRV8")
    assert [found.host for found in results(rows(f"{TEXT}\n{other}"))] == ["SRV7", "SRV8"]


UNKNOWN = (
    TEXT.replace("COMPUTER SETTINGS", "XXXXXXXX YYYYYYYY")
    .replace("Applied Group Policy Objects", "Zzzzzzz Zzzzz Zzzzzz Zzzzzzz")
    .replace("The following GPOs were not applied because they were filtered out", "Q" * 66)
    .replace("The computer is a part of the following security groups", "R" * 55)
    .replace("Resultant Set Of Policies for Computer", "S" * 38)
    .replace("Administrative Templates", "T" * 24)
    .replace("Denied (WMI Filter)", "Uuuuu")
)


def test_an_unknown_language_is_told_by_its_structure() -> None:
    (scope,) = result(UNKNOWN).scopes
    assert scope.name == "computer"
    assert [one.gpo for one in scope.applied][1:] == ["LAPS", "LAPS"]
    assert [one.gpo for one in scope.filtered] == ["WSUS workstations", "Local Group Policy"]
    assert scope.groups[-1] == "SRV7$"
    assert [one.value for one in scope.settings] == ["http://wsus01:8530", "0"]


@pytest.mark.parametrize(
    ("name", "numbers", "value"),
    [
        ("WUServer", WSUS, "http://wsus01:8530"),
        ("AUOptions", "4, 0, 0, 0", "4"),
        ("AUOptions", "4,0,0,0", "4"),
        ("TargetGroup", "0, 0", ""),
        ("AutoBackupLogFiles", "49, 0, 0, 0", '49 (or the text "1")'),
        ("Unknown", "65, 0, 66, 0, 0, 0", "AB"),
        ("Unknown", "1, 2, 3", "01 02 03"),
        ("Unknown", "1, 999", "1, 999"),
    ],
)
def test_bytes_become_values(name: str, numbers: str, value: str) -> None:
    assert data_of(name, numbers) == value


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("Les objets stratégie de groupe n'ont pas été appliqués car ils ont été refusés", "filtered"),
        ("Toegepaste groepsbeleidsobjecten", "applied"),
        ("Objets Strat?gie de groupe appliqu?s", "applied"),
        ("Drucker", ""),
    ],
)
def test_headings_are_known_whatever_their_accents(heading: str, role: str) -> None:
    assert role_of(heading) == role


def test_scopes_and_reasons() -> None:
    assert scope_of("Paramètre de l’ordinateur") == "computer"
    assert scope_of("PARAMÈTRES UTILISATEURS") == "user"
    assert reason_of("Denied (Security)") == "security"
    assert reason_of("No idea") == "unknown"


# ---- the grammar ----


def test_samples_fit_the_grammar() -> None:
    grammar = load("gpresult")
    parser = grammar.parser()
    for sample in grammar.samples:
        if sample.fits:
            parser.parse(sample.text)
        else:
            with pytest.raises(Exception, match="line 1"):
                parser.parse(sample.text)


LINES = st.lists(
    st.tuples(
        st.integers(0, 24),
        st.sampled_from(["---", "----------", "GPO: x", "Filtering:  Denied", "é", "a: 1, 0, 0, 0", ""]),
    )
)


@given(LINES)
def test_every_outline_has_a_tree(lines: list[tuple[int, str]]) -> None:
    made = rows("\n".join(" " * indent + text for indent, text in lines))
    list(results(made))
    text, owners = grammar_text(outline(made))
    assert text.count("\n") == len(owners)


# ---- XML and HTML ----

RSOP = """<?xml version="1.0" encoding="utf-16"?>
<!DOCTYPE Rsop [<!ENTITY secret SYSTEM "file:///etc/passwd"><!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Rsop xmlns="http://www.microsoft.com/GroupPolicy/Rsop"><ComputerResults><Name>CONTOSO\\SRV7$</Name>
<Domain>contoso.com</Domain><GPO><Name>&secret;&b;</Name></GPO></ComputerResults></Rsop>"""


def test_no_entity_is_followed() -> None:
    report = report_of(RSOP.replace("<!DOCTYPE", "<!DOCTYPE").encode("utf-16"))
    assert "root:" not in str(report)
    assert "lollol" not in str(report)


def test_a_cut_xml_report_is_read_with_a_problem() -> None:
    text = RSOP[: RSOP.index("<!DOCTYPE")] + RSOP[RSOP.index("<Rsop") : RSOP.index("<GPO>")]
    report = report_of(text.encode("utf-16"))
    assert facts(report)["dns-name"] == "srv7.contoso.com"
    assert report.problems


@pytest.mark.parametrize(
    "text", ["<html><title>Group Policy</title></html>", "<Rsop/>", "<Rsop xmlns='x/GroupPolicy/Rsop'>"]
)
def test_a_shell_without_a_report_is_a_problem(text: str) -> None:
    assert report_of(text).problems


def real(name: str) -> Path:
    if not REAL.is_dir():
        pytest.skip("../shared/corpus is not there")
    return next(REAL.glob(f"*{name}*"))


def read(name: str) -> Report:
    from analyzer.analysis import analyze

    return analyze(["-"], stdin=BytesIO(real(name).read_bytes()))


@pytest.mark.parametrize("pair", ["GPResult-MS", "GPResult-Example"])
def test_xml_and_html_twins_agree(pair: str) -> None:
    one, other = facts(read(f"{pair}.xml")), facts(read(f"{pair}.html"))
    assert one == other
    if pair.endswith("MS"):
        assert one["policy-au-options"].startswith("4")
        assert one["policy-install-time"] == "3"
        assert one["policy-no-restart-with-users"].startswith("0")
        assert one["policy-wsus-server"] == ""


def test_a_real_html_names_the_servers_that_configmgr_set() -> None:
    known = facts(read("ABPande"))
    assert known["policy-wsus-server"].endswith("/CCM_Proxy_ServerAuth/251")
    assert known["policy-use-wsus"].startswith("1")


def test_every_real_report_is_known() -> None:
    real("MANIFEST")
    for path in sorted(REAL.iterdir()):
        if path.suffix in (".txt", ".html", ".xml"):
            report = read(path.name)
            assert report.sources[0].format.startswith("gpresult"), path.name
            assert not [one for one in report.diagnoses if one.severity.word == "error"], path.name


def test_real_text_reports() -> None:
    known = facts(read("msqa149890"))
    assert (known["dns-name"], known["policy-install-time"], known["policy-wsus-server"]) == (
        "dc1.domain.local",
        "5",
        "",
    )
    assert facts(read("nonadmin"))["policy-scope"] == "user"
    assert facts(read("fr_user1"))["dns-name"] == "client1.lab.lan"

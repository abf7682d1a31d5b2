"""Conditions in words: nothing that a condition asks for goes missing, and each kind of clause reads as it should."""

import re

import pytest
from click.testing import CliRunner

from analyzer.branch import FLAGS
from analyzer.cli import commands
from analyzer.codebook import known_groups
from analyzer.language import SUBJECTS, parsed
from analyzer.lexicon import OUTCOMES, members_of, vocabulary
from analyzer.model import hex_code
from analyzer.rules import Rule, rules
from analyzer.subject import OPERATION_NAMES
from analyzer.vocabulary import known_facts, known_kinds
from analyzer.words import groups_named, words_of


def said(condition: str) -> str:
    """*condition* in words, on one line."""
    return " ".join(" ".join(words_of(parsed(condition))).split())


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("scan[failed]", "a scan that failed"),
        ("install[not recovered]", "an install that was not made good by a later one"),
        ("scan[failed, group = dns]", "a scan that failed, whose cause is of the group dns"),
        ("scan[cause = 0x80072ee7]", "a scan whose cause is 0x80072EE7 (ERROR_WINHTTP_NAME_NOT_RESOLVED)"),
        ("scan[code != 0x80072EE7]", "a scan none of whose codes is 0x80072EE7 (ERROR_WINHTTP_NAME_NOT_RESOLVED)"),
        ("scan[caller in (wsus, \"\")]", "a scan whose caller is one of wsus, empty"),
        ('scan[text !~ "a  b|c"]', 'a scan none of whose lines matches "a  b|c"'),
        ('scan[title ~ "KB"]', "a scan whose update's title matches \"KB\""),
        ("scan[failed, count >= 3]", "a scan that failed, whose count is at least 3"),
        ("at least 3 scan[failed]", "at least 3 times: a scan that failed"),
        ("not scan[failed]", "not so: a scan that failed"),
        (
            "event[kind = retry, status = 407]",
            "an event of the kind retry (The agent tries again), whose status is 407",
        ),
        (
            'fact[name = proxy, value != ""]',
            "the fact proxy (Proxy in use) is known and its value is not empty",
        ),
        (
            "scan[failed] and (download[failed] or not (install[failed] and restart[failed]))",
            "all of these: - a scan that failed - any of these: - a download that failed "
            "- not so: all of these: - an install that failed - a restart that failed",
        ),
    ],
)  # fmt: skip
def test_each_clause_reads_as_it_should(condition: str, words: str) -> None:
    assert " ".join(words_of(parsed(condition), 10_000)).split() == words.split()
    if "  " not in condition:
        assert said(condition) == words


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
@pytest.mark.parametrize("width", [40, 100])
def test_every_value_of_a_condition_is_in_its_words(rule: Rule, width: int) -> None:
    tree = parsed(rule.when)
    lines = list(words_of(tree, width))
    words = " ".join(" ".join(line.split(" ")).strip() for line in lines)
    flat = "\n".join(lines)
    for token in tree.words:
        match token.type:
            case "CODE":
                assert hex_code(int(token, 16)) in words
            case "STRING":
                assert (str(token) if token != '""' else "empty") in flat
            case "NUMBER":
                assert str(token) in re.findall(r"\d+", words)
            case "SUBJECT":
                assert str(token) in words
            case "NAME" if str(token) in FLAGS:
                assert any(text in words for text in (*OUTCOMES[str(token)], f"group {token}"))
            case "NAME" if str(token) not in OPERATION_NAMES | {"name", "kind", "value"}:
                assert str(token) in words


def test_a_line_is_broken_only_between_words() -> None:
    lines = list(words_of(parsed('scan[failed, text ~ "a long  pattern of words that is not broken"]'), 20))
    assert any('"a long  pattern of words that is not broken"' in line for line in lines)
    assert len(lines) > 1


@pytest.mark.parametrize("group", sorted(known_groups()))
def test_a_group_names_codes_of_its_own(group: str) -> None:
    ((name, members),) = groups_named(parsed(f"scan[group = {group}]"))
    assert name == group
    assert members
    for code in members_of(group)[:6]:
        assert hex_code(code) in members


def test_the_vocabulary_has_every_word() -> None:
    words = {(sort, name) for sort, name, _ in vocabulary()}
    assert {("fact", name) for name in known_facts()} <= words
    assert {("kind", name) for name in known_kinds()} <= words
    assert {("group", name) for name in known_groups()} <= words
    assert {("flag", name) for name in FLAGS} <= words
    assert {("filter", name) for name in OPERATION_NAMES} <= words
    assert {("subject", f"{name}[…]") for name in SUBJECTS} <= words
    assert all(meaning for _, _, meaning in vocabulary())


def test_show_and_words_on_the_command_line() -> None:
    page = CliRunner().invoke(commands, ["rules", "show", "wsus-name-not-resolved"]).output
    assert "in words\n    all of these:\n        - any of these:\n            - a scan that failed and was not" in page
    assert "dns is Name resolution: " in page
    assert CliRunner().invoke(commands, ["rules", "words", "no-such-word"]).exit_code == 2
    assert "SusClientId" in CliRunner().invoke(commands, ["rules", "words", "susclientid"]).output

"""Every grammar against its own samples, lark's LALR parser and real logs."""

import random
from pathlib import Path

import pytest

from analyzer.errors import DataError
from analyzer.events import marks, messages
from analyzer.formats.windowsupdate.lines import line_shapes
from analyzer.grammar import Sample, load, parse
from analyzer.shape import compiled, shapes

SHAPED = (
    "windowsupdate",
    "windowsupdate-marks",
    "windowsupdate-messages",
    "windowsupdate-unframed",
    "notation",
    "reporting",
    "cmtrace",
    "cmtrace-messages",
    "servicing",
)
SAMPLES = [(name, sample) for name in SHAPED for sample in load(name).samples]


@pytest.mark.parametrize(("name", "sample"), SAMPLES, ids=lambda value: value if isinstance(value, str) else value.rule)
def test_sample_fits_its_rule_and_no_other(name: str, sample: Sample) -> None:
    found = compiled(load(name)).match(sample.text)
    assert (found is not None and found[0] == sample.rule) is sample.fits


@pytest.mark.parametrize("name", SHAPED)
def test_lalr_gives_the_fields_of_the_shape(name: str) -> None:
    grammar = load(name)
    parser, together = grammar.parser(), compiled(grammar)
    for sample in grammar.samples:
        if sample.fits:
            tree = parser.parse(sample.text, start=sample.rule)
            tokens = {token.type.lower(): str(token) for token in tree.scan_values(lambda _: True)}
            assert together.match(sample.text) == (sample.rule, tokens)


@pytest.mark.parametrize("name", SHAPED)
def test_every_rule_has_a_sample_that_fits(name: str) -> None:
    grammar = load(name)
    with_fit = {sample.rule for sample in grammar.samples if sample.fits}
    assert with_fit == set(grammar.starts)


def test_condition_samples() -> None:
    grammar_text = load("condition")
    parser = grammar_text.parser()
    for sample in grammar_text.samples:
        if sample.fits:
            parser.parse(sample.text, start="start")
        else:
            with pytest.raises(Exception, match="line 1"):
                parser.parse(sample.text, start="start")


def test_shape_and_lalr_agree_on_real_lines(corpus: Path) -> None:
    lines, said = load("windowsupdate").parser(), load("windowsupdate-messages").parser()
    for log in sorted(corpus.glob("*.log")):
        text = log.read_bytes().decode("utf-8-sig", "replace").splitlines()
        together = line_shapes("modern")
        for line in random.Random(7).sample(text, 150):
            found = together.match(line)
            assert found is not None, line
            tree = lines.parse(line, start=found[0])
            assert {token.type.lower(): str(token) for token in tree.scan_values(lambda _: True)} == found[1]
            body = marks().match(found[1].get("text", ""))
            meant = messages().match(body[1]["text"].rstrip()) if body else None
            if meant is not None and body is not None:
                tree = said.parse(body[1]["text"].rstrip(), start=meant[0])
                assert {token.type.lower(): str(token) for token in tree.scan_values(lambda _: True)} == meant[1]


def test_every_real_line_has_a_shape(corpus: Path) -> None:
    for log in sorted(corpus.glob("*.log")):
        match = line_shapes("modern").bytes_pattern.match
        for line in log.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"):
            assert not line.strip() or match(line.rstrip(b"\r")), line


def test_a_grammar_without_samples_is_refused() -> None:
    with pytest.raises(DataError, match="no rule has a sample"):
        parse('line: "x"\n', "bare")


def test_a_sample_without_a_rule_is_refused() -> None:
    with pytest.raises(DataError, match=r"grammars/x\.lark:3: a sample without a rule"):
        parse('// >>> x\nline: "x"\n// >>> left over\n', "x")


def test_a_mistake_names_the_file() -> None:
    with pytest.raises(DataError, match=r"grammars/broken\.lark"):
        parse('// >>> x\nline: "x" MISSING\n', "broken")


def test_a_recursive_rule_has_no_shape() -> None:
    grammar = parse('// >>> ((x))\nnested: "(" nested ")" | "x"\n', "nested")
    with pytest.raises(DataError, match="recursive"):
        shapes(grammar, "nested")


def test_a_field_stands_once_in_a_rule() -> None:
    grammar = parse("// >>> 1 2\npair: N _S N\nN: /\\d/\n_S: / /\n", "pair")
    with pytest.raises(DataError, match="holds N twice"):
        shapes(grammar, "pair")

"""The order of the modules: later steps import earlier ones; heavy libraries stay where they are used."""

import ast
from pathlib import Path

import pytest
from conftest import CHECKOUT

LAYERS = (
    ("errors", "data", "model", "mend"),
    ("contradiction",),
    ("cache",),
    ("grammar",),
    ("shape",),
    ("scan",),
    ("notation", "codebook"),
    ("events", "chain"),
    ("zone", "mask", "encoding", "stream", "limits", "packed", "members", "archive", "blocks"),
    ("source",),
    ("formats",),
    ("own",),
    ("detect",),
    ("correlate",),
    ("ledger", "answered", "align", "join", "machine", "vocabulary", "subject", "verdict"),
    ("epoch",),
    ("branch",),
    ("language",),
    ("conditioncheck", "lexicon"),
    ("condition", "words"),
    ("rulefile",),
    ("rulecheck",),
    ("rules",),
    ("diagnose", "intake"),
    ("grouping", "join"),
    ("records", "recovery"),
    ("why",),
    ("analysis",),
    ("trial",),
    ("anonymous",),
    ("excerpt",),
    ("skeleton",),
    ("timeline", "report"),
    ("cli",),
)
ORDER = {name: number for number, names in enumerate(LAYERS) for name in names}
ONLY_IN = {
    "pandas": {"timeline", "formats"},
    "pyarrow": {"timeline"},
    "rich": {"report", "timeline", "cli"},
    "hyperscan": {"scan"},
    "lark": {"grammar", "shape", "language"},
    "lxml": {"formats"},
    "platformdirs": {"cache"},
    "click": {"cli"},
    "evtx": {"formats"},
    "Evtx": {"formats"},
}
MODULES = sorted((CHECKOUT / "analyzer").rglob("*.py"))


def imports(module: Path) -> set[str]:
    """The full names that *module* imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def layer(module: Path) -> str:
    """The name of the layer that *module* belongs to."""
    return module.relative_to(CHECKOUT / "analyzer").parts[0].removesuffix(".py")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(CHECKOUT)))
def test_imports_only_go_down(module: Path) -> None:
    mine = layer(module)
    if mine in ("__init__", "__main__"):
        return
    assert mine in ORDER, f"{mine} has no place in LAYERS"
    used = {name.split(".")[1] for name in imports(module) if name.startswith("analyzer.")}
    above = {name for name in used - {mine, "__version__"} if ORDER[name] > ORDER[mine]}
    assert not above


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(CHECKOUT)))
def test_libraries_stay_in_their_role(module: Path) -> None:
    used = {name.split(".")[0] for name in imports(module)}
    for library, places in ONLY_IN.items():
        assert library not in used or layer(module) in places


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(CHECKOUT)))
def test_no_fault_is_swallowed(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None
            assert getattr(node.type, "id", "") not in ("Exception", "BaseException")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(CHECKOUT)))
def test_public_names_say_what_they_are(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"))
    assert ast.get_docstring(tree) or module.name == "__main__.py"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name

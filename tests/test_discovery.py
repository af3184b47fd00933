"""Entry points: what another installed package brings is found, listed and used; a broken one is named."""

from __future__ import annotations

import importlib
import json
import sys

import pytest
from typer.testing import CliRunner

import lab
from lab import discovery, index, scaffold
from lab.cli import app
from lab.errors import LabError

FOUND = (
    discovery.problems, discovery.optimizers, discovery.claims, discovery.figures, discovery.checkers,
    discovery._plugins,
)  # fmt: skip
GROUPS = {"problem": "problems", "optimizer": "optimizers", "claim": "claims", "figure": "figures"}
CHECKER = "def check(claim):\n    return ()\n"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that puts a distribution with these entry points and modules on sys.path."""
    before = set(sys.modules)
    monkeypatch.setattr(index, "cache_folder", lambda: tmp_path / "cache")

    def put(points, modules):
        package = tmp_path / "visitor"
        package.mkdir()
        for module, text in modules.items():
            (package / f"{module}.py").write_text(text)
        info = tmp_path / "visitor-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: visitor\nVersion: 1.0\n")
        lines = [f"[ratelab.{group}]\nsome_name = {value}\n" for group, value in points.items()]
        (info / "entry_points.txt").write_text("\n".join(lines))
        monkeypatch.syspath_prepend(tmp_path)
        importlib.invalidate_caches()
        _forget()

    yield put
    for name in set(sys.modules) - before:
        if name.partition(".")[0] == "visitor":
            del sys.modules[name]
    _forget()


def _forget():
    for found in FOUND:
        found.cache_clear()


def whole():
    """A package with one module of each kind, as `ratelab new` writes them."""
    modules = {kind: scaffold.text(kind, f"visiting_{kind}") for kind in GROUPS}
    points = {group: f"visitor.{kind}" for kind, group in GROUPS.items()}
    return points, {"__init__": "", **modules, "checker": CHECKER}


def test_another_packages_problem_optimizer_claim_and_figure_are_found_and_listed(install):
    points, modules = whole()
    install(points | {"checkers": "visitor.checker:check"}, modules)
    assert "visiting_problem" in lab.list_problems()
    assert "visiting_optimizer" in lab.list_optimizers()
    assert "visiting_claim.thm1" in lab.list_claims()
    assert "figure" in lab.list_figures()  # a figure is called after its module
    assert discovery.checkers()[-1] is importlib.import_module("visitor.checker").check
    assert discovery.checkers()[-1](None) == ()
    result = lab.simulate(
        lab.get_problem("visiting_problem"), lab.get_optimizer("visiting_optimizer"), seeds=4, steps=3
    )
    assert result["optimizer"].values.tolist() == ["visiting_optimizer"]
    listed = json.loads(CliRunner().invoke(app, ["list", "--json"]).stdout)
    for kind, group in GROUPS.items():
        (entry,) = (e for e in listed[group] if e["file"].endswith(f"visitor/{kind}.py"))
        assert entry["name"] == {"figure": "figure", "claim": "visiting_claim.thm1"}.get(kind, f"visiting_{kind}")


@pytest.mark.parametrize("group", sorted(GROUPS.values()))
@pytest.mark.parametrize(
    ("value", "modules", "says"),
    [
        (
            "visitor.broken",
            {"__init__": "", "broken": "import nowhere_to_be_found"},
            "broken.py cannot be imported: Mod",
        ),
        ("visitor.broken", {"__init__": "", "broken": "def"}, "broken.py cannot be imported: SyntaxError"),
        ("visitor.broken", {"__init__": "1/0"}, "visitor.broken cannot be imported: ZeroDivisionError"),
        ("visitor.absent", {"__init__": ""}, "visitor.absent cannot be imported: ModuleNotFoundError"),
        ("nowhere.at_all", {"__init__": ""}, "nowhere.at_all cannot be imported: ModuleNotFoundError"),
        ("visitor.empty", {"__init__": "", "empty": ""}, "empty.py defines no "),
    ],
)
def test_a_broken_plug_in_is_an_error_that_names_it(install, group, value, modules, says):
    install({group: value}, modules)
    with pytest.raises(LabError) as refusal:
        getattr(discovery, group)()
    assert says in str(refusal.value)
    result = CliRunner().invoke(app, ["list", group])
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("visitor.broken:check", "visitor.broken cannot be imported"),
        (
            "visitor.checker:chek",
            "entry point 'visitor.checker:chek': module 'visitor.checker' has no attribute 'chek'",
        ),
    ],
)
def test_a_broken_checker_is_an_error_that_names_it(install, value, says):
    install({"checkers": value}, {"__init__": "", "checker": CHECKER})
    with pytest.raises(LabError) as refusal:
        discovery.checkers()
    assert says in str(refusal.value)


def test_a_plug_in_may_not_take_a_name_that_is_in_use(install):
    install({"optimizers": "visitor.mine"}, {"__init__": "", "mine": scaffold.text("optimizer", "adam")})
    with pytest.raises(LabError) as refusal:
        discovery.optimizers()
    assert "two things are called 'adam'" in str(refusal.value)
    assert "visitor/mine.py" in str(refusal.value)

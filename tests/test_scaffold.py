"""What `ratelab new` writes works as it is: it passes the checks, runs, holds, and draws."""

import importlib.util

import numpy as np
import pytest

import lab
from figures.kit.drawing import Drawing
from lab import scaffold
from lab.errors import LabError
from lab.predictions import check_broken, check_prediction
from lab.results import dataset
from lab.simulate import summarise
from lab.testing import check_claim, check_optimizer, check_problem
from lab.verdict import Outcome


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Write a file of the given kind and import it."""

    def make(kind):
        path = scaffold.create(kind, f"my_{kind}", tmp_path)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(__import__("sys").modules, path.stem, module)
        spec.loader.exec_module(module)
        return module

    return make


def test_a_new_problem_passes_its_checks_and_runs(made):
    problem = made("problem").MyProblem(curvature=2.5)
    check_problem(problem)
    result = lab.simulate(problem, lab.get_optimizer("sgd", lr=0.1), seeds=256, steps=50)
    assert result.suboptimality_mean.values[0, -1] < result.suboptimality_mean.values[0, 0]


def test_a_new_optimizer_passes_its_checks_and_does_what_it_says(made):
    """On f = x^2 / 2 from x = 1 without noise, by hand: m_1 = 0.5, x_2 = 0.95, m_2 = 0.725, x_3 = 0.8775."""
    method = made("optimizer").MyOptimizer(lr=0.1, beta=0.5)
    check_optimizer(method)
    problem = lab.get_problem("noisy_quadratic", sigma=0.0)
    path = lab.simulate(problem, method, seeds=1, steps=2, record=1).iterate_mean.values[0]
    np.testing.assert_allclose(path, [1.0, 0.95, 0.8775], rtol=1e-15)


def test_a_new_claim_is_whole_and_its_steps_are_proved_twice(made):
    claim = made("claim").THEOREM
    assert claim.id == "my_claim.thm1"
    check_claim(claim)
    assert [step.check().outcome for step in claim.steps] == [Outcome.PROVED] * 2


def test_a_new_claim_holds_where_it_should_and_is_broken_where_it_must(made):
    claim = made("claim").THEOREM
    assert [check_prediction(claim, p).outcome for p in claim.experiments] == [Outcome.HOLDS]
    assert [check_broken(claim, p).outcome for p in claim.broken_by] == [Outcome.VIOLATED]


def test_a_new_figure_draws(made):
    figure = made("figure")
    runs = {label: run.small() for label, run in figure.runs().items()}
    results = {}
    for label, run in runs.items():
        done = summarise(run.experiment, run.seeds)
        results[label] = dataset(run.experiment, done.summary, None, None, done.attributes)
    drawing = figure.draw(results)
    assert isinstance(drawing, Drawing)
    assert "N = 64 seeds" in drawing.caption
    assert drawing.panels[0].x.label == "step $t$"


@pytest.mark.parametrize("name", ["", "9x", "My", "a-b", "a.b", "../a", "class", "_x", "é", "a\n"])
def test_a_name_that_no_module_can_have_is_refused(name):
    with pytest.raises(LabError, match="a name must be lower-case letters"):
        scaffold.text("problem", name)


def test_every_kind_goes_where_it_is_found():
    folders = {kind: scaffold.package_folder(kind) for kind in scaffold.KINDS}
    assert {kind: folder.name for kind, folder in folders.items()} == {
        "problem": "problems", "optimizer": "optimizers", "claim": "claims", "figure": "figures",
    }  # fmt: skip
    assert all((folder / "__init__.py").is_file() for folder in folders.values())

"""Every problem that is discovered runs, is drawn and has a card."""

import numpy as np
import pytest
from typer.testing import CliRunner

import lab
from lab.cli import app
from lab.describe import describe
from lab.index import entries
from lab.portrait import draw, tracks
from lab.problem_pages import page, write_pages
from lab.testing.proved import proved


@pytest.mark.parametrize("name", lab.list_problems())
def test_every_problem_runs_under_sgd_and_adam(name):
    problem = lab.get_problem(name)
    optimizers = [lab.get_optimizer("sgd", lr=1e-3), lab.get_optimizer("adam", lr=1e-3)]
    result = lab.simulate(problem, optimizers, seeds=8, steps=20, engine="reference")
    assert int(result.diverged.sum()) == 0
    assert np.isfinite(result.iterate_median.values).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", lab.list_problems())
def test_every_problem_runs_from_the_command_line_with_a_thousand_seeds(name, tmp_path):
    args = ("--optimizer", "sgd,adam", "--seeds", "1000", "--steps", "1000", "--store", str(tmp_path), "--json")
    result = CliRunner().invoke(app, ["run", "--problem", name, *args])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("name", ["reddi_cycle", "heavy_tailed_quadratic"])
def test_the_command_of_a_card_runs(name, tmp_path):
    words = f"run --problem {name} --optimizer sgd,adam --seeds 8 --steps 20 --store {tmp_path}".split()
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert "adam" in result.stdout


@pytest.mark.parametrize(
    ("name", "values"),
    [("reddi_stochastic", {}), ("noisy_quadratic", {"spectrum": (1.0, 0.2)}), ("heavy_tailed_quadratic", {})],
)
def test_a_problem_is_drawn_the_same_twice(name, values, tmp_path):
    problem = lab.get_problem(name, **values)
    first, again = tmp_path / "first.png", tmp_path / "again.png"
    draw(problem, first)
    draw(problem, again)
    assert first.read_bytes() == again.read_bytes()
    assert {t.points.shape[1] for t in tracks(problem)} == {problem.dim}


def test_show_plots_a_problem_and_nothing_else(tmp_path):
    picture = tmp_path / "bowl.svg"
    shown = CliRunner().invoke(app, ["show", "reddi_cycle", "--plot", str(picture)])
    assert shown.exit_code == 0, shown.output
    assert picture.stat().st_size > 1000
    refused = CliRunner().invoke(app, ["show", "adam", "--plot", str(picture)])
    assert refused.exit_code != 0


def test_cards_are_written_for_all_problems_and_are_the_same_twice(tmp_path):
    assert write_pages(tmp_path) == len(lab.list_problems())
    files = {p.name: p.read_text() for p in tmp_path.iterdir()}
    assert set(files) == {f"{name}.md" for name in lab.list_problems()} | {"README.md"}
    for entry in [e for e in entries() if e.kind == "problem"][::20]:
        assert page(describe(entry)) == files[f"{entry.name}.md"]


def test_a_card_says_the_formula_the_constants_and_the_source():
    (entry,) = [e for e in entries() if e.kind == "problem" and e.name == "reddi_stochastic"]
    text = page(describe(entry))
    assert r"f(x) = \frac{x}{10}" in text
    assert "| G | 101 | the domain | yes | [-1, 1] |" in text
    assert "claims shown here: reddi2018.thm3" in text
    assert "arXiv 1904.09237" in text


def test_cards_go_with_problems_only(tmp_path):
    refused = CliRunner().invoke(app, ["list", "claims", "--cards", str(tmp_path)])
    assert refused.exit_code != 0


@pytest.mark.parametrize(
    ("name", "constants"),
    [
        ("reddi_stochastic", {"L", "mu", "G", "sigma"}),
        ("cosh", {"mu", "L0"}),
        ("zhang_plateau", {"L", "G", "L0"}),
        ("heavy_ball_cycle", {"L", "mu"}),
        ("karimireddy_least_squares", set()),  # not a sum of functions of one coordinate each
    ],
)
def test_intervals_prove_the_constants_where_the_form_allows_it(name, constants):
    assert set(proved(lab.get_problem(name))) == constants

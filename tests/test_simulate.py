"""The reference engine and `simulate`: closed forms, common random numbers, divergence as data, bad input."""

from __future__ import annotations

import dataclasses
import functools
import json
import sys

import numpy as np
import pytest
import torch

import lab
from lab.engine import reference
from lab.experiment import record_steps
from lab.schedules import InvSqrt, Warmup
from lab.statistics import catoni

QUADRATIC = {"spectrum": (1.0, 0.3), "sigma": 0.5, "radius": 2.0}


def quadratic(**changes):
    return lab.get_problem("noisy_quadratic", **(QUADRATIC | changes))


@pytest.fixture(params=["reference", "fused"])
def simulate(request):
    """Run on each engine: what holds of a trajectory holds on both."""
    return functools.partial(lab.simulate, engine=request.param)


def sgd(lr=0.2):
    return lab.get_optimizer("sgd", lr=lr)


@pytest.mark.parametrize("lr", [0.2, InvSqrt(0.5), Warmup(InvSqrt(0.4), 10)], ids=str)
def test_sgd_on_the_noisy_quadratic_follows_its_exact_law(simulate, lr):
    problem, steps, n = quadratic(), 100, 20_000
    result = simulate(problem, sgd(lr), seeds=n, steps=steps, record=10, keep_seeds=True)
    mean, variance = problem.sgd_law(sgd(lr).lr, steps)
    exact = (mean**2 + variance).sum(1)[result.step.values]
    of_square = (2 * variance**2 + 4 * mean**2 * variance).sum(1)[result.step.values]  # Var of a sum of squared normals
    error = result.distance_sq_mean.values[0] - exact
    assert np.all(np.abs(error) <= 5 * np.sqrt(of_square / n) + 1e-12)
    x = result.x_final.values[0]
    assert np.all(np.abs(x.mean(0) - mean[-1]) <= 5 * np.sqrt(variance[-1] / n))
    assert np.all(np.abs(x.var(0) / variance[-1] - 1) <= 5 * np.sqrt(2 / n))


def test_the_exact_law_with_a_wrong_variance_is_caught(simulate):
    problem, n = quadratic(), 20_000
    x = simulate(problem, sgd(), seeds=n, steps=100, keep_seeds=True).x_final.values[0]
    _, variance = problem.sgd_law(sgd().lr, 100)
    assert np.any(np.abs(x.var(0) / (1.1 * variance[-1]) - 1) > 5 * np.sqrt(2 / n))


def test_a_thousand_and_one_seeds_begin_with_the_same_thousand(simulate):
    few = simulate(quadratic(), sgd(), seeds=1000, steps=50, keep_seeds=True)
    more = simulate(quadratic(), sgd(), seeds=1001, steps=50, keep_seeds=True)
    assert np.array_equal(few.x_final.values[0], more.x_final.values[0, :1000])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_configuration_gives_the_same_bits_alone_and_in_a_grid(simulate, dtype):
    problem = quadratic()
    grid = [lab.get_optimizer("adam", lr=lr, betas=(b, 0.99)) for lr in (0.1, InvSqrt(0.3)) for b in (0.0, 0.9)]
    together = simulate(problem, grid, seeds=130, steps=40, keep_seeds=True, dtype=dtype)
    for i, optimizer in enumerate(grid):
        alone = simulate(problem, optimizer, seeds=130, steps=40, keep_seeds=True, dtype=dtype)
        assert np.array_equal(together.x_final.values[i], alone.x_final.values[0])


def test_chunks_and_blocks_do_not_change_any_statistic(simulate, monkeypatch):
    whole = simulate(quadratic(), sgd(), seeds=5000, steps=30)
    monkeypatch.setattr(sys.modules["lab.simulate"], "CHUNK_NUMBERS", 2048)
    parts = simulate(quadratic(), sgd(), seeds=5000, steps=30)
    for name in whole.data_vars:
        assert np.array_equal(whole[name].values, parts[name].values), name


def test_optimizers_see_common_random_numbers(simulate):
    problem = lab.get_problem("reddi_stochastic")
    fast, slow = (simulate(problem, sgd(lr), seeds=500, steps=1, keep_seeds=True) for lr in (2e-3, 1e-3))
    assert np.allclose(fast.x_final, 2 * slow.x_final, rtol=1e-15)


def test_a_diverged_seed_counts_as_plus_infinity_and_leaves_the_others_alone(simulate):
    problem = dataclasses.replace(quadratic(), spectrum=(3.0,))
    result = simulate(problem, [sgd(1.0), sgd(0.1)], seeds=64, steps=2000, record=[1, 2000])
    assert result.diverged.values.tolist() == [[0, 0, 64], [0, 0, 0]]
    assert np.isinf(result.distance_sq_mean.values[0, 2])
    assert np.isinf(result.distance_sq_median.values[0, 2])
    assert np.isfinite(result.distance_sq_mean.values[1]).all()


def test_regret_is_charged_where_the_step_was_played(simulate):
    problem = lab.get_problem("reddi_cycle", C=3.0)
    result = simulate(problem, sgd(0.25), seeds=1, steps=3, record=1, metrics=("regret", "avg_regret", "iterate"))
    played = [1.0, 0.25, 0.5]  # 1 - 0.25 * 3, then + 0.25
    losses = [3 * played[0], -played[1], -played[2]]
    rival = [-3.0, -2.0, -1.0]  # the best fixed point, x = -1, has lost the sum of the slopes so far
    assert result.regret_mean.values[0].tolist() == pytest.approx([0.0, *(np.cumsum(losses) - rival)], rel=1e-15)
    assert result.avg_regret_mean.values[0, 3] == pytest.approx((sum(losses) + 1) / 3, rel=1e-15)
    assert result.iterate_mean.values[0].tolist() == [1.0, 0.25, 0.5, 0.75]


def test_running_metrics_follow_their_definitions(simulate):
    problem = quadratic(sigma=0.0, spectrum=(1.0,), radius=1.0)
    names = ("average_iterate", "average_suboptimality", "best_suboptimality", "increment", "grad_path_norm")
    result = simulate(problem, sgd(1.5), seeds=1, steps=3, record=1, metrics=names)
    x = np.array([1.0, -0.5, 0.25, -0.125])
    averages = np.array([x[0], x[0], x[:2].mean(), x[:3].mean()])
    assert result.average_iterate_mean.values[0] == pytest.approx(averages)
    assert result.average_suboptimality_mean.values[0] == pytest.approx(averages**2 / 2)
    assert result.best_suboptimality_mean.values[0] == pytest.approx([0.5, 0.5, 0.125, 0.03125])
    assert result.increment_mean.values[0] == pytest.approx([0.0, *np.diff(x)])
    assert result.grad_path_norm_mean.values[0] == pytest.approx([0.0, *np.sqrt(np.cumsum(x[:3] ** 2))])


def test_records_are_log_spaced_and_hold_the_start_and_the_end():
    steps = record_steps("log", 10_000)
    assert steps[:4] == (0, 1, 2, 3)
    assert {10, 100, 1000, 10_000} <= set(steps)
    assert len(steps) < 32 * 4 + 2
    assert record_steps(4, 10) == (0, 4, 8, 10)
    assert record_steps([7, 3], 10) == (0, 3, 7, 10)


def test_the_spec_is_one_json_string_and_hyperparameters_are_plain_coordinates(simulate):
    grid = [lab.get_optimizer("adam", lr=lr, betas=(0.9, 0.99)) for lr in (0.1, 0.2)]
    result = simulate(quadratic(), grid, seeds=3, steps=2)
    assert json.loads(result.attrs["spec"])["optimizers"][1]["betas"] == [0.9, 0.99]
    assert result.lr.values.tolist() == [0.1, 0.2]
    assert result.beta2.values.tolist() == [0.99, 0.99]
    assert result.sizes["config"] == 2


def test_the_median_of_means_is_the_median_of_the_blocks_means(simulate):
    result = simulate(quadratic(), sgd(), seeds=3 * 1024 + 5, steps=4, stats=("mom",), keep_seeds=True)
    x = result.x_final.values[0, : 3 * 1024].reshape(3, 1024, 2)
    assert result.distance_sq_mom.values[0, -1] == pytest.approx(np.median((x**2).sum(-1).mean(1)), rel=1e-12)
    assert "distance_sq_mean" not in result


def test_memory_does_not_grow_with_the_horizon():
    batch = reference.Batch(
        problem=quadratic(), optimizers=(sgd(),), metrics=(), first_seed=0, n_seeds=64, key=0, steps=500,
        record=(0, 500), start=None, dtype=torch.float64, device=torch.device("cpu"),
    )  # fmt: skip
    records = reference.run(batch)
    assert records.alive.shape == (1, 2, 64)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"seeds": 0}, "seeds must be an integer >= 1, got 0"),
        ({"steps": 0}, "steps must be an integer >= 1, got 0"),
        ({"start": 7.0, "problem": "reddi_cycle"}, "inside the domain"),
        ({"start": (1.0,)}, "start's shape must be"),
        ({"start": (float("nan"), 1.0)}, "start must be finite"),
        ({"key": -1}, "key must be"),
        ({"dtype": "float16"}, "dtype must be 'float64' or 'float32'"),
        ({"metrics": ("suboptimalty",)}, "did you mean 'suboptimality'"),
        ({"metrics": ("suboptimality",), "problem": "unbounded"}, "no known finite minimum"),
        ({"record": [3, 99]}, r"record must be steps from 0 to 5, got \[99\]"),
        (
            {"record": 1, "steps": 10**6, "seeds": 2000},
            "recorded steps must be fewer: a block of 1024 seeds",
        ),
        ({"record": "lin"}, "record must be 'log'"),
        ({"stats": ("average",)}, "no statistic is called 'average'"),
        ({"stats": ("mom",)}, "seeds must be >= 1024"),
        ({"device": "tpu"}, "device must be"),
        ({"engine": "magic"}, "engine must be"),
    ],
)
def test_bad_input_is_refused_in_one_line(simulate, changes, text):
    problems = {
        "quadratic": quadratic(),
        "reddi_cycle": lab.get_problem("reddi_cycle"),
        "unbounded": lab.get_problem("reddi_stochastic", projected=False),
    }
    arguments = {"seeds": 2, "steps": 5} | changes
    problem = problems[arguments.pop("problem", "quadratic")]
    with pytest.raises(lab.LabError, match=text) as caught:
        simulate(problem, sgd(), **arguments)
    assert "\n" not in str(caught.value)


def test_a_mean_is_within_the_certified_limits_of_its_exact_value(simulate):
    problem, n = quadratic(spectrum=(1.0,), radius=0.0), 10_000
    x = simulate(problem, sgd(0.5), seeds=n, steps=40, keep_seeds=True).x_final.values[0, :, 0]
    variance = problem.sgd_law(sgd(0.5).lr, 40)[1][-1, 0]
    from lab.statistics import Sample

    limits = catoni(Sample.of(x**2), 2 * variance**2, 1e-6)
    assert limits.low <= variance <= limits.high
    assert limits.high - limits.low < 0.2 * variance

"""Gorbunov, Danilova and Gasnikov's toy: one variance, three laws, and quantiles that tell them apart."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

import lab
from lab import LabError

LAWS = ("gaussian", "weibull", "burr")


def half_squares(law, steps=40, seeds=4000, lr=0.1, **given):
    problem = lab.get_problem("gorbunov_toy", law=law, d=4, **given)
    run = lab.simulate(problem, lab.get_optimizer("sgd", lr=lr), seeds=seeds, steps=steps, keep_seeds=True)
    return 0.5 * (run.x_final.values[0] ** 2).sum(-1)


def test_all_three_noises_have_variance_1_and_mean_0_by_scipy():
    weibull, burr = (lab.get_problem("gorbunov_toy", law=law).noise for law in LAWS[1:])
    theirs = (stats.weibull_min(0.2, scale=weibull.scale), stats.burr12(1.0, 2.3, scale=burr.scale))
    for law, its in zip((weibull, burr), theirs, strict=True):
        assert its.var() == pytest.approx(1.0, rel=1e-9)
        assert its.mean() == pytest.approx(law.shift, rel=1e-12)
    assert lab.get_problem("gorbunov_toy", law="gaussian").noise.variance == 1.0
    assert burr.moment(3.0) == math.inf


def test_the_start_is_worth_16_4175_and_half_its_norm_is_the_number_that_was_printed():
    first = [Fraction(i, 100) for i in range(100)]
    value = sum(v * v for v in first) / 2
    assert value == Fraction(164175, 10_000)
    assert math.sqrt(2 * value) / 2 == pytest.approx(2.865, abs=5e-4)
    problem = lab.get_problem("gorbunov_toy", d=100)
    run = lab.simulate(problem, lab.get_optimizer("sgd", lr=0.0), seeds=1, steps=1, metrics=["suboptimality"])
    assert run.suboptimality_mean.values.ravel()[0] == pytest.approx(float(value), rel=1e-14)


def test_the_mean_square_is_that_of_the_recursion():
    """x^2 <- (1 - lr)^2 x^2 + lr^2, coordinate by coordinate, in fractions; the limit is 0.0250 at lr = 0.001."""
    lr, problem = Fraction(1, 8), lab.get_problem("gorbunov_toy", d=5)
    square = sum(Fraction(i, 100) ** 2 for i in range(5))
    for _ in range(7):
        square = (1 - lr) ** 2 * square + 5 * lr**2
    assert problem.mean_square(0.125, 7) == pytest.approx(float(square), rel=1e-14)
    toy = lab.get_problem("gorbunov_toy", d=100)
    assert toy.mean_square(0.001, 100_000) / 2 == pytest.approx(0.0250, abs=5e-5)


def test_the_runs_of_gaussian_noise_have_the_mean_square():
    found, want = half_squares("gaussian"), lab.get_problem("gorbunov_toy", d=4).mean_square(0.1, 40) / 2
    assert abs(found.mean() - want) <= 5 * found.std() / math.sqrt(len(found))


def test_skewed_noise_has_a_smaller_median_and_a_larger_far_quantile():
    """Order statistics at 1e-6, by the binomial law: the intervals of the three laws are apart."""
    runs = {law: np.sort(half_squares(law, seeds=6000)) for law in LAWS}

    def limits(law, share):
        n = len(runs[law])
        low, high = stats.binom.ppf([5e-7, 1 - 5e-7], n, share).astype(int)
        return runs[law][low - 1], runs[law][high + 1]

    assert limits("weibull", 0.5)[1] < limits("burr", 0.5)[0] < limits("burr", 0.5)[1] < limits("gaussian", 0.5)[0]
    for law in ("weibull", "burr"):
        assert limits("gaussian", 0.99)[1] < limits(law, 0.99)[0]


def test_clipping_takes_the_far_quantile_away():
    problem = lab.get_problem("gorbunov_toy", law="burr", d=4)
    ends = {}
    for name, given in (("sgd", {}), ("gclip", {"max_norm": 3.0})):
        method = lab.get_optimizer(name, lr=0.1, **given)
        run = lab.simulate(problem, method, seeds=4000, steps=60, keep_seeds=True)
        ends[name] = np.quantile((run.x_final.values[0] ** 2).sum(-1), 0.995)
    assert ends["gclip"] < 0.5 * ends["sgd"]


@pytest.mark.parametrize("values", [{"law": "cauchy"}, {"d": 1}])
def test_bad_parameters_are_refused(values):
    with pytest.raises(LabError, match=next(iter(values))):
        lab.get_problem("gorbunov_toy", **values)

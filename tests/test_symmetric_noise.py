"""Cauchy noise: clipped SGD at rate 1/t with its exact constant, SGD nowhere; what a law without a mean must show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import pytest
import torch
from scipy import integrate, stats

import lab
from lab import LabError
from lab.noise import CentredBurr, StudentT
from lab.schedules import Inverse
from lab.statistics import dkw_band
from lab.testing import check_noise, check_problem
from lab.testing.noise import distances
from problems.symmetric_noise import CauchyQuadratic


def final(method, steps, seeds, **given):
    problem = lab.get_problem("cauchy_quadratic", **given)
    run = lab.simulate(problem, method, seeds=seeds, steps=steps, record=[steps], keep_seeds=True)
    return run.x_final.values[0][:, 0]


@pytest.mark.parametrize(("scale", "clip", "a"), [(1.0, 1.0, 2.0), (0.5, 2.0, 1.0), (3.0, 1.0, 5.0)])
def test_the_limit_is_made_of_scipys_integrals(scale, clip, a):
    law = stats.cauchy(scale=scale)
    h = law.cdf(clip) - law.cdf(-clip)
    V = integrate.quad(lambda x: x * x * law.pdf(x), -clip, clip)[0] + clip**2 * (1 - h)
    problem = lab.get_problem("cauchy_quadratic", scale=scale)
    assert problem.clipped_limit(clip, a) == pytest.approx(a * a * V / (2 * a * h - 1), rel=1e-10)
    assert lab.get_problem("cauchy_quadratic").clipped_limit(1.0, 2.0) == pytest.approx(8 / math.pi, rel=1e-14)


def test_clipped_sgd_has_the_mean_square_8_over_pi_t():
    """2,000 steps, 20,000 seeds; the correction to the limit is of order 1/t relative."""
    T = 2000
    squares = T * final(lab.get_optimizer("gclip", lr=Inverse(2.0), max_norm=1.0), T, 20_000) ** 2
    assert abs(squares.mean() - 8 / math.pi) <= 5 * squares.std() / math.sqrt(len(squares)) + 0.02


def test_sgd_stays_a_cauchy_variable_for_ever():
    """lr = 1/t forgets x_1 at once and returns minus the mean of the noise; 20,000 seeds, at 1e-3."""
    n = 20_000
    for T in (10, 300):
        x = torch.from_numpy(final(lab.get_optimizer("sgd", lr=Inverse(1.0)), T, n, scale=2.0))
        assert max(distances(x, StudentT(1.0, 2.0))) <= dkw_band(n, 1e-3)
    assert max(distances(x, StudentT(1.0, 1.8))) > dkw_band(n, 1e-3)


@dataclass(frozen=True, kw_only=True)
class Silent(CauchyQuadratic):
    """It has no mean and does not say that its law is symmetric."""

    name: ClassVar[str] = "silent"
    symmetric: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class Skewed(CauchyQuadratic):
    """It says that it is symmetric, and is not."""

    name: ClassVar[str] = "skewed"

    @property
    def noise(self):
        return CentredBurr(c=1.0, d=1.5)


@dataclass(frozen=True)
class Shifted(StudentT):
    """A Cauchy law about 1/100."""

    name: ClassVar[str] = "shifted_cauchy"

    def cdf(self, x):
        return super().cdf(x - 0.01)

    def sample(self, u):
        return super().sample(u) + 0.01


def test_a_problem_without_a_mean_must_say_so_and_be_symmetric():
    check_problem(CauchyQuadratic(scale=0.5))
    with pytest.raises(AssertionError, match="has no mean: the oracle is not unbiased"):
        check_problem(Silent())
    with pytest.raises(AssertionError, match="the law is not symmetric"):
        check_problem(Skewed())
    with pytest.raises(AssertionError, match="the law is not symmetric"):
        check_noise(Shifted(1.0), symmetric=True)
    check_noise(StudentT(1.0), symmetric=True)


def test_bad_parameters_are_refused():
    with pytest.raises(LabError, match="scale"):
        lab.get_problem("cauchy_quadratic", scale=0.0)
    with pytest.raises(LabError, match="a must be above 1"):
        lab.get_problem("cauchy_quadratic").clipped_limit(1.0, 0.5)

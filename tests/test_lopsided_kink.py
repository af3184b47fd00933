"""The average of SGD's points loses a log factor that the last half, and weights t, do not; the constant exactly."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import lab
from lab.schedules import Inverse
from lab.transforms.averages import PolynomialAverage, SuffixAverage

PROBLEM = lab.get_problem("average_loses_log")
SEEDS = 1000


def gaps(x):
    return PROBLEM.value(torch.as_tensor(x, dtype=torch.float64).unsqueeze(-1)).numpy()


def stationary_walk(cells=100):
    """E y and P(y < 0) of y <- y - U, U uniform on [-1, 3], for y >= 0, and y <- y + 7 for y < 0.

    On midpoints of a grid of width 1 / cells, U by the trapezoidal rule: errors are of second order. The walk drifts by
    -1 from above, so that 30 is as good as infinity.
    """
    y = np.arange(-3 * cells, 30 * cells) / cells + 0.5 / cells
    weights = np.ones(4 * cells + 1)  # of U = 3, ..., -1
    weights[[0, -1]] = 0.5
    weights /= weights.sum()
    law = np.full(len(y), 1 / len(y))
    for _ in range(400):
        moved = np.convolve(np.where(y < 0, 0, law), weights)[3 * cells :][: len(y)]
        law = moved + np.roll(np.where(y < 0, law, 0), 7 * cells)
        law /= law.sum()
    return float(law @ y), float(law @ (y < 0))


def test_the_walk_that_the_scaled_points_tend_to_has_its_mean():
    mean, below = stationary_walk()
    assert below == pytest.approx(1 / 8, abs=1e-6)  # no drift: 7 P(y < 0) = P(y >= 0)
    assert mean == pytest.approx(3.119, abs=1e-3)
    assert mean == pytest.approx(stationary_walk(50)[0], abs=1e-3)


@pytest.fixture(scope="module")
def averages():
    """T (f - f*) of the plain average of x_1, ..., x_T at three T, one thousand seeds."""
    steps = [100, 1000, 10_000]
    run = lab.simulate(
        PROBLEM, lab.get_optimizer("sgd", lr=Inverse(1.0)), seeds=SEEDS, steps=steps[-1], record=steps,
        metrics=["average_suboptimality", "suboptimality"],
    )  # fmt: skip
    return (
        run.average_suboptimality_mean.values.ravel()[1:] * steps,
        run.suboptimality_mean.values.ravel()[1:] * steps,
    )


def test_the_averages_error_grows_by_the_walks_mean_with_each_unit_of_log_T(averages):
    """A run's T gap has standard deviation 10 or less, 0.3 over the seeds; the slope is taken over log(100)."""
    average, _ = averages
    slope = (average[2] - average[0]) / math.log(100)
    assert slope == pytest.approx(stationary_walk()[0], abs=5 * 0.4 * math.sqrt(2) / math.log(100))
    assert average.tolist() == pytest.approx([10.9, 17.9, 24.9], abs=1.5)


def test_the_last_point_loses_no_logarithm(averages):
    _, last = averages
    assert last.max() < 5
    assert last[2] < 1.2 * last[0]


@pytest.mark.parametrize("T", [100, 10_000])
def test_the_mean_of_the_last_half_loses_no_logarithm(T):
    method = SuffixAverage(inner=lab.get_optimizer("sgd", lr=Inverse(1.0)), horizon=T)
    run = lab.simulate(PROBLEM, method, seeds=SEEDS, steps=T, record=[T], metrics=["suboptimality"])
    assert float(run.suboptimality_mean.values.ravel()[-1]) * T == pytest.approx(4.3, abs=0.5)


@pytest.mark.parametrize("T", [10, 100, 3000])
def test_weights_t_with_steps_2_over_mu_t_plus_1_keep_lacoste_julien_schmidt_and_bachs_bound(T):
    method = PolynomialAverage(inner=lab.get_optimizer("sgd", lr=Inverse(2.0, shift=1.0)), power=1.0)
    run = lab.simulate(PROBLEM, method, seeds=SEEDS, steps=T, record=[T], metrics=["suboptimality"])
    gap = float(run.suboptimality_mean.values.ravel()[-1])
    assert gap <= 2 * 8.0**2 / (T + 1)
    assert gap * T < 40

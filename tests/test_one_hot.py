"""On one-hot data the best heavy ball is a factor of two better than SGD, from exact spectra; the runs follow them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import optimize

import lab
from lab import LabError
from lab.sampling import Cyclic


def rate(kappa, lr, momentum, nesterov=False):
    """The factor by which E||x||^2 shrinks a step: the largest eigenvalue in size over both coordinates."""
    problem = lab.get_problem("one_hot_regression", curvatures=(1.0, 1.0 / kappa))
    matrices = problem.second_moments(lr, momentum, nesterov=nesterov)
    return max(float(np.abs(np.linalg.eigvals(m)).max()) for m in matrices)


def best(kappa, with_momentum):
    """(1 - the least rate) kappa over steps lr = h (1 - momentum) and momenta: a grid, then Nelder and Mead."""

    def cost(p):
        h, rest = p[0], (math.exp(p[1]) if with_momentum else 1.0)
        return rate(kappa, h * rest, 1 - rest) if 0 < h and rest <= 1 else 2.0

    rests = np.log(np.geomspace(0.01, 1, 21)) if with_momentum else [0.0]
    start = min(((h, log_rest) for h in np.linspace(0.1, 3.9, 39) for log_rest in rests), key=cost)
    found = optimize.minimize(cost, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-14})
    return (1 - found.fun) * kappa


def test_the_best_momentum_is_twice_as_good_as_none_and_no_more():
    gains = []
    for kappa in (1e2, 1e4):
        plain, ball = best(kappa, False), best(kappa, True)
        assert plain == pytest.approx(2 - 4 / kappa, abs=0.05 / math.sqrt(kappa))
        gains.append(ball / plain)
    assert 1.5 < gains[0] < gains[1] < 2  # and not 10 and 100
    assert ball == pytest.approx(3.92, abs=0.02)


def test_nesterovs_form_gains_the_root_of_kappa_under_sampling():
    """Step 2/3 and 1 - momentum = 1.12 / sqrt(kappa), near the best: 1 - rate is 1.09 / sqrt(kappa), not 2 / kappa."""
    gains = {kappa: (1 - rate(kappa, 2 / 3, 1 - 1.12 / math.sqrt(kappa), True)) * kappa / 2 for kappa in (1e4, 1e6)}
    assert gains[1e4] == pytest.approx(54.5, abs=0.5)
    assert gains[1e6] / gains[1e4] == pytest.approx(10, rel=0.05)


def test_without_sampling_momentum_gains_the_root_of_kappa():
    """Polyak's step and momentum on the mean gradient: 1 - rate is about 4 / sqrt(kappa), squared norms."""
    kappa = 1e4
    root = math.sqrt(kappa)
    momentum = ((root - 1) / (root + 1)) ** 2
    lr = 4 / (1 + 1 / root) ** 2  # for curvatures 1 and 1 / kappa
    slowest = max(
        float(np.abs(np.linalg.eigvals([[1 + momentum - lr * c, -momentum], [1.0, 0.0]])).max()) ** 2
        for c in (1.0, 1 / kappa)
    )
    assert (1 - slowest) * kappa > 100


@pytest.mark.parametrize("nesterov", [False, True])
def test_the_second_moments_are_the_means_over_all_orders_of_samples(nesterov):
    h, beta, c, n = 0.7, 0.6, 0.3, 4
    total = 0.0
    for shown in itertools.product((0.0, c), repeat=n):
        x = y = 1.0
        for k in shown:
            ahead = x + beta * (x - y)
            x, y = (ahead - h * k * (ahead if nesterov else x)), x
        total += x * x / 2**n
    matrix = lab.get_problem("one_hot_regression", curvatures=(1.0, c)).second_moments(h, beta, nesterov=nesterov)[1]
    assert (np.linalg.matrix_power(matrix, n) @ np.ones(3))[0] == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_the_runs_second_moments_follow_the_matrices(momentum):
    problem, lr, steps, seeds = lab.get_problem("one_hot_regression", curvatures=(1.0, 0.3)), 0.8, 12, 20_000
    method = lab.get_optimizer("momentum", lr=lr, momentum=momentum)
    run = lab.simulate(problem, method, seeds=seeds, steps=steps, record=[steps], keep_seeds=True)
    squares = run.x_final.values[0] ** 2
    for i, matrix in enumerate(problem.second_moments(lr, momentum)):
        want = (np.linalg.matrix_power(matrix, steps) @ np.ones(3))[0]
        assert abs(squares[:, i].mean() - want) <= 5 * squares[:, i].std() / math.sqrt(seeds)


def test_in_a_cycle_plain_descent_solves_each_coordinate_when_its_turn_comes():
    problem = lab.get_problem("one_hot_regression", curvatures=(1.0, 1.0), order=Cyclic())
    run = lab.simulate(problem, lab.get_optimizer("sgd", lr=1.0), seeds=1, steps=2, record=[1, 2], metrics=["iterate"])
    assert run.iterate_mean.values.reshape(3, 2).tolist() == [[1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]


@pytest.mark.parametrize("curvatures", [(1.0,), (1.0, 0.0)])
def test_bad_parameters_are_refused(curvatures):
    with pytest.raises(LabError, match="curvatures"):
        lab.get_problem("one_hot_regression", curvatures=curvatures)

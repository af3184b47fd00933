"""Regret: attained to the last digit, two thirds of its bound, and log T with its exact constant."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

import lab
from lab import LabError
from lab.schedules import Constant, Inverse, InvSqrt


def regret(problem, optimizer, steps, seeds=1):
    run = lab.simulate(problem, optimizer, seeds=seeds, steps=max(steps), metrics=["regret"], record=steps)
    return run.regret_mean.values.ravel()[1:]


@pytest.mark.parametrize("T", [2, 9, 16])
@pytest.mark.parametrize("name", ["sgd", "adagrad", "adam", "signsgd"])
def test_every_learner_that_waits_for_a_slope_has_the_whole_regret(name, T):
    G, D = 3.0, 2.0
    lr = D / (G * math.sqrt(T)) if name == "sgd" else 0.01
    problem = lab.get_problem("oco_orthogonal", T=T, G=G, D=D)
    (found,) = regret(problem, lab.get_optimizer(name, lr=Constant(lr)), [T])
    assert found == pytest.approx(D * G * math.sqrt(T), rel=1e-12)


def test_after_one_round_of_all_slopes_gradient_descent_is_at_the_best_corner():
    """lr = D / (G sqrt(T)) steps exactly as long as an edge: the next T rounds add no regret."""
    T = 9
    problem = lab.get_problem("oco_orthogonal", T=T)
    first, second = regret(problem, lab.get_optimizer("sgd", lr=Constant(1 / 3)), [T, 2 * T])
    assert (first, second) == pytest.approx((3.0, 3.0), rel=1e-12)
    edge = problem.minimizer()[0]
    assert T * edge**2 == pytest.approx(1.0, rel=1e-14)


def test_the_regret_on_the_absolute_value_tends_to_two_thirds_of_the_bound():
    steps, G, D = [10, 100, 1000, 10_000], 2.0, 3.0
    problem = lab.get_problem("oco_absolute", G=G, D=D)
    ratio = regret(problem, lab.get_optimizer("sgd", lr=InvSqrt(D / G)), steps) / (D * G * np.sqrt(steps))
    assert ratio.tolist() == pytest.approx([0.707, 0.907, 0.971, 0.991], abs=1e-3)
    assert (ratio < 1.5).all()
    assert (np.diff(ratio) > 0).all()


def test_at_the_minimizer_the_slope_is_the_one_that_resists():
    problem = lab.get_problem("oco_absolute", G=2.0)
    run = lab.simulate(
        problem, lab.get_optimizer("sgd", lr=Constant(0.1)), seeds=1, steps=1, metrics=["iterate"], record=[1]
    )
    assert run.iterate_mean.values.ravel().tolist() == pytest.approx([0.0, -0.2])


def harmonic(n):
    return sum((Fraction(1, k) for k in range(1, n + 1)), Fraction(0))


@pytest.mark.parametrize("T", [1, 2, 3, 7])
def test_the_mean_regret_under_random_centres_is_exact(T):
    """All 2^T sequences, in fractions, against the best fixed point of each."""
    total = Fraction(0)
    for z in itertools.product((1, -1), repeat=T):
        x, loss = Fraction(0), Fraction(0)
        for t, centre in enumerate(z, start=1):
            loss += (x - centre) ** 2 / 2
            x -= Fraction(1, t) * (x - centre)
        best = Fraction(sum(z), T)
        total += loss - sum((best - centre) ** 2 / 2 for centre in z)
    mean = total / 2**T
    assert mean == (1 + harmonic(T - 1)) / 2
    assert lab.get_problem("oco_strongly_convex", H=3.0, a=2.0).mean_regret(T) == pytest.approx(12 * float(mean))


def test_the_runs_have_the_mean_regret():
    """Against 0, which the metric takes, the mean is smaller by E (H/2) T xbar^2 = H a^2 / 2.

    R_T = sum (x_t^2 / 2 - x_t z_t): E x_t^2 = 1/(t-1), so that the standard deviation is at most h^(1/2) + h / sqrt(2),
    h = h_{T-1}, the martingale's and, by Minkowski's inequality, that of the squares.
    """
    T, seeds = 100, 20_000
    problem = lab.get_problem("oco_strongly_convex")
    (against_0,) = regret(problem, lab.get_optimizer("sgd", lr=Inverse(1.0)), [T], seeds)
    h = float(harmonic(T - 1))
    assert abs(against_0 + 0.5 - problem.mean_regret(T)) < 5 * (math.sqrt(h) + h / math.sqrt(2)) / math.sqrt(seeds)
    assert problem.mean_regret(T) < 4 / 2 * (1 + math.log(T))


def test_the_bound_is_four_times_too_large_in_the_limit():
    problem, T = lab.get_problem("oco_strongly_convex"), 10**6
    ratio = problem.mean_regret(T) / (2 * (1 + math.log(T)))
    assert ratio == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("name", "values"),
    [("oco_orthogonal", {"T": 1}), ("oco_orthogonal", {"D": 0.0}), ("oco_absolute", {"G": -1.0}),
     ("oco_strongly_convex", {"H": 0.0})],
)  # fmt: skip
def test_bad_parameters_are_refused(name, values):
    with pytest.raises(LabError, match=next(iter(values))):
        lab.get_problem(name, **values)

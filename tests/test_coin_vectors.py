"""No method beats the bound for one coin a coordinate, computed exactly; SGD's exact error; how the bound grows."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy import stats

import lab
from lab import LabError
from lab.schedules import Inverse

SEEDS, T, D, DELTA = 1000, 60, 4, 0.18


def closeness(tosses, delta):
    """1 - TV between the two coins' laws after so many tosses."""
    k = np.arange(tosses + 1)
    return float(
        np.minimum(stats.binom.pmf(k, tosses, (1 + delta) / 2), stats.binom.pmf(k, tosses, (1 - delta) / 2)).sum()
    )


def share_left(T, d, delta):
    """1 - TV_T: `closeness`, averaged over the number of times that coin 1 is tossed."""
    return float(sum(stats.binom.pmf(n, T, 1 / d) * closeness(n, delta) for n in range(T + 1)))


def over_sides(name, optimizer, gap_of, **given):
    """The mean of gap_of(problem, last points) over seeds and all sides, up to symmetry, and its standard error."""
    means, weights, errors = [], [], []
    for heads in range(D + 1):
        sides = (1.0,) * heads + (-1.0,) * (D - heads)
        problem = lab.get_problem(name, sides=sides, delta=DELTA, **given)
        run = lab.simulate(
            problem, optimizer, seeds=SEEDS, steps=T, record=[T], keep_seeds=True, engine="reference"
        )  # eager: each of the sides would be a program to compile
        gap = np.asarray(gap_of(problem, run.x_final.values[0]))
        means.append(gap.mean())
        errors.append(gap.std() / math.sqrt(SEEDS))
        weights.append(math.comb(D, heads) / 2**D)
    return float(np.dot(weights, means)), float(np.linalg.norm(np.multiply(weights, errors)))


def mean_gap(name, optimizer):
    """E f - f* after T rounds, averaged over the sides."""
    return over_sides(name, optimizer, lambda problem, x: problem.value(torch.from_numpy(x)) - problem.minimum)


def test_the_best_guess_after_all_sequences_leaves_exactly_the_bound():
    """d = 2, T = 3, in fractions: all rounds, all sides; the Bayes guess is each coin's majority, a tie being 0."""
    d, rounds, delta = 2, 3, Fraction(1, 4)
    law = {c: (1 + c * delta) / 2 for c in (1, -1)}
    gap = Fraction(0)
    for sides in itertools.product((1, -1), repeat=d):
        for seen in itertools.product(range(d), (1, -1), range(d), (1, -1), range(d), (1, -1)):
            tosses = list(zip(seen[::2], seen[1::2], strict=True))
            chance = math.prod((law[c * sides[i]] / d for i, c in tosses), start=Fraction(1, 2**d))
            heads = [sum(c for i, c in tosses if i == j) for j in range(d)]
            guess = [(h > 0) - (h < 0) for h in heads]
            gap += chance * delta / d * sum(1 - s * x for s, x in zip(sides, guess, strict=True))
    assert float(gap) == pytest.approx(0.25 * share_left(rounds, d, 0.25), rel=1e-14)


def test_the_bound_grows_like_the_root_of_the_dimension_to_the_constant_declared():
    for d, rounds in ((2, 4000), (4, 8000), (10, 20_000)):
        delta = 0.7518 * math.sqrt(d / rounds)
        near = range(rounds // d - 300, rounds // d + 300)  # six standard deviations and more
        left = sum(stats.binom.pmf(n, rounds, 1 / d) * closeness(n, delta) for n in near)
        assert delta * left / math.sqrt(d / rounds) == pytest.approx(0.3399, abs=2e-3)


METHODS = {
    "sgd": lab.get_optimizer("sgd", lr=math.sqrt(D / T)),
    "sgd_inverse": lab.get_optimizer("sgd", lr=Inverse(1.0)),
    "adam": lab.get_optimizer("adam", lr=0.1),
    "adagrad": lab.get_optimizer("adagrad", lr=0.3),
}


@pytest.mark.parametrize("method", METHODS)
def test_no_method_is_below_the_bounds_on_average_over_the_sides(method):
    left = share_left(T, D, DELTA)
    mean, error = mean_gap("coin_vector_lipschitz", METHODS[method])
    assert mean >= DELTA * left - 5 * error
    mean, error = mean_gap("coin_vector_strongly_convex", METHODS[method])
    assert mean >= DELTA**2 / (2 * D) * left - 5 * error


def test_the_majority_of_each_coins_tosses_attains_the_lipschitz_bound():
    """On a box that is never left, SGD with lr = 1 counts the tosses: the sign of x is their majority, a tie 0."""
    counting = lab.get_optimizer("sgd", lr=1.0)

    def gap_of_majority(problem, x):
        return DELTA / D * (1 - np.array(problem.sides) * np.sign(x)).sum(-1)

    mean, error = over_sides("coin_vector_lipschitz", counting, gap_of_majority, R=float(T))
    assert abs(mean - DELTA * share_left(T, D, DELTA)) <= 5 * error


@pytest.mark.parametrize("T", [1, 20])
def test_sgd_attains_sigma_squared_over_two_mu_T_on_the_strongly_convex_coins(T):
    problem = lab.get_problem("coin_vector_strongly_convex", G=2.0, mu=0.5, delta=0.25)
    run = lab.simulate(problem, lab.get_optimizer("sgd", lr=Inverse(2.0)), seeds=4000, steps=T, keep_seeds=True)
    gap = (problem.value(torch.from_numpy(run.x_final.values[0])) - problem.minimum).numpy()
    want = 4 * (1 - 0.25**2 / 4) / (2 * 0.5 * T)
    assert abs(gap.mean() - want) <= 5 * gap.std() / math.sqrt(4000) + 1e-12


def test_the_average_of_projected_sgd_keeps_the_upper_bound():
    problem = lab.get_problem("coin_vector_lipschitz", delta=DELTA)
    run = lab.simulate(problem, METHODS["sgd"], seeds=SEEDS, steps=T, record=[T], metrics=["average_suboptimality"])
    assert float(run.average_suboptimality_mean.values.ravel()[-1]) <= math.sqrt(D / T)


@pytest.mark.parametrize("values", [{"delta": 1.0}, {"sides": (1.0, 0.5)}, {"sides": ()}, {"G": 0.0}])
def test_bad_parameters_are_refused(values):
    with pytest.raises(LabError, match=next(iter(values))):
        lab.get_problem("coin_vector_lipschitz", **values)

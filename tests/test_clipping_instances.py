"""What the runs on clipping rest on: derived moments, regions that nothing leaves, steps known beforehand, counts."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
import torch
from scipy import stats

from lab.discovery import get_claim
from lab.predictions import check_prediction
from lab.verdict import Outcome
from proofs_check.instances import vankov2024, zhang2019clip, zhang2020heavy_nonconvex
from proofs_check.instances.l0l1 import PLATEAU, cliff, due

# --------------------------------------------------------------------------------------------------- certificates


@pytest.mark.parametrize(("steps", "p"), [(100, 0.004), (12_000, 0.004), (50_000, 0.001), (3, 0.5)])
def test_the_fourth_moment_is_above_that_of_the_binomial_law_and_close_where_noise_is_rare(steps, p):
    exact = stats.binom(steps, p).expect(lambda n: (1.5 + 0.3 * n) ** 4)
    bound = zhang2020heavy_nonconvex.fourth_moment(1.5, 0.3, steps * p)
    assert exact <= bound * (1 + 1e-9)
    assert p > 0.1 or bound <= 1.01 * exact
    assert zhang2020heavy_nonconvex.fourth_moment(1.5, 0.3, 0.5 * steps * p) < exact  # half of the noise is not enough


def test_the_rare_noise_has_the_moment_that_the_theorem_is_told_and_is_clipped():
    for name in ("thm_nc_upper", "thm_nc_upper_rate"):
        for p in get_claim(f"zhang2020heavy.{name}").experiments:
            order, sigma, noise = p.values["alpha"], p.values["sigma"], p.problem.noise
            assert noise.moment(order) == pytest.approx(sigma**order, rel=1e-12)
            assert noise.size > p.optimizer.max_norm > 80 * sigma


@pytest.mark.parametrize("name", ["thm7_csgd_upper", "thm8_sgd_upper"])
def test_no_noisy_step_leaves_the_interval_in_which_the_slope_is_certified(name):
    for p in get_claim(f"zhang2019clip.{name}").experiments:
        if p.metric == "mean_grad_norm":
            continue
        h, tau, end = float(p.optimizer.lr.lr), p.values["tau"], p.problem.inner.first
        x = np.linspace(-end, end, 10_001)
        moved = np.stack([x - h * (np.sinh(x) + s * tau) for s in (-1, 1)])
        assert np.abs(moved).max() <= end
        assert p.certified.high(1.0) == pytest.approx(math.sinh(end) ** 2, rel=1e-12)
        stray = x - 4 * (np.sinh(x) + tau)
        assert np.abs(stray).max() > end  # a step that is too long does leave it


def test_on_the_long_slope_every_step_is_a_clipped_one():
    (p,) = [p for p in get_claim("zhang2019clip.thm7_csgd_upper").experiments if p.metric == "mean_grad_norm"]
    (T,), tau = p.at, p.values["tau"]
    eta, sizes = T**-0.5, np.array([3 - tau, 3 + tau])
    assert np.all(1 / (16 * (sizes + tau)) < eta)
    longest = T * sizes.max() / (16 * (sizes.max() + tau))
    assert p.problem.inner.R - longest > p.problem.inner.knee()  # and no path reaches its end


# ------------------------------------------------------------------------------------------------ one clipped gradient


@pytest.mark.parametrize("order", [1.2, 1.5, 2.0])
def test_the_worst_law_of_clipping_attains_its_bound_once_the_slack_is_taken_off(order):
    claim, u = get_claim("zhang2020heavy.clip_moment_lemma_raw_bias"), order / (order - 1)
    (p,) = [p for p in claim.experiments if p.values["alpha"] == order and p.problem.name == "two_point_quadratic"]
    bound = float(claim.bound.subs({s: p.values[s.name] for s in claim.bound.free_symbols}))
    assert bound / 1.02**order == pytest.approx(0.5 * (u - 1), rel=1e-12)
    assert check_prediction(claim, p).outcome is Outcome.TIGHT


# ------------------------------------------------------------------------------------------------------ counting steps


def steps_above(problem, eps, step):
    """Steps of x - step(g) from the problem's start until |f'| <= eps, by plain floats."""
    x, count = problem.first(), 0
    while abs(g := slope(problem, x)) > eps:
        x, count = x - step(g), count + 1
    return count


def slope(problem, x):
    if problem.name == "zhang_plateau":
        y = max(-1.0, min(1.0, x))
        return problem.eps * y * (3 - y * y)
    u = abs(x) * problem.L1
    return math.copysign(problem.L0 / problem.L1 * (math.exp(u - 1) if u > 1 else u), x)


def test_clipped_descent_needs_fewer_steps_than_its_bound_and_on_the_plateau_most_of_them():
    claim = get_claim("zhang2019clip.thm3_cgd_upper")
    for ground, eps, share in ((PLATEAU, 0.19, 0.7), (cliff(10.0), 2.0, 0.1)):
        longest = min(1.0, 0.1 / ground.L1)
        count = steps_above(
            ground.problem, eps, lambda g, s=ground, c=longest: math.copysign(min(abs(g) / (10 * s.L0), c), g)
        )
        told = {"L0": ground.L0, "L1": ground.L1, "Delta": ground.Delta, "eps": eps}
        assert share * due(claim.bound, told) < count < due(claim.bound, told)


def test_the_best_surviving_step_takes_on_the_plateau_what_the_lower_bound_says_and_hardly_more():
    claim = get_claim("zhang2019clip.thm4_gd_lower")
    p = claim.experiments[0]
    h = float(p.optimizer.lr.lr)
    count = steps_above(p.problem, p.values["eps"], lambda g: h * g)
    needed = due(claim.bound, {k: v for k, v in p.values.items() if not isinstance(v, str)})
    assert needed <= count <= 1.03 * needed
    assert p.at[-1] == needed


def test_a_bound_on_a_number_of_steps_is_due_at_the_next_whole_step():
    n = sp.Symbol("n", positive=True)
    assert [due(n, {"n": v}) for v in (7.0, 7.5, 8.0)] == [8, 8, 9]


# --------------------------------------------------------------------------------------------- steps known beforehand


def test_polyaks_steps_on_hubers_function_are_those_of_the_run():
    p = get_claim("gorbunov2024.l0l1_polyak").experiments[1]
    x = p.problem.R
    for t in range(1, 6):
        g, gap = min(x, 1.0), x * x / 2 if x <= 1 else x - 0.5
        assert gap / g**2 == pytest.approx(1.0 * 0.5 ** (t > 1), rel=1e-15)
        assert float(p.optimizer.lr(torch.tensor(float(t), dtype=torch.float64))) == pytest.approx(
            gap / g**2, rel=1e-15
        )
        x -= gap / g


def test_the_shorter_step_is_shorter_and_its_model_still_falls_by_the_progress():
    for L0, L1, g in ((1.0, 0.01, 2.0), (1.0, 1.0, 10.0), (0.3, 5.0, 100.0)):
        total, best, short = L0 + L1 * g, vankov2024.best(L0, L1, g), 1 / (L0 + 1.5 * L1 * g)
        w = L1 * g * short
        fall = short * g**2 - total / L1**2 * (math.exp(w) - w - 1)
        assert short <= best
        assert fall >= g**2 / (2 * L0 + 3 * L1 * g)


def test_read_backwards_the_growth_of_the_gradient_is_an_equation_on_the_extremal_function():
    """L0 + L1 g = L0 exp(L1 x): over a distance 2 from x = 3 the slope goes from e^3 - 1 to e - 1."""
    L0, L1, G, R = sp.symbols("L0 L1 G R", positive=True)
    fall = zhang2019clip.fallen((L0 + L1 * G) * sp.exp(L1 * R), L0, L1, G)
    found = float(fall.subs({L0: 1, L1: 1, G: math.e**3 - 1, R: 2}))
    assert found == pytest.approx((math.e - 1) ** 2, rel=1e-12)

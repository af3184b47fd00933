"""What the experiments of the Adam family take for granted, by exact numbers and by hand-written methods."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy as sp

import lab
from lab.schedules import Constant, InvSqrt
from proofs_check.instances import zhang2022_epochs as epochs, zhou2019, zhou2021


def _beliefs(edge: Fraction, steps: int) -> list[Fraction]:
    """s_t of FastAdaBelief, beta1 = 1/2, gamma = 1, on x^2/2 + x and x^2/2 - x in turn, |x| <= edge, in fractions."""
    x = m = s = Fraction(0)
    alpha = Fraction(zhou2021.ALPHA)
    found = []
    for t in range(1, steps + 1):
        g = x + (1 if t % 2 else -1)
        m = (m + g) / 2
        s = (s * (t - 1) + (g - m) ** 2) / t
        x = min(edge, max(-edge, x - alpha * m / (t * s + alpha)))
        x, m, s = (v.limit_denominator(10**9) for v in (x, m, s))
        found.append(s)
    return found


def test_the_belief_stays_above_the_constant_that_the_box_certifies():
    assert min(_beliefs(Fraction(1, 6), 400)) >= Fraction(25, 144)


def test_on_a_wider_box_it_would_not():
    """Half of the way to a target: a gradient may be 1/2, and its distance from its mean 1/4."""
    m, s = Fraction(1, 2), []
    for t, g in enumerate((Fraction(1, 2), Fraction(-1, 2), Fraction(1, 2)), 1):
        m = g / 2 if t == 1 else (m + g) / 2
        s.append((g - m) ** 2)
    assert sum(s) / len(s) < Fraction(25, 144)


@pytest.mark.parametrize(("D1", "enough"), [(8, True), (7, False)])
def test_the_two_components_have_this_affine_variance_and_no_smaller_one(D1, enough):
    """(x + G/2)^2 + G^2/4 <= D1 (x/2)^2 + 3 G^2/4, with equality at x = G/2 for D1 = 8."""
    G = Fraction(1, 10)
    grid = [Fraction(i, 100) for i in range(-300, 301)]
    holds = [(x + G / 2) ** 2 + G**2 / 4 <= D1 * x**2 / 4 + 3 * G**2 / 4 for x in grid]
    assert all(holds) is enough
    assert epochs.reshuffled(sp.Integer(1))[1].values["D1"] == 8


def _epoch_gains(w: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    """(what f fell by, what the proof promises) in 200 epochs of RMSProp on random parabolas, v having settled."""
    n, eta = 4, 1e-4
    a, b = rng.uniform(0.2, 1.0, n), 0.3 * rng.normal(size=n)
    f = lambda x: float(np.mean(a * x**2 / 2 + b * x))  # noqa: E731
    x, v, L = 3.0, 0.0, a.max()
    for _ in range(int(40 / w / n)):
        for i in rng.permutation(n):
            v = (1 - w) * v + w * (a[i] * x + b[i]) ** 2
    found = []
    for _ in range(200):
        slopes, before = a * x + b, f(x)
        g, M = abs(slopes.mean()), math.sqrt(np.mean(slopes**2))
        c = math.sqrt(2) * L * eta / w**1.5
        for i in rng.permutation(n):
            slope = a[i] * x + b[i]
            v = (1 - w) * v + w * slope**2
            x -= eta * slope / math.sqrt(v)
        if g > 4 * c:
            promised = eta * n * (2 * g**2 / (3 * M) - 3 * n * w * g) - 9 / 4 * L * n**2 * eta**2
            found.append((before - f(x), promised))
    return found


def test_an_epoch_gains_what_the_proof_promises():
    gains = [pair for seed in range(20) for pair in _epoch_gains(0.05, np.random.default_rng(seed))]
    assert len(gains) > 2000
    assert sum(promised > 0 for _, promised in gains) > 500  # else nothing would be promised
    assert all(fell >= promised for fell, promised in gains)


def test_an_epoch_does_not_gain_twice_as_much():
    gains = _epoch_gains(0.01, np.random.default_rng(0))
    assert any(fell < 2 * promised for fell, promised in gains)


def test_the_method_waits_until_its_second_moment_has_settled():
    (p, _) = epochs.reshuffled(sp.Integer(1))
    run = lab.simulate(p.problem, p.optimizer, seeds=4, steps=epochs.WAIT, metrics=("iterate",), record=[epochs.WAIT])
    assert (run["iterate_median"].values == -1.0).all()
    assert (1 - 0.05) ** epochs.WAIT < 1e-15


@pytest.mark.parametrize("seen", [1, 2, 3])
def test_the_mean_of_one_over_the_root_is_that_of_all_outcomes(seen):
    """Against exact weights and squares, the roots alone being floats."""
    p, beta2 = Fraction(9, 20), Fraction(9, 10)
    total = 0.0
    for coins in product((9, 1), repeat=seen):
        v = sum((1 - beta2) * beta2 ** (seen - 1 - i) * g for i, g in enumerate(coins)) / (1 - beta2**seen)
        total += float(p ** coins.count(9) * (1 - p) ** coins.count(1)) / math.sqrt(v)
    assert zhou2019._factor(seen) == pytest.approx(total, rel=1e-14)


def test_the_effective_descent_weighs_squared_slopes_by_the_step_sizes():
    """On x^2/2 and 2 x^2 from (1, 1): sum over s of lr (0.9^(2s) + 16 * 0.6^(2s)); noise changes the steps only."""
    problem = lab.get_problem("noisy_quadratic", spectrum=(1.0, 4.0), sigma=0.0)
    sgd = lab.get_optimizer("sgd", lr=Constant(0.1))
    run = lab.simulate(
        problem,
        sgd,
        seeds=1,
        steps=20,
        start=(1.0, 1.0),
        metrics=("effective_descent", "effective_step_sq"),
        record=[20],
    )
    want = sum(0.1 * (0.9 ** (2 * s) + 16 * 0.6 ** (2 * s)) for s in range(20))
    assert run["effective_descent_median"].values[0, -1] == pytest.approx(want, rel=1e-12)
    assert run["effective_step_sq_median"].values[0, -1] == pytest.approx(0.1 * want, rel=1e-12)


def test_the_energy_of_the_moves_is_that_of_the_moments_where_nothing_is_cut():
    """AMSGrad, betas (1/2, 1/4), lr 3/sqrt(t), slopes 3, -1, -1: sum of m^2 lr_t / sqrt(vhat_t), by hand."""
    m = v = vhat = total = 0.0
    for t, g in enumerate((3.0, -1.0, -1.0, 3.0, -1.0), 1):
        m, v = 0.5 * m + 0.5 * g, 0.25 * v + 0.75 * g * g
        vhat = max(vhat, v)
        total += 3 * m * m / math.sqrt(t * vhat)
    method = lab.get_optimizer("amsgrad", lr=InvSqrt(3.0), betas=(0.5, 0.25), eps=0.0)
    runs = [
        lab.simulate(
            lab.get_problem("reddi_synthetic_online", C=3.0, low=-1.0, period=3, projected=projected),
            method,
            seeds=1,
            steps=5,
            metrics=("step_energy",),
            record=[5],
        )["step_energy_median"].values[0, -1]
        for projected in (False, True)
    ]
    assert runs[0] == pytest.approx(total, rel=1e-12)
    assert runs[1] < runs[0]  # the box cuts the first move


@pytest.mark.parametrize("metric", ["effective_descent", "step_energy"])
def test_both_engines_measure_the_same(metric):
    problem = lab.get_problem("noisy_quadratic", spectrum=(1.0, 4.0), sigma=0.5)
    adam = lab.get_optimizer("adam", lr=Constant(0.1))
    fused, reference = (
        lab.simulate(problem, adam, seeds=4, steps=50, metrics=(metric,), record=[50], engine=engine)
        for engine in ("fused", "reference")
    )
    name = f"{metric}_median"
    assert fused[name].values == pytest.approx(reference[name].values, rel=1e-12)

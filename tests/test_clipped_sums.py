"""The sum that the proofs on clipped gradients share: what it allows, and what it must refuse."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from lab.verdict import Outcome
from proofs_check import clipped_sums as sums
from proofs_check.claims import gorbunov2020_clipped, sadiev2023_clipped, sadiev2023_sstm
from proofs_check.clipped_sums import A, S, freedman, h

BETA = 0.2


@pytest.mark.parametrize(("says", "share"), [("the noise", "81/100"), ("and what they exceed it by", "15/100")])
def test_a_smaller_radius_is_not_what_freedman_gives(says, share):
    (step,) = (p for p in sums.PARTS if p.says.startswith(says))
    assert step.check().outcome is Outcome.PROVED
    assert replace(step, lhs=step.lhs * sp.Rational(share)).check().outcome is Outcome.REFUTED


def test_steps_a_sixth_longer_leave_the_ball():
    longer = sp.Rational(7, 66)
    where = (sums.IS_A, sp.Eq(h, longer / A), S <= A)
    noise = freedman("the noise", sp.Rational(36, 5) * longer, 12 * h**2 * S, 4 * sp.sqrt(2) * h, where=where)
    assert noise.check().outcome is Outcome.PROVED
    spent = 2 * sp.sqrt(2) * longer + sp.Rational(36, 5) * longer + 10 * longer**2
    assert 2 * sp.sqrt(2) * sums.STEP + sums.NOISE + 3 * sums.STEP**2 + sums.SQUARES < 1 < spent


def test_the_orders_are_those_of_the_printed_complexities():
    """K = max(L R^2/eps, (sigma R/eps)^(alpha/(alpha-1))) A steps leave a constant times eps."""
    L, R, sigma, alpha, eps = 2.0, 3.0, 0.7, 1.4, 1e-3
    certainty = 1 + math.log(2 / BETA)
    steps = max(L * R**2 / eps, (sigma * R / eps) ** (alpha / (alpha - 1))) * certainty
    names = {"L": L, "R": R, "sigma": sigma, "alpha": alpha, "beta": BETA, "T": steps}
    for claim, most in ((sadiev2023_clipped.CONVEX, 22 * 2**0.5 + 11), (sadiev2023_sstm.SSTM, 9604 + 22)):
        left = claim.bound.subs({s: names[s.name] for s in claim.bound.free_symbols}).evalf()
        assert eps < left < most * eps


def test_the_recalled_theorem_has_a_constant_that_is_larger():
    at = {"T": 1000, "beta": sp.Rational(1, 10), "L": 1, "R": 1}
    bound = gorbunov2020_clipped.CLIPPED_SGD.bound
    shown = bound.subs({s: at[s.name] for s in bound.free_symbols})
    assert 0 < shown < 80 * 7 * sp.log(4 * 1000 / sp.Rational(1, 10)) / 1000


def test_thresholds_that_shrink_too_fast_lose_their_balance():
    """With r^(t/2) for r^(t/2+1) the weight of the noise is 1/r, above what the sums allow."""
    r, p = sadiev2023_clipped.r, sadiev2023_clipped.p
    (balance,) = (s for s in sadiev2023_clipped.SHRINKING if s.says.startswith("the weights"))
    assert balance.check().outcome is Outcome.PROVED
    assert replace(balance, lhs=p * p / (p**2 * r)).check().outcome is Outcome.REFUTED


def test_the_failure_probability_is_below_beta_on_coins_counted_exactly():
    """x^2/2 with noise +-s, far above no threshold: the law of x after each step, on all 2^K paths at once."""
    K, R, s = 12, 1.0, 0.5
    certainty = 1 + math.log(2 / BETA)
    lam = 2 * 2**0.5 * R + s * (K / certainty) ** 0.5
    gamma = R / (11 * certainty * lam)
    signs = 2.0 * ((np.arange(2**K)[:, None] >> np.arange(K)) & 1) - 1
    x, worst, total = np.full(2**K, R), np.full(2**K, R), np.zeros(2**K)
    for t in range(K):
        total += x
        x = x - gamma * np.clip(x + s * signs[:, t], -lam, lam)
        worst = np.maximum(worst, np.abs(x))
    assert np.mean(worst**2 > 2 * R**2) <= BETA
    assert np.mean((total / K) ** 2 / 2 > 11 * R * certainty * lam / K) <= BETA

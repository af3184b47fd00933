"""Heavy-tail rates, for moments of order 1.2 to 2: the ceiling of clipped SGD holds, the floor is kept and attained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from lab.discovery import get_claim
from lab.predictions import check_family, check_prediction
from lab.verdict import Outcome
from problems.rare_spikes import HeavyMean
from proofs_check.instances import zhang2020heavy as runs

pytestmark = pytest.mark.usefixtures("kernels_for_many_steps")

T, alpha = (sp.Symbol(name, positive=True) for name in ("T", "alpha"))
CEILING, FLOOR = get_claim("zhang2020heavy.thm_sc_upper"), get_claim("zhang2020heavy.lb_sc")
FIXED = dict(zip(runs.ALPHAS, CEILING.experiments, strict=False))
FAMILIES = dict(zip(runs.ALPHAS, FLOOR.attained, strict=True))


@pytest.mark.parametrize("order", runs.ALPHAS)
def test_the_noise_has_the_moment_that_the_theorem_asks_for_and_hardly_any_more(order):
    problem = FIXED[order].problem
    assert order < problem.tail_index <= max(order + 0.1, 2.5)
    assert np.isfinite(problem.noise.variance) == (order == 2)


@pytest.mark.parametrize("order", [1.5, 1.8])
def test_clipped_sgd_is_below_its_ceiling_at_every_horizon(order):
    p = replace(FIXED[order], at=(10, 32, 100, 316, 1000))
    finding = check_prediction(CEILING, p)
    assert finding.outcome is Outcome.HOLDS, finding.reason
    assert all(high <= ceiling for _, _, high, ceiling, _ in finding.curve)


@pytest.mark.slow
@pytest.mark.parametrize("order", runs.ALPHAS)
def test_clipped_sgd_is_below_its_ceiling_up_to_ten_thousand_steps_and_more(order):
    finding = check_prediction(CEILING, FIXED[order])
    assert finding.outcome is Outcome.HOLDS, finding.reason
    assert finding.curve[-1][0] >= 1e4
    assert finding.curve[-1][3] < 0.5  # the ceiling says more than the domain does


def test_a_ceiling_of_the_wrong_order_is_not_shown():
    wrong = sp.Symbol("G", positive=True) ** 2 * T ** (-2 * (alpha - 1) / alpha - sp.Rational(1, 2))
    p = replace(FIXED[1.8], bound=wrong, at=(100, 1000, 3162))
    assert check_prediction(CEILING, p).outcome is not Outcome.HOLDS


def test_a_tail_index_that_is_not_above_the_order_is_no_instance():
    heavier = replace(FIXED[1.5], values={**FIXED[1.5].values, "alpha": 1.6})
    finding = check_prediction(CEILING, heavier)
    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert "moment of order 1.6" in finding.reason


def test_every_method_meets_both_horizons_of_every_order():
    asked = {(p.problem.alpha, p.problem.k, type(p.optimizer).__name__) for p in FLOOR.experiments}
    assert len(asked) == len(runs.ALPHAS) * 2 * (len(runs.METHODS) + 1)


@pytest.mark.parametrize("order", runs.ALPHAS)
def test_the_best_method_keeps_within_twice_the_rate_over_two_decades(order):
    finding = check_family(FLOOR, FAMILIES[order])
    assert finding.outcome is Outcome.HOLDS, finding.reason
    t, low, high = np.array(finding.curve).T[:3]
    assert t[-1] / t[0] >= 99.9
    ratio = (low + high) / 2 / t ** (-2 * (order - 1) / order)
    assert np.all((ratio / ratio[-1] > 1 / 2) & (ratio / ratio[-1] < 2))
    assert finding.slope[0] <= -2 * (order - 1) / order <= finding.slope[1]


@pytest.mark.parametrize("order", runs.ALPHAS)
def test_the_halved_mean_errs_by_five_times_the_floor(order):
    """b^2 (1 - 1/(2k))/4 with b = k^(1/alpha - 1)/2, where the projection is never met; the floor is b^2/20."""
    curve = check_family(FLOOR, FAMILIES[order]).curve
    for k, low, high, *_ in curve[-2:]:
        exact = HeavyMean(alpha=order, k=int(k)).mean() ** 2 * (1 - 0.5 / k) / 4
        assert low <= exact <= high


@pytest.mark.parametrize("shift", [sp.Rational(-1, 2), sp.Rational(1, 2)])
def test_a_rate_whose_exponent_is_off_by_a_half_is_refused(shift):
    wrong = replace(FAMILIES[1.8], rate=FAMILIES[1.8].rate * T**shift)
    assert check_family(FLOOR, wrong).outcome is Outcome.VIOLATED

"""What the seeds of a run may decide: probabilities, moments, growing samples, rates, and many runs at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from scipy import stats

from lab import statistics
from lab.assumed import unmet
from lab.claim import (
    GRADIENT,
    OBJECTIVE,
    PURE,
    Claim,
    Family,
    Kind,
    Moment,
    Nonnegative,
    Prediction,
    Quantity,
    Units,
    Variance,
)
from lab.judge import denies, judge, p_value
from lab.observe import Observed, Sampled
from lab.optimizers.sgd import SGD
from lab.predictions import check_family, check_prediction
from lab.schedules import Constant, Inverse
from lab.statistics import Look
from lab.verdict import Finding, Outcome
from lab.verify import corrected, run
from problems.quadratic import NoisyQuadratic, SkewedParetoQuadratic
from problems.rare_spikes import HeavyMean

T = sp.Symbol("T", positive=True)
LR, SIGMA = 0.5, 0.5
PROBLEM = NoisyQuadratic(spectrum=(1.0,), sigma=SIGMA, radius=0.0)
V = (SIGMA * LR) ** 2 / (1 - (1 - LR) ** 2)  # the variance of the stationary, exactly normal x
MEDIAN = float(V * stats.chi2(1).median())


def claim(kind=Kind.UPPER, bound=sp.Integer(1), **changes):
    base = {
        "id": "test.claim", "says": "a claim", "source": "this test", "kind": kind, "metric": "distance_sq",
        "metric_units": OBJECTIVE, "symbols": (), "assumptions": (), "bound": bound,
    }  # fmt: skip
    return Claim(**(base | changes))


def settled(**changes):
    """E x^2, the median of x^2, ... of SGD that has forgotten its start."""
    base = {
        "says": "x^2 at rest", "problem": PROBLEM, "optimizer": SGD(lr=Constant(LR)), "at": (40,), "seeds": 8192,
        "values": {}, "bound": sp.Float(V),
    }  # fmt: skip
    return Prediction(**(base | changes))


def exactly_normal(t):
    return 2 * V**2


# ------------------------------------------------------------------------------------------------- probabilities


@pytest.mark.parametrize(
    ("relation", "factor", "outcome"),
    [
        ("<=", 1.2, Outcome.HOLDS),
        ("<=", 0.8, Outcome.VIOLATED),
        (">=", 0.8, Outcome.HOLDS),
        (">=", 1.2, Outcome.VIOLATED),
    ],
)
def test_a_median_is_judged_with_nothing_certified(relation, factor, outcome):
    p = settled(probability=0.5, relation=relation, bound=sp.Float(factor * MEDIAN))
    assert check_prediction(claim(), p).outcome is outcome


def test_a_median_at_its_bound_stays_undecided():
    assert check_prediction(claim(), settled(probability=0.5, bound=sp.Float(MEDIAN))).outcome is Outcome.UNDECIDED


def test_a_probability_is_bracketed_by_exact_limits():
    q = 0.01
    far = float(V * stats.chi2(1).isf(q))
    finding = check_prediction(claim(), settled(probability=2 * q, bound=sp.Float(far), seeds=20_000))
    assert finding.outcome is Outcome.HOLDS
    assert finding.interval[0] <= q <= finding.interval[1]
    assert finding.predicted == "P(> bound) <= 0.02"


# ----------------------------------------------------------------------------------------------------- means


def test_a_moment_lets_a_mean_be_shown_by_median_of_means():
    order = 1.5  # E|Y - theta|^1.5 <= (E|Y - theta|^2)^0.75, for any law
    known = Moment(order, lambda t: (2 * V**2) ** (order / 2), "Jensen")
    p = settled(certified=known, bound=sp.Float(2.0 * V), seeds=1 << 19)
    finding = check_prediction(claim(), p)
    assert finding.outcome is Outcome.HOLDS
    assert "median of means" in finding.reason
    assert finding.interval[0] <= V <= finding.interval[1]


def test_what_is_never_negative_confirms_a_lower_bound_and_never_an_upper_one():
    known = Nonnegative(lambda t: 20 * V, "a square")
    assert (
        check_prediction(claim(), settled(certified=known, relation=">=", bound=sp.Float(0.8 * V))).outcome
        is Outcome.HOLDS
    )
    assert check_prediction(claim(), settled(certified=known, bound=sp.Float(0.8 * V))).outcome is Outcome.VIOLATED
    loose = check_prediction(claim(), settled(certified=known, bound=sp.Float(100 * V)))
    assert loose.outcome is Outcome.UNDECIDED
    assert "times smaller would be contradicted" in loose.reason


# ---------------------------------------------------------------------------------------------- growing samples


def test_seeds_are_doubled_until_the_prediction_is_decided():
    known = Variance(exactly_normal, "normal")
    p = settled(certified=known, bound=sp.Float(1.05 * V), seeds=1024, budget=1 << 17)
    finding = check_prediction(claim(), p)
    assert finding.outcome is Outcome.HOLDS
    assert 1024 < finding.seeds < 1 << 17
    look = int(np.log2(finding.seeds // 1024)) + 1
    assert finding.confidence == 1 - statistics.looks(p.level, look)


def test_a_budget_that_ends_leaves_it_undecided():
    known = Variance(exactly_normal, "normal")
    finding = check_prediction(claim(), settled(certified=known, bound=sp.Float(1.001 * V), seeds=1024, budget=4096))
    assert finding.outcome is Outcome.UNDECIDED
    assert finding.seeds == 4096


# ------------------------------------------------------------------------------------------------------- rates

STEPS = (10, 32, 100, 316, 1000)


def falling(**changes):
    """E x^2 = sigma^2 / t exactly: SGD with step 1/t averages its noise."""
    exact = NoisyQuadratic(spectrum=(1.0,), sigma=SIGMA, radius=1.0)
    known = Variance(lambda t: 2 * (SIGMA**2 / t) ** 2, "normal")
    p = settled(problem=exact, optimizer=SGD(lr=Inverse(1.0)), at=STEPS, seeds=20_000, certified=known)
    base = {
        "says": "E x^2 falls like 1/T",
        "members": (p,),
        "rate": 1 / T,
        "neighbour": T ** sp.Rational(-3, 4),
        "rho": 1.5,
    }
    return Family(**(base | changes))


def test_an_attained_rate_holds_with_its_slope():
    finding = check_family(claim(), falling())
    assert finding.outcome is Outcome.HOLDS, finding.reason
    assert finding.slope[0] <= -1 <= finding.slope[1]
    assert finding.claimed == pytest.approx(-1)


def test_a_rate_with_its_exponent_off_by_a_half_is_refused():
    assert check_family(claim(), falling(rate=1 / sp.sqrt(T))).outcome is Outcome.VIOLATED
    assert check_family(claim(), falling(rate=T ** sp.Rational(-3, 2))).outcome is Outcome.VIOLATED


def test_a_neighbour_that_is_not_told_apart_leaves_the_rate_undecided():
    near = T ** sp.Rational(-999, 1000)
    assert check_family(claim(), falling(neighbour=near)).outcome is Outcome.UNDECIDED


# -------------------------------------------------------------------------------------------- many runs at once


def stochastic(p, outcome=Outcome.VIOLATED):
    return Finding(
        check="experiment", subject="s", outcome=outcome, reason="r", seeds=100, confidence=0.999, p_value=p,
    )  # fmt: skip


def test_a_contradiction_that_holm_does_not_keep_is_undecided():
    alone = corrected({"a": (stochastic(5e-4),)})
    assert alone["a"][0].outcome is Outcome.VIOLATED
    calm = tuple(stochastic(None, Outcome.HOLDS) for _ in range(9))
    among = corrected({"a": (stochastic(5e-4),), "b": calm})
    assert among["a"][0].outcome is Outcome.UNDECIDED
    assert "over 10 runs" in among["a"][0].reason
    assert among["b"] == calm
    assert corrected({"a": (stochastic(5e-5),), "b": calm})["a"][0].outcome is Outcome.VIOLATED


def test_an_exact_refutation_needs_no_correction():
    exact = Finding(check="experiment", subject="s", outcome=Outcome.REFUTED, reason="r", seeds=1, confidence=1.0)
    assert corrected({"a": (exact,)})["a"] == (exact,)


def test_a_violation_carries_the_p_value_of_two_independent_runs():
    known = Variance(exactly_normal, "normal")
    finding = check_prediction(claim(), settled(certified=known, bound=sp.Float(0.9 * V), seeds=20_000))
    assert finding.outcome is Outcome.VIOLATED
    assert 0 < finding.p_value < finding.confidence
    assert finding.p_value <= 1e-6


def test_findings_of_experiments_are_remembered(tmp_path, monkeypatch):
    name = "zinkevich2003.ogd_decreasing"
    first = run([name], store=tmp_path)
    assert all(f.curve for f in first[name] if f.check != "scaling")
    monkeypatch.setattr("lab.predictions.check_prediction", lambda *_: pytest.fail("ran again"))
    assert run([name], store=tmp_path) == first


# ------------------------------------------------------------------------------------------------- assumptions


def test_a_theorem_given_a_smaller_constant_than_the_problem_has_does_not_apply():
    p = settled(values={"L": 1.0, "mu": 1.0})
    assert unmet(claim(), p) == ""
    assert "L >= 1" in unmet(claim(), replace(p, values={"L": 0.9}))
    assert "mu <= 1" in unmet(claim(), replace(p, values={"mu": 1.1}))
    assert unmet(claim(), replace(p, values={"L": 3.0, "mu": 0.2})) == ""  # what holds with room to spare still holds


def test_a_moment_must_be_finite_at_the_law_s_tail_index():
    order = sp.Symbol("alpha", positive=True)
    of_order = claim(
        symbols=(
            Quantity(order, sp.Interval.Lopen(1, 2), PURE, "order of the moment"),
            Quantity(sp.Symbol("G", positive=True), sp.Interval.open(0, sp.oo), GRADIENT, "its bound"),
        )
    )
    p = settled(problem=SkewedParetoQuadratic(tail=1.6), values={"alpha": 1.5, "G": 9.0})
    assert unmet(of_order, p) == ""
    assert "order 1.6, infinite" in unmet(of_order, replace(p, values={"alpha": 1.6, "G": 9.0}))


def test_a_variance_is_not_known_where_only_a_lower_moment_is():
    p = settled(problem=SkewedParetoQuadratic(tail=1.6), values={"sigma": 100.0})
    assert "a variance" in unmet(claim(), p)


def test_the_bound_on_a_moment_is_not_the_largest_gradient():
    rare = HeavyMean(alpha=1.5, k=1000)  # E|g|^1.5 <= 1, and gradients of size 50
    order = Quantity(sp.Symbol("alpha", positive=True), sp.Interval.Lopen(1, 2), PURE, "order of the moment")
    bound = Quantity(sp.Symbol("G", positive=True), sp.Interval.open(0, sp.oo), GRADIENT, "its bound")
    p = settled(problem=rare, values={"alpha": 1.5, "G": 1.0})
    assert unmet(claim(symbols=(order, bound)), p) == ""
    assert "G >= 50" in unmet(claim(symbols=(bound,)), replace(p, values={"G": 1.0}))


def test_a_symbol_of_other_units_is_another_quantity():
    curvature, number = (
        Quantity(sp.Symbol("mu", positive=True), sp.Interval.open(0, sp.oo), units, "mu")
        for units in (Units(F=1, X=-2), PURE)
    )
    p = settled(values={"mu": 1.1})
    assert "mu <= 1" in unmet(claim(symbols=(curvature,)), p)
    assert unmet(claim(symbols=(number,)), p) == ""


# ------------------------------------------------------------------------------------------ calibration and power

REPLICATIONS, LEVEL = 200, 0.05


@pytest.fixture(scope="module")
def replications():
    """The same exactly known experiment, under 200 keys."""
    known = Variance(exactly_normal, "normal")
    p = settled(certified=known, level=LEVEL, relation="<=", seeds=8192)
    return [Sampled.run(claim(), replace(p, key=k), Look(p.seeds, LEVEL), None) for k in range(REPLICATIONS)]


def test_false_alarms_are_as_rare_as_their_level(replications):
    alarms = sum(
        judge(claim(), s.prediction, "experiment", s.observed()).outcome is Outcome.VIOLATED for s in replications
    )
    assert statistics.clopper_pearson(alarms, REPLICATIONS, 2e-3).low <= LEVEL
    few = replications[:40]
    small = sum(p_value(s) <= LEVEL for s in few)
    assert statistics.clopper_pearson(small, len(few), 2e-3).low <= LEVEL


def test_a_tight_bound_ten_percent_too_small_is_caught(replications):
    caught = 0
    for s in replications:
        seen: Observed = s.observed()
        caught += any(denies("<=", e, (0.9 * V, 0.9 * V)) for e in seen.at_once)
    assert caught >= 0.95 * REPLICATIONS

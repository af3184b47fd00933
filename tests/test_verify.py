"""What a run may say: each outcome where it is due, and never a better one."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp
from written_claims import T, claim, descent

import lab
from lab.assumed import unmet
from lab.claim import PURE, Kind, Prediction, Quantity, Range, Variance
from lab.judge import judge
from lab.observe import Observed
from lab.optimizers.adam import Adam
from lab.optimizers.sgd import SGD
from lab.predictions import check_broken, check_prediction
from lab.schedules import Constant, InvSqrt
from lab.verdict import Finding, Outcome, Verdict
from problems.quadratic import NoisyQuadratic
from problems.reddi import ReddiStochastic

BOX = Range(lambda t: -1.0, lambda t: 1.0, "the box")


def walk(**changes):
    base = {
        "says": "mean of x", "problem": ReddiStochastic(C=28.0, delta=0.5), "optimizer": SGD(lr=InvSqrt(2 / 28)),
        "at": (200,), "values": {}, "seeds": 2048, "certified": BOX, "metric": "iterate", "relation": "<=",
        "bound": sp.Integer(0),
    }  # fmt: skip
    return Prediction(**(base | changes))


def test_a_bound_that_holds_at_every_step_of_an_exact_run_holds():
    finding = check_prediction(claim(), descent())
    assert finding.outcome is Outcome.HOLDS
    assert finding.confidence == 1.0
    assert finding.tightness == pytest.approx(2 / 3)
    assert "interval arithmetic" in finding.reason


def test_a_bound_that_one_exact_step_exceeds_is_refuted():
    tight = claim(bound=sp.Rational(9, 10) * sp.Rational(2, 3) * 9 * sp.sqrt(T))  # a tenth below what round 1 costs
    finding = check_prediction(tight, descent())
    assert finding.outcome is Outcome.REFUTED
    assert finding.step == 1
    assert finding.failed


def test_a_method_that_breaks_the_bound_is_violated_as_it_must_be():
    adam = Adam(lr=InvSqrt(0.5), betas=(0.0, 0.1), eps=0.0, debias=False)
    finding = check_broken(claim(), descent(optimizer=adam, at=(600,)))
    assert finding.outcome is Outcome.VIOLATED
    assert not finding.failed
    assert check_broken(claim(), descent()).failed  # a control that breaks nothing is a failure


def test_a_certified_range_lets_a_mean_be_shown():
    finding = check_prediction(claim(), walk())
    assert finding.outcome is Outcome.HOLDS
    assert finding.interval[1] <= 0
    assert finding.confidence == 1 - 1e-3


def test_without_a_certificate_nothing_is_said_of_a_mean():
    finding = check_prediction(claim(), walk(certified=None))
    assert finding.outcome is Outcome.UNDECIDED
    assert not finding.failed


def test_too_few_seeds_are_undecided_never_success():
    assert check_prediction(claim(), walk(seeds=8)).outcome is Outcome.UNDECIDED


def test_a_statistical_violation_is_repeated_with_a_fresh_key():
    finding = check_prediction(claim(), walk(relation=">="))
    assert finding.outcome is Outcome.VIOLATED
    assert "fresh key" in finding.reason


def test_a_change_is_judged_from_its_two_ends():
    falls = check_prediction(claim(), walk(at=(400,), since=20, seeds=8192))
    assert falls.outcome is Outcome.HOLDS
    assert "since t = 20" in falls.predicted


def quadratic_prediction(**changes):
    problem = NoisyQuadratic(spectrum=(1.0,), sigma=0.5, radius=0.0)
    variance = problem.sgd_law(Constant(0.5), 30)[1][:, 0]
    base = {
        "says": "E x^2", "problem": problem, "optimizer": SGD(lr=Constant(0.5)), "at": (10, 30), "seeds": 20_000,
        "values": {}, "metric": "distance_sq", "relation": "==", "bound": sp.Float(variance[30]),
        "certified": Variance(lambda t: float(2 * variance[int(t)] ** 2), "normal"), "tolerance": 0.1,
    }  # fmt: skip
    return Prediction(**(base | changes)), float(variance[30])


def test_an_exact_mean_holds_within_its_tolerance():
    prediction, _ = quadratic_prediction()
    assert check_prediction(claim(kind=Kind.EXACT), prediction).outcome is Outcome.HOLDS


def test_an_exact_mean_made_ten_percent_too_small_is_caught():
    prediction, exact = quadratic_prediction()
    wrong = replace(prediction, bound=sp.Float(0.9 * exact))
    assert check_prediction(claim(kind=Kind.EXACT), wrong).outcome is Outcome.VIOLATED


def test_a_false_certificate_is_refused():
    with pytest.raises(lab.LabError, match="certif"):
        check_prediction(claim(), walk(certified=Range(lambda t: -0.1, lambda t: 0.1, "wrong")))


class Noiseless(NoisyQuadratic):
    name = "noiseless"
    n_draws = 0

    def oracle(self, x, t, draws):
        return self.grad(x)


def test_a_vector_metric_is_refused_where_it_would_have_to_choose_a_coordinate():
    exact = descent(problem=Noiseless(spectrum=(1.0, 2.0)), metric="iterate", bound=sp.Integer(9))
    noisy = replace(exact, problem=NoisyQuadratic(spectrum=(1.0, 2.0)), seeds=8, certified=BOX)
    for prediction in (exact, noisy):
        with pytest.raises(lab.LabError, match="a scalar metric where d > 1"):
            check_prediction(claim(), prediction)


def test_an_assumption_that_the_numbers_contradict_is_not_applicable():
    eta = sp.Symbol("eta", positive=True)
    needs = claim(assumptions=(eta < 1, sp.Eq(sp.Mod(T, 3), 0)))
    good = descent(at=(3, 6), values={"D": 2.0, "G": 3.0, "eta": 0.5})
    assert unmet(needs, good) == ""
    assert check_prediction(needs, good).outcome is Outcome.HOLDS
    large = replace(good, values=good.values | {"eta": 2.0})
    assert check_prediction(needs, large).outcome is Outcome.NOT_APPLICABLE
    assert "Mod(T, 3)" in unmet(needs, replace(good, at=(3, 4)))


def test_an_assumed_equation_allows_rounding_and_no_more():
    b, C = sp.symbols("b C", positive=True)
    needs = claim(assumptions=(sp.Eq(b, 1 / (1 + C**2)),))
    exact = {"D": 2.0, "G": 3.0, "C": 7.3, "b": 1 / (1 + 7.3**2)}
    assert unmet(needs, descent(values=exact)) == ""
    assert unmet(needs, descent(values=exact | {"b": exact["b"] * (1 + 1e-9)})) != ""


def test_a_unit_quantity_counts_as_one():
    s = sp.Symbol("s", positive=True)
    unit = Quantity(s, sp.Interval.open(0, sp.oo), PURE, "unit", unit_value=True)
    assert check_prediction(claim(bound=9 * s * sp.sqrt(T), symbols=(unit,)), descent()).outcome is Outcome.HOLDS


def test_a_path_dependent_symbol_is_read_from_the_run():
    S = sp.Symbol("S_g", positive=True)
    prediction = descent(values={"S_g": "grad_path_norm"})
    assert check_prediction(claim(bound=3 * S), prediction).outcome is Outcome.HOLDS
    assert check_prediction(claim(bound=S / 100), prediction).outcome is Outcome.REFUTED


def test_a_comparison_decides_by_the_limits_that_it_may_use():
    prediction = descent(at=(1, 2))
    wide, narrow = (-1.0, 3.0), (0.0, 1.0)
    bound = ((2.0, 2.0), (2.0, 2.0))
    shown = judge(claim(), prediction, "experiment", Observed((wide, wide), (narrow, narrow), bound, "m", 0.99, 9))
    assert shown.outcome is Outcome.HOLDS
    open_ = judge(claim(), prediction, "experiment", Observed((wide, wide), (narrow, wide), bound, "m", 0.99, 9))
    assert open_.outcome is Outcome.UNDECIDED
    beyond = ((2.5, 3.0), wide)
    denied = judge(claim(), prediction, "experiment", Observed(beyond, beyond, bound, "m", 0.99, 9))
    assert denied.outcome is Outcome.VIOLATED


def test_a_verdict_is_as_good_as_its_weakest_finding():
    def found(outcome, check="step"):
        return Finding(check=check, subject="s", outcome=outcome, reason="r")

    def verdict(*findings):
        return Verdict(claim="c", says="s", source="p", findings=findings)

    assert verdict(found(Outcome.PROVED)).outcome is Outcome.PROVED
    assert verdict(found(Outcome.PROVED), found(Outcome.HOLDS, "experiment")).outcome is Outcome.HOLDS
    assert verdict(found(Outcome.PROVED), found(Outcome.UNDECIDED)).outcome is Outcome.UNDECIDED
    assert verdict(found(Outcome.PROVED), found(Outcome.REFUTED)).failed
    assert verdict().outcome is Outcome.UNDECIDED

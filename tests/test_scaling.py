"""A run in other units of the objective and of length is the same run; what has no units, or wrong ones, is found."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
import sympy as sp
import torch
import written_claims
from written_claims import D, G, descent

import lab
from lab.claim import Prediction, Quantity, Range
from lab.cli.verdicts import print_verdicts
from lab.discovery import claims, get_claim
from lab.errors import LabError
from lab.metrics import METRICS, get_metric
from lab.optimizers.adabelief import AdaBelief
from lab.optimizers.adam import Adam
from lab.optimizers.momentum import Momentum
from lab.optimizers.sgd import SGD
from lab.predictions import check_prediction
from lab.report.claims import ClaimPage
from lab.rescaled import NoUnits, leaf_units, problem_scales, scaled, scaled_prediction
from lab.scaling import check_run_scales, check_scaling, compare, run
from lab.schedules import Bottou, Cosine, InvSqrt, Schedule, Warmup
from lab.transforms import ClipCoordinates, CoupledDecay, DecoupledDecay, Normalise
from lab.units import CURVATURE, GRADIENT, LENGTH, OBJECTIVE, PER_LENGTH, PURE, STEP_SIZE, Units
from lab.verdict import Outcome, Verdict
from lab.verify import kept, run as run_claims
from lab.wrappers import Scale
from problems.quadratic import NoisyQuadratic
from problems.reddi import ReddiStochastic
from problems.spectra import DiagonalQuadratic

F_, X_ = 2.0**-5, 2.0**9
QUADRATIC = NoisyQuadratic(spectrum=(1.0, 3.0), sigma=0.5)
L = sp.Symbol("L", positive=True)
ANY = sp.Interval.open(0, sp.oo)


# ----------------------------------------------------------------------------------------------------- equal paths


def last(problem, optimizer, **asked):
    asked = {"seeds": 4, "steps": 50, "keep_seeds": True, "engine": "reference"} | asked
    return lab.simulate(problem, optimizer, **asked)


METHODS = {
    "sgd": SGD(lr=InvSqrt(0.1)),
    "heavy ball": Momentum(lr=0.1, momentum=0.8),
    "adam": Adam(lr=0.1, eps=0.3),
    "clipped": lab.get_optimizer("gclip", lr=0.1, max_norm=0.7),
    "signs": lab.get_optimizer("signsgd", lr=0.1),
    "decayed": DecoupledDecay(inner=Adam(lr=0.1, eps=0.1), weight_decay=0.2),
    "coupled": CoupledDecay(inner=SGD(lr=0.1), weight_decay=0.2),
    "normalised": Normalise(inner=Momentum(lr=0.1, momentum=0.8)),
    "clipped by coordinate": ClipCoordinates(inner=SGD(lr=0.1), bounds=(0.5, 0.1)),
}


@pytest.mark.parametrize("name", METHODS)
def test_a_scaled_method_takes_the_scaled_path_to_the_bit(name):
    x = last(QUADRATIC, METHODS[name])["x_final"].values
    other = last(scaled(QUADRATIC, F_, X_), scaled(METHODS[name], F_, X_))["x_final"].values
    assert np.array_equal(other, X_ * x)
    assert not np.array_equal(last(scaled(QUADRATIC, F_, X_), METHODS[name])["x_final"].values, X_ * x)


def test_a_scaled_problem_is_the_wrapper():
    made = scaled(QUADRATIC, f=2.0, x=0.5)
    assert made == Scale(inner=QUADRATIC, f=2.0, by=0.5)
    assert made.constants["L"].value == 8 * QUADRATIC.constants["L"].value


def applies(metric, problem):
    try:
        metric.check(problem)
    except LabError:
        return False
    return True


def test_every_metric_has_the_units_that_it_declares():
    """No two of the units that occur have the same factor."""
    line, adam = NoisyQuadratic(spectrum=(2.0,), sigma=0.5), Adam(lr=0.1, eps=0.1)
    names = [name for name, metric in METRICS.items() if applies(metric, line)]
    assert len(names) >= 19
    asked = {"metrics": names, "seeds": 1, "record": 10}
    one, other = last(line, adam, **asked), last(scaled(line, F_, X_), scaled(adam, F_, X_), **asked)
    for name in names:
        before, after = (run_[f"{name}_median"].values for run_ in (one, other))
        assert np.array_equal(after, get_metric(name).units.factor(F_, X_) * before, equal_nan=True), name
        assert np.any(before != 0), name


def test_a_factor_is_the_product_of_powers():
    assert Units(F=2, X=-2).factor(3.0, 2.0) == 2.25
    assert [u.factor(4.0, 2.0) for u in (PURE, OBJECTIVE, LENGTH, GRADIENT, CURVATURE)] == [1, 4, 2, 2, 1]


def test_lr_has_the_units_that_the_degree_gives_it():
    assert SGD().lr_units == STEP_SIZE
    assert Adam().lr_units == LENGTH
    assert lab.get_optimizer("sc_adagrad").lr_units == OBJECTIVE
    assert Normalise(inner=SGD()).lr_units == LENGTH
    assert leaf_units(SGD(lr=Warmup(Cosine(0.1, 10.0, 0.01), 3.0)), "lr.after.floor") == STEP_SIZE
    assert leaf_units(SGD(lr=Bottou(0.1, 0.5)), "lr.decay") == CURVATURE
    assert leaf_units(DecoupledDecay(inner=Adam()), "weight_decay") == PER_LENGTH
    assert leaf_units(CoupledDecay(inner=Adam()), "inner.eps") == GRADIENT


def test_a_number_in_two_units_cannot_follow():
    with pytest.raises(NoUnits, match="eps of adabelief has no units"):
        scaled(AdaBelief(eps=1e-8), 2.0, 2.0)
    assert scaled(Adam(lr=0.5, eps=0.0), 2.0, 4.0).lr.lr == 2.0
    with pytest.raises(LabError, match="takes a Problem or an Optimizer"):
        scaled(3.0, 2.0, 2.0)


# ------------------------------------------------------------------------------------------------------ the check


def claim(units=(LENGTH, GRADIENT), **changes):
    """The written claim with its symbols, which have units here."""
    symbols = (Quantity(D, ANY, units[0], "diameter"), Quantity(G, ANY, units[1], "bound on gradients"))
    return written_claims.claim(**({"symbols": symbols} | changes))


def only(found):
    (finding,) = found
    assert finding.check == "scaling"
    return finding


def checked(prediction, **changes):
    return only(check_scaling(claim(experiments=(prediction,), **changes)))


def test_a_sound_claim_scales_to_the_bit():
    finding = checked(descent())
    assert finding.outcome is Outcome.HOLDS
    assert not finding.failed
    assert "x scales as a length and regret as F, to the bit" in finding.reason


def test_a_claim_without_experiments_has_nothing_to_scale():
    assert check_scaling(claim()) == ()


class LengthForAStep(SGD):
    """Gradient descent that says that lr is a length."""

    homogeneity = 0


def test_a_method_with_wrong_units_of_lr_is_refused_with_numbers():
    finding = checked(descent(optimizer=LengthForAStep(lr=InvSqrt(2 / 3))))
    assert finding.failed
    assert finding.outcome is Outcome.REFUTED
    assert "the optimizer sgd does not scale: x is off by" in finding.reason
    assert "where the objective is multiplied by 4096" in finding.reason


class Undeclared(Adam):
    """Adam that does not say what eps is compared with."""

    units: ClassVar = {}


def test_a_number_without_declared_units_decides_nothing_and_is_named():
    finding = checked(descent(optimizer=Undeclared(lr=InvSqrt(0.5), eps=0.5)))
    assert finding.outcome is Outcome.UNDECIDED
    assert "eps of adam: no units are declared; x is off" in finding.reason
    assert checked(descent(optimizer=Undeclared(lr=InvSqrt(0.5), eps=0.0))).outcome is Outcome.HOLDS
    assert checked(descent(optimizer=Adam(lr=InvSqrt(0.5), eps=0.5))).outcome is Outcome.HOLDS


def test_a_number_in_two_units_is_not_applicable_and_another_run_is_tried():
    belief = descent(optimizer=AdaBelief(eps=0.1))
    finding = checked(belief)
    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert "eps of adabelief" in finding.reason
    assert only(check_scaling(claim(experiments=(belief, descent())))).outcome is Outcome.HOLDS


def test_a_bound_with_wrong_units_is_refused_with_numbers():
    finding = checked(descent(), units=(LENGTH, LENGTH))
    assert finding.outcome is Outcome.REFUTED
    assert "the bound does not scale: at t = 1 it is 9 and not 36864" in finding.reason


def test_a_bare_number_for_a_length_is_refused_and_a_quantity_that_is_1_is_not():
    edge = {"metric": "iterate", "relation": "<=", "values": {}}
    finding = checked(descent(bound=sp.Rational(9, 8), **edge))
    assert "the bound does not scale: at t = 1 it is 1.125 and not 0.000274658" in finding.reason
    half = Quantity(sp.Symbol("r", positive=True), ANY, LENGTH, "half the box", unit_value=True)
    good = checked(descent(bound=half.symbol, **edge), symbols=(half,))
    assert good.outcome is Outcome.HOLDS


def test_a_claim_that_misnames_the_units_of_its_metric_is_refused():
    finding = checked(descent(), metric_units=LENGTH)
    assert "the claim's metric does not scale: it is said to have units X, and regret has F" in finding.reason


def test_an_assumption_with_a_symbol_that_has_no_units_is_refused():
    a = sp.Symbol("alpha", positive=True)
    smooth, step = Quantity(L, ANY, CURVATURE, "smoothness"), Quantity(a, ANY, STEP_SIZE, "step")
    p = descent(
        problem=DiagonalQuadratic(), metric="suboptimality", values={"L": 1.0, "alpha": 0.5}, bound=sp.Integer(0)
    )
    finding = checked(p, symbols=(smooth,), assumptions=(a * L <= 1,))
    assert finding.outcome is Outcome.REFUTED
    assert "an assumption does not scale: it needs L*alpha <= 1, where the objective" in finding.reason
    assert checked(p, symbols=(smooth, step), assumptions=(a * L <= 1,)).outcome is Outcome.HOLDS


def test_a_metric_that_stays_0_shows_nothing():
    finding = checked(descent(problem=DiagonalQuadratic(d=2), start=(0.0, 0.0), values={}, metric="distance_sq",
                              bound=sp.Integer(0)))  # fmt: skip
    assert finding.outcome is Outcome.UNDECIDED
    assert "distance_sq is 0, or no number" in finding.reason


@dataclass(frozen=True, kw_only=True)
class KeepsACorner(Scale):
    """Scales all but a slope that it cuts at 1, a number of its own."""

    name: ClassVar[str] = "keeps_a_corner"

    def grad(self, x):
        return super().grad(x).clamp(-1.0, 1.0)

    def oracle(self, x, t, draws):
        return super().oracle(x, t, draws).clamp(-1.0, 1.0)


def test_a_problem_with_a_hidden_slope_is_named():
    p = descent(problem=DiagonalQuadratic(), optimizer=SGD(lr=0.1), metric="suboptimality", values={},
                bound=sp.Integer(1))  # fmt: skip
    a, change = claim(), (4096.0, 1.0)
    q = scaled_prediction(a, p, *change)
    assert compare(a, p, q, change, run(a, p)) == (None, 0.0)
    cut = replace(q, problem=KeepsACorner(inner=p.problem, f=4096.0, by=1.0))
    wrong, far = compare(a, p, cut, change, run(a, p))
    assert wrong.what == "the gradient, oracle of diagonal_quadratic"
    assert far > 0.1


def test_the_functions_of_a_scaled_problem_are_those_of_the_problem_scaled():
    x = torch.linspace(-2, 2, 12, dtype=torch.float64).reshape(6, 2)
    for problem in (QUADRATIC, lab.get_problem("layered_quadratic"), ReddiStochastic(C=28.0, delta=0.5)):
        points = x.reshape(-1)[: 12 // problem.dim * problem.dim].reshape(-1, problem.dim)
        good = problem_scales(problem, scaled(problem, 4.0, 0.5), (4.0, 0.5), points)
        assert all(good.values()), problem.name
        other = problem_scales(problem, scaled(problem, 4.0, 0.25), (4.0, 0.5), points)
        assert not other["oracle"], problem.name


def test_a_verdict_does_not_depend_on_units():
    a = claim()
    before, after = (check_prediction(a, q) for q in (descent(), scaled_prediction(a, descent(), 4096.0, 1 / 64)))
    assert (after.outcome, after.step) == (before.outcome, before.step)
    assert math.isclose(after.tightness, before.tightness, rel_tol=1e-12)  # of two enclosures, each rounded outwards
    assert after.interval == pytest.approx([4096 * v for v in before.interval], rel=1e-12)


def test_what_is_certified_follows_too():
    box = Range(lambda t: -1.0, lambda t: 1.0, "the box")
    walk = Prediction(
        says="mean of x", problem=ReddiStochastic(C=28.0, delta=0.5), optimizer=SGD(lr=InvSqrt(2 / 28)), at=(50,),
        values={}, seeds=2048, certified=box, metric="iterate", relation="<=", bound=sp.Integer(0),
    )  # fmt: skip
    a = claim()
    before, after = (check_prediction(a, q) for q in (walk, scaled_prediction(a, walk, 8.0, 4.0)))
    assert before.outcome is after.outcome is Outcome.HOLDS
    assert math.isclose(after.interval[1], 4 * before.interval[1], rel_tol=1e-9)


def test_a_schedule_of_bare_numbers_cannot_follow():
    @dataclass(frozen=True)
    class Eighths(Schedule):
        name: ClassVar[str] = "eighths"

        def __call__(self, t):
            return 0.125 / t

    with pytest.raises(NoUnits, match="lr of sgd, eighths, has numbers of its own"):
        scaled(SGD(lr=Eighths()), 2.0, 2.0)


def test_a_bound_on_another_quantity_must_say_what_is_1():
    """x is the gradient where the curvature is 1."""
    line = NoisyQuadratic(spectrum=(1.0,), sigma=0.5)
    named = {"metric": "the gradient", "metric_units": GRADIENT, "bound": G}
    p = descent(problem=line, metric="iterate", values={"G": 10.0})
    silent = checked(p, **named)
    assert silent.outcome is Outcome.UNDECIDED
    assert "the bound is in F X^-1 and iterate in X: `ones` does not say what is 1 here" in silent.reason
    assert checked(replace(p, ones=STEP_SIZE), **named).outcome is Outcome.HOLDS
    assert checked(replace(p, ones=CURVATURE), **named).outcome is Outcome.UNDECIDED


# ----------------------------------------------------------------------------------------------------- in verify


def test_the_row_is_kept_printed_and_counted(tmp_path, capsys):
    name = next(n for n in sorted(claims()) if n.startswith("zinkevich2003") and get_claim(n).experiments)
    (found,) = run_claims([name], store=tmp_path).values()
    again = run_claims([name], store=tmp_path)[name]
    row = only(f for f in found if f.check == "scaling")
    assert row.outcome is Outcome.HOLDS
    assert again == found
    assert kept(name, tmp_path) == found
    page = ClaimPage(claim=get_claim(name), file="", algebra=(), spoilt=(), runs=found)
    assert row in page.other_checks
    assert row not in page.experiments
    print_verdicts([Verdict(claim=name, says="", source="", findings=found)], every_step=False, every_run=True)
    printed = capsys.readouterr().out
    assert "in other units: " in printed
    assert "; scales" in printed
    assert f"Checks: {len(found)}" in printed


WITH_RUNS = [n for n in sorted(claims()) if (c := get_claim(n)).experiments or c.attained or c.broken_by]


UNSCALED = {
    "huang2020.thm3": "lr.lr of adagrad_truncation has no units",
    "lin2024.if_first_order": "lr.lr of if_shampoo has no units",
    "lin2024.rf_cycle_attracts": "lr.lr of rf_rmsprop has no units",
    "wilson2017.adaptive_test_error": "metric test_error: scale has no fresh samples",
    "wilson2017.min_norm_margin": "metric test_margin: scale has no fresh samples",
    "zhuang2020.no_momentum": "eps of adabelief has no units",
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if i % 16 == 0 else pytest.mark.slow) for i, n in enumerate(WITH_RUNS)]
)
def test_every_claim_scales_or_says_what_has_no_units(name):
    found = only(check_scaling(get_claim(name)))
    assert found.outcome is (Outcome.NOT_APPLICABLE if name in UNSCALED else Outcome.HOLDS)
    assert found.reason.startswith(UNSCALED.get(name, ""))


def test_the_run_of_a_drawn_problem_scales_with_its_noise():
    c = claim(metric="distance_sq", metric_units=Units(X=2), symbols=(), bound=sp.Integer(0))
    p = descent(problem=QUADRATIC, optimizer=SGD(lr=0.1), values={}, metric="distance_sq")
    assert check_run_scales(c, p).outcome is Outcome.HOLDS

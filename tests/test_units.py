"""Units: sums add like to like, bounds scale as their metrics do, and what does not is refused with its reason."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Quantity, Units
from lab.verdict import Outcome
from proofs_check import steps
from proofs_check.claims import classic, reddi2018, reddi2018_moments, zinkevich2003
from proofs_check.goal import COUNT, POSITIVE, REAL, Goal
from proofs_check.steps import Homogeneous, Identity
from proofs_check.units import UnitsError, check_units, choose_units, printed, require_like, scaling_error, units_of

F, X, G, P = sp.symbols("F X G P", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
OVER = (
    Quantity(F, POSITIVE, OBJECTIVE, "an objective"),
    Quantity(X, POSITIVE, LENGTH, "a length"),
    Quantity(G, POSITIVE, GRADIENT, "a gradient", unit_value=True),
    Quantity(P, POSITIVE, PURE, "a number"),
    Quantity(n, COUNT, PURE, "a count"),
)
OF = {q.symbol: q.units for q in OVER}


def exponents(f: float, x: float) -> tuple[Fraction, Fraction, Fraction]:
    return Fraction(f), Fraction(x), Fraction(0)


@pytest.mark.parametrize(("expr", "units"), [
    (G * X, exponents(1, 0)),
    (F + 3 * G * X, exponents(1, 0)),
    (sp.sqrt(F * G), exponents(1, -0.5)),
    (F / X - G, exponents(1, -1)),
    (G * sp.sqrt(1 + sp.log(1 + n)) * P**n, exponents(1, -1)),
    (sp.Max(F, G * X) * sp.exp(-P), exponents(1, 0)),
    (sp.Abs(X) ** 2, exponents(0, 2)),
    (sp.Sum(G * P**n, (n, 1, 5)), exponents(1, -1)),
    (sp.Piecewise((F, P > 1), (G * X, True)), exponents(1, 0)),
    (sp.Integer(7), exponents(0, 0)),
    (sp.Integer(0), None),
])  # fmt: skip
def test_units_follow_the_expression(expr: sp.Expr, units: tuple[Fraction, ...] | None) -> None:
    assert units_of(expr, OF) == units


@pytest.mark.parametrize(("expr", "says"), [
    (F + X, "F has units F but X has X"),
    (1 + G, "1 has units 1"),
    (sp.log(X), "must be a pure number"),
    (sp.exp(F), "must be a pure number"),
    (P**X, "must be a pure number"),
    (X**n, "must be a pure number"),
    (sp.Max(F, X), "in Max"),
    (sp.Sum(G, (n, 1, X)), "must be a pure number"),
    (sp.Piecewise((F, P > 1), (X, True)), "in Piecewise"),
])  # fmt: skip
def test_unlike_things_are_refused(expr: sp.Expr, says: str) -> None:
    with pytest.raises(UnitsError, match=says):
        units_of(expr, OF)


def test_both_sides_and_hypotheses_of_a_goal_must_agree() -> None:
    require_like(Goal(G * X, "<=", F, OVER, (X <= F / G,)))
    with pytest.raises(UnitsError, match="G\\*X has units F but X has X"):
        require_like(Goal(G * X, "<=", X, OVER))
    with pytest.raises(UnitsError, match="X has units X but F has F"):
        require_like(Goal(G * X, "<=", F, OVER, (X <= F,)))


def _claim(bound: sp.Expr) -> Claim:
    return Claim(
        id="test.claim", says="", source="", kind=Kind.UPPER, metric="regret", metric_units=OBJECTIVE, symbols=OVER,
        assumptions=(), bound=bound, steps=(Identity("", bound, bound, OVER),),
    )  # fmt: skip


@pytest.mark.parametrize("bound", [F, G * X * sp.sqrt(n), F * (1 + P), sp.Integer(0), F**2 / (G * X)])
def test_a_bound_in_the_units_of_its_metric_passes(bound: sp.Expr) -> None:
    assert not any(f.failed for f in check_units(_claim(bound), ()))
    assert scaling_error(_claim(bound)) == ""


@pytest.mark.parametrize("bound", [G, F * X, F + G, sp.sqrt(F), F**2, G * X**2, F * sp.log(F)])
def test_a_bound_in_other_units_is_refused(bound: sp.Expr) -> None:
    (finding,) = check_units(_claim(bound), ())
    assert finding.outcome is Outcome.REFUTED
    assert finding.failed


@pytest.mark.parametrize(("bound", "what"), [(G, "length"), (F * X, "length"), (F**2, "objective"), (F + G, "length")])
def test_scaling_finds_the_same_without_exponents(bound: sp.Expr, what: str) -> None:
    assert what in scaling_error(_claim(bound))


def test_a_step_with_unlike_sides_is_reported() -> None:
    found = check_units(_claim(F), (("a step", Goal(F, "<=", X, OVER)),))
    assert [(f.subject, f.failed) for f in found] == [("the bound has the units of regret: F", False), ("a step", True)]


def test_printing_sets_the_papers_ones() -> None:
    claim = reddi2018.THEOREM_1
    T, C = (q.symbol for q in claim.symbols[:2])
    assert sp.simplify(printed(claim.bound, claim.symbols) - T * (2 * C - 4) / 3) == 0
    assert printed(G * X, OVER) == X


def test_the_published_slip_of_corollary_1_is_one_of_units() -> None:
    (slip,) = reddi2018_moments.COROLLARY_1.errata
    printed, repair = slip.printed, slip.repair[0]
    assert printed.check().outcome is Outcome.REFUTED
    assert repair.check().outcome is Outcome.PROVED
    assert Homogeneous("", repair.expr + 1, OBJECTIVE, repair.over).check().outcome is Outcome.REFUTED


def test_what_is_wrong_with_units_is_refuted_with_numbers_and_two_ways_that_disagree_decide_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = Homogeneous("", G * X**2, OBJECTIVE, OVER).check()
    assert wrong.outcome is Outcome.REFUTED
    assert "F X, not F" in wrong.reason
    assert wrong.counterexample["s"] == "2"
    with monkeypatch.context() as lying:
        lying.setattr(steps, "units_of", lambda expr, of: None)
        assert Homogeneous("", G * X**2, OBJECTIVE, OVER).check().outcome is Outcome.UNDECIDED


def test_good_units_make_quantities_one() -> None:
    small = choose_units(Goal(G * X, "<=", P * F, OVER, (X >= 2 * F / G,)))
    assert set(map(str, small.spans)) < {"F", "X", "P"}
    assert len(small.spans) == 2  # one of F and X is 1 as well


@pytest.mark.parametrize("goal", [
    Goal(G * X, "<=", X, OVER),  # unlike sides: scaling would change what is said
    Goal(X, "<=", 2 * X, (Quantity(X, sp.Interval.Lopen(0, 1), LENGTH, "a domain with a scale of its own"),)),
    Goal(P, "<=", 2 * P, OVER),  # nothing to scale
], ids=["unlike sides", "a bounded length", "pure"])  # fmt: skip
def test_units_are_not_chosen_where_that_would_not_be_sound(goal: Goal) -> None:
    small = choose_units(goal)
    assert (small.lhs, small.rhs) == (goal.lhs, goal.rhs)


def test_a_quantity_that_may_be_zero_is_not_made_one() -> None:
    y = sp.Symbol("y", real=True)
    small = choose_units(Goal(y**2, ">=", sp.Integer(0), (Quantity(y, REAL, LENGTH, "a point"),)))
    assert small.lhs == y**2


def test_the_horizon_is_a_pure_number_unless_a_claim_says_otherwise() -> None:
    claim = zinkevich2003.OGD_DECREASING
    T = claim.symbols[0]
    assert T.units == PURE
    timed = replace(claim, symbols=(replace(T, units=Units(T=1)), *claim.symbols[1:]))
    assert any(f.failed for f in check_units(timed, ()))


def test_the_exact_curve_scales_with_start_step_and_noise() -> None:
    assert scaling_error(classic.SGD_QUAD_EXACT) == ""
    wrong = replace(classic.SGD_QUAD_EXACT, bound=classic.SGD_QUAD_EXACT.bound * classic.a)
    assert scaling_error(wrong) != ""

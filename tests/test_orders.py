"""The order of a bound in the horizon, and limits: by three engines, each held against values."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate
from lab.verdict import Outcome
from proofs_check import limits
from proofs_check.asymptotics import ENGINES, check_rate, judged, tends
from proofs_check.check import limits as check_limits
from proofs_check.continuity import continuous_value
from proofs_check.goal import POSITIVE
from proofs_check.limits import Passage, approaches
from proofs_check.orders import NoOrder, leading_value, order_of
from proofs_check.signs import sign_at
from proofs_check.steps import LimitStep
from proofs_check.symbolic import sign_of
from proofs_check.symbols import HORIZON, T

a, c = sp.symbols("a c", positive=True)
p = sp.Symbol("p", positive=True)
q = sp.Symbol("q", positive=True)
SYMBOLS = (
    HORIZON,
    Quantity(a, POSITIVE, LENGTH, "a size"),
    Quantity(c, POSITIVE, LENGTH, "another"),
    Quantity(p, sp.Interval.open(1, 2), PURE, "a tail index"),
    Quantity(q, sp.Interval.open(0, 1), PURE, "a contraction"),
)
HALF = sp.Rational(1, 2)


def order(expr):
    return order_of(expr, T, lambda e: sign_of(e, SYMBOLS))


@pytest.mark.parametrize(
    ("expr", "exponent", "logs", "lead"),
    [
        (a / sp.sqrt(T) + c / T, -HALF, 0, a),
        (a * sp.sqrt(T * (1 + sp.log(T))), HALF, HALF, a),
        ((a * T + c) ** 2 / (T + 1), 1, 0, a**2),
        (a * q**T + c / T**2, -2, 0, c),
        (a * sp.log(3 * T**2 + 1) / T, -1, 1, 2 * a),
        (a * T ** (-(p - 1) / p) + c / T, -(p - 1) / p, 0, a),
        (sp.Max(a / T, c / sp.sqrt(T)), -HALF, 0, c),
        (sp.Min(a / T, c / sp.sqrt(T)), -1, 0, a),
        (a / T + c / T, -1, 0, a + c),
    ],
)
def test_the_order_of_a_bound_is_read_off_its_structure(expr, exponent, logs, lead):
    found = order(expr)
    assert sp.simplify(found.exponent - exponent) == 0
    assert sp.simplify(found.logs - logs) == 0
    assert sp.simplify(found.lead - lead) == 0


@pytest.mark.parametrize("expr", [a * T - c * T, (1 - 1 / T) ** T, sp.sin(T), sp.log(sp.log(T))])
def test_where_leading_terms_may_cancel_or_no_rule_is_known_no_order_is_given(expr):
    with pytest.raises(NoOrder):
        order(expr)


def claim(bound, rate):
    return Claim(
        id="test.rate", says="a rate", source="this test", kind=Kind.UPPER, metric="regret", metric_units=OBJECTIVE,
        symbols=SYMBOLS, assumptions=(), bound=bound, rate=rate,
    )  # fmt: skip


def test_a_rate_that_is_the_order_of_the_bound_is_proved_by_two_engines_and_its_constant_said():
    (found,) = check_rate(claim(a * sp.sqrt(T) + c, Rate(HALF)))
    assert found.outcome is Outcome.PROVED
    assert found.engines == tuple(name for name, _ in ENGINES)
    assert "a T^1/2" in found.reason


def test_a_bound_that_is_a_power_of_the_horizon_is_its_own_order():
    (found,) = check_rate(claim(a / T, Rate(-sp.S.One)))
    assert found.outcome is Outcome.PROVED


@pytest.mark.parametrize(
    ("bound", "rate"),
    [
        (a * sp.sqrt(T * (1 + sp.log(T))), Rate(HALF, HALF)),
        (a * ((1 + sp.log(2 / q)) / T) ** (1 - 1 / p) + c / T, Rate(1 / p - 1)),
        (sp.Max(a / sp.sqrt(T), c / T), Rate(-HALF)),
        (a * q**T, Rate(-sp.oo)),
        (a * 3**T, Rate(sp.oo)),
    ],
)
def test_logarithms_symbolic_exponents_maxima_and_geometric_orders_have_two_engines_too(bound, rate):
    (found,) = check_rate(claim(bound, rate))
    assert found.outcome is Outcome.PROVED, found.reason


@pytest.mark.parametrize("rate", [Rate(sp.S.One), Rate(sp.S.Zero), Rate(HALF, sp.S.One), Rate(HALF, -HALF)])
def test_a_rate_with_an_exponent_or_a_log_too_many_is_refuted_by_two_engines(rate):
    (found,) = check_rate(claim(a * sp.sqrt(T) + c, rate))
    assert found.outcome is Outcome.REFUTED
    assert found.failed
    assert len(found.engines) >= 2


@pytest.mark.parametrize(
    ("bound", "rate"),
    [
        (a * sp.log(T) / T, Rate(-sp.S.One)),
        (a * T ** (1 / p - 1), Rate(1 / p - HALF)),
        (a * q**T, Rate(sp.Integer(-5))),
        (a * q**T, Rate(sp.oo)),
        (a / T**3, Rate(-sp.oo)),
    ],
)
def test_a_rate_with_a_log_too_few_a_wrong_symbolic_exponent_or_a_wrong_geometry_is_refuted(bound, rate):
    (found,) = check_rate(claim(bound, rate))
    assert found.outcome is Outcome.REFUTED


@pytest.mark.parametrize("bound", [a * T - c * T + 1, sp.sqrt(T**2 + T) - T + (a - c) * T, a * (2 + sp.sin(T)) * T])
def test_a_leading_term_that_may_cancel_and_a_bound_without_an_order_stay_undecided(bound):
    (found,) = check_rate(claim(bound, Rate(sp.S.One)))
    assert found.outcome is Outcome.UNDECIDED


def test_a_leading_term_that_cancels_is_not_the_order():
    (found,) = check_rate(claim(sp.sqrt(T**2 + a * T) - T, Rate(sp.S.One)))
    assert found.outcome is Outcome.REFUTED
    (found,) = check_rate(claim(sp.sqrt(T**2 + a * T) - T, Rate(sp.S.Zero)))
    assert found.outcome is Outcome.PROVED


def test_one_engine_that_errs_is_outvoted_by_evaluation_and_one_that_disagrees_leaves_it_open():
    half = ("half", lambda passage, sign: a / 2)
    (found,) = check_rate(claim(a * sp.sqrt(T) + c, Rate(HALF)), (*ENGINES, half))
    assert found.engines == tuple(name for name, _ in ENGINES)
    (found,) = check_rate(claim(a * sp.sqrt(T) + c, Rate(HALF)), (half,))
    assert found.outcome is Outcome.UNDECIDED
    found = judged({"one": a, "two": c}, lambda value: value == a)
    assert found[0] is Outcome.UNDECIDED


def test_a_rate_that_only_sympys_limit_finds_has_one_engine():
    (found,) = check_rate(claim(a * (1 - 1 / T) ** T, Rate(sp.S.Zero)))
    assert found.outcome is Outcome.PROVED_BY_ONE
    assert found.engines == (limits.ENGINE,)


def passage(expr, x=T, point=sp.oo, side="+"):
    return Passage(expr, x, point, side, SYMBOLS)


@pytest.mark.parametrize(
    ("expr", "x", "point", "value"),
    [
        (sp.Max(a * sp.sqrt(T), c) / sp.sqrt(T), T, sp.oo, a),
        (sp.Min(a, c / T), a, sp.S.Zero, sp.S.Zero),
        ((1 - a) ** (2 * T), a, sp.Integer(2), sp.S.One),
        (c ** (1 + a), a, sp.S.Zero, c),
    ],
)
@pytest.mark.parametrize("engine", [leading_value, continuous_value])
def test_two_engines_take_limits_of_maxima_and_powers(engine, expr, x, point, value):
    question = passage(expr, x, point)
    assert sp.simplify(engine(question, sign_at(question)) - value) == 0


@pytest.mark.parametrize("wrong", [a / 2, 2 * a, sp.S.Zero, sp.oo])
def test_a_limit_wrong_by_a_factor_is_refuted(wrong):
    outcome, engines, _ = tends(passage(a * T / (T + c)), wrong)
    assert outcome is Outcome.REFUTED
    assert len(engines) == 3


def test_a_limit_at_the_upper_end_of_a_domain_is_taken_from_inside():
    root = replace(claim(sp.sqrt(2 - p) + a, Rate(HALF)), limits=(Limit("at 2", p, sp.Integer(2), a),))
    assert [f.outcome for f in check_limits(root)] == [Outcome.PROVED]
    wrong = replace(root, limits=(Limit("at 2", p, sp.Integer(2), 2 * a),))
    assert [f.outcome for f in check_limits(wrong)] == [Outcome.REFUTED]


def test_a_limit_in_an_integer_is_the_value_there_and_a_wrong_one_is_refuted():
    assert LimitStep("", (1 - q**T) / (1 - q), T, sp.Integer(2), 1 + q, SYMBOLS).check().outcome is Outcome.PROVED
    assert LimitStep("", (1 - q**T) / (1 - q), T, sp.Integer(2), 2 + 2 * q, SYMBOLS).check().outcome is Outcome.REFUTED


def test_a_limit_may_use_what_the_hypotheses_say_at_the_point():
    x = sp.Symbol("x", positive=True)
    over = (*SYMBOLS, Quantity(x, POSITIVE, LENGTH, "a size"))
    step = LimitStep("", c / (2 * p - a + x), x, sp.S.Zero, c / (2 * p - a), over, where=(sp.Lt(a, 2 * p + x),))
    found = step.check()
    assert found.outcome is Outcome.PROVED
    assert len(found.engines) == 3
    assert replace(step, value=2 * c / (2 * p - a)).check().outcome is Outcome.REFUTED


def test_the_slope_of_a_kink_is_not_the_limit_of_slopes():
    kink = passage(sp.Max(a * p, c * p**2) / p, p, sp.S.Zero)  # half of a, by a rule of l'Hospital for smooth functions
    assert continuous_value(kink, sign_at(kink)) == a


def test_no_zero_is_divided_by_on_the_way_to_an_order():
    x = sp.Symbol("x", real=True)
    with pytest.raises(NoOrder):
        order_of(1 / (x + 1 / T), T, lambda e: sign_of(e, (*SYMBOLS, Quantity(x, sp.Reals, PURE, "any"))))


def test_geometric_terms_that_may_cancel_have_no_order():
    with pytest.raises(NoOrder):
        order(5 * 2**T - 3**T)
    with pytest.raises(NoOrder):
        order(2**T * q**T)


def test_values_that_grow_to_a_bound_do_not_confirm_infinity():
    assert not approaches(passage(1 - 1 / T), sp.oo)
    assert approaches(passage(sp.log(T)), sp.oo)
    assert not approaches(passage(sp.log(T)), -sp.oo)


def test_a_sign_is_read_off_a_hypothesis_and_off_logarithms():
    known = sign_at(Passage(a, T, sp.oo, "+", SYMBOLS, (sp.Gt(a, c),)))
    assert known(c - a) == -1
    assert known(sp.log(a / c)) == 1
    assert known(a**2 - c**2 + sp.log(a / c)) == 1
    assert known(a - 2 * c) is None


def test_a_claim_without_a_rate_is_not_asked_for_one():
    assert check_rate(replace(claim(a, Rate(HALF)), rate=None)) == ()

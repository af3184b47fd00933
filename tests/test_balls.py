"""The Arb engine: it proves what is tight at an end or far out, nothing false, and steps that had one engine alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import flint
import mpmath
import pytest
import sympy as sp
from flint import fmpq
from hypothesis import given, settings as hypothesis_settings, strategies as st

from lab import get_claim
from lab.bounds import NotEnclosable
from lab.claim import PURE, Quantity
from proofs_check import balls
from proofs_check.check import named_goals
from proofs_check.exact import exact_sign
from proofs_check.expansions import Corner, Expansion, Term
from proofs_check.goal import POSITIVE, REAL, Goal, Relation

x = sp.Symbol("x", real=True)
p = sp.Symbol("p", positive=True)
log, sqrt, R = sp.log, sp.sqrt, sp.Rational
zero, one = sp.Integer(0), sp.Integer(1)


def goal(lhs: sp.Expr, relation: Relation, rhs: sp.Expr, domain: sp.Set, *where: sp.Basic) -> Goal:
    symbols = sp.sympify(lhs - rhs).free_symbols
    return Goal(lhs, relation, rhs, tuple(Quantity(s, domain, PURE, str(s)) for s in symbols), where)


UNIT, OPEN_UNIT, FAR = sp.Interval(0, 1), sp.Interval.open(0, 1), sp.Interval(1, sp.oo)
CUBE = x - x**2 / 2 + x**3 / 3
TRUE = {
    "two numbers": goal(log(sp.Integer(2)), "<", R(7, 10), REAL),
    "equal numbers": goal(one, "<=", one, REAL),
    "tight at an end, to the fourth order": goal(log(1 + x), "<=", CUBE, UNIT),
    "and strict, the end left out": goal(log(1 + x), "<", CUBE, OPEN_UNIT),
    "tight at an end with a log there": goal(x * log(x), ">=", -sqrt(x), sp.Interval.Lopen(0, 1)),
    "a log of 2 on both sides": goal(log(2 + x) - log(sp.Integer(2)), "<=", x / 2, sp.Interval(0, sp.oo)),
    "tight inside": goal(log(p), "<=", p - 1, POSITIVE),
    "tight at a third, on the line": goal((3 * x - 1) ** 2 * (x**2 + 1), ">=", zero, REAL),
    "a pole at the end": goal(x, "<", log((2 + x) / (2 - x)), sp.Interval.open(0, 2)),
    "far out, roots": goal(sqrt(1 + p**2), "<", 1 + p, POSITIVE),
    "far out, a log against a root": goal(log(1 + p), "<=", sqrt(p), POSITIVE),
    "far out, a power of a log": goal(log(p) ** 3, "<", 1000 + p, FAR),
    "far out, one over a log": goal(1 / log(p), ">", zero, sp.Interval(2, sp.oo)),
    "tight at minus infinity": goal(1 / (1 - x), ">", zero, sp.Interval(-sp.oo, 0)),
    "tight at infinity": goal(1 / sqrt(p + 1), "<=", 2 * sqrt(p + 1) - 2 * sqrt(p), FAR),
    "a maximum": goal(sp.Max(x, 1 - x), ">=", R(49, 100), UNIT),
    "a size": goal(sp.Abs(x), "<=", 1 + x**2, sp.Interval(-3, 4)),
    "where a hypothesis holds": goal(3 * log(1 + p), "<=", p, POSITIVE, p >= 6),
    "e and pi": goal(sp.E, "<=", sp.pi, REAL),
}  # fmt: skip
FALSE: dict[str, tuple[Goal, sp.Expr | int]] = {  # with a point at which it fails
    "two numbers": (goal(log(sp.Integer(2)), "<", R(69, 100), REAL), 0),
    "equal numbers, strict": (goal(one, "<", one, REAL), 0),
    "wrong at the second order": (goal(log(1 + x), ">=", x, UNIT), R(1, 100)),
    "wrong at the fourth order": (goal(log(1 + x), ">=", CUBE, UNIT), R(1, 100)),
    "wrong at the fourth order, the end left out": (goal(log(1 + x), ">=", CUBE, OPEN_UNIT), R(1, 100)),
    "strict at a closed end": (goal(log(1 + x), "<", CUBE, UNIT), 0),
    "strict, and 0 inside": (goal(log(p), "<", p - 1, POSITIVE), 1),
    "strict, and 0 inside at a root": (goal((x**2 - 2) ** 2, ">", zero, REAL), sqrt(2)),
    "below 0 on a short stretch": (goal((x - R(1, 3)) ** 2, ">=", R(1, 10**12), UNIT), R(1, 3)),
    "only far out": (goal(log(p), "<=", sp.Integer(40), POSITIVE), 10**18),
    "only very close to the end": (goal(x * log(x), ">=", -x * 40, sp.Interval.Lopen(0, 1)), R(1, 10**18)),
    "far out, a power of a log": (goal(log(p) ** 3, "<", 10 + p, FAR), 42),
    "far out, wrong constant": (goal(sqrt(1 + p**2), "<", p + R(1, 10**6), POSITIVE), 1),
    "a pole inside": (goal(1 / (x - R(1, 3)), ">=", sp.Integer(-1000), UNIT), R(1, 3) - R(1, 10**4)),
    "a pole at the end": (goal(1 / x - 1 / x**2, ">=", sp.Integer(-1000), sp.Interval.Lopen(0, 1)), R(1, 100)),
    "a maximum": (goal(sp.Max(x, 1 - x), ">=", R(51, 100), UNIT), R(1, 2)),
    "where a hypothesis holds": (goal(3 * log(1 + p), "<=", p, POSITIVE, p >= 3), 3),
}  # fmt: skip
NOT_REAL = {
    "a log of what is negative": goal(log(x), "<=", one, sp.Interval(-1, 1)),
    "a log of 0 at a closed end": goal(log(x), "<=", x, UNIT),
    "a root of what is negative": goal(sqrt(x), "<=", one + x, sp.Interval(-1, 1)),
    "a pole of one sign inside": goal(1 / (3 * x - 1) ** 2, ">", zero, UNIT),
    "a pole at a closed end": goal(1 / x, ">", zero, UNIT),
    "a number": goal(log(sp.Integer(-2), evaluate=False), "<", one, REAL),
}


@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_proved(name: str) -> None:
    assert balls.decide(TRUE[name]).said == "proved"


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_not_proved(name: str) -> None:
    false, point = FALSE[name]
    sign = exact_sign(false.gap.expr.subs(dict.fromkeys(false.spans, point)))
    assert sign is not None
    assert sign < 0 or (sign == 0 and false.gap.relation == ">")
    assert balls.decide(false).said == "open"


@pytest.mark.parametrize("name", NOT_REAL)
def test_what_is_not_defined_everywhere_is_not_proved(name: str) -> None:
    assert balls.decide(NOT_REAL[name]).said == "open"


def test_it_is_asked_of_inequalities_in_one_variable() -> None:
    for question in (
        goal(x * p, "<=", x**2 + p**2, POSITIVE),
        goal(x, "==", x**2, UNIT),
        goal(sp.sin(x), "<=", one, UNIT),
    ):
        assert balls.decide(question).said == "open"


def test_precision_is_put_back() -> None:
    before = flint.ctx.prec, flint.ctx.cap
    for name in ("two numbers", "tight inside"):
        balls.decide(TRUE[name])
    assert (flint.ctx.prec, flint.ctx.cap) == before


STEPS = {
    "agarwal2012.coin_convex_1d": "and up to 1/2",
    "agarwal2012.coin_ddim": "and up to 1/2",
    "agarwal2012.coin_sc_1d": "and up to 1/2",
    "arjevani2023.arjevani_chain": "which is below 1/2",
    "jun2019.coin_ddim_fano": "and up to 1/2",
    "vankov2024.normalised": "x* + v g/||g|| lies",
    "huang2020.thm1": "and log T exceeds 3/2",
    "huang2020.thm2": "and log T exceeds 3/2",
    "huebler2024.pagnostic_armijo": "exp(w) <=",
    "tsybakov2009.lecam_coin": "its logarithm",
    "tsybakov2009.lecam_pinsker": "t log t - t + 1",
    "vankov2024.nonconvex": "log(1 + u) >= 2u/(2 + u)",
    "vankov2024.progress": "where log(1 + u) >=",
}


@pytest.mark.parametrize("name", STEPS)
def test_it_is_the_second_engine_of_a_step_with_a_logarithm(name: str) -> None:
    steps = [goal for says, goal in named_goals(get_claim(name)) if says.startswith(STEPS[name])]
    assert steps
    assert all(balls.decide(step).said == "proved" for step in steps)


# ------------------------------------------------------------------------------------------------------- expansions

ENDS = {"right of 2": (fmpq(2), 1), "left of 2": (fmpq(2), -1), "right of 0": (fmpq(0), 1), "at infinity": (None, 1)}
EXPANDED = {
    "a quotient": (x**2 - 4) / (x + 3) ** 2,
    "a log": log(1 + x / 2) - x / (1 + x),
    "a log and its argument": x * log(x) - log(1 + x) ** 2,
    "a root": sqrt(x**2 - 2 * x + 4) / (1 + x) ** 2,
    "what cancels": (1 + x) ** 3 - 1 - 3 * x - 3 * x**2 - x**3 + log(1 + x**2),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", EXPANDED)
def test_an_expansion_contains_the_value_on_its_whole_stretch(name: str, end: str) -> None:
    start, side = ENDS[end]
    h, value = fmpq(1, 64), sp.lambdify(x, EXPANDED[name], "mpmath")
    terms = Corner(x, start, side, h).expand(EXPANDED[name])
    for part in (1, 10, 40):  # of 40
        u = fmpq(part, 2560)
        with mpmath.workdps(50):
            exact = value(
                2560 * side / mpmath.mpf(part) if start is None else int(start.p) + side * mpmath.mpf(part) / 2560
            )
            true = flint.arb(f"{mpmath.nstr(exact, 40)} +/- 1e-30")
        coarse, fine = (_sum(terms, flint.arb(u), use) for use in (lambda t, _: t.over[0], lambda t, u: t.value(u)))
        assert coarse.overlaps(true)
        assert fine.overlaps(true)
        assert fine.rad() < 1e-7  # the last term: its coefficient is below 10^4, times h^7


def _sum(terms: Expansion, u: flint.arb, series: Callable[[Term, flint.arb], flint.arb]) -> flint.arb:
    total = flint.arb(0)
    for logs, t in terms.items():
        factor = flint.arb(1)
        for base, k in logs:
            factor *= (flint.arb(base).log() if base else -u.log()) ** k
        total += factor * u**t.order * series(t, u)
    return total


def test_coefficients_at_the_end_are_those_of_a_power_series() -> None:
    ((logs, term),) = Corner(x, fmpq(0), 1, fmpq(1, 8)).expand(log(1 + x) - x / (1 + x)).items()
    u = sp.Symbol("u")
    series = sp.Poly(sp.series(log(1 + u) - u / (1 + u), u, 0, 8).removeO(), u).all_coeffs()[::-1]
    assert (logs, term.order) == ((), 2)
    assert [sp.Rational(str(term.at_0[k])) for k in range(term.length)] == series[2 : 2 + term.length]


def test_logarithms_of_numbers_cancel_exactly() -> None:
    terms = Corner(x, fmpq(0), 1, fmpq(1, 8)).expand(log(12 + x) - 2 * log(sp.Integer(2)) - log(sp.Integer(3)))
    assert [(logs, t.order) for logs, t in terms.items()] == [((), 1)]


@pytest.mark.parametrize("e", [log(1 + log(x)), sp.exp(x), sqrt(2 + x), sqrt(x), log(x - x**2 - x * (1 - x) - 1)])
def test_what_has_no_such_expansion_is_refused(e: sp.Expr) -> None:
    with pytest.raises(NotEnclosable):
        Corner(x, fmpq(0), 1, fmpq(1, 8)).expand(e)


# ------------------------------------------------------------------------------------------------- random statements

SMALL = st.fractions(min_value=-2, max_value=3, max_denominator=6)
quickly = hypothesis_settings(max_examples=40, deadline=None, derandomize=True)


@quickly
@given(st.lists(st.tuples(SMALL, st.integers(1, 2)), min_size=1, max_size=3), st.sampled_from([1, -1]), st.booleans())
def test_a_polynomial_with_rational_roots_is_proved_to_be_positive_only_where_it_is(
    roots: list[tuple[Fraction, int]], lead: int, strict: bool
) -> None:
    def f(v: Fraction) -> Fraction:
        return math.prod(((v - r) ** m for r, m in roots), start=Fraction(lead))

    places = sorted({Fraction(0), Fraction(1), *(r for r, _ in roots if 0 <= r <= 1)})
    signs = [f((a + b) / 2) for a, b in pairwise(places)] + [f(v) for v in places]
    positive = all(v > 0 for v in signs) if strict else all(v >= 0 for v in signs)
    product = lead * sp.Mul(*((x - R(r.numerator, r.denominator)) ** m for r, m in roots))
    said = balls.decide(goal(sp.expand(product), ">" if strict else ">=", zero, UNIT)).said
    assert (said == "proved") == positive  # of order 6 at most: 8 Taylor coefficients show it


@quickly
@given(st.integers(1, 5), st.sampled_from([1, -1]), SMALL, st.sampled_from([UNIT, OPEN_UNIT, FAR, POSITIVE]))
def test_a_logarithm_less_its_taylor_polynomial_is_proved_to_have_its_sign_and_no_other(
    order: int, side: int, off: Fraction, domain: sp.Set
) -> None:
    extra = R(off.numerator, off.denominator)
    taylor = sum(-((-p) ** k) / k for k in range(1, order + 1))
    f = side * (log(1 + p) - taylor) + extra * p ** (order + 1)
    near_0 = side * R((-1) ** order, order + 1) + extra  # of p^(order + 1), where p is small
    values = [exact_sign(f.subs(p, v)) for v in (R(1, 10**6), R(1, 3), R(99, 100), 1, 2, 50, 10**9) if v in domain]
    false = -1 in values or (near_0 < 0 and domain is not FAR)
    said = balls.decide(goal(f, ">", zero, sp.Interval.Lopen(0, 1) if domain is UNIT else domain)).said
    assert said == "open" or not false
    if extra == 0:
        assert (said == "proved") == (side * (-1) ** order > 0)

"""Enclosures of sympy expressions: they hold the true value, stay narrow, and name what they cannot do."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from lab.bounds import bounds
from lab.errors import LabError

a, b, i, n = sp.symbols("a b i n", positive=True)
EXPRESSIONS = (
    (2 * a - 4) / 3,
    a * sp.sqrt(1 + sp.log(b)) / (1 - sp.exp(-a)),
    sp.Max(a, b**2) - sp.Min(a, b) + sp.Abs(a - b),
    a ** sp.Rational(-3, 2) + b ** sp.Rational(1, 3) - 1 / sp.sqrt(b),
    sp.Sum(a ** (i - 1) / i, (i, 1, 5)),
    sp.Rational(1, 3) + sp.Float(0.1) * a,
)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.01, 50), st.floats(1.01, 50), st.sampled_from(EXPRESSIONS))
def test_an_enclosure_holds_the_value_to_fifty_digits_and_is_narrow(x, y, expr):
    low, high = bounds(expr, {"a": x, "b": y})
    with mpmath.workdps(50):
        true = sp.lambdify([a, b], expr.doit(), "mpmath")(mpmath.mpf(x), mpmath.mpf(y))
        assert mpmath.mpf(low) <= true <= mpmath.mpf(high)
    assert high - low <= 1e-12 * (1 + abs(low) + x + y**2)


def test_a_symbol_may_stand_for_an_interval():
    assert bounds(a**2, {"a": (2.0, 3.0)}) == (4.0, 9.0)


def test_a_sum_runs_to_a_number_given_for_its_limit():
    assert bounds(sp.Sum(i**2, (i, 1, n)), {"n": 4.0}) == (30.0, 30.0)


@pytest.mark.parametrize(
    ("expr", "values", "text"),
    [
        (a + b, {"a": 1.0}, "b has no value"),
        (sp.gamma(a), {"a": 1.0}, "does not know gamma"),
        (sp.Sum(i, (i, 1, n)), {"n": 2.5}, "no integers"),
    ],
)
def test_what_cannot_be_enclosed_is_named(expr, values, text):
    with pytest.raises(LabError, match=text):
        bounds(expr, values)

"""FLINT's factors, held to sympy's where sympy finishes, and to their product where it does not."""

from __future__ import annotations

import sympy as sp
from hypothesis import given, settings, strategies as st

from proofs_check.factors import factor_list, terms_at_most

X = sp.symbols("x y z")
FACTORS = st.lists(
    st.dictionaries(
        st.tuples(*[st.integers(0, 2)] * 3), st.fractions(-3, 3, max_denominator=4), min_size=1, max_size=3
    ),
    min_size=1,
    max_size=3,
)


def polynomial(terms: dict) -> sp.Expr:
    return sp.Add(
        *(
            sp.Rational(c.numerator, c.denominator) * sp.Mul(*(x**k for x, k in zip(X, powers, strict=True)))
            for powers, c in terms.items()
        )
    )


@settings(max_examples=40, deadline=None)
@given(FACTORS)
def test_they_multiply_to_the_polynomial_and_are_those_of_sympy(factors: list) -> None:
    p = sp.expand(sp.Mul(*map(polynomial, factors)))
    content, found = factor_list(p)
    assert sp.expand(content * sp.Mul(*(f**k for f, k in found)) - p) == 0
    theirs = sp.factor_list(p)[1] if p != 0 else []
    assert sorted(k for _, k in found) == sorted(k for _, k in theirs)
    assert all(any(sp.cancel(f / g).is_number for g, _ in theirs) for f, _ in found)


def test_nothing_is_a_content_without_factors() -> None:
    assert factor_list(sp.Integer(0)) == (0, [])
    assert factor_list(sp.Rational(-3, 2)) == (sp.Rational(-3, 2), [])


def test_a_product_of_some_hundred_terms_in_five_symbols_comes_apart() -> None:
    a, b, c, d, e = sp.symbols("a b c d e")
    left = sum((x * y**3 - 2 * z) ** 2 for x, y, z in ((a, b, c), (b, c, d), (c, d, e)))
    right = (a * d**2 - e * b + 3) ** 3 - c**2 * d
    content, found = factor_list(sp.expand(left * right))
    assert [k for _, k in found] == [1, 1]
    assert sp.expand(content * sp.Mul(*(f**k for f, k in found)) - left * right) == 0


@settings(max_examples=40, deadline=None)
@given(FACTORS, st.integers(1, 3))
def test_a_polynomial_has_no_more_terms_than_its_bound(factors: list, power: int) -> None:
    p = sp.Mul(*map(polynomial, factors), evaluate=False) ** power
    assert len(sp.Add.make_args(sp.expand(p))) <= terms_at_most(p)


def test_the_bound_is_reached_where_nothing_meets_and_is_quick_where_expansion_is_not() -> None:
    assert terms_at_most((X[0] + X[1]) ** 5 * (1 + X[2])) == 12
    assert terms_at_most((1 + sum(X)) ** 1000) == 167_668_501


def test_an_irrational_coefficient_is_left_to_sympy() -> None:
    content, found = factor_list(X[0] ** 2 - 2 * sp.sqrt(2) * X[0] + 2)
    assert sp.expand(content * sp.Mul(*(f**k for f, k in found)) - (X[0] - sp.sqrt(2)) ** 2) == 0

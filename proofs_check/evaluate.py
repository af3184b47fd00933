"""The evaluation engine for identities: exact arithmetic at points, with a degree bound that makes it a proof.

The difference of two rational functions, brought over one denominator, has a numerator of total degree at most d, a
bound read off the expression without expanding it. A nonzero polynomial of degree d vanishes at a point drawn from M^n
integers with probability at most d/M (Schwartz, Zippel); with M = 2^61 and 4 points a false identity passes with
probability below (d/2^61)^4. A root is made rational by solving for a symbol that stands linearly under it
(b = 1 - R^2). Where that is not possible there is no degree bound, and values that agree prove nothing.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp

from lab.errors import LabError
from proofs_check.goal import Answer, Goal
from proofs_check.roots import generalise

NAME = "exact points"
_BITS, _POINTS = 61, 4


class NotRational(LabError):
    """An expression that is not a rational function of its symbols."""


def decide(goal: Goal) -> Answer:
    """Prove an identity between rational functions, or leave it open; an inequality is no question for points."""
    if goal.gap.relation != "==":
        return Answer(NAME, "open")
    goal = generalise(goal, logs=True)
    try:
        gap = rationalised(goal.gap.expr)
        degree = max(degrees(gap))
        vanishes = all(_value(gap, _point(gap, i)) == 0 for i in range(_POINTS))
    except (NotRational, ZeroDivisionError) as error:
        return Answer(NAME, "open", f"no degree bound: {error}")
    how = f"zero at {_POINTS} points of 2^{_BITS} integers each, degree at most {degree} (Schwartz-Zippel)"
    return Answer(NAME, "proved", how) if vanishes else Answer(NAME, "open", "not zero everywhere")


def rationalised(expr: sp.Expr) -> sp.Expr:
    """Return the expression with every root u^(1/q) made a free symbol, by solving R^q = u for a symbol of u."""
    while roots := [p for p in expr.atoms(sp.Pow) if not p.exp.is_Integer]:
        expr = _solved(expr, min(roots, key=lambda p: (sp.count_ops(p.base), str(p))))
    return expr


def _solved(expr: sp.Expr, root: sp.Pow) -> sp.Expr:
    for x in sorted(root.base.free_symbols, key=str):
        slope = sp.diff(root.base, x)
        if root.exp.is_Rational and slope != 0 and x not in slope.free_symbols and slope.is_rational_function():
            fresh = sp.Dummy("R", positive=True)  # positive: so (R^q)^(1/q) is R
            value = (fresh ** int(root.exp.q) - sp.expand(root.base - slope * x)) / slope
            return expr.subs(x, sp.expand(value))
    raise NotRational(f"no symbol stands linearly under {root}")


def degrees(expr: sp.Expr) -> tuple[int, int]:
    """Return bounds on the total degrees of numerator and denominator, without expanding anything."""
    if expr.is_Rational:
        return 0, 0
    if expr.is_Symbol:
        return 1, 0
    if isinstance(expr, sp.Mul):
        parts = [degrees(a) for a in expr.args]
        return sum(n for n, _ in parts), sum(d for _, d in parts)
    if isinstance(expr, sp.Add):
        parts = [degrees(a) for a in expr.args]
        below = sum(d for _, d in parts)
        return max(n + below - d for n, d in parts), below
    if isinstance(expr, sp.Pow) and expr.exp.is_Integer:
        n, d = degrees(expr.base)
        k = int(expr.exp)
        return (n * k, d * k) if k > 0 else (d * -k, n * -k)
    raise NotRational(f"{expr} is not a rational function")


def _point(expr: sp.Expr, seed: int) -> dict[sp.Symbol, Fraction]:
    draw = np.random.default_rng((seed, sp.count_ops(expr)))  # the same points every time
    symbols = sorted(expr.free_symbols, key=lambda x: (str(x), x.sort_key()))
    return {x: Fraction(int(draw.integers(1, 2**_BITS))) for x in symbols}


def _value(expr: sp.Expr, point: dict[sp.Symbol, Fraction]) -> Fraction:
    if expr.is_Rational:
        return Fraction(int(expr.p), int(expr.q))
    if expr.is_Symbol:
        return point[expr]
    if isinstance(expr, sp.Add):
        return sum((_value(a, point) for a in expr.args), Fraction(0))
    if isinstance(expr, sp.Mul):
        product = Fraction(1)
        for a in expr.args:
            product *= _value(a, point)
        return product
    return _value(expr.base, point) ** int(expr.exp)

"""Exact signs and values of expressions at rational points, and the boxes on which they are enclosed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath
import sympy as sp

from lab.bounds import NotEnclosable, context, enclose
from proofs_check.goal import Span

_DIGITS = (30, 60, 120, 240)
_LARGEST = 1000


def box_of(spans: Mapping[sp.Symbol, Span], iv: Any) -> dict[sp.Symbol, Any]:
    """Return the whole domain as a box; ends at infinity stay infinite."""
    return {x: iv.mpf([thin(s.low, iv), thin(s.high, iv)]) for x, s in spans.items()}


def thin(end: sp.Expr, iv: Any) -> Any:
    """Return the narrowest interval around a rational or an infinity."""
    if end.is_infinite:
        return iv.mpf("inf") if end > 0 else iv.mpf("-inf")
    return iv.mpf(int(end.p)) / int(end.q)


def exact_sign(number: sp.Expr) -> int | None:
    """Return -1, 0 or 1 for a real number given in closed form; None where it is not real or could not be decided."""
    return sign_at(sp.sympify(number), {})


def sign_at(expr: sp.Expr, point: Mapping[sp.Symbol, sp.Expr]) -> int | None:
    """Return the exact sign of an expression at a rational point: by intervals, and where they touch 0 by algebra."""
    if expr.is_Rational:
        return int(sp.sign(expr))
    if expr.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I):
        return None
    for digits in _DIGITS:
        iv = context(int(digits * 3.33))
        try:
            value = enclose(expr, {x: thin(v, iv) for x, v in point.items()}, iv)
        except NotEnclosable:
            continue
        if value.a > 0 or value.b < 0:
            return 1 if value.a > 0 else -1
    number = exact_value(expr, point)
    if number is None:
        return None
    if number.is_Rational:
        return int(sp.sign(number))
    return 0 if number.is_real and sp.simplify(number) == 0 else None


def exact_value(expr: sp.Expr, point: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr | None:
    """Return sympy's value at a rational point; None where a power is too long, or the radicand of a root too large.

    sympy factors radicands, which is slow for large ones and (1.14) can fail with an error from its cache of factors.
    """
    for e in expr.atoms(sp.Pow):
        if any(abs(point[x]) > _LARGEST for x in e.exp.free_symbols & point.keys()):
            return None
        if not e.exp.is_Integer and any(
            max(abs(point[x].p), point[x].q) > _LARGEST for x in e.free_symbols & point.keys()
        ):
            return None
    try:
        return expr.subs(point)
    except (ValueError, TypeError):  # "zoo is not comparable": a Max or Min of a pole
        return None


def evaluated(expr: sp.Expr, point: Mapping[sp.Symbol, sp.Expr], digits: int = 60) -> sp.Expr | None:
    """Return a float of so many digits; None where there is no real value, or mpmath does not know a part.

    In floats throughout: exact powers of long numbers, which sympy would factor first, can take for ever.
    """
    return evaluated_at(expr, [point], digits)[0]


def evaluated_at(
    expr: sp.Expr, points: Sequence[Mapping[sp.Symbol, sp.Expr]], digits: int = 60
) -> list[sp.Expr | None]:
    """Return what `evaluated` does at each of several points, which give numbers to the same symbols."""
    try:
        function = sp.lambdify(list(points[0]), expr, modules="mpmath")
    except (ValueError, TypeError, NameError, NotImplementedError):
        return [None] * len(points)
    return [_value(function, point, digits) for point in points]


def _value(function: Callable[..., Any], point: Mapping[sp.Symbol, sp.Expr], digits: int) -> sp.Expr | None:
    try:
        with mpmath.workdps(digits + 10):
            value = function(*(mpmath.mpf(int(v.p)) / int(v.q) for v in map(sp.Rational, point.values())))
            real = isinstance(value, int | float | mpmath.mpf)  # an int where nothing of mpmath is left
            return sp.Float(value, digits) if real and mpmath.isfinite(value) else None
    except (ArithmeticError, ValueError, TypeError, NameError, AttributeError, NotImplementedError):
        return None

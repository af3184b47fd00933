"""The numbers of a sympy expression, so that a comparison can be trusted: outward-rounded intervals, or exact ones."""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from mpmath.ctx_iv import MPIntervalContext
from mpmath.libmp import ComplexResult

from lab.errors import LabError
from lab.rational import Exact, Irrational, NotRational, power

Ends = tuple[float, float]
Span = tuple[float | Fraction, float | Fraction]  # ends that may be exact; Python compares the two kinds exactly
Box = Mapping[sp.Symbol, Any]  # symbol -> interval of one context


class NotEnclosable(LabError):
    """An expression with a part that interval arithmetic does not know, or with no real value on the box."""


@functools.cache
def context(bits: int = 53) -> Any:
    """Return the interval context of this precision, the lab's own: mpmath's global one is not touched."""
    iv = MPIntervalContext()
    iv.prec = bits
    return iv


def bounds(expr: sp.Expr, values: Mapping[str, float | Ends]) -> Ends:
    """Return (low, high) around `expr` with each symbol, by name, at a number or anywhere in an interval.

    Numbers are taken as the float64 that they are. LabError for a symbol without a value, or a part not known.
    """
    expr, iv = sp.sympify(expr), context()
    missing = sorted(s.name for s in expr.free_symbols if s.name not in values)
    if missing:
        raise LabError(f"bound: {', '.join(missing)} has no value")
    given = {s: values[s.name] for s in expr.free_symbols}
    box = {s: iv.mpf(list(v) if isinstance(v, tuple) else v) for s, v in given.items()}
    found = enclose(expr, box, iv)
    return float(found.a), float(found.b)


def exactly(expr: sp.Expr, values: Mapping[str, float | Span]) -> Fraction | None:
    """Return the rational value of `expr` with each symbol at its number; None where it is not known to be rational.

    A float is the rational that it is. An interval of two different ends is no number.
    """
    points = {name: v if isinstance(v, tuple) else (v, v) for name, v in values.items()}
    if any(low != high or not math.isfinite(low) for low, high in points.values()):
        return None
    try:
        value = _exactly(sp.sympify(expr), {name: Fraction(low) for name, (low, _) in points.items()})
    except NotRational:
        return None
    return None if isinstance(value, Irrational) else value


def _exactly(e: sp.Expr, box: Mapping[str, Fraction]) -> Exact:
    match e:
        case sp.Symbol():
            return box[e.name] if e.name in box else Irrational(f"{e} has no value")
        case sp.Rational():
            return Fraction(int(e.p), int(e.q))
        case sp.Float():
            return Fraction(float(e))
        case sp.Pow():
            base, exponent = (_exactly(a, box) for a in e.args)
            if isinstance(base, Irrational) or isinstance(exponent, Irrational):
                return Irrational(str(e))
            return power(base, exponent, "a power in the bound")
        case sp.Sum():
            ((index, first, last),) = e.limits
            a, b = _exactly(first, box), _exactly(last, box)
            if isinstance(a, Irrational) or isinstance(b, Irrational) or a.denominator * b.denominator != 1:
                return Irrational(str(e))
            terms = (_exactly(e.function, {**box, index.name: Fraction(k)}) for k in range(int(a), int(b) + 1))
            return sum(terms, Fraction(0))
        case sp.Add() | sp.Mul() | sp.Min() | sp.Max() | sp.Abs():
            return _JOINED[type(e)]([_exactly(a, box) for a in e.args])
    return Irrational(str(e))


_JOINED: Mapping[type, Callable[[list[Any]], Exact]] = {
    sp.Add: lambda parts: sum(parts, Fraction(0)), sp.Mul: lambda parts: functools.reduce(lambda x, y: x * y, parts),
    sp.Min: min, sp.Max: max, sp.Abs: lambda parts: abs(parts[0]),
}  # fmt: skip


def outward(ends: Span) -> Ends:
    """Return the ends in float64, a rational one rounded outward."""
    return _rounded(ends[0], -math.inf), _rounded(ends[1], math.inf)


def _rounded(x: float | Fraction, toward: float) -> float:
    if isinstance(x, float):
        return x
    try:
        near = float(x)
    except OverflowError:
        near = math.copysign(sys.float_info.max, x)
    beyond = near >= x if toward > 0 else near <= x
    return near if beyond else math.nextafter(near, toward)


def enclose(expr: sp.Expr, box: Box, iv: Any) -> Any:
    """Return an interval that contains expr at every point of the box; NotEnclosable where there is none."""
    try:
        return _enclose(expr, box, iv)
    except (ComplexResult, ZeroDivisionError, OverflowError, ValueError) as error:
        if isinstance(error, NotEnclosable):
            raise
        raise NotEnclosable(f"{expr} has no interval value on this box: {error or type(error).__name__}") from error


def _enclose(e: sp.Expr, box: Box, iv: Any) -> Any:
    if e in box:
        return box[e]
    if isinstance(e, sp.Rational):
        return iv.mpf(int(e.p)) / int(e.q)
    if isinstance(e, sp.Float):
        return iv.mpf(float(e))
    match e:
        case sp.Add():
            return sum((_enclose(a, box, iv) for a in e.args[1:]), _enclose(e.args[0], box, iv))
        case sp.Mul():
            product = iv.mpf(1)
            for a in e.args:
                product = product * _enclose(a, box, iv)
            return product
        case sp.Pow():
            return _power(e.base, e.exp, box, iv)
        case sp.log():
            return iv.log(_positive(_enclose(e.args[0], box, iv), iv))
        case sp.exp():
            return iv.exp(_enclose(e.args[0], box, iv))
        case sp.Abs():
            return abs(_enclose(e.args[0], box, iv))
        case sp.Min() | sp.Max():
            parts = [_enclose(a, box, iv) for a in e.args]
            pick: Callable[..., Any] = min if isinstance(e, sp.Min) else max
            return iv.mpf([pick(p.a for p in parts), pick(p.b for p in parts)])
        case sp.Sum():
            return _sum(e, box, iv)
    if e == sp.pi or e == sp.E:
        return +(iv.pi if e == sp.pi else iv.e)
    raise NotEnclosable(f"interval arithmetic does not know {e}")


def _power(base: sp.Expr, exponent: sp.Expr, box: Box, iv: Any) -> Any:
    if exponent == -1:
        return 1 / _nonzero(_enclose(base, box, iv))
    if (n := _whole(exponent, box, iv)) is not None:
        value = _enclose(base, box, iv) ** abs(n)
        return value if n >= 0 else 1 / _nonzero(value)
    value = _enclose(base, box, iv)
    if value.b < 0:
        raise NotEnclosable(f"{base} is negative under a root")
    if exponent.is_Rational:  # sqrt is exact at 0, where exp(log) is not; overestimation below 0 is cut off
        inner = iv.mpf([max(value.a, 0), value.b])
        root = iv.sqrt(inner) if exponent.q == 2 else inner ** (iv.mpf(1) / int(exponent.q))
        power = root ** abs(int(exponent.p))
        return power if exponent > 0 else 1 / _nonzero(power)
    return iv.exp(_enclose(exponent, box, iv) * iv.log(_positive(value, iv)))


def _whole(exponent: sp.Expr, box: Box, iv: Any) -> int | None:
    """Return the exponent where it is one integer on the whole box."""
    if exponent.is_Integer or not exponent.free_symbols:
        return int(exponent) if exponent.is_Integer else None
    value = _enclose(exponent, box, iv)
    if not (value.delta == 0 and abs(value) < 2**53):
        return None
    n = int(float(value.a.mid))
    return n if value.a == n else None


def _nonzero(value: Any) -> Any:
    if value.a <= 0 <= value.b:
        raise ZeroDivisionError("division by an interval around 0")
    return value


def _positive(value: Any, iv: Any) -> Any:
    if value.a <= 0:
        raise ValueError("logarithm of an interval that reaches 0")
    return value


def _sum(e: sp.Sum, box: Box, iv: Any) -> Any:
    """Add the terms of a sum whose limits are integers on the box."""
    ((index, first, last),) = e.limits
    a, b = _whole(first, box, iv), _whole(last, box, iv)
    if a is None or b is None:
        raise NotEnclosable(f"the limits of {e} are no integers")
    return sum((_enclose(e.function, {**box, index: iv.mpf(k)}, iv) for k in range(a, b + 1)), iv.mpf(0))

"""The numbers of a sympy expression, enclosed: outward-rounded intervals, so that a comparison can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from mpmath import iv

from lab.errors import LabError

Ends = tuple[float, float]

_FUNCTIONS = {sp.log: iv.log, sp.exp: iv.exp, sp.sin: iv.sin, sp.cos: iv.cos, sp.tan: iv.tan}


def enclose(expr: sp.Expr, values: Mapping[str, float | Ends]) -> Ends:
    """Return (low, high) around `expr` with each symbol, by name, at a number or anywhere in an interval.

    Numbers are taken as the float64 that they are. LabError for a symbol without a value.
    """
    env = {name: iv.mpf(list(v) if isinstance(v, tuple) else v) for name, v in values.items()}
    result = _walk(sp.sympify(expr), env)
    return float(result.a), float(result.b)


def _walk(e: Any, env: Mapping[str, Any]) -> Any:
    if e.is_Symbol:
        if e.name not in env:
            raise LabError(f"bound: {e.name} has no value")
        return env[e.name]
    if e.is_Rational:
        return iv.mpf(int(e.p)) / iv.mpf(int(e.q))
    if e.is_Float:
        return iv.mpf(float(e))
    if e is sp.pi:
        return iv.pi
    if e is sp.E:
        return iv.e
    if e.is_Add or e.is_Mul:
        total = _walk(e.args[0], env)
        for arg in e.args[1:]:
            total = total + _walk(arg, env) if e.is_Add else total * _walk(arg, env)
        return total
    if e.is_Pow:
        return _power(_walk(e.base, env), e.exp, env)
    if isinstance(e, sp.Max | sp.Min):
        ends = [_walk(a, env) for a in e.args]
        pick = max if isinstance(e, sp.Max) else min
        return iv.mpf([pick(x.a for x in ends), pick(x.b for x in ends)])
    if isinstance(e, sp.Abs):
        return abs(_walk(e.args[0], env))
    if e.func in _FUNCTIONS:
        return _FUNCTIONS[e.func](_walk(e.args[0], env))
    if isinstance(e, sp.Sum):
        return _sum(e, env)
    raise LabError(f"bound: {e.func.__name__} in {e} cannot be enclosed")


def _power(base: Any, exponent: Any, env: Mapping[str, Any]) -> Any:
    if exponent == sp.Rational(1, 2):
        return iv.sqrt(base)
    if exponent == sp.Rational(-1, 2):
        return 1 / iv.sqrt(base)
    power = _walk(exponent, env)
    whole = _whole(power)
    return base**whole if whole is not None else iv.exp(power * iv.log(base))


def _whole(x: Any) -> int | None:
    """Return the integer that an interval is; None where it is none."""
    return int(x.a) if x.a == x.b and x.a == int(x.a) else None


def _sum(e: Any, env: Mapping[str, Any]) -> Any:
    ((index, first, last),) = e.limits
    a, b = _whole(_walk(first, env)), _whole(_walk(last, env))
    if a is None or b is None:
        raise LabError(f"bound: the limits of {e} are no integers")
    total = iv.mpf(0)
    for k in range(a, b + 1):
        total = total + _walk(e.function, {**env, index.name: iv.mpf(k)})
    return total

"""Interval arithmetic on numpy arrays, rounded outward: every result contains the result in real arithmetic.

An interval array has the shape `(2, ...)`: the lower ends, then the upper ends. Booleans likewise: whether a statement
surely holds, then whether it may. IEEE operations are widened by one ulp at each end unless the result is an exact
0; elementary functions, of which numpy promises 4 ulp, by 2^-49 of their size. A NaN end means that nothing is known
of it, and stays NaN.

Call these under `strict()`: a product that underflows is then noticed, and not taken for an exact 0.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

Ends = npt.NDArray[Any]  # float64 or bool, (2, ...)

_ELEMENTARY = 2.0**-49


def strict() -> AbstractContextManager[Any]:
    """Return the floating-point mode in which an underflow raises FloatingPointError."""
    return np.errstate(all="ignore", under="raise")


def thin(value: npt.ArrayLike) -> Ends:
    """Return the interval [value, value]."""
    v = np.asarray(value, dtype=np.float64)
    return np.stack([v, v])


def _outward(ndim: int) -> Ends:
    return np.array([-np.inf, np.inf]).reshape(2, *(1,) * (ndim - 1))


_OUTWARD = [_outward(n) for n in range(1, 12)]


def _widen(r: Ends) -> Ends:
    """Move each end outward by one ulp, in place; 0 stays, for a sum is 0 only exactly, and products are watched."""
    return np.nextafter(r, _OUTWARD[r.ndim - 1], out=r, where=r != 0)


def _widen_all(r: Ends) -> Ends:
    return np.nextafter(r, _OUTWARD[r.ndim - 1])


def _hull(p: Ends) -> Ends:
    """Return the least and the greatest of p `(n, ...)` as `(2, ...)`."""
    r = np.empty((2, *p.shape[1:]))
    np.minimum.reduce(p, axis=0, out=r[0])
    np.maximum.reduce(p, axis=0, out=r[1])
    return r


def _corners(f: Callable[[Ends, Ends], Ends], x: Ends, y: Ends) -> Ends:
    p = f(x[:, None], y[None])
    return _hull(p.reshape(4, *p.shape[2:]))


def _watched(f: Callable[[Ends, Ends], Ends], zero: Callable[[Ends, Ends], Ends]) -> Callable[[Ends, Ends], Ends]:
    """Return f with outward rounding; where something underflows, only what `zero` tells is an exact 0."""

    def g(x: Ends, y: Ends) -> Ends:
        try:
            return _widen(f(x, y))
        except FloatingPointError:
            with np.errstate(all="ignore"):
                r = f(x, y)
                return np.where(zero(x, y), 0.0, _widen_all(r))

    return g


def _is_zero(x: Ends) -> Ends:
    zero: Ends = (x[0] == 0) & (x[1] == 0)
    return zero


def add(x: Ends, y: Ends) -> Ends:
    """Return x + y."""
    return _careful(x + y)


def sub(x: Ends, y: Ends) -> Ends:
    """Return x - y."""
    return _careful(x - y[::-1])


def _careful(r: Ends) -> Ends:
    try:
        return _widen(r)
    except FloatingPointError:  # nextafter reports a subnormal result; the sum itself is exact there
        with np.errstate(all="ignore"):
            return _widen(r)


def _product(x: Ends, y: Ends) -> Ends:
    return _corners(np.multiply, x, y)


def _quotient(x: Ends, y: Ends) -> Ends:
    r = _corners(np.divide, x, y)
    through_zero = (y[0] <= 0) & (y[1] >= 0)
    return np.where(through_zero, _OUTWARD[r.ndim - 1], r) if through_zero.any() else r


def _square(x: Ends, _: Ends) -> Ends:
    r = _hull(x * x)
    r[0][(x[0] <= 0) & (x[1] >= 0)] = 0.0
    return r


mul = _watched(_product, lambda x, y: _is_zero(x) | _is_zero(y))
div = _watched(_quotient, lambda x, y: _is_zero(x) & ~_is_zero(y) & ~((y[0] <= 0) & (y[1] >= 0)))
_scaled = _watched(np.multiply, lambda x, y: _is_zero(x) | _is_zero(y))
_squared = _watched(_square, lambda x, _: _is_zero(x))


def square(x: Ends) -> Ends:
    """Return x^2, which is never negative."""
    return np.maximum(_squared(x, x), 0.0)


def scale_by(c: Ends) -> Callable[[Ends], Ends] | None:
    """Return multiplication by c where c is thin and not negative, which is cheaper; None elsewhere."""
    if not ((c[0] == c[1]) & (c[0] >= 0) & (c[0] < np.inf)).all():
        return None
    return lambda x: _scaled(x, c)


def neg(x: Ends) -> Ends:
    """Return -x."""
    return np.negative(x[::-1])


def sqrt(x: Ends) -> Ends:
    """Return the root of the part of x that is not negative."""
    floor = np.array([0.0, -np.inf]).reshape(_OUTWARD[x.ndim - 1].shape)
    return _careful(np.sqrt(np.maximum(x, floor)))


def absolute(x: Ends) -> Ends:
    """Return |x|."""
    return np.stack([np.maximum(np.maximum(x[0], -x[1]), 0.0), np.maximum(-x[0], x[1])])


def elementary(r: Ends) -> Ends:
    """Widen what numpy computed to at most 4 ulp, by 8."""
    with np.errstate(all="ignore"):
        return _widen_all(r + _OUTWARD_SIGN[r.ndim - 1] * np.abs(r) * _ELEMENTARY)


_OUTWARD_SIGN = [np.sign(o) for o in _OUTWARD]


def increasing(f: Callable[[Ends], Ends], low: float = -np.inf, high: float = np.inf) -> Callable[[Ends], Ends]:
    """Return the enclosure of an increasing elementary function with values in [low, high]."""

    def g(x: Ends) -> Ends:
        with np.errstate(all="ignore"):
            return np.clip(elementary(f(x)), low, high)

    return g


def power(x: Ends, y: Ends) -> Ends:
    """Return x^y for x >= 0, and for any x where y is a thin integer >= 0; else nothing is known."""
    with np.errstate(all="ignore"):
        r = elementary(_corners(np.power, np.maximum(x, 0.0), y))
        r[0] = np.maximum(r[0], 0.0)
        if (x[0] >= 0).all():
            return r
        whole = (y[0] == y[1]) & (y[0] >= 0) & (np.floor(y[0]) == y[0])
        ends = elementary(_hull(np.power(x, y)))
        ends[0] = np.where((x[0] <= 0) & (x[1] >= 0) & (y[0] % 2 == 0), 0.0, ends[0])
        unknown = np.where(whole, ends, np.nan)
        return np.where(x[0] >= 0, r, unknown)


def remainder(x: Ends, y: Ends) -> Ends:
    """Return x mod y for a thin y > 0: exact where x stays inside one period, else [0, y]."""
    with np.errstate(all="ignore"):
        r = np.fmod(x, y)
        inside = (x[0] >= 0) & (r[0] <= r[1]) & (x[1] - x[0] < 0.999 * y[0])
        good = (y[0] == y[1]) & (y[0] > 0)
        all_of_it = np.stack(np.broadcast_arrays(np.zeros_like(y[0]), y[1]))
        return np.where(good, np.where(inside, r, all_of_it), np.nan)


def total(x: Ends, axes: tuple[int, ...]) -> Ends:
    """Return the sum over axes, widened by the bound n u sum|x_i| that holds for any order. The axes stay."""
    n = int(np.prod([x.shape[a] for a in axes]))
    r: Ends = x.sum(axis=axes, keepdims=True)
    if n <= 1:
        return r
    with np.errstate(all="ignore"):
        slack = np.abs(x).sum(axis=axes, keepdims=True) * (n * 2.0**-52)
        return _widen(r + _OUTWARD_SIGN[r.ndim - 1] * slack)


def product(x: Ends, axes: tuple[int, ...]) -> Ends:
    """Return the product over one axis, which stays with length 1."""
    (axis,) = axes
    parts = [x.take([i], axis=axis) for i in range(x.shape[axis])]
    return reduce(mul, parts)


def where(c: Ends, x: Ends, y: Ends) -> Ends:
    """Return x where c surely holds, y where it surely does not, the hull of both elsewhere."""
    sure, may = c
    chosen = np.where(sure, x, y)
    open_ = sure != may
    if not open_.any():
        return chosen
    if c.dtype == x.dtype == y.dtype == np.bool_:
        return np.where(open_, np.stack([x[0] & y[0], x[1] | y[1]]), chosen)
    return np.where(open_, np.stack([np.minimum(x[0], y[0]), np.maximum(x[1], y[1])]), chosen)


def lt(x: Ends, y: Ends) -> Ends:
    """Return x < y."""
    return np.stack([x[1] < y[0], ~(x[0] >= y[1])])


def le(x: Ends, y: Ends) -> Ends:
    """Return x <= y."""
    return np.stack([x[1] <= y[0], ~(x[0] > y[1])])


def eq(x: Ends, y: Ends) -> Ends:
    """Return x == y."""
    sure = (x[0] == x[1]) & (y[0] == y[1]) & (x[0] == y[0])
    return np.stack([sure, ~((x[0] > y[1]) | (y[0] > x[1]))])


def logical_not(c: Ends) -> Ends:
    """Return not c."""
    return ~c[::-1]


def finite(x: Ends) -> Ends:
    """Return whether x is finite: surely where both ends are."""
    sure = np.isfinite(x).all(axis=0)
    return np.stack([sure, np.ones_like(sure)])


def wave(shift: float, f: Callable[[Ends], Ends]) -> Callable[[Ends], Ends]:
    """Return the enclosure of sin (shift 1/4) or cos (shift 0): 1 where a crest may lie inside, -1 where a trough."""

    def g(x: Ends) -> Ends:
        with np.errstate(all="ignore"):
            slack: Ends = 1e-9 * (1 + np.abs(x))
            turns = (x + _OUTWARD_SIGN[x.ndim - 1] * slack) / (2 * np.pi)
            crest = np.floor(turns[1] - shift) >= np.ceil(turns[0] - shift)
            trough = np.floor(turns[1] - shift - 0.5) >= np.ceil(turns[0] - shift - 0.5)
            r = elementary(_hull(f(x)))
            low, high = np.where(trough, -1.0, r[0]), np.where(crest, 1.0, r[1])
            return np.stack([np.maximum(low, -1.0), np.minimum(high, 1.0)])

    return g

"""What each recorded operation is in interval arithmetic: two ends a number, rounded outward."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch

from lab.engine import interval as iv
from lab.engine.arithmetic import Arithmetic, Factory, Inner, Rule, Values, reduction
from lab.engine.graph import Node
from lab.engine.interval import Ends
from lab.errors import LabError


def _reciprocal(x: Ends) -> Ends:
    return iv.div(np.ones((2, *(1,) * (x.ndim - 1))), x)


def _rsqrt(x: Ends) -> Ends:
    return _reciprocal(iv.sqrt(x))


def _sigmoid(x: Ends) -> Ends:
    return np.reciprocal(np.add(1, np.exp(-x)))  # 4 ulp of exp and two roundings: below 8


_libm_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def _minus_erfc(x: Ends) -> Ends:
    ends: Ends = -_libm_erfc(x)  # the C library's, which promises a few ulp as numpy does
    return ends


def _log1pexp(x: Ends) -> Ends:
    return iv.elementary(np.where(x > 0, x, 0.0) + np.log1p(np.exp(-np.abs(x))))


def _flag(f: Rule) -> Rule:
    return lambda c, d: np.stack([f(c[0], d[0]), f(c[1], d[1])])


def _xor(c: Ends, d: Ends) -> Ends:
    sure = (c[0] == c[1]) & (d[0] == d[1])
    return np.stack([sure & (c[0] ^ d[0]), ~sure | (c[0] ^ d[0])])


_ELEMENTWISE: dict[str, Rule] = {
    "neg": iv.neg, "abs": iv.absolute, "sign": np.sign, "sqrt": iv.sqrt, "rsqrt": _rsqrt, "square": iv.square,
    "reciprocal": _reciprocal, "floor": np.floor, "ceil": np.ceil, "round": np.rint, "trunc": np.trunc,
    "exp": iv.increasing(np.exp, low=0.0), "exp2": iv.increasing(np.exp2, low=0.0),
    "expm1": iv.increasing(np.expm1, low=-1.0), "log": iv.increasing(np.log), "log1p": iv.increasing(np.log1p),
    "log2": iv.increasing(np.log2), "log10": iv.increasing(np.log10), "atan": iv.increasing(np.arctan),
    "sinh": iv.increasing(np.sinh), "tanh": iv.increasing(np.tanh, -1.0, 1.0), "sin": iv.wave(0.25, np.sin),
    "cos": iv.wave(0.0, np.cos), "sigmoid": iv.increasing(_sigmoid, 0.0, 1.0),
    "logsigmoid": lambda x: iv.neg(iv.increasing(_log1pexp, low=0.0)(iv.neg(x))),
    "erfc": lambda x: iv.neg(iv.increasing(_minus_erfc, -2.0, 0.0)(x)),
    "add": iv.add, "sub": iv.sub, "mul": iv.mul, "div": iv.div, "pow": iv.power, "remainder": iv.remainder,
    "maximum": np.maximum, "minimum": np.minimum, "where": iv.where, "lt": iv.lt, "le": iv.le,
    "gt": lambda x, y: iv.lt(y, x), "ge": lambda x, y: iv.le(y, x), "eq": iv.eq,
    "ne": lambda x, y: iv.logical_not(iv.eq(x, y)), "not": iv.logical_not, "and": _flag(np.logical_and),
    "or": _flag(np.logical_or), "xor": _xor, "isfinite": iv.finite, "isinf": lambda x: iv.logical_not(iv.finite(x)),
    "isnan": lambda x: np.stack([np.zeros(x.shape[1:], bool), np.isnan(x).any(axis=0)]),
}  # fmt: skip


def _softplus(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    beta, threshold = (float(a) for a in node.args[1:])
    if beta <= 0:
        raise LabError(f"{node.where}: softplus has an interval form for beta > 0 only")
    curve = iv.increasing(lambda x: _log1pexp(beta * x) / beta, low=0.0)

    def rule(x: Ends) -> Ends:
        r = curve(x)  # beyond the threshold torch returns x itself, a little less
        beyond = np.where(beta * x[0] > threshold, x[0], np.minimum(r[0], threshold / beta))
        r[0] = np.where(beta * x[1] > 0.999 * threshold, np.minimum(r[0], beyond), r[0])
        return r

    return rule


def _cast(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    if node.dtype == torch.bool:
        return lambda x: x if x.dtype == np.bool_ else iv.logical_not(iv.eq(x, np.zeros((2, 1, 1, 1))))
    if node.dtype.is_floating_point:
        if node.dtype != torch.float64:
            raise LabError(f"{node.where}: intervals are float64, and the step computes in {node.dtype}")
        return lambda x: x.astype(np.float64)
    return lambda x: np.trunc(x.astype(np.float64))


def _norm(x: Ends, axes: tuple[int, ...]) -> Ends:
    return iv.sqrt(np.maximum(iv.total(iv.square(x), axes), 0.0))


_SPECIAL: Mapping[str, Factory] = {
    "softplus": _softplus, "cast": _cast, "norm": reduction(_norm), "sum": reduction(iv.total),
    "prod": reduction(iv.product),
    "amax": reduction(lambda x, axes: np.maximum.reduce(x, axis=axes, keepdims=True)),
    "amin": reduction(lambda x, axes: np.minimum.reduce(x, axis=axes, keepdims=True)),
    "all": reduction(lambda x, axes: np.logical_and.reduce(x, axis=axes, keepdims=True)),
    "any": reduction(lambda x, axes: np.logical_or.reduce(x, axis=axes, keepdims=True)),
}  # fmt: skip


def _lift(v: npt.NDArray[np.float64] | npt.NDArray[np.bool_]) -> Ends:
    return np.stack([v, v]) if v.dtype == np.bool_ else iv.thin(v)


def _simpler(rule: Rule, known: Ends) -> Rule | None:
    """Return a product with a known number >= 0 in its cheaper form."""
    return iv.scale_by(known) if rule is iv.mul else None


def _watch(carry: Mapping[str, Values], t: int) -> None:
    """Carry on with any interval: one that says nothing is none the less true."""


INTERVALS = Arithmetic(
    name="interval arithmetic", lift=_lift, elementwise=_ELEMENTWISE, special=_SPECIAL, mode=iv.strict,
    simpler=_simpler, watch=_watch,
)  # fmt: skip

"""What each recorded operation is in interval arithmetic.

Arrays are `(2, K, R, ...)`: ends, steps, rows (1 where all are alike), and the node's inner shape, padded with ones on
its left to one rank, so that everything broadcasts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from lab.engine import interval as iv
from lab.engine.graph import Node, Ref
from lab.engine.interval import Ends
from lab.errors import LabError

Rule = Callable[..., Ends]
Inner = tuple[int, ...]

_ONE = np.ones((2, 1, 1, 1))


def _rsqrt(x: Ends) -> Ends:
    return iv.div(_ONE, iv.sqrt(x))


def _sigmoid(x: Ends) -> Ends:
    return np.reciprocal(np.add(1, np.exp(-x)))  # 4 ulp of exp and two roundings: below 8


def _log1pexp(x: Ends) -> Ends:
    return iv.elementary(np.where(x > 0, x, 0.0) + np.log1p(np.exp(-np.abs(x))))


def _flag(f: Rule) -> Rule:
    return lambda c, d: np.stack([f(c[0], d[0]), f(c[1], d[1])])


def _xor(c: Ends, d: Ends) -> Ends:
    sure = (c[0] == c[1]) & (d[0] == d[1])
    return np.stack([sure & (c[0] ^ d[0]), ~sure | (c[0] ^ d[0])])


_ELEMENTWISE: dict[str, Rule] = {
    "neg": iv.neg, "abs": iv.absolute, "sign": np.sign, "sqrt": iv.sqrt, "rsqrt": _rsqrt, "square": iv.square,
    "reciprocal": lambda x: iv.div(_ONE, x), "floor": np.floor, "ceil": np.ceil, "round": np.rint, "trunc": np.trunc,
    "exp": iv.increasing(np.exp, low=0.0), "exp2": iv.increasing(np.exp2, low=0.0),
    "expm1": iv.increasing(np.expm1, low=-1.0), "log": iv.increasing(np.log), "log1p": iv.increasing(np.log1p),
    "log2": iv.increasing(np.log2), "log10": iv.increasing(np.log10), "atan": iv.increasing(np.arctan),
    "sinh": iv.increasing(np.sinh), "tanh": iv.increasing(np.tanh, -1.0, 1.0), "sin": iv.wave(0.25, np.sin),
    "cos": iv.wave(0.0, np.cos), "sigmoid": iv.increasing(_sigmoid, 0.0, 1.0),
    "logsigmoid": lambda x: iv.neg(iv.increasing(_log1pexp, low=0.0)(iv.neg(x))),
    "add": iv.add, "sub": iv.sub, "mul": iv.mul, "div": iv.div, "pow": iv.power, "remainder": iv.remainder,
    "maximum": np.maximum, "minimum": np.minimum, "where": iv.where, "lt": iv.lt, "le": iv.le,
    "gt": lambda x, y: iv.lt(y, x), "ge": lambda x, y: iv.le(y, x), "eq": iv.eq,
    "ne": lambda x, y: iv.logical_not(iv.eq(x, y)), "not": iv.logical_not, "and": _flag(np.logical_and),
    "or": _flag(np.logical_or), "xor": _xor, "isfinite": iv.finite, "isinf": lambda x: iv.logical_not(iv.finite(x)),
    "isnan": lambda x: np.stack([np.zeros(x.shape[1:], bool), np.isnan(x).any(axis=0)]),
}  # fmt: skip


def enclosure(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    """Return the function from the intervals of a node's arguments to its own.

    inners: the inner shapes of those arguments that are nodes. Arguments that are numbers arrive as intervals too,
    but for axes and the like, which the function knows. Raises LabError where an operation has no interval form.
    """
    if node.op == "mul" and node.args[0] == node.args[1]:
        return lambda x, _: iv.square(x)
    if node.op in _ELEMENTWISE:
        return _ELEMENTWISE[node.op]
    if node.op in _SPECIAL:
        return _SPECIAL[node.op](node, inners, rank)
    raise LabError(f"{node.where}: {node.op} has no interval form")


def numbers(node: Node) -> tuple[Any, ...]:
    """Return the arguments of a node that are values; the others say which axes, or how."""
    if node.op in ("cat", "stack"):
        return tuple(node.args[0])
    if node.op in _SPECIAL and node.op != "clamp":
        return tuple(a for a in node.args if isinstance(a, Ref))
    return tuple(a for a in node.args if a is not None)


def padded(inner: Inner, rank: int) -> Inner:
    """Return the inner shape with ones on its left, `rank` axes in all."""
    return (1,) * (rank - len(inner)) + inner


def _fit(node: Node, rank: int) -> Callable[[Ends], Ends]:
    shape = padded(node.inner, rank)
    return lambda r: r.reshape(r.shape[:3] + shape)


def _clamp(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    low, high = node.args[1] is not None, node.args[2] is not None

    def rule(x: Ends, *limits: Ends) -> Ends:
        if low:
            x = np.maximum(x, limits[0])
        return np.minimum(x, limits[-1]) if high else x

    return rule


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


def _reduction(f: Callable[[Ends, tuple[int, ...]], Ends]) -> Callable[..., Rule]:
    def factory(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
        axes, fit = node.args[1], _fit(node, rank)
        return lambda x: fit(f(x, axes))

    return factory


def _index(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    key, prefix, fit = _key(node.args[1]), (slice(None),) * 3, _fit(node, rank)
    (inner,) = inners
    return lambda x: fit(x.reshape(x.shape[:3] + inner)[prefix + key])


def _key(spec: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    key: list[Any] = []
    for kind, *at in spec:
        if kind == "slice":
            start, step, length = at
            stop = start + step * length
            key.append(slice(start, stop if stop >= 0 else None, step))
        else:
            key.append(at[0] if kind == "int" else None)
    return tuple(key)


def _reshape(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    return _fit(node, rank)


def _expand(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    shape = padded(node.inner, rank)
    return lambda x: np.broadcast_to(x, x.shape[:3] + shape)


def _permute(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    (inner,) = inners
    order = (0, 1, 2, *(3 + len(inner) + a for a in node.args[1][-len(inner) :]))
    fit = _fit(node, rank)
    return lambda x: fit(x.reshape(x.shape[:3] + inner).transpose(order))


def _join(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    join, axis, fit = (np.concatenate if node.op == "cat" else np.stack), node.args[1], _fit(node, rank)

    def rule(*parts: Ends) -> Ends:
        prefix = np.broadcast_shapes(*(p.shape[:3] for p in parts))
        whole = [np.broadcast_to(p.reshape(p.shape[:3] + i), prefix + i) for p, i in zip(parts, inners, strict=True)]
        return fit(join(whole, axis=axis))

    return rule


def _norm(x: Ends, axes: tuple[int, ...]) -> Ends:
    return iv.sqrt(np.maximum(iv.total(iv.square(x), axes), 0.0))


_SPECIAL: dict[str, Callable[[Node, Sequence[Inner], int], Rule]] = {
    "clamp": _clamp, "softplus": _softplus, "cast": _cast, "index": _index, "reshape": _reshape, "expand": _expand,
    "permute": _permute, "cat": _join, "stack": _join, "norm": _reduction(_norm), "sum": _reduction(iv.total),
    "prod": _reduction(iv.product),
    "amax": _reduction(lambda x, axes: np.maximum.reduce(x, axis=axes, keepdims=True)),
    "amin": _reduction(lambda x, axes: np.minimum.reduce(x, axis=axes, keepdims=True)),
    "all": _reduction(lambda x, axes: np.logical_and.reduce(x, axis=axes, keepdims=True)),
    "any": _reduction(lambda x, axes: np.logical_or.reduce(x, axis=axes, keepdims=True)),
}  # fmt: skip

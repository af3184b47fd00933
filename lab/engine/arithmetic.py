"""What a recorded graph can be replayed in: an arithmetic, and the operations that only move numbers about.

An array of an arithmetic is `(E, K, R, ...)`: the ends of a number (two of an interval, one of an exact number), steps,
rows (1 where all are alike), and the node's inner shape, padded with ones on its left to one rank, so that everything
broadcasts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lab.engine.graph import Node, Ref
from lab.errors import LabError

Values = npt.NDArray[Any]  # (E, K, R, ...)
Rule = Callable[..., Values]
Inner = tuple[int, ...]
Factory = Callable[[Node, Sequence[Inner], int], Rule]  # from a node, its arguments' inner shapes and the rank


@dataclass(frozen=True)
class Arithmetic:
    """How numbers are computed with.

    lift: the exact numbers of a float64 or bool array `(...)`, as `(E, ...)`. elementwise, special: the operations; the
    special ones look at the node. simpler: a product with a known number in a cheaper form, or None. watch: raises
    LabError where what is carried on from step t cannot be computed with. mode: entered around all computing.
    """

    name: str
    lift: Callable[[npt.NDArray[Any]], Values]
    elementwise: Mapping[str, Rule]
    special: Mapping[str, Factory]
    mode: Callable[[], AbstractContextManager[Any]]
    simpler: Callable[[Rule, Values], Rule | None]
    watch: Callable[[Mapping[str, Values], int], None]

    def rule(self, node: Node, inners: Sequence[Inner], rank: int) -> Rule:
        """Return the function from the arrays of a node's operands to its own.

        inners: the inner shapes of those operands that are nodes. Raises LabError where an operation has no form here.
        """
        if node.op == "mul" and node.args[0] == node.args[1]:
            square = self.elementwise["square"]
            return lambda x, _: square(x)
        if node.op in self.elementwise:
            return self.elementwise[node.op]
        factory = self.special.get(node.op) or MOVES.get(node.op)
        if factory is None:
            raise LabError(f"{node.where}: {node.op} has no form in {self.name}")
        return factory(node, inners, rank)


_DESCRIBED = frozenset(  # all but the nodes among their arguments say which axes, or how
    "softplus cast index reshape expand permute sum prod amax amin all any norm take gather".split()
)


def operands(node: Node) -> tuple[Any, ...]:
    """Return the arguments of a node that are values; the others say which axes, or how."""
    if node.op in ("cat", "stack"):
        return tuple(node.args[0])
    if node.op in _DESCRIBED:
        return tuple(a for a in node.args if isinstance(a, Ref))
    return tuple(a for a in node.args if a is not None)


def padded(inner: Inner, rank: int) -> Inner:
    """Return the inner shape with ones on its left, `rank` axes in all."""
    return (1,) * (rank - len(inner)) + inner


def fit(node: Node, rank: int) -> Callable[[Values], Values]:
    """Return the function that gives a result the node's padded inner shape."""
    shape = padded(node.inner, rank)
    return lambda r: r.reshape(r.shape[:3] + shape)


def reduction(f: Callable[[Values, tuple[int, ...]], Values]) -> Factory:
    """Return the factory of a reduction, f keeping the axes that it runs over."""

    def factory(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
        axes, fitted = node.args[1], fit(node, rank)
        return lambda x: fitted(f(x, axes))

    return factory


def _clamp(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    low, high = node.args[1] is not None, node.args[2] is not None

    def rule(x: Values, *limits: Values) -> Values:
        if low:
            x = np.maximum(x, limits[0])
        return np.minimum(x, limits[-1]) if high else x

    return rule


def _index(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    key, prefix, fitted = _key(node.args[1]), (slice(None),) * 3, fit(node, rank)
    (inner,) = inners
    return lambda x: fitted(x.reshape(x.shape[:3] + inner)[prefix + key])


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
    return fit(node, rank)


def _expand(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    shape = padded(node.inner, rank)
    return lambda x: np.broadcast_to(x, x.shape[:3] + shape)


def _permute(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    (inner,) = inners
    order = (0, 1, 2, *(3 + len(inner) + a for a in node.args[1][-len(inner) :]))
    fitted = fit(node, rank)
    return lambda x: fitted(x.reshape(x.shape[:3] + inner).transpose(order))


def _join(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    join, axis, fitted = (np.concatenate if node.op == "cat" else np.stack), node.args[1], fit(node, rank)

    def rule(*parts: Values) -> Values:
        prefix = np.broadcast_shapes(*(p.shape[:3] for p in parts))
        whole = [np.broadcast_to(p.reshape(p.shape[:3] + i), prefix + i) for p, i in zip(parts, inners, strict=True)]
        return fitted(join(whole, axis=axis))

    return rule


def _take(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    table, inner = inners
    fitted = fit(node, rank)
    return lambda x, i: fitted(x.reshape(x.shape[:1] + table)[:, _places(node, i, inner)])


def _gather(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    inner, at = inners
    axis, fitted = node.args[2], fit(node, rank)

    def rule(x: Values, i: Values) -> Values:
        prefix = np.broadcast_shapes(x.shape[:3], i.shape[:3])
        places = np.broadcast_to(_places(node, i, at), prefix + at)
        return fitted(np.take_along_axis(np.broadcast_to(x.reshape(x.shape[:3] + inner), prefix + inner), places, axis))

    return rule


def _places(node: Node, i: Values, inner: Inner) -> npt.NDArray[np.int64]:
    """Return an index as whole numbers `(K, R, ...)`; LabError where it is not known exactly."""
    if (i[0] != i[-1]).any():
        raise LabError(f"{node.where}: {node.op} with an index that is not known exactly")
    places: npt.NDArray[np.int64] = i[0].reshape(i.shape[1:3] + inner).astype(np.int64)
    return places


MOVES: Mapping[str, Factory] = {
    "clamp": _clamp, "index": _index, "reshape": _reshape, "expand": _expand, "permute": _permute, "cat": _join,
    "stack": _join, "take": _take, "gather": _gather,
}  # fmt: skip

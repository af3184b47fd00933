"""What each recorded operation is in exact rational arithmetic: one Fraction a number, in arrays of objects.

+ - * /, comparisons, choices, sums and whole powers stay rational. A root does where it is the root of a square; every
other function leaves the rationals, and is named, with its line, by the number that it returns (lab.rational).
So ties, which an interval leaves open, are decided.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from lab.engine.arithmetic import Arithmetic, Factory, Inner, Rule, Values, fit, operands, reduction
from lab.engine.graph import Node
from lab.rational import BITS, Exact, Irrational, NotRational, bits, power, root

_LEAVING = (
    "exp exp2 expm1 log log1p log2 log10 sin cos tan asin acos atan sinh cosh tanh sigmoid logsigmoid erf erfc ndtri "
    "atan2 hypot softplus"
).split()


def _each(f: Callable[..., Exact], arguments: int = 1) -> Rule:
    """Return f on every element; of an irrational argument nothing is known but that it is one."""

    def one(*values: Any) -> Exact:
        spoilt = next((v for v in values if isinstance(v, Irrational)), None)
        return f(*values) if spoilt is None else Irrational(spoilt.why)

    rule: Rule = np.frompyfunc(one, arguments, 1)
    return rule


def _square(x: Any) -> Exact:
    if isinstance(x, Irrational):
        return Irrational(x.why) if x.square is None else x.square
    return Fraction(x * x)


def _whole(f: Callable[[Any], int]) -> Rule:
    return _each(lambda x: Fraction(f(x)))


def _never(x: Values) -> Values:
    return np.zeros(x.shape, bool)


_ELEMENTWISE: Mapping[str, Rule] = {
    "neg": np.negative, "abs": np.absolute, "sign": _whole(lambda x: (x > 0) - (x < 0)),
    "square": np.frompyfunc(_square, 1, 1), "floor": _whole(math.floor), "ceil": _whole(math.ceil),
    "round": _whole(round), "trunc": _whole(math.trunc), "add": np.add, "sub": np.subtract, "mul": np.multiply,
    "maximum": np.maximum, "minimum": np.minimum, "where": np.where, "lt": np.less, "le": np.less_equal,
    "gt": np.greater, "ge": np.greater_equal, "eq": np.equal, "ne": np.not_equal, "not": np.logical_not,
    "and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor, "isnan": _never, "isinf": _never,
    "isfinite": lambda x: ~_never(x),
}  # fmt: skip


def _why(node: Node) -> str:
    return f"{node.where}: {node.op}"


def _named(f: Callable[..., Exact], arguments: int = 1) -> Factory:
    """Return the factory of a function that is told, last, which operation to name."""

    def factory(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
        why = _why(node)
        return _each(lambda *values: f(*values, why), arguments)

    return factory


def _div(x: Fraction, y: Fraction, why: str) -> Exact:
    return Fraction(x) / Fraction(y) if y else Irrational(f"{why} divides by 0")


def _remainder(x: Fraction, y: Fraction, why: str) -> Exact:
    return Fraction(x) % Fraction(y) if y else Irrational(f"{why} divides by 0")


def _rsqrt(x: Fraction, why: str) -> Exact:
    return power(x, Fraction(-1, 2), why) if x else Irrational(f"{why} divides by 0")


def _leaves(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    mark = Irrational(f"{_why(node)} leaves the rationals")
    rule: Rule = np.frompyfunc(lambda *_: mark, len(operands(node)), 1)
    return rule


def _cast(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    if node.dtype == torch.bool:
        return lambda x: x if x.dtype == np.bool_ else x != 0
    return _numbers if node.dtype.is_floating_point else lambda x: _ELEMENTWISE["trunc"](_numbers(x))


def _numbers(x: Values) -> Values:
    """Return truth values as 0 and 1."""
    return np.frompyfunc(Fraction, 1, 1)(x.astype(object)) if x.dtype == np.bool_ else x


def _folded(f: np.ufunc) -> Callable[[Values, tuple[int, ...]], Values]:
    return lambda x, axes: f.reduce(x, axis=axes, keepdims=True)


def _sum(x: Values, axes: tuple[int, ...]) -> Values:
    return np.add.reduce(_numbers(x), axis=axes, keepdims=True)


def _norm(node: Node, inners: Sequence[Inner], rank: int) -> Rule:
    axes, fitted, why = node.args[1], fit(node, rank), _why(node)
    sqrt = _each(lambda x: root(x, why))
    return lambda x: sqrt(fitted(_sum(_ELEMENTWISE["square"](x), axes)))


_SPECIAL: Mapping[str, Factory] = {
    "div": _named(_div, 2), "reciprocal": _named(lambda x, why: _div(Fraction(1), x, why)), "sqrt": _named(root),
    "rsqrt": _named(_rsqrt), "pow": _named(power, 2), "remainder": _named(_remainder, 2), "cast": _cast, "norm": _norm,
    "sum": reduction(_sum), "prod": reduction(_folded(np.multiply)), "amax": reduction(_folded(np.maximum)),
    "amin": reduction(_folded(np.minimum)), "all": reduction(_folded(np.logical_and)),
    "any": reduction(_folded(np.logical_or)), **dict.fromkeys(_LEAVING, _leaves),
}  # fmt: skip


def _one(x: float) -> Exact:
    return Fraction(x) if math.isfinite(x) else Irrational("an infinite number is not rational")


def _lift(v: npt.NDArray[Any]) -> Values:
    exact = v if v.dtype == np.bool_ else np.asarray(np.frompyfunc(_one, 1, 1)(v.astype(object)), dtype=object)
    return exact[None]


def refuse(values: Values, what: str) -> None:
    """Raise NotRational, with the reason, where a number is not rational or has more than BITS bits."""
    for x in values.flat if values.dtype == object else ():
        if isinstance(x, Irrational):
            raise NotRational(f"{what}: {x.why}")
        if bits(Fraction(x)) > BITS:
            raise NotRational(f"{what} has more than {BITS} bits")


def _watch(carry: Mapping[str, Values], t: int) -> None:
    for name, values in carry.items():
        refuse(values, f"{name} after step {t}")


def _simpler(rule: Rule, known: Values) -> Rule | None:
    return None


RATIONALS = Arithmetic(
    name="rational arithmetic", lift=_lift, elementwise=_ELEMENTWISE, special=_SPECIAL, mode=nullcontext,
    simpler=_simpler, watch=_watch,
)  # fmt: skip

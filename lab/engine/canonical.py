"""One name for each operation: `x * y`, `torch.mul(x, y)` and `x.multiply(y)` are all `mul`.

CANONICAL maps a torch function's name to a function with torch's own signature that returns (operation, arguments)
in the vocabulary of graph.py; it raises TypeError where it does not take an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

Call = tuple[str, tuple[Any, ...]]
Rule = Callable[..., Call]

_UNARY = {
    name: name
    for name in (
        "neg abs sign sqrt rsqrt reciprocal square exp expm1 exp2 log log1p log2 log10 sin cos tan asin acos atan sinh "
        "cosh tanh sigmoid erf erfc floor ceil round trunc isfinite isnan isinf"
    ).split()
} | {
    "negative": "neg", "__neg__": "neg", "absolute": "abs", "__abs__": "abs", "sgn": "sign", "fix": "trunc",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "special_expm1": "expm1", "special_log1p": "log1p",
    "special_ndtri": "ndtri", "special_erf": "erf", "special_erfc": "erfc", "special_expit": "sigmoid",
    "log_sigmoid": "logsigmoid", "logical_not": "not", "__invert__": "not", "bitwise_not": "not",
}  # fmt: skip

_BINARY = {name: name for name in "sub mul pow remainder atan2 hypot lt le gt ge eq ne".split()} | {
    "subtract": "sub", "multiply": "mul", "__mul__": "mul", "__rmul__": "mul", "__mod__": "remainder",
    "__lt__": "lt", "__le__": "le", "__gt__": "gt", "__ge__": "ge", "__eq__": "eq", "__ne__": "ne", "less": "lt",
    "less_equal": "le", "greater": "gt", "greater_equal": "ge", "not_equal": "ne",
    "logical_and": "and", "logical_or": "or", "logical_xor": "xor", "__and__": "and", "__or__": "or", "__xor__": "xor",
    "bitwise_and": "and", "bitwise_or": "or", "bitwise_xor": "xor", "arctan2": "atan2",
    "maximum": "maximum", "minimum": "minimum",
}  # fmt: skip

_REFLECTED = {"__rsub__": "sub", "rsub": "sub", "__rdiv__": "div", "__rtruediv__": "div", "__rmod__": "remainder"}

_POWERS = {2: "square", 0.5: "sqrt", -0.5: "rsqrt", -1: "reciprocal"}  # torch computes these powers so


def _unary(op: str) -> Rule:
    return lambda x: (op, (x,))


def _binary(op: str) -> Rule:
    return lambda x, y: (op, (x, y))


def _reflected(op: str) -> Rule:
    return lambda x, y: (op, (y, x))


def _add(x: Any, y: Any, *, alpha: float = 1) -> Call:
    if alpha != 1:
        raise TypeError("alpha")
    return "add", (x, y)


def _div(x: Any, y: Any, *, rounding_mode: str | None = None) -> Call:
    if rounding_mode is not None:
        raise TypeError("rounding_mode")
    return "div", (x, y)


def _pow(x: Any, exponent: Any) -> Call:
    if isinstance(exponent, int | float) and isinstance(x, Tensor) and x.is_floating_point() and exponent in _POWERS:
        return _POWERS[exponent], (x,)
    return "pow", (x, exponent)


def _rpow(x: Any, base: Any) -> Call:
    return "pow", (base, x)


def _clamp(x: Tensor, min: Any = None, max: Any = None) -> Call:
    return "clamp", (x, min, max)


def _relu(x: Tensor, inplace: bool = False) -> Call:
    if inplace:
        raise TypeError("inplace")
    return "clamp", (x, 0, None)


def _softplus(x: Tensor, beta: float = 1, threshold: float = 20) -> Call:
    return "softplus", (x, beta, threshold)


def _where(condition: Tensor, x: Any, y: Any) -> Call:
    return "where", (condition, x, y)


def _where_method(x: Tensor, condition: Tensor, y: Any) -> Call:
    return "where", (condition, x, y)


def axes_of(x: Tensor, dim: int | Sequence[int] | None) -> tuple[int, ...]:
    """Return dimensions as negative axes; None is all of them."""
    dims = range(x.dim()) if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    return tuple(sorted(d - x.dim() if d >= 0 else d for d in dims))


def _reduction(op: str) -> Rule:
    def rule(x: Tensor, dim: Any = None, keepdim: bool = False, *, axis: Any = None) -> Call:
        return op, (x, axes_of(x, dim if axis is None else axis), keepdim)

    return rule


def _norm(x: Tensor, p: Any = 2, dim: Any = None, keepdim: bool = False) -> Call:
    if p not in (2, None, "fro"):
        raise TypeError(f"p = {p}")
    return "norm", (x, axes_of(x, dim), keepdim)


def _linalg_norm(x: Tensor, ord: Any = 2, dim: Any = None, keepdim: bool = False) -> Call:
    return _norm(x, ord, dim, keepdim)


def _along(op: str) -> Rule:
    return lambda x, dim: (op, (x, *axes_of(x, dim)))


def _index(x: Tensor, dim: int, start: int, step: int, length: int) -> Call:
    spec = [("slice", 0, 1, n) for n in x.shape]
    spec[dim] = ("slice", start, step, length)
    return "index", (x, tuple(spec))


def _unsqueeze(x: Tensor, dim: int) -> Call:
    spec: list[Any] = [("slice", 0, 1, n) for n in x.shape]
    spec.insert(dim if dim >= 0 else dim + x.dim() + 1, ("new",))
    return "index", (x, tuple(spec))


def _squeeze(x: Tensor, dim: int) -> Call:
    if x.shape[dim] != 1:
        return "cast", (x,)  # torch leaves x as it is
    return _select(x, dim, 0)


def _select(x: Tensor, dim: int, index: int) -> Call:
    spec: list[Any] = [("slice", 0, 1, n) for n in x.shape]
    spec[dim] = ("int", index % x.shape[dim])
    return "index", (x, tuple(spec))


def _narrow(x: Tensor, dim: int, start: int, length: int) -> Call:
    return _index(x, dim, start % max(x.shape[dim], 1), 1, length)


def _flip(x: Tensor, dims: int | Sequence[int]) -> Call:
    (dim,) = (dims,) if isinstance(dims, int) else dims
    return _index(x, dim, x.shape[dim] - 1, -1, x.shape[dim])


def _getitem(x: Tensor, key: Any) -> Call:
    keys = list(key) if isinstance(key, tuple) else [key]
    if not any(k is Ellipsis for k in keys):
        keys.append(Ellipsis)
    at = next(i for i, k in enumerate(keys) if k is Ellipsis)
    taken = sum(k is not None for k in keys) - 1
    keys[at : at + 1] = [slice(None)] * (x.dim() - taken)
    spec: list[Any] = []
    sizes = iter(x.shape)
    for k in keys:
        spec.append(("new",) if k is None else _one_key(k, next(sizes)))
    return "index", (x, tuple(spec))


def _one_key(key: Any, size: int) -> tuple[Any, ...]:
    if isinstance(key, slice):
        r = range(*key.indices(size))
        return "slice", r.start, r.step, len(r)
    if isinstance(key, int) and not isinstance(key, bool):
        return "int", key % size
    raise TypeError(f"an index of type {type(key).__name__}")


def _transpose(x: Tensor, dim0: int, dim1: int) -> Call:
    order = [i - x.dim() for i in range(x.dim())]
    order[dim0], order[dim1] = order[dim1], order[dim0]
    return "permute", (x, tuple(order))


def _cat(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None) -> Call:
    dim = dim if axis is None else axis
    return "cat", (tuple(tensors), dim if dim < 0 else dim - tensors[0].dim())


def _stack(tensors: Sequence[Tensor], dim: int = 0) -> Call:
    return "stack", (tuple(tensors), dim if dim < 0 else dim - tensors[0].dim() - 1)


def _gather(x: Tensor, dim: int, index: Tensor) -> Call:
    return "gather", (x, index, *axes_of(x, dim))


def _take_along(x: Tensor, indices: Tensor, dim: int) -> Call:
    return "gather", (x, indices, *axes_of(x, dim))


def _scatter(x: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None) -> Call:
    return "scatter", (x, index, src if value is None else value, *axes_of(x, dim))


def _cast(x: Tensor, *_: Any, **__: Any) -> Call:
    return "cast", (x,)  # the node's dtype says to what


def _shaped(op: str) -> Rule:
    return lambda x, *_, **__: (op, (x,))  # the node's inner shape says to what


def _max_of_two(op: str) -> Rule:
    def rule(x: Tensor, other: Tensor) -> Call:
        if not isinstance(other, Tensor):
            raise TypeError("an axis (amax and amin take one)")
        return op, (x, other)

    return rule


CANONICAL: dict[str, Rule] = (
    {name: _unary(op) for name, op in _UNARY.items()}
    | {name: _binary(op) for name, op in _BINARY.items()}
    | {name: _reflected(op) for name, op in _REFLECTED.items()}
    | {name: _add for name in ("add", "__add__", "__radd__")}
    | {name: _div for name in ("div", "divide", "true_divide", "__div__", "__truediv__")}
    | {name: _reduction(name) for name in ("sum", "mean", "prod", "amax", "amin", "all", "any")}
    | {name: _along(name) for name in ("argmax", "argmin", "cumsum")}
    | dict.fromkeys(("norm",), _norm)
    | dict.fromkeys(("linalg_norm", "linalg_vector_norm"), _linalg_norm)
    | dict.fromkeys(("clamp", "clip"), _clamp)
    | dict.fromkeys(
        "to double float long bool int clone detach contiguous alias type_as positive __pos__".split(), _cast
    )
    | dict.fromkeys("reshape view flatten unflatten view_as reshape_as".split(), _shaped("reshape"))
    | dict.fromkeys("expand expand_as broadcast_to".split(), _shaped("expand"))
    | {
        "pow": _pow, "__pow__": _pow, "__rpow__": _rpow, "relu": _relu, "softplus": _softplus,
        "clamp_min": lambda x, min: ("clamp", (x, min, None)), "clamp_max": lambda x, max: ("clamp", (x, None, max)),
        "where": _where, "where_method": _where_method, "unsqueeze": _unsqueeze, "squeeze": _squeeze,
        "select": _select, "narrow": _narrow, "flip": _flip, "__getitem__": _getitem, "transpose": _transpose,
        "swapaxes": _transpose, "max": _max_of_two("maximum"), "min": _max_of_two("minimum"), "cat": _cat,
        "concat": _cat, "concatenate": _cat, "stack": _stack, "gather": _gather, "take_along_dim": _take_along,
        "scatter": _scatter,
    }
)  # fmt: skip

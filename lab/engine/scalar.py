"""Each recorded operation as an expression on scalars, in what C99 and CUDA C have in common.

Comparisons and selections are ordered so that a NaN stays a NaN where torch keeps it one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch

from lab.engine.graph import Node
from lab.errors import NotRecordable

C_TYPES = {
    torch.float64: "double",
    torch.float32: "float",
    torch.bool: "bool",
    torch.int64: "long long",
    torch.int32: "int",
    torch.uint8: "unsigned char",
}
_FLOATS = (torch.float64, torch.float32)

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
COMPARE = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_LOGIC = {"and": "&", "or": "|", "xor": "^"}
_LIBM = (
    "sqrt exp2 expm1 log1p log2 log10 sin cos tan asin acos atan sinh cosh tanh erf erfc floor ceil trunc atan2 hypot"
).split()
_LIBM_NAMES = {"abs": "fabs", "round": "rint", "exp": "lab_exp", "log": "lab_log"} | {name: name for name in _LIBM}
_HELPERS = ("sign", "remainder", "sigmoid", "logsigmoid", "ndtri", "maximum", "minimum")  # lab_NAME in prelude.h


def literal(value: float | bool, dtype: torch.dtype) -> str:
    """Return a number as a literal of exactly that value."""
    if dtype == torch.bool:
        return str(int(value))
    if dtype not in _FLOATS:
        return f"{int(value)}" + ("LL" if dtype == torch.int64 else "")
    if not math.isfinite(value):
        word = "NAN" if math.isnan(value) else "INFINITY" if value > 0 else "-INFINITY"
        return f"(({C_TYPES[dtype]}){word})"
    text = repr(float(torch.tensor(value, dtype=dtype)))
    return f"({text})" if text.startswith("-") else text if dtype == torch.float64 else f"{text}f"


def expression(node: Node, args: Sequence[str], dtype: torch.dtype) -> str:
    """Return a node's value from those of its arguments, which have the type `dtype`.

    Raises NotRecordable for an operation that is no function of scalars.
    """
    op, f = node.op, "f" if dtype == torch.float32 else ""
    if op in _INFIX:
        return f"{args[0]} {_INFIX[op]} {args[1]}"
    if op in COMPARE:
        return f"{args[0]} {COMPARE[op]} {args[1]}"
    if op in _LOGIC:
        return f"{args[0]} {_LOGIC[op]} {args[1]}"
    if op in _LIBM_NAMES:
        return f"{_LIBM_NAMES[op]}{f}({', '.join(args)})"
    if op in _HELPERS:
        return f"lab_{op}{f}({', '.join(args)})"
    if op in _OTHERS:
        return _OTHERS[op](node, args, f)
    raise NotRecordable(f"{node.where}: {op} has no form in the fused engine")


def _power(node: Node, args: Sequence[str], f: str) -> str:
    x, y = args
    whole = {2.0: "{x} * {x}", 3.0: "{x} * {x} * {x}", -2.0: "1 / ({x} * {x})"}
    constant = node.args[1]
    if isinstance(constant, int | float) and float(constant) in whole:
        return whole[float(constant)].format(x=x)
    return f"pow{f}({x}, {y})"


def _clamp(node: Node, args: Sequence[str], f: str) -> str:
    x, limits = args[0], list(args[1:])
    low = limits.pop(0) if node.args[1] is not None else None
    high = limits.pop(0) if node.args[2] is not None else None
    if any(hasattr(a, "index") for a in node.args[1:]):  # a limit that is NaN gives NaN
        inner = x if low is None else f"lab_maximum{f}({x}, {low})"
        return inner if high is None else f"lab_minimum{f}({inner}, {high})"
    if node.dtype not in _FLOATS:
        below = x if low is None else f"({x} < {low} ? {low} : {x})"
        return below if high is None else f"({below} > {high} ? {high} : {below})"
    kind = C_TYPES[node.dtype]
    inner = x if low is None else f"lab_at_least{f}({x}, LAB_NUMBER({kind}, {low}))"
    return inner if high is None else f"lab_at_most{f}({inner}, LAB_NUMBER({kind}, {high}))"


def _softplus(node: Node, args: Sequence[str], f: str) -> str:
    x, beta, threshold = args
    return f"({x} * {beta} > {threshold} ? {x} : log1p{f}(lab_exp{f}({x} * {beta})) / {beta})"


_OTHERS: dict[str, Callable[[Node, Sequence[str], str], str]] = {
    "neg": lambda node, a, f: f"-{a[0]}",
    "not": lambda node, a, f: f"!{a[0]}",
    "square": lambda node, a, f: f"{a[0]} * {a[0]}",
    "rsqrt": lambda node, a, f: f"1 / sqrt{f}({a[0]})",
    "reciprocal": lambda node, a, f: f"1 / {a[0]}",
    "isfinite": lambda node, a, f: f"fabs{f}({a[0]}) < INFINITY",
    "isinf": lambda node, a, f: f"fabs{f}({a[0]}) == INFINITY",
    "isnan": lambda node, a, f: f"{a[0]} != {a[0]}",
    "where": lambda node, a, f: (
        f"lab_where{f}({', '.join(a)})" if node.dtype in _FLOATS else f"{a[0]} ? {a[1]} : {a[2]}"
    ),
    "cast": lambda node, a, f: f"{a[0]} != 0" if node.dtype == torch.bool else f"({C_TYPES[node.dtype]}){a[0]}",
    "copy": lambda node, a, f: a[0],
    "pow": _power,
    "clamp": _clamp,
    "softplus": _softplus,
}

# reductions: the value at first, and the update of the accumulator A by the term X; F is the functions' suffix
REDUCTIONS: dict[str, tuple[str, str]] = {
    "sum": ("0", "{A} += {X}"),
    "prod": ("1", "{A} *= {X}"),
    "amax": ("-INFINITY", "{A} = lab_maximum{F}({A}, {X})"),
    "amin": ("INFINITY", "{A} = lab_minimum{F}({A}, {X})"),
    "all": ("1", "{A} = {A} & ({X} != 0)"),
    "any": ("0", "{A} = {A} | ({X} != 0)"),
}

"""Record a pure torch function as a graph, by running it once on small examples.

A tensor that derives from an input is followed; any other is a constant and is kept by value. A Python branch on an
input, a number drawn out of it, a write in place and a random number have no place in a graph: each is refused, with
the operation and the line of the user's code. Whole operations such as norm and softplus are single nodes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from lab.engine.canonical import CANONICAL
from lab.engine.graph import Graph, Node, Ref
from lab.engine.tree import Tree, flatten
from lab.errors import NotRecordable

_METADATA = frozenset(
    "shape dtype device ndim is_cuda is_cpu layout requires_grad is_leaf is_sparse size dim numel nelement __len__ "
    "is_floating_point is_complex is_signed element_size ndimension promote_types result_type can_cast".split()
)
_LEAKS = frozenset(
    "__bool__ __float__ __int__ __index__ __complex__ __contains__ item tolist numpy __array__ is_nonzero equal "
    "allclose __format__ __repr__ __str__ data_ptr data".split()
)
_RANDOM = frozenset(
    "rand randn randint randperm rand_like randn_like randint_like bernoulli multinomial normal poisson binomial "
    "dropout alpha_dropout feature_dropout rrelu gumbel_softmax".split()
)
_BY_DATA = frozenset(
    "nonzero argwhere masked_select unique unique_consecutive repeat_interleave bincount histc".split()
)
_LIKE_FIRST = frozenset("zeros_like ones_like full_like new_tensor new_zeros new_ones new_full".split())
_LIKE_SECOND = frozenset("expand_as type_as reshape_as view_as".split())
_COPIES = frozenset("new_tensor tensor as_tensor asarray".split())
_AUGMENTED = frozenset(
    "__setitem__ __set__ __iadd__ __isub__ __imul__ __idiv__ __itruediv__ __ifloordiv__ __imod__ __ipow__ __iand__ "
    "__ior__ __ixor__".split()
)
_HINTS = {
    "matmul": "use lab.linalg.matvec, whose bits do not depend on the batch",
    "max": "use amax(-1) or torch.maximum",
    "min": "use amin(-1) or torch.minimum",
    "var": "write it with mean and square",
    "std": "write it with mean and square",
    "unbind": "index the last axis: x[..., i]",
    "tensor": "use torch.stack or torch.cat",
    "as_tensor": "use torch.stack or torch.cat",
    "new_tensor": "use torch.stack or torch.cat",
    "full": "use torch.full_like(x, 1.0) * value",
}


def record(fn: Callable[[Mapping[str, Tensor]], Tree], inputs: Mapping[str, Tensor], rows: int | None) -> Graph:
    """Return the graph of `fn(inputs)`.

    inputs: example tensors, all different objects. rows: the length of the leading axis of trajectories, which no
    other axis may share; None where no input has that axis. fn returns a tree of tensors; an output is named by its
    path in it, such as "state.m". Raises NotRecordable where the function is not a graph.
    """
    recorder = _Recorder(rows)
    named = {name: recorder.follow(x, "input", (name,), "") for name, x in inputs.items()}
    with recorder, torch.no_grad():
        result = fn(inputs)
    outputs = {name: recorder.ref(x).index for name, x in flatten(result).items()}
    return Graph(tuple(recorder.nodes), named, outputs)


class _Recorder(TorchFunctionMode):
    """Follows tensors by identity; `kept` keeps them alive, so that no identity is used twice."""

    def __init__(self, rows: int | None) -> None:
        super().__init__()
        self.rows = rows
        self.nodes: list[Node] = []
        self.followed: dict[int, int] = {}  # identity of a tensor -> node
        self.known: dict[Any, int] = {}  # (operation, arguments, type, shape) -> node
        self.kept: list[Tensor] = []

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        name = func.__self__.__name__ if func.__name__ == "__get__" else func.__name__
        if name in _METADATA:
            return func(*args, **kwargs)
        if name in _RANDOM:
            raise refusal(f"torch.{name} draws random numbers of its own; use draws")
        if _writes(name, kwargs):
            raise refusal(f"{name} writes in place; return a new tensor")
        if not any(id(x) in self.followed for x in _tensors((_values(name, args), kwargs))):
            return func(*args, **kwargs)  # of constants, or only the shape and type of a followed tensor
        return self.call(func, name, args, kwargs)

    def call(self, func: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Record one call that takes followed tensors, and return its result."""
        if name in _LEAKS:
            raise refusal(f"Python reads a tensor's value ({name}), as a branch on data would; use torch.where")
        if name in _BY_DATA or (name == "__getitem__" and any(x.dtype == torch.bool for x in _tensors(args[1]))):
            raise refusal(f"the shape of {name}'s result depends on data; use torch.where")
        if name in _COPIES and isinstance(args[-1], Tensor):
            return self.same(args[-1].clone(), args[-1])
        op, operands = self.canonical(func, name, args, kwargs)
        result = func(*args, **kwargs)
        if op == "index":
            operands = (operands[0], self.inner_spec(*operands))
        if _is_identity(op, operands, result):
            return self.same(result, operands[0])
        if op in _ALONG and operands[-1] == -operands[0].dim() and self.has_rows(operands[0]):
            raise refusal(f"{name} runs along the axis of trajectories")
        if op == "mean":
            x, axes, keepdim = operands
            total = x.sum(axes, keepdim)
            self.follow(total, "sum", operands, _line())
            op, operands = "div", (total, x.numel() // max(result.numel(), 1))
        self.follow(result, op, operands, _line())
        return result

    def canonical(
        self, func: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[str, tuple[Any, ...]]:
        """Return the operation and its arguments in the words of graph.py."""
        if name == "__getitem__" and isinstance(args[1], Tensor) and id(args[0]) not in self.followed:
            return "take", args
        rule = "where_method" if name == "where" and "Tensor" in func.__qualname__ else name
        if rule not in CANONICAL:
            raise refusal(f"{name} cannot be recorded" + (f"; {_HINTS[name]}" if name in _HINTS else ""))
        try:
            return CANONICAL[rule](*args, **{k: v for k, v in kwargs.items() if v is not None})
        except TypeError as error:
            hint = f"; {_HINTS[name]}" if name in _HINTS else ""
            raise refusal(f"{name} cannot be recorded with these arguments ({error}){hint}") from None

    def inner_spec(self, x: Tensor, spec: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return an index without its part for the axis of trajectories, which must be taken whole."""
        if not self.has_rows(x):
            return spec
        if spec[0] != ("slice", 0, 1, self.rows):
            raise refusal("indexing picks trajectories; index the last axis: x[..., i]")
        return spec[1:]

    def has_rows(self, x: Tensor) -> bool:
        return self.nodes[self.ref(x).index].rows

    def same(self, result: Tensor, x: Tensor) -> Tensor:
        """Follow `result` as the very value of x."""
        self.kept.append(result)
        self.followed[id(result)] = self.ref(x).index
        return result

    def follow(self, result: Tensor, op: str, operands: tuple[Any, ...], where: str) -> int:
        """Make `result` the value of a node, a new one unless an equal one is known; return the node."""
        args = self.node_args(operands)
        shape = tuple(result.shape)
        rows = any(self.nodes[i].rows for i in _indices(args))
        if op in ("input", "expand"):
            rows = shape[:1] == (self.rows,)
        if rows and (shape[:1] != (self.rows,) or self.rows in shape[1:]):
            raise refusal(f"{op} mixes trajectories: its result has the shape {shape} for {self.rows} of them")
        node = Node(op, args, shape[1:] if rows else shape, rows, result.dtype, where)
        index = self.node(node, (op, repr(args), node.inner, rows, node.dtype))
        self.kept.append(result)
        self.followed[id(result)] = index
        return index

    def node(self, node: Node, key: Any) -> int:
        """Return the index of the node known by this key, which is `node` if none is."""
        index = self.known.setdefault(key, len(self.nodes))
        if index == len(self.nodes):
            self.nodes.append(node)
        return index

    def node_args(self, arg: Any) -> Any:
        if isinstance(arg, Tensor):
            return self.ref(arg)
        if isinstance(arg, tuple | list):
            return tuple(self.node_args(a) for a in arg)
        return arg

    def ref(self, x: Tensor) -> Ref:
        """Return the node of a tensor; of a constant, the node that holds its value."""
        if id(x) not in self.followed:
            return Ref(self.constant(x))
        return Ref(self.followed[id(x)])

    def constant(self, x: Tensor) -> int:
        rows = self.rows is not None and x.shape[:1] == (self.rows,)
        value = (x[0] if rows else x).detach().clone().contiguous()
        if rows and not torch.equal(x.nan_to_num(), value.nan_to_num().expand_as(x)):
            raise refusal("a constant differs from one trajectory to another")
        shape = tuple(value.shape)
        key = ("constant", value.dtype, shape, rows, value.cpu().numpy().tobytes())
        return self.node(Node("constant", (value,), shape, rows, value.dtype, ""), key)


_ALONG = ("cumsum", "gather", "scatter", "argmax", "argmin")


def _is_identity(op: str, operands: tuple[Any, ...], result: Tensor) -> bool:
    """Tell whether the call hands back its first operand as it is."""
    if op not in ("cast", "expand", "reshape", "index"):
        return False
    x = operands[0]
    taken_whole = op != "index" or all(k[:3] == ("slice", 0, 1) for k in operands[1])
    return bool(taken_whole and result.shape == x.shape and result.dtype == x.dtype)


def refusal(reason: str) -> NotRecordable:
    """Return the error for what the running user code just did."""
    return NotRecordable(f"{_line()}: {reason}")


def _values(name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the arguments whose values, and not only shape and type, enter the result."""
    return args[1:] if name in _LIKE_FIRST else args[:1] if name in _LIKE_SECOND else args


def _writes(name: str, kwargs: Mapping[str, Any]) -> bool:
    in_place = name.endswith("_") and not name.endswith("__")
    return in_place or name in _AUGMENTED or kwargs.get("out") is not None


def _tensors(arg: Any) -> Iterator[Tensor]:
    if isinstance(arg, Tensor):
        yield arg
    elif isinstance(arg, dict):
        yield from _tensors(tuple(arg.values()))
    elif isinstance(arg, tuple | list):
        for a in arg:
            yield from _tensors(a)


def _indices(arg: Any) -> Iterator[int]:
    if isinstance(arg, Ref):
        yield arg.index
    elif isinstance(arg, tuple):
        for a in arg:
            yield from _indices(a)


_TORCH = os.path.dirname(torch.__file__) + os.sep
_ENGINE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LAB = os.path.dirname(os.path.dirname(_ENGINE)) + os.sep
_METHODS = os.path.join(_LAB, "optimizers") + os.sep


def _line() -> str:
    """Return file:line of the innermost running code of a problem or an optimizer; of the lab's own where none is."""
    fallback = ""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not record.__code__:
        file = os.path.abspath(frame.f_code.co_filename)
        if not file.startswith((_TORCH, _ENGINE)):
            place = f"{_short(file)}:{frame.f_lineno}"
            if file.startswith(_METHODS) or not file.startswith(_LAB):
                return place
            fallback = fallback or place
        frame = frame.f_back
    return fallback or "the recorded function"


def _short(file: str) -> str:
    here = os.getcwd() + os.sep
    return file[len(here) :] if file.startswith(here) else file

"""A recorded computation: a list of operations on tensors, each with its shape, type and line of origin.

Shapes are kept without the leading axis of trajectories: `rows` tells whether a node has that axis, `inner` is what
remains. Axes in arguments are negative, counted from the right of `inner`.

The operations (arguments in order; every other call that torch knows is written with these, or refused):
    input name · constant tensor · cast x
    neg abs sign sqrt rsqrt reciprocal square exp expm1 exp2 log log1p log2 log10 sin cos tan asin acos atan sinh cosh
    tanh sigmoid logsigmoid erf erfc ndtri floor ceil round trunc isfinite isnan isinf not · softplus x beta threshold
    add sub mul div pow maximum minimum remainder atan2 hypot · lt le gt ge eq ne · and or xor
    where condition x y · clamp x low-or-None high-or-None
    sum prod amax amin all any norm: x axes keepdim · argmax argmin cumsum: x axis
    index x spec (one of ("int", i), ("slice", start, step, length), ("new",) for each axis, left to right)
    reshape x · expand x (to the node's own shape) · permute x order · cat parts axis · stack parts axis
    take table index (table[index] along the table's first axis) · gather x index axis · scatter x index source axis
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

Arg = Any  # a Ref, a number, None, a word, or a tuple of these


@dataclass(frozen=True)
class Ref:
    """The value of another node."""

    index: int


@dataclass(frozen=True)
class Node:
    """One operation. where: file:line of the code that asked for it."""

    op: str
    args: tuple[Arg, ...]
    inner: tuple[int, ...]
    rows: bool
    dtype: torch.dtype
    where: str

    def refs(self) -> Iterator[int]:
        """Yield the index of every node that this one reads."""
        yield from _refs(self.args)

    def __str__(self) -> str:
        shape = ", ".join((["N"] if self.rows else []) + [str(n) for n in self.inner])
        return f"{self.op}({', '.join(map(_show, self.args))}) : ({shape}) {str(self.dtype)[6:]}  # {self.where}"


@dataclass(frozen=True)
class Graph:
    """Nodes in an order in which they can be computed; inputs and outputs by name."""

    nodes: tuple[Node, ...]
    inputs: Mapping[str, int]
    outputs: Mapping[str, int]

    def live(self) -> tuple[int, ...]:
        """Return the nodes on which some output depends, in order."""
        return reach(self, self.outputs.values())

    def __str__(self) -> str:
        lines = [f"%{i} = {self.nodes[i]}" for i in self.live()]
        return "\n".join([*lines, *(f"{name} <- %{i}" for name, i in self.outputs.items())])


def reach(graph: Graph, roots: Iterable[int]) -> tuple[int, ...]:
    """Return the nodes on which the roots depend, and the roots, in order."""
    seen: set[int] = set()
    todo = list(roots)
    while todo:
        i = todo.pop()
        if i not in seen:
            seen.add(i)
            todo.extend(graph.nodes[i].refs())
    return tuple(sorted(seen))


def dependents(graph: Graph, roots: Iterable[int]) -> frozenset[int]:
    """Return the nodes that depend on some root, and the roots."""
    found = set(roots)
    for i, node in enumerate(graph.nodes):
        if any(j in found for j in node.refs()):
            found.add(i)
    return frozenset(found)


def _refs(arg: Arg) -> Iterator[int]:
    if isinstance(arg, Ref):
        yield arg.index
    elif isinstance(arg, tuple):
        for a in arg:
            yield from _refs(a)


def _show(arg: Arg) -> str:
    if isinstance(arg, Ref):
        return f"%{arg.index}"
    if isinstance(arg, torch.Tensor):
        return f"<{arg.numel()} numbers>" if arg.numel() > 8 else str(arg.tolist())
    return str(tuple(_show(a) for a in arg)).replace("'", "") if isinstance(arg, tuple) else str(arg)

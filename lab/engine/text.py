"""Loops and braces as lines of text, and the type in which an operation is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from lab.engine.graph import Graph, Node, Ref
from lab.engine.loops import Space, here


def braced(head: str, body: Sequence[str]) -> Iterator[str]:
    """Yield `head { body }`; nothing where the body is empty."""
    if body:
        yield f"{head} {{"
        yield from ("    " + line for line in body)
        yield "}"


def looped(loops: Space, body: Sequence[str], lanes: bool) -> Iterator[str]:
    """Yield the body inside its loops over coordinates, and over lanes innermost."""
    if not body:
        return
    indent = ""
    for axis, n in loops:
        v = here(loops)[axis]
        yield f"{indent}for (int {v} = 0; {v} < {n}; ++{v}) {{"
        indent += "    "
    if lanes:
        yield f"{indent}LANES {{"
    inner = indent + ("    " if lanes else "")
    yield from (inner + line for line in body)
    if lanes:
        yield indent + "}"
    for k in reversed(range(len(loops))):
        yield "    " * k + "}"


def compute_dtype(graph: Graph, node: Node) -> torch.dtype:
    """Return the type in which torch computes a node: for a comparison, that of its operands."""
    if node.op not in ("lt", "le", "gt", "ge", "eq", "ne", "isfinite", "isnan", "isinf", "not", "cast"):
        return node.dtype
    shaped: list[torch.dtype] = []
    plain: list[torch.dtype] = []
    for arg in node.args:
        if isinstance(arg, Ref):
            source = graph.nodes[arg.index]
            (shaped if source.rows or source.inner else plain).append(source.dtype)
    kinds = shaped if any(d.is_floating_point for d in shaped) or not plain else shaped + plain
    dtype = kinds[0]
    for d in kinds[1:]:
        dtype = torch.promote_types(dtype, d)
    number = any(isinstance(a, float) for a in node.args)
    return torch.float64 if number and not dtype.is_floating_point else dtype

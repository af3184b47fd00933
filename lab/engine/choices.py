"""Move exact operations into a choice between two numbers that all lanes share, so that they are done once, not a lane.

A coin's gradient is `where(u < p, C, -1)`. What follows, `(1 - beta2) g^2` say, has two values in all, known before the
first step. Only comparisons and operations that IEEE 754 rounds correctly are moved: they give the same bits wherever
they are done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import torch

from lab.engine.graph import Arg, Graph, Node, Ref, dependents
from lab.engine.scalar import COMPARE

EXACT = frozenset({"neg", "abs", "sign", "square", "add", "sub", "mul", "div", "sqrt", "reciprocal"})


class Choice(NamedTuple):
    """A node that is `where(condition, yes, no)`, with yes and no alike for all lanes."""

    condition: Ref
    yes: Arg
    no: Arg


def choose_last(graph: Graph, varying: Iterable[int]) -> Graph:
    """Return an equal graph in which exact operations on a choice between shared numbers come before the choice.

    varying: the inputs that differ from lane to lane.
    """
    lanes = dependents(graph, varying)
    nodes: list[Node] = []
    place: dict[int, int] = {}
    choices: dict[int, Choice] = {}  # by the node's new index
    for i, old in enumerate(graph.nodes):
        node = replace(old, args=_moved(old.args, place))
        read = {place[j] for j in old.refs() if j in lanes}
        chosen = [choices.get(j) for j in read]
        moves = bool(read) and node.op in EXACT | COMPARE.keys()
        alike = moves and None not in chosen and len({c.condition for c in chosen if c}) == 1
        if alike and all(nodes[j].inner == node.inner for j in read):
            branches = [_branch(nodes, node, {j: choices[j] for j in read}, k) for k in (1, 2)]
            moved = Choice(choices[min(read)].condition, *branches)
            if node.op in COMPARE:
                node = _compared(nodes, node, moved)
            else:
                node = replace(node, op="where", args=tuple(moved))
                choices[len(nodes)] = moved
        elif node.op == "where" and not any(isinstance(a, Ref) and a.index in lanes for a in old.args[1:]):
            choices[len(nodes)] = Choice(*node.args)
        place[i] = len(nodes)
        nodes.append(node)
    named = [{name: place[i] for name, i in ends.items()} for ends in (graph.inputs, graph.outputs)]
    return Graph(tuple(nodes), *named)


def _branch(nodes: list[Node], node: Node, choices: dict[int, Choice], k: int) -> Ref:
    """Append the node with one branch of each choice in the choice's place; return where it is."""
    swapped = {j: _shared(nodes, nodes[j], choice[k]) for j, choice in choices.items()}
    args = tuple(swapped.get(a.index, a) if isinstance(a, Ref) else a for a in node.args)
    nodes.append(replace(node, args=args))
    return Ref(len(nodes) - 1)


def _compared(nodes: list[Node], node: Node, moved: Choice) -> Node:
    """Append the choice between two outcomes of a comparison, as numbers: gcc vectorises no choice of bools."""
    dtype = next(nodes[ref.index].dtype for ref in node.args if isinstance(ref, Ref))
    numbers = []
    for branch in moved[1:]:
        nodes.append(replace(nodes[branch.index], op="cast", args=(branch,), dtype=dtype))
        numbers.append(Ref(len(nodes) - 1))
    nodes.append(replace(node, op="where", args=(moved.condition, *numbers), dtype=dtype))
    return replace(node, op="ne", args=(Ref(len(nodes) - 1), 0.0))


def _shared(nodes: list[Node], choice: Node, branch: Arg) -> Arg:
    """Return a branch as a node: a number becomes a constant of the choice's shape and type."""
    if isinstance(branch, Ref):
        return branch
    value = torch.full(choice.inner, branch, dtype=choice.dtype)
    nodes.append(Node("constant", (value,), choice.inner, False, choice.dtype, choice.where))
    return Ref(len(nodes) - 1)


def _moved(arg: Arg, place: dict[int, int]) -> Arg:
    if isinstance(arg, Ref):
        return Ref(place[arg.index])
    return tuple(_moved(a, place) for a in arg) if isinstance(arg, tuple) else arg

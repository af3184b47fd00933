"""One graph of a step as the emitter sees it: what is computed how often, and what its inputs are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch

from lab.engine.graph import Graph, Node, dependents
from lab.engine.loops import Access, At, Space, space
from lab.engine.scalar import literal

_FREE = ("index", "reshape", "expand", "permute", "input", "constant")
PARAMETERS = ("optimizer.", "problem.", "minimum", "minimizer")


def varying(graph: Graph) -> Iterator[int]:
    """Yield the inputs that differ from lane to lane: what is carried, and draws."""
    return (i for name, i in graph.inputs.items() if name != "t" and not name.startswith(PARAMETERS))


def field_name(name: str) -> str:
    """Return an input's name as an identifier: state.m is state_m."""
    return name.replace(".", "_")


def declared(kind: str, name: str, loops: Space, lanes: bool) -> str:
    """Return the declaration of an array over loops, and over lanes, of a C type."""
    sizes = "".join(f"[{n}]" for _, n in loops)
    return f"{kind} {name}{sizes}{'[B]' if lanes else ''};"


def subscript(loops: Space, at: At, lanes: bool) -> str:
    """Return the subscripts of an array over loops at a coordinate."""
    return "".join(f"[{at.get(axis, '0')}]" for axis, _ in loops) + ("[l]" if lanes else "")


@dataclass(frozen=True)
class Part:
    """One of the three graphs: name, how its inputs are read, and what its outputs are stored in."""

    name: str
    graph: Graph
    draw_bits: int

    @property
    def access(self) -> Access:
        """Return how its nodes are read."""
        return Access(self.graph)

    @cached_property
    def levels(self) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
        """Return the nodes computed once, at each step, and for each lane."""
        inputs = self.graph.inputs
        live = {i for i in self.graph.live() if self.graph.nodes[i].op not in _FREE}
        lanes = dependents(self.graph, varying(self.graph))
        timed = dependents(self.graph, (i for name, i in inputs.items() if name == "t")) - lanes
        return frozenset(live - lanes - timed), frozenset(live & timed), frozenset(live & lanes)

    @cached_property
    def drawn(self) -> frozenset[int]:
        """Return the nodes that depend on draws and on nothing that is carried."""
        inputs = self.graph.inputs
        carried = (i for name, i in inputs.items() if name not in ("t", "draws") and not name.startswith(PARAMETERS))
        draws = (i for name, i in inputs.items() if name == "draws")
        return dependents(self.graph, draws) - dependents(self.graph, carried)

    def is_once(self, i: int) -> bool:
        """Tell whether node i is computed once."""
        return i in self.levels[0]

    def tables(self) -> Iterator[int]:
        """Yield the constants that need an array."""
        for i in self.graph.live():
            if self.graph.nodes[i].op == "constant" and not _uniform(self.graph.nodes[i]):
                yield i

    def constant(self, i: int, at: At) -> str:
        """Return an element of a constant: the number itself where all are equal."""
        node = self.graph.nodes[i]
        if _uniform(node):
            return literal(node.args[0].flatten()[0].item(), node.dtype)
        return f"{self.name}_c{i}{subscript(space(node.inner), at, lanes=False)}"

    def input(self, node: Node, at: At) -> str:
        """Return an element of an input."""
        name, loops = node.args[0], space(node.inner)
        if name == "t":
            return "s->t"
        if name == "draws":
            if node.dtype == torch.float32:
                return f"lab_uniform23({self.word(at)})"
            if self.draw_bits == 32:
                return f"lab_uniform32({self.word(at)})"
            return f"lab_uniform52({self.word(at)}, w[2 * ({at.get(-1, '0')}) + 1][l])"
        if name.startswith(PARAMETERS):
            return f"p->{field_name(name)}{subscript(loops, at, lanes=False)}"
        return f"c->{field_name(name)}{subscript(loops, at, lanes=True)}"

    def word(self, at: At) -> str:
        """Return the first random word of the draw at a coordinate."""
        e = at.get(-1, "0")
        return f"w[{e if self.draw_bits == 32 else f'2 * ({e})'}][l]"

    def output(self, name: str, at: At) -> str:
        """Return the place of an element of an output."""
        where = "r->metric" if self.name == "read" else "c->"
        return f"{where}{field_name(name)}{subscript(self.output_loops(name), at, lanes=True)}"

    def output_loops(self, name: str) -> Space:
        """Return the loops over an output."""
        return space(self.graph.nodes[self.graph.outputs[name]].inner)


def _uniform(constant: Node) -> bool:
    value = constant.args[0].flatten()
    return len(value) > 0 and bool((value == value[0]).all())

"""Print a recorded step as one scalar body in what C99 and CUDA C have in common.

Each graph (begin, advance, read) becomes three functions, by how often its values change: NAME_once for what depends
on parameters alone, NAME_step for what also depends on t, NAME_lanes for the rest. Inside NAME_lanes a loop over
coordinates holds a loop over lanes (LANES: a vectorised loop over seeds on a CPU, nothing on a GPU).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch

from lab.engine.graph import Graph, Node, Ref
from lab.engine.loops import At, Nest, Reading, Space, here, nests_of, place_stores, space
from lab.engine.part import Part, declared, subscript
from lab.engine.scalar import C_TYPES, REDUCTIONS, expression, literal


@dataclass(frozen=True)
class Level:
    """One of a part's three functions: its nodes, and whether it runs over lanes."""

    part: Part
    nodes: frozenset[int]
    lanes: bool

    @cached_property
    def nests(self) -> list[Nest]:
        """Return the loops of this function, and the storing of outputs."""
        nests = nests_of(self.part.access, sorted(self.nodes))
        if self.lanes:
            place_stores(self.part.access, nests)
        return nests

    @cached_property
    def kept(self) -> frozenset[int]:
        """Return the nodes that need an array: read in another nest than their own, or handed to another function."""
        if not self.lanes:
            return self.nodes
        access = self.part.access
        found = {i for i in self.nodes if access.reduces(i) or self.graph.nodes[i].op == "scatter"}
        for nest in self.nests:
            read = [r for i in nest.nodes for r in access.operands(i)] + [r for _, r in nest.stores]
            found |= {r.index for r in read if r.index in self.nodes and r.index not in nest.nodes}
        return frozenset(found)

    @property
    def graph(self) -> Graph:
        return self.part.graph

    def lines(self) -> Iterator[str]:
        """Yield the function's body."""
        if self.lanes:
            for i in sorted(self.kept):
                yield declared(self.graph.nodes[i].dtype, f"v{i}", self.own(i), lanes=True)
        for nest in self.nests:
            yield from self.nest_lines(nest)

    def own(self, i: int) -> Space:
        return space(self.graph.nodes[i].inner)

    def nest_lines(self, nest: Nest) -> Iterator[str]:
        for i in nest.nodes:
            if self.part.access.reduces(i):
                start, _ = REDUCTIONS["sum" if self.graph.nodes[i].op == "norm" else self.graph.nodes[i].op]
                target = self.target(i, here(self.own(i)))
                yield from _looped(self.own(i), [f"{target} = {start};"], self.lanes)
        body = [line for i in nest.nodes for line in self.statements(i)]
        for name, r in nest.stores:
            body.append(f"{self.part.output(name, here(nest.loops))} = {self.read(r)};")
        yield from _looped(nest.loops, body, self.lanes)
        for i in nest.nodes:
            if self.graph.nodes[i].op == "norm" and self.part.access.reduces(i):
                target, f = self.target(i, here(self.own(i))), "f" if self.graph.nodes[i].dtype == torch.float32 else ""
                yield from _looped(self.own(i), [f"{target} = sqrt{f}({target});"], self.lanes)
            if self.graph.nodes[i].op == "scatter":
                yield from self.scatter_lines(i)

    def statements(self, i: int) -> Iterator[str]:
        """Yield the statements that compute node i at one coordinate."""
        node, access = self.graph.nodes[i], self.part.access
        comment = f"  /* {node.where} */" if node.where else ""
        if access.reduces(i):
            (term,) = self.values(i, node.dtype)
            term = f"{term} * {term}" if node.op == "norm" else term
            _, update = REDUCTIONS["sum" if node.op == "norm" else node.op]
            suffix = "f" if node.dtype == torch.float32 else ""
            yield update.format(A=self.target(i, access.result(i)), X=term, F=suffix) + ";" + comment
            return
        kind = C_TYPES[node.dtype]
        value = self.value(i)
        if i not in self.kept:
            yield f"const {kind} v{i} = {value};{comment}"
            return
        yield f"{self.target(i, here(access.loops(i)))} = {value};{comment}"

    def target(self, i: int, at: At) -> str:
        """Return the place of a kept node's value."""
        prefix = "" if self.lanes else "o->" if self.part.is_once(i) else "s->"
        return f"{prefix}v{i}{subscript(self.own(i), at, self.lanes)}"

    def value(self, i: int) -> str:
        """Return the expression of node i at its coordinate."""
        node = self.graph.nodes[i]
        at = here(self.part.access.loops(i))
        if node.op in ("cat", "stack"):
            return self.joined(node, at)
        if node.op in ("gather", "take"):
            return self.taken(node, at)
        if node.op == "scatter":
            return self.read(self.resolve(node.args[0], at))
        dtype = compute_dtype(self.graph, node)
        values = self.values(i, dtype)
        if node.op in REDUCTIONS or node.op == "norm":  # over axes of length 1
            return f"fabs({values[0]})" if node.op == "norm" else f"({C_TYPES[node.dtype]})({values[0]})"
        if node.op == "pow" and isinstance(node.args[0], Ref) and node.args[0].index in self.part.drawn:
            return f"lab_drawn_power{'f' if dtype == torch.float32 else ''}({', '.join(values)})"
        return expression(node, values, dtype)

    def values(self, i: int, dtype: torch.dtype) -> list[str]:
        """Return the operands of node i, numbers and nodes in their order, as values of one type."""
        node = self.graph.nodes[i]
        readings = self.part.access.operands(i)
        found = []
        for k, arg in enumerate(node.args):
            wanted = torch.bool if node.op == "where" and k == 0 else dtype
            if isinstance(arg, Ref):
                r = next(readings)
                have = self.graph.nodes[r.index].dtype
                text = self.read(r)
                found.append(text if have == wanted or node.op == "cast" else f"({C_TYPES[wanted]}){text}")
            elif isinstance(arg, bool | int | float) and node.op not in (*REDUCTIONS, "norm"):
                found.append(literal(arg, wanted))
        return found

    def resolve(self, ref: Ref, at: At) -> Reading:
        return self.part.access.resolve(ref.index, at)

    def read(self, r: Reading) -> str:
        """Return a value where it lies: a local variable, an array, a struct of an earlier level, or an input."""
        i, node = r.index, self.graph.nodes[r.index]
        if i in self.nodes:
            return self.target(i, r.at) if i in self.kept else f"v{i}"
        if node.op == "constant":
            return self.part.constant(i, r.at)
        if node.op == "input":
            return self.part.input(node, r.at)
        return f"{'o' if self.part.is_once(i) else 's'}->v{i}{subscript(self.own(i), r.at, lanes=False)}"

    def joined(self, node: Node, at: At) -> str:
        """Return an element of a cat or a stack: which part it comes from does not depend on the lane."""
        parts, axis = node.args
        e, choices, first = at.get(axis, "0"), [], 0
        for part in parts:
            inner = self.graph.nodes[part.index].inner
            n = 1 if node.op == "stack" else inner[axis]
            if node.op == "cat":
                inside = {**at, axis: f"({e} - {first})" if first else e}
            else:
                inside = {a + 1 if a < axis else a: v for a, v in at.items() if a != axis}
            choices.append((first + n, self.read(self.resolve(part, inside))))
            first += n
        text = choices[-1][1]
        for end, value in reversed(choices[:-1]):
            text = f"({e} < {end} ? {value} : {text})"
        return text

    def taken(self, node: Node, at: At) -> str:
        """Return an element that an index chooses: of a table's first axis, or along an axis of x."""
        if node.op == "gather":
            x, index, axis = node.args
            chosen = self.read(self.resolve(index, at))
            return self.read(self.resolve(x, {**at, axis: f"(int)({chosen})"}))
        table, index = node.args
        width = len(self.graph.nodes[table.index].inner) - 1
        outer = {a + width: e for a, e in at.items() if a < -width}
        inside = {a: e for a, e in at.items() if a >= -width}
        chosen = self.read(self.resolve(index, outer))
        return self.read(self.resolve(table, {**inside, -width - 1: f"(int)({chosen})"}))

    def scatter_lines(self, i: int) -> Iterator[str]:
        node = self.graph.nodes[i]
        _, index, source, axis = node.args
        loops = self.own(index.index)
        at = here(loops)
        to = self.target(i, {**at, axis: f"(int)({self.read(self.resolve(index, at))})"})
        if isinstance(source, Ref):
            value = self.read(self.resolve(source, at))
        else:
            value = literal(source, node.dtype)
        yield from _looped(loops, [f"{to} = {value};"], self.lanes)


def _looped(loops: Space, body: Sequence[str], lanes: bool) -> Iterator[str]:
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

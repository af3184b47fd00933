"""Print a recorded step as one scalar body in what C99 and CUDA C have in common.

Each graph (begin, advance, read) becomes three functions, by how often its values change: NAME_once for what depends
on parameters alone, NAME_step for what also depends on t, NAME_lanes for the rest. Inside NAME_lanes a loop over
coordinates holds a loop over lanes (LANES: a vectorised loop over seeds on a CPU, nothing on a GPU).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch

from lab.engine.alike import before_loop
from lab.engine.graph import Graph, Node, Ref
from lab.engine.loops import At, Nest, Reading, Space, here, nests_of, place_stores, space
from lab.engine.pace import beside, compared_draw, follower, quotients
from lab.engine.part import Part, declared, subscript
from lab.engine.scalar import C_TYPES, COMPARE, REDUCTIONS, expression, literal
from lab.engine.text import braced, compute_dtype, looped


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

    @cached_property
    def quotients(self) -> frozenset[int]:
        """Return the nodes computed by lab_quotient."""
        return quotients(self.part, self.nests, self.nodes) if self.lanes else frozenset()

    def is_flag(self, i: int) -> bool:
        """Tell whether node i is a bool that is kept as a number: a loop over numbers and bools is not vectorised."""
        found = self.lanes and i in self.kept and self.graph.nodes[i].dtype == torch.bool
        return found and not self.part.access.reduces(i)

    @property
    def graph(self) -> Graph:
        """Return the recorded graph that its nodes belong to."""
        return self.part.graph

    def lines(self) -> Iterator[str]:
        """Yield the function's body."""
        if self.lanes:
            for i in sorted(self.kept):
                kind = "REAL" if self.is_flag(i) else C_TYPES[self.graph.nodes[i].dtype]
                yield "LAB_ALIGNED " + declared(kind, f"v{i}", self.own(i), lanes=True)
        draws = self.lanes and self.part.name == "advance"
        chosen = beside(self.part, self.nests) if draws else None
        for k, nest in enumerate(self.nests):
            yield from self.nest_lines(nest, k == chosen)
        if draws and chosen is None:
            yield from looped((), ["LAB_BESIDE"], lanes=True)

    def own(self, i: int) -> Space:
        """Return the coordinates that node i has of its own."""
        return space(self.graph.nodes[i].inner)

    def nest_lines(self, nest: Nest, draws: bool) -> Iterator[str]:
        """Yield a nest: its reductions set to their start, its loops, then roots of sums and what is scattered."""
        for i in nest.nodes:
            if self.part.access.reduces(i):
                start, _ = REDUCTIONS["sum" if self.graph.nodes[i].op == "norm" else self.graph.nodes[i].op]
                target = self.target(i, here(self.own(i)))
                yield from looped(self.own(i), [f"{target} = {start};"], self.lanes)
        yield from looped(nest.loops, list(self.turn_lines(nest, draws)), lanes=False)
        for i in nest.nodes:
            if self.graph.nodes[i].op == "norm" and self.part.access.reduces(i):
                target, f = self.target(i, here(self.own(i))), "f" if self.graph.nodes[i].dtype == torch.float32 else ""
                yield from looped(self.own(i), [f"{target} = sqrt{f}({target});"], self.lanes)
            if self.graph.nodes[i].op == "scatter":
                yield from self.scatter_lines(i)

    def turn_lines(self, nest: Nest, draws: bool) -> Iterator[str]:
        """Yield what a nest does at one coordinate: on lanes, a loop over them.

        Where it has quotients and one is out of range, its results are taken back and computed again by division.
        """
        quotients = [i for i in nest.nodes if i in self.quotients]
        if not self.lanes:
            yield from self.body(nest)
            return
        plain = self.body(nest, draws)
        divided = self.body(nest, divide=True) if quotients else []
        copies, lines = before_loop(self.part, [*plain, *divided])
        plain, divided = lines[: len(plain)], lines[len(plain) :]
        if not quotients:
            loop = list(braced("LANES", plain))
            yield from braced("", [*copies, *loop]) if copies else loop
            return
        divisors = {i: self.values(i, torch.float64)[1] for i in quotients}
        copies += [f"const struct lab_divisor d{i} = lab_divisor({b});" for i, b in divisors.items()]
        copies.append(f"LAB_MASK inside = {' & '.join(f'd{i}.inside' for i in quotients)};")
        changed = self.changed(nest)
        copies += [f"LAB_ALIGNED {kind} old{k}[B];" for k, (kind, _) in enumerate(changed)]
        before = [f"old{k}[l] = {place};" for k, (_, place) in enumerate(changed)]
        checks = [f"inside &= lab_inside({self.read(Reading(i, here(nest.loops)))});" for i in quotients]
        back = [f"{place} = old{k}[l];" for k, (_, place) in enumerate(changed)]
        loops = [*braced("LANES_AND(inside)", [*before, *plain, *checks])]
        loops += braced("if (!LAB_ALL(inside)) LANES", [*back, *divided])
        yield from braced("", [*copies, *loops])

    def body(self, nest: Nest, draws: bool = False, divide: bool = False) -> list[str]:
        """Return the statements of a nest at one coordinate.

        draws: with the making of random words. divide: without lab_quotient.
        """
        at, lines = here(nest.loops), []
        last = follower(self.part, nest)
        for i in nest.nodes:
            lines += ["LAB_BESIDE"] if draws and i == last else []
            lines += self.statements(i, divide)
        lines += ["LAB_BESIDE"] if draws and last is None else []
        return lines + [f"{self.part.output(name, at)} = {self.read(r)};" for name, r in nest.stores]

    def changed(self, nest: Nest) -> list[tuple[str, str]]:
        """Return what a nest both reads and overwrites at a coordinate: type and place."""
        access, at = self.part.access, here(nest.loops)
        read = {r.index for i in nest.nodes for r in access.operands(i)} | {r.index for _, r in nest.stores}
        sums = [i for i in nest.nodes if access.reduces(i)]
        inputs = [(name, self.graph.inputs[name]) for name, _ in nest.stores if self.graph.inputs.get(name) in read]
        found = [(C_TYPES[self.graph.nodes[i].dtype], self.part.output(name, at)) for name, i in inputs]
        return found + [(C_TYPES[self.graph.nodes[i].dtype], self.target(i, access.result(i))) for i in sums]

    def statements(self, i: int, divide: bool = False) -> Iterator[str]:
        """Yield the statements that compute node i at one coordinate; `divide`: a quotient by division."""
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
        if i in self.quotients and not divide:
            value = f"lab_quotient({self.values(i, node.dtype)[0]}, d{i})"
        else:
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
        draw = compared_draw(self.part, i, self.nodes)
        if draw is not None:
            return f"lab_from_word({self.part.word(draw)}) {COMPARE[node.op]} lab_bound32({values[1]})"
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
        """Return where the value of a reference lies at a coordinate."""
        return self.part.access.resolve(ref.index, at)

    def read(self, r: Reading) -> str:
        """Return a value where it lies: a local variable, an array, a struct of an earlier level, or an input."""
        i, node = r.index, self.graph.nodes[r.index]
        if i in self.nodes:
            place = self.target(i, r.at) if i in self.kept else f"v{i}"
            return f"({place} != 0)" if self.is_flag(i) else place
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
                place = f"{e} - {first}" if first else e
                inside = {**at, axis: f"lab_within({place}, {n})"}
            else:
                inside = {a + 1 if a < axis else a: v for a, v in at.items() if a != axis}
            choices.append((first + n, self.read(self.resolve(part, inside))))
            first += n
        text, f = choices[-1][1], {torch.float64: "", torch.float32: "f"}.get(node.dtype)
        for end, value in reversed(choices[:-1]):
            first_ones = f"LAB_ALIKE({e} < {end})"
            text = f"({first_ones} ? {value} : {text})" if f is None else f"lab_where{f}({first_ones}, {value}, {text})"
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
        """Yield the loop that writes node i's values to the places that an index names."""
        node = self.graph.nodes[i]
        _, index, source, axis = node.args
        loops = self.own(index.index)
        at = here(loops)
        to = self.target(i, {**at, axis: f"(int)({self.read(self.resolve(index, at))})"})
        if isinstance(source, Ref):
            value = self.read(self.resolve(source, at))
        else:
            value = literal(source, node.dtype)
        yield from looped(loops, [f"{to} = {value};"], self.lanes)

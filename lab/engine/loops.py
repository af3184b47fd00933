"""Arrange a graph's nodes into loops: which nodes share one loop over coordinates, and in what order the loops run.

A node of inner shape (3,) is a loop of three; shapes with the same axes longer than 1 have the same loops. Nodes share
a loop (a Nest) when each reads the others only at the very coordinate that it computes; a sum, or an element taken from
elsewhere, must wait for the loop that makes it to end. Indexing, reshaping and broadcasting cost nothing: they only say
at which coordinate a value is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lab.engine.graph import Graph, Node, Ref
from lab.errors import NotRecordable

At = Mapping[int, str]  # the coordinate on each axis (-1 is the last), as an expression; absent where it is 0
Space = tuple[tuple[int, int], ...]  # the axes longer than 1, left to right, each with its length
_VIEWS = ("index", "reshape", "expand", "permute")
_REDUCTIONS = ("sum", "prod", "amax", "amin", "all", "any", "norm")
_NAMES = {-1: "i", -2: "j", -3: "k", -4: "m"}


def space(inner: tuple[int, ...]) -> Space:
    """Return the loops over an inner shape."""
    found = tuple((a - len(inner), n) for a, n in enumerate(inner) if n > 1)
    if any(axis not in _NAMES for axis, _ in found):
        raise NotRecordable(f"a tensor of inner shape {inner} has too many axes for the fused engine")
    return found


def here(loops: Space) -> dict[int, str]:
    """Return the coordinate inside the loops: each axis at its loop's variable."""
    return {axis: _NAMES[axis] for axis, _ in loops}


@dataclass
class Nest:
    """One loop nest: its nodes in order, and what is stored (under which output's name) at the end of each turn."""

    loops: Space
    nodes: list[int] = field(default_factory=list)
    stores: list[tuple[str, Reading]] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """A value read by a node: the node that holds it, and where."""

    index: int
    at: At


@dataclass(frozen=True)
class Access:
    """How nodes of a graph are read, indexing and broadcasting resolved."""

    graph: Graph

    def loops(self, i: int) -> Space:
        """Return the loops in which node i is computed: a reduction's run over its operand."""
        node = self.graph.nodes[i]
        return space(self.graph.nodes[node.args[0].index].inner if self.reduces(i) else node.inner)

    def reduces(self, i: int) -> bool:
        """Tell whether node i adds up (or the like) over an axis longer than 1."""
        node = self.graph.nodes[i]
        return node.op in _REDUCTIONS and any(self.graph.nodes[node.args[0].index].inner[a] > 1 for a in node.args[1])

    def resolve(self, i: int, at: At) -> Reading:
        """Return the node that holds what node i has at `at`, and where: views are seen through.

        An axis of length 1 is read at 0 wherever `at` is: so a view is broadcast too.
        """
        node, at = self.graph.nodes[i], _within(self.graph.nodes[i], at)
        while node.op in _VIEWS:
            i = node.args[0].index
            at = _within(self.graph.nodes[i], _through(node, self.graph.nodes[i].inner, at))
            node = self.graph.nodes[i]
        return Reading(i, at)

    def operands(self, i: int) -> Iterator[Reading]:
        """Yield what node i reads at one turn of its loops (of `gather` and the like, only which nodes count)."""
        node = self.graph.nodes[i]
        at: At = here(self.loops(i))
        if node.op in _REDUCTIONS and not self.reduces(i) and not node.args[2]:
            at = _undo_reduction(node, at)
        for ref in _refs(node.args):
            yield self.resolve(ref.index, at)

    def result(self, i: int) -> At:
        """Return the coordinate of node i's own value inside its loops."""
        node = self.graph.nodes[i]
        at = here(self.loops(i))
        if not self.reduces(i):
            return at
        rank = len(self.graph.nodes[node.args[0].index].inner)
        kept = [a for a in range(-rank, 0) if a not in node.args[1]]
        if node.args[2]:
            return {a: at[a] for a in kept if a in at}
        return {n - len(kept): at[a] for n, a in enumerate(kept) if a in at}


def _within(node: Node, at: At) -> At:
    """Return the coordinate on those axes of a node that are longer than 1."""
    lengths = dict(space(node.inner))
    return {axis: e for axis, e in at.items() if axis in lengths}


def _undo_reduction(node: Node, at: At) -> At:
    """Return the operand's coordinate where a reduction over axes of length 1 is at `at`."""
    rank = len(node.inner) + len(node.args[1])
    kept = [a for a in range(-rank, 0) if a not in node.args[1]]
    return {a: at[n - len(kept)] for n, a in enumerate(kept) if n - len(kept) in at}


def _refs(arg: object) -> Iterator[Ref]:
    if isinstance(arg, Ref):
        yield arg
    elif isinstance(arg, tuple):
        for a in arg:
            yield from _refs(a)


def _through(view: Node, inner: tuple[int, ...], at: At) -> At:
    """Return the coordinate in a view's source, of the given inner shape, for a coordinate in the view."""
    match view.op:
        case "expand":
            return at
        case "permute":
            order = view.args[1][-len(inner) :] if inner else ()
            return {source: at[n - len(order)] for n, source in enumerate(order) if n - len(order) in at}
        case "index":
            return _indexed(view, len(inner), at)
    return _reshaped(view.inner, inner, at)


def _indexed(view: Node, rank: int, at: At) -> At:
    source: dict[int, str] = {}
    axis, out = -rank, -len(view.inner)
    for kind, *k in view.args[1]:
        if kind == "new":
            out += 1
            continue
        if kind == "int":
            source[axis] = str(k[0])
        else:
            start, step, _ = k
            source[axis] = _affine(start, step, at.get(out, "0"))
            out += 1
        axis += 1
    return source


def _affine(start: int, step: int, e: str) -> str:
    scaled = e if step == 1 else "0" if e == "0" else f"{step} * {e}"
    return scaled if start == 0 else str(start) if scaled == "0" else f"{start} + {scaled}"


def _reshaped(outer: tuple[int, ...], inner: tuple[int, ...], at: At) -> At:
    """Return the source's coordinate: equal where only axes of length 1 come or go, else by the place in memory."""
    long_out, long_in = space(outer), space(inner)
    if [n for _, n in long_out] == [n for _, n in long_in]:
        return {a: at[b] for (a, _), (b, _) in zip(long_in, long_out, strict=True) if b in at}
    place, stride = [], 1
    for axis, n in reversed(long_out):
        place.append(f"{stride} * ({at.get(axis, '0')})")
        stride *= n
    flat, stride, source = f"({' + '.join(place) or '0'})", 1, {}
    for axis, n in reversed(long_in):
        source[axis] = f"{flat} / {stride} % {n}"
        stride *= n
    return source


def nests_of(access: Access, nodes: Iterable[int]) -> list[Nest]:
    """Return the nests of some nodes, given in order; each joins the first nest of its shape that may hold it."""
    nests: list[Nest] = []
    place: dict[int, int] = {}
    for i in nodes:
        loops = access.loops(i)
        alone = access.graph.nodes[i].op in ("gather", "scatter", "take", "cat", "stack")
        after = [
            place[r.index] + (alone or not settled(access, r, loops, nests[place[r.index]]))
            for r in access.operands(i)
            if r.index in place
        ]
        place[i] = join(nests, loops, max([0, *after]))
        nests[place[i]].nodes.append(i)
    return nests


def join(nests: list[Nest], loops: Space, first: int) -> int:
    """Return the first nest with these loops from `first` on, a new one at the end if there is none."""
    k = next((k for k in range(first, len(nests)) if nests[k].loops == loops), len(nests))
    if k == len(nests):
        nests.append(Nest(loops))
    return k


def settled(access: Access, r: Reading, loops: Space, nest: Nest) -> bool:
    """Tell whether a value made in a nest may be read in that very nest: at the same coordinate, and complete.

    An element that an index chooses is read in a later one: a loop with such a load is not vectorised.
    """
    whole = access.reduces(r.index) or access.graph.nodes[r.index].op in ("gather", "scatter", "take")
    return nest.loops == loops and r.at == here(loops) and not whole


def place_stores(access: Access, nests: list[Nest]) -> None:
    """Add to the nests the storing of every output, where its value is there and its old value is read no more."""
    graph = access.graph
    place = {i: k for k, nest in enumerate(nests) for i in nest.nodes}
    for name, r in _stores(access):
        loops = space(graph.nodes[graph.outputs[name]].inner)
        first = 0
        if r.index in place:
            k = place[r.index]
            first = k + (not settled(access, r, loops, nests[k]))
        old = graph.inputs.get(name)
        for k, nest in enumerate(nests):
            read = [q for i in nest.nodes for q in access.operands(i)] + [q for _, q in nest.stores]
            for q in read:
                if q.index == old:
                    first = max(first, k + (nest.loops != loops or q.at != here(loops)))
        nests[join(nests, loops, first)].stores.append((name, r))


def _stores(access: Access) -> list[tuple[str, Reading]]:
    """Return every output that changes; one that copies an input comes before that input's own."""
    graph = access.graph
    found = []
    for name, i in graph.outputs.items():
        loops = space(graph.nodes[i].inner)
        r = access.resolve(i, here(loops))
        if r.index != graph.inputs.get(name) or r.at != here(loops):
            found.append((name, r))
    ordered: list[tuple[str, Reading]] = []
    while found:
        read = {r.index for _, r in found}
        free = [f for f in found if graph.inputs.get(f[0]) not in read - {f[1].index}]
        if not free:
            raise NotRecordable(f"{', '.join(name for name, _ in found)} change places in one step")
        ordered += [f for f in free if graph.nodes[f[1].index].op == "input"] or free
        found = [f for f in found if f not in ordered]
    return ordered

"""The whole kernel of a pair as text: structs, constants, and the functions of begin, advance and read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

import torch

from lab.engine.alike import before_lanes
from lab.engine.choices import choose_last
from lab.engine.emit import Level
from lab.engine.graph import Graph
from lab.engine.loops import space
from lab.engine.part import PARAMETERS, Part, declared, field_name, varying
from lab.engine.scalar import C_TYPES, literal
from lab.engine.stepgraph import StepGraph

PRELUDE = resources.files("lab.engine").joinpath("prelude.h").read_text()


@dataclass(frozen=True)
class Kernel:
    """A step as text, and what a caller must know of it.

    body: structs and functions, for a compiler that is told B (lanes), LANES, LAB_DRAWS (how words are passed) and the
    other names in capitals of cpu.py or gpu.py.
    parameters: the numbers in struct params, in order, with the length of each. metrics: the length of each metric's
    value, None for one number. n_words: random words a step.
    """

    body: str
    parameters: tuple[tuple[str, int], ...]
    metrics: tuple[int | None, ...]
    dim: int
    n_words: int
    carried: int  # numbers that one trajectory carries
    dtype: torch.dtype


def kernel_of(graph: StepGraph, n_draws: int, draw_bits: int) -> Kernel:
    """Return the kernel of a recorded step; NotRecordable where an operation has no scalar form."""
    named = {"begin": graph.begin, "advance": graph.advance, "read": graph.read}
    parts = [Part(name, choose_last(g, varying(g)), draw_bits) for name, g in named.items()]
    inputs = _inputs(graph)
    lines = [*_params(inputs, graph.dtype), *_carry(graph.begin), *_observed(graph.read)]
    for part in parts:
        lines += _constants(part)
        lines += _functions(part)
    widths = tuple((name, _length(inner)) for name, inner in inputs.items())
    values = [graph.read.nodes[i].inner for i in graph.read.outputs.values()]
    sizes = [_length(graph.begin.nodes[i].inner) for i in graph.begin.outputs.values()]
    return Kernel(
        body="\n".join(lines) + "\n",
        parameters=widths,
        metrics=tuple(inner[-1] if inner else None for inner in values),
        dim=graph.begin.nodes[graph.begin.outputs["x"]].inner[-1],
        n_words=n_draws * (1 if draw_bits == 32 else 2),
        carried=sum(sizes),
        dtype=graph.dtype,
    )


def _inputs(graph: StepGraph) -> dict[str, tuple[int, ...]]:
    """Return every parameter with its inner shape."""
    found = {}
    for g in (graph.begin, graph.advance, graph.read):
        for name, i in g.inputs.items():
            if name.startswith(PARAMETERS):
                found[name] = g.nodes[i].inner
    return found


def _length(inner: tuple[int, ...]) -> int:
    return int(torch.Size(inner).numel())


def _params(inputs: dict[str, tuple[int, ...]], dtype: torch.dtype) -> Iterator[str]:
    yield "struct params {"
    for name, inner in inputs.items():
        yield "    " + declared(C_TYPES[dtype], field_name(name), space(inner), lanes=False)
    yield "    " + declared(C_TYPES[dtype], "end", (), lanes=False)
    yield "};"


def _carry(begin: Graph) -> Iterator[str]:
    yield "struct carry {"
    for name, i in begin.outputs.items():
        node = begin.nodes[i]
        yield "    LAB_ALIGNED " + declared(C_TYPES[node.dtype], field_name(name), space(node.inner), lanes=True)
    yield "};"


def _observed(read: Graph) -> Iterator[str]:
    yield "struct observed {"
    for name, i in read.outputs.items():
        yield "    LAB_ALIGNED " + declared("double", f"metric{name}", space(read.nodes[i].inner), lanes=True)
    yield "    int end;"
    yield "};"


def _constants(part: Part) -> Iterator[str]:
    for i in part.tables():
        node = part.graph.nodes[i]
        numbers = [literal(v, node.dtype) for v in node.args[0].flatten().tolist()]
        name = declared(C_TYPES[node.dtype], f"{part.name}_c{i}", space(node.inner), lanes=False)[:-1]
        yield f"LAB_CONST {name} = {_nested(numbers, [n for _, n in space(node.inner)])};"


def _nested(numbers: list[str], sizes: list[int]) -> str:
    if len(sizes) <= 1:
        return "{" + ", ".join(numbers) + "}"
    step = len(numbers) // sizes[0]
    return "{" + ", ".join(_nested(numbers[k * step : (k + 1) * step], sizes[1:]) for k in range(sizes[0])) + "}"


def _functions(part: Part) -> Iterator[str]:
    """Yield the structs and the three functions of a part."""
    once, step, lanes = part.levels
    name = part.name
    for kind, nodes, first in (("once", once, "int none;"), ("step", step, "double t;")):
        yield f"struct {name}_{kind} {{"
        yield f"    {first}"
        for i in sorted(nodes):
            node = part.graph.nodes[i]
            yield "    " + declared(C_TYPES[node.dtype], f"v{i}", space(node.inner), lanes=False)
        yield "};"
    p, o = "const struct params *LAB_RESTRICT p", f"struct {name}_once *LAB_RESTRICT o"
    s = f"struct {name}_step *LAB_RESTRICT s"
    yield from _function("LAB_ONCE", f"{name}_once({p}, {o})", Level(part, once, lanes=False), ["o->none = 0;"])
    takes = f"{p}, const {o}, double t, {s}"
    yield from _function("LAB_ONCE", f"{name}_step({takes})", Level(part, step, lanes=False), ["s->t = t;"])
    c = ("const " if name == "read" else "") + "struct carry *LAB_RESTRICT c"
    c += {"advance": ", LAB_DRAWS", "read": ", struct observed *LAB_RESTRICT r"}.get(name, "")
    signature = f"{name}_lanes({p}, const {o}, const {s}, {c})"
    yield from _function("LAB_INLINE", signature, Level(part, lanes, lanes=True), [])


def _function(kind: str, signature: str, level: Level, first: list[str]) -> Iterator[str]:
    yield f"{kind} void {signature} {{"
    body = [*first, *level.lines()]
    yield from ("    " + line for line in (before_lanes(level.part, body) if level.lanes else body))
    yield "}"

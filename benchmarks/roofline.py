"""What share of the machine's arithmetic is reached: operations counted in the recorded step, against measured peaks.

One operation is one lane's addition, multiplication, comparison, selection or integer operation; a fused multiply-add
counts as two. Peaks come from peak.c. Contraction is off in every kernel here, because it would change results, so the
peak is that of additions beside multiplications. A division or square root counts as one operation, but keeps the
divider busy for many cycles: where that takes longer than all the rest, the divider sets the bound.
"""

from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

from benchmarks.workloads import Workload
from lab.engine.compiler import build, load
from lab.engine.graph import Graph, Node, Ref, dependents
from lab.engine.stepgraph import record_step
from lab.rng import ROUNDS, words_per_draw

SHORT = 0.02  # seconds of one try: less than a scheduler gives a thread at once
KINDS = ("add_and_multiply", "fma", "divide", "root")
FREE = {"input", "constant", "index", "reshape", "expand", "permute", "copy", "cast"}
REDUCTIONS = {"sum", "prod", "amax", "amin"}
CLAMP, POWER = 2, 50  # operations of a clamp, and of a power by powers.h
WORD = ROUNDS * 8 / 4  # a round multiplies, shifts, and takes exclusive ors twice: 8 operations for 4 words
UNIFORM = {1: 3, 2: 5}  # from one word or two: shift, or, convert, add, multiply


@dataclass(frozen=True)
class Operations:
    """What one seed-step takes. all: with Philox; divisions, roots: those that cannot be shared between seeds."""

    all: float
    divisions: int
    roots: int


@dataclass(frozen=True)
class Peaks:
    """Operations per second on all threads together; a fused multiply-add counts as two."""

    add_and_multiply: float
    fma: float
    divide: float
    root: float


def count(workload: Workload) -> Operations:
    """Return the operations of one step of one seed, from the recorded graph."""
    batch = workload.batch()
    graph = record_step(batch.problem, batch.optimizers[0], batch.metrics).advance
    own = _varying(graph)
    nodes = [graph.nodes[i] for i in sorted(own) if graph.nodes[i].op not in FREE]
    total = float(sum(_cost(graph, node) for node in nodes))
    words = batch.problem.n_draws * words_per_draw(batch.problem.draw_bits)
    total += words * WORD + batch.problem.n_draws * UNIFORM[words_per_draw(batch.problem.draw_bits)]
    divided = [n for n in nodes if n.op == "div" and isinstance(n.args[1], Ref) and n.args[1].index in own]
    powers = [n for n in nodes if n.op == "pow"]  # powers.h divides once
    roots = [n for n in nodes if n.op == "sqrt"]
    return Operations(total, sum(map(_size, divided + powers)), sum(map(_size, roots)))


def _varying(graph: Graph) -> frozenset[int]:
    """Return the nodes that differ between seeds: those that depend on the point, the state or the draws."""
    roots = [i for name, i in graph.inputs.items() if name in ("x", "draws") or name.startswith(("state.", "metrics."))]
    return dependents(graph, roots) & frozenset(graph.live())


def _size(node: Node) -> int:
    return math.prod(node.inner)


def _cost(graph: Graph, node: Node) -> int:
    if node.op in REDUCTIONS:
        return _size(graph.nodes[node.args[0].index]) - _size(node)
    return _size(node) * {"pow": POWER, "clamp": CLAMP}.get(node.op, 1)


def peaks(threads: int, tries: int = 25) -> Peaks:
    """Return the machine's peaks, the best of many short tries; raises NoCompiler where peak.c cannot be built."""
    library = load(build(resources.files("benchmarks").joinpath("peak.c").read_text()))
    library.run.restype = ctypes.c_double
    library.run.argtypes = (ctypes.c_int, ctypes.c_long, ctypes.c_int, ctypes.c_double)
    best = []
    for kind in range(len(KINDS)):
        rounds = 10_000
        while _timed(library, kind, rounds, threads) < SHORT:
            rounds *= 2
        seconds = min(_timed(library, kind, rounds, threads) for _ in range(tries))
        best.append(rounds * library.operations_a_round() * threads / seconds)
    add, fma, divide, root = best
    return Peaks(add, 2 * fma, divide, root)


def _timed(library: ctypes.CDLL, kind: int, rounds: int, threads: int) -> float:
    began = time.perf_counter()
    library.run(kind, rounds, threads, 0.999999)
    return time.perf_counter() - began


def bound(operations: Operations, peak: Peaks) -> Mapping[str, float]:
    """Return the seed-steps per second that the arithmetic alone, and the divider alone, would allow."""
    busy = operations.divisions / peak.divide + operations.roots / peak.root
    return {"arithmetic": peak.add_and_multiply / operations.all, "divider": 1 / busy if busy else math.inf}


def roofline(tables: Mapping[str, Mapping[str, Any]], workloads: Mapping[str, Workload], peak: Peaks) -> dict[str, Any]:
    """Return for every workload and yardstick the operations per second, and the share of either bound."""
    found: dict[str, Any] = {"peaks": asdict(peak), "workloads": {}}
    for name, table in tables.items():
        operations = count(workloads[name])
        limits = bound(operations, peak)
        shares = {
            row["yardstick"]: {
                "operations_per_s": row["rate"]["median"] * operations.all,
                **{f"share_of_{kind}": row["rate"]["median"] / limit for kind, limit in limits.items()},
            }
            for row in table["rows"]
        }
        found["workloads"][name] = {"operations": asdict(operations), "bounds": dict(limits), "shares": shares}
    return found

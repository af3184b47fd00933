"""Replay a deterministic pair from its recorded graph, in an arithmetic that loses nothing: intervals, or rationals.

The graph is read once, whatever the arithmetic is, and many configurations run at once. A hyperparameter such as 0.1 is
taken as the float64 nearest to it, and so is a number that a problem computes in Python without touching a leaf: what
is replayed is the instance with those numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from lab.engine.arithmetic import Arithmetic, Rule, Values, operands, padded
from lab.engine.graph import Graph, Ref, dependents
from lab.engine.step import default_dtype
from lab.engine.stepgraph import parameters, record_step
from lab.errors import LabError, require
from lab.metrics import get_metric
from lab.optimizer import Optimizer
from lab.problem import Problem
from lab.rng import Key, seed_range

Operation = tuple[int, Rule, tuple[int, ...]]  # result, function, arguments
_BLOCK = 512  # steps whose functions of t alone are computed together


def replay(
    arithmetic: Arithmetic,
    problem: Problem,
    optimizers: Sequence[Optimizer[Any]],
    metrics: Sequence[str],
    at: Sequence[int],
    start: Sequence[float] | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Values]:
    """Return {metric: values} with arrays `(E, config, step)`, or `(E, config, step, d)` for a vector metric.

    at: the steps to read, increasing, 0 being the start. start: `(d,)`; the problem's own unless given. progress is
    told the step reached, now and then. Raises LabError where the problem draws random numbers, where optimizers differ
    in more than numbers, where the pair is no graph, and where an operation has no form in the arithmetic.
    """
    _check(problem, optimizers, at)
    measured = tuple(get_metric(name) for name in metrics)
    for metric in measured:
        metric.check(problem)
        metric.check_optimizer(optimizers[0])
    graph = record_step(problem, optimizers[0], measured)
    fixed = _parameters(arithmetic, problem, optimizers)
    begin, advance, read = (Replay(g, fixed, arithmetic) for g in (graph.begin, graph.advance, graph.read))
    configs, wanted = len(optimizers), set(at)
    carry = begin({"x": _start(arithmetic, problem, start)})
    found = [_read(read, [carry], [0], configs)] if at[0] == 0 else []
    for first in range(1, at[-1] + 1, _BLOCK):
        steps = range(first, min(first + _BLOCK, at[-1] + 1))
        carry, kept = advance.march(carry, steps, wanted)
        if kept:
            found.append(_read(read, kept, [t for t in steps if t in wanted], configs))
        if progress is not None:
            progress(steps[-1])
    joined = {m.name: np.concatenate([f[str(i)] for f in found], axis=1) for i, m in enumerate(measured)}
    return {name: values.swapaxes(1, 2) for name, values in joined.items()}


class Replay:
    """A graph as a list of operations, sorted by how often they must run: once, once a block of steps, always.

    fixed: the inputs that never change, `(E, 1, R, ...)`.
    """

    def __init__(self, graph: Graph, fixed: Mapping[str, Values], arithmetic: Arithmetic) -> None:
        self.graph = graph
        self.arithmetic = arithmetic
        live = graph.live()
        self.rank = max([1, *(len(graph.nodes[i].inner) for i in live)])
        self.values: list[Any] = [None] * len(graph.nodes)
        moving = dependents(graph, (i for name, i in graph.inputs.items() if name not in fixed and name != "t"))
        timed = dependents(graph, (i for name, i in graph.inputs.items() if name == "t")) - moving
        self.always: list[Operation] = []
        self.by_block: list[Operation] = []
        with self.arithmetic.mode():
            for i in live:
                self._add(i, fixed, self.always if i in moving else self.by_block if i in timed else None)
        read_always = {j for _, _, sources in self.always for j in sources}
        self.by_step = sorted((read_always | set(graph.outputs.values())) & timed)

    def __call__(self, inputs: Mapping[str, Values]) -> dict[str, Values]:
        """Return the outputs `(E, K, R, ...)` for inputs `(E, K, R, ...)`, K steps at once."""
        with self.arithmetic.mode():
            self._set(inputs)
            _execute(self.by_block, self.values)
            _execute(self.always, self.values)
            return self._outputs()

    def march(
        self, carry: Mapping[str, Values], steps: range, keep: Container[int]
    ) -> tuple[dict[str, Values], list[dict[str, Values]]]:
        """Return the carry after the steps, each of which takes the one before, and the carries after those in keep."""
        kept = []
        values = self.values
        with self.arithmetic.mode():
            self._set({"t": _times(self.arithmetic, steps)})
            _execute(self.by_block, values)
            blocks = [(i, values[i]) for i in self.by_step]
            for k, t in enumerate(steps):
                self._set(carry)
                for i, block in blocks:
                    values[i] = block[:, k : k + 1] if block.shape[1] > 1 else block
                _execute(self.always, values)
                carry = self._outputs()
                self.arithmetic.watch(carry, t)
                if t in keep:
                    kept.append(carry)
        return dict(carry), kept

    def _set(self, inputs: Mapping[str, Values]) -> None:
        for name, value in inputs.items():
            i = self.graph.inputs.get(name)
            if i is not None:
                self.values[i] = self._pad(value, self._inner(i))

    def _outputs(self) -> dict[str, Values]:
        named = ((name, i, self.values[i]) for name, i in self.graph.outputs.items())
        return {name: v.reshape(v.shape[:3] + self._inner(i)) for name, i, v in named}

    def _inner(self, i: int) -> tuple[int, ...]:
        return self.graph.nodes[i].inner

    def _pad(self, value: Values, inner: tuple[int, ...]) -> Values:
        return value.reshape(value.shape[:3] + padded(inner, self.rank))

    def _add(self, i: int, fixed: Mapping[str, Values], level: list[Operation] | None) -> None:
        """Compute node i now (level None), or note down how."""
        node = self.graph.nodes[i]
        if node.op == "input":
            if node.args[0] in fixed:
                self.values[i] = self._pad(fixed[node.args[0]], node.inner)
            return
        if node.op == "constant":
            self.values[i] = self._constant(node.args[0])
            return
        given = operands(node)
        inners = [self._inner(a.index) for a in given if isinstance(a, Ref)]
        sources = tuple(a.index if isinstance(a, Ref) else self._number(a) for a in given)
        operation = self._cheapest(i, self.arithmetic.rule(node, inners, self.rank), sources)
        if level is None:
            _execute([operation], self.values)
        else:
            level.append(operation)

    def _cheapest(self, i: int, rule: Rule, sources: tuple[int, ...]) -> Operation:
        """Return the operation, a product with a known number in its cheaper form where there is one."""
        for known, other in (sources, sources[::-1]) if len(sources) == 2 else ():
            value = self.values[known]
            cheaper = None if value is None else self.arithmetic.simpler(rule, value)
            if cheaper is not None:
                return i, cheaper, (other,)
        return i, rule, sources

    def _constant(self, tensor: torch.Tensor) -> Values:
        return self._pad(self.arithmetic.lift(tensor.numpy())[:, None, None], tuple(tensor.shape))

    def _number(self, value: float | bool) -> int:
        dtype = torch.bool if isinstance(value, bool) else torch.float64
        self.values.append(self._constant(torch.tensor(value, dtype=dtype)))
        return len(self.values) - 1


def _execute(operations: Sequence[Operation], values: list[Any]) -> None:
    for i, rule, sources in operations:
        values[i] = rule(*[values[j] for j in sources])


def _times(arithmetic: Arithmetic, steps: Sequence[int]) -> Values:
    return arithmetic.lift(np.array(steps, dtype=np.float64).reshape(-1, 1))


def _parameters(arithmetic: Arithmetic, problem: Problem, optimizers: Sequence[Optimizer[Any]]) -> dict[str, Values]:
    """Return each parameter as `(2, 1, H, ...)`; the minimum's inner shape is ()."""
    columns = [parameters(problem, o) for o in optimizers]
    found = {}
    for name in columns[0]:
        v = np.array([c[name] for c in columns], dtype=np.float64)
        found[name] = arithmetic.lift(v[None] if name in ("minimum", "minimizer") else v[None, :, None])
    return found


def _start(arithmetic: Arithmetic, problem: Problem, start: Sequence[float] | None) -> Values:
    with default_dtype(torch.float64):
        x = problem.start(Key(0, seed_range(0, 1))) if start is None else torch.tensor(start, dtype=torch.float64)
    require(tuple(x.shape) == (problem.dim,), "replay", "the start's shape", tuple(x.shape), f"({problem.dim},)")
    inside = bool(problem.domain.contains(x.to(torch.float64)).all())
    require(inside, "replay", "start", start, f"inside the domain {problem.domain}")
    return arithmetic.lift(x.to(torch.float64).numpy()[None, None])


def _check(problem: Problem, optimizers: Sequence[Optimizer[Any]], at: Sequence[int]) -> None:
    if problem.n_draws > 0:
        raise LabError(f"replay: {problem.name} draws random numbers; only a deterministic problem can be replayed")
    require(len(optimizers) > 0, "replay", "optimizers", optimizers, "one or more")
    for other in optimizers[1:]:
        if other.structure() != optimizers[0].structure():
            raise LabError(f"replay: {optimizers[0]} and {other} differ in more than numbers; replay them one by one")
    ordered = all(a < b for a, b in pairwise(at))
    good = len(at) > 0 and at[0] >= 0 and ordered
    require(good, "replay", "at", list(at)[:8], "increasing steps, none below 0")


def _read(
    read: Replay, carries: Sequence[Mapping[str, Values]], steps: Sequence[int], configs: int
) -> dict[str, Values]:
    """Return the metrics `(E, K, H, ...)` after K steps, all at once."""
    joined = {name: np.concatenate([_whole(c[name], 1, configs) for c in carries], axis=1) for name in carries[0]}
    found = read(joined | {"t": _times(read.arithmetic, steps)})
    return {name: _whole(e, len(steps), configs) for name, e in found.items()}


def _whole(e: Values, steps: int, configs: int) -> Values:
    return np.broadcast_to(e, (len(e), steps, configs, *e.shape[3:]))

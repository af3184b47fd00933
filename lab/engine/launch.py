"""What the two fused engines share around a kernel: its recording, its inputs, and the pieces of a long run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lab import rng
from lab.engine.kernel import Kernel, kernel_of
from lab.engine.reference import Batch
from lab.engine.step import default_dtype
from lab.engine.stepgraph import StepGraph, parameters, record_step
from lab.errors import NotRecordable, require
from lab.metric import Metric
from lab.optimizer import Optimizer
from lab.problem import Problem

_SECONDS = 0.25  # how long one call into the kernel should take, so that progress shows and Ctrl-C works


def record_kernel(
    problem: Problem, optimizer: Optimizer[Any], metrics: Sequence[Metric], dtype: torch.dtype
) -> tuple[StepGraph, Kernel]:
    """Return the recorded step and its kernel; the problem's numbers are inputs where that can be recorded."""
    try:
        graph = record_step(problem, optimizer, metrics, dtype)
    except NotRecordable:
        graph = record_step(problem, optimizer, metrics, dtype, bind_problem=False)
    return graph, kernel_of(graph, problem.n_draws, problem.draw_bits)


def parameter_rows(batch: Batch, graph: StepGraph, kernel: Kernel) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the numbers of every configuration, `(H, n)`, in the order of struct params.

    LabError where problems vary whose numbers are no inputs.
    """
    if batch.problems:
        require(graph.binds_problem, batch.problem, "problems", len(batch.problems), "one: its numbers are no inputs")
    rows = []
    for problem, optimizer in zip(
        batch.problems or (batch.problem,) * len(batch.optimizers), batch.optimizers, strict=True
    ):
        given = parameters(problem, optimizer, graph.binds_problem)
        rows.append(np.concatenate([np.atleast_1d(np.asarray(given[name])) for name, _ in kernel.parameters] + [[0.0]]))
    return np.stack(rows).astype(np.float64)


def starts(batch: Batch) -> Tensor:
    """Return the first points, `(S, d)`, or `(1, d)` where all seeds begin alike; on the CPU."""
    if batch.start is not None:
        return torch.tensor(batch.start, dtype=batch.dtype).reshape(-1, batch.problem.dim)
    seeds = rng.seed_range(batch.first_seed, batch.n_seeds)
    with default_dtype(batch.dtype):
        x = batch.problem.start(rng.Key(batch.key, seeds, batch.dtype)).to(batch.dtype)
    return x.expand(-1, batch.problem.dim) if x.dim() == 2 else x.unsqueeze(0)


def pieces(batch: Batch, width: int) -> Iterator[tuple[int, int]]:
    """Yield (t0, t1) that cover the steps to the last record; between two, about _SECONDS pass.

    width: how many trajectories run at a time, from which the first piece's length is guessed.
    """
    t, length = 0, max(1, (width << 24) // batch.rows)
    while t < batch.record[-1]:
        began = time.perf_counter()
        after = min(t + length, batch.record[-1])
        yield t, after
        spent = max(time.perf_counter() - began, 1e-4)
        length = max(1, int((after - t) * min(4.0, _SECONDS / spent)))
        t = after

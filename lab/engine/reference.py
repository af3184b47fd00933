"""The reference engine: torch, eagerly, one operation after the other. It runs anything and defines what is right.

Rows are (configuration, seed) pairs, flattened to `(N, d)` with N padded to a power of two of at least 64, on one
thread: only so are pow, exp and sums bitwise equal for any batch, measured in torch 2.13 (vector and scalar code
paths differ in the last bit). Hyperparameters are `(N, 1)` tensors for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lab import rng
from lab.engine.step import Carry, advance, begin, default_dtype, read
from lab.errors import require
from lab.metric import Metric
from lab.optimizer import Optimizer
from lab.problem import Problem


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What an engine runs at once: configurations of one structure, on consecutive seeds.

    record: increasing steps, the first 0, the last at most `steps`. start: `(d,)`; one
    such point for each seed; or None for the problem's own.
    problems: one for each configuration, of one structure and one start, where their numbers differ; () where all run
    `problem`. Only a fused kernel takes them, and only where the problem's numbers are its inputs.
    """

    problem: Problem
    optimizers: tuple[Optimizer[Any], ...]
    metrics: tuple[Metric, ...]
    first_seed: int
    n_seeds: int
    key: int
    steps: int
    record: tuple[int, ...]
    start: tuple[float, ...] | tuple[tuple[float, ...], ...] | None
    dtype: torch.dtype
    device: torch.device
    problems: tuple[Problem, ...] = ()

    @property
    def rows(self) -> int:
        """Return the number of trajectories."""
        return len(self.optimizers) * self.n_seeds


@dataclass(frozen=True)
class Records:
    """What an engine hands back, with H configurations, S seeds and K records, all on the CPU.

    values: for each metric float64 `(H, K, S)`, or `(H, K, d, S)` for a vector metric. alive: bool `(H, K, S)`,
    whether x has been finite at every record so far. x_final: `(H, S, d)`.
    """

    values: tuple[Tensor, ...]
    alive: Tensor
    x_final: Tensor


Tick = Callable[[int], None]  # told how many seed-steps were just done; may raise to stop


def run(batch: Batch, tick: Tick = lambda done: None) -> Records:
    """Return the records of a batch. Equal bits whatever else is in the batch; memory O(K N d).

    LabError for several problems in one batch.
    """
    require(not batch.problems, "reference engine", "problems", len(batch.problems), "none: one problem a batch")
    with default_dtype(batch.dtype), torch.no_grad():
        return _run(batch, tick)


def _run(batch: Batch, tick: Tick) -> Records:
    n = max(64, 1 << (batch.rows - 1).bit_length())
    row = torch.arange(n).clamp(max=batch.rows - 1)
    seeds = (batch.first_seed + row % batch.n_seeds).to(batch.device)
    optimizer = bind_rows(batch.optimizers, row // batch.n_seeds, batch.dtype, batch.device)
    problem, metrics = batch.problem, batch.metrics
    carry = begin(problem, optimizer, metrics, starts(batch, seeds))
    n_words = problem.n_draws * rng.words_per_draw(problem.draw_bits)
    draws = rng.walk(batch.key, seeds, rng.Stream.ORACLE, n_words)
    kept: list[tuple[Tensor, ...]] = []
    t_before = 0
    for t_record in batch.record:
        for t_int in range(t_before + 1, t_record + 1):
            t = torch.tensor(float(t_int), dtype=torch.float64, device=batch.device)
            u = rng.uniforms(next(draws), problem.draw_bits, batch.dtype)
            carry = advance(problem, optimizer, metrics, carry, t, u)
        kept.append(_snapshot(batch, optimizer, carry, t_record))
        tick((t_record - t_before) * batch.rows)
        t_before = t_record
    return _gather(batch, kept, carry)


def bind_rows(
    optimizers: Sequence[Optimizer[Any]], config: Tensor, dtype: torch.dtype, device: torch.device
) -> Optimizer[Any]:
    """Return one optimizer whose hyperparameters are `(N, 1)` tensors: row i has those of optimizers[config[i]]."""
    leaves = [o.leaves() for o in optimizers]
    columns = {
        path: torch.tensor([leaf[path] for leaf in leaves], dtype=dtype)[config].unsqueeze(-1).to(device)
        for path in leaves[0]
    }
    bound: Optimizer[Any] = optimizers[0].bind(columns)
    return bound


def starts(batch: Batch, seeds: Tensor) -> Tensor:
    """Return the first points `(N, d)`, contiguous and of the run's dtype."""
    if batch.start is not None:
        given = torch.tensor(batch.start, dtype=batch.dtype, device=batch.device).reshape(-1, batch.problem.dim)
        x = given if len(given) == 1 else given[seeds - batch.first_seed]
    else:
        x = batch.problem.start(rng.Key(batch.key, seeds, batch.dtype)).to(device=batch.device, dtype=batch.dtype)
    return x.expand(len(seeds), batch.problem.dim).contiguous()


def _snapshot(batch: Batch, optimizer: Optimizer[Any], carry: Carry, t_int: int) -> tuple[Tensor, ...]:
    t = torch.tensor(float(t_int), dtype=torch.float64, device=batch.device)
    values = read(batch.problem, optimizer, batch.metrics, carry, t)
    finite = torch.isfinite(carry.x).all(-1)[: batch.rows].cpu()
    return (*(v[: batch.rows].to("cpu", torch.float64) for v in values), finite)


def _gather(batch: Batch, kept: list[tuple[Tensor, ...]], carry: Carry) -> Records:
    h, s = len(batch.optimizers), batch.n_seeds
    columns = [torch.stack(c) for c in zip(*kept, strict=True)]  # each (K, rows) or (K, rows, d)
    values = tuple(_seeds_last(c.reshape(len(kept), h, s, *c.shape[2:])) for c in columns[:-1])
    alive = _seeds_last(columns[-1].reshape(len(kept), h, s))
    alive = alive.to(torch.int8).cummin(1).values.bool()
    return Records(values, alive, carry.x[: batch.rows].cpu().reshape(h, s, -1))


def _seeds_last(c: Tensor) -> Tensor:
    """(K, H, S) to (H, K, S), and (K, H, S, d) to (H, K, d, S)."""
    return c.permute(1, 0, 2) if c.dim() == 3 else c.permute(1, 0, 3, 2)

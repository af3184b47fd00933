"""Many points of a phase map in one batch of the fused engine, the problem's numbers riding beside the optimizer's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from lab import rng
from lab.engine import cpu, reference
from lab.engine.reference import Batch, Tick
from lab.engine.select import choose
from lab.engine.step import default_dtype
from lab.metrics import get_metric
from lab.optimizer import Optimizer
from lab.problem import Problem
from lab.progress import one_thread_an_op

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
DTYPE, CPU = torch.float64, torch.device("cpu")


@dataclass(frozen=True)
class Point:
    """What runs at one place of the map."""

    problem: Problem
    optimizer: Optimizer[Any]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How every point is run. starts: points from each of which it runs in place of the problem's own; () for none."""

    steps: int
    record: tuple[int, ...]
    metrics: tuple[str, ...]
    seeds: int
    key: int
    starts: tuple[tuple[float, ...], ...] = ()

    @property
    def trajectories(self) -> int:
        """Return how many trajectories a point has."""
        return self.seeds * max(1, len(self.starts))


def run(points: Sequence[Point], setting: Setting, tick: Tick) -> tuple[dict[str, Floats], Bools, str]:
    """Return (values, alive, engine) of all points.

    values: by metric `(H, K, S)`, or `(H, K, d, S)` for a vector metric; with `starts` one seed for each. alive:
    `(H, K, S)`. engine: what ran, "fused" or "reference" or both.
    """
    where: list[int] = []
    values: dict[str, list[Floats]] = {name: [] for name in setting.metrics}
    alive, engines = [], set()
    with one_thread_an_op():
        for members, engine in _groups(points, setting):
            batch = _batch([points[i] for i in members], setting)
            found = cpu.run(batch, tick) if engine == "fused" else reference.run(batch, tick)
            for name, value in zip(setting.metrics, found.values, strict=True):
                values[name].append(value.numpy())
            where += members
            alive.append(found.alive.numpy())
            engines.add(engine)
    order = np.argsort(where)
    joined = {name: np.concatenate(parts)[order] for name, parts in values.items()}
    return joined, np.concatenate(alive)[order], "+".join(sorted(engines))


def _groups(points: Sequence[Point], setting: Setting) -> Iterator[tuple[list[int], str]]:
    """Yield the points that run together, by index, and the engine's name."""
    metrics = tuple(get_metric(m) for m in setting.metrics)
    for members in _alike(points, setting).values():
        first = points[members[0]]
        engine = choose("auto", first.problem, first.optimizer, metrics, DTYPE, CPU).name
        fused = engine == "fused"
        ride = fused and cpu.program(first.problem, first.optimizer, metrics, DTYPE).graph.binds_problem
        for some in [members] if ride else _by_problem(points, members):
            yield some, engine


def _alike(points: Sequence[Point], setting: Setting) -> Mapping[Any, list[int]]:
    """Return the points by structure and start: those that one kernel can run, if it takes the problem's numbers."""
    found: dict[Any, list[int]] = {}
    seeds = rng.seed_range(0, setting.seeds)
    for i, point in enumerate(points):
        with default_dtype(DTYPE):
            start = b"" if setting.starts else point.problem.start(rng.Key(setting.key, seeds, DTYPE)).numpy().tobytes()
        found.setdefault((point.problem.structure(), point.optimizer.structure(), start), []).append(i)
    return found


def _by_problem(points: Sequence[Point], members: Sequence[int]) -> list[list[int]]:
    found: dict[Problem, list[int]] = {}
    for i in members:
        found.setdefault(points[i].problem, []).append(i)
    return list(found.values())


def _batch(points: Sequence[Point], setting: Setting) -> Batch:
    problems = tuple(p.problem for p in points)
    return Batch(
        problem=problems[0],
        problems=problems if len(set(problems)) > 1 else (),
        optimizers=tuple(p.optimizer for p in points),
        metrics=tuple(get_metric(m) for m in setting.metrics),
        first_seed=0,
        n_seeds=setting.trajectories,
        key=setting.key,
        steps=setting.steps,
        record=setting.record,
        start=setting.starts or None,
        dtype=DTYPE,
        device=CPU,
    )

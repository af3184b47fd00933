"""From an experiment to its numbers: many seeds in chunks, on all cores, reduced as they come.

`simulate` is what people call and returns an xarray Dataset; `summarise` is what verification calls and returns the
block sums and histograms from which any statistic can be had at any level.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr

from lab.engine.reference import Batch, Records
from lab.engine.select import Choice, choose
from lab.errors import LabError, require
from lab.experiment import DTYPES, Experiment, record_steps
from lab.metrics import get_metric
from lab.optimizer import Optimizer
from lab.problem import Problem
from lab.progress import Progress, Ticker, one_thread_an_op
from lab.results import Store, dataset
from lab.summary import BLOCK, Summary, join_configs, join_seeds, summarise as reduce, without_tail

CHUNK_NUMBERS = 1 << 15  # coordinates in a batch: the reference engine's temporaries then stay in the cache
CHUNK_BYTES = 1 << 26  # and the records of one chunk stay below 64 MiB
BLOCK_BYTES = 1 << 31  # no block of seeds may keep more than 2 GiB
GPU_NUMBERS, GPU_BYTES = 1 << 19, 1 << 30  # the same on a GPU, which needs more work at a time


def default_metrics(problem: Problem) -> tuple[str, ...]:
    """Return the metrics recorded when none are named: the iterate, and what the problem's optimum allows."""
    names = ["iterate"]
    for name in ("suboptimality", "avg_regret" if problem.linear else "distance_sq"):
        try:
            get_metric(name).check(problem)
        except LabError:
            continue
        names.append(name)
    return tuple(names)


def simulate(
    problem: Problem,
    optimizer: Optimizer[Any] | Sequence[Optimizer[Any]],
    *,
    seeds: int,
    steps: int,
    key: int = 0,
    record: str | int | Sequence[int] = "log",
    start: Sequence[float] | float | None = None,
    metrics: Sequence[str] | None = None,
    stats: Sequence[str] | None = None,
    dtype: str = "float64",
    device: str = "auto",
    engine: str = "auto",
    keep_seeds: bool = False,
    store: str | Path | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Return statistics over seeds of each metric at each recorded step.

    problem, optimizer: what runs; several optimizers are several configurations. record: "log", an interval, or a
    list of steps; t = 0 is the start. start: a point `(d,)` in place of the problem's own. stats: any of "mean",
    "median", "quantile", "mom". engine: "auto" is fused where the pair records and compiles, else the reference
    engine; the attributes say which and why. device: "cpu", which "auto" takes, so that a call gives the same numbers
    with and without a GPU; or "cuda", whose libm differs in the last bits. keep_seeds: add `x_final` with dims
    (config, seed, d). store: a folder in which results are kept and looked up; more seeds extend a stored run.
    progress: told (done, all) in seed-steps.

    The Dataset has dims (config, step), `quantile` and, for a vector metric with d > 1, `coord`. Raises LabError for
    bad input, before anything runs.
    """
    require(isinstance(seeds, int) and seeds >= 1, "simulate", "seeds", seeds, "an integer >= 1")
    require(isinstance(steps, int) and steps >= 1, "simulate", "steps", steps, "an integer >= 1")
    experiment = Experiment(
        problem=problem,
        optimizers=(optimizer,) if isinstance(optimizer, Optimizer) else tuple(optimizer),
        steps=steps,
        record=record_steps(record, steps),
        metrics=tuple(metrics) if metrics is not None else default_metrics(problem),
        key=key,
        start=_as_point(start),
        dtype=dtype,
    )
    run = summarise(
        experiment, seeds, device=device, engine=engine, keep_seeds=keep_seeds, store=store, progress=progress
    )
    return dataset(experiment, run.summary, stats, x_final=run.x_final, attributes=run.attributes)


def _as_point(start: Sequence[float] | float | None) -> tuple[float, ...] | None:
    if start is None:
        return None
    return (float(start),) if isinstance(start, int | float) else tuple(float(v) for v in start)


@dataclass(frozen=True)
class Run:
    """A summary, the last points where they were asked for, and how it was made."""

    summary: Summary
    x_final: np.ndarray[Any, Any] | None
    attributes: dict[str, Any]


class Interrupted(KeyboardInterrupt):
    """Ctrl-C: what was finished is stored, and the text says how much that is."""


def summarise(
    experiment: Experiment,
    seeds: int,
    *,
    device: str = "auto",
    engine: str = "auto",
    keep_seeds: bool = False,
    store: str | Path | None = None,
    progress: Progress | None = None,
) -> Run:
    """Return the summary of seeds 0..seeds-1 of an experiment.

    With a store, seeds that it holds are not run again and new ones are added to it. `keep_seeds` runs afresh.
    LabError for a device, engine or store that is not to be had.
    """
    began = time.perf_counter()
    plan = _plan(experiment, device, engine)
    shelf = Store(Path(store)) if store is not None else None
    held = shelf.load(experiment) if shelf and not keep_seeds else None
    if held is not None and held.seeds >= seeds:
        if held.seeds > seeds:
            held = None  # fewer seeds than stored: the histogram cannot be cut, so these few run again
            shelf = None
        else:
            how = {"engine": "none", "engine_why": "stored result"}
            return Run(held, None, _attributes(experiment, seeds, plan, began) | how)
    total = without_tail(held) if held is not None else None
    first = total.seeds if total is not None else 0
    finals: list[np.ndarray[Any, Any]] = []
    try:
        for summary, x_final in _chunks(experiment, first, seeds, plan, progress):
            total = summary if total is None else join_seeds([total, summary])
            if keep_seeds:
                finals.append(x_final)
    except KeyboardInterrupt:
        raise _keep_finished(shelf, experiment, total, seeds) from None
    assert total is not None  # seeds >= 1, so there was a chunk
    if shelf and not keep_seeds:
        shelf.save(experiment, total)
    x = np.concatenate(finals, axis=1) if keep_seeds else None
    return Run(total, x, _attributes(experiment, seeds, plan, began))


def _keep_finished(shelf: Store | None, experiment: Experiment, done: Summary | None, seeds: int) -> Interrupted:
    finished = done.seeds if done is not None else 0
    if shelf and done is not None:
        shelf.save(experiment, done)
        return Interrupted(f"stopped; {finished} of {seeds} seeds are stored, the same command goes on from there")
    return Interrupted(f"stopped; {finished} of {seeds} seeds were finished and none stored")


@dataclass(frozen=True)
class _Plan:
    """Where the configurations run: groups of one structure, each with the engine that takes it."""

    device: torch.device
    groups: tuple[tuple[tuple[int, ...], Choice], ...]


def _plan(experiment: Experiment, device: str, engine: str) -> _Plan:
    require(device in ("auto", "cpu", "cuda"), "simulate", "device", device, "'auto', 'cpu' or 'cuda'")
    require(
        device != "cuda" or torch.cuda.is_available(), "simulate", "device", device, "'cpu': torch sees no GPU here"
    )
    chosen = torch.device("cuda" if device == "cuda" else "cpu")
    members: dict[Any, list[int]] = {}
    for i, optimizer in enumerate(experiment.optimizers):
        members.setdefault(optimizer.structure(), []).append(i)
    metrics = tuple(get_metric(m) for m in experiment.metrics)
    dtype = DTYPES[experiment.dtype]
    groups = []
    for configs in members.values():
        first = experiment.optimizers[configs[0]]
        groups.append((tuple(configs), choose(engine, experiment.problem, first, metrics, dtype, chosen)))
    return _Plan(chosen, tuple(groups))


def _attributes(experiment: Experiment, seeds: int, plan: _Plan, began: float) -> dict[str, Any]:
    choices = dict.fromkeys(choice for _, choice in plan.groups)
    return {
        "seeds": seeds,
        "key": experiment.key,
        "device": str(plan.device),
        "engine": "+".join(sorted({c.name for c in choices})),
        "engine_why": "; ".join(dict.fromkeys(f"{c.name}: {c.why}" for c in choices)),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "wall_time_s": round(time.perf_counter() - began, 3),
    }


@dataclass(frozen=True)
class _Task:
    """One batch: which configurations, on which seeds, and what runs it."""

    configs: tuple[int, ...]
    batch: Batch
    choice: Choice


def _chunks(
    experiment: Experiment, first: int, seeds: int, plan: _Plan, progress: Progress | None
) -> Iterator[tuple[Summary, np.ndarray[Any, Any]]]:
    """Yield, for one range of seeds after the other, the summary of all configurations and the last points."""
    rows = _most_rows(experiment, plan.device)
    tasks = [_tasks(experiment, a, n, plan, rows) for a, n in _seed_ranges(experiment, first, seeds, rows)]
    tick = Ticker(progress, (seeds - first) * experiment.steps * len(experiment.optimizers))
    workers = 1 if plan.device.type == "cuda" else os.cpu_count() or 1
    with one_thread_an_op(), ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        try:
            waiting = deque((group, [pool.submit(_reduced, t, tick) for t in group]) for group in tasks)
            while waiting:
                group, running = waiting.popleft()  # a chunk's numbers are freed once they are joined
                yield _assemble(experiment, group, [f.result() for f in running])
        except BaseException:
            tick.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _most_rows(experiment: Experiment, device: torch.device) -> int:
    """Return how many trajectories one batch may hold; LabError where not even one block of seeds would fit."""
    coordinates, n_bytes = (GPU_NUMBERS, GPU_BYTES) if device.type == "cuda" else (CHUNK_NUMBERS, CHUNK_BYTES)
    d = experiment.problem.dim
    row = 8 * len(experiment.record) * sum(d if get_metric(m).vector else 1 for m in experiment.metrics)
    most = f"fewer: a block of {BLOCK} seeds would keep {BLOCK * row / 2**30:.1f} GiB"
    require(BLOCK * row <= BLOCK_BYTES, "simulate", "recorded steps", len(experiment.record), most)
    return min(coordinates // d, n_bytes // max(row, 1))


def _seed_ranges(experiment: Experiment, first: int, seeds: int, rows: int) -> list[tuple[int, int]]:
    """Cut seeds first..seeds-1 into chunks of whole blocks that fit the cache and the memory bound."""
    chunk = max(BLOCK, 1 << max(rows, 1).bit_length() - 1)
    return [(a, min(chunk, seeds - a)) for a in range(first, seeds, chunk)]


def _tasks(experiment: Experiment, first: int, n: int, plan: _Plan, rows: int) -> list[_Task]:
    """Cut each group into batches of at most so many rows, n seeds each configuration."""
    width = max(1, rows // n)
    tasks = []
    for members, choice in plan.groups:
        for a in range(0, len(members), width):
            configs = members[a : a + width]
            batch = Batch(
                problem=experiment.problem,
                optimizers=tuple(experiment.optimizers[i] for i in configs),
                metrics=tuple(get_metric(m) for m in experiment.metrics),
                first_seed=first,
                n_seeds=n,
                key=experiment.key,
                steps=experiment.steps,
                record=experiment.record,
                start=experiment.start,
                dtype=DTYPES[experiment.dtype],
                device=plan.device,
            )
            tasks.append(_Task(configs, batch, choice))
    return tasks


def _reduced(task: _Task, tick: Ticker) -> tuple[Summary, np.ndarray[Any, Any]]:
    records: Records = task.choice.run(task.batch, tick)
    alive = records.alive.numpy()
    values = {}
    for metric, value in zip(task.batch.metrics, records.values, strict=True):
        v = value.numpy()
        if not alive.all():
            v = np.where(alive if v.ndim == 3 else alive[:, :, None, :], v, np.inf)  # a diverged seed counts as +inf
        values[metric.name] = v.reshape(-1, v.shape[-1])
    return reduce(values, alive, task.batch.first_seed), records.x_final.numpy()


def _assemble(
    experiment: Experiment, tasks: list[_Task], parts: list[tuple[Summary, np.ndarray[Any, Any]]]
) -> tuple[Summary, np.ndarray[Any, Any]]:
    h = len(experiment.optimizers)
    summary = join_configs([(t.configs, s) for t, (s, _) in zip(tasks, parts, strict=True)], h)
    x = np.empty((h, *parts[0][1].shape[1:]))
    for t, (_, x_part) in zip(tasks, parts, strict=True):
        x[list(t.configs)] = x_part
    return summary, x

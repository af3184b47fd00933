"""Whole paths, seed by seed: for jobs that ask what became of each seed, which sums and histograms cannot tell."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from lab.engine.compiler import is_brief
from lab.engine.reference import Batch, Records
from lab.engine.select import Choice, choose
from lab.experiment import DTYPES, Experiment
from lab.metrics import get_metric
from lab.progress import Progress, Ticker, one_thread_an_op

CHUNK_BYTES = 1 << 26  # the records of one chunk of seeds stay below 64 MiB, or are those of one seed
CPU = torch.device("cpu")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Paths:
    """Some consecutive seeds of an experiment with H configurations and K records.

    values: by metric `(H, K, S)`, or `(H, K, d, S)` for a vector metric. alive: `(H, K, S)`, whether x has been finite
    so far. engine: "fused" or "reference", or both.
    """

    values: dict[str, Floats]
    alive: npt.NDArray[np.bool_]
    engine: str


def paths(
    experiment: Experiment, seeds: int, *, engine: str = "auto", progress: Progress | None = None
) -> Iterator[Paths]:
    """Yield the paths of seeds 0..seeds-1, as many at a time as the memory bound allows, in order.

    They do not depend on how they are cut. Raises LabError where the pair cannot run.
    """
    groups = _groups(experiment, engine, brief(experiment, seeds))
    width = _seeds_at_a_time(experiment)
    tick = Ticker(progress, seeds * experiment.steps * len(experiment.optimizers))
    workers = os.cpu_count() or 1
    with one_thread_an_op(), ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        try:
            for first in range(0, seeds, width):
                count = min(width, seeds - first)
                running = [
                    (configs, pool.submit(choice.run, _batch(experiment, configs, first, count), tick))
                    for configs, choice in groups
                ]
                yield _joined(experiment, [(configs, future.result()) for configs, future in running], groups)
        except BaseException:
            tick.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def brief(experiment: Experiment, seeds: int) -> bool:
    """Tell whether so many seeds of an experiment run on kernels that were compiled in haste."""
    return is_brief(seeds * experiment.steps * len(experiment.optimizers))


def _groups(experiment: Experiment, engine: str, brief: bool) -> list[tuple[list[int], Choice]]:
    """Return configurations of one structure together, with the engine that takes them."""
    members: dict[Any, list[int]] = {}
    for i, optimizer in enumerate(experiment.optimizers):
        members.setdefault(optimizer.structure(), []).append(i)
    metrics, dtype = tuple(get_metric(m) for m in experiment.metrics), DTYPES[experiment.dtype]
    problem, optimizers = experiment.problem, experiment.optimizers
    return [
        (configs, choose(engine, problem, optimizers[configs[0]], metrics, dtype, CPU, brief=brief))
        for configs in members.values()
    ]


def _seeds_at_a_time(experiment: Experiment) -> int:
    numbers = sum(experiment.problem.dim if get_metric(m).vector else 1 for m in experiment.metrics)
    a_seed = 8 * numbers * len(experiment.record) * len(experiment.optimizers)
    return max(1, CHUNK_BYTES // a_seed)


def _batch(experiment: Experiment, configs: list[int], first: int, count: int) -> Batch:
    return Batch(
        problem=experiment.problem,
        optimizers=tuple(experiment.optimizers[i] for i in configs),
        metrics=tuple(get_metric(m) for m in experiment.metrics),
        first_seed=first,
        n_seeds=count,
        key=experiment.key,
        steps=experiment.steps,
        record=experiment.record,
        start=experiment.start,
        dtype=DTYPES[experiment.dtype],
        device=CPU,
    )


def _joined(
    experiment: Experiment, parts: list[tuple[list[int], Records]], groups: list[tuple[list[int], Choice]]
) -> Paths:
    order = np.argsort([i for configs, _ in parts for i in configs])

    def join(columns: list[torch.Tensor]) -> npt.NDArray[Any]:
        arrays = [column.numpy() for column in columns]
        return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)[order]  # copies are large

    values = {name: join([records.values[k] for _, records in parts]) for k, name in enumerate(experiment.metrics)}
    alive = join([records.alive for _, records in parts])
    return Paths(values, alive, "+".join(sorted({choice.name for _, choice in groups})))

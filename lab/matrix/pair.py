"""One optimizer on one problem at all its step sizes: what is run, its counts, and the file in which they are kept."""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import time
from collections.abc import Mapping
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lab import files
from lab.cards import outcomes, paths, trials
from lab.cards.outcomes import OUTCOMES
from lab.cards.trials import Plan, Runs, plan, run, step_sizes
from lab.engine import compiler, cpu
from lab.errors import LabError
from lab.experiment import DTYPES
from lab.metrics import get_metric
from lab.problem import Problem
from lab.targets import Target

REFERENCE_SEEDS, REFERENCE_STEPS = 32, 2_000  # at most so many where only the reference engine takes a pair
QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Setting:
    """What every pair is run with. step_sizes: how many, None for the report card's own grid; see `log_grid`."""

    seeds: int
    steps: int
    step_sizes: int | None
    key: int

    def runs(self, target: Target) -> Runs:
        """Return what is run of one optimizer."""
        n = self.step_sizes
        grid = step_sizes if n is None else lambda problem, start: log_grid(problem, start, n)
        return Runs(target, {}, (), self.seeds, self.steps, self.key, grid)

    @property
    def smaller(self) -> Setting:
        """Return the setting of pairs that only the reference engine takes."""
        return replace(self, seeds=min(self.seeds, REFERENCE_SEEDS), steps=min(self.steps, REFERENCE_STEPS))


@dataclass(frozen=True)
class Pair:
    """What became of a pair's seeds at each of H step sizes, largest first.

    lrs: (None,) for a method without a step size. seeds: 1 where nothing is random. counts: `(H, 4)`, in the order of
    `outcomes.OUTCOMES`. gaining: stalled seeds whose gap still falls. final: `(H, 3)`, the QUANTILES over seeds of
    (f(x_T) - f*) / (f(x_1) - f*). seconds: how long it took, compilation aside.
    """

    optimizer: str
    problem: str
    lrs: tuple[float | None, ...]
    deterministic: bool
    seeds: int
    steps: int
    engine: str
    counts: tuple[tuple[int, ...], ...]
    gaining: tuple[int, ...]
    final: tuple[tuple[float, ...], ...]
    seconds: float


def log_grid(problem: Problem, start: torch.Tensor, n: int) -> tuple[float, ...]:
    """Return n step sizes, largest first, equally spaced in log from the largest of a report card to its smallest.

    start: the problem's first points, `(d,)` or `(S, d)`. Like the card's they depend on the problem alone.
    """
    card = step_sizes(problem, start)
    high, low = math.log10(card[0]), math.log10(card[-1])
    places = np.linspace(high, low, n) if n > 1 else [(high + low) / 2]
    return tuple(float(f"{10**place:.3g}") for place in places)


@dataclass(frozen=True)
class Task:
    """A pair that waits to be run. kernel: its compilation, None where the step cannot be recorded. file: its place."""

    optimizer: str
    target: Target
    problem: str
    planned: Plan
    setting: Setting
    file: Path | None
    kernel: Future[Path] | None


def begin(
    target: Target, optimizer: str, problem: str, planned: Plan, setting: Setting, file: Path | None, pool: Executor
) -> Task:
    """Record a pair's step here and begin to compile it on one of the pool's threads."""
    metrics = tuple(get_metric(m) for m in planned.experiment.metrics)
    first, dtype = planned.experiment.optimizers[0], DTYPES[planned.experiment.dtype]
    brief = paths.brief(planned.experiment, 1 if planned.deterministic else setting.seeds)
    try:
        kernel = cpu.compiling(pool, planned.problem, first, metrics, dtype, brief)
    except LabError:  # the reference engine takes the pair, or says why it does not apply
        kernel = None
    return Task(optimizer, target, problem, planned, setting, file, kernel)


def finish(task: Task) -> Pair:
    """Run a pair, at the smaller size where there can be no kernel. Raises what `trials.run` does."""
    setting, planned, engine = task.setting, task.planned, "auto"
    if not _compiled(task.kernel):
        setting, engine = setting.smaller, "reference"
        planned = plan(setting.runs(task.target), task.problem)
    began = time.perf_counter()
    found = run(planned, setting.runs(task.target), None, engine)
    final = np.quantile(found.ratios[:, -1], QUANTILES, axis=-1, method="inverted_cdf").T
    return Pair(
        optimizer=task.optimizer,
        problem=task.problem,
        lrs=found.lrs,
        deterministic=found.deterministic,
        seeds=found.outcomes.shape[-1],
        steps=setting.steps,
        engine=found.engine,
        counts=tuple(tuple(int((row == k).sum()) for k in range(len(OUTCOMES))) for row in found.outcomes),
        gaining=tuple(int(n) for n in found.gaining.sum(-1)),
        final=tuple(tuple(row) for row in final.tolist()),
        seconds=round(time.perf_counter() - began, 4),
    )


def _compiled(kernel: Future[Path] | None) -> bool:
    try:
        return kernel is not None and kernel.result() is not None
    except compiler.NoCompiler:
        return False


# Files


def place(root: Path, optimizer: str, planned: Plan, setting: Setting) -> Path | None:
    """Return the file of a pair, named by a hash of all that decides its numbers; None where a class has no source."""
    if planned.experiment.hash is None:
        return None
    parts = [planned.experiment.hash, asdict(setting), asdict(setting.smaller), _has_compiler()]
    parts += [inspect.getsource(module) for module in (outcomes, trials)]
    name = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
    return root / "pairs" / planned.problem.name / f"{optimizer}-{name}.json"


def _has_compiler() -> bool:
    """Tell whether pairs can be compiled here: a pair that ran at the smaller size without is run again with one."""
    try:
        return bool(compiler.find())
    except compiler.NoCompiler:
        return False


def save(path: Path, pair: Pair) -> None:
    """Write a pair, whole or not at all. OSError where it cannot be written."""
    document = asdict(pair) | {"final": [[str(v) for v in row] for row in pair.final]}  # JSON has no infinity
    text = json.dumps(document)
    whole = {"pair": document, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    files.write(path.parent, {path.name: (json.dumps(whole) + "\n").encode()})


def load(path: Path) -> Pair | None:
    """Return a stored pair; None where there is none, or where the file was damaged, so that it is run again."""
    try:
        whole = json.loads(path.read_text())
        text = json.dumps(whole["pair"])
        if hashlib.sha256(text.encode()).hexdigest() != whole["sha256"]:
            return None
        return _pair(whole["pair"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _pair(document: Mapping[str, Any]) -> Pair:
    final = tuple(tuple(float(v) for v in row) for row in document["final"])
    counts = tuple(tuple(row) for row in document["counts"])
    lists = {"lrs": tuple(document["lrs"]), "gaining": tuple(document["gaining"]), "counts": counts, "final": final}
    return Pair(**{**document, **lists})

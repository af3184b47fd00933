"""Which engine runs a pair, and why."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from lab.engine import cpu, gpu, reference
from lab.engine.compiler import NoCompiler
from lab.engine.reference import Batch, Records, Tick
from lab.errors import LabError, NotRecordable, require
from lab.metric import Metric
from lab.optimizer import Optimizer
from lab.problem import Problem

ENGINES = ("auto", "fused", "reference")


@dataclass(frozen=True)
class Choice:
    """An engine: its name ("fused" or "reference"), why it was chosen in one line, and how to run a batch."""

    name: str
    why: str
    run: Callable[[Batch, Tick], Records]


def choose(
    engine: str,
    problem: Problem,
    optimizer: Optimizer[Any],
    metrics: tuple[Metric, ...],
    dtype: torch.dtype = torch.float64,
    device: str | torch.device = "cpu",
    *,
    brief: bool = False,
) -> Choice:
    """Return the engine for a pair; what is fused is compiled here, or found in the cache.

    engine: "auto" takes the fused engine where the pair can be recorded and compiled, else the reference engine, and
    says why; "fused" raises LabError instead; "reference" is always possible. On "cuda" both run on the GPU.
    brief: whether the run is short; see `cpu.program`.
    """
    require(engine in ENGINES, "simulate", "engine", engine, " or ".join(map(repr, ENGINES)))
    if engine == "reference":
        return Choice("reference", "asked for", reference.run)
    try:
        run = _fused(problem, optimizer, metrics, dtype, torch.device(device), brief)
    except (NotRecordable, NoCompiler) as error:
        if engine == "fused":
            raise LabError(f"engine 'fused' cannot run {optimizer.name} on {problem.name}: {error}") from None
        return Choice("reference", str(error), reference.run)
    why = "asked for" if engine == "fused" else "the pair records and a compiler is here"
    return Choice("fused", why, run)


def _fused(
    problem: Problem,
    optimizer: Optimizer[Any],
    metrics: tuple[Metric, ...],
    dtype: torch.dtype,
    device: torch.device,
    brief: bool,
) -> Callable[[Batch, Tick], Records]:
    """Compile a pair for a device and return what runs it. Raises NotRecordable or NoCompiler, in one line."""
    if device.type == "cpu":
        cpu.program(problem, optimizer, metrics, dtype, brief)
        return functools.partial(cpu.run, brief=brief) if brief else cpu.run
    if device.type == "cuda":
        gpu.program(problem, optimizer, metrics, dtype, device)
        return gpu.run
    raise NoCompiler(f"the fused engine runs on cpu and cuda, not on {device.type}")

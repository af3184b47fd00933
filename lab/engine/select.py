"""Which engine runs a pair, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from lab.engine import cpu, reference
from lab.engine.compiler import NoCompiler
from lab.engine.reference import Batch, Records, Tick
from lab.errors import LabError, NotRecordable, require
from lab.metrics import Metric
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
) -> Choice:
    """Return the engine for a pair; what is fused is compiled here, or found in the cache.

    engine: "auto" takes the fused engine where the pair can be recorded and compiled, else the reference engine, and
    says why; "fused" raises LabError instead; "reference" is always possible.
    """
    require(engine in ENGINES, "simulate", "engine", engine, " or ".join(map(repr, ENGINES)))
    if engine == "reference":
        return Choice("reference", "asked for", reference.run)
    try:
        _check_device(torch.device(device))
        cpu.program(problem, optimizer, metrics, dtype)
    except (NotRecordable, NoCompiler) as error:
        if engine == "fused":
            raise LabError(f"engine 'fused' cannot run {optimizer.name} on {problem.name}: {error}") from None
        return Choice("reference", str(error), reference.run)
    why = "asked for" if engine == "fused" else "the pair records and a compiler is here"
    return Choice("fused", why, cpu.run)


def _check_device(device: torch.device) -> None:
    if device.type != "cpu":
        raise NoCompiler(f"the fused engine runs on the CPU, not on {device.type}")

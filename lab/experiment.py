"""An experiment: the frozen spec of a run. Equal specs have equal hashes and give equal numbers.

The number of seeds, the device, the engine and the workers are not part of it: more seeds extend a run.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import torch

from lab.engine.step import default_dtype
from lab.errors import LabError, require
from lab.metrics import get_metric
from lab.optimizer import Optimizer
from lab.parameters import Parametric
from lab.problem import Problem
from lab.rng import Key, seed_range, split_key

ENGINE_VERSION = 2  # raised whenever the same spec would give other numbers
LOG_STEPS_PER_DECADE = 32
DTYPES = {"float64": torch.float64, "float32": torch.float32}


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """What is run. optimizers: one for each configuration; record: the steps kept, increasing, from 0."""

    problem: Problem
    optimizers: tuple[Optimizer[Any], ...]
    steps: int
    record: tuple[int, ...]
    metrics: tuple[str, ...]
    key: int = 0
    start: tuple[float, ...] | None = None
    dtype: str = "float64"

    def __post_init__(self) -> None:
        require(isinstance(self.problem, Problem), "simulate", "problem", self.problem, "a Problem (lab.get_problem)")
        good = len(self.optimizers) > 0 and all(isinstance(o, Optimizer) for o in self.optimizers)
        require(good, "simulate", "optimizer", self.optimizers, "an Optimizer (lab.get_optimizer), or several")
        require(self.dtype in DTYPES, "simulate", "dtype", self.dtype, " or ".join(map(repr, DTYPES)))
        split_key(self.key)
        for name in self.metrics:
            get_metric(name).check(self.problem)
            for optimizer in self.optimizers:
                get_metric(name).check_optimizer(optimizer)
        self._check_start()

    def _check_start(self) -> None:
        problem = self.problem
        if self.start is None:
            with default_dtype(torch.float64):
                x = problem.start(Key(self.key, seed_range(0, 1)))
        else:
            x = torch.tensor(self.start, dtype=torch.float64)
        shape = tuple(x.shape)
        good = shape == (problem.dim,) or (self.start is None and shape == (1, problem.dim))
        require(good, "simulate", "the start's shape", shape, f"({problem.dim},), the dimension of {problem.name}")
        require(bool(torch.isfinite(x).all()), "simulate", "start", self.start, "finite")
        inside = bool(problem.domain.contains(x.to(torch.float64)).all())
        require(inside, "simulate", "start", self.start, f"inside the domain {problem.domain}")

    @cached_property
    def spec(self) -> dict[str, Any]:
        """Return the canonical JSON form."""
        return {
            "problem": self.problem.spec(),
            "optimizers": [o.spec() for o in self.optimizers],
            "steps": self.steps,
            "record": list(self.record),
            "metrics": list(self.metrics),
            "key": self.key,
            "start": None if self.start is None else list(self.start),
            "dtype": self.dtype,
            "engine_version": ENGINE_VERSION,
        }

    @cached_property
    def sources(self) -> dict[str, str] | None:
        """Return the SHA-256 of each module that decides the numbers; None where a class has no source."""
        classes = {*_classes(self.problem), *(type(get_metric(m)) for m in self.metrics)}
        classes |= {cls for optimizer in self.optimizers for cls in _classes(optimizer)}
        modules = {base.__module__ for cls in classes for base in cls.__mro__ if base.__module__ not in _FRAMEWORK}
        modules |= set("lab.rng lab.layers lab.schedules lab.domain lab.linalg lab.engine.step".split())
        modules |= set("lab.noise.law lab.noise.light lab.noise.heavy lab.noise.stable".split())
        found = {}
        for module in sorted(modules):
            try:
                text = inspect.getsource(sys.modules[module])
            except (OSError, TypeError, KeyError):
                return None
            found[module] = hashlib.sha256(text.encode()).hexdigest()
        return found

    @cached_property
    def hash(self) -> str | None:
        """Return the name under which results are stored; None where the spec has no source to key it by."""
        if self.sources is None:
            return None
        text = json.dumps({"spec": self.spec, "sources": self.sources}, sort_keys=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    @property
    def name(self) -> str:
        """Return the folder's readable name."""
        return f"{self.problem.name}-{'+'.join(sorted({o.name for o in self.optimizers}))}"


def _classes(thing: Parametric) -> set[type[Any]]:
    """Return the class of a thing and those of all that it is made of: a wrapped optimizer, a schedule, a law."""
    parts = (getattr(thing, f.name) for f in fields(thing))  # type: ignore[arg-type]  # every Parametric is a dataclass
    return {type(thing)}.union(*(_classes(part) for part in parts if isinstance(part, Parametric)))


_FRAMEWORK = {"builtins", "abc", "typing", "lab.parameters", "lab.problem", "lab.optimizer"}


def record_steps(record: str | int | Sequence[int], steps: int) -> tuple[int, ...]:
    """Return the steps to keep: 0 and `steps` always.

    record: "log" (powers of 10^(1/32)), an interval, or a list of steps. LabError for any other.
    """
    if record == "log":
        powers = (round(10 ** (k / LOG_STEPS_PER_DECADE)) for k in range(steps.bit_length() * 10 + 1))
        chosen = {t for t in powers if t <= steps}
    elif isinstance(record, int) and record is not True and record is not False:
        require(record >= 1, "simulate", "record", record, "'log', an interval >= 1, or a list of steps")
        chosen = set(range(0, steps + 1, record))
    elif isinstance(record, str | bool) or not all(isinstance(t, int) for t in record):
        raise LabError(f"simulate: record must be 'log', an interval >= 1, or a list of steps, got {record!r}")
    else:
        chosen = set(record)
        bad = sorted(t for t in chosen if not 0 <= t <= steps)
        require(not bad, "simulate", "record", bad, f"steps from 0 to {steps}")
    return tuple(sorted(chosen | {0, steps}))

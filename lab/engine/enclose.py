"""Replay a deterministic pair in interval arithmetic: bounds that hold for the trajectory in real arithmetic.

Every operation is rounded outward. Where rounding leaves a comparison open, both branches are covered. An interval
cannot see that x and grad f(x) move together: on a curved objective widths grow like (1 + lr L)^t; under linear losses
they stay near the rounding error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lab.engine.interval import Ends
from lab.engine.interval_ops import INTERVALS
from lab.engine.replay import replay
from lab.optimizer import Optimizer
from lab.problem import Problem

Floats = npt.NDArray[np.float64]


def enclose(
    problem: Problem,
    optimizers: Sequence[Optimizer[Any]],
    metrics: Sequence[str],
    at: Sequence[int],
    start: Sequence[float] | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, tuple[Floats, Floats]]:
    """Return {metric: (low, high)} with arrays `(config, step)`, or `(config, step, d)` for a vector metric.

    Arguments and errors are those of `replay`. An end is infinite where nothing is known.
    """
    found = replay(INTERVALS, problem, optimizers, metrics, at, start, progress)
    return {name: _known(ends) for name, ends in found.items()}


def _known(ends: Ends) -> tuple[Floats, Floats]:
    low, high = ends
    return np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)

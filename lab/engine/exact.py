"""Replay a deterministic pair in exact rational arithmetic: the trajectory itself, where it is rational."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lab.engine.rational_ops import RATIONALS, refuse
from lab.engine.replay import replay
from lab.optimizer import Optimizer
from lab.problem import Problem

Fractions = npt.NDArray[np.object_]  # of Fraction


def exactly(
    problem: Problem,
    optimizers: Sequence[Optimizer[Any]],
    metrics: Sequence[str],
    at: Sequence[int],
    start: Sequence[float] | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Fractions]:
    """Return {metric: values} with arrays of Fraction, `(config, step)`, or `(config, step, d)` for a vector metric.

    Arguments and errors are those of `replay`. Raises NotRational, in one line with the operation, where a number that
    is read or carried on is not rational or has more than lab.rational.BITS bits.
    """
    found = replay(RATIONALS, problem, optimizers, metrics, at, start, progress)
    for name, values in found.items():
        refuse(values, name)
    return {name: values[0] for name, values in found.items()}

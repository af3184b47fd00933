"""Experiments for the last iterate of subgradient descent: ties at every step, so that the runs are in exact rationals.

The slopes a_j and b_j are those of the paper rounded to float64, which moves f(x_{T+1}) in its last digits; pieces are
tied by coordinates that are 0, whatever the slopes are.
"""

from __future__ import annotations

from dataclasses import replace

from lab.claim import Prediction
from lab.optimizer import Optimizer
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant, Inverse
from lab.transforms.averages import SuffixAverage
from problems.last_iterate import LastIterateLipschitz, LastIterateStronglyConvex
from proofs_check.instances.step_sizes import RoundedInvSqrt

HORIZONS = (4, 16, 32)


def _run(says: str, problem: Problem, optimizer: Optimizer, T: int, **values: float) -> Prediction:  # type: ignore[type-arg]
    metric = "suboptimality"  # at what the method returns: the last point, or an average
    return Prediction(says=says, problem=problem, optimizer=optimizer, at=(T,), values=values, metric=metric)


def strongly_convex() -> tuple[Prediction, ...]:
    """Return steps 1/t at three horizons, on the instance of each."""
    descent = SGD(lr=Inverse(1.0))
    return tuple(_run(f"T = {T}", LastIterateStronglyConvex(T=T), descent, T) for T in HORIZONS)


def strongly_convex_broken() -> tuple[Prediction, ...]:
    """Return steps that hardly leave the start, which is the minimiser."""
    (_, middle, _) = strongly_convex()
    return (replace(middle, says="steps of 1/1000", optimizer=SGD(lr=Constant(0.001))),)


def suffix() -> tuple[Prediction, ...]:
    """Return the averages of the last 2, 4 and 8 of the 16 points after the start."""
    T, descent = 16, SGD(lr=Inverse(1.0))
    return tuple(
        _run(f"the last {k} of T = {T}", LastIterateStronglyConvex(T=T), _average(descent, T, k), T, k=float(k))
        for k in (2, 4, 8)
    )


def suffix_broken() -> tuple[Prediction, ...]:
    """Return the same average of steps that hardly leave the start."""
    (first, *_) = suffix()
    return (replace(first, says="steps of 1/1000", optimizer=_average(SGD(lr=Constant(0.001)), 16, 2)),)


def _average(descent: SGD, T: int, k: int) -> SuffixAverage:
    return SuffixAverage(inner=descent, horizon=T, alpha=k / T)


def lipschitz() -> tuple[Prediction, ...]:
    """Return steps 1/sqrt(t), each rounded to float64, at three horizons."""
    return tuple(
        _run(f"T = {T}, steps rounded", LastIterateLipschitz(T=T), SGD(lr=RoundedInvSqrt(T)), T) for T in HORIZONS
    )


def lipschitz_broken() -> tuple[Prediction, ...]:
    """Return steps that hardly leave the start, which is the minimiser."""
    (_, middle, _) = lipschitz()
    return (replace(middle, says="steps of 1/1000", optimizer=SGD(lr=Constant(0.001))),)

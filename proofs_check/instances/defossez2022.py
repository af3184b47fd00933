"""Experiments for Adagrad and Adam without momentum, epsilon under the root: R = 1, sqrt(epsilon) = 1/10, |g| <= 9/10.

With coins: f' within [-1/2, 1/2], and 2/5 more or less. The bounds say something only where they are below 1/4, from
some 10^5 steps on. Adam's v_n has no factor 1 - beta2 in the paper, so that its epsilon is (1 - beta2) times that here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from torch import Tensor

from lab.claim import Prediction, Range
from lab.noise import TwoPoint
from lab.optimizer import Optimizer
from lab.optimizers.adagrad import AdaGradOptax
from lab.optimizers.rmsprop import RMSpropOptax
from lab.ranges import nonnegative
from lab.schedules import Constant, Schedule
from lab.types import Step
from lab.wrappers import AddNoise
from problems.adam_nonconvex import ChenHuber

EPS, ALPHA, LONG, SHORT, SEEDS = 0.01, 0.3, 100_000, 7500, 256
COINS = AddNoise(inner=ChenHuber(L=0.5, b=1.0, x1=1.0), law=TwoPoint(p=0.5, high=0.4))
SLOPES = Range(low=lambda t: 0.0, high=lambda t: 0.25, why="|f'| <= 1/2")
MODEL = {"R": 1.0, "d": 1.0, "epsilon": EPS}
Numbers = Mapping[str, float | str]


@dataclass(frozen=True)
class Debiasing(Schedule):
    """lr_t = lr sqrt(1 - beta2^t): Adam's bias correction of v, put into the step size."""

    name: ClassVar[str] = "debiasing"
    lr: float
    beta2: float

    def validate(self) -> None:
        nonnegative(self, "lr", "beta2")

    def __call__(self, t: Step) -> Tensor:
        return self.lr * (1 - self.beta2**t).sqrt()


def _coins(says: str, optimizer: Optimizer[Any], values: Numbers, at: tuple[int, ...]) -> tuple[Prediction, ...]:
    run = Prediction(
        says=says, problem=COINS, optimizer=optimizer, at=at, values={**MODEL, "L": 0.5, "Delta": 0.25, **values},
        metric="mean_grad_norm_sq", seeds=SEEDS, certified=SLOPES,
    )  # fmt: skip
    return (run,)


def _still(run: Prediction, values: Numbers) -> tuple[Prediction, ...]:
    """Return steps of 1e-9 on a function of slope 9/10, without noise, once the bound is below 0.81."""
    method = AdaGradOptax(lr=Constant(1e-9), initial_accumulator_value=0.0, eps=EPS)
    return (
        replace(
            run, says="steps of 1e-9", problem=ChenHuber(L=0.9, b=1.0, x1=1.0), optimizer=method, at=(SHORT,),
            values={**run.values, "L": 0.9, "Delta": 0.45, **values}, seeds=1, certified=None,
        ),
    )  # fmt: skip


def adagrad() -> tuple[Prediction, ...]:
    """Return Adagrad with the scale 0.3."""
    method = AdaGradOptax(lr=Constant(ALPHA), initial_accumulator_value=0.0, eps=EPS)
    return _coins("coins of 0.4", method, {"alpha": ALPHA}, (1000, 10_000, LONG))


def adagrad_broken() -> tuple[Prediction, ...]:
    """Return steps of 1e-9."""
    return _still(adagrad()[0], {})


def _adam(T: int) -> Optimizer[Any]:
    """Return Adam with alpha = 0.3/sqrt(T) and beta2 = 1 - 1/T."""
    beta2 = 1 - 1 / T
    return RMSpropOptax(lr=Debiasing(ALPHA / T**0.5, beta2), alpha=beta2, eps=EPS / T)


def _tuned(T: int) -> Numbers:
    return {"alpha": ALPHA / T**0.5, "beta2": 1 - 1 / T}


def adam() -> tuple[Prediction, ...]:
    """Return Adam tuned for 10^5 steps, there and on the way."""
    return _coins("tuned for 10^5 steps", _adam(LONG), _tuned(LONG), (1000, 10_000, LONG))


def adam_broken() -> tuple[Prediction, ...]:
    """Return steps of 1e-9."""
    return _still(adam()[0], _tuned(SHORT))


def finite_horizon() -> tuple[Prediction, ...]:
    """Return the same at its horizon, and one tuned for 1000 steps."""
    return tuple(p for T in (1000, LONG) for p in _coins(f"T = {T}", _adam(T), {"alpha_0": ALPHA}, (T,)))


def finite_horizon_broken() -> tuple[Prediction, ...]:
    """Return steps of 1e-9."""
    return _still(finite_horizon()[0], {})

"""Experiments for Adagrad and Adam without momentum, epsilon under the root: R = 1, sqrt(epsilon) = 1/10, |g| <= 9/10.

With coins: f' within [-1/2, 1/2], and 2/5 more or less. The bounds say something only where they are below 1/4, from
some 10^5 steps on. Adam's v_n has no factor 1 - beta2 in the paper, so that its epsilon is (1 - beta2) times that here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import sympy as sp
import torch
from torch import Tensor

from lab.claim import Prediction, Range
from lab.noise import TwoPoint
from lab.optimizer import Kind, Optimizer
from lab.optimizers.adagrad import AdaGradOptax
from lab.optimizers.rmsprop import RMSpropOptax
from lab.optimizers.sgd import SGD
from lab.ranges import nonnegative, positive
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT_SQ, ByName
from lab.wrappers import AddNoise
from problems.adam_nonconvex import ChenHuber
from proofs_check.symbols import T, beta1

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


# ------------------------------------------------------------------- with momentum: slopes within 4/5, coins of 1/10

BETA1, FAR, STEEP = 0.1, 200_000, 0.8
TUNED, MEMORY = 20_000, 10.0  # the horizon of the runs of Adam, where beta2 = 1 - MEMORY/TUNED
PUSHED = AddNoise(inner=ChenHuber(L=STEEP, b=1.0, x1=1.0), law=TwoPoint(p=0.5, high=0.1))


class Moments(NamedTuple):
    """The weighted sums of g and of g * g."""

    m: Points
    v: Points


@dataclass(frozen=True, kw_only=True)
class WithMomentum(Optimizer[Moments]):
    """m_n = beta1 m_{n-1} + g_n, v_n = beta2 v_{n-1} + g_n^2, dx_n = -lr_n m_n/sqrt(eps + v_n); beta2 = 1: Adagrad."""

    name: ClassVar[str] = "adam_with_sums"
    source: ClassVar[str] = "Defossez, Bottou, Bach, Usunier, TMLR 2022, arXiv 2003.02395, section 2.2"
    kind: ClassVar[Kind] = "coordinatewise"
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"eps": GRADIENT_SQ}

    lr: Schedule
    beta1: float
    beta2: float
    eps: float

    def validate(self) -> None:
        nonnegative(self, "beta1", "beta2")
        positive(self, "eps")

    def init(self, x: Points) -> Moments:
        return Moments(m=torch.zeros_like(x), v=torch.zeros_like(x))

    def update(self, g: Points, state: Moments, x: Points, t: Step) -> tuple[Points, Moments]:
        del x
        m, v = self.beta1 * state.m + g, self.beta2 * state.v + g.square()
        return -self.lr(t) * m / (self.eps + v).sqrt(), Moments(m, v)


def _weighted(says: str, optimizer: Optimizer[Any], values: Numbers, bound: sp.Expr) -> Prediction:
    """Return what a bound on the weighted mean says of the plain one.

    The weights 1 - beta1^(T-j) sum to less than T, and the plain sum has beta1/(1-beta1) more of them, each with a
    squared gradient of at most R^2.
    """
    R = sp.Symbol("R", positive=True)
    return Prediction(
        says=says,
        problem=PUSHED,
        optimizer=optimizer,
        at=(1000, 10_000, FAR),
        values={**MODEL, "L": STEEP, "Delta": STEEP / 2, "alpha": ALPHA, "beta1": BETA1, **values},
        metric="mean_grad_norm_sq",
        bound=bound + beta1 / (1 - beta1) * R**2 / T,
        seeds=SEEDS,
        certified=Range(low=lambda t: 0.0, high=lambda t: STEEP**2, why="|f'| <= 4/5"),
    )


def adagrad_momentum(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return Adagrad with beta1 = 1/10 and steps alpha (1-beta1)."""
    method = WithMomentum(lr=Constant(ALPHA * (1 - BETA1)), beta1=BETA1, beta2=1.0, eps=EPS)
    return (_weighted("beta1 = 1/10, coins of 1/10", method, {}, bound),)


def adam_momentum(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return Adam with beta1 = 1/10, tuned for its last horizon."""
    alpha, beta2 = ALPHA / TUNED**0.5, 1 - MEMORY / TUNED
    steps = Debiasing(alpha * (1 - BETA1) / (1 - beta2) ** 0.5, beta2)
    method = WithMomentum(lr=steps, beta1=BETA1, beta2=beta2, eps=EPS)
    run = _weighted("beta1 = 1/10, coins of 1/10", method, {"alpha": alpha, "beta2": beta2}, bound)
    return (replace(run, at=(1000, TUNED)),)


def adagrad_momentum_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps of 1e-9, and R = 1/2 where slopes are 9/10."""
    return (_stuck(adagrad_momentum(bound)[0], 0.9, 10_000, {"R": 0.5}),)


def adam_momentum_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps of 1e-9."""
    return (_stuck(adam_momentum(bound)[0], 0.9, TUNED, {}),)


def _stuck(run: Prediction, slope: float, at: int, values: Numbers) -> Prediction:
    return replace(
        run, says="steps of 1e-9", problem=ChenHuber(L=slope, b=1.0, x1=1.0), optimizer=SGD(lr=Constant(1e-9)),
        at=(at,), values={**run.values, "L": slope, "Delta": slope / 2, **values}, seeds=1, certified=None,
    )  # fmt: skip

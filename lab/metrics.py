"""The metrics. Each is recorded into the same graph as the step; accumulators are float64.

Regret and best-so-far are charged at the point that the step queried, with the loss of that round; suboptimality and
distance are read at the point that the method outputs.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from lab.effective_step import (
    EffectiveDescent,
    EffectiveStepChange,
    EffectiveStepChangeRatio,
    EffectiveStepSq,
    EffectiveStepSqRatio,
    EffectiveStepSum,
    StepEnergy,
)
from lab.errors import LabError, unknown
from lab.fresh_metrics import TestError, TestMargin
from lab.gradient_metrics import BestGradNormSq, MeanGradNorm, MeanGradNormSq, NoiseSq
from lab.linalg import norm_sq
from lab.metric import Metric
from lab.problem import Problem
from lab.types import Draws, Points, Scalars, Step
from lab.units import GRADIENT, LENGTH, OBJECTIVE, Units


class _NeedsMinimum(Metric):
    def check(self, problem: Problem) -> None:
        low = problem.minimum
        if low is None or low == -float("inf"):
            raise LabError(f"metric {self.name}: {problem.name} has no known finite minimum")


class _NeedsMinimizer(Metric):
    def check(self, problem: Problem) -> None:
        if problem.minimizer() is None:
            raise LabError(f"metric {self.name}: {problem.name} has no known minimizer")


def _minimum(problem: Problem) -> float:
    low = problem.minimum
    if low is None:
        raise LabError(f"{problem.name} has no known minimum")
    return low


def _minimizer(problem: Problem, like: Points) -> Points:
    x = problem.minimizer()
    if x is None:
        raise LabError(f"{problem.name} has no known minimizer")
    return like.new_tensor(x)


class Iterate(Metric):
    """x."""

    name = "iterate"
    says = "x_t"
    power = 1
    units = LENGTH
    vector = True

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return output


class Increment(Metric):
    """x_t - x_{t-1}, of the held point; 0 at the start."""

    name = "increment"
    says = "x_t - x_{t-1}"
    power = 1
    units = LENGTH
    vector = True

    def init(self, problem: Problem, x: Points) -> tuple[Tensor, ...]:
        return (x,)

    def update(
        self, state: tuple[Tensor, ...], problem: Problem, played: Points, x: Points, t: Step, draws: Draws
    ) -> tuple[Tensor, ...]:
        return (x,)

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return x - state[0]


class Suboptimality(_NeedsMinimum):
    """f(x) - f*."""

    name = "suboptimality"
    says = "f(x_t) - f*"
    power = 2
    units = OBJECTIVE

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return problem.value(output) - _minimum(problem)


class GradNormSq(Metric):
    """||grad f(x)||^2."""

    name = "grad_norm_sq"
    says = "||grad f(x_t)||^2"
    power = 2
    units = Units(F=2, X=-2)

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return norm_sq(problem.grad(output))


class DistanceSq(_NeedsMinimizer):
    """||x - x*||^2."""

    name = "distance_sq"
    says = "||x_t - x*||^2"
    power = 2
    units = Units(X=2)

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return norm_sq(output - _minimizer(problem, output))


class BestSuboptimality(_NeedsMinimum):
    """min over the points queried so far of f - f*; the start counts as the first."""

    name = "best_suboptimality"
    says = "min_s f(x_s) - f*"
    power = 2
    units = OBJECTIVE

    def init(self, problem: Problem, x: Points) -> tuple[Tensor, ...]:
        return (problem.value(x).to(torch.float64),)

    def update(
        self, state: tuple[Tensor, ...], problem: Problem, played: Points, x: Points, t: Step, draws: Draws
    ) -> tuple[Tensor, ...]:
        return (torch.minimum(state[0], problem.value(played).to(torch.float64)),)

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return state[0] - _minimum(problem)


class AverageIterate(Metric):
    """The average of the points queried in steps 1..t; the start itself at t = 0."""

    name = "average_iterate"
    says = "(x_1 + ... + x_t) / t"
    power = 1
    units = LENGTH
    vector = True

    def init(self, problem: Problem, x: Points) -> tuple[Tensor, ...]:
        return (torch.zeros_like(x, dtype=torch.float64),)

    def update(
        self, state: tuple[Tensor, ...], problem: Problem, played: Points, x: Points, t: Step, draws: Draws
    ) -> tuple[Tensor, ...]:
        return (state[0] + played,)

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return torch.where(t > 0, state[0] / t.clamp(min=1.0), output.to(torch.float64))


class AverageSuboptimality(AverageIterate):
    """f(average iterate) - f*."""

    name = "average_suboptimality"
    says = "f(average of x_1..x_t) - f*"
    power = 2
    units = OBJECTIVE
    vector = False
    check = _NeedsMinimum.check

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return problem.value(super().read(state, problem, output, x, t).to(x.dtype)) - _minimum(problem)


class _RegretState(NamedTuple):
    total: Scalars  # sum of the losses at the points played
    slope: Points  # sum of the gradients, where losses are linear
    rival: Scalars  # sum of the losses of x*, where they are not


class Regret(Metric):
    """sum over rounds 1..t of loss(played) minus that of a fixed rival.

    Where losses are linear the rival is the best fixed point in hindsight; elsewhere it is the problem's minimizer,
    so that the number is a lower bound of the regret.
    """

    name = "regret"
    says = "R_t"
    power = 2
    units = OBJECTIVE

    def check(self, problem: Problem) -> None:
        if not problem.linear and problem.minimizer() is None:
            raise LabError(f"metric {self.name}: {problem.name} has neither linear losses nor a known minimizer")

    def init(self, problem: Problem, x: Points) -> tuple[Tensor, ...]:
        zero = torch.zeros_like(x[..., 0], dtype=torch.float64)
        return _RegretState(zero, torch.zeros_like(x, dtype=torch.float64), zero)

    def update(
        self, state: tuple[Tensor, ...], problem: Problem, played: Points, x: Points, t: Step, draws: Draws
    ) -> tuple[Tensor, ...]:
        total, slope, rival = state
        total = total + problem.loss(played, t, draws)
        if problem.linear:
            return _RegretState(total, slope + problem.oracle(played, t, draws), rival)
        return _RegretState(total, slope, rival + problem.loss(_minimizer(problem, played).expand_as(played), t, draws))

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        total, slope, rival = state
        return total - (problem.domain.lowest(slope) if problem.linear else rival)


class AvgRegret(Regret):
    """R_t / t; 0 at the start."""

    name = "avg_regret"
    says = "R_t / t"

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return super().read(state, problem, output, x, t) / t.clamp(min=1.0)


class GradPathNorm(Metric):
    """sum over coordinates of the 2-norm of the stochastic gradients so far: S_g of the adaptive methods' bounds."""

    name = "grad_path_norm"
    says = "sum_i ||g_{1:t,i}||_2"
    power = 1
    units = GRADIENT

    def init(self, problem: Problem, x: Points) -> tuple[Tensor, ...]:
        return (torch.zeros_like(x, dtype=torch.float64),)

    def update(
        self, state: tuple[Tensor, ...], problem: Problem, played: Points, x: Points, t: Step, draws: Draws
    ) -> tuple[Tensor, ...]:
        return (state[0] + problem.oracle(played, t, draws).to(torch.float64).square(),)

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return state[0].sqrt().sum(-1)


class Loss(Metric):
    """f(x)."""

    name = "value"
    says = "f(x_t)"
    power = 2
    units = OBJECTIVE

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return problem.value(output)


METRICS: dict[str, Metric] = {
    m.name: m
    for m in (
        Iterate(), Increment(), Loss(), Suboptimality(), GradNormSq(), DistanceSq(), BestSuboptimality(),
        AverageIterate(), AverageSuboptimality(), Regret(), AvgRegret(), GradPathNorm(),
        EffectiveStepSum(), EffectiveStepSq(), EffectiveStepChange(), EffectiveDescent(), StepEnergy(),
        EffectiveStepSqRatio(), EffectiveStepChangeRatio(),
        BestGradNormSq(), MeanGradNormSq(), MeanGradNorm(), NoiseSq(),
        TestError(), TestMargin(),
    )
}  # fmt: skip


def get_metric(name: str) -> Metric:
    """Return the metric called `name`; LabError with the nearest name where there is none."""
    if name not in METRICS:
        raise unknown("metric", name, METRICS)
    return METRICS[name]

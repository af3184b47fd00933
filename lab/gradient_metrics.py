"""How near to a stationary point the points queried so far have come: the norm of the exact gradient at each.

The theorems on non-convex problems speak of the least of them, or of their mean (a uniformly random iterate). Both are
of the points queried in steps 1..t, so that the start is the first; at t = 0 they are the start's own.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lab.linalg import norm_sq
from lab.metric import Metric
from lab.problem import Problem
from lab.types import Draws, Points, Scalars, Step
from lab.units import GRADIENT, Units


def _slope_sq(problem: Problem, x: Points) -> Scalars:
    """Return ||grad f(x)||^2 in float64."""
    return norm_sq(problem.grad(x)).to(torch.float64)


class BestGradNormSq(Metric):
    """min over the points queried so far of ||grad f||^2; the start counts as the first."""

    name = "best_grad_norm_sq"
    says = "min_s ||grad f(x_s)||^2"
    power = 2
    units = Units(F=2, X=-2)

    def init(self, problem: Problem, x: Points) -> tuple[Tensor, ...]:
        return (_slope_sq(problem, x),)

    def update(
        self, state: tuple[Tensor, ...], problem: Problem, played: Points, x: Points, t: Step, draws: Draws
    ) -> tuple[Tensor, ...]:
        return (torch.minimum(state[0], _slope_sq(problem, played)),)

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return state[0]


class MeanGradNormSq(Metric):
    """The mean of ||grad f||^2 over the points queried in steps 1..t."""

    name = "mean_grad_norm_sq"
    says = "mean_s ||grad f(x_s)||^2"
    power = 2
    units = Units(F=2, X=-2)

    def of(self, problem: Problem, x: Points) -> Scalars:
        """Return what is averaged."""
        return _slope_sq(problem, x)

    def init(self, problem: Problem, x: Points) -> tuple[Tensor, ...]:
        return (torch.zeros_like(x[..., 0], dtype=torch.float64),)

    def update(
        self, state: tuple[Tensor, ...], problem: Problem, played: Points, x: Points, t: Step, draws: Draws
    ) -> tuple[Tensor, ...]:
        return (state[0] + self.of(problem, played),)

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return torch.where(t > 0, state[0] / t.clamp(min=1.0), self.of(problem, output))


class MeanGradNorm(MeanGradNormSq):
    """The mean of ||grad f|| over the points queried in steps 1..t."""

    name = "mean_grad_norm"
    says = "mean_s ||grad f(x_s)||"
    power = 1
    units = GRADIENT

    def of(self, problem: Problem, x: Points) -> Scalars:
        return _slope_sq(problem, x).sqrt()


class NoiseSq(Metric):
    """||g - grad f(x)||^2 of the stochastic gradient g that the last step saw, at the point queried; 0 at the start."""

    name = "noise_sq"
    says = "||g_t - grad f(x_t)||^2"
    power = 2
    units = Units(F=2, X=-2)

    def init(self, problem: Problem, x: Points) -> tuple[Tensor, ...]:
        return (torch.zeros_like(x[..., 0], dtype=torch.float64),)

    def update(
        self, state: tuple[Tensor, ...], problem: Problem, played: Points, x: Points, t: Step, draws: Draws
    ) -> tuple[Tensor, ...]:
        noise = problem.oracle(played, t, draws) - problem.grad(played)
        return (norm_sq(noise).to(torch.float64).expand_as(state[0]),)

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return state[0]

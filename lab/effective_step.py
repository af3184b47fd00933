"""The three sums that decide whether an Adam-type method converges, and their ratios.

Of a method x_{t+1} = x_t - A_t m_t, A_t its effective step size (`Optimizer.effective_step`, a vector), Chen, Liu,
Sun, Hong (ICLR 2019, arXiv 1808.02941, Theorem 3.1) bound min_s ||grad f(x_s)||^2 by terms in (b) and (c) over (a): it
tends to 0 where both ratios do, and a ratio that levels off predicts failure. Sums run over s = 1, ..., t.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import torch
from torch import Tensor

from lab.errors import LabError
from lab.linalg import norm_sq, ratio
from lab.metric import Metric, Taken
from lab.optimizer import Optimizer
from lab.problem import Problem
from lab.types import Points, Step
from lab.units import OBJECTIVE, PURE, STEP_SIZE, Units


def _effective(step: Taken) -> Points:
    """Return A_t `(..., d)` in float64."""
    return torch.zeros_like(step.x, dtype=torch.float64) + step.optimizer.effective_step(step.state, step.t)


class _OfTheStep(Metric):
    """A sum over the steps so far, in its first accumulator."""

    power = math.inf  # 1 / |g| may have no mean though |g| has all moments

    def check_optimizer(self, optimizer: Optimizer[Any]) -> None:
        if not optimizer.has_effective_step:
            raise LabError(
                f"metric {self.name}: {optimizer.name} has no effective step size; an optimizer that has one, "
                "as adam and sgd have, defines effective_step(state, t)"
            )

    def init(self, problem: Problem, x: Points) -> tuple[Tensor, ...]:
        return (torch.zeros_like(x[..., 0], dtype=torch.float64),)

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return state[0]


class EffectiveStepSum(_OfTheStep):
    """(a) The accumulated effective step size: the sum of the smallest coordinate of A_s.

    Coordinates that rest for want of a gradient, A_s = 0, are left out while others move.
    """

    name = "effective_step_sum"
    says = "sum_s min_i A_{s,i}"
    units = STEP_SIZE

    def follow(self, state: tuple[Tensor, ...], step: Taken) -> tuple[Tensor, ...]:
        A = _effective(step)
        least = torch.where(A == 0, math.inf, A).amin(-1)
        return (state[0] + torch.where(A.amax(-1) == 0, 0.0, least),)


class EffectiveDescent(_OfTheStep):
    """The descent that the steps would have without noise and momentum: the sum of <grad f, A_s grad f>, s = 1, 2, ...

    grad f is the exact gradient at the point queried. It is what Theorem 3.1 bounds, at least (a) times the least
    ||grad f||^2.
    """

    name = "effective_descent"
    says = "sum_s <grad f(x_s), A_s grad f(x_s)>"
    power = 2
    units = OBJECTIVE

    def follow(self, state: tuple[Tensor, ...], step: Taken) -> tuple[Tensor, ...]:
        g = step.problem.grad(step.played).to(torch.float64)
        return (state[0] + (g * _effective(step) * g).sum(-1),)


class EffectiveStepSq(_OfTheStep):
    """(b) The accumulated square of the steps: the sum of ||A_s * g_s||^2, Term A of the theorem.

    g_s is the stochastic gradient as the rule uses it, with what transforms and a coupled decay make of it.
    """

    name = "effective_step_sq"
    says = "sum_s ||A_s g_s||^2"
    power = 2
    units = Units(X=2)

    def follow(self, state: tuple[Tensor, ...], step: Taken) -> tuple[Tensor, ...]:
        g = step.problem.oracle(step.played, step.t, step.draws)
        g = step.optimizer.gradient_used(g, step.played).to(torch.float64)
        return (state[0] + norm_sq(_effective(step) * g),)


class StepEnergy(_OfTheStep):
    """The energy of the moves in the metric of the step sizes: the sum of <dx_s, dx_s / A_s>, dx_s = x_{s+1} - x_s.

    Where nothing is projected that is the sum of <m_s, A_s m_s>, which the regret proofs bound by lemmas on moments;
    a projection makes it less.
    """

    name = "step_energy"
    says = "sum_s <dx_s, dx_s / A_s>"
    power = 2
    units = OBJECTIVE

    def init(self, problem: Problem, x: Points) -> tuple[Tensor, ...]:
        return (*super().init(problem, x), torch.zeros_like(x, dtype=torch.float64), x)

    def follow(self, state: tuple[Tensor, ...], step: Taken) -> tuple[Tensor, ...]:
        return self._with(state, step.x), _effective(step), step.x

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return self._with(state, x)

    def _with(self, state: tuple[Tensor, ...], x: Points) -> Tensor:
        """Return the sum with the last move, which led to x."""
        total, A, before = state
        return total + ratio((x - before).to(torch.float64).square(), A).sum(-1)


class EffectiveStepChange(_OfTheStep):
    """(c) The oscillation of the effective step size: the sum of ||A_s - A_{s-1}||_1 from s = 2 on, Term B."""

    name = "effective_step_change"
    says = "sum_{s>=2} ||A_s - A_{s-1}||_1"
    units = STEP_SIZE

    def init(self, problem: Problem, x: Points) -> tuple[Tensor, ...]:
        return (*super().init(problem, x), torch.zeros_like(x, dtype=torch.float64))

    def follow(self, state: tuple[Tensor, ...], step: Taken) -> tuple[Tensor, ...]:
        total, before = state
        now = _effective(step)
        change = (now - before).abs().sum(-1)
        return total + torch.where(step.t > 1, change, 0.0), now


class _Ratio(_OfTheStep):
    """A sum over the accumulated effective step size; 0 while both are 0."""

    over: ClassVar[Metric] = EffectiveStepSum()
    of: ClassVar[Metric]

    def init(self, problem: Problem, x: Points) -> tuple[Tensor, ...]:
        return (*self.of.init(problem, x), *self.over.init(problem, x))

    def follow(self, state: tuple[Tensor, ...], step: Taken) -> tuple[Tensor, ...]:
        return (*self.of.follow(state[:-1], step), *self.over.follow(state[-1:], step))

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return ratio(state[0], state[-1])


class EffectiveStepSqRatio(_Ratio):
    """(b) / (a), Term A over the accumulated effective step size."""

    name = "effective_step_sq_ratio"
    says = "sum_s ||A_s g_s||^2 / sum_s min_i A_{s,i}"
    units = OBJECTIVE
    of = EffectiveStepSq()


class EffectiveStepChangeRatio(_Ratio):
    """(c) / (a), Term B over the accumulated effective step size."""

    name = "effective_step_change_ratio"
    says = "sum_{s>=2} ||A_s - A_{s-1}||_1 / sum_s min_i A_{s,i}"
    units = PURE
    of = EffectiveStepChange()

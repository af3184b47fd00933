"""Averaged stochastic gradient descent (B. Polyak, A. Juditsky, 1992), as torch.optim.ASGD has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import CURVATURE, PURE, ByName


class State(NamedTuple):
    """The average up to x_{t-1} while x_t is held."""

    ax: Points


@dataclass(frozen=True, kw_only=True)
class ASGD(Optimizer[State]):
    """eta_t = lr_t / (1 + lambd lr_t (t - 1))^alpha; dx_t = -eta_t (g_t + lambd x_{t-1}); returned: ax_t.

    ax_t = ax_{t-1} + mu_t (x_t - ax_{t-1}), mu_t = 1 / max(1, t - 1 - t0): x_t itself up to t = t0 + 2, from then on
    the mean of x_{t0+2}, ..., x_t. With the default t0 = 1e6 short runs average nothing. lambd is a decay and a
    constant of the schedule; weight_decay is coupled, it adds weight_decay x to g. x_t is held and queried; on a
    domain the points averaged are the projected ones. torch.optim.ASGD changed by a scheduler takes lr_{t-1} for lr_t.
    pytorch_optimizer.ASGD is another method, which adapts its step size.
    """

    name: ClassVar[str] = "asgd"
    source: ClassVar[str] = "Polyak, Juditsky, SIAM J. Control Optim. 30 (1992); torch.optim.ASGD"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="torch.optim.ASGD"),
        Reference(
            target="pytorch_optimizer.ASGD",
            arguments=lambda o: {"weight_decay": o.weight_decay},
            differs="it has the name alone: a method without an average that adapts its step size to all of x",
        ),
    )
    homogeneity: ClassVar[float] = 1
    scales: ClassVar[tuple[str, ...]] = ("lambd", "weight_decay")
    units: ClassVar[ByName] = {"lambd": CURVATURE, "alpha": PURE, "t0": PURE, "weight_decay": CURVATURE}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    lr: Schedule = Constant(1e-2)
    lambd: float = 1e-4
    alpha: float = 0.75
    t0: float = 1e6
    weight_decay: float = 0.0

    def validate(self) -> None:
        nonnegative(self, "lambd", "alpha", "t0", "weight_decay")

    def init(self, x: Points) -> State:
        return State(ax=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        g, eta = self.gradient_used(g, x), self._eta(t)
        return -eta * (g + self.lambd * x), State(self._average(state.ax, x, t - 1))

    def effective_step(self, state: State, t: Step) -> Points:
        del state
        return self._eta(t)

    def gradient_used(self, g: Points, x: Points) -> Points:
        return g + self.weight_decay * x

    def output(self, x: Points, state: State, t: Step) -> Points:
        return self._average(state.ax, x, t)

    def _eta(self, t: Step) -> Tensor:
        return self.lr(t) / (1 + self.lambd * self.lr(t) * (t - 1)) ** self.alpha

    def _average(self, ax: Points, x: Points, t: Tensor) -> Points:
        """Return ax_t from ax_{t-1} and x_t."""
        mu = 1 / (t - 1 - self.t0).clamp(min=1.0)
        return ax + mu * (x - ax)

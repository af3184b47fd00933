"""Resilient propagation: signs with a step size of its own for each coordinate (M. Riedmiller, H. Braun, 1993)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.errors import require
from lab.linalg import like, sign
from lab.optimizer import Kind, Optimizer
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import LENGTH, PURE, ByName


class State(NamedTuple):
    """The gradient of the last step, 0 where it was held back, and each coordinate's step size."""

    g: Points
    eta: Points


@dataclass(frozen=True, kw_only=True)
class Rprop(Optimizer[State]):
    """eta_t = clip(eta_{t-1} etas[1] or etas[0], step_sizes), dx_t = -eta_t sign(g_t), 0 where the sign just changed.

    eta grows by etas[1] where g_t and g_{t-1} have one sign, shrinks by etas[0] where they differ; there g_t counts as
    0, and the next step compares with that. eta_0 = lr_1: later values of the schedule are never looked at. Made for
    exact gradients: under noise signs change half of the time and eta goes to step_sizes[0].
    """

    name: ClassVar[str] = "rprop"
    source: ClassVar[str] = "Riedmiller, Braun, ICNN 1993; this form: Igel, Huesken, Neurocomputing 50 (2003), iRprop-"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="torch.optim.Rprop"),
        Reference(
            target="optax.rprop",
            arguments=lambda o: {
                "eta_minus": o.etas[0],
                "eta_plus": o.etas[1],
                "min_step_size": o.step_sizes[0],
                "max_step_size": o.step_sizes[1],
            },
            at={"lr": Constant(1e-2)},
            differs="its first update is zero, so that it lags one step behind",
        ),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"etas": PURE, "step_sizes": LENGTH}

    lr: Schedule = Constant(1e-2)
    etas: tuple[float, float] = (0.5, 1.2)
    step_sizes: tuple[float, float] = (1e-6, 50.0)

    def validate(self) -> None:
        require(0 < self.etas[0] < 1, self, "etas[0]", self.etas[0], "in (0, 1)")
        require(self.etas[1] > 1, self, "etas[1]", self.etas[1], "a number > 1")
        require(self.step_sizes[0] >= 0, self, "step_sizes[0]", self.step_sizes[0], "a number >= 0")
        require(self.step_sizes[1] >= self.step_sizes[0], self, "step_sizes[1]", self.step_sizes[1], ">= step_sizes[0]")

    def init(self, x: Points) -> State:
        return State(torch.zeros_like(x), torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        shrink, grow = self.etas
        least, most = self.step_sizes
        before = torch.where(t == 1, self.lr(t), state.eta)
        agreement = g * state.g
        factor = torch.where(agreement > 0, like(g, grow), torch.where(agreement < 0, like(g, shrink), 1.0))
        eta = torch.minimum(torch.maximum(before * factor, like(g, least)), like(g, most))
        g = torch.where(agreement < 0, 0.0, g)
        return -eta * sign(g), State(g, eta)

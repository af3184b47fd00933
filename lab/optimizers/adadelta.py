"""Adadelta (M. Zeiler, 2012)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.linalg import ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import CURVATURE, GRADIENT_SQ, PURE, STEP_SIZE, ByName


class State(NamedTuple):
    """Running means of g * g and of Delta * Delta."""

    E: Points
    D: Points


@dataclass(frozen=True, kw_only=True)
class Adadelta(Optimizer[State]):
    """dx_t = -lr_t Delta_t, Delta_t = sqrt(D_{t-1} + eps) / sqrt(E_t + eps) g_t; E, D running means of g^2, Delta^2.

    Both means have the weight rho and start at 0; D holds Delta without lr, and lr = 1 in the paper. One eps is
    compared with two things, with g^2 and with the square of a step, and it carries the method: as D_0 = 0, the first
    step is sqrt(eps / (1 - rho)) whatever the gradient's scale, and with eps = 0 nothing ever moves. So the degree is 0
    only as far as g^2 exceeds eps. weight_decay is coupled. The paper has rho = 0.95.
    """

    name: ClassVar[str] = "adadelta"
    source: ClassVar[str] = "Zeiler, 2012, arXiv 1212.5701, Algorithm 1"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="torch.optim.Adadelta"),
        Reference(
            target="torch.optim.Adadelta",
            arguments=lambda o: {"rho": o.rho, "eps": o.eps, "weight_decay": o.weight_decay},
            at={"weight_decay": 0.1},
        ),
        Reference(target="pytorch_optimizer.AdaDelta"),
        Reference(target="optax.adadelta", arguments=lambda o: {"rho": o.rho, "eps": o.eps}),
    )
    scales: ClassVar[tuple[str, ...]] = ("weight_decay",)
    units: ClassVar[ByName] = {"lr": STEP_SIZE, "rho": PURE, "eps": GRADIENT_SQ, "weight_decay": CURVATURE}

    lr: Schedule = Constant(1.0)
    rho: float = 0.9
    eps: float = 1e-6
    weight_decay: float = 0.0

    def validate(self) -> None:
        fractions(self, "rho")
        nonnegative(self, "eps", "weight_decay")

    def init(self, x: Points) -> State:
        return State(E=torch.zeros_like(x), D=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        g = g + self.weight_decay * x
        E = self.rho * state.E + (1 - self.rho) * g.square()
        Delta = ratio((state.D + self.eps).sqrt(), (E + self.eps).sqrt()) * g
        D = self.rho * state.D + (1 - self.rho) * Delta.square()
        return -self.lr(t) * Delta, State(E, D)

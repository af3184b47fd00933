"""Lion, the evolved sign momentum (X. Chen et al., NeurIPS 2023)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch

from lab.linalg import sign
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import PER_LENGTH, ByName


class State(NamedTuple):
    """A running mean of g."""

    m: Points


def _as_optax(lion: Any) -> dict[str, float]:
    return {"b1": lion.betas[0], "b2": lion.betas[1], "weight_decay": lion.weight_decay}


@dataclass(frozen=True, kw_only=True)
class Lion(Optimizer[State]):
    """dx_t = -lr_t (sign(beta1 m_{t-1} + (1 - beta1) g_t) + weight_decay x); m_t = beta2 m_{t-1} + (1 - beta2) g_t.

    The step looks at m before it takes up g_t with beta2; beta1 = beta2 is `signum`. The decay is decoupled and, as
    the step of a coordinate is lr, keeps |x| below 1 / weight_decay once it is there. sign(0) = 0.
    """

    name: ClassVar[str] = "lion"
    source: ClassVar[str] = "Chen et al., NeurIPS 2023, arXiv 2302.06675, Algorithm 2"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="pytorch_optimizer.Lion"),
        Reference(target="optax.lion", arguments=_as_optax),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"weight_decay": PER_LENGTH}

    lr: Schedule = Constant(1e-4)
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.0

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "weight_decay")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        beta1, beta2 = self.betas
        u = sign(beta1 * state.m + (1 - beta1) * g)
        m = beta2 * state.m + (1 - beta2) * g
        return -self.lr(t) * (u + self.weight_decay * x), State(m)

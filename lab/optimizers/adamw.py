"""AdamW: Adam with decoupled weight decay (I. Loshchilov, F. Hutter, ICLR 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.linalg import factor, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, PER_LENGTH, ByName


class State(NamedTuple):
    """Running means of g and of g * g."""

    m: Points
    v: Points


def _as_optax(adamw: AdamW) -> dict[str, float]:
    beta1, beta2 = adamw.betas
    return {"b1": beta1, "b2": beta2, "eps": adamw.eps, "weight_decay": adamw.weight_decay}


@dataclass(frozen=True, kw_only=True)
class AdamW(Optimizer[State]):
    """dx_t = -lr_t (weight_decay x_t + mhat_t / (sqrt(vhat_t) + eps)).

    The decay is multiplied by the whole step size, as in torch; Algorithm 2 of the paper multiplies it by the
    schedule's factor alone. weight_decay is in units of 1/lr, eps in those of a gradient, as Adam's.
    """

    name: ClassVar[str] = "adamw"
    source: ClassVar[str] = "Loshchilov, Hutter, ICLR 2019, arXiv 1711.05101, Algorithm 2"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="torch.optim.AdamW"),
        Reference(target="optax.adamw", arguments=_as_optax),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"eps": GRADIENT, "weight_decay": PER_LENGTH}

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 1e-2

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "eps", "weight_decay")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), v=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        beta1, beta2 = self.betas
        m = beta1 * state.m + (1 - beta1) * g
        v = beta2 * state.v + (1 - beta2) * g.square()
        return -self.lr(t) * (self.weight_decay * x + ratio(m / (1 - beta1**t), self._root(v, t))), State(m, v)

    def effective_step(self, state: State, t: Step) -> Points:
        return self.lr(t) / (1 - self.betas[0] ** t) * factor(state.m, self._root(state.v, t))

    def _root(self, v: Points, t: Step) -> Points:
        """Return sqrt(vhat_t) + eps."""
        return (v / (1 - self.betas[1] ** t)).sqrt() + self.eps

    def metric(self, state: State) -> Points:
        return state.v.sqrt()

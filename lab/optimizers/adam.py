"""Adam (D. Kingma, J. Ba, ICLR 2015)."""

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


class State(NamedTuple):
    """Running means of g and of g * g."""

    m: Points
    v: Points


def _as_optax(adam: Adam) -> dict[str, float]:
    return {"b1": adam.betas[0], "b2": adam.betas[1], "eps": adam.eps}


@dataclass(frozen=True, kw_only=True)
class Adam(Optimizer[State]):
    """dx_t = -lr_t mhat_t / (sqrt(vhat_t) + eps).

    debias=False with eps=0 is the Adam of Reddi, Kale, Kumar (ICLR 2018): mhat = m, vhat = v. With eps = 0 a gradient
    that has been zero so far gives no step (0/0 = 0), where torch.optim.Adam gives NaN. eps has the units of a gradient
    and is compared with sqrt(vhat): above 0 it breaks the invariance under gradients c g.
    """

    name: ClassVar[str] = "adam"
    source: ClassVar[str] = "Kingma, Ba, ICLR 2015, arXiv 1412.6980, Algorithm 1"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="torch.optim.Adam", at={"debias": True}),
        Reference(target="optax.adam", arguments=_as_optax, at={"debias": True}),
    )
    homogeneity: ClassVar[float] = 0

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    debias: bool = True

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "eps")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), v=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        beta1, beta2 = self.betas
        m = beta1 * state.m + (1 - beta1) * g
        v = beta2 * state.v + (1 - beta2) * g.square()
        mhat = m / (1 - beta1**t) if self.debias else m
        return -self.lr(t) * ratio(mhat, self._root(v, t)), State(m, v)

    def effective_step(self, state: State, t: Step) -> Points:
        lr = self.lr(t) / (1 - self.betas[0] ** t) if self.debias else self.lr(t)
        return lr * factor(state.m, self._root(state.v, t))

    def _root(self, v: Points, t: Step) -> Points:
        """Return sqrt(vhat_t) + eps."""
        return (v / (1 - self.betas[1] ** t) if self.debias else v).sqrt() + self.eps

    def metric(self, state: State) -> Points:
        return state.v.sqrt()

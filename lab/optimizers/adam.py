"""Adam (D. Kingma, J. Ba, ICLR 2015)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.errors import require
from lab.linalg import ratio
from lab.optimizer import Kind, Optimizer
from lab.schedules import Constant, Schedule
from lab.types import Points, Step


class State(NamedTuple):
    """Running means of g and of g * g."""

    m: Points
    v: Points


@dataclass(frozen=True, kw_only=True)
class Adam(Optimizer[State]):
    """dx_t = -lr_t mhat_t / (sqrt(vhat_t) + eps).

    debias=False with eps=0 is the Adam of Reddi, Kale, Kumar (ICLR 2018): mhat = m, vhat = v. With eps = 0 a gradient
    that has been zero so far gives no step (0/0 = 0), where torch.optim.Adam gives NaN.
    """

    name: ClassVar[str] = "adam"
    source: ClassVar[str] = "Kingma, Ba, ICLR 2015, arXiv 1412.6980, Algorithm 1"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = "torch.optim.Adam"

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    debias: bool = True

    def validate(self) -> None:
        for i, beta in enumerate(self.betas):
            require(0 <= beta < 1, self, f"betas[{i}]", beta, "in [0, 1)")
        require(self.eps >= 0, self, "eps", self.eps, "a number >= 0")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), v=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        beta1, beta2 = self.betas
        m = beta1 * state.m + (1 - beta1) * g
        v = beta2 * state.v + (1 - beta2) * g.square()
        mhat, vhat = (m / (1 - beta1**t), v / (1 - beta2**t)) if self.debias else (m, v)
        return -self.lr(t) * ratio(mhat, vhat.sqrt() + self.eps), State(m, v)

    def metric(self, state: State) -> Points:
        return state.v.sqrt()

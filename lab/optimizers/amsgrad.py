"""AMSGrad as published (S. Reddi, S. Kale, S. Kumar, ICLR 2018)."""

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
    """Running means of g and of g * g, and the largest v so far."""

    m: Points
    v: Points
    vhat: Points


@dataclass(frozen=True, kw_only=True)
class AMSGrad(Optimizer[State]):
    """vhat_t = max(vhat_{t-1}, v_t), dx_t = -lr_t m_t / (sqrt(vhat_t) + eps), projected in the norm of sqrt(vhat_t).

    No bias correction anywhere, and 0/0 = 0. torch.optim.Adam(amsgrad=True) divides the largest *uncorrected* v by
    1 - beta2^t, optax.amsgrad takes the largest *corrected* one: both are different algorithms.
    """

    name: ClassVar[str] = "amsgrad"
    aliases: ClassVar[tuple[str, ...]] = ("amsgrad_reddi",)
    source: ClassVar[str] = "Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237, Algorithm 2"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = "the paper's algorithm in mpmath, 50 digits"

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 0.0

    def validate(self) -> None:
        for i, beta in enumerate(self.betas):
            require(0 <= beta < 1, self, f"betas[{i}]", beta, "in [0, 1)")
        require(self.eps >= 0, self, "eps", self.eps, "a number >= 0")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), v=torch.zeros_like(x), vhat=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        beta1, beta2 = self.betas
        m = beta1 * state.m + (1 - beta1) * g
        v = beta2 * state.v + (1 - beta2) * g.square()
        vhat = torch.maximum(state.vhat, v)
        return -self.lr(t) * ratio(m, vhat.sqrt() + self.eps), State(m, v, vhat)

    def metric(self, state: State) -> Points:
        return state.vhat.sqrt()

"""AMSGrad as published (S. Reddi, S. Kale, S. Kumar, ICLR 2018)."""

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
    """Running means of g and of g * g, and the largest v so far."""

    m: Points
    v: Points
    vhat: Points


def _as_optax(amsgrad: AMSGrad) -> dict[str, object]:
    return {"b1": amsgrad.betas[0], "b2": amsgrad.betas[1], "eps": amsgrad.eps}


@dataclass(frozen=True, kw_only=True)
class AMSGrad(Optimizer[State]):
    """vhat_t = max(vhat_{t-1}, v_t), dx_t = -lr_t m_t / (sqrt(vhat_t) + eps), projected in the norm of sqrt(vhat_t).

    No bias correction anywhere, and 0/0 = 0. torch.optim.Adam(amsgrad=True) divides the largest *uncorrected* v by
    1 - beta2^t, optax.amsgrad takes the largest *corrected* one: both are different algorithms. eps, 0 in the paper, is
    compared with a gradient.
    """

    name: ClassVar[str] = "amsgrad"
    aliases: ClassVar[tuple[str, ...]] = ("amsgrad_reddi",)
    source: ClassVar[str] = "Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237, Algorithm 2"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(
            target="optax.amsgrad",
            arguments=lambda o: _as_optax(o) | {"bias_correction_mu": False, "bias_correction_nu": False},
            at={"eps": 1e-8},
        ),
        Reference(
            target="optax.amsgrad",
            arguments=lambda o: _as_optax(o),
            at={"eps": 1e-8},
            differs="it corrects the bias, and takes the largest corrected v",
        ),
        Reference(
            target="torch.optim.Adam",
            arguments=lambda o: {"betas": o.betas, "eps": o.eps, "amsgrad": True},
            at={"eps": 1e-8},
            differs="it divides the largest uncorrected v by 1 - beta2^t, and m by 1 - beta1^t",
        ),
    )
    homogeneity: ClassVar[float] = 0

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 0.0

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "eps")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), v=torch.zeros_like(x), vhat=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        beta1, beta2 = self.betas
        m = beta1 * state.m + (1 - beta1) * g
        v = beta2 * state.v + (1 - beta2) * g.square()
        vhat = torch.maximum(state.vhat, v)
        return -self.lr(t) * ratio(m, vhat.sqrt() + self.eps), State(m, v, vhat)

    def effective_step(self, state: State, t: Step) -> Points:
        return self.lr(t) * factor(state.m, state.vhat.sqrt() + self.eps)

    def metric(self, state: State) -> Points:
        return state.vhat.sqrt()

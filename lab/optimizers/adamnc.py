"""AdamNC: Adam whose beta2 grows (S. Reddi, S. Kale, S. Kumar, ICLR 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.errors import require
from lab.linalg import factor, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, InvSqrt, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, PURE, ByName


class State(NamedTuple):
    """The running mean of g, and the mean of g * g over all steps."""

    m: Points
    v: Points


@dataclass(frozen=True, kw_only=True)
class AdamNC(Optimizer[State]):
    """v_t = beta2_t v_{t-1} + (1 - beta2_t) g_t^2 with beta2_t = 1 - gamma / t; dx_t = -lr_t m_t / (sqrt(v_t) + eps).

    Projected in the norm of sqrt(v_t). gamma = 1 is the paper's canonical choice, beta2_t = 1 - 1/t: v_t is the mean of
    all g^2, and with lr_t = a / sqrt(t) the step is that of AdaGrad with a running mean m for g. Every gamma in (0, 1]
    keeps t v_t from falling, and with it the paper's condition on sqrt(v_t) / lr_t. m has beta1_t = beta1
    beta1_decay^(t-1). No bias correction; eps = 0 in the paper (0/0 = 0), and compared with a gradient. (The code of
    SAdam has a baseline of this name that multiplies v by t and corrects biases: another rule.)
    """

    name: ClassVar[str] = "adamnc"
    source: ClassVar[str] = "Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237, Algorithm 3 and Corollary 2"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(
            target="torch.optim.Adagrad",
            arguments=lambda o: {"lr": o.lr.lr, "eps": 0.0},
            at={"lr": InvSqrt(0.05), "beta1": 0.0, "gamma": 1.0, "eps": 0.0},
        ),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"gamma": PURE, "eps": GRADIENT}

    lr: Schedule = Constant(1e-3)
    beta1: float = 0.9
    beta1_decay: float = 1.0
    gamma: float = 1.0
    eps: float = 0.0

    def validate(self) -> None:
        fractions(self, "beta1")
        require(0 < self.beta1_decay <= 1, self, "beta1_decay", self.beta1_decay, "in (0, 1]")
        require(0 < self.gamma <= 1, self, "gamma", self.gamma, "in (0, 1]")
        nonnegative(self, "eps")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), v=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        beta1 = self.beta1 * self.beta1_decay ** (t - 1)
        beta2 = 1 - self.gamma / t
        m = beta1 * state.m + (1 - beta1) * g
        v = beta2 * state.v + (1 - beta2) * g.square()
        return -self.lr(t) * ratio(m, v.sqrt() + self.eps), State(m, v)

    def effective_step(self, state: State, t: Step) -> Points:
        return self.lr(t) * factor(state.m, state.v.sqrt() + self.eps)

    def metric(self, state: State) -> Points:
        return state.v.sqrt()

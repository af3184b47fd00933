"""AdaFom: AdaGrad with first-order momentum (X. Chen, S. Liu, R. Sun, M. Hong, ICLR 2019)."""

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


class State(NamedTuple):
    """The running mean of g, and the sum of g * g."""

    m: Points
    s: Points


@dataclass(frozen=True, kw_only=True)
class AdaFom(Optimizer[State]):
    """vhat_t = (g_1^2 + ... + g_t^2) / t, dx_t = -lr_t m_t / (sqrt(vhat_t) + eps); the theorem has lr_t = a / sqrt(t).

    With a / sqrt(t) this is AdaGrad with a running mean m for g, and AdamNC with beta2_t = 1 - 1/t. m has beta1_t =
    beta1 beta1_decay^(t-1), which the theorem asks not to grow. eps = 0 in the paper, which bounds vhat_1 from below
    instead; here 0/0 = 0. The paper does not project; on a bounded domain this does so in the norm of sqrt(vhat_t).
    """

    name: ClassVar[str] = "adafom"
    source: ClassVar[str] = "Chen, Liu, Sun, Hong, ICLR 2019, arXiv 1808.02941, Corollary 3.2 (AdaFom)"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(
            target="torch.optim.Adagrad",
            arguments=lambda o: {"lr": o.lr.lr, "eps": 0.0},
            at={"lr": InvSqrt(0.05), "beta1": 0.0, "eps": 0.0},
        ),
    )
    homogeneity: ClassVar[float] = 0

    lr: Schedule = Constant(1e-3)
    beta1: float = 0.9
    beta1_decay: float = 1.0
    eps: float = 0.0

    def validate(self) -> None:
        fractions(self, "beta1")
        require(0 < self.beta1_decay <= 1, self, "beta1_decay", self.beta1_decay, "in (0, 1]")
        nonnegative(self, "eps")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), s=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        beta1 = self.beta1 * self.beta1_decay ** (t - 1)
        m = beta1 * state.m + (1 - beta1) * g
        s = state.s + g.square()
        return -self.lr(t) * ratio(m, self._root(s, t)), State(m, s)

    def effective_step(self, state: State, t: Step) -> Points:
        return self.lr(t) * factor(state.m, self._root(state.s, t))

    def _root(self, s: Points, t: Step) -> Points:
        """Return sqrt(vhat_t) + eps."""
        return (s / t).sqrt() + self.eps

    def metric(self, state: State) -> Points:
        return state.s.sqrt()  # sqrt(t) times the root of vhat: the factor moves no projection

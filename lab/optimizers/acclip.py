"""ACClip: coordinatewise clipping at an estimated moment of the gradient (J. Zhang et al., NeurIPS 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.linalg import ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative, positive
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, PURE, ByName


class State(NamedTuple):
    """Running means of g and of |g|^alpha."""

    m: Points
    tau_alpha: Points


@dataclass(frozen=True, kw_only=True)
class ACClip(Optimizer[State]):
    """dx_t = -lr_t min(1, tau_t / (|m_t| + eps)) m_t; m_t, tau_t^alpha running means of g, |g|^alpha (beta1, beta2).

    The threshold is estimated from g, so that the step has degree 1 in g; eps, added to |m|, alone breaks that. As
    tau_0 = m_0 = 0 and neither is corrected, the first step for alpha = 1 is lr min(1 - beta1, 1 - beta2) |g|.
    This is the published rule. The code of the earlier ICLR 2020 submission takes alpha = 2 and divides by
    sqrt(v) + eps besides: another algorithm.
    """

    name: ClassVar[str] = "acclip"
    source: ClassVar[str] = "Zhang et al., NeurIPS 2020, arXiv 1912.03194, Algorithm 2 (ACClip)"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = "none: no library has it; tests/test_clipping.py holds it to the paper in 50 digits"
    homogeneity: ClassVar[float] = 1
    units: ClassVar[ByName] = {"alpha": PURE, "eps": GRADIENT}

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float] = (0.9, 0.99)
    alpha: float = 1.0
    eps: float = 1e-5

    def validate(self) -> None:
        fractions(self, "betas")
        positive(self, "alpha")
        nonnegative(self, "eps")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), tau_alpha=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        beta1, beta2 = self.betas
        m = beta1 * state.m + (1 - beta1) * g
        tau_alpha = beta2 * state.tau_alpha + (1 - beta2) * g.abs() ** self.alpha
        state = State(m, tau_alpha)
        return -self.effective_step(state, t) * m, state

    def effective_step(self, state: State, t: Step) -> Points:
        tau = state.tau_alpha ** (1 / self.alpha)
        return self.lr(t) * ratio(tau, state.m.abs() + self.eps).clamp(max=1.0)

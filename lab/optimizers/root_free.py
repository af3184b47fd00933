"""RMSprop and AdamW without the square root (W. Lin et al., ICML 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.linalg import factor, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative, positive
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import ByName

NONE = "none: no library has it; a test holds it to its closed form, summed in exact fractions"


class Buffered(NamedTuple):
    """The curvature and the momentum buffer."""

    s: Points
    b: Points


class Moments(NamedTuple):
    """Running mean of g, and the curvature."""

    m: Points
    s: Points


@dataclass(frozen=True, kw_only=True)
class RFRMSprop(Optimizer[Buffered]):
    """s_t = alpha s_{t-1} + (1 - alpha) B g_t^2, s_0 = 1; dx_t = -lr_t b_t, b_t = momentum b_{t-1} + g_t / (s_t + eps).

    weight_decay x_t is added to b_t as well. B = batch_size where the loss is the mean of so many terms: B g^2 then
    estimates a diagonal Fisher matrix, s is a curvature and lr has no unit. eps and s_0 are compared with g^2 and set a
    scale, so the rule is not homogeneous; it tends to degree -1 once s_0 is forgotten.
    """

    name: ClassVar[str] = "rf_rmsprop"
    source: ClassVar[str] = "Lin et al., ICML 2024, arXiv 2402.03496; yorkerlin/remove-the-square-root, rfrmsprop.py"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = NONE
    units: ClassVar[ByName] = {"lr": None}

    lr: Schedule = Constant(1e-3)
    alpha: float = 0.99
    eps: float = 1e-4
    momentum: float = 0.0
    weight_decay: float = 0.0
    batch_size: float = 1.0

    def validate(self) -> None:
        fractions(self, "alpha", "momentum")
        nonnegative(self, "eps", "weight_decay")
        positive(self, "batch_size")

    def init(self, x: Points) -> Buffered:
        return Buffered(s=torch.ones_like(x), b=torch.zeros_like(x))

    def update(self, g: Points, state: Buffered, x: Points, t: Step) -> tuple[Points, Buffered]:
        s = self.alpha * state.s + (1 - self.alpha) * self.batch_size * g.square()
        b = self.momentum * state.b + ratio(g, s + self.eps) + self.weight_decay * x
        return -self.lr(t) * b, Buffered(s, b)

    def effective_step(self, state: Buffered, t: Step) -> Points:
        """Return the factor of g_t; the earlier gradients in b keep the factors of their own steps, but for lr_t."""
        return self.lr(t) * factor(state.s, state.s + self.eps)


@dataclass(frozen=True, kw_only=True)
class RFAdamW(Optimizer[Moments]):
    """s_t = beta2 s_{t-1} + (1 - beta2) B g_t^2, s_0 = 1; dx_t = -lr_t (m_t / (s_t + eps) + weight_decay x_t).

    The authors' code corrects no bias unless asked (debias), and then divides s by 1 - beta2^t though it starts at 1.
    batch_size, eps and s_0 as in `rf_rmsprop`.
    """

    name: ClassVar[str] = "rf_adamw"
    source: ClassVar[str] = "Lin et al., ICML 2024, arXiv 2402.03496; yorkerlin/remove-the-square-root, rfadamw.py"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = NONE
    units: ClassVar[ByName] = {"lr": None}

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 1e-2
    batch_size: float = 1.0
    debias: bool = False

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "eps", "weight_decay")
        positive(self, "batch_size")

    def init(self, x: Points) -> Moments:
        return Moments(m=torch.zeros_like(x), s=torch.ones_like(x))

    def update(self, g: Points, state: Moments, x: Points, t: Step) -> tuple[Points, Moments]:
        beta1, beta2 = self.betas
        m = beta1 * state.m + (1 - beta1) * g
        s = beta2 * state.s + (1 - beta2) * self.batch_size * g.square()
        mhat = m / (1 - beta1**t) if self.debias else m
        return -self.lr(t) * (ratio(mhat, self._curvature(s, t)) + self.weight_decay * x), Moments(m, s)

    def effective_step(self, state: Moments, t: Step) -> Points:
        lr = self.lr(t) / (1 - self.betas[0] ** t) if self.debias else self.lr(t)
        return lr * factor(state.m, self._curvature(state.s, t))

    def _curvature(self, s: Points, t: Step) -> Points:
        """Return shat_t + eps."""
        return (s / (1 - self.betas[1] ** t) if self.debias else s) + self.eps

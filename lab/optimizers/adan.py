"""Adan, adaptive Nesterov momentum (X. Xie, P. Zhou, H. Li, Z. Lin, S. Yan, TPAMI 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch

from lab.linalg import factor, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, PER_LENGTH, ByName


class State(NamedTuple):
    """Running means of g, of its differences and of the squared extrapolation, and the last g."""

    m: Points
    v: Points
    n: Points
    g: Points


def _as_optax(adan: Adan) -> dict[str, Any]:
    b1, b2, b3 = adan.betas
    return {"b1": b1, "b2": b2, "b3": b3, "eps": adan.eps, "eps_root": 0.0, "weight_decay": adan.weight_decay}


def _as_po(adan: Adan) -> dict[str, Any]:
    decay = {"weight_decay": adan.weight_decay, "weight_decouple": adan.no_prox}
    return {"betas": adan.betas, "eps": adan.eps} | decay


@dataclass(frozen=True, kw_only=True)
class Adan(Optimizer[State]):
    """x_t = (x_{t-1} - lr_t (mhat_t + beta2 vhat_t) / (sqrt(nhat_t) + eps)) / (1 + lr_t weight_decay).

    m, v, n are the running means of g_t, of d_t = g_t - g_{t-1} with d_1 = 0, and of (g_t + beta2 d_t)^2. betas are the
    authors' code's; the paper writes 1 - beta for each. The decay is a proximal step (no_prox: x is multiplied by
    1 - lr_t weight_decay first). The paper's box corrects no bias and starts at m_0 = g_0, v_1 = g_1 - g_0; this is the
    authors' code, which corrects all three. eps is compared with |g|.
    """

    name: ClassVar[str] = "adan"
    source: ClassVar[str] = "Xie et al., TPAMI 2024, arXiv 2208.06677, Algorithm 1; sail-sg/Adan"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="pytorch_optimizer.Adan", arguments=_as_po),
        Reference(target="pytorch_optimizer.Adan", arguments=_as_po, at={"weight_decay": 0.1, "no_prox": True}),
        Reference(target="pytorch_optimizer.Adan", arguments=_as_po, at={"weight_decay": 0.1, "no_prox": False}),
        Reference(
            target="optax.adan",
            arguments=_as_optax,
            differs="it multiplies the difference by 1 - beta2 where the algorithm has beta2 (optax PR 1715)",
        ),
        Reference(
            target="optax.adan",
            arguments=_as_optax,
            at={"betas": (0.98, 0.5, 0.99), "weight_decay": 0.1, "no_prox": True},
            says="at beta2 = 1/2 its coefficient 1 - beta2 is the right one",
        ),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"eps": GRADIENT, "weight_decay": PER_LENGTH}
    momenta: ClassVar[tuple[str, ...]] = ("betas.0", "betas.1")

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float, float] = (0.98, 0.92, 0.99)
    eps: float = 1e-8
    weight_decay: float = 0.0
    no_prox: bool = False

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "eps", "weight_decay")

    def init(self, x: Points) -> State:
        return State(*(torch.zeros_like(x) for _ in State._fields))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        beta1, beta2, beta3 = self.betas
        lr, decay = self.lr(t), self.weight_decay
        d = torch.where(t == 1, 0.0, g - state.g)
        m = beta1 * state.m + (1 - beta1) * g
        v = beta2 * state.v + (1 - beta2) * d
        n = beta3 * state.n + (1 - beta3) * (g + beta2 * d).square()
        mhat, vhat = m / (1 - beta1**t), v / (1 - beta2**t)
        u = ratio(mhat + beta2 * vhat, self._root(n, t))
        dx = -lr * (u + decay * x)
        return dx if self.no_prox else dx / (1 + lr * decay), State(m, v, n, g)

    def effective_step(self, state: State, t: Step) -> Points:
        """Return the factor of mhat_t + beta2 vhat_t."""
        step = self.lr(t) * factor(state.m, self._root(state.n, t))
        return step if self.no_prox else step / (1 + self.lr(t) * self.weight_decay)

    def _root(self, n: Points, t: Step) -> Points:
        """Return sqrt(nhat_t) + eps."""
        return (n / (1 - self.betas[2] ** t)).sqrt() + self.eps

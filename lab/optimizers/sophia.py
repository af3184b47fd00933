"""Sophia with the Hessian's diagonal given (H. Liu, Z. Li, D. Hall, P. Liang, T. Ma, ICLR 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch

from lab.errors import require
from lab.linalg import ratio
from lab.optimizer import Kind, Optimizer, Oracle
from lab.ranges import fractions, nonnegative, positive
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, LENGTH, PER_LENGTH, ByName


class State(NamedTuple):
    """Running means of g and of the diagonal of the Hessian."""

    m: Points
    h: Points


def _as_po(sophia: Sophia) -> dict[str, Any]:
    """Return the same method in units of p = gamma: clip(m / max(h, eps / gamma), +-gamma), lr / gamma times."""
    gamma = sophia.gamma
    scaled = {"lr": float(sophia.lr(torch.ones(()))) / gamma, "weight_decay": sophia.weight_decay * gamma}
    return {"betas": sophia.betas, "p": gamma, "eps": sophia.eps / gamma} | scaled


@dataclass(frozen=True, kw_only=True)
class Sophia(Optimizer[State]):
    """dx_t = -lr_t (clip(m_t / max(gamma h_t, eps), +-1) + weight_decay x_t), h from the Hessian every k-th call.

    Gradient and Hessian are asked for at the held point x, which is also the one played and returned. k =
    update_period: calls 1, k + 1, 2k + 1, ... refresh h = beta2 h + (1 - beta2) diag(H) before they use it, as in the
    paper; optax uses the h from before the refresh, and corrects the bias of m. Nothing is corrected here, so h starts
    small and the first steps are clipped ones. H is exact where the paper estimates it; only problems that know it can
    be run. Where h <= 0 the step is lr sign(m) for |m| >= eps. The degree is 0 when the objective is scaled, g and H
    alike; scaling g alone gives no degree. eps, above 0, is compared with |m|.
    """

    name: ClassVar[str] = "sophia"
    source: ClassVar[str] = "Liu et al., ICLR 2024, arXiv 2305.14342, Algorithm 3"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(
            target="pytorch_optimizer.SophiaH",
            arguments=_as_po,
            at={"lr": 0.01, "update_period": 1},
            needs_hessian=True,
        ),
    )
    homogeneity: ClassVar[float] = 0
    scales: ClassVar[tuple[str, ...]] = ("weight_decay",)
    units: ClassVar[ByName] = {"gamma": LENGTH, "eps": GRADIENT, "weight_decay": PER_LENGTH}

    lr: Schedule = Constant(1e-4)
    betas: tuple[float, float] = (0.965, 0.99)
    gamma: float = 0.01
    eps: float = 1e-12
    weight_decay: float = 0.1
    update_period: int = 10

    def validate(self) -> None:
        fractions(self, "betas")
        positive(self, "gamma", "eps")
        nonnegative(self, "weight_decay")
        require(self.update_period >= 1, self, "update_period", self.update_period, "an integer >= 1")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), h=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        beta1, _ = self.betas
        m = beta1 * state.m + (1 - beta1) * g
        u = ratio(m, (self.gamma * state.h).clamp_min(self.eps)).clamp(-1, 1)
        return -self.lr(t) * (u + self.weight_decay * x), State(m, state.h)

    def step(self, oracle: Oracle, x: Points, state: State, t: Step) -> tuple[Points, State]:
        _, beta2 = self.betas
        refreshed = beta2 * state.h + (1 - beta2) * oracle.hessian_diagonal(x)
        h = torch.where((t - 1) % self.update_period == 0, refreshed, state.h)
        dx, state = self.update(oracle(x), State(state.m, h), x, t)
        return oracle.project(x + dx), state

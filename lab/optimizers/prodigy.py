"""Prodigy, D-Adaptation that weighs late gradients more (K. Mishchenko, A. Defazio, ICML 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch

from lab.linalg import dot, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative, positive
from lab.reference import Reference
from lab.schedules import Constant, Schedule, Warmup
from lab.types import Points, Step
from lab.units import GRADIENT, LENGTH, PURE, ByName


class State(NamedTuple):
    """The start, running means of d g, (d g)^2 and weighted g; of each seed the estimate d and its numerator."""

    x0: Points
    m: Points
    v: Points
    s: Points
    d: Points
    r: Points


def _as_optax(o: Prodigy) -> dict[str, Any]:
    return {"betas": o.betas, "eps": o.eps, "estim_lr0": o.d0, "estim_lr_coef": o.d_coef}


def _as_po(o: Prodigy) -> dict[str, Any]:
    return {"betas": o.betas, "eps": o.eps, "d0": o.d0, "d_coef": o.d_coef, "bias_correction": o.debias}


AT = {"lr": 1.0, "d0": 1e-6}


@dataclass(frozen=True, kw_only=True)
class Prodigy(Optimizer[State]):
    """dx_t = -a_t m_t / (sqrt(v_t) + d_{t+1} eps), a_t = d_t lr_t; m, v are the means of d_t g_t and (d_t g_t)^2.

    d_{t+1} = max(d_t, d_coef r_t / ||s_t||_1), where r_t = beta3 r_{t-1} + (d_t/d_0) a_t <g_t, x_0 - x_{t-1}>, s_t =
    beta3 s_{t-1} + (d_t/d_0) a_t g_t and beta3 = sqrt(beta2). debias multiplies a_t by Adam's sqrt(1 - beta2^t) /
    (1 - beta1^t); the authors leave it out by default, optax always has it. As in the authors' code nothing moves while
    s = 0, so a first gradient 0 does nothing; optax returns NaN for it. eps times d stands beside d |g|, so eps is
    compared with |g|. d, r and the norm are over all of x.
    """

    name: ClassVar[str] = "prodigy"
    source: ClassVar[str] = "Mishchenko, Defazio, ICML 2024, arXiv 2306.06101, Adam version; konstmish/prodigy"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="pytorch_optimizer.Prodigy", arguments=_as_po, at=AT | {"debias": False}),
        Reference(
            target="pytorch_optimizer.Prodigy",
            arguments=_as_po,
            at=AT | {"debias": True, "lr": Warmup(Constant(1.0), 20)},
        ),
        Reference(target="optax.contrib.prodigy", arguments=_as_optax, at=AT | {"debias": True}),
        Reference(
            target="optax.contrib.prodigy",
            arguments=_as_optax,
            at=AT | {"debias": False},
            differs="it always corrects the bias",
        ),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"lr": PURE, "eps": GRADIENT, "d0": LENGTH, "d_coef": PURE}

    lr: Schedule = Constant(1.0)
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    d0: float = 1e-6
    d_coef: float = 1.0
    debias: bool = False

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "eps")
        positive(self, "d0", "d_coef")

    def init(self, x: Points) -> State:
        zero, none = torch.zeros_like(x), torch.zeros_like(x[..., :1])
        return State(x0=x, m=zero, v=zero, s=zero, d=none + self.d0, r=none)

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        beta1, beta2 = self.betas
        beta3 = beta2**0.5
        d = state.d
        a = d * (self.lr(t) * (1 - beta2**t).sqrt() / (1 - beta1**t) if self.debias else self.lr(t))
        r = beta3 * state.r + d / self.d0 * a * dot(g, state.x0 - x).unsqueeze(-1)
        m = beta1 * state.m + (1 - beta1) * d * g
        v = beta2 * state.v + (1 - beta2) * (d * g).square()
        s = beta3 * state.s + d / self.d0 * a * g
        length = s.abs().sum(-1, keepdim=True)
        still = length == 0
        d = torch.where(still, d, torch.maximum(d, self.d_coef * ratio(r, length)))
        dx = torch.where(still, 0.0, -a * ratio(m, v.sqrt() + d * self.eps))
        return dx, State(state.x0, m, v, s, d, r)

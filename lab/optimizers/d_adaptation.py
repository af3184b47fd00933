"""SGD and Adam by D-Adaptation, which estimates the distance to the solution (A. Defazio, K. Mishchenko, ICML 2023)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch

from lab.linalg import dot, norm_sq, ratio
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import fractions, nonnegative, positive
from lab.reference import Reference
from lab.schedules import Constant, Schedule, Warmup
from lab.types import Points, Step
from lab.units import GRADIENT, LENGTH, PURE, ByName


class Walk(NamedTuple):
    """The start, the weighted sum of gradients; of each seed the estimate d, its numerator and the first ||g||."""

    x0: Points
    s: Points
    d: Points
    r: Points
    g1: Points


class Moments(NamedTuple):
    """Running means of steps, of g * g and of weighted gradients; of each seed the estimate d and its numerator."""

    m: Points
    v: Points
    s: Points
    d: Points
    r: Points


@dataclass(frozen=True, kw_only=True)
class DAdaptSGD(Optimizer[Walk]):
    """s_t = s_{t-1} + a_t g_t, a_t = d_t lr_t / ||g_1||; x_t = momentum x_{t-1} + (1 - momentum) (x_0 - s_t).

    d_{t+1} = max(d_t, 2 r_t / ||s_t||) with r_t = sum_i a_i <g_i, s_{i-1}>; where s_t = 0, r_t <= 0 and d stays. lr
    multiplies the estimated distance: 1 unless that fails. Norms are over all of x. ||g_1|| is that of the first
    gradient that is not 0, until which nothing moves.
    """

    name: ClassVar[str] = "dadapt_sgd"
    source: ClassVar[str] = "Defazio, Mishchenko, ICML 2023, arXiv 2301.07733; facebookresearch/dadaptation, DAdaptSGD"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(
            target="pytorch_optimizer.DAdaptSGD",
            at={"lr": 1.0, "d0": 1e-6, "momentum": 0.9},
            arguments=lambda o: {"momentum": o.momentum, "d0": o.d0},
            tolerance=1e-6,
            says="it adds up ||g_1||^2 in float32",
        ),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"lr": PURE, "d0": LENGTH}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    lr: Schedule = Constant(1.0)
    momentum: float = 0.9
    d0: float = 1e-6

    def validate(self) -> None:
        fractions(self, "momentum")
        positive(self, "d0")

    def init(self, x: Points) -> Walk:
        none = torch.zeros_like(x[..., :1])
        return Walk(x0=x, s=torch.zeros_like(x), d=none + self.d0, r=none, g1=none)

    def update(self, g: Points, state: Walk, x: Points, t: Step) -> tuple[Points, Walk]:
        g1 = torch.where(state.g1 == 0, norm_sq(g).sqrt().unsqueeze(-1), state.g1)
        a = torch.where(g1 == 0, 0.0, state.d * self.lr(t) / torch.where(g1 == 0, 1.0, g1))
        r = state.r + a * dot(g, state.s).unsqueeze(-1)
        s = state.s + a * g
        length = norm_sq(s).sqrt().unsqueeze(-1)
        d = torch.where(length == 0, state.d, torch.maximum(state.d, ratio(2 * r, length)))
        dx = (1 - self.momentum) * (state.x0 - x - s)
        return dx, Walk(state.x0, s, d, r, g1)


def _as_optax(o: DAdaptAdam) -> dict[str, Any]:
    return {"betas": o.betas, "eps": o.eps, "estim_lr0": o.d0}


def _as_po(o: DAdaptAdam) -> dict[str, Any]:
    return {"betas": o.betas, "eps": o.eps, "d0": o.d0, "bias_correction": o.debias}


AT = {"lr": 1.0, "d0": 1e-6}


@dataclass(frozen=True, kw_only=True)
class DAdaptAdam(Optimizer[Moments]):
    """m_t = beta1 m_{t-1} + (1 - beta1) a_t g_t, a_t = d_t lr_t; dx_t = -m_t / (sqrt(v_t) + eps).

    d_{t+1} = max(d_t, rbar_t / ((1 - beta3) ||s_t||_1)), beta3 = sqrt(beta2), where s and rbar are the running means at
    rate beta3 of a_t g_t and of a_t <g_t, s_{t-1} / (sqrt(v_{t-1}) + eps)>. debias multiplies a_t by Adam's correction
    sqrt(1 - beta2^t) / (1 - beta1^t); the authors leave it out by default, optax always has it. As in the authors'
    code nothing moves while s = 0, and the first gradient may be 0. eps is compared with |g|.
    """

    name: ClassVar[str] = "dadapt_adam"
    source: ClassVar[str] = "Defazio, Mishchenko, ICML 2023, arXiv 2301.07733; facebookresearch/dadaptation, DAdaptAdam"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="pytorch_optimizer.DAdaptAdam", arguments=_as_po, at=AT | {"debias": False}),
        Reference(
            target="pytorch_optimizer.DAdaptAdam",
            arguments=_as_po,
            at=AT | {"debias": True, "lr": Warmup(Constant(1.0), 20)},
        ),
        Reference(target="optax.contrib.dadapt_adamw", arguments=_as_optax, at=AT | {"debias": True}),
        Reference(
            target="optax.contrib.dadapt_adamw",
            arguments=_as_optax,
            at=AT | {"debias": False},
            differs="it always corrects the bias",
        ),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"lr": PURE, "eps": GRADIENT, "d0": LENGTH}

    lr: Schedule = Constant(1.0)
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    d0: float = 1e-6
    debias: bool = False

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "eps")
        positive(self, "d0")

    def init(self, x: Points) -> Moments:
        zero, none = torch.zeros_like(x), torch.zeros_like(x[..., :1])
        return Moments(m=zero, v=zero, s=zero, d=none + self.d0, r=none)

    def update(self, g: Points, state: Moments, x: Points, t: Step) -> tuple[Points, Moments]:
        del x
        beta1, beta2 = self.betas
        beta3 = beta2**0.5
        lr = self.lr(t) * (1 - beta2**t).sqrt() / (1 - beta1**t) if self.debias else self.lr(t)
        a = state.d * lr
        gain = a * dot(g, ratio(state.s, state.v.sqrt() + self.eps)).unsqueeze(-1)
        m = beta1 * state.m + (1 - beta1) * a * g
        v = beta2 * state.v + (1 - beta2) * g.square()
        s = beta3 * state.s + (1 - beta3) * a * g
        length = s.abs().sum(-1, keepdim=True)
        still = length == 0
        r = torch.where(still, state.r, beta3 * state.r + (1 - beta3) * gain)
        d = torch.where(still, state.d, torch.maximum(state.d, ratio(r, (1 - beta3) * length)))
        dx = torch.where(still, 0.0, -ratio(m, v.sqrt() + self.eps))
        return dx, Moments(m, v, s, d, r)

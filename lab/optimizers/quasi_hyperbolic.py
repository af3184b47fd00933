"""Quasi-hyperbolic momentum and Adam (J. Ma, D. Yarats, ICLR 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.errors import require
from lab.linalg import ratio
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, PURE, ByName


class Mean(NamedTuple):
    """Running mean of g."""

    m: Points


class Moments(NamedTuple):
    """Running means of g and of g * g."""

    m: Points
    v: Points


@dataclass(frozen=True, kw_only=True)
class QHM(Optimizer[Mean]):
    """m_t = momentum m_{t-1} + (1 - momentum) g_t, m_0 = 0; dx_t = -lr_t (nu m_t + (1 - nu) g_t).

    nu = 0 is SGD. nu = 1 is `momentum` without dampening and with lr (1 - momentum) in place of lr; it is not
    `momentum` with dampening = momentum, whose buffer starts at g_1. The defaults are the authors' advice.
    """

    name: ClassVar[str] = "qhm"
    source: ClassVar[str] = "Ma, Yarats, ICLR 2019, arXiv 1810.06801; facebookresearch/qhoptim"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (Reference(target="pytorch_optimizer.QHM"),)
    homogeneity: ClassVar[float] = 1
    units: ClassVar[ByName] = {"nu": PURE}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    lr: Schedule = Constant(1e-3)
    momentum: float = 0.999
    nu: float = 0.7

    def validate(self) -> None:
        fractions(self, "momentum")
        require(0 <= self.nu <= 1, self, "nu", self.nu, "in [0, 1]")

    def init(self, x: Points) -> Mean:
        return Mean(m=torch.zeros_like(x))

    def update(self, g: Points, state: Mean, x: Points, t: Step) -> tuple[Points, Mean]:
        del x
        beta, nu = self.momentum, self.nu
        m = beta * state.m + (1 - beta) * g
        return -self.lr(t) * (nu * m + (1 - nu) * g), Mean(m)

    def effective_step(self, state: Mean, t: Step) -> Points:
        del state
        return self.lr(t)


@dataclass(frozen=True, kw_only=True)
class QHAdam(Optimizer[Moments]):
    """dx_t = -lr_t ((1 - nu1) g_t + nu1 mhat_t) / (sqrt((1 - nu2) g_t^2 + nu2 vhat_t) + eps).

    nus = (1, 1) is Adam. With nu2 < 1 the current square has at least the weight 1 - nu2, which bounds a coordinate's
    step whatever the gradients were. eps is compared with |g|. Where nu2 = 0 the denominator is |g_t| + eps and eps
    must be above 0. The authors' code keeps the corrected means; theirs are the same numbers. The defaults for nus and
    betas are the authors' advice.
    """

    name: ClassVar[str] = "qhadam"
    source: ClassVar[str] = "Ma, Yarats, ICLR 2019, arXiv 1810.06801; facebookresearch/qhoptim"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(
            target="pytorch_optimizer.QHAdam",
            tolerance=1e-6,
            says="it keeps the weights of its running means in float32",
        ),
        Reference(
            target="torch.optim.Adam",
            arguments=lambda o: {"betas": o.betas, "eps": o.eps},
            at={"nus": (1.0, 1.0)},
        ),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"nus": PURE, "eps": GRADIENT}

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float] = (0.995, 0.999)
    nus: tuple[float, float] = (0.7, 1.0)
    eps: float = 1e-8

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "eps")
        for i, nu in enumerate(self.nus):
            require(0 <= nu <= 1, self, f"nus[{i}]", nu, "in [0, 1]")
        require(self.eps > 0 or self.nus[1] > 0, self, "eps", self.eps, "above 0 where nus[1] = 0")

    def init(self, x: Points) -> Moments:
        return Moments(m=torch.zeros_like(x), v=torch.zeros_like(x))

    def update(self, g: Points, state: Moments, x: Points, t: Step) -> tuple[Points, Moments]:
        del x
        (beta1, beta2), (nu1, nu2) = self.betas, self.nus
        m = beta1 * state.m + (1 - beta1) * g
        v = beta2 * state.v + (1 - beta2) * g.square()
        mhat, vhat = m / (1 - beta1**t), v / (1 - beta2**t)
        num = (1 - nu1) * g + nu1 * mhat
        den = ((1 - nu2) * g.square() + nu2 * vhat).sqrt() + self.eps
        return -self.lr(t) * ratio(num, den), Moments(m, v)

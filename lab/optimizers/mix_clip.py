"""Clipped gradients, clipped momentum, and their mixture (B. Zhang, J. Jin, C. Fang, L. Wang, NeurIPS 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from lab.errors import require
from lab.linalg import norm_sq
from lab.optimizer import Kind, Optimizer, Stateless, Symmetry
from lab.ranges import fractions, positive
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import LENGTH, PURE, STEP_SIZE, ByName

EVERY: tuple[Symmetry, ...] = ("permutation", "signs", "rotation")
HELD_TO = "none: no library has it; tests/test_clipping.py holds it to the paper in 50 digits"


class State(NamedTuple):
    """The running mean of g."""

    m: Points


def clipped(v: Points, lr: Tensor, gamma: float, soft: bool) -> Points:
    """Return min(lr, gamma / ||v||) v, or, soft, lr / (1 + lr ||v|| / gamma) v: `(..., d)`, gamma long at most."""
    length = norm_sq(v).sqrt().unsqueeze(-1)
    if soft:
        return lr / (1 + lr * length / gamma) * v
    return torch.where(lr * length > gamma, gamma / length, lr) * v


@dataclass(frozen=True, kw_only=True)
class GDClip(Optimizer[Stateless]):
    """dx_t = -min(lr_t, gamma / ||g_t||) g_t, the norm being that of all of x.

    gamma is the length of the longest step. Zhang, He, Sra, Jadbabaie (arXiv 1905.11881) clip at max_norm = gamma / lr:
    with a constant lr that is the same and is `gclip`; under a schedule gclip's longest step shrinks with lr, this
    one's does not. soft: lr / (1 + lr ||g|| / gamma) in place of the minimum, between half of it and all of it.
    """

    name: ClassVar[str] = "gd_clip"
    source: ClassVar[str] = "Zhang, Jin, Fang, Wang, NeurIPS 2020, arXiv 2010.02519, Algorithm 1 with nu = 0"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[str] = HELD_TO
    units: ClassVar[ByName] = {"lr": STEP_SIZE, "gamma": LENGTH, "nu": PURE}
    symmetries: ClassVar[tuple[Symmetry, ...]] = EVERY

    lr: Schedule = Constant(0.1)
    gamma: float = 0.1
    soft: bool = False

    def validate(self) -> None:
        positive(self, "gamma")

    def init(self, x: Points) -> Stateless:
        del x
        return Stateless()

    def update(self, g: Points, state: Stateless, x: Points, t: Step) -> tuple[Points, Stateless]:
        del x
        return -clipped(g, self.lr(t), self.gamma, self.soft), state


@dataclass(frozen=True, kw_only=True)
class MomClip(Optimizer[State]):
    """m_t = momentum m_{t-1} + (1 - momentum) g_t, dx_t = -min(lr_t, gamma / ||m_t||) m_t.

    m_0 = 0 without correction, as in the authors' code. soft: lr / (1 + lr ||m|| / gamma) in place of the minimum,
    which is what their MomClip class computes.
    """

    name: ClassVar[str] = "mom_clip"
    source: ClassVar[str] = "Zhang, Jin, Fang, Wang, NeurIPS 2020, arXiv 2010.02519, Algorithm 1 with nu = 1"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[str] = HELD_TO
    units: ClassVar[ByName] = {"lr": STEP_SIZE, "gamma": LENGTH, "nu": PURE}
    symmetries: ClassVar[tuple[Symmetry, ...]] = EVERY

    lr: Schedule = Constant(0.1)
    gamma: float = 0.1
    momentum: float = 0.9
    soft: bool = False

    def validate(self) -> None:
        positive(self, "gamma")
        fractions(self, "momentum")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        m = self.momentum * state.m + (1 - self.momentum) * g
        return -clipped(m, self.lr(t), self.gamma, self.soft), State(m)


@dataclass(frozen=True, kw_only=True)
class MixClip(Optimizer[State]):
    """dx_t = -nu min(lr_t, gamma / ||m_t||) m_t - (1 - nu) min(lr_t, gamma / ||g_t||) g_t, m_t as in MomClip.

    soft: both minima replaced by lr / (1 + lr ||.|| / gamma), which is what the authors' MixClip class computes; their
    experiments are with it, their theorems with the minimum.
    """

    name: ClassVar[str] = "mix_clip"
    source: ClassVar[str] = "Zhang, Jin, Fang, Wang, NeurIPS 2020, arXiv 2010.02519, Algorithm 1"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[str] = HELD_TO
    units: ClassVar[ByName] = {"lr": STEP_SIZE, "gamma": LENGTH, "nu": PURE}
    symmetries: ClassVar[tuple[Symmetry, ...]] = EVERY

    lr: Schedule = Constant(0.1)
    gamma: float = 0.1
    momentum: float = 0.999
    nu: float = 0.7
    soft: bool = False

    def validate(self) -> None:
        positive(self, "gamma")
        fractions(self, "momentum")
        require(0 <= self.nu <= 1, self, "nu", self.nu, "in [0, 1]")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        lr, gamma, nu = self.lr(t), self.gamma, self.nu
        m = self.momentum * state.m + (1 - self.momentum) * g
        return -nu * clipped(m, lr, gamma, self.soft) - (1 - nu) * clipped(g, lr, gamma, self.soft), State(m)

"""Normalised gradients, with and without momentum (Cutkosky, Mehta, ICML 2020; Zhao, Xie, Li, 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.linalg import norm_sq, ratio
from lab.optimizer import Kind, Optimizer, Stateless, Symmetry
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step

EVERY: tuple[Symmetry, ...] = ("permutation", "signs", "rotation")
HELD_TO = "none: no library has it; tests/test_clipping.py holds it to the paper in 50 digits"


class State(NamedTuple):
    """The running mean of g."""

    m: Points


class Steps(NamedTuple):
    """The sum of unit gradients, each weighted by momentum^age."""

    b: Points


class Transported(NamedTuple):
    """The running mean of g, and the point held before."""

    m: Points
    previous: Points


def unit(v: Points, eps: float) -> Points:
    """Return v / (||v|| + eps), `(..., d)`, the norm being that of all of x; 0 where v is 0."""
    return ratio(v, norm_sq(v).sqrt().unsqueeze(-1) + eps)


@dataclass(frozen=True, kw_only=True)
class NGD(Optimizer[Stateless]):
    """dx_t = -lr_t g_t / (||g_t|| + eps), and 0 for g_t = 0.

    eps is added to the norm of the whole gradient; with it the step's length depends on the gradient's scale.
    """

    name: ClassVar[str] = "ngd"
    source: ClassVar[str] = "Nesterov, Matekon 29 (1984); Hazan, Levy, Shalev-Shwartz, NeurIPS 2015, arXiv 1507.02030"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="optax.contrib.normalize", arguments=lambda o: {}, at={"eps": 0.0}, scaled=False),
        Reference(
            target="optax.normalize_by_update_norm",
            arguments=lambda o: {"eps": o.eps},
            at={"eps": 1e-6},
            scaled=False,
        ),
    )
    homogeneity: ClassVar[float] = 0
    symmetries: ClassVar[tuple[Symmetry, ...]] = EVERY

    lr: Schedule = Constant(1e-2)
    eps: float = 0.0

    def validate(self) -> None:
        nonnegative(self, "eps")

    def init(self, x: Points) -> Stateless:
        del x
        return Stateless()

    def update(self, g: Points, state: Stateless, x: Points, t: Step) -> tuple[Points, Stateless]:
        del x
        return -self.lr(t) * unit(g, self.eps), state


@dataclass(frozen=True, kw_only=True)
class NSGDM(Optimizer[State]):
    """m_1 = g_1, m_t = momentum m_{t-1} + (1 - momentum) g_t; dx_t = -lr_t m_t / (||m_t|| + eps).

    zero_start: m_0 = 0 instead, as in most code; g_1 then weighs 1 - momentum times as much. A constant factor of m
    or a bias correction would change nothing. eps, added to ||m||, is 1e-6 in most code; then lr is no longer the
    length of the step where gradients are small.
    """

    name: ClassVar[str] = "nsgd_m"
    source: ClassVar[str] = "Cutkosky, Mehta, ICML 2020, arXiv 2002.03305, section 3"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[str] = HELD_TO
    homogeneity: ClassVar[float] = 0
    symmetries: ClassVar[tuple[Symmetry, ...]] = EVERY

    lr: Schedule = Constant(1e-2)
    momentum: float = 0.9
    eps: float = 0.0
    zero_start: bool = False

    def validate(self) -> None:
        fractions(self, "momentum")
        nonnegative(self, "eps")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        m = self.momentum * state.m + (1 - self.momentum) * g
        if not self.zero_start:
            m = torch.where(t == 1, g, m)
        return -self.lr(t) * unit(m, self.eps), State(m)


@dataclass(frozen=True, kw_only=True)
class NIGT(Optimizer[Transported]):
    """As NSGDM with g_t taken at z_t = x_{t-1} + momentum / (1 - momentum) (x_{t-1} - x_{t-2}), x_0 = x_{-1}.

    m_1 = g_1, m_t = momentum m_{t-1} + (1 - momentum) g_t, x_t = x_{t-1} - lr_t m_t / (||m_t|| + eps). Queried and
    played: z_t. Held, projected and returned: x_t. On a bounded domain z_t may lie outside. On a quadratic the
    extrapolation cancels the bias that old gradients bring into m.
    """

    name: ClassVar[str] = "nigt"
    source: ClassVar[str] = "Cutkosky, Mehta, ICML 2020, arXiv 2002.03305, Algorithm 1 (NIGT)"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[str] = HELD_TO
    homogeneity: ClassVar[float] = 0
    symmetries: ClassVar[tuple[Symmetry, ...]] = EVERY

    lr: Schedule = Constant(1e-2)
    momentum: float = 0.9
    eps: float = 0.0

    def validate(self) -> None:
        fractions(self, "momentum")
        nonnegative(self, "eps")

    def init(self, x: Points) -> Transported:
        return Transported(m=torch.zeros_like(x), previous=x)

    def query(self, x: Points, state: Transported, t: Step) -> Points:
        del t
        return x + self.momentum / (1 - self.momentum) * (x - state.previous)

    def update(self, g: Points, state: Transported, x: Points, t: Step) -> tuple[Points, Transported]:
        m = torch.where(t == 1, g, self.momentum * state.m + (1 - self.momentum) * g)
        return -self.lr(t) * unit(m, self.eps), Transported(m, previous=x)


@dataclass(frozen=True, kw_only=True)
class SNGM(Optimizer[Steps]):
    """b_t = momentum b_{t-1} + g_t / (||g_t|| + eps), dx_t = -lr_t b_t: momentum of normalised gradients.

    A step is shorter than lr / (1 - momentum); that of `nsgd_m`, which normalises the momentum, has length lr.
    """

    name: ClassVar[str] = "sngm"
    source: ClassVar[str] = "Zhao, Xie, Li, 2020, arXiv 2007.13985, Algorithm 1 (SNGM)"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[str] = HELD_TO
    homogeneity: ClassVar[float] = 0
    symmetries: ClassVar[tuple[Symmetry, ...]] = EVERY

    lr: Schedule = Constant(1e-2)
    momentum: float = 0.9
    eps: float = 0.0

    def validate(self) -> None:
        fractions(self, "momentum")
        nonnegative(self, "eps")

    def init(self, x: Points) -> Steps:
        return Steps(b=torch.zeros_like(x))

    def update(self, g: Points, state: Steps, x: Points, t: Step) -> tuple[Points, Steps]:
        del x
        b = self.momentum * state.b + unit(g, self.eps)
        return -self.lr(t) * b, Steps(b)

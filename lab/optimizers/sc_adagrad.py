"""SC-AdaGrad, SC-RMSprop, and RMSprop with a regret bound (M. Mukkamala, M. Hein, ICML 2017)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.errors import require
from lab.linalg import factor, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import nonnegative
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, GRADIENT_SQ, PURE, ByName, Units

HELD_TO = "none: no library has it; tests/test_adagrad_family.py holds it to the paper in 50 digits"


class Sum(NamedTuple):
    """The sum of g * g, and the denominators."""

    v: Points
    A: Points


class Mean(NamedTuple):
    """A mean of g * g with weights that forget slowly, and the denominators."""

    v: Points
    A: Points


@dataclass(frozen=True, kw_only=True)
class SCAdaGrad(Optimizer[Sum]):
    """v_t = v_{t-1} + g_t^2, dx_t = -lr_t g_t / A_t with A_t = v_t + xi2 exp(-xi1 v_t); projected in the norm of A_t.

    No root: for strongly convex losses, with lr constant. A step has the units of 1/g, so that lr is to be of the order
    G^2 / mu and is no length. xi2 is compared with the sum of g^2, xi1 with its inverse; xi1 = 0 is a constant damping.
    """

    name: ClassVar[str] = "sc_adagrad"
    source: ClassVar[str] = "Mukkamala, Hein, ICML 2017, arXiv 1706.05507, Algorithm 2 (SC-Adagrad)"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = HELD_TO
    homogeneity: ClassVar[float] = -1
    scales: ClassVar[tuple[str, ...]] = ("xi2",)
    units: ClassVar[ByName] = {"xi1": Units(F=-2, X=2), "xi2": GRADIENT_SQ}

    lr: Schedule = Constant(1e-2)
    xi1: float = 0.1
    xi2: float = 0.1

    def validate(self) -> None:
        nonnegative(self, "xi1", "xi2")

    def init(self, x: Points) -> Sum:
        return Sum(v=torch.zeros_like(x), A=torch.zeros_like(x))

    def update(self, g: Points, state: Sum, x: Points, t: Step) -> tuple[Points, Sum]:
        del x
        v = state.v + g.square()
        A = v + self.xi2 * torch.exp(-self.xi1 * v)
        return -self.lr(t) * ratio(g, A), Sum(v, A)

    def effective_step(self, state: Sum, t: Step) -> Points:
        return self.lr(t) * factor(state.v, state.A)

    def metric(self, state: Sum) -> Points:
        return state.A


@dataclass(frozen=True, kw_only=True)
class SCRMSprop(Optimizer[Mean]):
    """v_t = (1 - gamma/t) v_{t-1} + gamma/t g_t^2, dx_t = -lr_t g_t / A_t, A_t = t v_t + xi2 exp(-xi1 t v_t).

    The step size lr/t of the paper is in the factor t of A_t: lr is constant in theory. gamma = 1 is SC-AdaGrad. Units
    as there; projected in the norm of A_t.
    """

    name: ClassVar[str] = "sc_rmsprop"
    source: ClassVar[str] = "Mukkamala, Hein, ICML 2017, arXiv 1706.05507, Algorithm 4 (SC-RMSProp)"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = HELD_TO
    homogeneity: ClassVar[float] = -1
    scales: ClassVar[tuple[str, ...]] = ("xi2",)
    units: ClassVar[ByName] = {"gamma": PURE, "xi1": Units(F=-2, X=2), "xi2": GRADIENT_SQ}

    lr: Schedule = Constant(1e-2)
    gamma: float = 0.9
    xi1: float = 0.1
    xi2: float = 0.1

    def validate(self) -> None:
        require(0 < self.gamma <= 1, self, "gamma", self.gamma, "in (0, 1]")
        nonnegative(self, "xi1", "xi2")

    def init(self, x: Points) -> Mean:
        return Mean(v=torch.zeros_like(x), A=torch.zeros_like(x))

    def update(self, g: Points, state: Mean, x: Points, t: Step) -> tuple[Points, Mean]:
        del x
        v = (1 - self.gamma / t) * state.v + self.gamma / t * g.square()
        A = t * v + self.xi2 * torch.exp(-self.xi1 * t * v)
        return -self.lr(t) * ratio(g, A), Mean(v, A)

    def effective_step(self, state: Mean, t: Step) -> Points:
        return self.lr(t) * factor(state.v, state.A)

    def metric(self, state: Mean) -> Points:
        return state.A


@dataclass(frozen=True, kw_only=True)
class RMSpropMH(Optimizer[Mean]):
    """v_t = (1 - gamma/t) v_{t-1} + gamma/t g_t^2, dx_t = -lr_t g_t / A_t, A_t = sqrt(t v_t) + eps.

    The RMSprop that has a regret bound: its decay tends to 1, and the step size lr/sqrt(t) of the paper is in the
    factor t of A_t, so that lr is constant in theory. gamma = 1 is AdaGrad. eps is compared with the root of a sum of
    g^2, not of a mean; it alone breaks the independence of the gradient's scale.
    """

    name: ClassVar[str] = "rmsprop_mh"
    source: ClassVar[str] = "Mukkamala, Hein, ICML 2017, arXiv 1706.05507, Algorithm 3 (RMSProp)"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = HELD_TO
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"gamma": PURE, "eps": GRADIENT}

    lr: Schedule = Constant(1e-2)
    gamma: float = 0.9
    eps: float = 1e-8

    def validate(self) -> None:
        require(0 < self.gamma <= 1, self, "gamma", self.gamma, "in (0, 1]")
        nonnegative(self, "eps")

    def init(self, x: Points) -> Mean:
        return Mean(v=torch.zeros_like(x), A=torch.zeros_like(x))

    def update(self, g: Points, state: Mean, x: Points, t: Step) -> tuple[Points, Mean]:
        del x
        v = (1 - self.gamma / t) * state.v + self.gamma / t * g.square()
        A = (t * v).sqrt() + self.eps
        return -self.lr(t) * ratio(g, A), Mean(v, A)

    def effective_step(self, state: Mean, t: Step) -> Points:
        return self.lr(t) * factor(state.v, state.A)

    def metric(self, state: Mean) -> Points:
        return state.A

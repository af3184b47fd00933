"""SAdam and FastAdaBelief, for strongly convex losses (G. Wang et al., ICLR 2020; Y. Zhou et al., 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.errors import require
from lab.linalg import factor, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative, positive
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT_SQ, PURE, ByName, Units

HELD_TO = "none: no library has it; tests/test_adagrad_family.py holds it to the paper in 50 digits"


class State(NamedTuple):
    """The running mean of g, a mean of g * g with weights that forget slowly, and the denominators."""

    m: Points
    v: Points
    A: Points


class Belief(NamedTuple):
    """The running mean of g, a mean of (g - m)^2, its largest value so far, and the denominators."""

    m: Points
    s: Points
    shat: Points
    A: Points


@dataclass(frozen=True, kw_only=True)
class SAdam(Optimizer[State]):
    """dx_t = -lr_t m_t / A_t, A_t = t v_t + xi2 exp(-xi1 t v_t), v_t = (1 - gamma/t) v_{t-1} + gamma/t g_t^2.

    m_t is the running mean of g, from 0. The paper's step size lr/t and damping delta/t are in A_t, in whose norm the
    method projects: lr is constant in theory, of the order G^2 / mu, and the step has the units of 1/g. xi1 = 0 is the
    constant delta = xi2 of the authors' code; xi2 is compared with a sum of g^2 and breaks the degree -1. No root and
    no bias correction. Not the Sadam of Tong, Liang, Bi (arXiv 1908.00700), which puts a softplus around Adam's root.
    """

    name: ClassVar[str] = "sadam"
    source: ClassVar[str] = "Wang, Lu, Cheng, Tu, Zhang, ICLR 2020, arXiv 1905.02957, Algorithm 1 (SAdam)"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = HELD_TO
    homogeneity: ClassVar[float] = -1
    scales: ClassVar[tuple[str, ...]] = ("xi2",)
    units: ClassVar[ByName] = {"gamma": PURE, "xi1": Units(F=-2, X=2), "xi2": GRADIENT_SQ}

    lr: Schedule = Constant(1e-2)
    beta1: float = 0.9
    gamma: float = 0.9
    xi1: float = 0.0
    xi2: float = 1e-2

    def validate(self) -> None:
        fractions(self, "beta1")
        require(0 < self.gamma <= 1, self, "gamma", self.gamma, "in (0, 1]")
        nonnegative(self, "xi1", "xi2")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), v=torch.zeros_like(x), A=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = (1 - self.gamma / t) * state.v + self.gamma / t * g.square()
        A = t * v + self.xi2 * torch.exp(-self.xi1 * t * v)
        return -self.lr(t) * ratio(m, A), State(m, v, A)

    def effective_step(self, state: State, t: Step) -> Points:
        return self.lr(t) * factor(state.m, state.A)

    def metric(self, state: State) -> Points:
        return state.A


@dataclass(frozen=True, kw_only=True)
class FastAdaBelief(Optimizer[Belief]):
    """dx_t = -lr_t m_t / (t shat_t + delta), s_t = (1 - gamma/t) s_{t-1} + gamma/t (g_t - m_t)^2, shat_t the largest s.

    m_t is the running mean of g, from 0. The step size lr/t and the damping delta/t are in A_t = t shat_t + delta, in
    whose norm the method projects; units as in SAdam, delta > 0 being compared with t times a mean of (g - m)^2. Public
    ports disagree: of three, one has no maximum (amsgrad=False is that one), one leaves 1/t to the user's lr, one keeps
    beta2 constant. Each part of this form is in two of them.
    """

    name: ClassVar[str] = "fastadabelief"
    source: ClassVar[str] = "Zhou, Huang, Xu, Hussain, 2021, arXiv 2104.13790, Algorithm 1, as public ports have it"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = HELD_TO
    homogeneity: ClassVar[float] = -1
    scales: ClassVar[tuple[str, ...]] = ("delta",)
    units: ClassVar[ByName] = {"gamma": PURE, "delta": GRADIENT_SQ}

    lr: Schedule = Constant(1e-2)
    beta1: float = 0.9
    gamma: float = 0.9
    delta: float = 1e-2
    amsgrad: bool = True

    def validate(self) -> None:
        fractions(self, "beta1")
        require(0 < self.gamma <= 1, self, "gamma", self.gamma, "in (0, 1]")
        positive(self, "delta")

    def init(self, x: Points) -> Belief:
        none = torch.zeros_like(x)
        return Belief(m=none, s=none, shat=none, A=none)

    def update(self, g: Points, state: Belief, x: Points, t: Step) -> tuple[Points, Belief]:
        del x
        m = self.beta1 * state.m + (1 - self.beta1) * g
        s = (1 - self.gamma / t) * state.s + self.gamma / t * (g - m).square()
        shat = torch.maximum(state.shat, s) if self.amsgrad else s
        A = t * shat + self.delta
        return -self.lr(t) * ratio(m, A), Belief(m, s, shat, A)

    def effective_step(self, state: Belief, t: Step) -> Points:
        return self.lr(t) / state.A  # delta > 0

    def metric(self, state: Belief) -> Points:
        return state.A

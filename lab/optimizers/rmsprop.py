"""RMSprop: plain and centered as torch.optim has them, and as optax has it (T. Tieleman, G. Hinton, 2012)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.linalg import factor, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, InvSqrt, Schedule
from lab.types import Points, Step
from lab.units import CURVATURE, GRADIENT, GRADIENT_SQ, PURE, ByName

LECTURE = "Tieleman, Hinton, Coursera lecture 6.5 (2012)"
MOVING = {"momentum": 0.9, "lr": InvSqrt(1e-2)}  # where momentum inside and outside of lr are told apart


class State(NamedTuple):
    """The running mean of g * g, and the momentum buffer."""

    v: Points
    b: Points


class Centered(NamedTuple):
    """Running means of g and of g * g, and the momentum buffer."""

    a: Points
    v: Points
    b: Points


def _as_torch(o: RMSprop | RMSpropCentered) -> dict[str, float]:
    return {"alpha": o.alpha, "eps": o.eps, "weight_decay": o.weight_decay, "momentum": o.momentum}


def _as_optax(o: RMSprop | RMSpropCentered | RMSpropOptax) -> dict[str, float]:
    return {"decay": o.alpha, "eps": o.eps, "momentum": o.momentum}


@dataclass(frozen=True, kw_only=True)
class RMSprop(Optimizer[State]):
    """v_t = alpha v + (1 - alpha) g_t^2, b_t = momentum b + g_t / (sqrt(v_t) + eps), dx_t = -lr_t b_t; torch's form.

    weight_decay is coupled: g_t + weight_decay x stands for g_t in both lines. eps is compared with |g| and breaks the
    independence of the gradient's scale. v_0 = 0 is not corrected, so that the first step is lr / sqrt(1 - alpha),
    10 lr by default. The lecture has alpha = 0.9.
    """

    name: ClassVar[str] = "rmsprop"
    source: ClassVar[str] = f"{LECTURE}; torch.optim.RMSprop"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="torch.optim.RMSprop"),
        Reference(target="torch.optim.RMSprop", arguments=_as_torch, at={**MOVING, "weight_decay": 0.1}),
        Reference(target="optax.rmsprop", arguments=lambda o: _as_optax(o) | {"eps_in_sqrt": False}),
        Reference(target="optax.rmsprop", arguments=_as_optax, at={"eps": 1e-6}, differs="eps stands inside the root"),
        Reference(
            target="optax.rmsprop",
            arguments=lambda o: _as_optax(o) | {"eps_in_sqrt": False},
            at=MOVING,
            differs="its momentum holds lr_t, so that old steps keep their step sizes under a schedule",
        ),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"alpha": PURE, "eps": GRADIENT, "weight_decay": CURVATURE}

    lr: Schedule = Constant(1e-2)
    alpha: float = 0.99
    eps: float = 1e-8
    weight_decay: float = 0.0
    momentum: float = 0.0

    def validate(self) -> None:
        fractions(self, "alpha", "momentum")
        nonnegative(self, "eps", "weight_decay")

    def init(self, x: Points) -> State:
        return State(v=torch.zeros_like(x), b=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        g = self.gradient_used(g, x)
        v = self.alpha * state.v + (1 - self.alpha) * g.square()
        b = self.momentum * state.b + ratio(g, v.sqrt() + self.eps)
        return -self.lr(t) * b, State(v, b)

    def effective_step(self, state: State, t: Step) -> Points:
        """Return the factor of g_t; the earlier gradients in b keep the factors of their own steps, but for lr_t."""
        return self.lr(t) * factor(state.v, state.v.sqrt() + self.eps)

    def gradient_used(self, g: Points, x: Points) -> Points:
        return g + self.weight_decay * x

    def metric(self, state: State) -> Points:
        return state.v.sqrt()


@dataclass(frozen=True, kw_only=True)
class RMSpropCentered(Optimizer[Centered]):
    """As RMSprop, with sqrt(max(0, v_t - a_t^2)) for sqrt(v_t), where a_t = alpha a + (1 - alpha) g_t.

    The maximum with 0 is a deviation: v - a^2 is a variance and never negative, but rounding makes it so where
    gradients are nearly constant, and then torch and optax give NaN. Here the step is lr g / eps there, finite and
    enormous: the method's own trouble, at a vanishing variance. With eps = 0 it is infinite, 0/0 being 0. Graves has
    eps inside the root.
    """

    name: ClassVar[str] = "rmsprop_centered"
    source: ClassVar[str] = f"Graves, 2013, arXiv 1308.0850, equations 38-45, after {LECTURE}; torch.optim.RMSprop"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="torch.optim.RMSprop", arguments=lambda o: _as_torch(o) | {"centered": True}),
        Reference(
            target="torch.optim.RMSprop",
            arguments=lambda o: _as_torch(o) | {"centered": True},
            at={**MOVING, "weight_decay": 0.1},
        ),
        Reference(target="optax.rmsprop", arguments=lambda o: _as_optax(o) | {"centered": True, "eps_in_sqrt": False}),
        Reference(
            target="optax.rmsprop",
            arguments=lambda o: _as_optax(o) | {"centered": True},
            at={"eps": 1e-6},
            differs="eps stands inside the root",
        ),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"alpha": PURE, "eps": GRADIENT, "weight_decay": CURVATURE}

    lr: Schedule = Constant(1e-2)
    alpha: float = 0.99
    eps: float = 1e-8
    weight_decay: float = 0.0
    momentum: float = 0.0

    def validate(self) -> None:
        fractions(self, "alpha", "momentum")
        nonnegative(self, "eps", "weight_decay")

    def init(self, x: Points) -> Centered:
        return Centered(a=torch.zeros_like(x), v=torch.zeros_like(x), b=torch.zeros_like(x))

    def update(self, g: Points, state: Centered, x: Points, t: Step) -> tuple[Points, Centered]:
        g = self.gradient_used(g, x)
        a = self.alpha * state.a + (1 - self.alpha) * g
        v = self.alpha * state.v + (1 - self.alpha) * g.square()
        b = self.momentum * state.b + ratio(g, self._deviation(a, v))
        return -self.lr(t) * b, Centered(a, v, b)

    def effective_step(self, state: Centered, t: Step) -> Points:
        """Return the factor of g_t, as `rmsprop` does; infinite where eps = 0 and the variance vanishes."""
        return self.lr(t) * factor(state.v, self._deviation(state.a, state.v))

    def _deviation(self, a: Points, v: Points) -> Points:
        return (v - a.square()).clamp(min=0.0).sqrt() + self.eps

    def gradient_used(self, g: Points, x: Points) -> Points:
        return g + self.weight_decay * x


@dataclass(frozen=True, kw_only=True)
class RMSpropOptax(Optimizer[State]):
    """v_t = alpha v + (1 - alpha) g_t^2, b_t = momentum b + lr_t g_t / sqrt(v_t + eps), dx_t = -b_t; optax's form.

    eps stands inside the root and is compared with g^2: 1e-8 here acts like 1e-4 in `rmsprop`. lr_t is inside the
    momentum. alpha is optax's `decay`.
    """

    name: ClassVar[str] = "rmsprop_optax"
    source: ClassVar[str] = f"{LECTURE}; optax.rmsprop"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="optax.rmsprop", arguments=_as_optax),
        Reference(target="optax.rmsprop", arguments=_as_optax, at=MOVING),
        Reference(
            target="torch.optim.RMSprop",
            arguments=lambda o: {"alpha": o.alpha, "eps": o.eps, "momentum": o.momentum},
            at={"eps": 1e-6},
            differs="eps stands outside the root",
        ),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"alpha": PURE, "eps": GRADIENT_SQ}

    lr: Schedule = Constant(1e-2)
    alpha: float = 0.9
    eps: float = 1e-8
    momentum: float = 0.0

    def validate(self) -> None:
        fractions(self, "alpha", "momentum")
        nonnegative(self, "eps")

    def init(self, x: Points) -> State:
        return State(v=torch.zeros_like(x), b=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        v = self.alpha * state.v + (1 - self.alpha) * g.square()
        b = self.momentum * state.b + self.lr(t) * ratio(g, (v + self.eps).sqrt())
        return -b, State(v, b)

    def effective_step(self, state: State, t: Step) -> Points:
        """Return the factor of g_t; the earlier gradients in b keep the factors of their own steps."""
        return self.lr(t) * factor(state.v, (state.v + self.eps).sqrt())

    def metric(self, state: State) -> Points:
        return state.v.sqrt()

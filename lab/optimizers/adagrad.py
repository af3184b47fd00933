"""AdaGrad, diagonal (J. Duchi, E. Hazan, Y. Singer, JMLR 12, 2011)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.linalg import factor, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT_SQ, ByName


class State(NamedTuple):
    """The sum of g * g."""

    s: Points


@dataclass(frozen=True, kw_only=True)
class AdaGrad(Optimizer[State]):
    """s_t = s_{t-1} + g_t^2, dx_t = -lr_t g_t / (sqrt(s_t) + eps); mirror descent form, with lr constant in theory.

    eps = 0 is the theorem's method (0/0 = 0: a coordinate without a gradient so far does not move).
    """

    name: ClassVar[str] = "adagrad"
    source: ClassVar[str] = "Duchi, Hazan, Singer, JMLR 12 (2011), Figure 1 (diagonal, composite mirror descent)"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="torch.optim.Adagrad"),
        Reference(
            target="optax.adagrad",
            arguments=lambda o: {"eps": o.eps},
            differs="its sum of squares starts at 0.1 and eps stands inside the root",
        ),
    )
    homogeneity: ClassVar[float] = 0

    lr: Schedule = Constant(1e-2)
    eps: float = 1e-10

    def validate(self) -> None:
        nonnegative(self, "eps")

    def init(self, x: Points) -> State:
        return State(s=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        s = state.s + g.square()
        return -self.lr(t) * ratio(g, s.sqrt() + self.eps), State(s)

    def effective_step(self, state: State, t: Step) -> Points:
        return self.lr(t) * factor(state.s, state.s.sqrt() + self.eps)

    def metric(self, state: State) -> Points:
        return state.s.sqrt()


@dataclass(frozen=True, kw_only=True)
class AdaGradOptax(Optimizer[State]):
    """s_0 = initial_accumulator_value, s_t = s_{t-1} + g_t^2, dx_t = -lr_t g_t / sqrt(s_t + eps); optax's form.

    Both constants are compared with a sum of g^2 and break the independence of the gradient's scale: with s_0 = 0.1 the
    method is gradient descent of step size about 3 lr until the squares of the gradients have summed to 0.1.
    """

    name: ClassVar[str] = "adagrad_optax"
    source: ClassVar[str] = "Duchi, Hazan, Singer, JMLR 12 (2011), Figure 1; optax.adagrad"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="optax.adagrad"),
        Reference(
            target="torch.optim.Adagrad",
            arguments=lambda o: {"eps": o.eps, "initial_accumulator_value": o.initial_accumulator_value},
            at={"eps": 1e-4},
            differs="eps stands outside the root",
        ),
    )
    homogeneity: ClassVar[float] = 0
    scales: ClassVar[tuple[str, ...]] = ("eps", "initial_accumulator_value")
    units: ClassVar[ByName] = {"initial_accumulator_value": GRADIENT_SQ, "eps": GRADIENT_SQ}

    lr: Schedule = Constant(1e-2)
    initial_accumulator_value: float = 0.1
    eps: float = 1e-7

    def validate(self) -> None:
        nonnegative(self, "initial_accumulator_value", "eps")

    def init(self, x: Points) -> State:
        return State(s=torch.zeros_like(x) + self.initial_accumulator_value)

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        s = state.s + g.square()
        return -self.lr(t) * ratio(g, (s + self.eps).sqrt()), State(s)

    def effective_step(self, state: State, t: Step) -> Points:
        return self.lr(t) * factor(state.s, (state.s + self.eps).sqrt())

    def metric(self, state: State) -> Points:
        return state.s.sqrt()

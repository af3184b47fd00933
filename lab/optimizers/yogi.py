"""Yogi: Adam with an additive second moment (M. Zaheer, S. Reddi, D. Sachan, S. Kale, S. Kumar, NeurIPS 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.linalg import factor, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, GRADIENT_SQ, ByName


class State(NamedTuple):
    """The running mean of g, and the second moment."""

    m: Points
    v: Points


STARTS_M = "it starts m, too, at 1e-6: a drift that no gradient asked for"


def _as_optax(o: Yogi) -> dict[str, float]:
    return {"b1": o.betas[0], "b2": o.betas[1], "eps": o.eps}


@dataclass(frozen=True, kw_only=True)
class Yogi(Optimizer[State]):
    """v_t = v_{t-1} - (1 - beta2) sign(v_{t-1} - g_t^2) g_t^2, dx_t = -lr_t mhat_t / (sqrt(vhat_t) + eps).

    v changes by at most (1 - beta2) g^2, in both directions, and stays >= 0: it falls only where it exceeds g^2.
    v_0 = initial_accumulator; m_0 = 0, where optax and pytorch_optimizer start m at the accumulator too. As there,
    biases are corrected (though v_0 is not 0); debias=False is the paper's rule. eps is compared with sqrt(vhat), a
    gradient, and at its default 1e-3 it matters: together with v_0 it breaks the invariance to the gradients' scale.
    """

    name: ClassVar[str] = "yogi"
    source: ClassVar[str] = "Zaheer, Reddi, Sachan, Kale, Kumar, NeurIPS 2018, Algorithm 2 (Yogi)"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(
            target="pytorch_optimizer.Yogi",
            arguments=lambda o: {"betas": o.betas, "eps": o.eps, "initial_accumulator": 0.0},
            at={"initial_accumulator": 0.0, "debias": True},
        ),
        Reference(
            target="optax.scale_by_yogi",
            arguments=lambda o: _as_optax(o) | {"initial_accumulator_value": 0.0},
            at={"initial_accumulator": 0.0, "debias": True},
            scaled=False,
        ),
        Reference(
            target="pytorch_optimizer.Yogi",
            arguments=lambda o: {"betas": o.betas, "eps": o.eps},
            at={"debias": True},
            differs=STARTS_M,
        ),
        Reference(target="optax.yogi", arguments=_as_optax, at={"debias": True}, differs=STARTS_M),
    )
    homogeneity: ClassVar[float] = 0
    scales: ClassVar[tuple[str, ...]] = ("eps", "initial_accumulator")
    units: ClassVar[ByName] = {"eps": GRADIENT, "initial_accumulator": GRADIENT_SQ}

    lr: Schedule = Constant(1e-2)
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-3
    initial_accumulator: float = 1e-6
    debias: bool = True

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "eps", "initial_accumulator")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), v=torch.zeros_like(x) + self.initial_accumulator)

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        beta1, beta2 = self.betas
        m = beta1 * state.m + (1 - beta1) * g
        v = state.v - (1 - beta2) * (state.v - g.square()).sign() * g.square()
        mhat = m / (1 - beta1**t) if self.debias else m
        return -self.lr(t) * ratio(mhat, self._root(v, t)), State(m, v)

    def effective_step(self, state: State, t: Step) -> Points:
        lr = self.lr(t) / (1 - self.betas[0] ** t) if self.debias else self.lr(t)
        return lr * factor(state.m, self._root(state.v, t))

    def _root(self, v: Points, t: Step) -> Points:
        """Return sqrt(vhat_t) + eps."""
        return (v / (1 - self.betas[1] ** t) if self.debias else v).sqrt() + self.eps

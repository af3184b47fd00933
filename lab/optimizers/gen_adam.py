"""The Adam-type methods in one form (X. Chen, S. Liu, R. Sun, M. Hong, ICLR 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch

from lab.errors import require
from lab.linalg import factor, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, InvSqrt, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, PURE, ByName

RULES = ("adam", "amsgrad", "adafom", "sgd")


class State(NamedTuple):
    """The running mean of g, what the rule remembers of g * g, and the second moment that divides."""

    m: Points
    v: Points
    vhat: Points


def _plain(o: Any) -> dict[str, object]:
    plain = {"bias_correction_mu": False, "bias_correction_nu": False}
    return {"b1": o.betas[0], "b2": o.betas[1], "eps": o.eps} | plain


@dataclass(frozen=True, kw_only=True)
class GenAdam(Optimizer[State]):
    """dx_t = -lr_t m_t / (sqrt(vhat_t) + eps), where vhat_t = h_t(g_1, ..., g_t) is any rule for the second moment.

    second_moment: "adam", the running mean v_t = beta2 v_{t-1} + (1 - beta2) g_t^2; "amsgrad", the largest v_t so far;
    "adafom", the mean of all g^2 (AdaGrad, if beta1 = 0); "sgd", 1. m has beta1_t = beta1 beta1_decay^(t-1). There is
    no bias correction, so "adam" is adam(debias=False). eps = 0 in the paper (here 0/0 = 0), and compared with a
    gradient. The paper does not project; on a bounded domain this does so in the norm of sqrt(vhat_t), as Reddi,
    Kale, Kumar (ICLR 2018) do.
    """

    name: ClassVar[str] = "gen_adam"
    source: ClassVar[str] = "Chen, Liu, Sun, Hong, ICLR 2019, arXiv 1808.02941, Algorithm 1 and Table 1"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(
            target="optax.amsgrad", arguments=_plain, at={"second_moment": "amsgrad", "beta1_decay": 1.0, "eps": 1e-8}
        ),
        Reference(
            target="optax.amsgrad",
            arguments=_plain,
            at={"second_moment": "adam", "beta1_decay": 1.0, "eps": 1e-8},
            differs="it divides by the largest v so far",
        ),
        Reference(
            target="torch.optim.RMSprop",
            arguments=lambda o: {"alpha": o.betas[1], "eps": o.eps},
            at={"second_moment": "adam", "betas": (0.0, 0.9), "eps": 1e-8},
        ),
        Reference(
            target="torch.optim.Adagrad",
            arguments=lambda o: {"lr": o.lr.lr, "eps": 0.0},
            at={"second_moment": "adafom", "lr": InvSqrt(0.05), "betas": (0.0, 0.9), "eps": 0.0},
        ),
    )

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float] = (0.9, 0.999)
    beta1_decay: float = 1.0
    second_moment: str = "amsgrad"
    eps: float = 0.0

    @property
    def homogeneity(self) -> float:  # type: ignore[override]
        """Return 1 where the second moment is left out: a step is then as long as the gradient says; else 0."""
        return 1 if self.second_moment == "sgd" else 0

    @property
    def units(self) -> ByName:  # type: ignore[override]
        """Return that eps is compared with a gradient, or with 1."""
        return {"eps": PURE if self.second_moment == "sgd" else GRADIENT}

    def validate(self) -> None:
        fractions(self, "betas")
        require(0 < self.beta1_decay <= 1, self, "beta1_decay", self.beta1_decay, "in (0, 1]")
        require(self.second_moment in RULES, self, "second_moment", self.second_moment, f"one of {', '.join(RULES)}")
        nonnegative(self, "eps")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), v=torch.zeros_like(x), vhat=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        beta1 = self.betas[0] * self.beta1_decay ** (t - 1)
        m = beta1 * state.m + (1 - beta1) * g
        v, vhat = self._second_moment(g, state, t)
        return -self.lr(t) * ratio(m, vhat.sqrt() + self.eps), State(m, v, vhat)

    def effective_step(self, state: State, t: Step) -> Points:
        return self.lr(t) * factor(state.m, state.vhat.sqrt() + self.eps)

    def metric(self, state: State) -> Points:
        return state.vhat.sqrt()

    def _second_moment(self, g: Points, state: State, t: Step) -> tuple[Points, Points]:
        """Return (v_t, vhat_t) by the rule named."""
        beta2 = self.betas[1]
        if self.second_moment == "sgd":
            return state.v, torch.ones_like(g)
        if self.second_moment == "adafom":
            total = state.v + g.square()
            return total, total / t
        v = beta2 * state.v + (1 - beta2) * g.square()
        return v, torch.maximum(state.vhat, v) if self.second_moment == "amsgrad" else v

"""LARS: layer-wise adaptive rate scaling (Y. You, I. Gitman, B. Ginsburg, 2017)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.linalg import norm_sq
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import CURVATURE, PURE, ByName


class State(NamedTuple):
    """The momentum buffer, step sizes and trust ratios included."""

    b: Points


def _arguments(lars: LARS) -> dict[str, float]:
    return {
        "momentum": lars.momentum,
        "trust_coefficient": lars.trust_coefficient,
        "weight_decay": lars.weight_decay,
    }


@dataclass(frozen=True, kw_only=True)
class LARS(Optimizer[State]):
    """b_t = momentum b_{t-1} + lr_t r_t (g_t + weight_decay x_t), dx_t = -b_t.

    r_t = trust_coefficient ||x_t|| / (||g_t|| + weight_decay ||x_t||) is the trust ratio.
    Norms are the layer's, and a vector is a layer like any other: the libraries that leave vectors out do so because
    theirs are biases. lr stands inside the buffer, as in the paper; with a constant lr it makes no difference. Where
    the paper divides by 0, or would stay at x = 0 for ever, the ratio is 1, as in all the libraries: there, and there
    alone, the step depends on the gradient's scale.
    """

    name: ClassVar[str] = "lars"
    source: ClassVar[str] = "You, Gitman, Ginsburg 2017, arXiv 1708.03888, Algorithm 1"
    kind: ClassVar[Kind] = "layerwise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="pytorch_optimizer.LARS", at={"weight_decay": 0.1, "lr": 1.0}, layers=((3, 2), (2, 4)),
                  arguments=_arguments),
        Reference(target="pytorch_optimizer.LARS", at={"weight_decay": 0.1, "lr": 0.1}, layers=((5,),),
                  arguments=_arguments,
                  differs="on vectors it is gradient descent with momentum: no trust ratio and no decay"),
        Reference(target="optax.lars", at={"weight_decay": 0.0, "lr": 1.0}, arguments=_arguments),
        Reference(target="optax.lars", at={"weight_decay": 0.1, "lr": 1.0}, arguments=_arguments,
                  differs="it divides by ||g + weight_decay x||"),
    )  # fmt: skip
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"lr": PURE, "weight_decay": CURVATURE, "trust_coefficient": PURE}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    lr: Schedule = Constant(1.0)
    momentum: float = 0.9
    weight_decay: float = 0.0
    trust_coefficient: float = 1e-3

    def validate(self) -> None:
        fractions(self, "momentum")
        nonnegative(self, "weight_decay", "trust_coefficient")

    def init(self, x: Points) -> State:
        return State(b=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        x_norm, g_norm = (norm_sq(a).sqrt().unsqueeze(-1) for a in (x, g))
        den = g_norm + self.weight_decay * x_norm
        known = (x_norm != 0) & (den != 0)
        r = torch.where(known, self.trust_coefficient * x_norm / torch.where(known, den, 1.0), 1.0)
        b = self.momentum * state.b + self.lr(t) * r * (g + self.weight_decay * x)
        return -b, State(b)

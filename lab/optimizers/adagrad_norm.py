"""AdaGrad-Norm: one adaptive step size for all coordinates (R. Ward, X. Wu, L. Bottou, ICML 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.linalg import factor, norm_sq, ratio
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import nonnegative
from lab.schedules import Constant, Schedule
from lab.types import Points, Scalars, Step
from lab.units import GRADIENT, ByName


class State(NamedTuple):
    """b^2, one number `(..., 1)`."""

    b_sq: Scalars


@dataclass(frozen=True, kw_only=True)
class AdaGradNorm(Optimizer[State]):
    """b_t^2 = b_{t-1}^2 + ||g_t||^2, dx_t = -lr_t g_t / b_t, the norm being that of all of x; lr constant in theory.

    b0 is compared with the norm of a gradient. The paper takes b0 > 0; b0 = 0 makes the step free of the gradient's
    scale (0/0 = 0), and its first length is lr. b_t contains g_t itself; Li and Orabona (arXiv 1805.08114) divide by
    sums that do not.
    """

    name: ClassVar[str] = "adagrad_norm"
    source: ClassVar[str] = "Ward, Wu, Bottou, ICML 2019, arXiv 1806.01811, Algorithm 1 (AdaGrad-Norm)"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[str] = (
        "none: no library has it; tests/test_adagrad_family.py holds it to the paper in 50 digits"
    )
    homogeneity: ClassVar[float] = 0
    scales: ClassVar[tuple[str, ...]] = ("b0",)
    units: ClassVar[ByName] = {"b0": GRADIENT}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    lr: Schedule = Constant(1e-2)
    b0: float = 0.1

    def validate(self) -> None:
        nonnegative(self, "b0")

    def init(self, x: Points) -> State:
        return State(b_sq=torch.zeros_like(x[..., :1]) + self.b0**2)

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        b_sq = state.b_sq + norm_sq(g).unsqueeze(-1)
        return -self.lr(t) * ratio(g, b_sq.sqrt()), State(b_sq)

    def effective_step(self, state: State, t: Step) -> Points:
        return self.lr(t) * factor(state.b_sq, state.b_sq.sqrt())

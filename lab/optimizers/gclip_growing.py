"""SGD clipped at a threshold that grows with time: the method of the strongly convex heavy-tail theorem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.errors import require
from lab.linalg import norm_sq
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import positive
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, PURE, STEP_SIZE, ByName


class State(NamedTuple):
    """The mean of the points queried, x_{s-1} with weight s."""

    mean: Points


@dataclass(frozen=True, kw_only=True)
class GClipGrowing(Optimizer[State]):
    """dx_t = -lr_t min(1, tau_t / ||g_t||) g_t, tau_t = G t^(1/alpha); returns sum_s s x_{s-1} / sum_s s, s = 1..t.

    With lr_t = 4 / (mu (t + 1)), on a bounded domain where E||g||^alpha <= G^alpha, the mean of f there is within
    6 alpha G^2 / (mu (t + 1)^(2 (alpha - 1)/alpha)) of f* for every t: neither the step nor the threshold knows the
    horizon. An infinite gradient gives NaN, as in `gclip`.
    """

    name: ClassVar[str] = "gclip_growing"
    source: ClassVar[str] = "Zhang et al., NeurIPS 2020, arXiv 1912.03194, the strongly convex theorem on GClip"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[str] = "none: no library has it; tests/test_figures_heavy.py holds it to the theorem"
    units: ClassVar[ByName] = {"lr": STEP_SIZE, "G": GRADIENT, "alpha": PURE}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    lr: Schedule = Constant(1e-3)
    G: float = 1.0
    alpha: float = 1.5

    def validate(self) -> None:
        positive(self, "G")
        require(1 < self.alpha <= 2, self, "alpha", self.alpha, "in (1, 2]")

    def init(self, x: Points) -> State:
        return State(mean=x)

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        tau, length = self.G * t ** (1 / self.alpha), norm_sq(g).sqrt().unsqueeze(-1)
        mean = state.mean + 2 / (t + 1) * (x - state.mean)
        return -self.lr(t) * torch.where(length > tau, tau / length, 1.0) * g, State(mean)

    def output(self, x: Points, state: State, t: Step) -> Points:
        del x, t
        return state.mean

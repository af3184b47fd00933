"""Gradient descent clipped by its global norm (R. Pascanu, T. Mikolov, Y. Bengio, ICML 2013)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from lab.linalg import norm_sq
from lab.optimizer import Kind, Optimizer, Stateless, Symmetry
from lab.ranges import positive
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, STEP_SIZE, ByName


@dataclass(frozen=True, kw_only=True)
class GClip(Optimizer[Stateless]):
    """dx_t = -lr_t min(1, max_norm / ||g_t||) g_t, the norm being that of all of x.

    Clips exactly. max_norm has the units of a gradient. An infinite gradient has no direction: it gives 0 inf = NaN,
    in every library too, and the trajectory counts as diverged. A finite one whose squares overflow, beyond 1e154 (in
    float32 1e19), has an infinite norm and gives no step.
    """

    name: ClassVar[str] = "gclip"
    source: ClassVar[str] = "Zhang et al., NeurIPS 2020, arXiv 1912.03194, Algorithm 1 (GClip)"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="optax.clip_by_global_norm", scaled=False),
        Reference(
            target="torch.nn.utils.clip_grad_norm_",
            at={"lr": Constant(0.1)},
            scaled=False,
            differs="it divides by ||g|| + 1e-6, not by ||g||",
        ),
    )
    units: ClassVar[ByName] = {"lr": STEP_SIZE, "max_norm": GRADIENT}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    lr: Schedule = Constant(1e-3)
    max_norm: float = 1.0

    def validate(self) -> None:
        positive(self, "max_norm")

    def init(self, x: Points) -> Stateless:
        del x
        return Stateless()

    def update(self, g: Points, state: Stateless, x: Points, t: Step) -> tuple[Points, Stateless]:
        del x
        length = norm_sq(g).sqrt().unsqueeze(-1)
        return -self.lr(t) * torch.where(length > self.max_norm, self.max_norm / length, 1.0) * g, state

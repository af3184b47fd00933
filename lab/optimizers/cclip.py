"""Gradient descent clipped coordinate by coordinate (J. Zhang et al., NeurIPS 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lab.optimizer import Kind, Optimizer, Stateless
from lab.ranges import positive
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, STEP_SIZE, ByName


@dataclass(frozen=True, kw_only=True)
class CClip(Optimizer[Stateless]):
    """dx_t = -lr_t min(1, clip_value / |g_t|) g_t in every coordinate: g_t clamped to [-clip_value, clip_value].

    clip_value has the units of a gradient, and with it the step is not homogeneous in g. An infinite coordinate moves
    by lr_t clip_value, where the norm-clipped `gclip` gives NaN.
    """

    name: ClassVar[str] = "cclip"
    source: ClassVar[str] = "Zhang et al., NeurIPS 2020, arXiv 1912.03194, Algorithm 1 (CClip)"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="torch.nn.utils.clip_grad_value_", scaled=False),
        Reference(target="optax.clip", arguments=lambda o: {"max_delta": o.clip_value}, scaled=False),
    )
    units: ClassVar[ByName] = {"lr": STEP_SIZE, "clip_value": GRADIENT}

    lr: Schedule = Constant(1e-3)
    clip_value: float = 1.0

    def validate(self) -> None:
        positive(self, "clip_value")

    def init(self, x: Points) -> Stateless:
        del x
        return Stateless()

    def update(self, g: Points, state: Stateless, x: Points, t: Step) -> tuple[Points, Stateless]:
        del x
        return -self.lr(t) * g.clamp(-self.clip_value, self.clip_value), state

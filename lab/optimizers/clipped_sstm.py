"""Accelerated gradients clipped at a falling threshold (E. Gorbunov, M. Danilova, A. Gasnikov, NeurIPS 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.linalg import norm_sq
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import positive
from lab.types import Points, Step
from lab.units import CURVATURE, LENGTH, PURE, ByName


class State(NamedTuple):
    """y_{t-2}, from which y_{t-1} follows with z_{t-1}."""

    y: Points


@dataclass(frozen=True, kw_only=True)
class ClippedSSTM(Optimizer[State]):
    """dz_t = -alpha_t min(1, lam_t / ||g_t||) g_t, alpha_t = (t+1)/(2 a L), lam_t = B/alpha_t, g_t at x_t.

    x_t = (A_{t-1} y_{t-1} + alpha_t z_{t-1})/A_t and y_t = (A_{t-1} y_{t-1} + alpha_t z_t)/A_t with A_t = alpha_1 +
    ... + alpha_t = t (t+3)/(4 a L), y_0 = z_0. Held: z_t. Queried, and so played: x_t. Returned: y_t. B is the longest
    move of z. The theorems take a of the order of log(T/delta)^2 at least, for batches that grow like T, or of T^2 for
    batches of one. Without clipping and with a = 1 it is the similar triangles method of accelerated descent.
    """

    name: ClassVar[str] = "clipped_sstm"
    source: ClassVar[str] = "Gorbunov, Danilova, Gasnikov, NeurIPS 2020, arXiv 2005.10785, Algorithm 1 (clipped-SSTM)"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[str] = "none: no library has it; tests/test_clipped_sstm.py holds it to the paper in fractions"
    units: ClassVar[ByName] = {"L": CURVATURE, "a": PURE, "B": LENGTH}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    L: float = 1.0
    a: float = 100.0
    B: float = 0.1

    def validate(self) -> None:
        positive(self, "L", "a", "B")

    def init(self, x: Points) -> State:
        return State(y=x)

    def query(self, x: Points, state: State, t: Step) -> Points:
        return _toward(_before(x, state, t), x, t)

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        alpha, length = (t + 1) / (2 * self.a * self.L), norm_sq(g).sqrt().unsqueeze(-1)
        longest = self.B / alpha
        clipped = torch.where(length > longest, longest / length, 1.0) * g
        return -alpha * clipped, State(_before(x, state, t))

    def output(self, x: Points, state: State, t: Step) -> Points:
        return torch.where(t > 0, _toward(state.y, x, t), x)


def _before(x: Points, state: State, t: Step) -> Points:
    """Return y_{t-1}, from z_{t-1} = x; z_0 at t = 1."""
    return torch.where(t > 1, state.y + 2 * t / ((t - 1) * (t + 2)) * (x - state.y), x)


def _toward(y: Points, z: Points, t: Step) -> Points:
    """Return (A_{t-1} y + alpha_t z) / A_t, which is z at t = 1."""
    return y + 2 * (t + 1) / (t * (t + 3)) * (z - y)

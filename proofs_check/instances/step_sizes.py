"""Step sizes of single theorems, which no optimizer has as a habit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from lab.errors import require
from lab.ranges import positive
from lab.schedules import Schedule
from lab.types import Step


@dataclass(frozen=True)
class Chebyshev(Schedule):
    """lr_t = 2 / (L + mu - (L - mu) cos(pi (2t - 1) / (2 horizon))): 1 over the roots of Chebyshev's polynomial.

    Gradient descent with all of them, on a quadratic with curvatures in [mu, L], multiplies an eigendirection by
    T_n(X(lambda)) / T_n(X(0)), n being the horizon.
    """

    name: ClassVar[str] = "chebyshev"
    in_lr: ClassVar[Mapping[str, int]] = {"L": -1, "mu": -1}
    L: float
    mu: float
    horizon: float

    def validate(self) -> None:
        positive(self, "mu")
        require(self.mu <= self.L, self, "mu", self.mu, f"at most L = {self.L}")

    def __call__(self, t: Step) -> Tensor:
        angle: Tensor = (math.pi / 2) * (2 * t - 1) / self.horizon
        return 2 / (self.L + self.mu - (self.L - self.mu) * angle.cos())


@dataclass(frozen=True)
class FixedThenFalling(Schedule):
    """lr_t = first up to t = until, then (2 t - 1) / (mu t^2): Gower et al., Theorem 3.2, with k = t - 1."""

    name: ClassVar[str] = "fixed_then_falling"
    in_lr: ClassVar[Mapping[str, int]] = {"first": 1, "mu": -1}
    first: float
    mu: float
    until: float

    def validate(self) -> None:
        positive(self, "first", "mu")

    def __call__(self, t: Step) -> Tensor:
        return torch.where(t <= self.until, self.first + 0.0 * t, (2 * t - 1) / (self.mu * t * t))


@dataclass(frozen=True)
class RoundedInvSqrt(Schedule):
    """lr_t = 1 / sqrt(t), rounded to float64, up to t = horizon: numbers with which a run can be exact."""

    name: ClassVar[str] = "rounded_inv_sqrt"
    horizon: int

    def __call__(self, t: Step) -> Tensor:
        rates = [0.0, *(s**-0.5 for s in range(1, self.horizon + 1))]
        return torch.tensor(rates, dtype=torch.float64)[t.long()]

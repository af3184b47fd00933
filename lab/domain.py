"""Where a problem lives, and the projection on it, plain or in a diagonal metric."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from lab.errors import require
from lab.linalg import like, norm_sq
from lab.parameters import Parametric
from lab.types import Points, Scalars

BISECTIONS = 80


@dataclass(frozen=True)
class Domain(Parametric):
    """A closed convex set."""

    @property
    def diameter(self) -> float:
        """Return sup ||x - y|| in the sup-norm, the D_inf of the adaptive methods' theorems."""
        return math.inf

    @property
    def bounded(self) -> bool:
        """Tell whether the set is bounded."""
        return math.isfinite(self.diameter)

    def project(self, y: Points, metric: Points | None = None) -> Points:
        """Return argmin over x in the set of sum_i metric_i (x_i - y_i)^2; NaN stays NaN."""
        raise TypeError(f"{type(self).__name__} defines no project")

    def contains(self, x: Points) -> Scalars:
        """Tell for each row whether it lies in the set, with a rounding error of 1e-12 allowed."""
        return (self.project(x) - x).abs().amax(-1) <= 1e-12 * (1 + x.abs().amax(-1))

    def lowest(self, slope: Points) -> Scalars:
        """Return min over x in the set of <slope, x>: the loss of the best fixed point under linear losses."""
        raise TypeError(f"{type(self).__name__} defines no lowest")


@dataclass(frozen=True)
class Reals(Domain):
    """R^d: nothing is projected."""

    name: ClassVar[str] = "reals"

    def project(self, y: Points, metric: Points | None = None) -> Points:
        del metric
        return y

    def contains(self, x: Points) -> Scalars:
        return torch.isfinite(x).all(-1)

    def lowest(self, slope: Points) -> Scalars:
        return torch.where((slope == 0).all(-1), like(slope, 0.0), -math.inf)


@dataclass(frozen=True)
class Box(Domain):
    """{x : low <= x_i <= high for every i}. The projection in any diagonal metric is the clip."""

    name: ClassVar[str] = "box"
    low: float
    high: float

    def validate(self) -> None:
        require(self.low < self.high, self, "low", self.low, f"below high = {self.high}")

    @property
    def diameter(self) -> float:
        return self.high - self.low

    def project(self, y: Points, metric: Points | None = None) -> Points:
        del metric
        return y.clamp(self.low, self.high)

    def lowest(self, slope: Points) -> Scalars:
        return torch.where(slope > 0, slope * self.low, slope * self.high).sum(-1)


@dataclass(frozen=True)
class Ball(Domain):
    """{x : ||x - center||_2 <= radius}, center being the same number in each coordinate.

    The plain projection scales. In a diagonal metric w the point solves x_i = w_i y_i / (w_i + s) for the s >= 0 at
    which ||x|| = radius, found by bisection; scaling would not be the projection.
    """

    name: ClassVar[str] = "ball"
    radius: float
    center: float = 0.0

    def validate(self) -> None:
        require(self.radius > 0, self, "radius", self.radius, "a number > 0")

    @property
    def diameter(self) -> float:
        return 2 * self.radius

    def project(self, y: Points, metric: Points | None = None) -> Points:
        z = y - self.center
        length = norm_sq(z).sqrt().unsqueeze(-1)
        if metric is None:
            return self.center + z * torch.where(length > self.radius, self.radius / length, 1.0)
        return self.center + torch.where(length > self.radius, self._shrink(z, metric, length), z)

    def _shrink(self, z: Points, w: Points, length: Tensor) -> Points:
        low = torch.zeros_like(length)
        high = w.amax(-1, keepdim=True) * length / self.radius
        for _ in range(BISECTIONS):
            s = 0.5 * (low + high)
            outside = norm_sq(w * z / (w + s)).unsqueeze(-1) > self.radius**2
            low, high = torch.where(outside, s, low), torch.where(outside, high, s)
        return w * z / (w + high)

    def lowest(self, slope: Points) -> Scalars:
        return self.center * slope.sum(-1) - self.radius * norm_sq(slope).sqrt()

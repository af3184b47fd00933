"""Noise laws: what a stochastic gradient adds to the exact one, coordinate by coordinate, by inverse CDF."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from lab import rng
from lab.errors import require
from lab.parameters import Parametric
from lab.types import Draws, Points


@dataclass(frozen=True)
class Noise(Parametric):
    """A law of mean zero with independent coordinates; one uniform a coordinate.

    `draw_bits` is 52 where the tail matters; `tail_index` is the supremum of the finite moments' orders.
    """

    draw_bits: ClassVar[int] = 32
    tail_index: ClassVar[float] = math.inf

    @property
    def variance(self) -> float:
        """Return the variance of one coordinate."""
        raise TypeError(f"{type(self).__name__} defines no variance")

    def sample(self, u: Draws) -> Points:
        """Return the noise from uniforms of the same shape."""
        raise TypeError(f"{type(self).__name__} defines no sample")


@dataclass(frozen=True)
class Gaussian(Noise):
    """Normal(0, sigma^2) in each coordinate."""

    name: ClassVar[str] = "gaussian"
    sigma: float = 1.0

    def validate(self) -> None:
        require(self.sigma >= 0, self, "sigma", self.sigma, "a number >= 0")

    @property
    def variance(self) -> float:
        return self.sigma**2

    def sample(self, u: Draws) -> Points:
        return self.sigma * rng.normal(u)


@dataclass(frozen=True)
class Rademacher(Noise):
    """+sigma or -sigma with probability 1/2 each: bounded, and of variance sigma^2."""

    name: ClassVar[str] = "rademacher"
    sigma: float = 1.0

    def validate(self) -> None:
        require(self.sigma >= 0, self, "sigma", self.sigma, "a number >= 0")

    @property
    def variance(self) -> float:
        return self.sigma**2

    def sample(self, u: Draws) -> Points:
        return self.sigma * rng.sign(u)

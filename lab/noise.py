"""Noise laws: what a stochastic gradient adds to the exact one, coordinate by coordinate, by inverse CDF."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch

from lab import rng
from lab.errors import require
from lab.parameters import Parametric
from lab.types import Draws, Points


@dataclass(frozen=True)
class Noise(Parametric):
    """A law of mean zero with independent coordinates; one uniform a coordinate.

    `draw_bits` is 52 where the tail matters.
    """

    draw_bits: ClassVar[int] = 32

    @property
    def tail_index(self) -> float:
        """Return the supremum of the orders of the finite moments."""
        return math.inf

    @property
    def variance(self) -> float:
        """Return the variance of one coordinate."""
        raise TypeError(f"{type(self).__name__} defines no variance")

    def sample(self, u: Draws) -> Points:
        """Return the noise from uniforms of the same shape."""
        raise TypeError(f"{type(self).__name__} defines no sample")


@dataclass(frozen=True)
class _OfDeviation(Noise):
    """A law of standard deviation sigma."""

    sigma: float = 1.0

    def validate(self) -> None:
        require(self.sigma >= 0, self, "sigma", self.sigma, "a number >= 0")

    @property
    def variance(self) -> float:
        return self.sigma**2


@dataclass(frozen=True)
class Gaussian(_OfDeviation):
    """Normal(0, sigma^2) in each coordinate."""

    name: ClassVar[str] = "gaussian"

    def sample(self, u: Draws) -> Points:
        return self.sigma * rng.normal(u)


@dataclass(frozen=True)
class Rademacher(_OfDeviation):
    """+sigma or -sigma with probability 1/2 each: bounded, and of variance sigma^2."""

    name: ClassVar[str] = "rademacher"

    def sample(self, u: Draws) -> Points:
        return self.sigma * rng.sign(u)


@dataclass(frozen=True)
class Pareto(Noise):
    """Two-sided Pareto: P(|xi| > t) = (scale / t)^tail for t >= scale, symmetric: E|xi|^p is finite for p < tail."""

    name: ClassVar[str] = "pareto"
    draw_bits: ClassVar[int] = 52
    tail: float = 1.5
    scale: float = 1.0

    def validate(self) -> None:
        require(self.tail > 0, self, "tail", self.tail, "a number > 0")
        require(self.scale > 0, self, "scale", self.scale, "a number > 0")

    @property
    def tail_index(self) -> float:
        return self.tail

    @property
    def variance(self) -> float:
        return self.scale**2 * self.tail / (self.tail - 2) if self.tail > 2 else math.inf

    def sample(self, u: Draws) -> Points:
        rest = torch.where(u < 0.5, u, 1 - u) * 2  # the probability of being farther out on the same side
        size = self.scale * rest ** (-1 / self.tail)
        return torch.where(u < 0.5, -size, size)

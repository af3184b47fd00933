"""One-sided heavy laws, centred: all of the tail on one side. Their draws are Y - E Y with Y = y(-log U) >= 0."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from scipy import special

from lab.errors import require
from lab.noise.law import FloatArray, Noise
from lab.ranges import positive
from lab.types import Draws, Points


def _tanh_sinh(*parts: tuple[float, float]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return nodes and weights on intervals at whose ends the integrand may be like any power: Takahasi, Mori (1974).

    The rule is the trapezoidal one after x = tanh((pi/2) sinh s), here with a step that leaves rounding errors only.
    """
    s = torch.arange(-230, 231, dtype=torch.float64) / 64
    inner = 0.5 * math.pi * s.sinh()
    share = torch.sigmoid(2 * inner)  # (1 + x) / 2
    slope = 0.25 * math.pi * s.cosh() / inner.cosh().square() / 64
    nodes = [a + (b - a) * share for a, b in parts]
    return torch.cat(nodes), torch.cat([(b - a) * slope for a, b in parts])


@dataclass(frozen=True)
class _Centred(Noise):
    """Y - E Y, Y >= 0; P(Y > y(e)) = exp(-e). One uniform."""

    draw_bits: ClassVar[int] = 52

    @abstractmethod
    def size(self, e: Points) -> Points:
        """Return y(e)."""

    @abstractmethod
    def level(self, y: FloatArray) -> FloatArray:
        """Return the e >= 0 with y(e) = y, for y >= 0."""

    @abstractmethod
    def power(self, p: float) -> float:
        """Return E Y^p, p below the tail index."""

    @abstractmethod
    def reach(self, p: float) -> float:
        """Return an e beyond which y(e)^p exp(-e) falls like an exponential, or adds nothing to E Y^p."""

    @property
    def shift(self) -> float:
        """Return E Y."""
        return self.power(1.0)

    @property
    def variance(self) -> float:
        return self.power(2.0) - self.shift**2 if self.tail_index > 2 else math.inf

    def moment(self, p: float) -> float:
        """E|Y - m|^p = int_0^inf |y(e) - m|^p exp(-e) de, m = E Y, in two parts that meet where y(e) = m.

        Beyond the second the integrand goes on like exp(-(1 - p / tail_index) e).
        """
        if p >= self.tail_index:
            return math.inf
        m = self.shift
        kink = float(self.level(np.asarray(m)))
        end = kink + self.reach(p)
        e, weight = _tanh_sinh((0.0, kink), (kink, end))
        e, weight = (
            torch.cat([e, e.new_tensor([end])]),
            torch.cat([weight, e.new_tensor([1 / (1 - p / self.tail_index)])]),
        )
        return float(((p * (self.size(e) - m).abs().log() - e).exp() * weight).sum())

    def cdf(self, x: FloatArray) -> FloatArray:
        return np.asarray(-np.expm1(-self.level(np.maximum(np.asarray(x) + self.shift, 0.0))))

    def sample(self, u: Draws) -> Points:
        return self.size(-u.log()) - self.shift


@dataclass(frozen=True)
class CentredWeibull(_Centred):
    """Y - E Y with P(Y > y) = exp(-(y / scale)^shape): all moments, but no exponential one for shape < 1."""

    name: ClassVar[str] = "centred_weibull"
    shape: float = 0.5
    scale: float = 1.0

    def validate(self) -> None:
        require(self.shape >= 0.2, self, "shape", self.shape, "a number >= 0.2")
        positive(self, "scale")

    def power(self, p: float) -> float:
        return float(self.scale**p * math.gamma(1 + p / self.shape))

    def size(self, e: Points) -> Points:
        return self.scale * e ** (1 / self.shape)

    def level(self, y: FloatArray) -> FloatArray:
        return np.asarray((y / self.scale) ** self.shape)

    def reach(self, p: float) -> float:
        return 60 + 8 * p / self.shape


@dataclass(frozen=True)
class CentredBurr(_Centred):
    """Y - E Y with P(Y > y) = (1 + (y / scale)^c)^-d, Burr XII, of tail index c d > 1."""

    name: ClassVar[str] = "centred_burr"
    c: float = 1.0
    d: float = 2.3
    scale: float = 1.0

    def validate(self) -> None:
        positive(self, "c", "d", "scale")
        require(self.c * self.d > 1, self, "c d", self.c * self.d, "above 1, or there would be no mean to subtract")

    @property
    def tail_index(self) -> float:
        return self.c * self.d

    def power(self, p: float) -> float:
        return float(self.scale**p * self.d * special.beta(self.d - p / self.c, 1 + p / self.c))

    def size(self, e: Points) -> Points:
        return self.scale * (e / self.d).expm1() ** (1 / self.c)

    def level(self, y: FloatArray) -> FloatArray:
        return np.asarray(self.d * np.log1p((y / self.scale) ** self.c))

    def reach(self, p: float) -> float:
        return min(45 / (1 - p / self.tail_index), 600 * self.d)  # beyond, y(e) would overflow

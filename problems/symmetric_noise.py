"""Symmetric noise without a mean: clipping needs none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
import torch

from lab.bases.additive import AdditiveNoise
from lab.errors import require
from lab.noise import StudentT
from lab.problem import Constant, Formula
from lab.ranges import positive
from lab.rng import Key
from lab.types import Points, Scalars


@dataclass(frozen=True, kw_only=True)
class CauchyQuadratic(AdditiveNoise):
    """f(x) = x^2 / 2, the oracle adds Cauchy noise: no moment of order 1, but a law symmetric about 0; x_1 = 1.

    SGD's mean square is infinite, and with lr = 1/t its iterate is the mean of the noise, Cauchy of the same scale for
    ever: it does not converge in any sense. Clipped at c, with lr = a / t, t E x_t^2 tends to `clipped_limit(c, a)`,
    8 / pi = 2.546 for scale 1, c = 1 and a = 2 (derived here): the rate 1/t of noise that has a variance. Bounds in the
    tail index alone say nothing here, so that the instances that attain them must be skewed.
    """

    name: ClassVar[str] = "cauchy_quadratic"
    source: ClassVar[str] = "after Puchkin et al., arXiv 2311.04161: clipping under symmetric noise"
    symmetric: ClassVar[bool] = True

    scale: float = 1.0

    def validate(self) -> None:
        positive(self, "scale")

    @property
    def noise(self) -> StudentT:
        return StudentT(nu=1.0).bind({"scale": self.scale})

    def start(self, key: Key) -> Points:
        return torch.ones(1, dtype=key.dtype)

    def value(self, x: Points) -> Scalars:
        return 0.5 * x.square().sum(-1)

    def grad(self, x: Points) -> Points:
        return 1.0 * x

    def hessian_diagonal(self, x: Points) -> Points:
        return torch.ones_like(x)

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,)

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(1.0), "mu": Constant(1.0)}

    def formula(self) -> Formula:
        x = sp.Symbol("x", real=True)
        return Formula(x=(x,), value=x**2 / 2)

    def clipped_limit(self, clip: float, a: float) -> float:
        """Return lim t E x_t^2 of SGD clipped at `clip` with lr = a / t: a^2 V / (2 a h - 1).

        h = P(|xi| < clip) is the slope of the mean clipped gradient at 0 and V = E min(|xi|, clip)^2 its variance.
        """
        r = clip / self.scale
        h = 2 / math.pi * math.atan(r)
        V = self.scale**2 * (2 * r / math.pi - h) + clip**2 * (1 - h)
        require(2 * a * h > 1, self, "a", a, f"above {1 / (2 * h):.4g}, or x_1 is forgotten too slowly")
        return a * a * V / (2 * a * h - 1)

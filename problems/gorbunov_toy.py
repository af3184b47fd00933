"""One quadratic under three noises of the same variance: what expectations cannot tell apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
import torch

from lab.bases.additive import AdditiveNoise
from lab.errors import require
from lab.noise import CentredBurr, CentredWeibull, Gaussian, Noise
from lab.problem import Constant, Formula
from lab.rng import Key
from lab.types import Points, Scalars

WEIBULL, BURR = CentredWeibull(shape=0.2), CentredBurr(c=1.0, d=2.3)
LAWS: Mapping[str, Noise] = {
    "gaussian": Gaussian(sigma=1.0),
    "weibull": CentredWeibull(shape=0.2, scale=1 / math.sqrt(WEIBULL.variance)),
    "burr": CentredBurr(c=1.0, d=2.3, scale=1 / math.sqrt(BURR.variance)),
}


@dataclass(frozen=True, kw_only=True)
class GorbunovToy(AdditiveNoise):
    """f(x) = ||x||^2 / 2 in R^d; each coordinate of the oracle adds noise of variance 1; x_1 = (0, 1, ..., d-1) / 100.

    d = 100 in the source. law: gaussian; weibull, centred, of shape 0.2; burr, centred, Burr XII with c = 1 and d =
    2.3, whose third moment is infinite. E||x_t||^2 of SGD is the same for all three (`mean_square`, derived here): a
    theory in expectation sees no difference. Quantiles do differ: skewed noise leaves long quiet stretches and rare
    jumps, which clipping (lr = 0.001 and threshold 100 in the source) takes away. The figures' titles give f(x_1) - f*
    as 2.87, which is ||x_1|| / 2; it is 16.4175.
    """

    name: ClassVar[str] = "gorbunov_toy"
    source: ClassVar[str] = "Gorbunov, Danilova, Gasnikov, NeurIPS 2020, arXiv 2005.10785, toy experiment"

    law: str = "weibull"
    d: int = 10

    def validate(self) -> None:
        require(self.law in LAWS, self, "law", self.law, f"one of {', '.join(LAWS)}")
        require(self.d >= 2, self, "d", self.d, "an integer >= 2")

    @property
    def dim(self) -> int:
        return self.d

    @property
    def noise(self) -> Noise:
        return LAWS[self.law]

    def start(self, key: Key) -> Points:
        return torch.arange(self.d, dtype=key.dtype) / 100

    def value(self, x: Points) -> Scalars:
        return 0.5 * x.square().sum(-1)

    def grad(self, x: Points) -> Points:
        return 1.0 * x

    def hessian_diagonal(self, x: Points) -> Points:
        return torch.ones_like(x)

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,) * self.d

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(1.0), "mu": Constant(1.0), **self.noise_constants()}

    def formula(self) -> Formula:
        x = sp.symbols(f"x1:{self.d + 1}", real=True)
        return Formula(x=tuple(x), value=sum((v**2 for v in x), sp.S.Zero) / 2)

    def mean_square(self, lr: float, steps: int) -> float:
        """Return E||x||^2 after SGD's steps of constant length lr < 2, for every law; its limit is d lr / (2 - lr)."""
        first = sum((i / 100) ** 2 for i in range(self.d))
        left = (1 - lr) ** (2 * steps)
        return left * first + self.d * lr * (1 - left) / (2 - lr)

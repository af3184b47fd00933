"""A quadratic whose gradient noise has infinite variance: where clipping earns its keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
import torch

from lab.errors import require
from lab.noise import Pareto
from lab.problem import Constant, Formula, Problem
from lab.rng import Key
from lab.types import Draws, Points, Scalars, Step


@dataclass(frozen=True, kw_only=True)
class HeavyTailedQuadratic(Problem):
    """f(x) = (1/2) sum_i spectrum_i x_i^2; each coordinate of the oracle adds two-sided Pareto noise.

    tail: the noise's tail index; the order-p moment is finite for p < tail only. x_1 = radius (1, ..., 1) / sqrt(d).
    """

    name: ClassVar[str] = "heavy_tailed_quadratic"
    source: ClassVar[str] = "Zhang et al., NeurIPS 2020, arXiv 1912.03194, Assumption 1"

    spectrum: tuple[float, ...] = (1.0,) * 10
    tail: float = 1.5
    scale: float = 1.0
    radius: float = 1.0

    def validate(self) -> None:
        good = len(self.spectrum) > 0 and min(self.spectrum) > 0
        require(good, self, "spectrum", self.spectrum, "one or more numbers > 0")
        require(self.tail > 1, self, "tail", self.tail, "a number > 1, or the oracle would have no mean")
        require(self.scale > 0, self, "scale", self.scale, "a number > 0")
        require(self.radius >= 0, self, "radius", self.radius, "a number >= 0")

    @property
    def dim(self) -> int:
        return len(self.spectrum)

    @property
    def n_draws(self) -> int:
        return self.dim

    @property
    def draw_bits(self) -> int:
        return Pareto.draw_bits

    @property
    def tail_index(self) -> float:
        return self.tail

    def start(self, key: Key) -> Points:
        return torch.full((self.dim,), self.radius / self.dim**0.5, dtype=key.dtype)

    def value(self, x: Points) -> Scalars:
        return 0.5 * (x.new_tensor(self.spectrum) * x.square()).sum(-1)

    def grad(self, x: Points) -> Points:
        return x.new_tensor(self.spectrum) * x

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        del t
        noise = Pareto().bind({"tail": self.tail, "scale": self.scale})
        return self.grad(x) + noise.sample(draws)

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,) * self.dim

    @property
    def constants(self) -> Mapping[str, Constant]:
        known = {"L": Constant(max(self.spectrum)), "mu": Constant(min(self.spectrum))}
        variance = Pareto(self.tail, self.scale).variance
        return known | ({"sigma": Constant((self.dim * variance) ** 0.5)} if self.tail > 2 else {})

    def formula(self) -> Formula:
        x = sp.symbols(f"x1:{self.dim + 1}", real=True)
        terms = (sp.Rational(str(lam)) * xi**2 for lam, xi in zip(self.spectrum, x, strict=True))
        return Formula(x=tuple(x), value=sum(terms, sp.S.Zero) / 2)

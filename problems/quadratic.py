"""Quadratics with noise added to the gradient: Gaussian, where SGD's law is known exactly, or heavy-tailed."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import sympy as sp
import torch

from lab.errors import require
from lab.noise import Gaussian, Noise, Pareto
from lab.problem import Constant, Formula, Problem
from lab.rng import Key
from lab.schedules import Schedule
from lab.types import Draws, Points, Scalars, Step


@dataclass(frozen=True, kw_only=True)
class _NoisyGradient(Problem):
    """f(x) = (1/2) sum_i spectrum_i x_i^2, oracle grad f(x) + noise; x_1 = radius (1, ..., 1) / sqrt(d)."""

    spectrum: tuple[float, ...] = (1.0,)
    radius: float = 1.0

    @abstractmethod
    def noise(self) -> Noise:
        """Return the law of one coordinate's noise, with the problem's parameters."""

    def validate(self) -> None:
        good = len(self.spectrum) > 0 and min(self.spectrum) > 0
        require(good, self, "spectrum", self.spectrum, "one or more numbers > 0")
        require(self.radius >= 0, self, "radius", self.radius, "a number >= 0")

    @property
    def dim(self) -> int:
        return len(self.spectrum)

    @property
    def n_draws(self) -> int:
        return self.dim

    def start(self, key: Key) -> Points:
        return torch.full((self.dim,), self.radius / self.dim**0.5, dtype=key.dtype)

    def value(self, x: Points) -> Scalars:
        return 0.5 * (x.new_tensor(self.spectrum) * x.square()).sum(-1)

    def grad(self, x: Points) -> Points:
        return x.new_tensor(self.spectrum) * x

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        del t
        return self.grad(x) + self.noise().sample(draws)

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,) * self.dim

    @property
    def constants(self) -> Mapping[str, Constant]:
        known = {"L": Constant(max(self.spectrum)), "mu": Constant(min(self.spectrum))}
        deviation = math.sqrt(self.dim * self.noise().variance)
        return known | ({"sigma": Constant(deviation)} if math.isfinite(deviation) else {})

    def formula(self) -> Formula:
        x = sp.symbols(f"x1:{self.dim + 1}", real=True)
        terms = (sp.Rational(str(lam)) * xi**2 for lam, xi in zip(self.spectrum, x, strict=True))
        return Formula(x=tuple(x), value=sum(terms, sp.S.Zero) / 2)


@dataclass(frozen=True, kw_only=True)
class NoisyQuadratic(_NoisyGradient):
    """f(x) = (1/2) sum_i spectrum_i x_i^2, oracle grad f(x) + sigma N(0, I)."""

    name: ClassVar[str] = "noisy_quadratic"
    source: ClassVar[str] = "Bottou, Curtis, Nocedal, SIAM Review 60 (2018), arXiv 1606.04838, section 4.2"

    sigma: float = 1.0

    def validate(self) -> None:
        super().validate()
        require(self.sigma >= 0, self, "sigma", self.sigma, "a number >= 0")

    def noise(self) -> Gaussian:
        return Gaussian().bind({"sigma": self.sigma})

    def sgd_law(self, lr: Schedule, steps: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return the means and the variances of SGD's coordinates after t = 0..steps steps, each `(steps + 1, d)`.

        x_{t+1}[i] = (1 - lr_t lambda_i) x_t[i] - lr_t xi_t[i], so x_t[i] is exactly normal and independent of the
        other coordinates.
        """
        lam = np.asarray(self.spectrum)
        mean = np.full((steps + 1, self.dim), self.radius / self.dim**0.5)
        variance = np.zeros((steps + 1, self.dim))
        for t in range(1, steps + 1):
            alpha = float(lr(torch.tensor(float(t), dtype=torch.float64)))
            mean[t] = (1 - alpha * lam) * mean[t - 1]
            variance[t] = (1 - alpha * lam) ** 2 * variance[t - 1] + alpha**2 * self.sigma**2
        return mean, variance


@dataclass(frozen=True, kw_only=True)
class HeavyTailedQuadratic(_NoisyGradient):
    """f(x) = (1/2) sum_i spectrum_i x_i^2; each coordinate of the oracle adds two-sided Pareto noise.

    tail: the noise's tail index; its moment of order p is finite for p < tail only.
    """

    name: ClassVar[str] = "heavy_tailed_quadratic"
    source: ClassVar[str] = "Zhang et al., NeurIPS 2020, arXiv 1912.03194, Assumption 1"

    spectrum: tuple[float, ...] = (1.0,) * 10
    tail: float = 1.5
    scale: float = 1.0

    def validate(self) -> None:
        super().validate()
        require(self.tail > 1, self, "tail", self.tail, "a number > 1, or the oracle would have no mean")
        require(self.scale > 0, self, "scale", self.scale, "a number > 0")

    @property
    def draw_bits(self) -> int:
        return Pareto.draw_bits

    @property
    def tail_index(self) -> float:
        return self.tail

    def noise(self) -> Pareto:
        return Pareto().bind({"tail": self.tail, "scale": self.scale})

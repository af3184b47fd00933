"""Least squares on one-hot data: each sample speaks of one coordinate, and the heavy ball cannot accelerate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import sympy as sp
import torch

from lab.bases.finite_sum import FiniteSum
from lab.bases.linear import exact
from lab.errors import require
from lab.problem import Constant, Formula
from lab.ranges import positive
from lab.rng import Key
from lab.types import Points, Scalars


@dataclass(frozen=True, kw_only=True)
class OneHot(FiniteSum):
    """f(x) = (1/(2d)) sum_i lambda_i x_i^2, f_i(x) = lambda_i x_i^2 / 2: the samples are sqrt(lambda_i) e_i, labels 0.

    x_1 = (1, ..., 1). A coordinate rests until it is drawn, and no noise is left at x* = 0. With kappa = lambda_max /
    lambda_min and d = 2, the best constant step contracts E||x||^2 by 1 - 2 / kappa a step, the best step and momentum
    of the heavy ball by 1 - 3.9 / kappa (at kappa = 10^4, from the spectra of `second_moments`, in
    tests/test_one_hot.py): it gains a factor of 2, not sqrt(kappa), which it gains on the mean gradient, without
    sampling. Nesterov's form, whose gradient is taken at the extrapolated point, keeps the order of that gain under
    sampling: 1 - 1.09 / sqrt(kappa) there, 54 times as fast as SGD. `ratelab figures momentum_no_gain` draws all four.
    """

    name: ClassVar[str] = "one_hot_regression"
    source: ClassVar[str] = "after Kidambi, Netrapalli, Jain, Kakade, ICLR 2018, arXiv 1803.05591, two-dimensional case"

    curvatures: tuple[float, ...] = (1.0, 0.01)

    def validate(self) -> None:
        require(len(self.curvatures) >= 2, self, "curvatures", self.curvatures, "two or more numbers > 0")
        positive(self, "curvatures")

    @property
    def dim(self) -> int:
        return len(self.curvatures)

    @property
    def components(self) -> int:
        return self.dim

    def start(self, key: Key) -> Points:
        return torch.ones(self.dim, dtype=key.dtype)

    def _row(self, x: Points, i: Scalars) -> Points:
        """Return lambda_i e_i."""
        place = torch.arange(self.dim, device=x.device)
        return torch.where(place == i.unsqueeze(-1), x.new_tensor(self.curvatures), 0.0)

    def component(self, x: Points, i: Scalars) -> Scalars:
        return 0.5 * (self._row(x, i) * x.square()).sum(-1)

    def component_grad(self, x: Points, i: Scalars) -> Points:
        return self._row(x, i) * x

    def value(self, x: Points) -> Scalars:
        return 0.5 * (x.new_tensor(self.curvatures) / self.dim * x.square()).sum(-1)

    def grad(self, x: Points) -> Points:
        return x.new_tensor(self.curvatures) / self.dim * x

    def hessian_diagonal(self, x: Points) -> Points:
        return (x.new_tensor(self.curvatures) / self.dim).expand_as(x)

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,) * self.dim

    @property
    def constants(self) -> Mapping[str, Constant]:
        d = self.dim
        return {"L": Constant(max(self.curvatures) / d), "mu": Constant(min(self.curvatures) / d)}

    def formula(self) -> Formula:
        x, share = sp.symbols(f"x1:{self.dim + 1}", real=True), sp.Rational(1, self.dim)
        losses = [exact(curvature) * v**2 / 2 for curvature, v in zip(self.curvatures, x, strict=True)]
        return Formula(x=tuple(x), value=share * sum(losses), outcomes=tuple((share, f) for f in losses))

    def second_moments(
        self, lr: float, momentum: float, *, nesterov: bool = False
    ) -> tuple[npt.NDArray[np.float64], ...]:
        """Return for each coordinate the matrix by which a step multiplies E (x^2, x y, y^2), with replacement.

        y is the point before x; c = lambda_i with probability 1/d, else 0. The heavy ball has x' = (1 + momentum - lr
        c) x - momentum y, Nesterov's form x' = (1 - lr c) ((1 + momentum) x - momentum y).
        """

        def squared(c: float) -> npt.NDArray[np.float64]:
            shrunk = 1 - lr * c if nesterov else 1.0
            a, b = (1 + momentum) * shrunk if nesterov else 1 + momentum - lr * c, -momentum * shrunk
            return np.array([[a * a, 2 * a * b, b * b], [a, b, 0.0], [1.0, 0.0, 0.0]])

        share = 1 / self.dim
        return tuple(share * squared(c) + (1 - share) * squared(0.0) for c in self.curvatures)

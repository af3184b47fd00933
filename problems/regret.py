"""Sequences on which gradient descent's regret is as large as its theorems allow, or a known share of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
import torch

from lab.bases.linear import exact
from lab.domain import Box, Domain
from lab.errors import require
from lab.linalg import dot, like
from lab.problem import Constant, Formula, Problem
from lab.ranges import positive
from lab.types import Draws, Points, Scalars, Step


@dataclass(frozen=True, kw_only=True)
class OrthogonalSlopes(Problem):
    """loss_t(x) = -G x_i, i = 1 + (t - 1) mod T, on [0, D / sqrt(T)]^T; x_1 = 0, the best fixed point the other corner.

    The cube has Euclidean diameter D. A learner that leaves coordinates alone whose slope it has not seen loses 0 in
    each of the rounds 1, ..., T, so that its regret is D G sqrt(T) exactly: the bound for projected gradient descent
    with lr = D / (G sqrt(T)), attained to the last digit, and the same for AdaGrad, Adam and sign descent. After T
    rounds the sequence begins again, and what was learnt pays. The instance is derived here.
    """

    name: ClassVar[str] = "oco_orthogonal"
    source: ClassVar[str] = "for Zinkevich, ICML 2003, Theorem 1, as in Orabona, arXiv 1912.13213, chapter 2"
    linear: ClassVar[bool] = True

    T: int = 9
    G: float = 1.0
    D: float = 1.0

    def validate(self) -> None:
        require(self.T >= 2, self, "T", self.T, "an integer >= 2")
        positive(self, "G", "D")

    @property
    def dim(self) -> int:
        return self.T

    @property
    def domain(self) -> Domain:
        return Box(0.0, 1.0).bind({"high": self.side()})

    def side(self) -> float:
        """Return the length of the cube's edges."""
        return float(self.D / self.T**0.5)

    def slope(self, x: Points, t: Step) -> Points:
        """Return -G e_i, `(d,)`."""
        place = torch.arange(self.T, dtype=x.dtype, device=x.device)
        return torch.where(place == torch.remainder(t - 1, self.T), like(x, -1.0) * self.G, 0.0)

    def value(self, x: Points) -> Scalars:
        return (-self.G / self.T * x).sum(-1)

    def grad(self, x: Points) -> Points:
        return torch.zeros_like(x) - self.G / self.T

    def hessian_diagonal(self, x: Points) -> Points:
        return torch.zeros_like(x)

    def loss(self, x: Points, t: Step, draws: Draws) -> Scalars:
        return dot(self.slope(x, t), x)

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        return self.slope(x, t).expand_as(x)

    def minimizer(self) -> tuple[float, ...]:
        return (self.side(),) * self.T

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(0.0), "mu": Constant(0.0), "G": Constant(self.G), "D": Constant(self.side())}

    def formula(self) -> Formula:
        x, share = sp.symbols(f"x1:{self.T + 1}", real=True), sp.Rational(1, self.T)
        outcomes = tuple((share, -exact(self.G) * v) for v in x)
        return Formula(x=tuple(x), value=-exact(self.G) * share * sum(x), outcomes=outcomes)


@dataclass(frozen=True, kw_only=True)
class ResistingAbsolute(Problem):
    """f(x) = G |x| on [-D/2, D/2], the same in every round; the slope at 0 is +G; x_1 = 0. No noise.

    The slope at 0 drives gradient descent with lr = D / (G sqrt(t)) off the minimizer, to -D/2, and the steps that fall
    like t^(-1/2) then go to and fro across it, x_t of order lr: its regret is 2/3 of the bound (3/2) D G sqrt(T) in the
    limit. That the ratio to D G sqrt(T) is 0.707 at T = 10 and tends to 1 is computed in tests/test_regret.py.
    """

    name: ClassVar[str] = "oco_absolute"
    source: ClassVar[str] = "for Zinkevich, ICML 2003, steps t^(-1/2), as in Orabona, arXiv 1912.13213, chapter 2"

    G: float = 1.0
    D: float = 1.0

    def validate(self) -> None:
        positive(self, "G", "D")

    @property
    def domain(self) -> Domain:
        return Box(-1.0, 1.0).bind({"low": -0.5 * self.D, "high": 0.5 * self.D})

    def value(self, x: Points) -> Scalars:
        return (self.G * x.abs()).sum(-1)

    def grad(self, x: Points) -> Points:
        return self.G * torch.where(x < 0, like(x, -1.0), 1.0)

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,)

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"mu": Constant(0.0), "G": Constant(self.G), "D": Constant(self.D)}

    def formula(self) -> Formula:
        x = sp.Symbol("x", real=True)
        return Formula(x=(x,), value=exact(self.G) * sp.Abs(x))


@dataclass(frozen=True, kw_only=True)
class RandomCentres(Problem):
    """loss_t(x) = (H/2) (x - z_t)^2 on [-a, a], z_t = a or -a with probability 1/2 each; x_1 = 0.

    f(x) = (H/2) (x^2 + a^2). Strongly convex losses of slope at most G = 2 H a, for which gradient descent with lr =
    1/(H t) has regret at most G^2 (1 + log T) / (2 H). It plays the mean of the z's so far, and against the best fixed
    point, their mean, it has E R_T = `mean_regret(T)` = H a^2 (1 + h_{T-1}) / 2 exactly, h the harmonic numbers: log T
    is right, and the bound four times too large in the limit (derived here).
    """

    name: ClassVar[str] = "oco_strongly_convex"
    source: ClassVar[str] = "for Hazan, Agarwal, Kale, Machine Learning 69 (2007), Theorem 1"

    H: float = 1.0
    a: float = 1.0

    def validate(self) -> None:
        positive(self, "H", "a")

    @property
    def n_draws(self) -> int:
        return 1

    @property
    def domain(self) -> Domain:
        return Box(-1.0, 1.0).bind({"low": -self.a, "high": self.a})

    def centre(self, draws: Draws) -> Points:
        """Return z_t, `(..., 1)`."""
        return torch.where(draws < 0.5, self.a, like(draws, -1.0) * self.a)

    def value(self, x: Points) -> Scalars:
        return (0.5 * self.H * (x.square() + self.a**2)).sum(-1)

    def grad(self, x: Points) -> Points:
        return self.H * x

    def hessian_diagonal(self, x: Points) -> Points:
        return torch.ones_like(x) * self.H

    def loss(self, x: Points, t: Step, draws: Draws) -> Scalars:
        return (0.5 * self.H * (x - self.centre(draws)).square()).sum(-1)

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        return self.H * (x - self.centre(draws))

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,)

    @property
    def constants(self) -> Mapping[str, Constant]:
        curvature = {"L": Constant(self.H), "mu": Constant(self.H)}
        size = {"G": Constant(2 * self.H * self.a), "D": Constant(2 * self.a), "sigma": Constant(self.H * self.a)}
        return {**curvature, **size}

    def formula(self) -> Formula:
        x, H, a, half = sp.Symbol("x", real=True), exact(self.H), exact(self.a), sp.Rational(1, 2)
        outcomes = tuple((half, H / 2 * (x - z) ** 2) for z in (a, -a))
        return Formula(x=(x,), value=H / 2 * (x**2 + a**2), outcomes=outcomes)

    def mean_regret(self, T: int) -> float:
        """Return E R_T of gradient descent with lr = 1/(H t)."""
        return self.H * self.a**2 / 2 * (1 + sum(1 / t for t in range(1, T)))

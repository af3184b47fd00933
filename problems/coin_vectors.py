"""Coin tossing in R^d: one coin a coordinate, of which a round tosses one, drawn uniformly.

A round draws i and c = +-1 with P(c = sides_i) = (1 + delta) / 2, and shows these two alone, wherever it is asked. Coin
i is tossed N_i ~ Bin(T, 1/d) times, and what comes of the others says nothing about its side. Hence with sides drawn
uniformly, and so for the worst sides, every method of T queries, random or not, leaves at least the share 1 - TV_T of
the gap that it would leave without looking; TV_T = E TV(Bin(N_1, (1 + delta)/2), Bin(N_1, (1 - delta)/2)) (Assouad's
argument; the exact constants are derived here). It is as if each coordinate had T/d rounds of its own.

Agarwal et al. take a packing of the cube's corners and Fano's inequality instead, which costs constants, and slopes
that change sign within the domain; on the box below their functions are linear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import sympy as sp
import torch

from lab.bases.linear import exact
from lab.domain import Box, Domain
from lab.errors import require
from lab.linalg import dot, like, norm_sq
from lab.problem import Constant, Formula, Problem
from lab.ranges import positive
from lab.types import Draws, Points, Scalars, Step


@dataclass(frozen=True, kw_only=True)
class _Coins(Problem):
    """A round's loss is rest(x) - G c x_i."""

    delta: float = 0.1
    sides: tuple[float, ...] = (1.0, -1.0, 1.0, 1.0)
    G: float = 1.0

    def validate(self) -> None:
        require(0 < self.delta < 1, self, "delta", self.delta, "in (0, 1)")
        good = len(self.sides) > 1 and all(side in (-1.0, 1.0) for side in self.sides)
        require(good, self, "sides", self.sides, "two or more numbers, each 1 or -1")
        positive(self, "G")

    @property
    def dim(self) -> int:
        return len(self.sides)

    @property
    def n_draws(self) -> int:
        return 2

    def push(self, draws: Draws) -> Points:
        """Return G c e_i, `(..., d)`."""
        place = torch.arange(self.dim, dtype=draws.dtype, device=draws.device)
        chosen = (draws[..., :1] * self.dim).floor().clamp(max=self.dim - 1.0)
        agrees = torch.where(draws[..., 1:] < (1 + self.delta) / 2, like(draws, 1.0), -1.0)
        return torch.where(place == chosen, self.G * agrees * draws.new_tensor(self.sides), 0.0)

    def mean_push(self, x: Points) -> Points:
        """Return G E c e_i, `(d,)`."""
        return self.G * self.delta * x.new_tensor(self.sides) / self.dim

    @property
    def deviation(self) -> float:
        """Return (E ||oracle - grad||^2)^(1/2)."""
        return self.G * sqrt(1 - self.delta**2 / self.dim)

    def outcomes(self, rest: sp.Expr, x: tuple[sp.Symbol, ...]) -> Formula:
        """Return the formula of losses rest - G c x_i."""
        G, delta, d = exact(self.G), exact(self.delta), self.dim
        signed = [int(side) * v for side, v in zip(self.sides, x, strict=True)]
        likely = [((1 + delta) / (2 * d), rest - G * v) for v in signed]
        unlikely = [((1 - delta) / (2 * d), rest + G * v) for v in signed]
        return Formula(x=x, value=rest - G * delta / d * sum(signed), outcomes=(*likely, *unlikely))

    def symbols(self) -> tuple[sp.Symbol, ...]:
        """Return x1, ..., xd."""
        return tuple(sp.symbols(f"x1:{self.dim + 1}", real=True))


@dataclass(frozen=True, kw_only=True)
class CoinVectorLipschitz(_Coins):
    """f(x) = -(delta G / d) <sides, x> on [-R, R]^d; a round's loss is -G c x_i. x_1 = 0, x* = R sides.

    f* = -delta G R. Every method of T queries has, for some sides, E f - f* >= delta G R (1 - TV_T): for T >> d at
    delta = 0.7518 sqrt(d / T) that is 0.3399 G R sqrt(d / T), which grows with the dimension. The average of projected
    SGD with lr = R sqrt(d / T) / G has at most G R sqrt(d / T).
    """

    name: ClassVar[str] = "coin_vector_lipschitz"
    source: ClassVar[str] = (
        "after Agarwal, Bartlett, Ravikumar, Wainwright, arXiv 1009.0571; instance and constant derived here"
    )
    linear: ClassVar[bool] = True

    R: float = 1.0

    def validate(self) -> None:
        super().validate()
        positive(self, "R")

    @property
    def domain(self) -> Domain:
        return Box(-1.0, 1.0).bind({"low": -self.R, "high": self.R})

    def value(self, x: Points) -> Scalars:
        return -dot(self.mean_push(x), x)

    def grad(self, x: Points) -> Points:
        return torch.zeros_like(x) - self.mean_push(x)

    def hessian_diagonal(self, x: Points) -> Points:
        return torch.zeros_like(x)

    def loss(self, x: Points, t: Step, draws: Draws) -> Scalars:
        return -dot(self.push(draws), x)

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        return (-self.push(draws)).expand_as(x)

    def minimizer(self) -> tuple[float, ...]:
        return tuple(side * self.R for side in self.sides)

    @property
    def constants(self) -> Mapping[str, Constant]:
        bounded = {"G": Constant(self.G), "D": Constant(2 * self.R), "sigma": Constant(self.deviation)}
        return {"L": Constant(0.0), "mu": Constant(0.0), **bounded}

    def formula(self) -> Formula:
        return self.outcomes(sp.S.Zero, self.symbols())


@dataclass(frozen=True, kw_only=True)
class CoinVectorStronglyConvex(_Coins):
    """f(x) = (mu/2) ||x||^2 - (delta G / d) <sides, x>; a round's loss is (mu/2) ||x||^2 - G c x_i; x_1 = 0.

    x* = (delta G / (mu d)) sides. Every method of T queries has, for some sides, E f - f* >= (delta G)^2 / (2 mu d)
    (1 - TV_T): with delta of order sqrt(d / T) a multiple of G^2 / (mu T), whatever the dimension. SGD with lr = 1/(mu
    t) returns the mean of G c e_i / mu, with E f - f* = sigma^2 / (2 mu T) exactly, sigma^2 = G^2 (1 - delta^2 / d).
    """

    name: ClassVar[str] = "coin_vector_strongly_convex"
    source: ClassVar[str] = (
        "after Agarwal, Bartlett, Ravikumar, Wainwright, arXiv 1009.0571; instance and constant derived here"
    )

    mu: float = 1.0

    def validate(self) -> None:
        super().validate()
        positive(self, "mu")

    def value(self, x: Points) -> Scalars:
        return (0.5 * self.mu * norm_sq(x).unsqueeze(-1)).sum(-1) - dot(self.mean_push(x), x)

    def grad(self, x: Points) -> Points:
        return self.mu * x - self.mean_push(x)

    def hessian_diagonal(self, x: Points) -> Points:
        return torch.ones_like(x) * self.mu

    def loss(self, x: Points, t: Step, draws: Draws) -> Scalars:
        return (0.5 * self.mu * norm_sq(x).unsqueeze(-1)).sum(-1) - dot(self.push(draws), x)

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        return self.mu * x - self.push(draws)

    def minimizer(self) -> tuple[float, ...]:
        return tuple(side * self.delta * self.G / (self.mu * self.dim) for side in self.sides)

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(self.mu), "mu": Constant(self.mu), "sigma": Constant(self.deviation)}

    def formula(self) -> Formula:
        x = self.symbols()
        return self.outcomes(exact(self.mu) / 2 * sum((v**2 for v in x), sp.S.Zero), x)

"""Counterexamples to descent along signs: S. P. Karimireddy, Q. Rebjock, S. U. Stich, M. Jaggi, ICML 2019.

The sign of a stochastic gradient may point up on average, and the signs of all of them may lie on one line; then no
step size helps. Error feedback (`efsignsgd`), which keeps what the sign has dropped, repairs both.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
import torch

from lab.bases.linear import RandomSlopes, exact
from lab.errors import require
from lab.linalg import dot
from lab.problem import Constant, Formula, Problem
from lab.rng import Key
from lab.sampling import Order, WithReplacement
from lab.types import Draws, Points, Scalars, Step


@dataclass(frozen=True, kw_only=True)
class SkewedSigns(RandomSlopes):
    """f(x) = x / 4 on [-1, 1]; the slope is high = 4 with probability p = 1/4, else low = -1; x_1 = 0.

    The mean of sign(a_t) is 2 p - 1 = -1/2 where that of a_t is 1/4: signSGD moves by +lr/2 on average in every step
    that the end of the interval does not cut off, and E f rises by lr/8, for every step size. On R (projected=False)
    that is exact in every step. SGD descends. In one dimension error feedback on the scaled sign is SGD itself. The
    domain is recalled from the paper, the law of the slopes read in restatements.
    """

    name: ClassVar[str] = "karimireddy_skewed"
    source: ClassVar[str] = "Karimireddy et al., ICML 2019, arXiv 1901.09847, Counterexample 1"

    high: float = 4.0
    low: float = -1.0
    p: float = 0.25

    def validate(self) -> None:
        require(0 < self.p < 0.5, self, "p", self.p, "in (0, 1/2), or signs would be right on average")
        require(self.low < 0, self, "low", self.low, "a number < 0")
        least = -self.low * (1 - self.p) / self.p
        require(self.high > least, self, "high", self.high, f"> {least}, or x* would not be -1")

    def slopes(self) -> tuple[float, float]:
        return self.high, self.low

    def share(self) -> float:
        return self.p


@dataclass(frozen=True, kw_only=True)
class _OnALine(Problem):
    """A function of u = x_1 - x_2 and v = x_1 + x_2 with its minimum at 0; it starts at (1, 1), where v = 2.

    All stochastic gradients have the signs (1, -1) or (-1, 1), so that signs alone never change v.
    """

    eps: float = 0.5

    def validate(self) -> None:
        require(0 < self.eps < 1, self, "eps", self.eps, "in (0, 1)")

    @property
    def dim(self) -> int:
        return 2

    def start(self, key: Key) -> Points:
        return torch.ones(2, dtype=key.dtype)

    def minimizer(self) -> tuple[float, ...]:
        return (0.0, 0.0)

    @abstractmethod
    def floor(self) -> float:
        """Return the smallest value on the line v = 2."""

    def across(self, x: Points) -> Points:
        """Return eps (1, 1), of x's type."""
        return torch.zeros_like(x) + self.eps

    @staticmethod
    def along(x: Points) -> Points:
        """Return (1, -1), of x's type."""
        return x.new_tensor((1.0, -1.0))


@dataclass(frozen=True, kw_only=True)
class NonsmoothLine(_OnALine):
    """f(x) = eps |x_1 + x_2| + |x_1 - x_2|, 0 < eps < 1; no noise; x_1 = (1, 1).

    signSGD, and its form scaled by ||g||_1, stay at x_1 + x_2 = 2, where f >= 2 eps = f(x_1), for every sequence of
    step sizes. The subgradient method and error feedback reach 0; so do methods with momentum (Signum, Adam), whose
    mean of gradients has other signs. The subgradient has sign(0) = +1: with sign(0) = 0 the gradient at (1, 1) would
    be eps (1, 1), and the counterexample would disappear.
    """

    name: ClassVar[str] = "karimireddy_nonsmooth"
    source: ClassVar[str] = "Karimireddy et al., ICML 2019, arXiv 1901.09847, Counterexample 2"

    def value(self, x: Points) -> Scalars:
        return dot(self.across(x), x).abs() + dot(self.along(x), x).abs()

    def grad(self, x: Points) -> Points:
        return _signed(self.across(x), x) + _signed(self.along(x), x)

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"mu": Constant(0.0), "G": Constant(1 + self.eps)}

    def floor(self) -> float:
        return 2 * self.eps

    def formula(self) -> Formula:
        x1, x2 = sp.symbols("x1:3", real=True)
        return Formula(x=(x1, x2), value=exact(self.eps) * sp.Abs(x1 + x2) + sp.Abs(x1 - x2))


def _signed(a: Points, x: Points) -> Points:
    """Return a subgradient of |<a, x>|: a where <a, x> >= 0, else -a."""
    return torch.where(dot(a, x).unsqueeze(-1) < 0, -a, a)


@dataclass(frozen=True, kw_only=True)
class SmoothLine(_OnALine):
    """f(x) = <a_1, x>^2 + <a_2, x>^2, a_1 and a_2 = +-(1, -1) + eps (1, 1), 0 < eps < 1; x_1 = (1, 1).

    That is 2 (x_1 - x_2)^2 + 2 eps^2 (x_1 + x_2)^2. The oracle shows one of the components 2 <a_i, x>^2. signSGD stays
    at x_1 + x_2 = 2, where f >= 8 eps^2 > 0 = f*, for every step size and every order. SGD and error feedback converge
    to 0, as the components share their minimizer, and momentum (Signum, Adam) leads off the line. The statement is
    recalled, the mathematics checked.
    """

    name: ClassVar[str] = "karimireddy_least_squares"
    source: ClassVar[str] = "Karimireddy et al., ICML 2019, arXiv 1901.09847, Counterexample 3"

    order: Order = WithReplacement()

    @property
    def n_draws(self) -> int:
        return int(self.order.drawn)

    @property
    def components(self) -> int:
        return 2

    def rows(self, x: Points) -> tuple[Points, Points]:
        """Return a_1 and a_2."""
        return self.across(x) + self.along(x), self.across(x) - self.along(x)

    def row(self, x: Points, i: Scalars) -> Points:
        """Return the row of component i, 0 or 1."""
        first, second = self.rows(x)
        return torch.where(i.unsqueeze(-1) == 0, first, second)

    def component(self, x: Points, i: Scalars) -> Scalars:
        return 2 * dot(self.row(x, i), x).square()

    def value(self, x: Points) -> Scalars:
        first, second = self.rows(x)
        return dot(first, x).square() + dot(second, x).square()

    def grad(self, x: Points) -> Points:
        first, second = self.rows(x)
        return 2 * dot(first, x).unsqueeze(-1) * first + 2 * dot(second, x).unsqueeze(-1) * second

    def hessian_diagonal(self, x: Points) -> Points:
        first, second = self.rows(x)
        return 2 * first.square() + 2 * second.square()

    def loss(self, x: Points, t: Step, draws: Draws) -> Scalars:
        return self.component(x, self.order.shown(draws, 2, t))

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        row = self.row(x, self.order.shown(draws, 2, t))
        return 4 * dot(row, x).unsqueeze(-1) * row

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(8.0), "mu": Constant(8 * self.eps**2)}

    def floor(self) -> float:
        return 8 * self.eps**2

    def formula(self) -> Formula:
        x1, x2 = sp.symbols("x1:3", real=True)
        eps, half = exact(self.eps), sp.Rational(1, 2)
        first, second = ((eps * (x1 + x2) + sign * (x1 - x2)) ** 2 for sign in (1, -1))
        return Formula(x=(x1, x2), value=first + second, outcomes=((half, 2 * first), (half, 2 * second)))

"""The one-dimensional examples of Chen, Liu, Sun, Hong (ICLR 2019) and of Zhang et al. (NeurIPS 2022), on R.

In the finite sums one component pulls to the minimizer harder than all others push away; the components are not convex,
their sum is. A method that divides each gradient by its own recent size hears the many louder than the one.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
import torch

from lab.bases.linear import exact
from lab.errors import require
from lab.linalg import like
from lab.problem import Constant, Formula, Problem
from lab.ranges import positive
from lab.rng import Key
from lab.sampling import Order, WithReplacement
from lab.types import Draws, Points, Scalars, Step


@dataclass(frozen=True, kw_only=True)
class ChenHuber(Problem):
    """f(x) = (L/2) x^2 for |x| <= b, L b |x| - (L/2) b^2 else; no noise.

    Figure 1 of Chen et al. (L = 200, b = 10): GD with lr = 0.01 = 2/L jumps between x_1 and -x_1 for ever, the sum of
    squared steps growing as fast as the sum of step sizes; a method that divides by its gradients, such as AMSGrad
    with the same lr, does not. It breaks no method whose lr is below 2/L. x_1 = 5 is our choice: the figure's start was
    not known.
    """

    name: ClassVar[str] = "chen_huber"
    source: ClassVar[str] = "Chen, Liu, Sun, Hong, ICLR 2019, arXiv 1808.02941, Figure 1"

    L: float = 200.0
    b: float = 10.0
    x1: float = 5.0

    def validate(self) -> None:
        positive(self, "L", "b")

    def start(self, key: Key) -> Points:
        return torch.full((1,), self.x1, dtype=key.dtype)

    def value(self, x: Points) -> Scalars:
        near = self._near(x)
        return (self.L * (near * x - 0.5 * near * near)).sum(-1)

    def grad(self, x: Points) -> Points:
        return self.L * self._near(x)

    def hessian_diagonal(self, x: Points) -> Points:
        return torch.where(x.abs() <= self.b, like(x, self.L), 0.0)

    def _near(self, x: Points) -> Points:
        """Return the point of [-b, b] nearest to x."""
        b = like(x, self.b)
        return torch.maximum(torch.minimum(x, b), -b)

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,)

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(self.L), "mu": Constant(0.0), "G": Constant(self.L * self.b)}

    def formula(self) -> Formula:
        x, L, b = sp.Symbol("x", real=True), exact(self.L), exact(self.b)
        return Formula(x=(x,), value=sp.Piecewise((L * x**2 / 2, abs(x) <= b), (L * b * (abs(x) - b / 2), True)))


@dataclass(frozen=True, kw_only=True)
class _OneAgainstMany(Problem):
    """f = (1/n) sum_i f_i with f_0 = (1 + (n-1) a) phi and f_i = -a phi for the n - 1 others, so that f = phi / n.

    The oracle shows one f_i in every step, by `order`.
    """

    n: int = 11
    a: float = 1.0
    x1: float = 2.0
    order: Order = WithReplacement()

    def validate(self) -> None:
        require(self.n >= 3, self, "n", self.n, "an integer >= 3")
        positive(self, "a")

    @abstractmethod
    def phi(self, x: Points) -> Points:
        """Return phi(x), which is convex and has curvature 0 or 1."""

    @abstractmethod
    def slope(self, x: Points) -> Points:
        """Return phi'(x)."""

    @abstractmethod
    def symbolic(self, x: sp.Symbol) -> sp.Expr:
        """Return phi in sympy."""

    @property
    def n_draws(self) -> int:
        return int(self.order.drawn)

    @property
    def components(self) -> int:
        return self.n

    def start(self, key: Key) -> Points:
        return torch.full((1,), self.x1, dtype=key.dtype)

    def weight(self, x: Points, i: Scalars) -> Points:
        """Return the factor of phi in f_i, `(..., 1)`."""
        return torch.where(i.unsqueeze(-1) == 0, 1 + (self.n - 1) * self.a, like(x, -self.a))

    def component(self, x: Points, i: Scalars) -> Scalars:
        return (self.weight(x, i) * self.phi(x)).sum(-1)

    def value(self, x: Points) -> Scalars:
        return self.phi(x).sum(-1) / self.n

    def grad(self, x: Points) -> Points:
        return self.slope(x) / self.n

    def loss(self, x: Points, t: Step, draws: Draws) -> Scalars:
        return self.component(x, self.order.shown(draws, self.n, t))

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        return self.weight(x, self.order.shown(draws, self.n, t)) * self.slope(x)

    def sum_of_squares(self) -> float:
        """Return sum_i c_i^2, where f_i = c_i phi."""
        return (1 + (self.n - 1) * self.a) ** 2 + (self.n - 1) * self.a**2

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(1 / self.n), "mu": Constant(0.0)}

    def formula(self) -> Formula:
        x, n, a = sp.Symbol("x", real=True), self.n, exact(self.a)
        phi, share = self.symbolic(x), sp.Rational(1, n)
        outcomes = ((share, (1 + (n - 1) * a) * phi), (1 - share, -a * phi))
        return Formula(x=(x,), value=phi / n, outcomes=outcomes)


@dataclass(frozen=True, kw_only=True)
class ChenOscillation(_OneAgainstMany):
    """f = h / n, h(x) = x^2/2 for |x| <= 1, |x| - 1/2 else; a component is n h once in n, else -h; n = 11, x_1 = 2.

    Figure 2 of Chen et al.: Adam's effective step size oscillates with the component that is shown, always smallest at
    the one that points to 0, and Adam diverges for every step size tried; AMSGrad and AdaFom (with lr / sqrt(t))
    converge. The paper's f is the sum of the components, n times ours, which is their mean like every finite sum here;
    the stochastic gradients are the paper's. x_1 is that of a reproduction. a: the push of the others, 1 in the paper.
    """

    name: ClassVar[str] = "chen_oscillation"
    source: ClassVar[str] = "Chen, Liu, Sun, Hong, ICLR 2019, arXiv 1808.02941, Figure 2"

    def phi(self, x: Points) -> Points:
        near = x.clamp(-1.0, 1.0)
        return near * x - 0.5 * near * near

    def slope(self, x: Points) -> Points:
        return x.clamp(-1.0, 1.0)

    def hessian_diagonal(self, x: Points) -> Points:
        return torch.where(x.abs() <= 1, like(x, 1 / self.n), 0.0)

    def symbolic(self, x: sp.Symbol) -> sp.Expr:
        return sp.Piecewise((x**2 / 2, abs(x) <= 1), (abs(x) - sp.Rational(1, 2), True))

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,)

    @property
    def constants(self) -> Mapping[str, Constant]:
        n, variance = self.n, self.sum_of_squares() / self.n - 1 / self.n**2
        return {**super().constants, "G": Constant(1 + (n - 1) * self.a), "sigma": Constant(math.sqrt(variance))}


@dataclass(frozen=True, kw_only=True)
class NFunction(_OneAgainstMany):
    """f = phi / n, phi(x) = x for x >= -1, ((x + 2)^2 - 3) / 2 else; one f_i is (1 + (n-1) a) phi, the others -a phi.

    The n-function of Zhang et al.: every component is smooth and all are stationary at x* = -2, sum_i |f_i'|^2 = D1
    |f'|^2, yet Adam diverges from x_1 > -2 for betas in a region that grows to [0, 1)^2 with n, and converges for beta2
    close to 1. No bounded domain, no bounded gradients. a = 1 in the paper (slopes n and -1); a = 1 / (n-1)^2 in
    Zhang's thesis, where D1 <= 2 n^2 for n >= 4 (for n = 3 it is 2.375 n^2). In cyclic order the boundary, for small
    steps, is where the sum of m_i / sqrt(v_i) over one period changes sign. SGD and AMSGrad converge.
    """

    name: ClassVar[str] = "zhang_n_function"
    source: ClassVar[str] = "Zhang, Chen, Shi, Sun, Luo, NeurIPS 2022, arXiv 2208.09632, on the divergence of Adam"

    n: int = 20
    x1: float = 1.0

    def phi(self, x: Points) -> Points:
        near = (x + 2).clamp(max=1.0)
        return near * (x + 2) - 0.5 * near * near - 1.5

    def slope(self, x: Points) -> Points:
        return (x + 2).clamp(max=1.0)

    def hessian_diagonal(self, x: Points) -> Points:
        return torch.where(x < -1, like(x, 1 / self.n), 0.0)

    def symbolic(self, x: sp.Symbol) -> sp.Expr:
        return sp.Piecewise((x, x >= -1), (((x + 2) ** 2 - 3) / 2, True))

    def minimizer(self) -> tuple[float, ...]:
        return (-2.0,)

    def D1(self) -> float:
        """Return the constant of affine variance, sum_i |f_i'(x)|^2 = D1 |f'(x)|^2 for every x."""
        return self.n**2 * self.sum_of_squares()

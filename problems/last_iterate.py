"""Instances on which the last iterate of subgradient descent is worse than an average, by a factor log T.

Where several pieces are largest the oracle returns the first, as the theorems need it. The subgradients of the first k
steps span the first k axes. G bounds a subgradient's largest coordinate; its Euclidean norm, of which the theorems
speak, is at most 1 (`last_iterate_lipschitz`) and 3 (`last_iterate_strongly_convex`).
"""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import sympy as sp
import torch
from torch import Tensor

from lab.domain import Ball, Domain
from lab.errors import require
from lab.linalg import first_largest, matvec, norm_sq
from lab.problem import Constant, Formula, Problem
from lab.types import Points, Scalars


@dataclass(frozen=True, kw_only=True)
class _LastIterate(Problem):
    """The maximum over i <= T + 1 of <h_i, x>, h_i[j] = a_j for j < i, -b_i for j = i, 0 beyond, on the unit ball.

    Some mean of the h_i with positive weights is 0 (w_j b_j = a_j sum_{i > j} w_i), so x* = 0, f* = 0: the method
    starts at the minimizer and is led away from it.
    """

    T: int = 6

    def validate(self) -> None:
        require(self.T >= 2, self, "T", self.T, "an integer >= 2")

    @property
    def dim(self) -> int:
        return self.T

    @property
    def domain(self) -> Domain:
        return Ball(1.0)

    @abstractmethod
    def exact_slopes(self) -> tuple[list[sp.Expr], list[sp.Expr]]:
        """Return (a, b) in sympy."""

    def slopes(self, x: Points) -> tuple[Tensor, Tensor]:
        """Return (a, b), `(T,)` each, in x's dtype."""
        a, b = _in_floats(self)
        return x.new_tensor(a), x.new_tensor(b)

    def pieces(self, x: Points) -> Tensor:
        """Return <h_i, x>, `(..., T + 1)`. A sum over j < i, so that pieces which differ by zeros are equal."""
        a, b = self.slopes(x)
        before = torch.ones(self.T + 1, self.T, dtype=x.dtype, device=x.device).tril(-1)
        own = torch.cat([b * x, torch.zeros_like(x[..., :1])], -1)
        return matvec(before, a * x) - own

    def value(self, x: Points) -> Scalars:
        return self.pieces(x).amax(-1)

    def grad(self, x: Points) -> Points:
        a, b = self.slopes(x)
        place, i = torch.arange(self.T, dtype=x.dtype, device=x.device), first_largest(self.pieces(x))
        return torch.where(place < i, a, torch.where(place == i, -b, 0.0))

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,) * self.T

    @property
    def constants(self) -> Mapping[str, Constant]:
        largest = max(v for slopes in _in_floats(self) for v in slopes)
        return {"mu": Constant(0.0), "G": Constant(largest), "D": Constant(2.0)}

    def formula(self) -> Formula:
        x = sp.symbols(f"x1:{self.T + 1}", real=True)
        a, b = self.exact_slopes()
        before = [sum((a[j] * x[j] for j in range(i)), sp.S.Zero) for i in range(self.T + 1)]
        pieces = [s - b[i] * x[i] for i, s in enumerate(before[:-1])] + [before[-1]]
        return Formula(x=tuple(x), value=sp.Max(*pieces))


@functools.cache
def _in_floats(problem: _LastIterate) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return (a, b) rounded once: sympy takes longer than a step."""
    a, b = problem.exact_slopes()
    return tuple(map(float, a)), tuple(map(float, b))


@dataclass(frozen=True, kw_only=True)
class LastIterateLipschitz(_LastIterate):
    """f(x) = max_i <h_i, x> with a_j = 1 / (8 (T - j + 1)), b_j = sqrt(j) / (2 sqrt(T)), on the unit ball; x_1 = 0.

    Convex and 1-Lipschitz. With lr = 1 / sqrt(t) the oracle shows piece t in step t, and the last iterate x_{T+1} has
    f(x_{T+1}) - f* >= log(T) / (32 sqrt(T)), while the average of all iterates keeps O(1 / sqrt(T)). The construction
    is the journal version's as far as it could be reconstructed; the path and the bound are verified by the tests.
    """

    name: ClassVar[str] = "last_iterate_lipschitz"
    source: ClassVar[str] = "Harvey, Liaw, Plan, Randhawa, COLT 2019, arXiv 1812.05217, Remark 3.7, the Lipschitz case"

    def exact_slopes(self) -> tuple[list[sp.Expr], list[sp.Expr]]:
        j = range(1, self.T + 1)
        return [sp.Rational(1, 8 * (self.T - k + 1)) for k in j], [sp.sqrt(sp.Rational(k, 4 * self.T)) for k in j]


@dataclass(frozen=True, kw_only=True)
class LastIterateStronglyConvex(_LastIterate):
    """f(x) = max_i <h_i, x> + ||x||^2 / 2 with a_j = 1 / (2 (T + 1 - j)), b_j = 1, on the unit ball; x_1 = 0.

    1-strongly convex and 3-Lipschitz. With lr = 1/t the oracle shows piece t in step t, no projection is active, and
    f(x_{T+1}) - f* >= log(T) / (4 T); suffix averaging keeps O(1/T). The theorem's text says x_T, its proof evaluates
    x_{T+1}, after T steps.
    """

    name: ClassVar[str] = "last_iterate_strongly_convex"
    source: ClassVar[str] = "Harvey, Liaw, Plan, Randhawa, COLT 2019, arXiv 1812.05217, Theorem 3.3, section 5"

    def exact_slopes(self) -> tuple[list[sp.Expr], list[sp.Expr]]:
        return [sp.Rational(1, 2 * (self.T - j)) for j in range(self.T)], [sp.S.One] * self.T

    def value(self, x: Points) -> Scalars:
        return super().value(x) + 0.5 * norm_sq(x)

    def grad(self, x: Points) -> Points:
        return super().grad(x) + x

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"mu": Constant(1.0), "G": Constant(2.0), "D": Constant(2.0)}

    def formula(self) -> Formula:
        linear = super().formula()
        return replace(linear, value=linear.value + sum(xi**2 for xi in linear.x) / 2)

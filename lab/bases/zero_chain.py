"""The zero-chain of the non-convex lower bounds: a function whose gradient shows one new coordinate at a time.

Y. Carmon, J. Duchi, O. Hinder, A. Sidford, "Lower bounds for finding stationary points I", Math. Prog. 184 (2020),
arXiv 1710.11606, section 3; used with a noisy oracle by Arjevani et al., Math. Prog. 199 (2023), arXiv 1912.02365.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import sympy as sp
import torch
from torch import Tensor

from lab.errors import require
from lab.problem import Constant, Formula, Problem
from lab.ranges import positive
from lab.types import Points, Scalars

SMOOTHNESS, SLOPE = 152.0, 23.0  # of the unscaled chain: Lipschitz constant and sup-norm of its gradient
WIDTH = math.sqrt(2 * math.pi * math.e)  # the limit of Phi


def psi(s: Tensor) -> Tensor:
    """Return exp(1 - 1/(2s - 1)^2) for s > 1/2, else 0."""
    z = torch.where(s > 0.5, 2 * s - 1, 1.0)
    return torch.where(s > 0.5, (1 - z.square().reciprocal()).exp(), 0.0 * s)


def psi_slope(s: Tensor) -> Tensor:
    """Return psi'(s), in one exponential: near 1/2 the power underflows before 1/z^3 can overflow."""
    z = torch.where(s > 0.5, 2 * s - 1, 1.0)
    return torch.where(s > 0.5, 4 * (1 - z.square().reciprocal() - 3 * z.log()).exp(), 0.0 * s)


def phi(s: Tensor) -> Tensor:
    """Return sqrt(e) int_{-inf}^s exp(-r^2/2) dr."""
    area: Tensor = 0.5 * WIDTH * torch.special.erfc(-s / math.sqrt(2))
    return area


def phi_slope(s: Tensor) -> Tensor:
    """Return phi'(s)."""
    return (0.5 - 0.5 * s.square()).exp()


@dataclass(frozen=True, kw_only=True)
class ZeroChain(Problem):
    """f(x) = (L w^2 / 152) sum_{i=1}^T psi(-y_{i-1}) phi(-y_i) - psi(y_{i-1}) phi(y_i), y = x / w, y_0 = 1.

    w = stretch eps / L. While |y_T| <= 1, ||grad f|| > L w / 152. Coordinates beyond the first after the last i with
    |y_i| > 1/2 have a zero gradient: from x_1 = 0 a method that moves only coordinates in which it has seen a
    gradient moves at most one new one a step.
    """

    stretch: ClassVar[float]

    T: int = 10
    eps: float = 0.01
    L: float = 1.0

    def validate(self) -> None:
        require(self.T >= 2, self, "T", self.T, "an integer >= 2")
        positive(self, "eps", "L")

    @property
    def dim(self) -> int:
        return self.T

    def width(self) -> float:
        """Return w."""
        return self.stretch * self.eps / self.L

    def value(self, x: Points) -> Scalars:
        y = x / self.width()
        before = _previous(y)
        terms = -before.sign() * psi(before.abs()) * phi(_along(before, y))
        return (self.L * self.width() ** 2 / SMOOTHNESS * terms).sum(-1)

    def grad(self, x: Points) -> Points:
        y = x / self.width()
        before, here, after = _previous(y), y[..., :-1], y[..., 1:]
        own = -psi(before.abs()) * phi_slope(y)
        through = -psi_slope(here.abs()) * phi(_along(here, after))
        slope = own + torch.cat([through, torch.zeros_like(y[..., :1])], -1)
        return self.L * self.width() / SMOOTHNESS * slope

    def after_progress(self, x: Points, level: float) -> Tensor:
        """Return which coordinates come after the last one with |y_i| > level: all where there is none."""
        place = torch.arange(1, self.T + 1, dtype=x.dtype, device=x.device)
        last = torch.where((x / self.width()).abs() > level, place, 0.0 * place).amax(-1, keepdim=True)
        return place > last

    @property
    def minimum(self) -> float:
        """Return inf f, which no point reaches: psi(1) = 1 in the first term, psi < e in the others."""
        return -self.L * self.width() ** 2 / SMOOTHNESS * WIDTH * (1 + math.e * (self.T - 1))

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(self.L, attained=False)}

    def formula(self) -> Formula:
        x = sp.symbols(f"x1:{self.T + 1}", real=True)
        L = sp.Rational(str(self.L))
        w = sp.Rational(str(self.stretch)) * sp.Rational(str(self.eps)) / L
        chain = pairwise([sp.S.One, *(v / w for v in x)])
        terms = (exact_psi(-a) * exact_phi(-b) - exact_psi(a) * exact_phi(b) for a, b in chain)
        return Formula(x=tuple(x), value=L * w**2 / 152 * sum(terms, sp.S.Zero))


def _along(before: Points, y: Points) -> Points:
    """Return y with the sign of y_{i-1}: of psi(-y_{i-1}) phi(-y_i) and psi(y_{i-1}) phi(y_i) one is 0."""
    return torch.where(before < 0, -y, y)


def _previous(y: Points) -> Points:
    """Return y_{i-1}."""
    return torch.cat([torch.ones_like(y[..., :1]), y[..., :-1]], -1)


def exact_psi(s: sp.Expr) -> sp.Expr:
    """Return `psi` in sympy."""
    return sp.Piecewise((sp.exp(1 - 1 / (2 * s - 1) ** 2), s > sp.Rational(1, 2)), (0, True))


def exact_phi(s: sp.Expr) -> sp.Expr:
    """Return `phi` in sympy."""
    return sp.sqrt(2 * sp.pi * sp.E) * sp.erfc(-s / sp.sqrt(2)) / 2

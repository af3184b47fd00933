"""A strongly convex function with a lopsided kink at its minimizer: where averaging all of SGD's points costs a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
import torch

from lab.domain import Box, Domain
from lab.linalg import like
from lab.problem import Constant, Formula, Problem
from lab.types import Draws, Points, Scalars, Step


@dataclass(frozen=True, kw_only=True)
class LopsidedKink(Problem):
    """f(x) = x^2 / 2 + max(x, -7 x) on [-1, 1]; for x >= 0 the oracle adds noise uniform on [-2, 2]; x_1 = 0.

    mu = 1. SGD with lr = 1/t has E f(x_t) - f* = O(1/t), and so has the mean of the last half of its points, but that
    of all of them has order log(T) / T: t x_t tends to a stationary walk, down by a variable uniform on [-1, 3] from x
    >= 0 and up by 7 from x < 0, of mean 3.12, so that T (f(mean) - f*) grows by 3.12 with each unit of log T, from 11
    at T = 100 (reproduced in tests/test_lopsided_kink.py). Weights t and lr = 2/(t+1) repair it: E f(mean) - f* <= 2
    G^2 / (mu (T + 1)) with E||oracle||^2 <= G^2 (Lacoste-Julien, Schmidt, Bach, arXiv 1212.2002), and G = 8 here.
    The function and the noise are recalled from the source; its text has the slopes x + Z, Z uniform on [-1, 3], and
    x - 7.
    """

    name: ClassVar[str] = "average_loses_log"
    source: ClassVar[str] = "Rakhlin, Shamir, Sridharan, ICML 2012, arXiv 1109.5647, lower bound for the average"

    @property
    def n_draws(self) -> int:
        return 1

    @property
    def domain(self) -> Domain:
        return Box(-1.0, 1.0)

    def value(self, x: Points) -> Scalars:
        return (0.5 * x.square() + torch.where(x < 0, -7 * x, x)).sum(-1)

    def grad(self, x: Points) -> Points:
        return x + torch.where(x < 0, like(x, -7.0), 1.0)

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        return self.grad(x) + torch.where(x < 0, 0.0, 4 * draws - 2)

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,)

    @property
    def constants(self) -> Mapping[str, Constant]:
        """G: the largest slope, at -1; sigma: that of the noise at x >= 0."""
        return {"mu": Constant(1.0), "G": Constant(8.0), "D": Constant(2.0), "sigma": Constant(2 / 3**0.5)}

    def formula(self) -> Formula:
        x = sp.Symbol("x", real=True)
        return Formula(x=(x,), value=x**2 / 2 + sp.Piecewise((-7 * x, x < 0), (x, True)))

"""Smooth functions of one variable on which Adam with a fixed step size diverges (P. L. Toint, 2023). No noise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import sympy as sp
import torch

from lab.bases.linear import exact
from lab.linalg import like
from lab.problem import Constant, Formula, Problem
from lab.ranges import nonnegative, positive
from lab.types import Points, Scalars

_floor: Any = type("floor", (sp.Function,), {"fdiff": lambda self, argindex=1: sp.S.Zero})  # sympy's has no derivative


@dataclass(frozen=True, kw_only=True)
class TointStaircase(Problem):
    """f(x) = step (rise k - s + (1 + rise) s^3 (10 - 15 s + 6 s^2)) at x = (k + s) step, 0 <= s < 1; -x for x < 0.

    At the points k step the slope is -1, the curvature 0 and the value k step rise: quintic Hermite interpolation, so
    that f has a Lipschitz second derivative, at most L = (10 / sqrt(3)) (1 + rise) / step. Adam with lr = step sees the
    gradient -1 at every iterate, so mhat = -1, vhat = 1 and x_{t+1} = x_1 + t lr, whatever (beta1, beta2): |f'(x_t)| =
    1 for ever, and f(x_t) climbs to infinity on a function that is bounded below. It needs bias correction (or m and v
    that start at the first gradient and its square), and step = lr / (1 + eps) where eps > 0. At curvature 0
    rounding errors of x change the gradient in second order only.

    What it breaks: a step size that does not know L. Sign descent fails alike, and so does GD with lr = step, which is
    above 2/L; GD with lr < 2/L, AdaGrad, and Adam and AMSGrad with lr/sqrt(t) find a stationary point. The theorem is
    Toint's, the values and slopes at the iterates are ours (his were not known).
    """

    name: ClassVar[str] = "toint_staircase"
    source: ClassVar[str] = "after Toint, Divergence of the ADAM algorithm with fixed-stepsize, arXiv 2308.00720 (2023)"

    step: float = 1.0
    rise: float = 0.5

    def validate(self) -> None:
        positive(self, "step")
        nonnegative(self, "rise")

    def value(self, x: Points) -> Scalars:
        k, s = self._place(x)
        climb = (1 + self.rise) * s * s * s * (10 - 15 * s + 6 * s * s)
        return torch.where(x < 0, -x, self.step * (self.rise * k - s + climb)).sum(-1)

    def grad(self, x: Points) -> Points:
        _, s = self._place(x)
        return torch.where(x < 0, like(x, -1.0), 30 * (1 + self.rise) * (s * (1 - s)).square() - 1)

    def hessian_diagonal(self, x: Points) -> Points:
        _, s = self._place(x)
        return torch.where(x < 0, like(x, 0.0), 60 * (1 + self.rise) / self.step * s * (1 - s) * (1 - 2 * s))

    def _place(self, x: Points) -> tuple[Points, Points]:
        """Return k and s in [0, 1) with x = (k + s) step."""
        u = x / self.step
        k = u.floor()
        return k, u - k

    def minimizer(self) -> tuple[float, ...]:
        """Return the point of the first piece where s (1 - s) = 1 / sqrt(30 (1 + rise)): no later piece lies lower."""
        return (0.5 * self.step * (1 - math.sqrt(1 - 4 / math.sqrt(30 * (1 + self.rise)))),)

    @property
    def constants(self) -> Mapping[str, Constant]:
        """L: f'' = (60 (1 + rise) / step) w (1 - w^2) / 4 at w = 1 - 2 s, largest at w^2 = 1/3. G: f' at s = 1/2."""
        steepest = max(1.0, 15 / 8 * (1 + self.rise) - 1)
        return {"L": Constant(10 / math.sqrt(3) * (1 + self.rise) / self.step), "G": Constant(steepest)}

    def formula(self) -> Formula:
        x, step, rise = sp.Symbol("x", real=True), exact(self.step), exact(self.rise)
        k = _floor(x / step)
        s = x / step - k
        piece = step * (rise * k - s + (1 + rise) * s**3 * (10 - 15 * s + 6 * s**2))
        return Formula(x=(x,), value=sp.Piecewise((-x, x < 0), (piece, True)))


@dataclass(frozen=True, kw_only=True)
class TointSine(Problem):
    """f(x) = -(step / (2 pi)) sin(2 pi x / step): slope -1 and curvature 0 at every multiple of step; x_1 = 0.

    Bounded, with bounded slopes and L = 2 pi / step. Adam with lr = step and bias correction is at x_k = k step for
    every (beta1, beta2), passes a minimizer in each step and never sees another slope than -1; so do sign descent and
    GD with that lr, above 2/L. Here f stays where it was; on `toint_staircase` it climbs. Derived here.
    """

    name: ClassVar[str] = "toint_sine"
    source: ClassVar[str] = "after Toint, Divergence of the ADAM algorithm with fixed-stepsize, arXiv 2308.00720 (2023)"

    step: float = 1.0

    def validate(self) -> None:
        positive(self, "step")

    def _turn(self, x: Points) -> Points:
        """Return the angle, reduced exactly to [0, 2 pi) first: it is 0 at the multiples of step."""
        u = x / self.step
        return 2 * math.pi * (u - u.floor())

    def value(self, x: Points) -> Scalars:
        return (-self.step / (2 * math.pi) * self._turn(x).sin()).sum(-1)

    def grad(self, x: Points) -> Points:
        return -self._turn(x).cos()

    def hessian_diagonal(self, x: Points) -> Points:
        return 2 * math.pi / self.step * self._turn(x).sin()

    def minimizer(self) -> tuple[float, ...]:
        return (0.25 * self.step,)

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(2 * math.pi / self.step), "G": Constant(1.0)}

    def formula(self) -> Formula:
        x, step = sp.Symbol("x", real=True), exact(self.step)
        return Formula(x=(x,), value=-step / (2 * sp.pi) * sp.sin(2 * sp.pi * x / step))

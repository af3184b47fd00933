"""Smooth strongly convex functions on which the heavy ball cycles for ever, with tunings that suit quadratics.

Both keep x_{k+1} = x_k - lr grad f(x_k) + momentum (x_k - x_{k-1}) away from the minimizer 0, though gradient descent
and Nesterov's method converge on them. `momentum` with a constant lr and no dampening is that recursion, from
x_0 = x_{-1}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import cos, pi, sin
from typing import ClassVar

import sympy as sp
import torch
from torch import Tensor

from lab.errors import require
from lab.linalg import first_largest
from lab.problem import Constant, Formula, Problem
from lab.ranges import fractions, positive
from lab.rng import Key
from lab.types import Points, Scalars


@dataclass(frozen=True, kw_only=True)
class HeavyBallCycle(Problem):
    """f'(x) = 25 x for x < 1, x + 24 for 1 <= x < 2, 25 x - 24 for x >= 2; f(0) = 0. x_1 = 3.3.

    Built against the heavy ball with Polyak's tuning for mu = 1, L = 25 (lr = 1/9, momentum = 4/9), which converges
    at the rate 2/3 on every quadratic of that class. Here it is drawn to the cycle 792/1225, -2208/1225, 2592/1225.
    While no iterate crosses a break point the deviations obey e_{k+1} = -(4/3) e_k - (4/9) e_{k-1}, with the double
    root -2/3, so that the cycle attracts every start near it; the tests carry this out in rational numbers. Gradient
    descent and Nesterov's method converge; so does the heavy ball from many other starts.
    """

    name: ClassVar[str] = "heavy_ball_cycle"
    source: ClassVar[str] = "Lessard, Recht, Packard, SIAM J. Optim. 26 (2016), arXiv 1408.3595, (4.11), Appendix B"
    CYCLE: ClassVar[tuple[Fraction, ...]] = (Fraction(792, 1225), Fraction(-2208, 1225), Fraction(2592, 1225))

    def start(self, key: Key) -> Points:
        return torch.full((1,), 3.3, dtype=key.dtype)

    def value(self, x: Points) -> Scalars:
        outer = torch.where(x < 2, 0.5 * x.square() + 24 * x - 12, 12.5 * x.square() - 24 * x + 36)
        return torch.where(x < 1, 12.5 * x.square(), outer).sum(-1)

    def grad(self, x: Points) -> Points:
        return torch.where(x < 1, 25 * x, torch.where(x < 2, x + 24, 25 * x - 24))

    def hessian_diagonal(self, x: Points) -> Points:
        return torch.where((x >= 1) & (x < 2), torch.ones_like(x), 25.0)

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,)

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(25.0), "mu": Constant(1.0)}

    def formula(self) -> Formula:
        x = sp.Symbol("x", real=True)
        low, middle, high = sp.Rational(25, 2) * x**2, x**2 / 2 + 24 * x - 12, sp.Rational(25, 2) * x**2 - 24 * x + 36
        return Formula(x=(x,), value=sp.Piecewise((low, x < 1), (middle, x < 2), (high, True)))


@dataclass(frozen=True, kw_only=True)
class RootsOfUnityCycle(Problem):
    """f(x) = L/2 ||x||^2 - (L - mu)/2 dist(x, P)^2 in R^2, P the regular polygon with corners M e_0, ..., M e_{K-1}.

    e_t is the t-th K-th root of unity and M = ((1 + momentum - mu lr) I - R - momentum R^-1) / ((L - mu) lr), R the
    rotation that takes e_t to e_{t+1}. Built against the heavy ball with this lr and momentum: from x_0 = e_0 and
    x_{-1} = e_{K-1} it visits e_0, e_1, ... for ever. That needs M e_t to be the projection of e_t on P, which holds
    where (m h)^2 - 2 (momentum - c + m (1 - momentum c)) m h + 2 m (1 - c) (1 + momentum^2 - 2 momentum c) <= 0 with
    m = mu/L, h = L lr, c = cos(2 pi / K); other parameters are refused. With Polyak's tuning K = 3 cycles where
    L/mu >= 9 + 4 sqrt(5).

    `momentum` starts at rest, x_{-1} = x_0, and no such start is on the cycle at once. The default `first` was searched
    for: in simulations the default heavy ball falls into the cycle, the other way round (e_0, e_{K-1}, ...), from all
    points within 0.03 of it, as it does from about one in a hundred of the points of [-4, 4]^2. With other parameters
    other starts do. Gradient descent and Nesterov's method converge.
    """

    name: ClassVar[str] = "roots_of_unity_cycle"
    source: ClassVar[str] = "Goujaud, Taylor, Dieuleveut, Math. Prog. (2025), arXiv 2307.11291, Theorem 3.5"

    K: int = 3
    lr: float = 1 / 9
    momentum: float = 4 / 9
    L: float = 25.0
    mu: float = 1.0
    first: tuple[float, ...] = (0.8, -1.12)

    def validate(self) -> None:
        require(self.K >= 3, self, "K", self.K, "an integer >= 3")
        positive(self, "lr", "L")
        fractions(self, "momentum")
        require(0 < self.mu < self.L, self, "mu", self.mu, f"in (0, L), L = {self.L}")
        require(len(self.first) == 2, self, "first", self.first, "two numbers")
        m, h, b, c = self.mu / self.L, self.L * self.lr, self.momentum, cos(2 * pi / self.K)
        excess = (m * h) ** 2 - 2 * (b - c + m * (1 - b * c)) * m * h + 2 * m * (1 - c) * (1 + b * b - 2 * b * c)
        require(excess <= 0, self, "(K, lr, momentum)", (self.K, self.lr, b), "such that the heavy ball cycles")

    @property
    def dim(self) -> int:
        return 2

    def start(self, key: Key) -> Points:
        return torch.tensor(self.first, dtype=key.dtype)

    def cycle(self) -> tuple[tuple[float, float], ...]:
        """Return e_0, ..., e_{K-1}."""
        angles = (2 * pi * t / self.K for t in range(self.K))
        return tuple((cos(a), sin(a)) for a in angles)

    def corners(self, x: Points) -> tuple[Tensor, Tensor]:
        """Return the coordinates of the corners of P, counterclockwise, `(..., K)` each, in x's dtype."""
        angle, b = 2 * pi / self.K, self.momentum
        scale = (self.L - self.mu) * self.lr
        along = ((1 + b) * (1 - cos(angle)) - self.mu * self.lr) / scale  # M e_0 = (along, across)
        across = -(1 - b) * sin(angle) / scale
        e = x.new_tensor(self.cycle())
        return along * e[:, 0] - across * e[:, 1], across * e[:, 0] + along * e[:, 1]

    def project(self, x: Points) -> Points:
        """Return the nearest point of P: x itself inside, else the nearest of the K edges' nearest points."""
        v, w = self.corners(x)
        dv, dw = (torch.cat([c[..., 1:], c[..., :1]], -1) - c for c in (v, w))
        to_x, to_y = x[..., :1] - v, x[..., 1:] - w
        along = ((to_x * dv + to_y * dw) / (dv.square() + dw.square())).clamp(0.0, 1.0)
        near_x, near_y = v + along * dv, w + along * dw
        distance = (x[..., :1] - near_x).square() + (x[..., 1:] - near_y).square()
        place = torch.arange(self.K, dtype=x.dtype, device=x.device)
        first = first_largest(-distance)
        on_edge = torch.stack([torch.where(place == first, near, 0.0).sum(-1) for near in (near_x, near_y)], -1)
        inside = (dv * to_y - dw * to_x >= 0).all(-1).unsqueeze(-1)
        return torch.where(inside, x, on_edge)

    def value(self, x: Points) -> Scalars:
        outside = (x - self.project(x)).square()
        return (0.5 * self.L * x.square() - 0.5 * (self.L - self.mu) * outside).sum(-1)

    def grad(self, x: Points) -> Points:
        return self.mu * x + (self.L - self.mu) * self.project(x)

    def minimizer(self) -> tuple[float, ...]:
        return (0.0, 0.0)

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(self.L), "mu": Constant(self.mu)}

    def formula(self) -> Formula:
        """Outside P the squared distance is the least of those to the lines and the corners that x can see."""
        x, y = sp.symbols("x1 x2", real=True)
        lr, b, L, mu = (sp.Rational(str(v)) for v in (self.lr, self.momentum, self.L, self.mu))
        angle = 2 * sp.pi / self.K
        turn = sp.Matrix([[sp.cos(angle), -sp.sin(angle)], [sp.sin(angle), sp.cos(angle)]])
        M = ((1 + b - mu * lr) * sp.eye(2) - turn - b * turn.T) / ((L - mu) * lr)
        corners = [M * turn**t * sp.Matrix([1, 0]) for t in range(self.K)]
        point, pieces, outside = sp.Matrix([x, y]), [], []
        for here, there in zip(corners, corners[1:] + corners[:1], strict=True):
            edge, reach = there - here, point - here
            height = edge[0] * reach[1] - edge[1] * reach[0]
            foot = edge.dot(reach)
            pieces.append((height**2 / edge.dot(edge), sp.And(height < 0, foot >= 0, foot <= edge.dot(edge))))
            outside.append(height < 0)
        at_corner = sp.Min(*((point - c).dot(point - c) for c in corners))
        distance = sp.Piecewise(*pieces, (at_corner, sp.Or(*outside)), (sp.S.Zero, True))
        return Formula(x=(x, y), value=L / 2 * (x**2 + y**2) - (L - mu) / 2 * distance)

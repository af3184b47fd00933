"""The optimized gradient methods, for function values and for gradients (D. Kim, J. Fessler)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from lab.errors import require
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import positive
from lab.types import Points, Step
from lab.units import CURVATURE, ByName


class State(NamedTuple):
    """x_{k-1}, y_{k-1} and theta_{k-1} while x_k is held; theta has one number a trajectory."""

    x: Points
    y: Points
    theta: Tensor


@dataclass(frozen=True, kw_only=True)
class OGM(Optimizer[State]):
    """x_{k+1} = y_k - g_k / L, y_{k+1} = x_{k+1} + ((theta_k - 1) dx + theta_k (x_{k+1} - y_k)) / theta_{k+1}.

    dx = x_{k+1} - x_k, y_0 = x_0, theta_0 = 1, theta_k = (1 + sqrt(1 + 4 theta_{k-1}^2)) / 2, but with 8 in the place
    of 4 for the last one, theta_N, which only y_N uses. Held: x_k. Queried, and so played: y_k. Returned after t
    steps: y_t with the theta of a last step, so that every t is the end of an OGM with N = t steps and no horizon is
    needed. f(y_N) - f* <= L ||x_0 - x*||^2 / (2 theta_N^2) for f convex and L-smooth on the whole space, with equality
    for f = L ||x||^2 / 2. With a domain x_k is projected, and the paper proves nothing.
    """

    name: ClassVar[str] = "ogm"
    source: ClassVar[str] = "Kim, Fessler, Math. Program. 159 (2016), arXiv 1406.5468, Algorithm OGM1"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = (
        "none: no library has it; its bound is attained on the two worst cases of the paper, and its points are those "
        "of `item` with mu = 0"
    )
    homogeneity: ClassVar[float] = 1
    units: ClassVar[ByName] = {"L": CURVATURE}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    L: float = 1.0

    def validate(self) -> None:
        positive(self, "L")

    def init(self, x: Points) -> State:
        return State(x, x, theta=torch.zeros_like(x[..., :1]))

    def query(self, x: Points, state: State, t: Step) -> Points:
        del t
        return _extrapolated(x, state, _theta(4, state.theta))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        y = self.query(x, state, t)
        return y - g / self.L - x, State(x, y, _theta(4, state.theta))

    def output(self, x: Points, state: State, t: Step) -> Points:
        del t
        return _extrapolated(x, state, _theta(8, state.theta))


def _theta(factor: int, before: Tensor) -> Tensor:
    """Return theta_k after theta_{k-1}; theta_0 = 1 follows on 0."""
    return (1 + (1 + factor * before.square()).sqrt()) / 2


def _extrapolated(x: Points, state: State, theta: Tensor) -> Points:
    """Return y_k with theta_k = `theta`; x_0 where nothing has moved yet."""
    return x + (state.theta - 1) / theta * (x - state.x) + state.theta / theta * (x - state.y)


class GradientState(NamedTuple):
    """y_i and theta_i while x_i is held; theta has one number a trajectory."""

    y: Points
    theta: Tensor


@dataclass(frozen=True, kw_only=True)
class OGMG(Optimizer[GradientState]):
    """y_{i+1} = x_i - g_i / L, x_{i+1} = y_{i+1} + a_i (y_{i+1} - y_i) + b_i (y_{i+1} - x_i).

    b_i = (2 theta_{i+1} - 1) / (2 theta_i - 1), a_i = b_i (theta_i - 1) / theta_i, y_0 = x_0. With N = horizon,
    theta_N = 1, theta_i = (1 + sqrt(1 + 4 theta_{i+1}^2)) / 2, and theta_0 with 8 in the place of 4; they are found
    in the order of the steps by theta_{i+1}^2 = theta_i (theta_i - 1), half of it for i = 0. For N = 1000 rounding
    moves a theta by 1e-12 in float64 and by 4e-4 in float32. Held, queried, played and returned: x_i. After N steps
    it stands still. ||grad f(x_N)||^2 <= 2 L (f(x_0) - f*) / theta_0^2 for f convex and L-smooth on the whole space,
    with equality for f = L ||x||^2 / 2.
    """

    name: ClassVar[str] = "ogm_g"
    source: ClassVar[str] = "Kim, Fessler, J. Optim. Theory Appl. 188 (2021), arXiv 1803.06600, section 6.3"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = (
        "none: no library has it; its step coefficients are held to those of `ogm` reflected in the antidiagonal, and "
        "its bound is attained on two worst cases"
    )
    homogeneity: ClassVar[float] = 1
    units: ClassVar[ByName] = {"L": CURVATURE}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    L: float = 1.0
    horizon: int = 100

    def validate(self) -> None:
        positive(self, "L")
        require(self.horizon >= 1, self, "horizon", self.horizon, "an integer >= 1")

    def init(self, x: Points) -> GradientState:
        theta = 1.0
        for factor in [4] * (self.horizon - 1) + [8]:
            theta = (1 + math.sqrt(1 + factor * theta**2)) / 2
        return GradientState(x, torch.full_like(x[..., :1], theta))

    def update(self, g: Points, state: GradientState, x: Points, t: Step) -> tuple[Points, GradientState]:
        theta = state.theta
        after = (theta * (theta - 1) / torch.where(t == 1, 2.0, 1.0)).clamp(min=1.0).sqrt()
        b = (2 * after - 1) / (2 * theta - 1)
        a = b * (theta - 1) / theta
        y = x - g / self.L
        dx = y + a * (y - state.y) + b * (y - x) - x
        return torch.where(t <= self.horizon, dx, 0.0), GradientState(y, after)

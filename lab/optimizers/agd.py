"""Accelerated gradient descent with constant step 1/L (Y. Nesterov, 1983 and 2004)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from lab.errors import require
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import positive
from lab.types import Points, Step
from lab.units import CURVATURE, ByName


class Previous(NamedTuple):
    """x_{k-1}."""

    x: Points


@dataclass(frozen=True, kw_only=True)
class AGDStronglyConvex(Optimizer[Previous]):
    """y_k = x_k + beta (x_k - x_{k-1}), x_{k+1} = y_k - g_k / L; beta = (sqrt L - sqrt mu) / (sqrt L + sqrt mu).

    Held and returned: x_k, with x_{-1} = x_0. Queried, and so played: y_k. On a domain x_{k+1} is the projected
    gradient step and y_k may lie outside. For f that is L-smooth and mu-strongly convex. The y_k are the points of
    `nesterov` with lr = 1/L and momentum = beta.
    """

    name: ClassVar[str] = "agd_sc"
    source: ClassVar[str] = "Nesterov, Introductory Lectures on Convex Optimization (2004), Constant Step Scheme III"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = (
        "none: no library returns x_k; its y_k are held to torch.optim.SGD(nesterov=True), its path on a quadratic to "
        "the closed form (1 - s)^k (1 + k s), s = sqrt(mu / L)"
    )
    homogeneity: ClassVar[float] = 1
    units: ClassVar[ByName] = {"L": CURVATURE, "mu": CURVATURE}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    L: float = 1.0
    mu: float = 0.1

    def validate(self) -> None:
        positive(self, "L")
        require(0 < self.mu <= self.L, self, "mu", self.mu, f"in (0, L], L = {self.L}")

    def init(self, x: Points) -> Previous:
        return Previous(x)

    def query(self, x: Points, state: Previous, t: Step) -> Points:
        del t
        beta: float = (self.L**0.5 - self.mu**0.5) / (self.L**0.5 + self.mu**0.5)
        return x + beta * (x - state.x)

    def update(self, g: Points, state: Previous, x: Points, t: Step) -> tuple[Points, Previous]:
        y = self.query(x, state, t)
        return y - g / self.L - x, Previous(x)


class State(NamedTuple):
    """x_{k-2} and theta_{k-1} while x_{k-1} is held; theta has one number a trajectory."""

    x: Points
    theta: Tensor


@dataclass(frozen=True, kw_only=True)
class AGDConvex(Optimizer[State]):
    """x_k = y_k - g_k / L, y_{k+1} = x_k + (theta_k - 1) / theta_{k+1} (x_k - x_{k-1}).

    theta_1 = 1, theta_{k+1} = (1 + sqrt(1 + 4 theta_k^2)) / 2, y_1 = x_0. Held and returned: x_k. Queried, and so
    played: y_k. On a domain x_k is the projected gradient step, which makes it FISTA (Beck, Teboulle 2009), and y_k
    may lie outside. For f convex and L-smooth: f(x_k) - f* <= L ||x_0 - x*||^2 / (2 theta_k^2), there too.
    """

    name: ClassVar[str] = "agd_c"
    source: ClassVar[str] = "Nesterov, Soviet Math. Doklady 27(2) (1983); Beck, Teboulle, SIAM J. Imaging Sci. 2 (2009)"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = (
        "none: no library has it; its path is held to Nesterov's equivalent form in three sequences, and to its bound"
    )
    homogeneity: ClassVar[float] = 1
    units: ClassVar[ByName] = {"L": CURVATURE}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    L: float = 1.0

    def validate(self) -> None:
        positive(self, "L")

    def init(self, x: Points) -> State:
        return State(x, theta=torch.zeros_like(x[..., :1]))

    def query(self, x: Points, state: State, t: Step) -> Points:
        del t
        beta = (state.theta - 1) / _after(state.theta)
        return x + beta * (x - state.x)

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        y = self.query(x, state, t)
        return y - g / self.L - x, State(x, _after(state.theta))


def _after(theta: Tensor) -> Tensor:
    """Return theta_{k+1}; theta_1 = 1 follows on theta_0 = 0."""
    return (1 + (1 + 4 * theta.square()).sqrt()) / 2

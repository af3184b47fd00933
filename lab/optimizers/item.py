"""The information-theoretic exact method (A. Taylor, Y. Drori, 2022)."""

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


class State(NamedTuple):
    """x_k and p_k = 1 / (1 + A_k) while z_k is held; p has one number a trajectory."""

    x: Points
    p: Tensor


@dataclass(frozen=True, kw_only=True)
class ITEM(Optimizer[State]):
    """z_{k+1} = z_k + (delta_k / L) (mu (y_k - z_k) - g_k), y_k = z_k + beta_k (x_k - z_k), x_{k+1} = y_k - g_k / L.

    q = mu / L, x_0 = z_0, A_0 = 0, A_{k+1} = ((1 + q) A_k + 2 (1 + sqrt((1 + A_k)(1 + q A_k)))) / (1 - q)^2,
    beta_k = A_k / ((1 - q) A_{k+1}), delta_k = ((1 - q)^2 A_{k+1} - (1 + q) A_k) / (2 (1 + q + q A_k)). As A_k grows
    like (1 - sqrt q)^-2k and would overflow, p_k = 1 / (1 + A_k) is kept in its place, and q = 1 is no division by 0.
    Held and returned: z_k. Queried, and so played: y_k. ||z_k - x*||^2 <= ||z_0 - x*||^2 / (1 + q A_k), the best
    that a method can have, for f mu-strongly convex and L-smooth on the whole space. With mu = 0 the y_k are those of
    `ogm`; for k -> infinity the steps become those of `tmm`. With a domain z_k is projected, and nothing is proved.
    """

    name: ClassVar[str] = "item"
    source: ClassVar[str] = "Taylor, Drori, Math. Program. 199 (2023), arXiv 2101.09741, Algorithm 1"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = (
        "none: no library has it; its bound is attained on quadratics, and its proof is repeated with numbers, by "
        "interpolation inequalities"
    )
    homogeneity: ClassVar[float] = 1
    units: ClassVar[ByName] = {"L": CURVATURE, "mu": CURVATURE}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    L: float = 1.0
    mu: float = 0.1

    def validate(self) -> None:
        positive(self, "L")
        require(0 <= self.mu <= self.L, self, "mu", self.mu, f"in [0, L], L = {self.L}")

    def init(self, x: Points) -> State:
        return State(x, p=torch.ones_like(x[..., :1]))

    def query(self, x: Points, state: State, t: Step) -> Points:
        del t
        beta, _, _ = self._coefficients(state.p)
        return x + beta * (state.x - x)

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        _, delta, p = self._coefficients(state.p)
        y = self.query(x, state, t)
        dz = delta / self.L * (self.mu * (y - x) - g)
        return dz, State(y - g / self.L, p)

    def _coefficients(self, p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return beta_k, delta_k, p_{k+1}: the equations with A_k = (1 - p_k) / p_k, both sides multiplied by p_k."""
        q = self.mu / self.L
        root = (p + q * (1 - p)).sqrt()  # p_k sqrt((1 + A_k)(1 + q A_k))
        grown = (1 + q) * (1 - p) + 2 * (p + root)  # (1 - q)^2 p_k A_{k+1}
        beta = (1 - q) * (1 - p) / grown
        delta = (p + root) / (p + q)
        return beta, delta, (1 - q) ** 2 * p / ((1 - q) ** 2 * p + grown)

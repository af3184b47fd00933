"""The triple momentum method (B. Van Scoy, R. Freeman, K. Lynch, 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from lab.errors import require
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import positive
from lab.types import Points, Step
from lab.units import CURVATURE, ByName


class State(NamedTuple):
    """xi_{k-1}."""

    xi: Points


@dataclass(frozen=True, kw_only=True)
class TripleMomentum(Optimizer[State]):
    """xi_{k+1} = xi_k + beta (xi_k - xi_{k-1}) - alpha g_k, g_k at y_k = xi_k + gamma (xi_k - xi_{k-1}).

    rho = 1 - sqrt(mu / L), alpha = (1 + rho) / L, beta = rho^2 / (2 - rho), gamma = beta / (1 + rho),
    delta = rho^2 / (1 - rho^2), and xi_0 = xi_{-1} is the start. Held: xi_k. Queried, and so played: y_k. Returned:
    x_k = xi_k + delta (xi_k - xi_{k-1}), which comes nearer by rho in each step on the quadratic of curvature mu. For
    f mu-strongly convex and L-smooth on the whole space; with a domain xi_k is projected, and the paper proves nothing.
    """

    name: ClassVar[str] = "tmm"
    source: ClassVar[str] = "Van Scoy, Freeman, Lynch, IEEE Control Systems Letters 2(1) (2018), section III"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = (
        "none: no library has it; its path on quadratics is held to the closed form rho^k, and the growth of its "
        "potential to interpolation inequalities"
    )
    homogeneity: ClassVar[float] = 1
    units: ClassVar[ByName] = {"L": CURVATURE, "mu": CURVATURE}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    L: float = 1.0
    mu: float = 0.1

    def validate(self) -> None:
        positive(self, "L")
        require(0 < self.mu <= self.L, self, "mu", self.mu, f"in (0, L], L = {self.L}")

    @property
    def rho(self) -> float:
        """Return the factor by which the error shrinks in each step."""
        return 1 - (self.mu / self.L) ** 0.5  # type: ignore[no-any-return]

    def init(self, x: Points) -> State:
        return State(x)

    def query(self, x: Points, state: State, t: Step) -> Points:
        del t
        gamma = self.rho**2 / ((1 + self.rho) * (2 - self.rho))
        return x + gamma * (x - state.xi)

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del t
        alpha = (1 + self.rho) / self.L
        beta = self.rho**2 / (2 - self.rho)
        return beta * (x - state.xi) - alpha * g, State(x)

    def output(self, x: Points, state: State, t: Step) -> Points:
        del t
        delta = self.rho**2 / (1 - self.rho**2)
        return x + delta * (x - state.xi)

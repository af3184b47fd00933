"""What a problem is: an objective that knows its optimum, its constants, its noise and where it comes from.

A problem is a frozen dataclass in `problems/`; one file a family. Every method is a pure torch function on tensors
`(..., d)`, without a Python branch on data or on t, so that a step can be recorded as a graph. Float fields may be
tensors of shape `(..., 1)` when a grid rides in the batch: keep the last axis until the final reduction.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
import torch

from lab.domain import Domain, Reals
from lab.errors import LabError
from lab.noise.law import Noise
from lab.parameters import Parametric
from lab.rng import Key
from lab.sampling import Order, WithReplacement
from lab.types import Draws, Points, Scalars, Step


@dataclass(frozen=True)
class Constant:
    """A number that a theorem asks for, with the region on which it holds.

    attained: some point or draw of the region reaches it, so that no smaller number would do.
    """

    value: float
    region: str = "the domain"
    attained: bool = True


@dataclass(frozen=True)
class Formula:
    """The problem in sympy: what `value`, and the loss of one round, must equal.

    x: the coordinates. value: f(x). outcomes: where rounds differ, each distinct loss with its share of the rounds
    (its probability, where it is drawn; 0 for one that comes finitely often); their weighted sum is `value`. Losses
    that are not drawn recur after as many rounds as the shares' least common denominator, or as there are components.
    """

    x: tuple[sp.Symbol, ...]
    value: sp.Expr
    outcomes: tuple[tuple[sp.Expr, sp.Expr], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Problem(Parametric, ABC):
    """An objective on a domain, with an oracle that any number of trajectories may ask at once."""

    source: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    symmetric: ClassVar[bool] = False  # the noise may lack a mean: its declared law is symmetric about 0 instead
    linear: ClassVar[bool] = False  # every loss is linear: regret is against the best fixed point, exactly

    @property
    def dim(self) -> int:
        """Return d."""
        return 1

    @property
    def n_draws(self) -> int:
        """Return how many uniforms one step of the oracle takes; 0 for a deterministic problem."""
        return 0

    @property
    def draw_bits(self) -> int:
        """Return 32, or 52 where a law has a heavy tail."""
        return 32

    @property
    def noise(self) -> Noise | None:
        """Return the law of `oracle - grad`, the same in every round, at every point and, independently, coordinate.

        None where the noise is of another kind; an oracle of tail index 2 or less must name its law.
        """
        return None

    @property
    def tail_index(self) -> float:
        """Return the supremum of the orders of the gradient noise's finite moments."""
        return float("inf")

    @property
    def domain(self) -> Domain:
        """Return the set on which the problem lives."""
        return Reals()

    @property
    def layers(self) -> tuple[tuple[int, ...], ...]:
        """Return the shapes into which x splits, in order; their sizes add up to d."""
        return ((self.dim,),)

    def start(self, key: Key) -> Points:
        """Return the first point: `(d,)`, or `(S, d)` drawn with `key.uniforms`; its dtype is `key.dtype`."""
        return torch.zeros(self.dim, dtype=key.dtype)

    @abstractmethod
    def value(self, x: Points) -> Scalars:
        """Return the objective f(x), `(..., d)` to `(...)`."""

    @abstractmethod
    def grad(self, x: Points) -> Points:
        """Return the exact gradient of `value`."""

    def hessian_diagonal(self, x: Points) -> Points:
        """Return the diagonal of the Hessian of `value` at x; LabError where it is not known."""
        raise LabError(f"{self.name} does not know the diagonal of its Hessian")

    def loss(self, x: Points, t: Step, draws: Draws) -> Scalars:
        """Return the loss of round t at x; `value(x)` unless rounds differ."""
        del t, draws
        return self.value(x)

    @property
    def varies(self) -> bool:
        """Tell whether rounds differ, so that `loss` is not simply `value`."""
        return type(self).loss is not Problem.loss

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        """Return the stochastic gradient of round t at x; `draws` `(..., n_draws)` are that round's uniforms."""
        del t, draws
        return self.grad(x)

    def minimizer(self) -> tuple[float, ...] | None:
        """Return a point of the domain at which `value` is smallest; None where it is unknown."""
        return None

    @property
    def minimum(self) -> float | None:
        """Return the smallest value on the domain; None where it is unknown, -inf where there is none."""
        x = self.minimizer()
        return None if x is None else float(self.value(torch.tensor(x, dtype=torch.float64)))

    @property
    def components(self) -> int | None:
        """Return n for a finite sum f = (1/n) sum_i f_i, else None."""
        return None

    @property
    def order(self) -> Order:
        """Return the law by which a finite sum's components come; `order.shown` reads them off a step's draws."""
        return WithReplacement()

    def component(self, x: Points, i: Scalars) -> Scalars:
        """Return f_i(x) for i in 0..n-1, `(...)`."""
        raise TypeError(f"{self.name} is not a finite sum")

    @property
    @abstractmethod
    def constants(self) -> Mapping[str, Constant]:
        """Return those of L, mu, L0, L1, sigma, alpha, G, D that hold (G: sup-norm of every stochastic gradient)."""

    @abstractmethod
    def formula(self) -> Formula:
        """Return the problem in sympy."""

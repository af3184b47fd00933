"""What a wrapper is: a problem made of another one, which answers as that one does unless it says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import sympy as sp

from lab.domain import Domain
from lab.noise import Noise
from lab.problem import Constant, Formula, Problem
from lab.rng import Key
from lab.sampling import Order
from lab.types import Draws, Points, Scalars, Step

EVERYWHERE = "the domain"


@dataclass(frozen=True, kw_only=True)
class Wrapper(Problem):
    """A problem that answers as `inner` does.

    what: the words that its `source` adds to the inner problem's.
    """

    what: ClassVar[str]

    inner: Problem

    @property
    def source(self) -> str:  # type: ignore[override]  # of a class for problems, of an instance for what wraps one
        """Return the inner problem's source and what was done to it."""
        return f"{self.inner.source}; {self.what}"

    @property
    def linear(self) -> bool:  # type: ignore[override]
        """Return whether every loss is linear."""
        return self.inner.linear

    @property
    def symmetric(self) -> bool:  # type: ignore[override]
        return self.inner.symmetric

    @property
    def varies(self) -> bool:
        return self.inner.varies

    @property
    def dim(self) -> int:
        return self.inner.dim

    @property
    def n_draws(self) -> int:
        return self.inner.n_draws

    @property
    def draw_bits(self) -> int:
        return self.inner.draw_bits

    @property
    def noise(self) -> Noise | None:
        return self.inner.noise

    @property
    def tail_index(self) -> float:
        return self.inner.tail_index

    @property
    def domain(self) -> Domain:
        return self.inner.domain

    @property
    def layers(self) -> tuple[tuple[int, ...], ...]:
        return self.inner.layers

    def start(self, key: Key) -> Points:
        return self.inner.start(key)

    def value(self, x: Points) -> Scalars:
        return self.inner.value(x)

    def grad(self, x: Points) -> Points:
        return self.inner.grad(x)

    def hessian_diagonal(self, x: Points) -> Points:
        return self.inner.hessian_diagonal(x)

    def loss(self, x: Points, t: Step, draws: Draws) -> Scalars:
        return self.inner.loss(x, t, draws)

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        return self.inner.oracle(x, t, draws)

    def minimizer(self) -> tuple[float, ...] | None:
        return self.inner.minimizer()

    @property
    def minimum(self) -> float | None:
        return self.inner.minimum

    @property
    def components(self) -> int | None:
        return self.inner.components

    @property
    def order(self) -> Order:
        return self.inner.order

    def component(self, x: Points, i: Scalars) -> Scalars:
        return self.inner.component(x, i)

    @property
    def constants(self) -> Mapping[str, Constant]:
        return self.inner.constants

    def formula(self) -> Formula:
        return self.inner.formula()


def changed(formula: Formula, change: Callable[[sp.Expr], sp.Expr]) -> Formula:
    """Return the formula with its value and every outcome changed."""
    outcomes = tuple((share, change(loss)) for share, loss in formula.outcomes)
    return replace(formula, value=change(formula.value), outcomes=outcomes)


def noiseless(problem: Problem) -> bool:
    """Tell whether the oracle is the gradient of the objective itself."""
    return problem.n_draws == 0 and not problem.varies

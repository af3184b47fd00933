"""Finite sums f = (1/n) sum_i f_i, one component a step: what their oracles have in common."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from lab.problem import Problem
from lab.sampling import Order, WithReplacement
from lab.types import Draws, Points, Scalars, Step


@dataclass(frozen=True, kw_only=True)
class FiniteSum(Problem):
    """f = (1/n) sum_i f_i; a step sees the component that comes next in the order declared.

    order: with_replacement, random_reshuffling, single_shuffle or cyclic; the oracle is unbiased under the first, and
    draws nothing under the last.
    """

    order: Order = WithReplacement()

    @property
    def n_draws(self) -> int:
        return int(self.order.drawn)

    @property
    @abstractmethod
    def components(self) -> int:
        """Return n."""

    @abstractmethod
    def component_grad(self, x: Points, i: Scalars) -> Points:
        """Return the gradient of f_i at x for i in 0..n-1, `(...)`."""

    def loss(self, x: Points, t: Step, draws: Draws) -> Scalars:
        return self.component(x, self.order.shown(draws, self.components, t))

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        return self.component_grad(x, self.order.shown(draws, self.components, t))

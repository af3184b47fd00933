"""What a metric is: something measured along a trajectory, recorded into the same graph as the step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

from torch import Tensor

from lab.optimizer import Optimizer
from lab.problem import Problem
from lab.types import Draws, Points, Step
from lab.units import Units


class Taken(NamedTuple):
    """Step t as it was taken: `played` was queried, `x` was held before, `state` is the optimizer's after it."""

    problem: Problem
    optimizer: Optimizer[Any]
    state: Any
    played: Points
    x: Points
    t: Step
    draws: Draws


class Metric(ABC):
    """One number (or one point) for every trajectory and recorded step.

    power: the metric grows like ||x||^power; a noise law of tail index a leaves it the index a / power. Infinite where
    that decides nothing, as for a quotient: then no mean is printed.
    vector: True where it has one value a coordinate. units: how it scales with the objective and with length.
    """

    name: ClassVar[str]
    says: ClassVar[str]
    power: ClassVar[float]
    units: ClassVar[Units]
    vector: ClassVar[bool] = False

    def check(self, problem: Problem) -> None:
        """Raise LabError where this problem lacks what the metric needs."""
        del problem

    def check_optimizer(self, optimizer: Optimizer[Any]) -> None:
        """Raise LabError where this optimizer lacks what the metric needs."""
        del optimizer

    def init(self, problem: Problem, x: Points) -> tuple[Tensor, ...]:
        """Return the accumulators at t = 0."""
        del problem, x
        return ()

    def update(
        self, state: tuple[Tensor, ...], problem: Problem, played: Points, x: Points, t: Step, draws: Draws
    ) -> tuple[Tensor, ...]:
        """Return the accumulators after step t: `played` was queried, `x` was held before the step."""
        del problem, played, x, t, draws
        return state

    def follow(self, state: tuple[Tensor, ...], step: Taken) -> tuple[Tensor, ...]:
        """Return the accumulators after a step; to be overridden, in place of `update`, to look at the optimizer."""
        return self.update(state, step.problem, step.played, step.x, step.t, step.draws)

    @abstractmethod
    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        """Return the value after t steps, `(...)` or `(..., d)`: `output` is returned, `x` is held."""

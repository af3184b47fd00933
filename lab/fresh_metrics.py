"""How well a classifier does on samples that it has not seen: for problems that know the law of a fresh sample."""

from __future__ import annotations

from typing import ClassVar, Protocol, cast

from torch import Tensor

from lab.errors import LabError
from lab.metric import Metric
from lab.problem import Problem
from lab.types import Points, Scalars, Step
from lab.units import LENGTH, PURE


class Classifier(Protocol):
    """A problem whose points are linear classifiers, and whose samples have a law."""

    def test_error(self, x: Points) -> Scalars:
        """Return the probability that x labels a fresh sample wrongly, `(..., d)` to `(...)`."""

    def margin(self, x: Points) -> Scalars:
        """Return the least of y <x, a> over the fresh samples (a, y), `(..., d)` to `(...)`."""


class _OfClassifier(Metric):
    """A number that the problem's own method of that name gives for the point returned."""

    power = 1
    needs: ClassVar[str]

    def check(self, problem: Problem) -> None:
        if not hasattr(problem, self.needs):
            raise LabError(f"metric {self.name}: {problem.name} has no fresh samples to classify")


class TestError(_OfClassifier):
    """The probability that a fresh sample is labelled wrongly."""

    name = "test_error"
    says = "P(y <x_t, a> <= 0)"
    units = PURE
    needs = "test_error"

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return cast(Classifier, problem).test_error(output)


class TestMargin(_OfClassifier):
    """The least margin at a fresh sample: all are labelled right where it is positive."""

    name = "test_margin"
    says = "min y <x_t, a>"
    units = LENGTH
    needs = "margin"

    def read(self, state: tuple[Tensor, ...], problem: Problem, output: Points, x: Points, t: Step) -> Tensor:
        return cast(Classifier, problem).margin(output)

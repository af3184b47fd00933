"""A problem of one's own, written in a test file in 25 lines, checked, and run against every optimizer."""

import inspect
from dataclasses import dataclass
from typing import ClassVar

import pytest
import sympy as sp
from pairs import tuned

import lab
from lab.problem import Constant, Formula, Problem
from lab.testing import check_problem


@dataclass(frozen=True, kw_only=True)
class Quartic(Problem):
    """f(x) = a x^4 / 4: convex, and flat at its minimum."""

    name: ClassVar[str] = "quartic"
    source: ClassVar[str] = "this test"
    a: float = 1.0

    def value(self, x):
        return (self.a * x**4 / 4).sum(-1)

    def grad(self, x):
        return self.a * x**3

    def minimizer(self):
        return (0.0,)

    def hessian_diagonal(self, x):
        return 3 * self.a * x**2

    @property
    def constants(self):
        return {"mu": Constant(0.0)}

    def formula(self):
        x = sp.Symbol("x", real=True)
        return Formula(x=(x,), value=sp.Rational(str(self.a)) * x**4 / 4)


def test_a_whole_problem_takes_at_most_25_lines():
    assert sum(1 for line in inspect.getsource(Quartic).splitlines() if line.strip()) <= 25


@pytest.mark.parametrize("a", [1.0, 2.5])
def test_a_problem_of_ones_own_passes_every_check(a):
    check_problem(Quartic(a=a))


@pytest.mark.parametrize("name", lab.list_optimizers())
def test_a_problem_of_ones_own_runs_against_every_optimizer(name):
    result = lab.simulate(Quartic(), tuned(name, 0.05, L=3.0), seeds=2, steps=60, start=1.0, engine="reference")
    value = result.suboptimality_mean.values[0]
    assert value[-1] < value[0]
    assert int(result.diverged.sum()) == 0

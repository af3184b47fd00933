"""Enclosures contain the trajectory in real arithmetic, stay narrow, and a shrunk one is caught."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import mpmath
import numpy as np
import pytest
import sympy as sp
import torch
from torch import Tensor

from lab.domain import Ball, Box, Domain, Reals
from lab.engine import interval as iv
from lab.engine.enclose import enclose
from lab.errors import LabError
from lab.optimizers.adam import Adam
from lab.optimizers.sgd import SGD
from lab.problem import Constant, Formula, Problem
from lab.rng import Key
from lab.schedules import InvSqrt, Polynomial
from problems.reddi import ReddiCycle, ReddiStochastic

EVERYWHERE = Reals()


@dataclass(frozen=True, kw_only=True)
class Bowl(Problem):
    """f(x) = (1/2) sum_i curvature_i x_i^2, without noise."""

    name: ClassVar[str] = "bowl"
    source: ClassVar[str] = "a test"

    curvature: tuple[float, ...] = (1.0, 0.3)
    within: Domain = EVERYWHERE

    @property
    def dim(self) -> int:
        return len(self.curvature)

    @property
    def domain(self) -> Domain:
        return self.within

    def start(self, key: Key) -> Tensor:
        return torch.full((self.dim,), 0.7)

    def value(self, x: Tensor) -> Tensor:
        return 0.5 * (x.new_tensor(self.curvature) * x.square()).sum(-1)

    def grad(self, x: Tensor) -> Tensor:
        return x.new_tensor(self.curvature) * x

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,) * self.dim

    @property
    def constants(self) -> dict[str, Constant]:
        return {"L": Constant(max(self.curvature))}

    def formula(self) -> Formula:
        x = sp.symbols(f"x:{self.dim}", real=True)
        return Formula(x=x, value=sum(sp.Rational(c) * v**2 for c, v in zip(self.curvature, x, strict=True)) / 2)


def contains(ends: tuple[Any, Any], truth: Any, index: tuple[int, ...]) -> bool:
    """Whether a number of Fraction or mpmath lies in the interval at `index`; a float64 is exact in both."""
    low, high = (float(e[index]) for e in ends)
    kind = Fraction if isinstance(truth, Fraction) else mpmath.mpf
    return kind(low) <= truth <= kind(high)


def test_sgd_on_a_quadratic_contains_the_exact_rational_trajectory() -> None:
    problem, lrs, at = Bowl(), (0.1, 0.25, 1.3), list(range(41))
    ends = enclose(problem, [SGD(lr=lr) for lr in lrs], ["iterate", "suboptimality", "regret"], at)
    for config, lr in enumerate(lrs):
        x = [Fraction(torch.tensor(0.7, dtype=torch.float64).item())] * 2
        regret = Fraction(0)
        for t in at:
            value = sum(Fraction(c) * v * v for c, v in zip(problem.curvature, x, strict=True)) / 2
            assert all(contains(ends["iterate"], x[i], (config, t, i)) for i in range(2))
            assert contains(ends["suboptimality"], value, (config, t))
            assert contains(ends["regret"], regret, (config, t))
            regret += value
            x = [v - Fraction(lr) * Fraction(c) * v for c, v in zip(problem.curvature, x, strict=True)]
        growth = (1 + lr) ** np.arange(41)  # an interval does not see that x and its gradient move together
        width = (ends["iterate"][1] - ends["iterate"][0])[config].max(axis=-1)
        assert (width <= 4 * 2.0**-52 * np.cumsum(growth)).all()


def adam_by_hand(gradient: Any, x: Any, steps: int, lr: float, betas: tuple[float, float], eps: float) -> list[Any]:
    """Adam in 60 digits, from the paper's Algorithm 1, with lr / sqrt(t) and projection on [-1, 1]."""
    m, v, path = mpmath.mpf(0), mpmath.mpf(0), [x]
    b1, b2 = map(mpmath.mpf, betas)
    for t in range(1, steps + 1):
        g = gradient(x, t)
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        d = (m / (1 - b1**t)) / (mpmath.sqrt(v / (1 - b2**t)) + mpmath.mpf(eps))
        x = min(max(x - mpmath.mpf(lr) / mpmath.sqrt(t) * d, mpmath.mpf(-1)), mpmath.mpf(1))
        path.append(x)
    return path


def test_adam_on_linear_losses_contains_a_60_digit_trajectory() -> None:
    steps, settings = 600, [(0.5, (0.9, 0.99)), (0.3, (0.0, 0.1)), (0.05, (0.5, 0.999))]
    configs = [Adam(lr=InvSqrt(lr), betas=betas) for lr, betas in settings]
    low, high = ends = enclose(ReddiCycle(C=3.0), configs, ["iterate"], range(steps + 1))["iterate"]
    with mpmath.workdps(60):
        for config, (lr, betas) in enumerate(settings):
            path = adam_by_hand(lambda x, t: mpmath.mpf(3 if t % 3 == 1 else -1), mpmath.mpf(1), steps, lr, betas, 1e-8)
            assert [t for t, x in enumerate(path) if not contains(ends, x, (config, t, 0))] == []
    assert (high - low).max() < 1e-11


def test_adam_on_a_quadratic_contains_a_60_digit_trajectory() -> None:
    problem = Bowl(curvature=(1.5,), within=Box(-1.0, 1.0))
    ends = enclose(problem, [Adam(lr=InvSqrt(0.1))], ["iterate"], range(41))["iterate"]
    with mpmath.workdps(60):
        path = adam_by_hand(lambda x, t: x * 1.5, mpmath.mpf(0.7), 40, 0.1, (0.9, 0.999), 1e-8)
        assert [t for t, x in enumerate(path) if not contains(ends, x, (0, t, 0))] == []
    assert (ends[1] - ends[0]).max() < 1e-8


def test_a_shrunk_interval_is_caught() -> None:
    steps = 50
    low, high = enclose(ReddiCycle(), [Adam(lr=InvSqrt(0.5))], ["iterate"], range(steps + 1))["iterate"]
    middle = (low + high) / 2
    shrunk = (np.nextafter(middle, np.inf), high)
    with mpmath.workdps(60):
        path = adam_by_hand(
            lambda x, t: mpmath.mpf(3 if t % 3 == 1 else -1), mpmath.mpf(1), steps, 0.5, (0.9, 0.999), 1e-8
        )
        inside = [contains(shrunk, x, (0, t, 0)) for t, x in enumerate(path)]
    assert not all(inside)


def test_without_outward_rounding_the_truth_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iv, "_widen", lambda r: r)
    ends = enclose(Bowl(), [SGD(lr=0.1)], ["iterate"], range(41))["iterate"]
    x = Fraction(torch.tensor(0.7, dtype=torch.float64).item())
    assert not all(contains(ends, x * (1 - Fraction(0.1)) ** t, (0, t, 0)) for t in range(41))


def test_average_regret_of_projected_sgd_on_linear_losses_is_exact_enough() -> None:
    steps = 300
    low, high = enclose(ReddiCycle(C=5.0), [SGD(lr=Polynomial(0.2, 0.5))], ["avg_regret"], range(steps + 1))[
        "avg_regret"
    ]
    with mpmath.workdps(60):
        x, total, slope = mpmath.mpf(1), mpmath.mpf(0), mpmath.mpf(0)
        for t in range(1, steps + 1):
            a = 5 if t % 3 == 1 else -1
            total, slope = total + a * x, slope + a
            x = min(max(x - mpmath.mpf(0.2) / mpmath.sqrt(t) * a, mpmath.mpf(-1)), mpmath.mpf(1))
            assert contains((low, high), (total + abs(slope)) / t, (0, t))
    assert (high - low).max() < 1e-13


def test_projection_on_the_ball_is_enclosed() -> None:
    problem = Bowl(curvature=(-1.0, -2.0), within=Ball(1.5))
    low, high = enclose(problem, [SGD(lr=0.1)], ["iterate"], range(16))["iterate"]
    with mpmath.workdps(60):
        x, radii = [mpmath.mpf(0.7)] * 2, []
        for t in range(16):
            assert all(contains((low, high), x[i], (0, t, i)) for i in range(2))
            x = [x[0] * (1 + mpmath.mpf(0.1)), x[1] * (1 + 2 * mpmath.mpf(0.1))]
            radii.append(mpmath.hypot(*x))
            x = [v * min(1, mpmath.mpf(1.5) / radii[-1]) for v in x]
    assert min(radii) < 1.5 < max(radii)
    assert (high - low).max() < 1e-9


def test_an_open_comparison_covers_both_branches() -> None:
    c = iv.lt(np.array([[0.0], [2.0]]), np.array([[1.0], [1.0]]))
    assert c.tolist() == [[False], [True]]
    assert iv.where(c, iv.thin([5.0]), iv.thin([7.0])).tolist() == [[5.0], [7.0]]


def test_division_through_zero_knows_nothing() -> None:
    with iv.strict():
        r = iv.div(iv.thin([1.0, 1.0, 0.0]), np.array([[-1.0, 0.0, 0.0], [1.0, 2.0, 0.0]]))
    assert r.tolist() == [[-np.inf] * 3, [np.inf] * 3]


def test_an_underflowing_product_is_not_an_exact_zero() -> None:
    with iv.strict():
        tiny = iv.mul(iv.thin([1e-200, 0.0]), iv.thin([1e-200, 5.0]))
    assert tiny[1, 0] > 0
    assert tiny[:, 1].tolist() == [0.0, 0.0]


OPERATIONS = {
    "add": (iv.add, lambda x, y: x + y),
    "sub": (iv.sub, lambda x, y: x - y),
    "mul": (iv.mul, lambda x, y: x * y),
    "div": (iv.div, lambda x, y: x / y),
    "pow": (lambda x, y: iv.power(iv.absolute(x), y), lambda x, y: abs(x) ** y),
    "square": (lambda x, y: iv.square(x), lambda x, y: x * x),
    "sqrt": (lambda x, y: iv.sqrt(iv.absolute(x)), lambda x, y: mpmath.sqrt(abs(x))),
    "exp": (lambda x, y: iv.increasing(np.exp)(x), lambda x, y: mpmath.exp(x)),
    "sin": (lambda x, y: iv.wave(0.25, np.sin)(x), lambda x, y: mpmath.sin(x)),
    "cos": (lambda x, y: iv.wave(0.0, np.cos)(x), lambda x, y: mpmath.cos(x)),
    "tanh": (lambda x, y: iv.increasing(np.tanh, -1.0, 1.0)(x), lambda x, y: mpmath.tanh(x)),
    "sum": (lambda x, y: iv.total(np.stack([x, y, x], -1), (-1,))[..., 0], lambda x, y: x + y + x),
    "remainder": (lambda x, y: iv.remainder(iv.absolute(x), iv.thin([3.0])), lambda x, y: abs(x) % 3),
    "maximum": (np.maximum, max),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_contains_the_result_at_any_inner_points(name: str) -> None:
    enclosed, exact = OPERATIONS[name]
    rng = np.random.default_rng(7)
    scale = np.array([1e-12, 1e-3, 1.0])[rng.integers(0, 3, 200)]
    low = np.stack([rng.normal(0, 3, 200), rng.normal(0, 3, 200)])
    high = low + scale * rng.uniform(0, 1, (2, 200))
    with iv.strict():
        ends = enclosed(np.stack([low[0], high[0]]), np.stack([low[1], high[1]]))
    missed = []
    with mpmath.workdps(60):
        for i in range(200):
            for share in (0.0, 0.37, 1.0):
                x, y = (
                    mpmath.mpf(a[i]) + share * (mpmath.mpf(b[i]) - mpmath.mpf(a[i]))
                    for a, b in zip(low, high, strict=True)
                )
                if not contains(ends, exact(x, y), (i,)):
                    missed.append((i, share))
    assert missed == []


def test_progress_tells_the_step_reached() -> None:
    told: list[int] = []
    enclose(ReddiCycle(), [SGD(lr=0.1)], ["iterate"], [0, 5, 1200], progress=told.append)
    assert told == [512, 1024, 1200]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((ReddiStochastic(), [SGD()], ["iterate"], [1]), "draws random numbers"),
        ((ReddiCycle(), [], ["iterate"], [1]), "one or more"),
        ((ReddiCycle(), [SGD(), Adam()], ["iterate"], [1]), "more than numbers"),
        ((ReddiCycle(), [SGD()], ["iterat"], [1]), "did you mean 'iterate'"),
        ((ReddiCycle(), [SGD()], ["iterate"], [3, 2]), "increasing steps"),
        ((ReddiCycle(), [SGD()], ["iterate"], []), "increasing steps"),
        ((ReddiCycle(), [SGD()], ["iterate"], [1], [0.1, 0.2]), "shape"),
        ((ReddiCycle(), [SGD()], ["iterate"], [1], [4.0]), "inside the domain"),
    ],
)
def test_bad_input_is_refused_in_one_line(arguments: tuple[Any, ...], reason: str) -> None:
    with pytest.raises(LabError, match=reason) as refused:
        enclose(*arguments)
    assert "\n" not in str(refused.value)

"""Step sizes of single theorems, against what the theorems say of them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from numpy.polynomial import Chebyshev as Series

from lab.engine.exact import exactly
from lab.errors import LabError
from lab.optimizers.sgd import SGD
from problems.gd_worst_cases import GDQuadratic, Huber
from proofs_check.instances.step_sizes import Chebyshev, FixedThenFalling, RoundedInvSqrt
from proofs_check.instances.taylor2017 import SimpleNesterov


def rates(schedule, steps):
    return np.array([float(schedule(torch.tensor(float(t), dtype=torch.float64))) for t in range(1, steps + 1)])


@pytest.mark.parametrize("n", [1, 3, 8])
def test_chebyshevs_steps_shrink_a_direction_by_chebyshevs_polynomial(n):
    L, mu = 2.0, 0.25
    curvatures = np.linspace(mu, L, 9)
    shrunk = np.prod(1 - rates(Chebyshev(L, mu, float(n)), n)[:, None] * curvatures, axis=0)
    polynomial = Series.basis(n)
    assert shrunk == pytest.approx(polynomial((L + mu - 2 * curvatures) / (L - mu)) / polynomial((L + mu) / (L - mu)))
    assert shrunk != pytest.approx(np.prod(1 - rates(Chebyshev(L, mu, n + 1.0), n)[:, None] * curvatures, axis=0))


def test_the_falling_steps_are_gowers_with_k_counted_from_0():
    mu, until = 0.5, 4
    found = rates(FixedThenFalling(0.125, mu, float(until)), 7)
    later = [(2 * k + 1) / ((k + 1) ** 2 * mu) for k in range(until, 7)]
    assert found == pytest.approx([0.125] * until + later, rel=1e-15)


def test_rounded_steps_are_the_nearest_numbers_so_that_a_run_can_be_exact():
    assert rates(RoundedInvSqrt(5), 5).tolist() == [t**-0.5 for t in range(1, 6)]
    x = exactly(GDQuadratic(L=1.0, R=1.0), [SGD(lr=RoundedInvSqrt(3))], ["iterate"], [1, 2, 3])["iterate"][0, :, 0]
    assert x.tolist() == [0, 0, 0]
    y = exactly(Huber(d=1, R=5.0), [SGD(lr=RoundedInvSqrt(3))], ["iterate"], [3])["iterate"][0, 0, 0]
    assert y == 5 - sum(Fraction(t**-0.5) for t in (1, 2, 3))


def test_the_simple_method_is_nesterovs_with_momentum_t_minus_1_over_t_plus_2():
    L, x = 2.0, [Fraction(3), Fraction(3)]
    y = x[0]
    for t in range(1, 6):
        x = [x[1], y - y / 2]  # the gradient of x^2/2 over L = 2
        y = x[1] + Fraction(t - 1, t + 2) * (x[1] - x[0])
    found = exactly(GDQuadratic(L=1.0, R=3.0), [SimpleNesterov(L=L)], ["iterate"], [5])["iterate"][0, 0, 0]
    assert found == x[1]


@pytest.mark.parametrize(
    ("build", "reason"),
    [(lambda: Chebyshev(1.0, 2.0, 3.0), "at most L"), (lambda: FixedThenFalling(0.0, 1.0, 2.0), "first")],
)
def test_a_bad_schedule_is_refused_in_one_line(build, reason):
    with pytest.raises(LabError, match=reason) as refused:
        build()
    assert "\n" not in str(refused.value)

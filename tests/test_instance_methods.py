"""The methods that only a claim's experiments need, against their formulas written out for the first steps."""

from __future__ import annotations

import math

import pytest
import torch

from lab.schedules import Constant
from proofs_check.instances.defossez2022 import WithMomentum
from proofs_check.instances.huang2020 import Rising
from proofs_check.instances.huebler2024 import found
from proofs_check.instances.shrinking import ShrinkingClip

GRADIENTS = (3.0, -1.0, 0.5, 2.0)


def moves(optimizer) -> list[float]:
    x = torch.zeros(1, dtype=torch.float64)
    state, out = optimizer.init(x), []
    for t, g in enumerate(GRADIENTS, start=1):
        dx, state = optimizer.update(torch.full_like(x, g), state, x, torch.tensor(float(t), dtype=torch.float64))
        out.append(dx.item())
    return out


@pytest.mark.parametrize("beta2", [0.9, 1.0])
def test_adam_with_sums_divides_a_weighted_sum_by_the_root_of_eps_and_another(beta2: float):
    """m_n and v_n as sums over j, with no recursion; beta2 = 1 is Adagrad with momentum."""
    method = WithMomentum(lr=Constant(0.1), beta1=0.5, beta2=beta2, eps=0.25)
    for n, move in enumerate(moves(method), start=1):
        m = sum(0.5 ** (n - j) * GRADIENTS[j - 1] for j in range(1, n + 1))
        v = sum(beta2 ** (n - j) * GRADIENTS[j - 1] ** 2 for j in range(1, n + 1))
        assert math.isclose(move, -0.1 * m / math.sqrt(0.25 + v), rel_tol=1e-14)


def test_the_threshold_shrinks_by_its_factor_a_step():
    """lam = 2, 1, 1/2, 1/4: clipped, at the threshold, at the threshold, clipped."""
    assert moves(ShrinkingClip(lr=0.5, max_norm=2.0, shrink=0.5)) == [-1.0, 0.5, -0.25, -0.125]


def test_the_rising_schedule_undoes_the_inverse_root():
    t = torch.tensor(9.0, dtype=torch.float64)
    assert (Rising(0.5)(t) / t.sqrt()).item() == 0.5


@pytest.mark.parametrize(("L", "beta", "c1"), [(3.0, 0.5, 0.5), (24.0, 0.125, 0.5)])
def test_armijos_search_ends_at_the_first_step_that_passes_its_test(L: float, beta: float, c1: float):
    """f(x - h g) <= f(x) - c1 h g^2 on L x^2/2 from x = 1, evaluated, at the step and at the one before."""

    def passes(h: float) -> bool:
        return L / 2 * (1 - h * L) ** 2 <= L / 2 - c1 * h * L**2

    assert passes(found(L, beta, c1))
    assert not passes(found(L, beta, c1) / beta)

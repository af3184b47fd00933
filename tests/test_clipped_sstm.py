"""clipped-SSTM against the paper's recursion, carried out in fractions, and against what its theory says of it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from lab.errors import LabError
from lab.optimizers.clipped_sstm import ClippedSSTM
from lab.simulate import simulate
from problems.gd_worst_cases import GDQuadratic

STEPS = 40


def recursion(a: Fraction, B: Fraction) -> list[Fraction]:
    """Return y_0, y_1, ... on f = x^2/2 from 1: the paper's four lines, with sums for A_k as it has them."""
    y = z = Fraction(1)
    A, found = Fraction(0), [y]
    for k in range(STEPS):
        alpha = Fraction(k + 2) / (2 * a)
        x = (A * y + alpha * z) / (A + alpha)
        longest = B / alpha
        z -= alpha * (x if abs(x) <= longest else longest * (1 if x > 0 else -1))
        y = (A * y + alpha * z) / (A + alpha)
        A += alpha
        found.append(y)
    return found


def run(optimizer: ClippedSSTM) -> np.ndarray:
    result = simulate(
        GDQuadratic(), optimizer, seeds=1, steps=STEPS, record=range(STEPS + 1), metrics=("suboptimality",)
    )
    return np.asarray(result.suboptimality_mean.values).ravel()


@pytest.mark.parametrize(("a", "B"), [("1", "1/4"), ("4", "1/8"), ("2", "100")])
def test_the_points_returned_are_those_of_the_recursion_in_fractions(a: str, B: str):
    exact = [float(y * y / 2) for y in recursion(Fraction(a), Fraction(B))]
    assert np.allclose(run(ClippedSSTM(a=float(Fraction(a)), B=float(Fraction(B)))), exact, rtol=1e-12, atol=1e-15)


def test_a_wrong_weight_of_the_step_would_be_seen():
    exact = [float(y * y / 2) for y in recursion(Fraction(2), Fraction(100))]
    assert not np.allclose(run(ClippedSSTM(a=2.1, B=100.0)), exact, rtol=1e-3)


def test_without_clipping_it_is_accelerated():
    """Without noise f(y_T) - f* <= 2 a L R^2/(T (T+3)), as 1/2 R^2 over A_T: a = 1, L = R = 1."""
    t = np.arange(1, STEPS + 1)
    assert (run(ClippedSSTM(a=1.0, B=100.0))[1:] <= 2 / (t * (t + 3))).all()


def test_z_moves_no_further_than_B():
    """Then y, an average of z_0, ..., z_T, is at most B T from the start."""
    assert (run(ClippedSSTM(a=1.0, B=0.001)) >= (1 - 0.001 * np.arange(STEPS + 1)) ** 2 / 2 - 1e-15).all()


def test_a_threshold_of_zero_is_refused():
    with pytest.raises(LabError, match="B"):
        ClippedSSTM(B=0.0)

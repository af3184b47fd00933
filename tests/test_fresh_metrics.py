"""Error and margin at fresh samples: of classifiers whose scores are known."""

from __future__ import annotations

import pytest
import torch

import lab
from lab.errors import LabError
from lab.metrics import get_metric
from problems.gd_worst_cases import GDQuadratic
from problems.wilson import WilsonLeastSquares

PROBLEM = WilsonLeastSquares(positives=5, negatives=3)
RIGHT = (1.0, *[0.0] * (PROBLEM.dim - 1))  # the label feature alone
HALF = (0.5, 0.75, 0.5, *[0.0] * (PROBLEM.dim - 3))  # scores 7/4 at a positive sample, 3/4 at a negative one


@pytest.mark.parametrize(
    ("x", "error", "margin"),
    [(RIGHT, 0.0, 1.0), (HALF, 3 / 8, -0.75), (tuple(-v for v in RIGHT), 1.0, -1.0), ((0.0,) * PROBLEM.dim, 1.0, 0.0)],
)
def test_error_and_margin_are_those_of_the_shared_features(x: tuple[float, ...], error: float, margin: float) -> None:
    at = torch.tensor(x, dtype=torch.float64)
    assert PROBLEM.test_error(at).item() == error
    assert PROBLEM.margin(at).item() == margin


def test_a_run_records_them() -> None:
    """The gradient at 0 is -X^T y/n: 1 for the label, -1/4 for either constant."""
    run = lab.simulate(PROBLEM, lab.get_optimizer("sgd", lr=0.5), seeds=1, steps=1, record=[0, 1],
                       metrics=["test_error", "test_margin"])  # fmt: skip
    assert run.test_error_mean.values.ravel().tolist() == [1.0, 0.0]
    assert run.test_margin_mean.values.ravel().tolist() == [0.0, 0.5 - 2 * 0.125]


@pytest.mark.parametrize("name", ["test_error", "test_margin"])
def test_a_problem_without_fresh_samples_is_refused(name: str) -> None:
    with pytest.raises(LabError, match="gd_quadratic has no fresh samples"):
        get_metric(name).check(GDQuadratic())

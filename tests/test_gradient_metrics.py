"""The gradient norms along a path: gradient descent on x^2/2 halves x, so that every number is known."""

from __future__ import annotations

import numpy as np
import pytest

from lab.errors import LabError
from lab.metrics import get_metric
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from lab.simulate import simulate
from problems.coins import CoinLipschitz
from problems.gd_worst_cases import GDQuadratic

STEPS = (0, 1, 2, 4)
QUERIED = 0.5 ** np.arange(4)  # x_1 = 1, 1/2, 1/4, 1/8, which is the slope too


def found(metric: str, lr: float = 0.5) -> list[float]:
    result = simulate(GDQuadratic(), SGD(lr=Constant(lr)), seeds=1, steps=4, record=STEPS, metrics=(metric,))
    return result[f"{metric}_mean"].values.ravel().tolist()


def test_the_least_squared_gradient_is_that_of_the_points_queried():
    assert found("best_grad_norm_sq") == [1.0, 1.0, 0.25, 1 / 64]


def test_the_least_squared_gradient_never_rises():
    assert found("best_grad_norm_sq", lr=2.5) == [1.0, 1.0, 1.0, 1.0]


def test_the_means_are_over_the_points_queried_and_the_start_is_their_first():
    assert found("mean_grad_norm") == [1.0, *(QUERIED[:t].mean() for t in STEPS[1:])]
    assert found("mean_grad_norm_sq") == [1.0, *(np.square(QUERIED[:t]).mean() for t in STEPS[1:])]


def test_the_mean_of_squares_is_not_the_square_of_the_mean():
    assert found("mean_grad_norm_sq")[-1] > found("mean_grad_norm")[-1] ** 2


def test_the_noise_is_the_last_gradients_distance_from_the_exact_one():
    """A coin of bias 1/2 on the line: g is -1 or 1 where the gradient is -1/2, off by 1/2 or by 3/2."""
    coin = CoinLipschitz(delta=0.5)
    result = simulate(coin, SGD(lr=Constant(0.1)), seeds=400, steps=3, record=(0, 1, 3), metrics=("noise_sq",))
    means = result["noise_sq_mean"].values.ravel()
    assert means[0] == 0.0
    agreed = (9 / 4 - means[1:]) / 2  # the share of seeds whose coin agrees, 3/4 in the mean
    assert np.allclose(400 * agreed, np.round(400 * agreed), atol=1e-9)
    assert (np.abs(agreed - 0.75) < 4 * (3 / 16 / 400) ** 0.5).all()
    assert found("noise_sq") == [0.0] * 4


def test_a_misspelt_metric_names_the_nearest():
    with pytest.raises(LabError, match="best_grad_norm_sq"):
        get_metric("best_gradnorm_sq")

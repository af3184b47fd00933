"""The exact law of linear methods under normal noise, from which the variance of a squared metric is certified.

A method whose state z is linear in the noise, z_{t+1} = A_t z_t + xi_t b_t on one coordinate, is jointly normal: for a
coordinate of mean m and variance v, Var x^2 = 2 v^2 + 4 m^2 v.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
import torch

from lab.claim import Variance
from lab.schedules import Schedule

FloatArray = npt.NDArray[np.float64]
Steps = Iterable[tuple[FloatArray, FloatArray]]  # (A_t, b_t) of t = 1, 2, ...
WHY = "the state is exactly normal, and Var x^2 = 2 v^2 + 4 m^2 v for a normal x of mean m and variance v"


def rates(lr: Schedule, steps: int) -> list[float]:
    """Return lr_t of t = 1, ..., steps."""
    return [float(lr(torch.tensor(float(t), dtype=torch.float64)) * torch.ones(())) for t in range(1, steps + 1)]


def sgd(lr: Schedule, curvature: float, steps: int) -> Steps:
    """Return SGD on curvature x^2/2: x_{t+1} = (1 - lr_t curvature) x_t - lr_t xi_t."""
    return [(np.array([[1 - a * curvature]]), np.array([-a])) for a in rates(lr, steps)]


def sgd_and_sum(lr: Schedule, curvature: float, steps: int) -> Steps:
    """Return SGD with the sum of the points queried."""
    return [(np.array([[1 - a * curvature, 0.0], [1.0, 1.0]]), np.array([-a, 0.0])) for a in rates(lr, steps)]


def heavy_ball(lr: Schedule, curvature: float, momentum: float, steps: int) -> Steps:
    """Return SGD with momentum: point and buffer."""
    return [
        (np.array([[1 - a * curvature, -a * momentum], [curvature, momentum]]), np.array([-a, 1.0]))
        for a in rates(lr, steps)
    ]


def variance_of_square(method: Steps, start: float, sigma: float, row: int = 0) -> list[float]:
    """Return Var z_t[row]^2 for t = 0, 1, ..., of a state that starts at (start, 0, ...)."""
    found: list[float] = []
    mean, cov = np.zeros(0), np.zeros((0, 0))
    for A, b in method:
        if not found:
            mean, cov = start * np.eye(len(b))[0], np.zeros_like(A)
            found.append(0.0)
        mean, cov = A @ mean, A @ cov @ A.T + sigma**2 * np.outer(b, b)
        found.append(float(2 * cov[row, row] ** 2 + 4 * mean[row] ** 2 * cov[row, row]))
    return found


def certified(spread: list[float], factor: Callable[[float], float] = lambda t: 1.0) -> Variance:
    """Return the certificate of factor(t) z_t^2, with 1e-9 for rounding."""
    return Variance(lambda t: factor(t) ** 2 * spread[int(t)] * (1 + 1e-9) + 1e-300, WHY)

"""Statements on problems of other families: OGD's rate under heavy tails, stable SGD's moments, Adam's 2-cycle."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import lab
from lab.engine.reference import Batch, run as run_eagerly
from lab.metrics import get_metric
from lab.noise import Stable
from lab.schedules import Constant, Polynomial
from lab.statistics import dkw_band
from lab.testing.noise import distances


def averages(problem, optimizer, seeds, steps):
    """The average of x_1, ..., x_steps of each seed."""
    batch = Batch(
        problem=problem, optimizers=(optimizer,), metrics=(get_metric("average_iterate"),), first_seed=0, key=0,
        n_seeds=seeds, steps=steps, record=(0, steps), start=None, dtype=torch.float64, device=torch.device("cpu"),
    )  # fmt: skip
    return run_eagerly(batch).values[0][0, 1, 0]


@pytest.mark.parametrize("p", [1.3, 1.5, 2.0])
def test_tuned_gradient_descent_reaches_the_convex_heavy_tailed_rate(p):
    """From 0 with one step eta = R T^(-1/p) / sigma the average of T points has a gap of .6 to .7 times sigma R
    T^(-(p-1)/p), the lower bound .25 of it: by the exact law, the number of gradients seen being binomial.

    A gradient moves x by lr sigma T^(1/p) = R: before the first one x = 0, after it x = R, the minimizer, for ever. So
    the gap of the average is m R E(rounds before and with the first) / T, m = sigma T^(1/p - 1).
    """
    T, sigma, R = 200, 2.0, 3.0
    rate = sigma * R * T ** (1 / p - 1)
    waiting = sum((1 - 1 / T) ** t for t in range(T)) / T  # E min(first, T) / T
    assert 0.63 < waiting < 0.64
    problem = lab.get_problem("heavy_linear", p=p, k=T, sigma=sigma, R=R)
    sgd = lab.get_optimizer("sgd", lr=Constant(R / (sigma * T ** (1 / p))))
    seeds = 4000
    run = lab.simulate(problem, sgd, seeds=seeds, steps=T, record=[T], metrics=["average_suboptimality"])
    found = float(run.average_suboptimality_mean.values.ravel()[-1]) / rate
    assert abs(found - waiting) <= 5 * 0.5 / math.sqrt(seeds)  # a variable in [0, 1]
    assert problem.least_error == pytest.approx(0.25 * rate, rel=1e-12)


def test_the_moments_of_sgd_under_stable_noise_fall_at_their_exact_rate():
    """Steps k^-rho: the scale falls like k^(-rho (1 - 1/alpha)), and so E|x|^q to the power q, for q < alpha.

    What is left is of order 1 / (k lr_k) = k^(rho - 1) relative, here at most a quarter of it.
    """
    alpha, rho = 1.5, 0.7
    problem = lab.get_problem("stable_quadratic", alpha=alpha)
    scale = problem.sgd_law(Polynomial(1.0, power=rho), 40_000)[1][:, 0]
    slope = math.log(scale[40_000] / scale[10_000]) / math.log(4)
    assert slope == pytest.approx(-rho * (1 - 1 / alpha), abs=0.25 * 10_000 ** (rho - 1) / math.log(4))
    for k in (10_000, 40_000):  # (1 / alpha)^(1/alpha) lr^(1 - 1/alpha): the balance of noise and contraction
        assert scale[k] == pytest.approx(
            alpha ** (-1 / alpha) * k ** (-rho * (1 - 1 / alpha)), rel=0.25 * k ** (rho - 1)
        )
    q = 0.9
    moments = [Stable(alpha, float(scale[k])).moment(q) for k in (10_000, 40_000)]
    assert math.log(moments[1] / moments[0]) / math.log(4) == pytest.approx(q * slope, abs=1e-9)


def test_the_average_of_sgd_under_stable_noise_tends_to_a_stable_law():
    """k^(1 - 1/alpha) times the average tends to the noise's law over lambda; its own law is exact, at 1e-3.

    x_t = sum_{s < t} w_{t,s} xi_s, so that the average has the scale (sum_s |sum_t w_{t,s}|^alpha)^(1/alpha) / k.
    """
    alpha, rho, k, n = 1.5, 0.7, 250, 10_000
    problem = lab.get_problem("stable_quadratic", alpha=alpha, radius=0.0)
    lr = np.arange(1, k + 1) ** -rho
    weights = np.zeros(k)
    for s in range(k - 1):  # the noise of step s + 1 is in x_{s+2}, ..., x_k
        weights[s] = lr[s] * np.cumprod(np.concatenate([[1.0], 1 - lr[s + 1 : k - 1]])).sum()
    scale = (weights**alpha).sum() ** (1 / alpha) / k
    assert scale * k ** (1 - 1 / alpha) == pytest.approx(1.0, abs=0.1)
    average = averages(problem, lab.get_optimizer("sgd", lr=Polynomial(1.0, power=rho)), n, k)
    assert max(distances(average, Stable(alpha, scale))) <= dkw_band(n, 1e-3)
    assert max(distances(average, Stable(alpha, 1.1 * scale))) > dkw_band(n, 1e-3)


@pytest.mark.parametrize(("beta2", "c"), [(0.9, 1.0), (0.99, 7.0), (0.999, 0.1)])
def test_adam_settles_on_its_two_cycle_for_every_curvature(beta2, c):
    """beta1 = 0: |x| = lr / 2; with beta1 = 0.1, lr (1 - beta1) / (2 (1 + beta1)). From a start near the cycle."""
    lr = 0.01
    problem = lab.get_problem("gd_quadratic", L=c)
    for beta1 in (0.0, 0.1):
        amplitude = lr * (1 - beta1) / (2 * (1 + beta1))
        adam = lab.get_optimizer("adam", lr=lr, betas=(beta1, beta2), eps=0.0)
        steps = int(30 / (1 - beta2)) + 2000
        run = lab.simulate(
            problem, adam, seeds=1, steps=steps, record=[steps - 1, steps], metrics=["iterate"], start=1.3 * amplitude
        )
        last = run.iterate_mean.values.ravel()[-2:]
        assert np.abs(last) == pytest.approx(amplitude, rel=1e-3)
        assert last[0] * last[1] < 0

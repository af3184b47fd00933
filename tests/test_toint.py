"""Toint's staircase: its interpolation conditions and smoothness proved, Adam's path exact for many betas."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
import torch

import lab
from lab.schedules import InvSqrt

BETAS = [(0.0, 0.0), (0.9, 0.999), (0.99, 0.5), (0.0, 0.999), (0.9, 0.1), (0.999, 0.9)]


def run(problem, name, steps=10_000, **hyper):
    found = lab.simulate(
        problem, lab.get_optimizer(name, **hyper), seeds=1, steps=steps, metrics=["iterate", "value", "grad_norm_sq"]
    )
    return tuple(float(found[f"{m}_mean"].values.ravel()[-1]) for m in ("iterate", "value", "grad_norm_sq"))


def test_values_slopes_and_curvatures_at_the_iterates_are_those_prescribed():
    s, rise, step = sp.symbols("s rise step", positive=True)
    piece = step * (-s + (1 + rise) * s**3 * (10 - 15 * s + 6 * s**2))
    slope, curvature = sp.diff(piece, s) / step, sp.diff(piece, s, 2) / step**2
    assert [sp.expand(f.subs(s, 0)) for f in (piece, slope, curvature)] == [0, -1, 0]
    assert [sp.expand(f.subs(s, 1)) for f in (piece, slope, curvature)] == [rise * step, -1, 0]
    problem = lab.get_problem("toint_staircase", step=0.25, rise=0.75)
    k = torch.arange(1000, dtype=torch.float64).unsqueeze(-1)
    assert torch.equal(problem.value(k / 4), (0.75 * 0.25 * k)[:, 0])
    assert (problem.grad(k / 4) == -1).all()
    assert (problem.hessian_diagonal(k / 4) == 0).all()


def test_the_curvature_is_bounded_by_L_and_reaches_it():
    """f''^2 = (27/4) L^2 w (1-w)^2 with w = (1-2s)^2 in [0, 1]; 4/27 - w (1-w)^2 = (w - 1/3)^2 (4/3 - w) >= 0."""
    s, w, c = sp.symbols("s w c", positive=True)
    curvature = sp.diff(-s + c * s**3 * (10 - 15 * s + 6 * s**2), s, 2)
    L = 10 * c / sp.sqrt(3)
    inside = (w * (1 - w) ** 2).subs(w, (1 - 2 * s) ** 2)
    assert sp.expand(curvature**2 - sp.Rational(27, 4) * L**2 * inside) == 0
    rest = (w - sp.Rational(1, 3)) ** 2 * (sp.Rational(4, 3) - w)
    assert sp.expand(sp.Rational(4, 27) - w * (1 - w) ** 2 - rest) == 0
    for step, rise in ((1.0, 0.5), (0.1, 0.0)):
        problem = lab.get_problem("toint_staircase", step=step, rise=rise)
        assert problem.constants["L"].value == pytest.approx(float((L / step).subs(c, 1 + rise)), rel=1e-14)
        top = torch.tensor([step * (1 - 3**-0.5) / 2], dtype=torch.float64)
        assert float(problem.hessian_diagonal(top)) == pytest.approx(problem.constants["L"].value, rel=1e-14)


def test_adam_s_corrected_moments_of_a_constant_gradient_are_exact():
    """In fractions, for random betas: mhat = -1 and vhat = 1 at every step, so that every step is lr."""
    for thousandths in np.random.default_rng(5).integers(1000, size=(20, 2)):
        beta1, beta2 = (Fraction(int(b), 1000) for b in thousandths)
        m = v = Fraction(0)
        for t in range(1, 30):
            m, v = beta1 * m - (1 - beta1), beta2 * v + (1 - beta2)
            assert m / (1 - beta1**t) == -1
            assert v / (1 - beta2**t) == 1


@pytest.mark.parametrize("betas", BETAS, ids=str)
def test_adam_walks_from_slope_to_slope_and_f_rises(betas):
    x, value, grad_sq = run(lab.get_problem("toint_staircase"), "adam", lr=1.0, betas=betas, eps=0.0)
    assert (x, value, grad_sq) == (10_000.0, 5_000.0, 1.0)


@pytest.mark.parametrize("eps", [0.0, 1e-8, 1e-3])
def test_steps_that_are_rounded_do_not_drift_off(eps):
    lr = 0.1
    x, value, grad_sq = run(lab.get_problem("toint_staircase", step=lr / (1 + eps)), "adam", lr=lr, eps=eps)
    assert x * (1 + eps) / lr == pytest.approx(10_000, abs=1e-6)
    assert value * (1 + eps) / lr == pytest.approx(5_000, abs=1e-5)
    assert grad_sq == pytest.approx(1, abs=1e-9)


def test_methods_that_find_a_small_enough_step_stop():
    problem = lab.get_problem("toint_staircase")
    L = problem.constants["L"].value
    sure = {"sgd": 1.9 / L, "adagrad": 1.0, "adam": InvSqrt(1.0), "amsgrad": InvSqrt(1.0)}
    for name, lr in sure.items():
        assert run(problem, name, lr=lr)[2] < 1e-20, name
    assert run(problem, "sgd", lr=1.0)[0] == 10_000
    assert run(problem, "signsgd", lr=1.0)[0] == 10_000


@pytest.mark.parametrize("betas", BETAS, ids=str)
def test_on_the_sine_adam_sees_the_slope_minus_1_for_ever(betas):
    x, value, grad_sq = run(lab.get_problem("toint_sine"), "adam", lr=1.0, betas=betas, eps=0.0)
    assert (x, abs(value), grad_sq) == (10_000.0, 0.0, 1.0)


def test_on_the_sine_methods_that_find_a_small_enough_step_stop_at_a_minimizer():
    problem = lab.get_problem("toint_sine", step=0.5)
    for name, lr in {"sgd": 1.9 / problem.constants["L"].value, "amsgrad": InvSqrt(0.5)}.items():
        x, value, grad_sq = run(problem, name, lr=lr)
        assert grad_sq < 1e-20, name
        assert value == pytest.approx(problem.minimum, abs=1e-15)
        assert x % 0.5 == pytest.approx(0.125, abs=1e-9)
    assert run(problem, "sgd", lr=0.5)[0] == 5000

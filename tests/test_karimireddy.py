"""Signs alone: an average sign that points up, and a line that no step along signs leaves."""

from __future__ import annotations

import math

import pytest
import torch

import lab
from lab.sampling import Cyclic, RandomReshuffling
from lab.schedules import Constant, InvSqrt
from lab.testing import samples

LINES = {
    "karimireddy_nonsmooth": [{"eps": 0.5}, {"eps": 0.9}],
    "karimireddy_least_squares": [{"eps": 0.5}, *({"eps": 0.1, "order": o} for o in (Cyclic(), RandomReshuffling()))],
}
CASES = [pytest.param(name, values, id=f"{name}-{i}") for name, all_ in LINES.items() for i, values in enumerate(all_)]


def run(problem, name, steps, metric, seeds=1, **hyper):
    found = lab.simulate(problem, lab.get_optimizer(name, **hyper), seeds=seeds, steps=steps, metrics=[metric])
    return found[f"{metric}_mean"].values


def test_signs_climb_by_half_a_step_on_average():
    """On R, E x_t = lr t / 2 with variance (3/4) lr^2 t: 5 standard errors of 10,000 seeds."""
    problem, lr, T, seeds = lab.get_problem("karimireddy_skewed", projected=False), 0.01, 1000, 10_000
    mean = run(problem, "signsgd", T, "iterate", seeds, lr=lr).ravel()[-1]
    assert abs(mean - lr * T / 2) < 5 * lr * math.sqrt(0.75 * T / seeds)


def test_on_the_box_signs_end_at_the_wrong_end_and_sgd_at_the_right_one():
    problem = lab.get_problem("karimireddy_skewed")
    assert run(problem, "signsgd", 2000, "iterate", 500, lr=0.01).ravel()[-1] > 0.98
    assert run(problem, "sgd", 2000, "iterate", 500, lr=0.01).ravel()[-1] < -0.9


def test_at_the_kink_the_subgradient_takes_a_side():
    x = torch.ones(1, 2, dtype=torch.float64)
    assert lab.get_problem("karimireddy_nonsmooth", eps=0.25).grad(x).tolist() == [[1.25, -0.75]]


@pytest.mark.parametrize("lr", [Constant(0.375), InvSqrt(0.5)], ids=lambda s: s.name)
@pytest.mark.parametrize(("name", "values"), CASES)
def test_signs_never_leave_the_line(name, values, lr):
    """x_1 + x_2 = 2 at every step, in every order: f >= its least value on that line, which is above 0."""
    problem = lab.get_problem(name, **values)
    found = lab.simulate(
        problem, lab.get_optimizer("signsgd", lr=lr), seeds=8, steps=2000, metrics=["iterate", "value"]
    )
    assert found.iterate_mean.values.sum(-1) == pytest.approx(2, abs=1e-9)
    assert (found.value_mean.values >= problem.floor() * (1 - 1e-9)).all()
    assert problem.floor() > problem.minimum == 0


@pytest.mark.parametrize("name", ["sgd", "efsignsgd", "signum"])
def test_gradients_error_feedback_and_momentum_leave_it(name):
    for problem, lr in (("karimireddy_nonsmooth", InvSqrt(0.1)), ("karimireddy_least_squares", InvSqrt(0.05))):
        made = lab.get_problem(problem)
        assert run(made, name, 10_000, "value", 8, lr=lr).ravel()[-1] < made.floor() / 20, problem


@pytest.mark.parametrize("eps", [0.1, 0.5])
def test_the_floor_is_the_smallest_value_on_the_line(eps):
    u = torch.linspace(-3, 3, 601, dtype=torch.float64)  # x_1 - x_2, with 0 among them
    line = torch.stack([1 + u / 2, 1 - u / 2], -1)
    for name in LINES:
        problem = lab.get_problem(name, eps=eps)
        assert float(problem.value(line).min()) == pytest.approx(problem.floor(), rel=1e-12)


def test_all_sample_gradients_have_the_signs_of_the_line():
    problem = lab.get_problem("karimireddy_least_squares", eps=0.7)
    g = problem.oracle(samples.points(problem), samples.step(1), samples.draws(problem, 1))
    assert (g[:, 0] * g[:, 1] < 0).all()

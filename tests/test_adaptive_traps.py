"""Skewed data move Adam's limit, a first spike slows AdaGrad for ever, an outlier moves ACClip in proportion."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import optimize

import lab
from lab import LabError
from lab.schedules import Constant, InvSqrt
from lab.transforms.gradients import ClipNorm


def final(problem, optimizer, seeds, steps, **given):
    run = lab.simulate(problem, optimizer, seeds=seeds, steps=steps, record=steps, keep_seeds=True, **given)
    return run.x_final.values[0][:, 0]


# Skewed data


def rest_point(beta2, p=0.2, high=2.0, n=100_000):
    """The x with E g / sqrt(v) = 0, g = x - X, v = (1 - beta2) sum_j beta2^j g_j^2: the mean over n histories of X.

    v is a quadratic in x whose coefficients are sums over the history; the newest g and the older ones are independent,
    so that both values of the newest are taken with their probabilities, and the statistical error falls.
    """
    rng = np.random.default_rng(7)
    first, second = np.zeros(n), np.zeros(n)  # discounted sums of X and X^2 over the rounds before
    for _ in range(int(math.log(1e-3) / math.log(beta2)) + 1):
        x = np.where(rng.random(n) < p, high, -p * high / (1 - p))
        first, second = beta2 * (first + (1 - beta2) * x), beta2 * (second + (1 - beta2) * x * x)

    def field(x):
        older = beta2 * x * x - 2 * x * first + second
        terms = ((q, x - v) for q, v in ((p, high), (1 - p, -p * high / (1 - p))))
        return float(sum(q * (g / np.sqrt(older + (1 - beta2) * g * g)).mean() for q, g in terms))

    return optimize.brentq(field, -0.5, 0.5)


def test_adams_field_vanishes_where_it_is_said_to_and_in_first_order_at_the_skewness():
    """-(1 - beta2) E X^3 / (2 E X^2) = -0.75 (1 - beta2); what is left is of second order."""
    for beta2, point, n in ((0.9, -0.082, 100_000), (0.99, -0.0076, 20_000)):
        found = rest_point(beta2, n=n)
        assert found == pytest.approx(point, abs=0.02 * abs(point))
        assert abs(found + 0.75 * (1 - beta2)) < (1 - beta2) ** 2


def test_a_symmetric_law_leaves_the_rest_point_at_the_minimizer():
    assert rest_point(0.9, p=0.5) == pytest.approx(0.0, abs=2e-3)


def test_adam_goes_to_its_rest_point_and_sgd_to_the_minimizer():
    """Steps 0.3 / sqrt(t), 2,000 seeds; SGD's mean is exactly 0 from x_1 = 0, Adam's has gone to -0.082."""
    problem = lab.get_problem("adam_symmetry")
    adam = lab.get_optimizer("adam", lr=InvSqrt(0.3), betas=(0.0, 0.9), eps=0.0)
    sgd = lab.get_optimizer("sgd", lr=InvSqrt(0.3))
    ends = {name: final(problem, method, 2000, 2000) for name, method in (("adam", adam), ("sgd", sgd))}
    error = {name: 5 * x.std() / math.sqrt(len(x)) for name, x in ends.items()}
    assert abs(ends["adam"].mean() + 0.082) < error["adam"] + 2e-3
    assert abs(ends["sgd"].mean()) < error["sgd"]
    assert error["adam"] < 0.01
    even = final(lab.get_problem("adam_symmetry", p=0.5, high=1.0), adam, 2000, 2000)
    assert abs(even.mean()) < 5 * even.std() / math.sqrt(len(even))


# A spike in round 1


@pytest.mark.parametrize("share", [0.1, 0.01, 1e-4])
def test_after_a_spike_adagrad_needs_as_long_as_the_bound_says(share):
    """The recursion written out, for both signs, against the bound; and without a spike, ceil of (distance/2)^2 or so.

    Away from the target the spike leaves A distance / lr steps or more: 5, 12 and 102 at distance = lr.
    """
    size = share**-0.5

    def steps_to_target(first, distance):
        x, b = 1 + distance, first * first
        x, t = x - first / math.sqrt(b), 1
        while abs(x) > 1:
            b, x, t = b + 1, x - math.copysign(1, x) / math.sqrt(b + 1), t + 1
        return t

    problem = lab.get_problem("adagrad_needs_clip", share=share)
    for sign in (1, -1):
        assert steps_to_target(1 + sign * size, 3.0) - 1 >= problem.steps_lost(1.0)
    assert steps_to_target(1 - size, 1.0) >= size
    assert steps_to_target(1.0, 3.0) <= (3 / 2 + 1) ** 2


def test_the_late_runs_of_adagrad_are_those_with_a_spike_and_come_as_often_as_declared():
    """The others are inside after (1 + distance / 2)^2 steps; after steps_lost more, share of the runs is not."""
    problem, seeds = lab.get_problem("adagrad_needs_clip"), 20_000
    lost = problem.steps_lost(1.0)
    assert lost == pytest.approx(9 * 2)
    x = final(problem, lab.get_optimizer("adagrad", lr=1.0, eps=0.0), seeds, int(lost))
    late = (np.abs(x) > 1).mean()
    assert abs(late - problem.share) <= 5 * math.sqrt(problem.share / seeds)


def test_clipping_takes_the_spike_away():
    clipped = ClipNorm(inner=lab.get_optimizer("adagrad", lr=1.0, eps=0.0), max_norm=1.0)
    x = final(lab.get_problem("adagrad_needs_clip"), clipped, 4000, 18)
    assert (np.abs(x) <= 1).all()


# An outlier


def jump(method, **given):
    """|x_when+1 - x_when| of the outlier's step."""
    problem = lab.get_problem("acclip_outlier", **given)
    run = lab.simulate(
        problem, method, seeds=1, steps=problem.when, record=[problem.when - 1, problem.when], metrics=["iterate"]
    )
    x = run.iterate_mean.values.ravel()
    return abs(x[-1] - x[-2])


@pytest.mark.parametrize("alpha", [1.0, 1.5, 2.0])
def test_acclips_step_is_proportional_to_the_outlier(alpha):
    method = lab.get_optimizer("acclip", lr=Constant(1.0), alpha=alpha, eps=0.0)
    for size in (1e2, 1e4, 1e6):
        problem = lab.get_problem("acclip_outlier", size=size)
        assert jump(method, size=size) == pytest.approx(problem.acclip_step((0.9, 0.99), alpha), rel=1e-9)
    influence = min(0.01 ** (1 / alpha), 0.1)
    assert jump(method, size=1e6) / 1e6 == pytest.approx(influence, rel=1e-4)
    assert influence == pytest.approx({1.0: 0.01, 1.5: 0.0464, 2.0: 0.1}[alpha], abs=5e-5)


def test_with_equal_betas_acclip_never_clips():
    """Its step is then lr m, that of the running mean itself."""
    for alpha in (1.0, 1.5, 2.0):
        method = lab.get_optimizer("acclip", lr=Constant(1.0), alpha=alpha, betas=(0.9, 0.9), eps=0.0)
        m = 0.9 * (1 - 0.9**49) + 0.1 * 1e6
        assert jump(method, size=1e6) == pytest.approx(m, rel=1e-9)


def test_a_fixed_threshold_and_adam_bound_the_step():
    assert jump(lab.get_optimizer("cclip", lr=Constant(1.0), clip_value=2.0), size=1e6) == pytest.approx(2.0)
    adam = lab.get_optimizer("adam", lr=Constant(1.0), betas=(0.9, 0.99), eps=0.0, debias=False)
    assert jump(adam, size=1e6) <= 0.1 / math.sqrt(0.01) * (1 + 1e-3)
    corrected = lab.get_optimizer("adam", lr=Constant(1.0), betas=(0.9, 0.99), eps=0.0)
    assert jump(corrected, size=1e9, when=2000) == pytest.approx(0.1 / math.sqrt(0.01), rel=1e-6)


@pytest.mark.parametrize(
    ("name", "values"),
    [("adam_symmetry", {"p": 1.0}), ("adam_symmetry", {"high": 0.0}), ("adagrad_needs_clip", {"share": 0.0}),
     ("adagrad_needs_clip", {"distance": 0.0}), ("acclip_outlier", {"when": 0}), ("acclip_outlier", {"size": 0.5})],
)  # fmt: skip
def test_bad_parameters_are_refused(name, values):
    with pytest.raises(LabError, match=next(iter(values))):
        lab.get_problem(name, **values)

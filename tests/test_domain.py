"""Domains: projections against a general-purpose optimizer, membership, the best fixed point."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from scipy import optimize

from lab.domain import Ball, Box, Reals
from lab.errors import LabError

DOMAINS = [Box(-1.0, 2.0), Box(0.5, 0.75), Ball(1.5), Ball(0.5, center=1.0), Reals()]
coordinate = st.floats(-10, 10)
points = st.lists(coordinate, min_size=3, max_size=3).map(lambda v: torch.tensor(v, dtype=torch.float64))
weights = st.lists(st.floats(1e-3, 1e3), min_size=3, max_size=3).map(lambda v: torch.tensor(v, dtype=torch.float64))


def nearest_by_slsqp(ball: Ball, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """argmin of sum w_i (x_i - y_i)^2 in the ball, by scipy's constrained minimizer."""
    inside = {
        "type": "ineq",
        "fun": lambda x: ball.radius**2 - np.sum((x - ball.center) ** 2),
        "jac": lambda x: -2 * (x - ball.center),
    }
    w = w / w.max()
    found = optimize.minimize(
        lambda x: np.sum(w * (x - y) ** 2), np.full(len(y), ball.center), jac=lambda x: 2 * w * (x - y),
        constraints=[inside], method="SLSQP", options={"ftol": 1e-15, "maxiter": 500},
    )  # fmt: skip
    return found.x


@pytest.mark.parametrize("ball", [Ball(1.5), Ball(0.5, center=1.0)], ids=str)
@pytest.mark.parametrize("key", range(5))
def test_the_weighted_projection_on_a_ball_is_that_of_a_general_optimizer(ball, key):
    draw = np.random.default_rng(key)
    y, w = ball.center + 3 * draw.normal(size=4), 10 ** draw.uniform(-1, 1, size=4)
    got = ball.project(torch.tensor(y), torch.tensor(w)).numpy()
    want = nearest_by_slsqp(ball, y, w)
    ours, theirs = (np.sum(w * (x - y) ** 2) for x in (got, want))
    assert np.linalg.norm(got - ball.center) <= ball.radius * (1 + 1e-12)
    assert ours <= theirs * (1 + 1e-7)  # never beaten, but for what the general optimizer leaves of its constraint
    np.testing.assert_allclose(got, want, atol=1e-4)


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
@given(y=points, w=weights)
@settings(max_examples=40, deadline=None)
def test_a_projection_meets_the_variational_inequality(domain, y, w):
    """<w (y - x), z - x> <= 0 for every z of the set: the condition that characterises the projection x."""
    x = domain.project(y, w)
    assert domain.contains(x)
    z = domain.project(torch.from_numpy(np.random.default_rng(0).normal(size=(64, 3))) * 3)
    gain = (w * (y - x) * (z - x)).sum(-1)
    assert (gain <= 1e-9 * (1 + (w * (y - x)).abs().max())).all()


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
@given(y=points)
@settings(max_examples=40, deadline=None)
def test_projecting_twice_or_with_equal_weights_changes_nothing(domain, y):
    x = domain.project(y)
    torch.testing.assert_close(domain.project(x), x, rtol=0, atol=1e-14)
    torch.testing.assert_close(domain.project(y, torch.full_like(y, 7.0)), x, rtol=0, atol=1e-12)


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
def test_nan_stays_nan_and_stays_in_its_row(domain):
    y = torch.tensor([[3.0, 4.0], [float("nan"), 0.0]], dtype=torch.float64)
    for metric in (None, torch.tensor([[1.0, 2.0], [1.0, 2.0]], dtype=torch.float64)):
        x = domain.project(y, metric)
        assert torch.isnan(x[1, 0])
        assert torch.isfinite(x[0]).all()
        assert not domain.contains(y)[1]


def test_a_coordinate_of_weight_zero_is_free():
    """The weights are sqrt(v): a coordinate that has had no gradient costs nothing to move."""
    x = Ball(1.0).project(torch.tensor([3.0, 0.5]).double(), torch.tensor([1.0, 0.0]).double())
    torch.testing.assert_close(x, torch.tensor([1.0, 0.0]).double(), rtol=0, atol=1e-9)


@pytest.mark.parametrize("domain", DOMAINS[:4], ids=str)
@given(slope=points)
@settings(max_examples=40, deadline=None)
def test_lowest_is_the_least_linear_loss_on_the_set(domain, slope):
    """Attained at the projection of a point far down the slope, and nowhere undercut."""
    lowest = float(domain.lowest(slope))
    z = domain.project(torch.from_numpy(np.random.default_rng(1).normal(size=(200, 3))) * 5)
    assert ((z * slope).sum(-1) >= lowest - 1e-9).all()
    size = float(slope.abs().max())
    if size > 1e-3:
        far = domain.project(-1e9 * slope / size)
        assert float((far * slope).sum()) == pytest.approx(lowest, abs=1e-5 * (1 + size))


def test_lowest_on_the_reals_is_minus_infinity_unless_the_slope_is_zero():
    slopes = torch.tensor([[0.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    assert Reals().lowest(slopes).tolist() == [0.0, -float("inf")]
    assert Reals().lowest(slopes).dtype == torch.float64


def test_diameters_are_in_the_sup_norm():
    assert [d.diameter for d in DOMAINS] == [3.0, 0.25, 3.0, 1.0, float("inf")]
    assert [d.bounded for d in DOMAINS] == [True, True, True, True, False]


@pytest.mark.parametrize("domain", DOMAINS[:4], ids=str)
def test_contains_allows_rounding_and_no_more(domain):
    edge = domain.project(torch.full((1, 2), 100.0, dtype=torch.float64))
    assert domain.contains(edge)
    assert domain.contains(edge * (1 + 1e-13))
    assert not domain.contains(edge * (1 + 1e-9))


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Box(1.0, 1.0), "low must be below high = 1.0, got 1.0"),
        (lambda: Box(float("nan"), 1.0), "low must be a finite number, got nan"),
        (lambda: Ball(0.0), "radius must be a number > 0, got 0.0"),
        (lambda: Ball("big"), "radius must be a finite number, got 'big'"),
    ],
)
def test_a_set_that_is_none_is_refused(build, says):
    with pytest.raises(LabError, match=says):
        build()

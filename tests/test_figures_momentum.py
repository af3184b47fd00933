"""What the figures on averages and on momentum under one-hot samples plot, against independent numbers."""

from __future__ import annotations

import math
from types import ModuleType

import numpy as np
import pytest

from figures import average_loses_log, momentum_no_gain
from figures.kit.drawing import Band, Curve, Drawing, Panel, Points
from lab.results import dataset
from lab.simulate import summarise


def drawn(module: ModuleType, seeds: int) -> Drawing:
    """Return a figure's drawing from its own runs, with so many seeds."""
    found = {}
    for label, run in module.runs().items():
        made = summarise(run.experiment, seeds)
        found[label] = dataset(run.experiment, made.summary, None, None, made.attributes)
    picture = module.draw(found)
    assert isinstance(picture, Drawing)
    return picture


def curve(panel: Panel, label: str) -> Curve:
    """Return the curve of that label."""
    (found,) = (m for m in panel.marks if isinstance(m, Curve) and m.label == label)
    return found


def band(panel: Panel, label: str) -> Band:
    """Return the band of that label."""
    (found,) = (m for m in panel.marks if isinstance(m, Band) and m.label == label)
    return found


# ------------------------------------------------------------------------------------------------------- averages


def test_the_walk_of_the_scaled_points_follows_sampled_ones() -> None:
    """E y_t for y down by U in [-1, 3] from above, up by 7 from below, kept in [-t, t]; half a cell is 1/80."""
    rng, n = np.random.default_rng(0), 200_000
    y, means = np.zeros(n), average_loses_log.means(6)
    for t in range(1, 7):
        y = np.clip(np.where(y < 0, y + 7, y - rng.uniform(-1, 3, n)), -t, t)
        assert abs(y.mean() - means[t - 1]) < 5 * y.std() / math.sqrt(n) + 0.05


def test_the_sum_of_the_means_grows_by_the_stationary_mean_with_each_unit_of_the_logarithm() -> None:
    first, last = average_loses_log.walked(np.array([1e3, 1e5]))
    assert (last - first) / math.log(100) == pytest.approx(3.119, abs=2e-3)  # that of the walk, in test_lopsided_kink


@pytest.mark.slow
def test_all_points_follow_the_walk_and_the_other_averages_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(average_loses_log, "STEPS", 3000)
    monkeypatch.setattr(average_loses_log, "HORIZONS", (100, 3000))
    top, foot = drawn(average_loses_log, seeds=1000).panels
    law, plain = curve(top, "sum of E x_t"), curve(top, "all points")
    np.testing.assert_array_equal(law.x, plain.x)
    noise = band(top, "all points, interval")
    assert (noise.hi > law.y).all()  # f(x) >= x
    late = law.x > 1000
    assert np.abs(plain.y - law.y)[late].max() < 1
    (half,) = (m for m in top.marks if isinstance(m, Points))
    assert half.x.tolist() == [100, 3000]
    np.testing.assert_allclose(half.y, 4.35, atol=0.2)
    weighted, bound = curve(foot, "weights $t$"), curve(foot, "bound for weights t")
    np.testing.assert_allclose(bound.y, 128, rtol=1e-12)
    assert weighted.y.max() < 13
    assert weighted.y[-1] == pytest.approx(weighted.y[weighted.x > 500][0], rel=0.05)


# -------------------------------------------------------------------------------------------------------- momentum


def test_the_heavy_ball_gains_two_at_most_and_nesterovs_form_the_root_of_kappa() -> None:
    gain = {(m, k): (1 - momentum_no_gain.best(m, k)[0]) * k for m in ("SGD", "heavy ball", "Nesterov", "mean")
            for k in (100.0, 10_000.0)}  # fmt: skip
    assert gain["SGD", 10_000.0] == pytest.approx(2, abs=1e-2)
    assert 3 < gain["heavy ball", 100.0] < gain["heavy ball", 10_000.0] < 4
    assert gain["Nesterov", 10_000.0] / gain["Nesterov", 100.0] == pytest.approx(10, rel=0.2)
    polyak = (1 - (99 / 101) ** 2) * 10_000
    assert gain["mean", 10_000.0] == pytest.approx(polyak, rel=0.02)


@pytest.mark.slow
def test_runs_lie_on_the_exact_second_moments_above_the_floors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(momentum_no_gain, "STEPS", 200)
    monkeypatch.setattr(momentum_no_gain, "KAPPAS", (100.0,))
    paths, gains = drawn(momentum_no_gain, seeds=4096).panels
    for method in momentum_no_gain.ENDS:
        noise, law = band(paths, f"{method}, interval"), curve(paths, f"{method}, exactly")
        wide = 1.5 * (noise.hi - noise.lo)  # dependent steps, skewed: three times the half-width of each
        assert (np.abs(curve(paths, method).y - law.y) < wide).all()
    T = curve(paths, "floor of SGD").x
    np.testing.assert_allclose(curve(paths, "floor of SGD").y, 0.998**T, rtol=1e-9)
    np.testing.assert_allclose(curve(paths, "floor of heavy ball").y, 0.996 ** (2 * T), rtol=1e-9)
    for method in ("SGD", "heavy ball"):
        assert (curve(paths, method).y > curve(paths, f"floor of {method}").y).all()
    assert curve(gains, "SGD").y[0] == pytest.approx(2 - 4 / 100, abs=0.02)


def test_the_runs_meet_what_the_heavy_balls_floor_assumes() -> None:
    h, beta = momentum_no_gain.setting("heavy ball")
    assert 1 - beta >= 8 / momentum_no_gain.KAPPA
    assert h <= 2 * (1 - beta**2)

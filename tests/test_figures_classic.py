"""What the figures of classical rates, momentum, sign and layer-wise methods plot, against independent numbers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from math import hypot, lgamma, log, sqrt
from types import ModuleType

import numpy as np
import pytest
import xarray as xr

from figures import (
    accelerated_convex,
    accelerated_strongly_convex,
    adagrad_unbounded_domain,
    coin_tossing,
    depth_chains,
    gd_tight_worst_cases,
    heavy_ball_cycle,
    last_iterate_log,
    reshuffling,
    root_free_invariance,
    sgd_exact_regimes,
    signsgd_counterexamples,
    trust_ratios,
    wilson_least_squares,
)
from figures.kit.drawing import Band, Curve, Drawing, FigureRun, Floats, Panel, Triangle
from lab.experiment import Experiment
from lab.results import dataset
from lab.simulate import summarise


def drawn(module: ModuleType, seeds: int = 1) -> Drawing:
    """Return a figure's drawing from its own runs, with so many seeds."""
    runs: Mapping[str, FigureRun] = module.runs()
    made = module.draw({label: result(run.experiment, seeds) for label, run in runs.items()})
    assert isinstance(made, Drawing)
    return made


def result(experiment: Experiment, seeds: int) -> xr.Dataset:
    """Return an experiment's statistics; a short one is not worth the compiler's time."""
    engine = "reference" if seeds * experiment.steps <= 200 else "auto"
    made = summarise(experiment, seeds, engine=engine)
    return dataset(experiment, made.summary, None, None, made.attributes)


def curve(panel: Panel, label: str) -> Curve:
    """Return the curve of that label."""
    (found,) = (m for m in panel.marks if isinstance(m, Curve) and m.label == label)
    return found


def slope(c: Curve, first: float) -> float:
    """Return the least-squares slope of log y on log x, from x = first on."""
    late = c.x >= first
    return float(np.polyfit(np.log(c.x[late]), np.log(c.y[late]), 1)[0])


# --------------------------------------------------------------------------------------------- accelerated methods


def test_gd_and_ogm_attain_their_bounds_and_no_method_gets_under_nesterovs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerated_convex, "HORIZONS", (1, 16))
    worst, chain = drawn(accelerated_convex).panels
    T = np.array([1.0, 16.0])
    np.testing.assert_allclose(curve(worst, "GD at its worst").y, 1 / (4 * T + 2), rtol=1e-12)
    tight = curve(worst, "tight bound of OGM").y
    np.testing.assert_allclose(curve(worst, "OGM at its worst").y, tight, rtol=1e-12)
    assert tight[0] == pytest.approx(1 / 8)  # theta_1 = (1 + sqrt(9)) / 2 = 2
    fgm = curve(worst, "FGM at its worst").y
    assert (fgm < curve(worst, "bound of FGM").y).all()
    assert (fgm > tight).all()
    lower = curve(chain, "lower bound, every span method").y
    np.testing.assert_allclose(lower, 3 / (32 * (T + 1) ** 2), rtol=1e-12)
    for label in accelerated_convex.METHODS:
        assert (curve(chain, f"{label} on the chain").y > lower).all()


def test_nesterovs_method_travels_as_far_as_its_huber_function_says() -> None:
    assert accelerated_convex.travelled(1) == 1.0
    assert accelerated_convex.travelled(2) == 2.0
    second = (1 + sqrt(5)) / 2
    third = (1 + sqrt(1 + 4 * second**2)) / 2
    assert accelerated_convex.travelled(3) == pytest.approx(3 + (second - 1) / third)


def test_tmm_and_item_lie_on_their_tight_bounds_and_all_above_the_lower_one() -> None:
    line, chain = drawn(accelerated_strongly_convex).panels
    T = np.arange(1.0, 61.0)
    np.testing.assert_allclose(curve(line, "TMM on the line").y, 100 * 0.9 ** (2 * T), rtol=1e-9)
    np.testing.assert_allclose(curve(line, "GD on the line").y, (0.99 / 1.01) ** (2 * T), rtol=1e-9)
    item = curve(line, "ITEM on the line").y
    np.testing.assert_allclose(item, curve(line, "tight bound of ITEM").y, rtol=1e-9)
    assert slope_per_step(item) == pytest.approx(2 * log(0.9), rel=1e-3)
    lower = curve(chain, "lower bound, every span method").y
    np.testing.assert_allclose(lower, (9 / 11) ** (2 * T), rtol=1e-9)
    for label in accelerated_strongly_convex.METHODS:
        assert (curve(chain, f"{label} on the chain").y > lower).all()
    assert (curve(chain, "NAG on the chain").y < curve(chain, "bound of NAG").y).all()


def slope_per_step(y: Floats) -> float:
    """Return how much log y changes in the last step."""
    return float(np.log(y[-1] / y[-2]))


# ---------------------------------------------------------------------------------------------------- heavy ball


def test_the_heavy_ball_settles_on_both_cycles_and_gradient_descent_converges() -> None:
    line, plane, far, round_ = drawn(heavy_ball_cycle).panels
    cycle = sorted(float(c) for c in heavy_ball_cycle.LINE.CYCLE)
    np.testing.assert_allclose(sorted(curve(line, "HB").y[-3:]), cycle, atol=2e-3)  # 100 (2/3)^24
    path = curve(plane, "HB")
    ends = sorted(zip(path.x[-3:], path.y[-3:], strict=True))
    np.testing.assert_allclose(ends, sorted([(1, 0), (-0.5, sqrt(3) / 2), (-0.5, -sqrt(3) / 2)]), atol=1e-5)
    np.testing.assert_allclose(curve(round_, "HB in the plane").y[-3:], 1, atol=1e-5)
    assert curve(far, "GD on the line").y[-1] < 2e-3
    assert curve(round_, "GD in the plane").y[-1] < 2e-3


def test_the_floor_of_the_cycle_starts_where_two_iterates_are_near_it() -> None:
    far = drawn(heavy_ball_cycle).panels[2]
    run, floor = curve(far, "HB on the line"), curve(far, "floor near the cycle")
    p, q, r = (float(c) for c in heavy_ball_cycle.LINE.CYCLE)
    near = [min(abs(sqrt(run.y[int(run.x.searchsorted(t))]) - abs(c)) for c in (p, q, r)) for t in (12, 13)]
    assert max(near) < 1 / 32
    assert max(near) > 1e-4  # no exact cycle yet
    assert (run.y[run.x.searchsorted(floor.x)] >= floor.y).all()
    assert floor.y[-1] == pytest.approx((792 / 1225) ** 2, rel=1e-3)
    quadratic = curve(far, "HB on a quadratic").y
    assert (quadratic <= curve(far, "bound on quadratics").y * (1 + 1e-9)).all()


def test_the_mirrored_start_is_as_near_to_the_cycle_as_the_problems_own() -> None:
    assert hypot(*heavy_ball_cycle.PLANE.first) == pytest.approx(hypot(0.8, -1.12))
    assert heavy_ball_cycle.mirrored(heavy_ball_cycle.PLANE).first == pytest.approx((0.8, -1.12))  # twice is once


# ----------------------------------------------------------------------------------------------------- SGD, exactly


@pytest.mark.parametrize("u", [0.2, 0.5, 0.6])
def test_the_law_of_steps_c_over_k_is_a_product_and_a_sum_of_products(u: float) -> None:
    T = np.array([1.0, 10.0, 300.0])
    start = [np.exp(2 * (lgamma(t + 1 - u) - lgamma(1 - u) - lgamma(t + 1))) for t in T]
    noise = [
        sum((u * 0.3 / k) ** 2 * np.prod((1 - u / np.arange(k + 1, t + 1)) ** 2) for k in range(1, int(t) + 1))
        for t in T
    ]
    found = sgd_exact_regimes.exact_law(u, T)
    np.testing.assert_allclose(found, np.array(start) + np.array(noise), rtol=1e-9)
    side = sgd_exact_regimes.proved(u, T) - found
    assert (side > 0).all() if u > 0.5 else (side < 0).all()


def test_sgd_lies_on_its_law_and_the_slopes_hold_the_rates() -> None:
    made = drawn(sgd_exact_regimes, seeds=1000)
    for u, panel in zip(sgd_exact_regimes.REGIMES, made.panels, strict=True):
        (band,) = (m for m in panel.marks if isinstance(m, Band))
        law = curve(panel, "exact law").y
        wide = 1.5 * (band.hi - band.lo)  # 136 dependent steps: three times the half-width of each
        assert (np.abs(curve(panel, "mean over seeds").y - law) < wide).all()
        (triangle,) = (m for m in panel.marks if isinstance(m, Triangle))
        assert triangle.limits is not None
        exact = slope(curve(panel, "exact law"), 1000)
        assert triangle.limits[0] < exact < triangle.limits[1]
        assert exact == pytest.approx({0.2: -0.4, 0.5: -0.95, 0.6: -1.03, 1.0: -1.0}[u], abs=0.02)


# ---------------------------------------------------------------------------------------- last iterates and coins


def test_the_last_iterate_grows_by_the_logarithm_and_the_half_average_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(last_iterate_log, "HORIZONS", (8, 64))
    strong, flat = drawn(last_iterate_log).panels
    for panel, constant in ((strong, 1 / 4), (flat, 1 / 32)):
        last, floor, half = (curve(panel, k).y for k in ("last", "lower bound, last iterate", "last half"))
        np.testing.assert_allclose(floor, constant * np.log([8, 64]), rtol=1e-12)
        assert (last > floor).all()
        assert last[-1] - last[0] >= 0.8 * (floor[-1] - floor[0])  # it catches up as T grows
        assert half[-1] == pytest.approx(half[0], rel=0.1)


def test_no_method_gets_under_the_coins_floor_and_sgd_follows_the_mean_of_tosses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(coin_tossing, "HORIZONS", (4, 256))
    linear, strong = drawn(coin_tossing, seeds=4000).panels
    T = np.array([4.0, 256.0])
    for panel, exponent in ((linear, 0.5), (strong, 1.0)):
        floor = curve(panel, "floor for every method")
        assert slope(floor, 1) == pytest.approx(-exponent)
        for label in ("SGD", "Adam"):
            assert (curve(panel, label).y > floor.y).all()
    assert curve(linear, "floor for every method").y[0] == pytest.approx((1 - sqrt(11 / 40)) / 4)
    assert (curve(linear, "SGD").y < 2 / np.sqrt(T)).all()
    law = (1 - 1 / (4 * T)) / (2 * T)
    np.testing.assert_allclose(curve(strong, "exact law of SGD").y, law, rtol=1e-12)
    np.testing.assert_allclose(curve(strong, "SGD").y, law, rtol=5 * sqrt(2 / 4000))  # y / law is nearly chi^2


# ------------------------------------------------------------------------------------------------------ reshuffling


def test_the_law_of_reshuffling_is_the_mean_over_all_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reshuffling, "N_COMPONENTS", 4)
    lr = 0.3
    orders = set(itertools.permutations((1, 1, -1, -1)))

    def epoch(x: float, signs: tuple[int, ...]) -> float:
        for s in signs:
            x -= lr * (x + 3 * s)
        return x

    once = np.mean([epoch(epoch(1.0, o), o) ** 2 for o in orders])
    anew = np.mean([epoch(epoch(1.0, a), b) ** 2 for a in orders for b in orders])
    fixed = epoch(epoch(1.0, (1, 1, -1, -1)), (1, 1, -1, -1)) ** 2
    for label, expected in (("one shuffle", once), ("reshuffled", anew), ("fixed order", fixed)):
        assert reshuffling.problem(label).law(lr, 2) == pytest.approx(expected, rel=1e-12), label


def test_runs_with_the_best_steps_lie_on_their_laws_above_the_floors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reshuffling, "EPOCHS", (2, 16))
    (panel,) = drawn(reshuffling, seeds=2000).panels
    for label in reshuffling.ORDERS:
        law = curve(panel, f"exact law, {label}").y
        run = curve(panel, label).y
        np.testing.assert_allclose(run, law, rtol=5 * sqrt(2 / 2000))
        if label in reshuffling.FLOORS:
            assert (curve(panel, f"floor, {label}").y < run).all()
    values = [curve(panel, label).y[-1] for label in reshuffling.ORDERS]
    assert values == sorted(values, reverse=True)  # with replacement, fixed, one shuffle, reshuffled


def test_the_best_step_is_better_than_its_neighbours() -> None:
    for label in reshuffling.ORDERS:
        best = reshuffling.best_step(label, 8)
        law = reshuffling.problem(label).law
        assert law(best, 8) <= min(law(0.99 * best, 8), law(1.01 * best, 8))


# ------------------------------------------------------------------------------------------- signs and trust ratios


def test_signsgd_stays_on_its_floors_and_error_feedback_leaves_them() -> None:
    skewed, nonsmooth, smooth = drawn(signsgd_counterexamples, seeds=200).panels
    assert curve(skewed, "signSGD").y[-1] == pytest.approx(0.5 - 0.25 * 0.01 / 2, abs=2e-3)
    np.testing.assert_allclose(curve(skewed, "where signSGD stays").y, 0.25 * (2 - 0.01 / 2), rtol=1e-12)
    np.testing.assert_allclose(curve(skewed, "EF-signSGD").y, curve(skewed, "SGD").y, rtol=1e-9)
    climb = curve(skewed, "climb of signSGD")
    np.testing.assert_allclose(climb.y, 0.25 + climb.x * 0.01 / 8, rtol=1e-12)
    for panel, level in ((nonsmooth, 1.0), (smooth, 2.0)):
        assert curve(panel, "signSGD").y.min() == pytest.approx(level, abs=1e-3)  # x_1 - x_2 is a multiple of the step
        np.testing.assert_allclose(curve(panel, "floor of signSGD").y, level, rtol=1e-9)
        assert curve(panel, "EF-signSGD").y[-1] < 1e-3 * level
        assert curve(panel, "SGD").y[-1] < 1e-3 * level


def test_lars_is_blind_to_curvature_lamb_hovers_and_clips_help() -> None:
    conditioning, large, small = drawn(trust_ratios).panels
    lars = curve(conditioning, "LARS")
    np.testing.assert_allclose(lars.y, np.maximum(0.95**lars.x, 1e-3), rtol=1e-9)
    sgd = curve(conditioning, "SGD")
    w = (1 - np.array([1e-4, 1e-2, 1.0])[:, None]) ** sgd.x
    np.testing.assert_allclose(sgd.y, np.sqrt((w**2).mean(0)), rtol=1e-9)
    assert curve(large, "LAMB").y[lars.x > 1000].mean() > 0.01
    assert curve(large, "LAMBC").y[-1] == curve(large, "Adam").y[-1] == 1e-3
    floor, lamb = curve(small, "LAMB is no nearer"), curve(small, "LAMB")
    assert (lamb.y >= floor.y).all()
    early = floor.x < 400
    np.testing.assert_allclose(floor.y[early], 1 - 1e-4 * 1.02 ** floor.x[early], rtol=1e-7)
    assert curve(small, "LAMBC").y[floor.x > 150].max() == 1e-3


def test_root_free_steps_ignore_coordinates_and_rmsprop_ignores_the_losss_scale() -> None:
    root_moved, free_moved, root_scaled, free_scaled = drawn(root_free_invariance, seeds=100).panels
    for panel, label in ((free_moved, "stretched"), (root_scaled, "scaled"), (free_scaled, "step × 100")):
        np.testing.assert_allclose(curve(panel, label).y, curve(panel, "as it is").y, rtol=1e-3)
    for panel, label in ((root_moved, "stretched"), (free_scaled, "scaled")):
        ratio = curve(panel, label).y / curve(panel, "as it is").y
        assert max(ratio.max(), 1 / ratio.min()) > 5


# --------------------------------------------------------------------------------------- depth, margins, worst cases


def test_the_plateau_lasts_as_long_as_the_integral_of_the_flow_at_least() -> None:
    m = np.array([3.0, 8.0])
    h = 1 / (4 * m**2)
    np.testing.assert_allclose(
        depth_chains.floor(m), (2 ** (m - 2) - (10 / 9) ** (m - 2)) / (2 * h * m * (m - 2)), rtol=1e-12
    )


def test_gradient_descents_time_doubles_with_each_layer_and_the_normalised_forms_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(depth_chains, "DEPTHS", (3, 8, 12))
    monkeypatch.setattr(depth_chains, "SHOWN", {3: "gold", 12: "blue"})
    _, times = drawn(depth_chains).panels
    descent, floor = curve(times, "GD").y, curve(times, "floor of GD").y
    assert (descent >= floor).all()
    assert descent[-1] / descent[-2] == pytest.approx(2**4, rel=0.2)
    np.testing.assert_array_equal(curve(times, "normalised GD").y, curve(times, "normalised GD").y[0])


def test_adaptive_methods_end_at_the_wrong_margin_and_descent_at_the_least_norms() -> None:
    train, test = drawn(wilson_least_squares).panels
    least = [float(v) for v in wilson_least_squares.PROBLEM.least_norm()[:3]]
    for label in ("SGD", "Momentum"):
        assert curve(test, label).y[-1] == pytest.approx(least[0] - least[1] - least[2], abs=1e-4)
        assert curve(test, label).end.endswith(" 0.0%")
    for label in ("Adam", "RMSProp", "AdaGrad"):
        assert curve(test, label).y[-1] == pytest.approx(-1 / 4, abs=1e-4)
        assert curve(test, label).end.endswith(" 37.5%")  # 3 of 8 labels are -1
    assert all(curve(train, label).y[-1] < 1e-8 for label in wilson_least_squares.METHODS)
    assert curve(test, "margin of the least norm").y[0] == pytest.approx((9 + 15) / (120 + 9 + 75 + 5))


def test_the_worse_of_two_functions_is_the_tight_bound_and_the_best_step_balances_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gd_tight_worst_cases, "STEPS", (0.5, 1.0, 1.9))
    for case, panel in zip(("convex", "strongly convex"), drawn(gd_tight_worst_cases).panels, strict=True):
        huber, parabola = curve(panel, "on the Huber function"), curve(panel, "on the parabola")
        np.testing.assert_allclose(parabola.y, (1 - parabola.x) ** 20 / 2, rtol=1e-9)
        np.testing.assert_allclose(huber.y[:2], gd_tight_worst_cases.bound(case, huber.x[:2]), rtol=1e-9)
        assert huber.y[2] < gd_tight_worst_cases.bound(case, huber.x)[2]
    h = gd_tight_worst_cases.best_step("convex")
    assert 1 / (20 * h + 1) == pytest.approx((1 - h) ** 20, rel=1e-3)


def test_one_switch_costs_adagrad_the_power_three_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adagrad_unbounded_domain, "HORIZONS", (4, 100, 1000, 10_000))
    (panel,) = drawn(adagrad_unbounded_domain).panels
    adagrad, sgd = curve(panel, "AdaGrad"), curve(panel, "SGD")
    steps = np.cumsum(1 / np.sqrt(np.arange(1, 1001)) * np.repeat([1, -1], 500))
    x = np.concatenate([[0], steps[:-1]])
    assert adagrad.y[2] == pytest.approx(float((x * np.repeat([-1, 1], 500)).sum()), rel=1e-9)
    assert (adagrad.y > curve(panel, "floor of AdaGrad").y).all()
    assert adagrad.y[-1] / 1e6 == pytest.approx(sqrt(2) - 4 / 3, rel=0.02)
    np.testing.assert_allclose(sgd.y, np.sqrt(sgd.x) / 2, rtol=1e-9)
    slopes = {m.label: m.slope for m in panel.marks if isinstance(m, Triangle)}
    assert slopes["slope of AdaGrad"] == pytest.approx(1.5, abs=0.02)
    assert slopes["slope of SGD"] == pytest.approx(0.5, abs=1e-9)

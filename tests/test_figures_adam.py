"""Figures of the Adam family: the plotted numbers against closed forms, exact recursions and the theorems."""

from __future__ import annotations

from functools import cache
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest
import xarray as xr

from figures import (
    adagrad_window,
    adam_two_cycle,
    adashift_example,
    adopt_toy,
    amsgrad_figure1_online,
    amsgrad_figure1_stochastic,
    chen_figure1,
    chen_figure2,
    fastadabelief_regret,
    n_function_orders,
    reddi_theorem2,
    reddi_theorem3,
    toint_divergence,
)
from figures.kit.drawing import Band, Curve, Drawing, FigureRun, Panel, Points, Series, Triangle, bound_at
from lab.experiment import Experiment
from lab.sampling import indices

Floats = npt.NDArray[np.float64]


def result(run: FigureRun, steps: int, seeds: int, record: tuple[int, ...] = ()) -> xr.Dataset:
    """Return a run of a figure, cut to fewer steps and seeds."""
    e = run.experiment
    kept = tuple(t for t in (record or e.record) if t <= steps)
    fewer = Experiment(
        problem=e.problem, optimizers=e.optimizers, steps=kept[-1], record=kept, metrics=e.metrics, start=e.start
    )
    return FigureRun(fewer, seeds).result(None, None)


@cache
def drawn(figure: ModuleType, steps: int, seeds: int = 1) -> Drawing:
    """Return a figure drawn from shorter runs."""
    made: Drawing = figure.draw({label: result(run, steps, seeds) for label, run in figure.runs().items()})
    return made


def curve(panel: Panel, label: str) -> Curve:
    return next(m for m in panel.marks if isinstance(m, Curve) and m.label == label)


def band(panel: Panel, label: str) -> Band:
    return next(m for m in panel.marks if isinstance(m, Band) and m.label == label)


def points(panel: Panel, label: str) -> Points:
    return next(m for m in panel.marks if isinstance(m, Points) and m.label == label)


# ------------------------------------------------------------------------------------------------ Reddi et al.


@pytest.mark.parametrize("case", reddi_theorem2.CASES, ids=lambda c: str(c.C))
def test_each_period_meets_the_theorem_s_two_conditions(case: reddi_theorem2.Case) -> None:
    beta1, beta2 = case.betas
    assert case.C % 2 == 0
    assert beta2 ** (case.C / 2) * case.C**2 <= 1
    assert case.C / 2 * np.sqrt(1 - beta2) * (1 - beta1 / np.sqrt(beta2)) >= 4


def test_adam_stays_above_one_and_tends_to_two_on_the_short_periods() -> None:
    runs = reddi_theorem2.runs()
    for case in reddi_theorem2.CASES[:2]:
        data = {label: result(runs[f"{label}, {case.title}"], case.C * 2000, 1) for label in case.methods()}
        panel = reddi_theorem2._panel(case, {f"{k}, {case.title}": v for k, v in data.items()})
        floor, adam = curve(panel, "floor of Adam"), curve(panel, "Adam")
        np.testing.assert_allclose(floor.y, 1.0, rtol=1e-12)
        np.testing.assert_allclose(curve(panel, "cost of a period at x = 1").y, 2.0, rtol=1e-12)
        assert (adam.y >= floor.y).all()
        assert adam.y[-1] == pytest.approx(2.0, rel=0.02)  # the excess falls like alpha C / sqrt(T)
        amsgrad = curve(panel, "AMSGrad").y
        assert amsgrad[-1] < amsgrad[0] / 3


def test_the_constant_of_theorem_3_is_that_of_its_formula() -> None:
    for case, expected in zip(reddi_theorem3.CASES, (27.0, 446_202.0), strict=True):
        (b1, b2), delta = case.betas, case.delta
        K = 2 * (1 - b1) / np.sqrt(b2 * (1 - b2))
        B = 1 / np.sqrt(1 - b2) + b1 * K / (1 - b1 / np.sqrt(b2))
        C0 = max(2 * (1 + delta), 4 * (1 + delta) ** 3 * B**2 / (1 - b1) ** 2)
        assert reddi_theorem3.proved_from(case) == pytest.approx(C0, rel=1e-12)
        assert pytest.approx(expected, rel=1e-4) == C0


def test_without_momentum_and_memory_adam_s_drift_is_that_of_signs() -> None:
    """Large C: v forgets the slope C within a few steps of beta2 = 1/2, and nearly every step is +1."""
    runs = reddi_theorem3.runs()
    case = reddi_theorem3.CASES[0]
    found = {C: reddi_theorem3.uphill(result(runs[case.label(C)], 100, 4096)) for C in (2, 28, 10_000)}
    assert found[2][0] + found[2][1] < 0 < found[28][0] - found[28][1]  # below and above the turning point
    # a slope C comes with probability 1.5 / (C + 1), moves by -1 / sqrt(1/2), and hides the next dozen or so steps
    assert abs(found[10_000][0] - 1) <= 30 * 1.5 / 10_001 + found[10_000][1]


def test_online_amsgrad_stays_under_its_ceiling_and_adam_ends_at_the_worst_point() -> None:
    above, below = drawn(amsgrad_figure1_online, 200_000).panels
    ceiling, amsgrad = curve(above, "ceiling of AMSGrad"), curve(above, "AMSGrad")
    assert (amsgrad.y <= ceiling.y).all()
    T, path = ceiling.x[-1], np.sqrt(ceiling.x[-1] / 101 * (1010**2 + 100 * 10**2))
    root = (1 - 0.9 / np.sqrt(0.99)) * np.sqrt(0.01)
    by_hand = 1.1 * 4 * np.sqrt(T) / 0.4 * 1010 + 1.9 * np.sqrt(1 + np.log(T)) / (2 * root) * path
    assert ceiling.y[-1] == pytest.approx(by_hand / T, rel=1e-9)
    np.testing.assert_allclose(curve(above, "cost of a round at x = 1").y, 20 / 101, rtol=1e-12)
    assert curve(below, "Adam").y[-1] > 0.99
    assert curve(below, "AMSGrad").y[-1] < -0.9


def test_the_online_ceiling_is_no_ceiling_of_adam_for_ever() -> None:
    """A wrong specimen: Adam's regret is 20/101 a round, and the ceiling tends to 0."""
    above = drawn(amsgrad_figure1_online, 200_000).panels[0]
    steep = np.polyfit(np.log(curve(above, "ceiling of AMSGrad").x), np.log(curve(above, "ceiling of AMSGrad").y), 1)
    assert steep[0] < -0.4
    assert curve(above, "Adam").y.min() >= 20 / 101


def test_stochastic_adam_rises_and_amsgrad_falls() -> None:
    adam, amsgrad = drawn(amsgrad_figure1_stochastic, 30_000, 256).panels[:2]
    assert curve(adam, "median").y[-1] > 0.9
    assert curve(amsgrad, "median").y[-1] < 0
    for panel in (adam, amsgrad):
        lo, hi = band(panel, "5% to 95% of seeds").lo, band(panel, "5% to 95% of seeds").hi
        assert ((lo <= curve(panel, "median").y) & (curve(panel, "median").y <= hi)).all()


# ------------------------------------------------------------------------------------------------- Chen et al.


def test_gradient_descent_at_two_over_L_keeps_its_ratio_of_squares() -> None:
    distance, a, b, _, ratio, _ = drawn(chen_figure1, 2_000).panels
    t = curve(distance, "GD").x
    np.testing.assert_allclose(curve(distance, "GD").y, 5.0, rtol=1e-12)
    np.testing.assert_allclose(curve(a, "GD").y, 0.01 * t, rtol=1e-10)
    np.testing.assert_allclose(curve(b, "GD").y, 100 * t, rtol=1e-10)  # each step is 10 long
    np.testing.assert_allclose(curve(ratio, "GD").y, 1e4, rtol=1e-10)


def test_the_ratios_of_the_methods_that_converge_fall() -> None:
    panels = drawn(chen_figure1, 2_000).panels
    for panel in panels[4:]:
        for label in ("AMSGrad", "AdaFom"):
            y = curve(panel, label).y
            assert y[-1] < 0.6 * y.max()
    for label in ("AMSGrad", "AdaFom"):
        a, b, ratio = (curve(panels[k], label) for k in (1, 2, 4))
        np.testing.assert_allclose(b.y / a.y, ratio.y, rtol=1e-9)
        x = curve(panels[0], label).y
        assert x[-1] < x[0] / 100


def test_gradient_descent_has_no_oscillation_to_draw() -> None:
    panels = drawn(chen_figure1, 2_000).panels
    for panel in (panels[3], panels[5]):
        assert {m.name for m in panel.marks} == {"amsgrad", "adafom"}


def test_adam_s_oscillation_levels_off_at_the_stationary_ratio() -> None:
    """Far out the gradient is 11 or -1: v is a sum of independent squares, and so both sums grow linearly."""
    panels = drawn(chen_figure2, 20_000, 64).panels
    ratio = curve(panels[5], "Adam")
    late = ratio.y[ratio.x > 2_000]
    rng = np.random.default_rng(0)
    g2 = np.where(rng.random(100_000) < 1 / 11, 121.0, 1.0)
    v, A = 1.0, np.empty(g2.size)
    for i, square in enumerate(g2):
        v = 0.9 * v + 0.1 * square
        A[i] = 0.01 / np.sqrt(v)
    expected = np.abs(np.diff(A[1000:])).mean() / A[1000:].mean()
    np.testing.assert_allclose(late, expected, rtol=0.06)  # the start's share at t = 2,000 is of order 4%
    assert curve(panels[5], "AMSGrad").y[-1] < expected / 10
    x = curve(panels[0], "Adam")
    assert x.y[-1] > 3 * x.y[0]  # it leaves


# -------------------------------------------------------------------------------------------- ADOPT and AdaShift


def test_adopt_descends_at_each_beta2_where_adam_climbs_at_the_small_ones() -> None:
    panel = next(p for p in drawn(adopt_toy, 100, 64).panels if p.title == "$k = 10$")
    assert curve(panel, "Adam").x.tolist() == pytest.approx([1 - b for b in adopt_toy.BETA2[::-1]])
    runs = adopt_toy.runs()
    ends = {}
    for label in ("Adam", "ADOPT"):
        _, median, _ = adopt_toy._spread(Series(result(runs[f"{label}, k = 10"], 30_000, 64, (30_000,)), "iterate", 1))
        ends[label] = median[-1]
    assert ends["Adam"] > 0.9  # beta2 = 0.9
    assert ends["ADOPT"] < -0.7


def test_the_moves_of_a_period_are_those_of_the_settled_cycle() -> None:
    runs, shifts = adashift_example.runs(), (0, 1, 8, 10)
    moved = [adashift_example.move(result(runs[f"n = {n}"], 4_000, 1)) for n in shifts]
    exact = adashift_example.exact_move(np.array(shifts, dtype=float))
    np.testing.assert_allclose(moved, exact, atol=1e-9)
    every = adashift_example.exact_move(np.arange(20.0))
    np.testing.assert_allclose(every[10:], every[:10], rtol=1e-12)  # it repeats with the period


def test_the_exact_move_is_the_drift_law_at_no_shift_and_the_proved_climb_lies_under_it() -> None:
    zero, ten = adashift_example.exact_move(np.array([0.0, 10.0]))
    values = {"C": 10.0, "low": 1.0, "n": 10.0, "alpha": 1.0, "beta1": 0.0, "beta2": 0.9}
    law = bound_at("lab.adam_drift_law", np.array([10.0]), values)
    assert zero == pytest.approx(law[0], rel=1e-12)
    assert ten >= bound_at("zhou2019.adashift_inphase", np.array([10.0]), {"alpha": 1.0})[0]
    assert adashift_example.exact_move(np.array([1.0]))[0] < -1  # out of phase it goes downhill


# ------------------------------------------------------------------------------------------ strongly convex losses


def test_the_two_ceilings_hold_and_are_those_of_their_formulas() -> None:
    above = drawn(fastadabelief_regret, 3_000, 256).panels[0]
    sadam, adagrad = curve(above, "ceiling of SAdam"), curve(above, "ceiling of AdaGrad")
    T = sadam.x
    np.testing.assert_allclose(sadam.y, 4 * 0.01 / 8 + 4 / 1.8 * np.log(1 + 0.9 * 4 * T / 0.01), rtol=1e-9)
    for label, ceiling in (("SAdam", sadam), ("AdaGrad", adagrad)):
        hi = band(above, f"99.9% interval of {label}")
        assert (hi.hi <= np.interp(hi.x, T, ceiling.y)).all()
    late = T > 100
    assert np.polyfit(np.log(T[late]), np.log(adagrad.y[late]), 1)[0] == pytest.approx(0.5, abs=0.02)


def test_regret_is_logarithmic_linear_or_a_root_as_theory_says() -> None:
    above, below = drawn(fastadabelief_regret, 30_000, 256).panels
    for label in ("SAdam", "FastAdaBelief"):
        c = curve(above, label)
        late = c.x > 100
        by_log = np.polyfit(np.log(c.x[late]), c.y[late], 1)
        residual = c.y[late] - np.polyval(by_log, np.log(c.x[late]))
        assert np.abs(residual).max() < 0.05 * np.ptp(c.y[late])
    triangles = {m.name: m for panel in (above, below) for m in panel.marks if isinstance(m, Triangle)}
    assert triangles["adagrad"].slope == pytest.approx(0.5, abs=0.03)
    assert triangles["fastadabelief"].slope == pytest.approx(1.0, abs=0.01)
    for triangle in triangles.values():
        assert triangle.limits is not None
        assert triangle.limits[0] <= triangle.slope <= triangle.limits[1]


# ---------------------------------------------------------------------------------------------------- fixed steps


def test_where_the_cycle_attracts_adam_is_on_it() -> None:
    for panel, (_, beta2) in zip(drawn(adam_two_cycle, 20_000).panels, adam_two_cycle.CASES.values(), strict=True):
        found = points(panel, "last 400 steps")
        assert found.lo is not None
        assert found.hi is not None
        near = found.x <= 0.1
        exact = (1 - found.x) / (2 * (1 + found.x))
        np.testing.assert_allclose(found.lo[near], exact[near], rtol=1e-9)
        np.testing.assert_allclose(found.hi[near], exact[near], rtol=1e-9)
        lost = (found.x > adam_two_cycle.attracts_up_to(beta2)) & (found.x < 0.7)
        assert (found.hi[lost] - found.lo[lost] > 0.1 * exact[lost]).all()


@pytest.mark.parametrize("beta2", [0.9, 0.99])
def test_the_end_of_attraction_is_where_a_small_push_begins_to_grow(beta2: float) -> None:
    edge = adam_two_cycle.attracts_up_to(beta2)
    for beta1, grows in ((edge - 0.03, False), (edge + 0.03, True)):
        x = (1 - beta1) / (2 * (1 + beta1))
        m, v = -(1 - beta1) / (1 + beta1) * x, x * x
        here = x * (1 + 1e-7)
        off = []
        for _ in range(2_000):
            m, v = beta1 * m + (1 - beta1) * here, beta2 * v + (1 - beta2) * here * here
            here -= m / np.sqrt(v)
            off.append(abs(abs(here) - x) / x)
        assert bool(max(off[-100:]) > 1e-6) is grows


def test_adam_marches_exactly_and_the_others_stop() -> None:
    above, below = drawn(toint_divergence, 10_000).panels
    law, march = curve(above, "law"), band(above, "range over betas")
    np.testing.assert_allclose(law.y, law.x, rtol=1e-15)
    np.testing.assert_allclose(march.lo, law.y, rtol=1e-9)
    np.testing.assert_allclose(march.hi, law.y, rtol=1e-9)
    np.testing.assert_allclose(curve(below, "Adam").y, 1.0, rtol=1e-9)
    for label in toint_divergence.OTHERS:
        assert curve(below, label).y[-1] < 1e-5
    smallest = toint_divergence.PROBLEM.minimizer()[0]
    assert curve(above, "GD").y[-1] == pytest.approx(smallest, rel=1e-9)


def test_the_order_decides_at_beta2_099() -> None:
    panels = {p.title: p for p in drawn(n_function_orders, 50_000, 64).panels}
    medians = {title: curve(p, "Adam").y for title, p in panels.items()}
    ends = {title: y[-1] - y[len(y) // 2] for title, y in medians.items()}
    reshuffled, independent = ([v for k, v in ends.items() if k.startswith(word)] for word in ("resh", "ind"))
    assert reshuffled[0] > 0 > reshuffled[1] > reshuffled[2]
    assert independent[0] > independent[1] > 0 > independent[2]


# -------------------------------------------------------------------------------------------------- AdaGrad-window


def test_the_window_s_run_lies_under_a_ceiling_of_the_theorem_s_form() -> None:
    above, below = drawn(adagrad_window, 40_000).panels
    ceiling, run = curve(above, "ceiling"), curve(above, "AdaGrad-window")
    assert (run.y <= np.interp(run.x, ceiling.x, ceiling.y)).all()
    r, T = np.sqrt(16 / 9 + 3 / 81), ceiling.x  # slopes 4/3, -1/9, -1/9, -1/9, which sum to 1
    scale = 4**1.25 * np.sqrt(1 + r * r) / np.sqrt(2)
    np.testing.assert_allclose(ceiling.y, scale * (2.5 / 4 + 4 / 3 + 5 * 4 / 3 * np.log(T)) / np.sqrt(T), rtol=1e-9)
    ratio, settled = curve(below, "ratio of an epoch"), curve(below, "ratio of constant slopes")
    np.testing.assert_allclose(settled.y, r, rtol=1e-12)
    np.testing.assert_allclose(ratio.y[:20], r, rtol=1e-12)  # far from the minimizer
    assert (ratio.y <= r * (1 + 1e-12)).all()
    assert (ratio.y >= 0.5 - 1e-12).all()  # Cauchy-Schwarz: at least 1/sqrt(m)


def test_the_ratio_sees_gradients_that_cancel() -> None:
    """A wrong specimen for the theorem: an epoch whose gradients nearly sum to 0 has a ratio without bound."""
    crossing = np.array([[-1.9, -1.9, -1.9, -1.9], [-2.1, -2.1, -2.1, -2.1]])
    alike = adagrad_window.consistency(crossing)
    np.testing.assert_allclose(alike, np.sqrt(16 / 9 + 3 / 81), rtol=1e-9)
    order = indices(adagrad_window.PROBLEM.order, 4, key=0, seeds=[0], steps=4)[0].tolist()
    torn = np.full((1, 4), -1.0)
    torn[0, order.index(0)] = -2 + 1 / 4 * (1 - 1e-9)  # 4/3 of 1/4 against three times 1/9
    assert adagrad_window.consistency(torn)[0] > 1e8

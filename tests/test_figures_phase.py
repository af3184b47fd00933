"""The phase maps' figures: what is plotted agrees with closed forms, recomputed here by other means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from math import cos, pi, sin
from typing import Any

import numpy as np
import pytest
import xarray as xr

from figures import phase_clipping, phase_heavy_ball, phase_n_function, phase_reddi
from figures.kit.drawing import Cells, Curve, Drawing
from figures.kit.phases import AWAY, DRIFTS, TOWARDS, adam_drift, cells, root
from lab.bounds import bounds
from lab.errors import LabError
from lab.phase import PhaseMap, disagreeing
from proofs_check.claims.drift import ADAM_DRIFT_LAW


def measured(module: Any, grid: tuple[int, int]) -> dict[str, xr.Dataset]:
    """A figure's maps as they are, but for the cells: one uniform grid."""
    found = {}
    for label, source in module.runs().items():
        assert isinstance(source, PhaseMap)
        found[label] = replace(source, grid=grid, depth=0).result()
    return found


def drawn(module: Any, results: Mapping[str, xr.Dataset]) -> Drawing:
    made = module.draw(results)
    assert isinstance(made, Drawing)
    return made


def curve(drawing: Drawing, panel: str, label: str) -> Curve:
    marks = next(p.marks for p in drawing.panels if p.title == panel)
    return next(m for m in marks if isinstance(m, Curve) and m.label == label)


# ------------------------------------------------------------------------------------------------------ shared parts


def test_the_drift_law_is_the_claims_bound() -> None:
    bound = ADAM_DRIFT_LAW.bound
    for n, b1, b2 in ((3, 0.1, 0.5), (5, 0.5, 0.9), (10, 0.9, 0.95)):
        values = {"C": 7.0, "low": 2.0, "beta1": b1, "beta2": b2}
        low, high = bounds(bound, values | {"n": float(n), "T": float(n), "alpha": 1.0})
        assert float(adam_drift(n, values)) == pytest.approx(0.5 * (low + high), rel=1e-12)


def test_the_drift_law_is_what_adam_does() -> None:
    n, C, b1, b2, m, v, x = 4, 6.0, 0.7, 0.9, 0.0, 0.0, 0.0
    for t in range(4_000):
        g = C if t % n == 0 else -1.0
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        x -= m / v**0.5 if t >= 4_000 - n else 0.0
    assert float(adam_drift(n, {"C": C, "low": 1, "beta1": b1, "beta2": b2})) == pytest.approx(x, rel=1e-10)


def test_a_root_is_found_or_said_to_be_none() -> None:
    a = np.array([0.25, 4.0, 9.0])
    found = root(lambda x: x**2 - a, np.zeros(3), np.full(3, 2.5))
    assert found[:2] == pytest.approx([0.5, 2.0], rel=1e-14)
    assert np.isnan(found[2])


def test_cells_take_the_classes_and_the_flags_and_refuse_a_class_without_a_category() -> None:
    data = xr.Dataset({k: ("cell", np.array(v)) for k, v in {
        "x0": [0.0, 1.0], "x1": [1.0, 2.0], "y0": [0.0, 0.0], "y1": [1.0, 1.0],
        "phase": [AWAY, TOWARDS], "disagrees": [False, True],
    }.items()})  # fmt: skip
    mark = cells(data, DRIFTS)
    assert isinstance(mark, Cells)
    assert mark.values.tolist() == [1, 0]
    assert mark.flags is not None
    assert mark.flags.tolist() == [False, True]
    with pytest.raises(ValueError, match=TOWARDS):
        cells(data, DRIFTS[1:])


# ------------------------------------------------------------------------------------------------------ phase_reddi


@pytest.fixture(scope="module")
def reddi() -> dict[str, xr.Dataset]:
    return measured(phase_reddi, (8, 8))


def test_no_cell_of_reddis_maps_is_against_its_drift_law(reddi: dict[str, xr.Dataset]) -> None:
    for cells_of in reddi.values():
        assert disagreeing(cells_of) == []
        assert {TOWARDS, AWAY} <= set(cells_of["phase"].values)
        assert (cells_of["phase"].values == "undecided").mean() < 0.2


def test_the_cycles_boundary_is_where_the_law_changes_sign_and_theorem_1_lies_below(
    reddi: dict[str, xr.Dataset],
) -> None:
    drawing = drawn(phase_reddi, reddi)
    panel = "Theorem 1, every third slope is C"
    law = curve(drawing, panel, "drift law is 0")
    v = [1 + (law.x**2 - 1) * (1 - law.y) * law.y**i / (1 - law.y**3) for i in range(3)]
    assert law.x / np.sqrt(v[0]) - v[1] ** -0.5 - v[2] ** -0.5 == pytest.approx(np.zeros(len(law.x)), abs=1e-12)
    theorem = curve(drawing, panel, "beta2 of Theorem 1")
    assert (np.interp(theorem.x, law.x, law.y) > theorem.y).all()


def test_the_stationary_drift_is_the_mean_over_simulated_v() -> None:
    """An independent way: v from 200,000 truncated sums, in numpy. Four standard errors; a wrong p is refused."""
    C, b, draws = 20.0, 0.9, 200_000
    p = 1.1 / (C + 1)
    random = np.random.default_rng(7)
    v = np.ones(draws)
    for j in range(1, 150):
        v += (C * C - 1) * (1 - b) * b**j * (random.random(draws) < p)
    terms = p * C / np.sqrt(v + (C * C - 1) * (1 - b)) - (1 - p) / np.sqrt(v)
    error = 4 * terms.std() / draws**0.5
    found = phase_reddi.stationary_drift(C, b)
    assert found == pytest.approx(terms.mean(), abs=error)
    assert phase_reddi.stationary_drift(1.1 * C, b) != pytest.approx(terms.mean(), abs=error)


def test_the_stationary_boundary_tends_to_the_first_order_threshold() -> None:
    """C* = 2 delta/(1 - beta2) for C* large, to a relative error of the order of delta."""
    C, rest = phase_reddi.stochastic_boundary()
    assert C[0] == pytest.approx(2 * phase_reddi.DELTA / rest[0], rel=phase_reddi.DELTA)
    assert phase_reddi.stationary_drift(float(C[20]), float(1 - rest[20])) == pytest.approx(0, abs=1e-8)


# -------------------------------------------------------------------------------------------------- phase_n_function


@pytest.fixture(scope="module")
def n_function() -> dict[str, xr.Dataset]:
    return measured(phase_n_function, (6, 8))


def test_in_cyclic_order_every_cell_of_the_n_function_follows_the_law(n_function: dict[str, xr.Dataset]) -> None:
    for n in phase_n_function.SIZES:
        found = n_function[f"cyclic, n = {n}"]
        assert disagreeing(found) == []
        i = np.arange(n)
        b1, b2 = found["x"].values[:, None], 1 - found["y"].values[:, None]
        m = -1 + (n + 1) * (1 - b1) * b1**i / (1 - b1**n)
        v = 1 + (n * n - 1) * (1 - b2) * b2**i / (1 - b2**n)
        law = np.where((m / np.sqrt(v)).sum(1) > 0, TOWARDS, AWAY)
        assert (law == found["phase"].values).all()


def test_the_region_of_divergence_grows_with_n_and_with_random_order(n_function: dict[str, xr.Dataset]) -> None:
    share = {label: float((data["phase"].values == AWAY).mean()) for label, data in n_function.items()}
    for order in ("cyclic", "reshuffled"):
        small, middle, large = (share[f"{order}, n = {n}"] for n in phase_n_function.SIZES)
        assert small < middle < large
    for n in phase_n_function.SIZES:
        cyclic, shuffled = (n_function[f"{order}, n = {n}"]["phase"].values for order in ("cyclic", "reshuffled"))
        assert not ((cyclic == AWAY) & (shuffled == TOWARDS)).any()


def test_the_boundary_at_beta1_0_is_that_of_the_table() -> None:
    """1 - beta2* at beta1 = 0 and 0.5 by bisection of the law with Fractions' plain sums: n = 5, 10."""
    for n, table in ((5, {0.0: 0.8107, 0.5: 0.6900}), (10, {0.0: 0.95544, 0.5: 0.94339, 0.9: 0.77466})):
        for beta1, beta2 in table.items():
            near = phase_n_function.boundary(n, np.array([1 - beta2 - 1e-3, 1 - beta2 + 1e-3]))
            low, high = np.nan_to_num(near, nan=-1.0)
            assert low <= beta1 <= high


def test_the_n_functions_law_is_the_drawn_line(n_function: dict[str, xr.Dataset]) -> None:
    law = curve(drawn(phase_n_function, n_function), "cyclic order, n = 10", "cyclic drift law is 0")
    moved = adam_drift(10, {"C": 10, "low": 1, "beta1": np.maximum(law.x, 1e-300), "beta2": 1 - law.y})
    assert np.abs(moved).max() < 1e-9


# -------------------------------------------------------------------------------------------------- phase_heavy_ball


@pytest.fixture(scope="module")
def heavy_ball() -> dict[str, xr.Dataset]:
    return measured(phase_heavy_ball, (14, 10))


def test_where_0_repels_nothing_converges_and_lessards_cells_are_as_predicted(
    heavy_ball: dict[str, xr.Dataset],
) -> None:
    for data in heavy_ball.values():
        repels = data["x"].values * 25 > 2 * (1 + data["y"].values) * 1.001
        assert (data["phase"].values[repels] != "converges").all()
        assert {"converges", "stays away"} <= set(data["phase"].values)
    assert disagreeing(heavy_ball["one function"]) == []


def test_lessards_cycle_is_one_inside_its_boundary_and_none_outside() -> None:
    """From a point of the claimed cycle the recursion itself goes round it, or leaves it."""
    assert phase_heavy_ball.lessard_margin(np.array(25 / 9), np.array(4 / 9)) > 0
    for h, b in product((2.4, 2.6, 2.8, 3.0, 3.2), (0.42, 0.5, 0.6, 0.8)):
        eigenvalue = (h - 1.5 * (1 + b)) + 0.5j * 3**0.5 * (1 - b)
        cycle = [8 / 25 * (1 + 2 * h * (np.exp(2j * pi * k / 3) / eigenvalue).real) for k in (1, 2, 0)]
        before, x = cycle[2], cycle[0]
        seen = [x]
        for _ in range(3):
            slope = 25 * x if x < 1 else x + 24 if x < 2 else 25 * x - 24
            before, x = x, x - h / 25 * slope + b * (x - before)
            seen.append(x)
        closes = np.allclose(seen, [*cycle, cycle[0]], atol=1e-9)
        assert closes == bool(phase_heavy_ball.lessard_margin(np.array(h), np.array(b)) >= 0)


def test_cells_of_their_own_function_that_disagree_have_the_cycle_nonetheless() -> None:
    """Started on it with its speed, which no start at rest has, the heavy ball stays; outside the line it leaves."""
    for eta, b in ((0.1097, 0.501), (0.1077, 0.415)):
        assert phase_heavy_ball.excess(np.array(25 * eta), np.array(b)) < 0
        assert _goes_round(eta, b) < 1e-9
    outside = 0.102, 0.5
    assert phase_heavy_ball.excess(np.array(25 * outside[0]), np.array(outside[1])) > 0
    assert _goes_round(*outside) > 1e-3


def _goes_round(eta: float, b: float) -> float:
    """The greatest distance from e_t in 300 steps from e_0, e_{-1} on the cell's own function."""
    import torch

    problem = phase_heavy_ball.RootsOfUnity(K=3, L=25.0, mu=1.0, lr=eta, momentum=b)
    e = torch.tensor([[cos(2 * pi * t / 3), sin(2 * pi * t / 3)] for t in range(3)], dtype=torch.float64)
    before, x, far = e[2], e[0], 0.0
    for t in range(1, 301):
        before, x = x, x - eta * problem.grad(x) + b * (x - before)
        far = max(far, float((x - e[t % 3]).norm()))
    return far


def test_the_outline_lies_between_the_condition_and_the_repelling_line(heavy_ball: dict[str, xr.Dataset]) -> None:
    outline = curve(drawn(phase_heavy_ball, heavy_ball), "its own function, K = 3", "cycle exists inside")
    step = 3.95 / 1999  # of the grid that it is read from
    assert (phase_heavy_ball.excess(25 * outline.x, outline.y) <= 0).all()
    assert (25 * outline.x <= 2 * (1 + outline.y) + 1e-12).all()
    left = outline.x[: len(outline.x) // 2] * 25 - 1.5 * step
    assert (phase_heavy_ball.excess(left, outline.y[: len(left)]) > 0).all()


# --------------------------------------------------------------------------------------------------- phase_clipping


def test_clippings_bias_and_variance_are_those_of_sampled_noise() -> None:
    """Independent draws of the law in numpy; five standard errors of each of the two sums."""
    tail, draws, random = 1.7, 400_000, np.random.default_rng(3)
    noise = (1 - random.random(draws)) ** (-1 / tail) - tail / (tail - 1)
    for tau in (12.0, 80.0):
        c = np.clip(noise, -tau, tau)
        expected = c.mean() ** 2 + c.var() / phase_clipping.T
        spread = 5 * draws**-0.5 * (2 * abs(c.mean()) * c.std() + np.square(c).std() / phase_clipping.T)
        assert float(phase_clipping.error(tail, np.array([tau]))[0]) == pytest.approx(expected, abs=spread)


def test_the_lemmas_threshold_makes_its_bound_least() -> None:
    """At alpha = 1.5, n = 300, G = 2 the derivative of the sheet's bound vanishes at the formula's threshold."""
    n, G, p = 300, 2.0, 1.5
    tau = G * (n * (2 * p - 2) / (2 - p)) ** (1 / p)
    near = tau * np.array([0.99, 1.0, 1.01])
    bound = G ** (2 * p) * near ** (2 - 2 * p) + G**p * near ** (2 - p) / n
    assert bound[1] < min(bound[0], bound[2])
    found = phase_clipping.lemma_threshold(np.array([1.4, 1.7, 2.0]))
    assert (np.diff(found) < 0).all()


def test_the_best_threshold_falls_with_the_tail_index_and_the_measured_sides_agree() -> None:
    source = phase_clipping.runs()["clipped SGD"]
    assert isinstance(source, PhaseMap)
    found = replace(source, grid=(3, 9), depth=0).result()
    assert disagreeing(found) == []
    best = phase_clipping.best_threshold()
    assert (np.diff(best) < 0).all()
    decided = found["phase"].values != "undecided"
    assert decided.mean() > 0.6
    at = np.interp(found["x"].values, phase_clipping.KNOWN, best)
    expected = np.where(found["y"].values < at, "too low", "too high")
    assert (found["phase"].values[decided] == expected[decided]).all()
    law = curve(drawn(phase_clipping, {"clipped SGD": found}), "clipped SGD", "least bias^2 + variance/T")
    values = [phase_clipping.error(float(a), t * np.array([0.97, 1, 1.03])) for a, t in zip(law.x, law.y, strict=True)]
    assert all(v[1] < min(v[0], v[2]) for v in values[::6])


def test_a_map_with_a_parameter_that_does_not_exist_is_refused() -> None:
    source = phase_clipping.runs()["clipped SGD"]
    assert isinstance(source, PhaseMap)
    with pytest.raises(LabError, match="max_norm"):
        replace(source, y=replace(source.y, sets=("max_nrom",)))

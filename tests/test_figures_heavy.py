"""The figures of heavy tails, clipping and (L0, L1)-smoothness: what they plot is what theory says."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from figures import (
    adagrad_needs_clipping,
    clipped_sgd_upper_bound,
    clipping_bias,
    heavy_convex_minimax,
    heavy_tail_exponents,
    heavy_tail_lower_bound_family,
    heavy_tail_methods,
    high_probability_quantiles,
    l0l1_gd_lower_bound,
    sgd_tail_index,
    stable_stationary_law,
    symmetric_noise_is_easier,
)
from figures.kit.drawing import bound_at
from figures.kit.heavy import least, moment_bound, pairs, tail, worst
from figures.kit.laws import law, survival, values
from lab.errors import LabError
from lab.optimizers.gclip_growing import GClipGrowing
from lab.schedules import Inverse
from lab.statistics import Sample
from problems.gaussian_regression import GaussianRegression
from problems.heavy_tails import ClipBias


def result(run, seeds):
    """A figure's run at its full length, on fewer seeds."""
    return type(run)(run.experiment, seeds).result(None, None)


# ------------------------------------------------------------------------------------- the method, and the source


def test_the_growing_clip_is_the_theorems_step_and_weighted_average():
    alpha, x, points = 1.5, 0.25, []
    method = GClipGrowing(lr=Inverse(4.0, shift=1.0), G=0.5, alpha=alpha)
    state = method.init(torch.tensor([[x]], dtype=torch.float64))
    for t, g in enumerate((0.9, -2.0, 0.1, 3.0), 1):
        points.append(x)
        given = (torch.tensor([[v]], dtype=torch.float64) for v in (g, x))
        slope, here = given
        dx, state = method.update(slope, state, here, torch.tensor(float(t), dtype=torch.float64))
        tau = 0.5 * t ** (1 / alpha)
        assert float(dx) == pytest.approx(-4 / (t + 1) * max(-tau, min(tau, g)), rel=1e-14)
        assert float(state.mean) == pytest.approx(np.average(points, weights=range(1, t + 1)), rel=1e-14)
        x += float(dx)


@pytest.mark.parametrize("given", [{"alpha": 1.0}, {"alpha": 2.5}, {"G": 0.0}])
def test_the_growing_clip_refuses_what_the_theorem_does(given):
    with pytest.raises(LabError, match="gclip_growing"):
        GClipGrowing(**given)


def test_a_law_has_every_seed_once_and_its_values_lie_in_their_cells():
    run = sgd_tail_index.runs()["SGD"].small()
    sample = law(run.result(None, None), config=2)
    assert sample.n == run.seeds
    drawn = np.sort(values(sample))
    assert drawn[0] == sample.lo[0]
    assert drawn[-1] == sample.hi[-1]
    assert len(drawn) == sample.n


# ------------------------------------------------------------------------------------------- the strongly convex rate


@pytest.mark.parametrize("alpha", heavy_tail_lower_bound_family.ALPHAS)
def test_every_method_stays_above_the_floor_and_the_best_within_a_factor_2_of_the_rate(alpha):
    """Over 10^2..10^4, at 512 seeds; from 10^3 on for alpha = 1.2, where it is checked all the same."""
    horizons = (100, 1000, 10_000)
    methods = ("SGD", "clipped", "AdaGrad", "Adam")
    results = {k: run.result(None, None) for k, run in pairs((alpha,), horizons, methods, 512)}
    raw = [worst(results, alpha, horizons, i) for i in range(len(methods))]
    rate = np.array(horizons, float) ** (-2 * (alpha - 1) / alpha)
    assert all((w.mean > rate / 80).all() for w in raw)
    ratio = least(raw).mean / rate
    assert (np.abs(np.log2(ratio / ratio[-1])) <= 1).all()


def test_the_floor_of_a_pair_is_refused_when_it_is_raised_above_the_best_method():
    horizons = (100,)
    results = {k: run.result(None, None) for k, run in pairs((2.0,), horizons, ("SGD",), 512)}
    assert worst(results, 2.0, horizons, 0).hi[0] < 2 / 8 / 100  # SGD's error is (1 - 1/k) / (8 k), not twice it


@pytest.mark.parametrize("alpha", clipped_sgd_upper_bound.ALPHAS)
def test_the_moment_bound_is_that_of_the_worst_point(alpha):
    """By the midpoint rule in y = u^(-1/a), with the tail beyond u = 1e-7 added in closed form."""
    a = tail(alpha)
    edges = np.geomspace(1e-7, 1, 400_001)
    u, du = np.sqrt(edges[1:] * edges[:-1]), np.diff(edges)
    moments = []
    for x in (-1.0, 0.0, 1.0):
        body = (np.abs(x + u ** (-1 / a) - a / (a - 1)) ** alpha * du).sum()
        moments.append(body + 1e-7 ** (1 - alpha / a) / (1 - alpha / a))  # y^alpha outweighs the rest of it there
    assert moment_bound(alpha) == pytest.approx(max(moments) ** (1 / alpha), rel=2e-3)


@pytest.mark.parametrize("alpha", clipped_sgd_upper_bound.ALPHAS)
def test_clipped_sgd_is_under_its_ceiling_at_every_horizon(alpha):
    run = clipped_sgd_upper_bound.runs()[f"{alpha}, fixed noise"]
    data = result(run, 256)
    t, upper = data["step"].values[1:], data["suboptimality_mean_hi"].values[0, 1:]
    square = moment_bound(alpha) ** 2
    assert (upper < 6 * alpha * square * (t + 1.0) ** (-2 * (alpha - 1) / alpha)).all()


def test_the_claimed_exponents_are_the_closed_form():
    alpha = np.array([1.1, 1.5, 2.0])
    np.testing.assert_allclose(heavy_tail_exponents.claimed(alpha), 2 * (alpha - 1) / alpha, rtol=1e-12)


@pytest.mark.parametrize("alpha", [1.2, 1.8])
def test_the_median_of_sgd_under_stable_noise_has_the_claimed_slope(alpha):
    run = heavy_tail_exponents.runs()[f"{alpha}, stable"]
    _, low, high = heavy_tail_exponents.median_of(result(run, 1024)).slope()
    assert low <= -2 * (alpha - 1) / alpha <= high
    assert not low <= -2.0 <= high


def test_the_methods_means_are_under_the_ceiling_and_normalised_sgd_stalls():
    runs = heavy_tail_methods.runs()
    last = {label: result(runs[label], 256)["suboptimality_mean"].values[0, -1] for label in ("SGD", "Normalised SGD")}
    assert last["Normalised SGD"] > 5 * last["SGD"]


# --------------------------------------------------------------------------------------------- laws and probabilities


def test_the_tail_of_sgd_is_the_sum_of_its_steps_shares():
    f = high_probability_quantiles
    direct = sum((f.STEP * (1 - f.STEP) ** j) ** f.TAIL for j in range(f.STEPS))
    y = math.sqrt(f.tail_of_sgd(np.array([1e-4]))[0])
    assert direct * y**-f.TAIL == pytest.approx(1e-4, rel=1e-10)


def test_the_failures_of_sgd_on_its_own_noise_are_at_least_the_claimed_share():
    """Exactly lr^2 / (4 eps), within a factor 2.5 of the beta of the bound for K; and the bound inverts itself."""
    f = high_probability_quantiles
    for k in f.KS:
        share = f.step_of(k) ** 2 / (4 * f.EPS)
        needed = bound_at(f.CLAIMS[0], np.ones(1), {"sigma": 1, "mu": 1, "epsilon": f.EPS, "beta": share, "x_0": 1})
        assert k >= needed[0]
        assert f.share_left(needed)[0] == pytest.approx(share, rel=1e-3)
        much_less = {"sigma": 1, "mu": 1, "epsilon": f.EPS, "beta": share / 2.5, "x_0": 1}
        assert k < bound_at(f.CLAIMS[0], np.ones(1), much_less)[0]


def test_the_stable_law_is_at_rest_and_its_seeds_follow_it():
    f, alpha = stable_stationary_law, 1.5
    scale = f.STEP / (1 - (1 - f.STEP) ** alpha) ** (1 / alpha)
    assert f.exact_law(alpha).scale == pytest.approx(scale, rel=1e-9)
    sample = law(result(f.runs()[f"{alpha}"], 4096))
    y = np.geomspace(0.05, 50, 60)
    off = np.abs(survival(sample, y) - f.exact_survival(alpha, y)).max()
    assert off <= math.sqrt(math.log(2000) / (2 * 4096))
    wrong = np.abs(survival(sample, y) - f.exact_survival(alpha, y / 1.2)).max()
    assert wrong > math.sqrt(math.log(2000) / (2 * 4096))


def test_the_survival_function_counts():
    sample = Sample.of([1.0, 4.0, 9.0, 16.0])
    assert survival(sample, np.array([0.5, 2.5, 5.0])).tolist() == [1.0, 0.5, 0.0]


def test_hills_intervals_hold_the_exact_index_of_sgds_iterates():
    data = result(sgd_tail_index.runs()["SGD"], 8_192)
    for h in (2 / 3, 1.0):
        limits = sgd_tail_index.index_of(law(data, sgd_tail_index.STEPS_OF_SGD.index(h))).limits
        assert limits.low <= GaussianRegression().index_of_iterates(h) <= limits.high


# ------------------------------------------------------------------------------------------------ single phenomena


@pytest.mark.parametrize("p", heavy_convex_minimax.ORDERS)
def test_projected_sgd_is_between_the_convex_floor_and_its_ceiling(p):
    f = heavy_convex_minimax
    error = f.measured({k: result(r, 512) for k, r in f.runs().items() if k.startswith(f"{p}, ")}, p)
    assert (error.lo > f.floor(p, error.k)).all()
    assert (error.hi < f.ceiling(p, error.k)).all()
    _, low, high = error.slope()
    assert low <= 1 / p - 1 <= high


def test_the_truncated_square_of_the_convex_ceiling_is_at_most_the_power():
    a, d = np.meshgrid(np.geomspace(1e-3, 1e3, 200), [0.5, 2.0])
    for p in (1.1, 1.5, 2.0):
        assert (np.minimum(a**2, 2 * a * d) <= a**p * (2 * d) ** (2 - p) * (1 + 1e-12)).all()


def test_symmetric_noise_gives_the_chung_limit_and_skewed_noise_the_point_of_rest():
    f = symmetric_noise_is_easier
    runs = f.runs()
    symmetric, skewed = (result(runs[k], 1024) for k in ("symmetric", "skewed"))
    lo, hi = (symmetric[f"distance_sq_mean_{side}"].values[0, -1] for side in ("lo", "hi"))
    assert 0.98 * lo <= f.limit(np.array([f.STEPS]))[0] <= 1.02 * hi
    mean = skewed["distance_sq_mean"].values[0, -1]
    assert mean == pytest.approx(f.point_of_rest() ** 2, rel=0.02)


def test_the_clipped_mean_agrees_with_quantiles_of_the_law():
    law_, x = symmetric_noise_is_easier.CentredPareto(tail=1.5, scale=0.5), 0.3
    u = (np.arange(400_000) + 0.5) / 400_000
    direct = np.clip(x + 0.5 * u ** (-1 / 1.5) - 1.5, -1, 1).mean()
    assert symmetric_noise_is_easier.mean_clipped(law_, x) == pytest.approx(direct, abs=1e-5)


def test_clipped_sgd_rests_at_the_biased_point_for_both_steps():
    f = clipping_bias
    runs = {k: result(r, 1024) for k, r in f.runs().items() if k.startswith("c = 1.5")}
    for lr in f.CLIP_STEPS:
        mean, lo, hi = f.last(runs, [f"c = 1.5, step {lr}"])
        exact = ClipBias(s=f.shape(1.5)).fixed_point(1.5)
        assert lo[0] - 0.01 <= exact <= hi[0] + 0.01
        assert mean[0] > exact / 2  # and not the optimum, 0


def test_adagrad_is_held_up_as_long_as_the_bound_says_and_clipped_adagrad_is_not():
    f, share = adagrad_needs_clipping, 0.01
    data = result(f.runs()[f"{share}"], 8192)
    lost = f.FirstSpike(share=share).steps_lost(f.STEP)
    t, failed, low, high = f.failures(data, 0)
    held = (t > 13) & (t <= lost)
    assert (low[held] <= share).all()
    assert (share <= high[held]).all()
    assert f.failures(data, 1)[0].max() < lost < t.max()
    assert (failed[t < 9] == 1).all()


def test_the_best_fixed_step_is_above_its_floor_and_clipping_far_below_for_steep_functions():
    f = l0l1_gd_lower_bound
    made = f.runs()
    results = {k: r.result(None, None) for k, r in made.items()}
    best, clip = f.steps_needed(results)
    M = np.array(f.SLOPES)
    delta = M - np.log1p(M)
    assert (best >= M * (delta - 0.178 * f.EPS) / (8 * f.EPS**2 * np.log1p(M))).all()
    assert (clip <= 11.25 * delta * (1 / f.EPS**2 + 1)).all()
    assert best[-1] > 2 * clip[-1]

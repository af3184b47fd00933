"""Limits against laws whose truth is known: as wrong as they say at most, and sharp enough to catch a false bound."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import integrate, special, stats

from lab.errors import LabError
from lab.statistics import (
    Limits,
    Sample,
    bernstein,
    bonferroni,
    catoni,
    clopper_pearson,
    dkw_band,
    exceedance_limits,
    exceedances,
    hoeffding,
    holm,
    looks,
    mean_normal,
    median_of_means,
    quantile,
    quantile_limits,
    quantile_rank,
    rank_limits,
    sign_test,
    slope,
    slope_per_seed,
    truncated_lower,
)

fixed = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def generator(*key):
    return np.random.default_rng([20260101, *key])


def excludes(limits, truth):
    return not limits.low <= truth <= limits.high


def is_calibrated(alarms, trials, delta):
    """Tell whether `alarms` of `trials` is compatible with an alarm rate <= delta: the rate's exact lower limit."""
    return clopper_pearson(alarms, trials, 1e-3).low <= delta


def binned(values):
    """Return the sample as the store keeps it: count, least and greatest value for each 20-bit prefix (0.4%)."""
    ascending = np.sort(np.asarray(values, dtype=np.float64))
    prefix = ascending.view(np.uint64) >> np.uint64(44)
    first = np.flatnonzero(np.diff(prefix, prepend=~prefix[:1]))
    count = np.diff(first, append=ascending.size)
    return Sample(ascending[first], ascending[first + count - 1], count)


# Laws whose truth is known.


@dataclass(frozen=True)
class Law:
    """A law of Y by its quantile function, with what may be certified about it."""

    inverse: Callable[..., Any]
    mean: float
    variance: float = math.inf
    span: tuple[float, float] | None = None

    def draw(self, rng, *shape):
        return self.inverse(rng.random(shape))


def pareto(a):
    variance = a / ((a - 1) ** 2 * (a - 2)) if a > 2 else math.inf
    return Law(lambda u: (1 - u) ** (-1 / a), a / (a - 1) if a > 1 else math.inf, variance)


def two_point(p, low=0.0, high=1.0):
    span = (low, high)
    return Law(lambda u: np.where(u < 1 - p, low, high), low + p * (high - low), p * (1 - p) * (high - low) ** 2, span)


LAWS = {
    "gaussian": Law(stats.norm.ppf, 0.0, 1.0),
    "chi_square": Law(lambda u: stats.norm.ppf((1 + u) / 2) ** 2, 1.0, 2.0),  # distance_sq of SGD on a quadratic
    "rare": two_point(0.01),
    "two_point": two_point(0.3, -2.0, 5.0),
    "uniform": Law(lambda u: u, 0.5, 1 / 12, (0.0, 1.0)),
    "finite_variance": pareto(2.5),
    "infinite_variance": pareto(1.5),
    "infinite_mean": pareto(0.75),  # the square of a Pareto 1.5: a squared error under heavy-tailed noise
}


# Calibration: the alarm rate.


def by_range(method):
    return lambda y, law, delta: method(Sample.of(y), *law.span, delta)


def by_catoni(y, law, delta):
    return catoni(Sample.of(y), law.variance, delta)


def by_blocks(y, law, delta, size=10):
    return median_of_means(y.reshape(-1, size).mean(1), size, law.variance, delta)


def by_truncation(y, law, delta):
    del law
    return truncated_lower(Sample.of(y), 10.0, delta)


def by_student(y, law, delta):
    """A wrong specimen where the variance is infinite: nothing warns of it."""
    del law
    return mean_normal(y.size, y.mean(), ((y - y.mean()) ** 2).sum(), 1 - delta)


def count_alarms(method, law, *, trials, n, delta, key=0):
    draws = law.draw(generator(key), trials, n)
    return sum(bool(excludes(method(y, law, delta), law.mean)) for y in draws)


@pytest.mark.parametrize(
    ("method", "names"),
    [
        (by_range(hoeffding), ("rare", "two_point", "uniform")),
        (by_range(bernstein), ("rare", "two_point", "uniform")),
        (by_catoni, ("gaussian", "chi_square", "rare", "two_point", "finite_variance")),
        (by_blocks, ("gaussian", "chi_square", "rare", "two_point", "finite_variance")),
        (by_truncation, ("chi_square", "rare", "finite_variance", "infinite_variance", "infinite_mean")),
    ],
    ids=["hoeffding", "bernstein", "catoni", "median_of_means", "truncated_lower"],
)
def test_limits_of_a_mean_are_wrong_no_more_often_than_they_say(method, names):
    for name in names:
        assert is_calibrated(count_alarms(method, LAWS[name], trials=300, n=250, delta=0.2), 300, 0.2), name


def test_median_of_means_is_calibrated_under_infinite_variance_with_a_moment_below_two():
    law, a, p, delta, trials = LAWS["infinite_variance"], 1.5, 1.2, 0.2, 2000
    below = integrate.quad(lambda y: (3 - y) ** p * a * y ** (-a - 1), 1, 3)[0]
    moment = below + a * 3 ** (p - a) * special.beta(p + 1, a - p)  # E|Y - 3|^p, the mean being 3
    blocks = law.draw(generator(1), trials, 13, 20).mean(-1)
    limits = median_of_means(blocks, 20, moment, delta, p=p)
    assert np.all(np.isfinite(limits.low))
    assert is_calibrated(int(excluded(limits, law.mean).sum()), trials, delta)


def excluded(limits, truth):
    return (limits.low > truth) | (limits.high < truth)


def test_student_t_has_exactly_its_level_on_normal_samples():
    trials, n, delta = 20_000, 8, 0.05
    y = LAWS["gaussian"].draw(generator(2), trials, n)
    limits = mean_normal(n, y.mean(1), n * y.var(1), 1 - delta)
    rate = clopper_pearson(int(excluded(limits, 0.0).sum()), trials, 1e-3)
    assert rate.low <= delta <= rate.high


@pytest.mark.parametrize("name", ["infinite_variance", "infinite_mean"])
def test_calibration_refuses_student_t_under_heavy_tails(name):
    assert not is_calibrated(count_alarms(by_student, LAWS[name], trials=600, n=250, delta=0.05), 600, 0.05)


def test_calibration_refuses_catoni_with_a_false_variance():
    law = LAWS["chi_square"]
    false = Law(law.inverse, law.mean, law.variance / 50)
    assert not is_calibrated(count_alarms(by_catoni, false, trials=300, n=250, delta=0.2), 300, 0.2)


def test_calibration_refuses_median_of_means_with_a_false_variance():
    law = LAWS["chi_square"]
    false = Law(law.inverse, law.mean, law.variance / 50)
    assert not is_calibrated(count_alarms(by_blocks, false, trials=300, n=250, delta=0.2), 300, 0.2)


@pytest.mark.parametrize("name", ["chi_square", "infinite_variance", "infinite_mean", "rare"])
@pytest.mark.parametrize("q", [0.05, 0.5, 0.99])
def test_quantile_limits_need_no_moment_and_admit_atoms(name, q):
    law, trials, delta = LAWS[name], 300, 0.1
    truth = float(law.inverse(np.nextafter(q, 0)))
    draws = law.draw(generator(3), trials, 200)
    wrong = sum(bool(excludes(quantile_limits(Sample.of(y), q, delta), truth)) for y in draws)
    assert is_calibrated(wrong, trials, delta)


def test_diverged_seeds_keep_quantiles_calibrated_and_dropping_them_does_not():
    trials, delta, q = 200, 0.05, 0.9
    rng = generator(4)
    draws = np.where(rng.random((trials, 300)) < 0.2, np.inf, rng.random((trials, 300)))
    kept = [quantile_limits(Sample.of(y), q, delta) for y in draws]
    dropped = [quantile_limits(Sample.of(y[np.isfinite(y)]), q, delta) for y in draws]
    assert is_calibrated(sum(bool(excludes(limits, np.inf)) for limits in kept), trials, delta)
    assert not is_calibrated(sum(bool(excludes(limits, np.inf)) for limits in dropped), trials, delta)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.75])
@pytest.mark.parametrize("n", [1, 7, 40])
def test_rank_limits_are_the_best_that_exact_binomial_sums_allow(q, n):
    delta = Fraction(1, 20)
    p = Fraction(q)
    mass = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    r, s = rank_limits(n, q, float(delta))
    assert sum(mass[:r]) <= delta / 2 < sum(mass[: r + 1])
    assert sum(mass[s:]) <= delta / 2 < sum(mass[s - 1 :])


@pytest.mark.parametrize("delta", [1e-2, 1e-6, 1e-12])
def test_rank_limits_keep_their_level_at_a_million_seeds(delta):
    n, q = 1_000_000, 0.95
    r, s = rank_limits(n, q, delta)
    law = stats.binom(n, q)
    assert law.cdf(r - 1) <= delta / 2 < law.cdf(r)
    assert law.sf(s - 1) <= delta / 2 < law.sf(s - 2)


@pytest.mark.parametrize("law", [LAWS["uniform"], LAWS["two_point"]], ids=["uniform", "two_point"])
def test_dkw_band_holds_the_whole_cdf(law):
    trials, n, delta = 4000, 100, 0.1
    y = np.sort(law.draw(generator(5), trials, n), axis=1)
    grid = np.linspace(*law.span, 301)
    truth = grid if law is LAWS["uniform"] else np.where(grid < law.span[1], 0.7, 1.0)
    empirical = np.stack([np.searchsorted(row, grid, side="right") for row in y]) / n
    wrong = int((np.abs(empirical - truth).max(1) > dkw_band(n, delta)).sum())
    assert is_calibrated(wrong, trials, delta)
    half = int((np.abs(empirical - truth).max(1) > dkw_band(n, delta) / 2).sum())
    assert not is_calibrated(half, trials, delta)


def coverage(limits, n, p):
    inside = [k for k in range(n + 1) if limits[k].low <= p <= limits[k].high]
    return stats.binom.pmf(inside, n, p).sum()


def test_clopper_pearson_covers_every_probability_exactly():
    n, delta = 30, 0.1
    limits = [clopper_pearson(k, n, delta) for k in range(n + 1)]
    naive = [wald(k, n, delta) for k in range(n + 1)]
    grid = np.linspace(0, 1, 401)
    assert min(coverage(limits, n, p) for p in grid) >= 1 - delta - 1e-12
    assert min(coverage(naive, n, p) for p in grid[1:-1]) < 0.5  # a wrong specimen: the normal interval near 0


def wald(k, n, delta):
    half = stats.norm.isf(delta / 2) * math.sqrt(k / n * (1 - k / n) / n)
    return Limits(k / n - half, k / n + half, "Wald", 1 - delta)


@pytest.mark.parametrize(("k", "n"), [(0, 10), (10, 10), (3, 10), (1, 100_000), (50_000, 100_000), (99_999, 100_000)])
@pytest.mark.parametrize("delta", [0.05, 1e-5])
def test_clopper_pearson_agrees_with_scipy(k, n, delta):
    low, high = stats.binomtest(k, n).proportion_ci(1 - delta, method="exact")
    limits = clopper_pearson(k, n, delta)
    assert (limits.low, limits.high) == pytest.approx((low, high), rel=1e-9)


def test_zero_failures_give_the_number_of_seeds_that_a_high_probability_claim_needs():
    q, delta = 1e-3, 1e-4  # one-sided at delta is two-sided at 2 delta
    enough = math.ceil(math.log(delta) / math.log1p(-q))
    assert clopper_pearson(0, enough, 2 * delta).high <= q < clopper_pearson(0, enough - 1, 2 * delta).high


# Power: a bound that is 10% too small is caught at the sizes that verdicts use.


@pytest.mark.parametrize("key", [0, 1, 2])
def test_a_mean_bound_ten_percent_too_small_is_caught_at_a_hundred_thousand_seeds(key):
    law, delta = LAWS["chi_square"], 1e-5
    y = law.draw(generator(6, key), 98 * 1024)
    blocks = y.reshape(98, 1024).mean(1)
    cells = binned(y)
    for limits in (
        catoni(Sample.of(y), law.variance, delta),
        catoni(cells, law.variance, delta),
        truncated_lower(cells, 20.0, delta),
        median_of_means(blocks, 1024, law.variance, delta),
    ):
        assert 0.9 < limits.low <= law.mean, limits.method  # contradicts 0.9, not the truth
        assert limits.high > law.mean


def test_truncation_never_confirms_an_upper_bound():
    assert truncated_lower(Sample.of(np.zeros(10**5)), 1.0, 0.5).high == math.inf


@pytest.mark.parametrize("key", [0, 1, 2])
def test_bounds_ten_percent_too_small_are_caught_in_a_box_and_for_probabilities_and_quantiles(key):
    delta, n = 1e-5, 100_000
    box = LAWS["two_point"].draw(generator(7, key), n)
    mean = LAWS["two_point"].mean + 2.0
    assert 0.9 * mean < bernstein(Sample.of(box + 2.0), 0.0, 7.0, delta).low <= mean
    y = LAWS["chi_square"].draw(generator(8, key), n)
    tail = stats.chi2(1).sf(3.0)
    assert 0.9 * tail < exceedance_limits(binned(y), 3.0, delta).low <= tail
    median = stats.chi2(1).median()
    assert 0.9 * median < quantile_limits(binned(y), 0.5, delta).low <= median


# Cells: limits from a histogram contain those of every sample that it may stand for.


METHODS = {
    "hoeffding": lambda s, delta: hoeffding(s, 0.0, 50.0, delta),
    "bernstein": lambda s, delta: bernstein(s, 0.0, 50.0, delta),
    "truncated_lower": lambda s, delta: truncated_lower(s, 5.0, delta),
    "catoni": lambda s, delta: catoni(s, 2.0, delta),
    "median": lambda s, delta: quantile_limits(s, 0.5, delta),
    "exceedance": lambda s, delta: exceedance_limits(s, 1.0, delta),
}
values_in_range = st.lists(st.floats(0, 50), min_size=2, max_size=40)


@st.composite
def cells_and_values(draw):
    """Return cells that may overlap, and values anywhere inside them."""
    lo = np.sort(draw(st.lists(st.floats(0, 40), min_size=1, max_size=8)))
    width = draw(st.lists(st.floats(0, 10), min_size=lo.size, max_size=lo.size))
    hi = np.maximum.accumulate(lo + width)
    count = np.array(draw(st.lists(st.integers(1, 6), min_size=lo.size, max_size=lo.size)))
    total = int(count.sum())
    share = np.array(draw(st.lists(st.floats(0, 1), min_size=total, max_size=total)))
    low, high = np.repeat(lo, count), np.repeat(hi, count)
    return Sample(lo, hi, count), np.minimum(low + share * (high - low), high)


def contains(outer, inner, slack=1e-7):
    return outer.low <= inner.low + slack and inner.high <= outer.high + slack


@pytest.mark.parametrize("name", METHODS)
@fixed
@given(case=cells_and_values())
def test_limits_from_cells_contain_those_of_any_values_inside(name, case):
    cells, values = case
    assert contains(METHODS[name](cells, 0.2), METHODS[name](Sample.of(values), 0.2))


def test_lower_limits_from_upper_edges_would_not_be_valid():
    values = LAWS["uniform"].draw(generator(9), 500)
    cells = binned(values)
    wrong = Sample(cells.hi, cells.hi, cells.count)
    assert not contains(hoeffding(wrong, 0.0, 1.0, 0.1), hoeffding(Sample.of(values), 0.0, 1.0, 0.1))


@pytest.mark.parametrize("name", METHODS)
def test_the_stores_bins_cost_half_a_percent_at_most(name):
    values = LAWS["chi_square"].draw(generator(10), 20_000)
    raw, cells = METHODS[name](Sample.of(values), 1e-3), METHODS[name](binned(values), 1e-3)
    assert binned(values).lo.size < 0.5 * values.size
    assert contains(cells, raw)
    assert cells.low >= raw.low - 0.005 * abs(raw.low)
    assert cells.high <= raw.high + 0.005 * abs(raw.high) or raw.high == math.inf


@fixed
@given(case=cells_and_values())
def test_variance_of_cells_is_an_upper_bound_of_every_choice_of_edges(case):
    cells = case[0]
    narrow = Sample(cells.lo[:4], cells.hi[:4], np.ones(cells.lo[:4].size, dtype=int))
    corners = itertools.product(*zip(narrow.lo, narrow.hi, strict=True))
    if narrow.n > 1:
        assert narrow.variance >= max(np.var(corner, ddof=1) for corner in corners) - 1e-9


@fixed
@given(values=values_in_range)
def test_a_raw_sample_has_the_plain_mean_and_variance(values):
    sample = Sample.of(values)
    assert sample.mean == pytest.approx((np.mean(values),) * 2)
    assert sample.variance == pytest.approx(np.var(values, ddof=1), abs=1e-12)


def test_exceedances_count_what_the_cells_allow():
    sample = Sample([0.0, 1.0, 2.0, np.inf], [0.5, 1.5, 2.0, np.inf], [1, 10, 100, 1000])
    assert exceedances(sample, 1.2) == (1100, 1110)
    assert exceedances(sample, 2.0) == (1000, 1000)  # strictly above
    assert exceedances(Sample.of([np.nan, 1.0]), 1e300) == (1, 1)


# Formulas and properties.


def test_hoeffding_and_bernstein_are_their_formulas():
    y = LAWS["uniform"].draw(generator(11), 400) * 3 - 1
    n, delta = y.size, 0.01
    radius = 3 * math.sqrt(math.log(2 / delta) / (2 * n))
    limits = hoeffding(Sample.of(y), -1.0, 2.0, delta)
    assert (limits.low, limits.high) == pytest.approx((y.mean() - radius, y.mean() + radius))
    level = math.log(4 / delta)
    radius = math.sqrt(2 * y.var(ddof=1) * level / n) + 7 * 3 * level / (3 * (n - 1))
    limits = bernstein(Sample.of(y), -1.0, 2.0, delta)
    assert (limits.low, limits.high) == pytest.approx((y.mean() - radius, y.mean() + radius))
    level = math.log(2 / delta)  # one-sided
    clipped = np.minimum(y + 1, 1.5)
    radius = math.sqrt(2 * clipped.var(ddof=1) * level / n) + 7 * 1.5 * level / (3 * (n - 1))
    assert truncated_lower(Sample.of(y + 1), 1.5, delta).low == pytest.approx(clipped.mean() - radius)


def test_catoni_solves_its_equation_and_has_its_width():
    y, v, delta = LAWS["finite_variance"].draw(generator(12), 300), 4.0, 0.02
    n, level = y.size, math.log(2 / delta)
    limits = catoni(Sample.of(y), v, delta)
    eta, theta = (limits.high - limits.low) / 2, (limits.high + limits.low) / 2
    assert eta == pytest.approx(math.sqrt(2 * v * level / (n * (1 - 2 * level / n))))
    x = math.sqrt(2 * level / (n * (v + eta**2))) * (y - theta)  # alpha in its first form
    assert np.sum(np.sign(x) * np.log(1 + np.abs(x) + x**2 / 2)) == pytest.approx(0, abs=1e-6)


def test_catoni_says_nothing_until_n_exceeds_twice_the_log():
    delta = 0.01
    n = math.floor(2 * math.log(2 / delta))
    y = np.linspace(0, 1, n + 1)
    assert catoni(Sample.of(y[:-1]), 1.0, delta).high == math.inf
    assert math.isfinite(catoni(Sample.of(y), 1.0, delta).high)


def test_catoni_is_not_moved_by_one_enormous_value():
    y = np.append(LAWS["gaussian"].draw(generator(13), 10_000), 1e6)
    assert abs(sum(astuple(catoni(Sample.of(y), 1.0, 1e-3))) / 2) < 0.1 < 90 < y.mean()
    y[-1] = 1e300
    assert catoni(Sample.of(y), 1.0, 1e-3).high < 3  # its pull grows like a logarithm


def astuple(limits):
    return limits.low, limits.high


def test_median_of_means_joins_blocks_in_their_order_and_is_its_formula():
    means, size, delta = np.arange(50.0), 16, 0.1  # k = ceil(8 ln 10) = 19: groups of two blocks
    limits = median_of_means(means, size, 3.0, delta)
    radius = 2 * math.sqrt(3.0 / (2 * size))
    assert astuple(limits) == pytest.approx((24.5 - radius, 24.5 + radius))
    heavy = median_of_means(means, size, 3.0, delta, p=1.5)
    radius = (8 * 3.0) ** (1 / 1.5) * (1 / (2 * size)) ** (0.5 / 1.5)
    assert astuple(heavy) == pytest.approx((24.5 - radius, 24.5 + radius))
    assert median_of_means(means[:18], size, 3.0, delta).low == -math.inf
    several = median_of_means(np.stack([means, -means]), size, [3.0, 12.0], delta)
    np.testing.assert_allclose(several.high - several.low, [4 * math.sqrt(3 / 32), 8 * math.sqrt(3 / 32)])


def test_student_t_agrees_with_scipy_over_arrays_and_says_nothing_where_nothing_is_known():
    n, mean, m2 = np.array([2, 30, 100_000]), np.array([1.0, -2.0, 3.0]), np.array([0.5, 40.0, 2e5])
    limits = mean_normal(n, mean, m2, 0.999)
    low, high = stats.t.interval(0.999, n - 1, mean, np.sqrt(m2 / (n - 1) / n))
    np.testing.assert_allclose((limits.low, limits.high), (low, high), rtol=1e-9)
    unknown = mean_normal([1, 50, 0], [1.0, np.inf, np.nan], [0.0, np.inf, np.nan], 0.9)
    assert np.all(unknown.low == -np.inf)
    assert np.all(unknown.high == np.inf)


@pytest.mark.parametrize("name", [name for name in METHODS if name != "catoni"])
@fixed
@given(values=values_in_range, delta=st.floats(1e-9, 0.5), factor=st.floats(1e-3, 1.0))
def test_limits_widen_as_delta_falls(name, values, delta, factor):
    assert contains(METHODS[name](Sample.of(values), factor * delta), METHODS[name](Sample.of(values), delta), 0.0)


@fixed
@given(
    values=st.lists(st.floats(0, 50), min_size=60, max_size=70), delta=st.floats(1e-9, 0.4), factor=st.floats(0.01, 1)
)
def test_catoni_limits_widen_as_delta_falls(values, delta, factor):
    wide, narrow = (catoni(Sample.of(values), 2.0, level) for level in (factor * delta, delta))
    assert wide.high - wide.low >= (narrow.high - narrow.low) * (1 - 1e-7)


@fixed
@given(values=values_in_range, delta=st.floats(1e-6, 0.4), data=st.data())
def test_limits_contain_their_estimate_and_ignore_the_order(values, delta, data):
    sample, shuffled = Sample.of(values), Sample.of(data.draw(st.permutations(values)))
    estimates = {
        "hoeffding": np.mean(values),
        "bernstein": np.mean(values),
        "truncated_lower": np.mean(np.minimum(values, 5.0)),
        "median": quantile(sample, 0.5),
        "exceedance": np.mean(np.array(values) > 1.0),
    }
    for name, method in METHODS.items():
        limits = method(sample, delta)
        assert astuple(limits) == astuple(method(shuffled, delta))
        if name in estimates:
            assert not excludes(limits, estimates[name])


@fixed
@given(values=st.lists(st.floats(-10, 10), min_size=30, max_size=40), scale=st.floats(0.1, 10), shift=st.floats(-5, 5))
def test_mean_limits_move_and_scale_with_the_sample(values, scale, shift):
    y = np.array(values)
    for before, after in (
        (catoni(Sample.of(y), 9.0, 0.1), catoni(Sample.of(scale * y + shift), 9.0 * scale**2, 0.1)),
        (
            bernstein(Sample.of(y), -10, 10, 0.1),
            bernstein(Sample.of(scale * y + shift), shift - 10 * scale, shift + 10 * scale, 0.1),
        ),
    ):
        expected = (scale * before.low + shift, scale * before.high + shift)
        assert astuple(after) == pytest.approx(expected, abs=1e-6)


@fixed
@given(values=st.lists(st.floats(-5, 5) | st.just(np.inf), min_size=1, max_size=30), q=st.floats(0, 1))
def test_quantile_is_the_least_value_that_the_empirical_cdf_reaches(values, q):
    ascending = np.sort(values)
    reached = np.searchsorted(ascending, ascending, side="right") / ascending.size >= q
    assert quantile(Sample.of(values), q) == ascending[reached][0]


def test_quantile_ranks_are_not_moved_by_rounding():
    for n, k in ((100, 7), (100, 14), (1000, 57), (100_000, 95_000)):
        assert quantile_rank(n, k / n) == k
        assert quantile_rank(n, np.nextafter(k / n, 1)) == k + 1


def test_quantile_interpolates_inside_a_cell_between_its_least_and_greatest_value():
    sample = Sample([1.0, 4.0, np.inf], [2.0, 4.0, np.inf], [5, 1, 2])
    q = np.array([1, 3, 5, 6, 7]) / 8
    np.testing.assert_array_equal(quantile(sample, q), [1.0, 1.5, 2.0, 4.0, np.inf])
    assert quantile(sample, 0.5).shape == ()
    limits = quantile_limits(sample, [[0.5], [0.9]], 0.5)
    assert limits.low.shape == (2, 1)
    np.testing.assert_array_equal(limits.high, [[4.0], [np.inf]])


def test_one_seed_is_never_a_result():
    one = Sample.of([0.3])
    assert astuple(bernstein(one, 0.0, 1.0, 0.05)) == (0.0, 1.0)
    assert astuple(quantile_limits(one, 0.5, 0.05)) == (-math.inf, math.inf)
    assert truncated_lower(one, 1.0, 0.05).low == 0.0


# Many statements, many looks.


def test_holm_follows_its_definition_and_rejects_whatever_bonferroni_does():
    np.testing.assert_array_equal(holm([0.04, 0.011, 0.001, 0.5], 0.05), [False, True, True, False])
    np.testing.assert_array_equal(holm([0.03, 0.04], 0.05), [False, False])  # 0.03 > 0.05 / 2 stops it
    p = generator(14).beta(0.2, 3.0, size=(200, 8))
    for row in p:
        assert np.all(holm(row, 0.1) | (row > bonferroni(0.1, 8)))
    assert holm([], 0.1).size == 0


def test_corrections_keep_the_level_of_fifty_true_statements_and_no_correction_does_not():
    trials, m, delta = 1000, 50, 0.1
    p = generator(15).random((trials, m))
    assert is_calibrated(sum(bool(holm(row, delta).any()) for row in p), trials, delta)
    assert is_calibrated(int((p <= bonferroni(delta, m)).any(1).sum()), trials, delta)
    assert not is_calibrated(int((p <= delta).any(1).sum()), trials, delta)


def test_looks_keep_the_level_of_seeds_added_until_decided_and_a_fixed_level_does_not():
    trials, delta, truth = 500, 0.1, 0.5
    counts = np.cumsum(generator(16).random((trials, 2560)) < truth, axis=1)
    sizes = [20 * 2**j for j in range(8)]
    shared, fixed_level = (
        [[clopper_pearson(k, n, level) for k in range(n + 1)] for n, level in zip(sizes, levels, strict=True)]
        for levels in ([looks(delta, j) for j in range(1, 9)], [delta] * 8)
    )

    def wrong(tables):
        hits = [[excludes(table[row[n - 1]], truth) for n, table in zip(sizes, tables, strict=True)] for row in counts]
        return int(np.any(hits, axis=1).sum())

    assert is_calibrated(wrong(shared), trials, delta)
    assert not is_calibrated(wrong(fixed_level), trials, delta)


def test_the_levels_of_all_looks_sum_to_delta():
    assert sum(looks(0.05, j) for j in range(1, 10_001)) == pytest.approx(0.05 * (1 - 1 / 10_001))


def test_sign_test_counts_strict_wins_on_paired_seeds():
    a = np.array([1.0, 2.0, 3.0, np.inf, np.nan, 0.0])
    b = np.array([2.0, 2.0, 1.0, np.nan, 5.0, np.inf])
    low, high = stats.binomtest(2, 6).proportion_ci(0.9)
    assert astuple(sign_test(a, b, 0.1)) == pytest.approx((low, high))


# Slopes.


TIMES = np.geomspace(10, 1000, 12)


def correlated_curves(rng, rows):
    """Return curves with mean TIMES^-1/2 exactly, chi-square at each step, strongly correlated over steps."""
    noise = rng.standard_normal((TIMES.size, rows))
    z = [noise[0]]
    for e in noise[1:]:
        z.append(0.95 * z[-1] + math.sqrt(1 - 0.95**2) * e)
    return np.square(z).T / np.sqrt(TIMES)


def test_slope_of_an_exact_power_law_is_its_exponent():
    curves = generator(17).uniform(1, 2, size=(300, 1)) * TIMES**-0.75
    for found in (slope(TIMES, curves, key=0), slope_per_seed(TIMES, curves)):
        assert found.value == pytest.approx(-0.75, abs=1e-12)
        assert astuple(found.limits) == pytest.approx((-0.75, -0.75), abs=1e-12)


def test_slope_interval_is_calibrated_on_correlated_points_and_that_of_independent_points_is_not():
    trials, delta, wrong, naive = 200, 0.1, 0, 0
    for trial in range(trials):
        curves = correlated_curves(generator(18, trial), 15)
        found = slope(TIMES, curves, key=trial, confidence=1 - delta, resamples=400)
        wrong += excludes(found.limits, -0.5)
        line = stats.linregress(np.log(TIMES), np.log(curves.mean(0)))
        assert found.value == pytest.approx(line.slope)
        naive += abs(line.slope + 0.5) > stats.t.isf(delta / 2, TIMES.size - 2) * line.stderr
    assert is_calibrated(wrong, trials, delta)
    assert clopper_pearson(wrong, trials, 1e-3).high >= delta / 2  # and not merely wide
    assert not is_calibrated(naive, trials, delta)


def test_slope_of_many_rows_goes_by_blocks_and_repeats_with_its_key():
    curves = correlated_curves(generator(19), 1000)
    found = slope(TIMES, curves, key=3)
    assert found == slope(TIMES, curves, key=3)
    assert found.value == pytest.approx(np.polyfit(np.log(TIMES), np.log(curves.mean(0)), 1)[0])
    assert not excludes(found.limits, -0.5)
    assert found.limits != slope(TIMES, curves, key=4).limits


def test_the_typical_seed_and_the_mean_curve_have_different_slopes():
    exponents = np.linspace(-2, 0, 50)[:, None]
    curves = TIMES**exponents
    assert slope_per_seed(TIMES, curves).value == pytest.approx(-1)
    assert slope(TIMES, curves, key=0).value > -0.6  # the slowest seeds rule the mean


# Bad input: one line that says what was got and what is allowed.


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: bernstein(Sample.of([0.2, 1.1]), 0.0, 1.0, 0.1), r"value 1\.1 is outside .*\[0, 1\].*certificate"),
        (lambda: bernstein(Sample.of([0.2, np.nan]), 0.0, 1.0, 0.1), r"value inf is outside"),
        (lambda: hoeffding(Sample.of([-0.2]), 0.0, 1.0, 0.1), r"value -0\.2 is outside"),
        (lambda: hoeffding(Sample.of([0.0]), 1.0, 1.0, 0.1), r"low < high"),
        (lambda: truncated_lower(Sample.of([-0.5, 1.0]), 2.0, 0.1), r"value -0\.5 is outside .*\[0, 2\]"),
        (lambda: truncated_lower(Sample.of([0.5]), math.inf, 0.1), r"c must be a finite number"),
        (lambda: catoni(Sample.of([1.0, np.inf]), 1.0, 0.1), r"a seed diverged"),
        (lambda: catoni(Sample.of([1.0]), math.inf, 0.1), r"variance must be a finite number > 0"),
        (lambda: median_of_means([1.0, np.inf], 4, 1.0, 0.1), r"a seed diverged"),
        (lambda: median_of_means([1.0], 4, 1.0, 0.1, p=1.0), r"p must be a number in \(1, 2\]"),
        (lambda: median_of_means([1.0], 4, -1.0, 0.1), r"moment must be finite"),
        (lambda: clopper_pearson(11, 10, 0.1), r"0\.\.10, got 11"),
        (lambda: clopper_pearson(1, 10, 0.0), r"delta must be a number in \(0, 1\), got 0"),
        (lambda: dkw_band(10, math.nan), r"delta must be"),
        (lambda: quantile(Sample.of([1.0]), 1.5), r"q must be a number in \[0, 1\], got 1\.5"),
        (lambda: quantile_limits(Sample.of([1.0]), [0.5, 1.0], 0.1), r"q must be a number in \(0, 1\)"),
        (lambda: holm([0.5, math.nan], 0.1), r"p_values must be numbers in \[0, 1\]"),
        (lambda: looks(0.1, 0), r"j must be a look"),
        (lambda: bonferroni(0.1, 0), r"m must be"),
        (lambda: sign_test([1.0], [1.0, 2.0], 0.1), r"one shape"),
        (lambda: exceedances(Sample.of([1.0]), math.nan), r"threshold must be a number"),
        (lambda: mean_normal(3, 0.0, 1.0, 1.0), r"confidence must be"),
        (lambda: slope([1, 2], [[1.0, 0.0], [1.0, 1.0]], key=0), r"finite and > 0, got \(0\.0, 1\.0\)"),
        (lambda: slope([1, 1], np.ones((2, 2)), key=0), r"2 different"),
        (lambda: slope([1, 2], np.ones((1, 2)), key=0), r"rows >= 2"),
        (lambda: slope([1, 2], np.ones((3, 2)), key=0, confidence=0.999), r"at least 10000"),
        (lambda: Sample.of([]), r"m >= 1"),
        (lambda: Sample.of([-np.inf]), r"finite, or all \+inf \(at index 0\)"),
        (lambda: Sample([0.0], [np.inf], [1]), r"finite, or all \+inf"),
        (lambda: Sample([1.0], [0.0], [1]), r"lo > hi"),
        (lambda: Sample([1.0], [1.0], [0]), r"count < 1"),
        (lambda: Sample([1.0], [1.0], [1.5]), r"array of integers"),
        (lambda: Sample([1.0, 0.0], [1.0, 2.0], [1, 1]), r"ascend in lo and in hi \(at index 0\)"),
    ],
)
def test_bad_input_is_refused_in_one_line(call, says):
    with pytest.raises(LabError, match=says) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_rounding_outside_the_certified_range_is_forgiven():
    limits = bernstein(Sample.of([-1e-12, 1 + 1e-12] * 500), 0.0, 1.0, 0.1)
    assert 0 < limits.low < 0.5 < limits.high < 1


def test_a_sample_cannot_be_changed_from_outside():
    edges = np.array([1.0, 2.0])
    sample = Sample(edges, edges, [1, 1])
    edges[0] = 5.0
    assert sample.lo[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        sample.lo[0] = 3.0

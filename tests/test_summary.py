"""Block sums and histograms: exact merging, exact atoms, quantiles within their cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from lab.statistics import Sample, mean_normal
from lab.summary import BLOCK, Cells, join_configs, join_seeds, pooled, summarise, without_tail


def values(rows=3, seeds=2 * BLOCK + 77, key=0):
    rng = np.random.default_rng(key)
    return rng.standard_normal((rows, seeds)) * np.array([[1.0], [1e-9], [1e6]])[:rows] + 1.0


def summary(v, first=0):
    return summarise({"y": v}, np.ones((1, len(v), v.shape[1]), dtype=bool), first)


def same(a, b):
    assert a.seeds == b.seeds
    x, y = a.metrics["y"], b.metrics["y"]
    for left, right in ((x.total, y.total), (x.m2, y.m2), (a.diverged, b.diverged)):
        assert np.array_equal(left, right)
    for name in ("row", "key", "count", "lo", "hi"):
        assert np.array_equal(getattr(x.cells, name), getattr(y.cells, name))


def test_seeds_joined_in_blocks_give_the_very_numbers_of_one_run():
    v = values()
    parts = [summary(v[:, :BLOCK]), summary(v[:, BLOCK:], first=BLOCK)]
    same(join_seeds(parts), summary(v))


def test_a_run_extended_from_its_full_blocks_equals_the_longer_run():
    v = values()
    body = without_tail(summary(v[:, : BLOCK + 5]))
    same(join_seeds([body, summary(v[:, BLOCK:], first=BLOCK)]), summary(v))


def test_fewer_seeds_than_a_block_leave_nothing_to_extend():
    assert without_tail(summary(values(seeds=10))) is None


def test_configurations_joined_keep_their_own_rows():
    v = values(rows=3)
    alive = np.ones((1, 1, v.shape[1]), dtype=bool)
    parts = [((i,), summarise({"y": v[i : i + 1]}, alive, 0)) for i in (2, 0, 1)]
    joined = join_configs(parts, 3).metrics["y"]
    whole = summary(v).metrics["y"]
    assert np.array_equal(joined.total, whole.total)
    assert np.array_equal(joined.cells.lo, whole.cells.lo)


def test_mean_and_spread_survive_a_tiny_spread_on_a_large_mean():
    v = values()
    m = summary(v).metrics["y"]
    mean, m2 = pooled(m.total, m.m2, v.shape[1])
    assert mean == pytest.approx(v.mean(1), rel=1e-13)
    assert m2 / (v.shape[1] - 1) == pytest.approx(v.var(1, ddof=1), rel=1e-6)
    naive = (v[1] ** 2).sum() - v.shape[1] * v[1].mean() ** 2  # what sums of squares would have kept
    assert abs(naive / (v.shape[1] - 1) / v[1].var(ddof=1) - 1) > 0.5


def test_a_cell_is_four_tenths_of_a_percent_wide_and_knows_its_exact_ends():
    v = values(rows=1)
    cells = Cells.of(v)
    inside = (cells.lo > 0) | (cells.hi < 0)
    assert np.all(
        np.abs(cells.hi - cells.lo)[inside] <= 2.0**-8 * np.maximum(np.abs(cells.lo), np.abs(cells.hi))[inside]
    )
    assert cells.count.sum() == v.size
    assert cells.lo[0] == v.min()
    assert cells.hi[-1] == v.max()


def test_an_atom_is_kept_exactly():
    v = np.ones((1, 5000))
    v[0, :100] = -0.3
    lo, middle, hi = Cells.of(v).at_rank(2500, 1)
    assert lo[0] == middle[0] == hi[0] == 1.0


def test_negative_zero_and_nan_have_their_places():
    cells = Cells.of(np.array([[-0.0, 0.0, np.nan, np.inf]]))
    assert cells.count.tolist() == [2, 2]
    assert cells.lo.tolist() == [0.0, np.inf]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=60), st.data())
def test_the_ranked_value_lies_in_its_enclosure(numbers, data):
    v = np.array([numbers, numbers[::-1]])
    rank = data.draw(st.integers(1, len(numbers)))
    lo, middle, hi = Cells.of(v).at_rank(rank, 2)
    true = np.sort(v[0])[rank - 1]
    assert np.all((lo <= true) & (true <= hi) & (lo <= middle) & (middle <= hi))
    sample = Cells.of(v).sample(1)
    assert isinstance(sample, Sample)
    assert sample.n == len(numbers)


def test_a_diverged_block_makes_the_mean_infinite_and_the_interval_empty_of_news():
    v = values(rows=1)
    v[0, 5] = np.inf
    m = summary(v).metrics["y"]
    mean, m2 = pooled(m.total, m.m2, v.shape[1])
    assert np.isinf(mean[0])
    assert np.isinf(m2[0])
    limits = mean_normal(v.shape[1], mean, m2, 0.99)
    assert not np.isfinite(limits.high[0])

"""What is kept of many seeds: block sums and a histogram, merged exactly, so that who computed what cannot matter.

Seeds are cut into fixed blocks of 1,024. For each row (one configuration, step and coordinate of a metric) and block
the sum and the centred sum of squares are kept, added in one fixed tree. The histogram has a cell for each value of
the float64's top 20 bits (0.4% wide); a cell knows how many seeds fell in it and their exact least and greatest
value, so an atom, or a single seed, is kept exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lab.statistics import Sample

BLOCK = 1024
_LOW_BITS = 44  # 64 minus sign, 11 bits of exponent and 8 of mantissa

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """Histogram cells of many rows, sorted by (row, key). All arrays have one entry a cell."""

    row: Ints
    key: Ints
    count: Ints
    lo: Floats
    hi: Floats

    @classmethod
    def of(cls, values: Floats) -> Cells:
        """Return the cells of values `(R, S)`; NaN counts as +inf."""
        if values.shape[1] == 0:
            return _no_cells()
        values = _without_nan(values) + 0.0  # + 0.0 makes -0.0 a 0.0
        values.sort(axis=1)
        rows, seeds = values.shape
        bits = values.view(np.int64)
        key = (bits ^ ((bits >> 63) & np.int64(2**63 - 1))) >> _LOW_BITS
        new = np.ones((rows, seeds), dtype=bool)
        new[:, 1:] = key[:, 1:] != key[:, :-1]
        first = np.flatnonzero(new)
        last = np.append(first[1:], rows * seeds) - 1
        flat = values.ravel()
        return cls(first // seeds, key.ravel()[first], last - first + 1, flat[first], flat[last])

    @classmethod
    def merge(cls, parts: Sequence[Cells]) -> Cells:
        """Return the cells of the union of the seeds."""
        row, key, count, lo, hi = (
            np.concatenate([getattr(p, name) for p in parts]) for name in ("row", "key", "count", "lo", "hi")
        )
        order = np.lexsort((key, row))
        row, key, count, lo, hi = row[order], key[order], count[order], lo[order], hi[order]
        new = np.ones(len(row), dtype=bool)
        new[1:] = (row[1:] != row[:-1]) | (key[1:] != key[:-1])
        at = np.flatnonzero(new)
        if len(at) == len(row):
            return cls(row, key, count, lo, hi)
        least, greatest = np.minimum.reduceat(lo, at), np.maximum.reduceat(hi, at)
        return cls(row[at], key[at], np.add.reduceat(count, at), least, greatest)

    def shifted(self, rows: Ints) -> Cells:
        """Return the same cells with row i renamed rows[i]; `rows` must increase."""
        return Cells(rows[self.row], self.key, self.count, self.lo, self.hi)

    def sample(self, row: int) -> Sample:
        """Return one row's cells."""
        a, b = np.searchsorted(self.row, [row, row + 1])
        return Sample(self.lo[a:b], self.hi[a:b], self.count[a:b])

    def at_rank(self, rank: int, rows: int) -> tuple[Floats, Floats, Floats]:
        """Return each row's rank-th smallest value (rank from 1) as (lo, estimate, hi), each `(rows,)`."""
        total = np.cumsum(self.count)
        starts = np.searchsorted(self.row, np.arange(rows))
        base = np.where(starts > 0, total[starts - 1], 0)
        cell = np.searchsorted(total, base + rank)
        before = total[cell] - self.count[cell]
        part = (base + rank - before - 1) / np.maximum(self.count[cell] - 1, 1)
        lo, hi = self.lo[cell], self.hi[cell]
        with np.errstate(invalid="ignore"):
            inside = np.where(lo == hi, lo, lo + part * (hi - lo))
        return lo, inside, hi


@dataclass(frozen=True)
class MetricSummary:
    """One metric over seeds 0..n-1, R rows, B blocks.

    total, m2: sum and centred sum of squares of each block, `(R, B)`. full: cells of the full blocks. tail: cells of
    the last, partial one, which a longer run replaces.
    """

    total: Floats
    m2: Floats
    full: Cells
    tail: Cells

    @property
    def cells(self) -> Cells:
        """Return the cells of all seeds."""
        return Cells.merge([self.full, self.tail]) if len(self.tail.row) else self.full


@dataclass(frozen=True)
class Summary:
    """All metrics over seeds first..first+seeds-1; `first` is a multiple of the block.

    diverged: seeds whose x is no longer finite, for each block: `(H, K, B)`.
    """

    first: int
    seeds: int
    metrics: dict[str, MetricSummary]
    diverged: Ints


def summarise(values: dict[str, Floats], alive: npt.NDArray[np.bool_], first: int) -> Summary:
    """Return the summary of values `(R, S)` by metric, with alive `(H, K, S)`; the first seed is `first`."""
    seeds = alive.shape[-1]
    dead = np.add.reduceat(~alive, np.arange(0, seeds, BLOCK), axis=-1, dtype=np.int64)
    metrics = {name: _metric(v) for name, v in values.items()}
    return Summary(first, seeds, metrics, dead)


def _metric(values: Floats) -> MetricSummary:
    seeds = values.shape[1]
    cut = seeds - seeds % BLOCK
    full, tail = Cells.of(values[:, :cut]), Cells.of(values[:, cut:])
    padded = np.zeros((len(values), -(-seeds // BLOCK) * BLOCK))
    padded[:, :seeds] = _without_nan(values)
    blocks = padded.reshape(len(values), -1, BLOCK)
    total = _tree_sum(blocks)
    with np.errstate(invalid="ignore", over="ignore"):
        mean = total / block_sizes(seeds)
        centred = (blocks - mean[..., None]) ** 2
        centred.reshape(len(values), -1)[:, seeds:] = 0.0
        m2 = _tree_sum(centred)
    return MetricSummary(total, np.where(np.isnan(m2), np.inf, m2), full, tail)


def _without_nan(values: Floats) -> Floats:
    """Return values with NaN, a seed that was lost, as +inf."""
    lost = np.isnan(values)
    return np.where(lost, np.inf, values) if lost.any() else values


def _tree_sum(blocks: Floats) -> Floats:
    """Add the last axis (a power of two long) by halving: the same bits for any number of rows or blocks."""
    with np.errstate(invalid="ignore", over="ignore"):
        while blocks.shape[-1] > 1:
            half = blocks.shape[-1] // 2
            blocks = blocks[..., :half] + blocks[..., half:]
    return blocks[..., 0]


def block_sizes(seeds: int) -> Ints:
    """Return how many seeds each block holds, `(B,)`."""
    sizes = np.full(-(-seeds // BLOCK), BLOCK, dtype=np.int64)
    if seeds % BLOCK:
        sizes[-1] = seeds % BLOCK
    return sizes


def without_tail(summary: Summary) -> Summary | None:
    """Return the summary of the full blocks alone; None where there is none."""
    full = summary.seeds // BLOCK
    if full == 0:
        return None
    metrics = {
        name: MetricSummary(m.total[:, :full], m.m2[:, :full], m.full, _no_cells())
        for name, m in summary.metrics.items()
    }
    return Summary(summary.first, full * BLOCK, metrics, summary.diverged[..., :full])


def join_seeds(parts: Sequence[Summary]) -> Summary:
    """Return the summary of adjacent ranges of seeds; all but the last must end on a block's edge."""
    last = parts[-1].metrics
    metrics = {
        name: MetricSummary(
            np.concatenate([p.metrics[name].total for p in parts], axis=1),
            np.concatenate([p.metrics[name].m2 for p in parts], axis=1),
            Cells.merge([p.metrics[name].full for p in parts]),
            last[name].tail,
        )
        for name in last
    }
    diverged = np.concatenate([p.diverged for p in parts], axis=-1)
    return Summary(parts[0].first, sum(p.seeds for p in parts), metrics, diverged)


def join_configs(parts: Sequence[tuple[Sequence[int], Summary]], configs: int) -> Summary:
    """Return the summary of all configurations from parts that hold some; each part lists its own, in order."""
    some = parts[0][1]
    metrics = {}
    for name, like in some.metrics.items():
        per = len(like.total) // len(parts[0][0])  # rows a configuration
        total, m2 = (np.empty((configs * per, like.total.shape[1])) for _ in range(2))
        full, tail = [], []
        for which, part in parts:
            rows = (np.asarray(which)[:, None] * per + np.arange(per)).ravel()
            m = part.metrics[name]
            total[rows], m2[rows] = m.total, m.m2
            full.append(m.full.shifted(rows))
            tail.append(m.tail.shifted(rows))
        metrics[name] = MetricSummary(total, m2, Cells.merge(full), Cells.merge(tail))
    diverged = np.empty((configs, *some.diverged.shape[1:]), dtype=np.int64)
    for which, part in parts:
        diverged[list(which)] = part.diverged
    return Summary(some.first, some.seeds, metrics, diverged)


def _no_cells() -> Cells:
    none = np.empty(0, dtype=np.int64)
    return Cells(none, none, none, np.empty(0), np.empty(0))


def pooled(total: Floats, m2: Floats, seeds: int) -> tuple[Floats, Floats]:
    """Return (mean, centred sum of squares) over all blocks, each `(R,)`, by Chan's formula."""
    sizes = block_sizes(seeds)
    with np.errstate(invalid="ignore", over="ignore"):
        mean = total.sum(1) / seeds
        between = (sizes * (total / sizes - mean[:, None]) ** 2).sum(1)
        spread = m2.sum(1) + between
    return np.where(np.isnan(mean), np.inf, mean), np.where(np.isnan(spread), np.inf, spread)

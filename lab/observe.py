"""What a run shows of a prediction: a deterministic one by enclosures or values, another by limits over its seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np
import sympy as sp

from lab import bounds, statistics
from lab.bounds import Ends, Span
from lab.claim import Claim, Kind, Moment, Nonnegative, Prediction, Range, Variance
from lab.engine.enclose import enclose
from lab.engine.exact import exactly
from lab.engine.interval_ops import INTERVALS
from lab.engine.rational_ops import RATIONALS
from lab.errors import require
from lab.experiment import Experiment, record_steps
from lab.metrics import get_metric
from lab.simulate import summarise
from lab.statistics import Limits, Look, Sample
from lab.summary import BLOCK, MetricSummary

STEP_SYMBOL = "T"


@dataclass(frozen=True)
class Observed:
    """What a run says about the metric, its mean, or a probability, at each step of a prediction.

    at_once: limits that hold at all steps together; each: limits that hold at one step at a time. Equal where the
    arithmetic is exact. paths: at each step the recorded values that the bound reads.
    """

    at_once: tuple[Span, ...]
    each: tuple[Span, ...]
    predicted: tuple[Span, ...]
    method: str
    confidence: float
    seeds: int
    paths: tuple[Mapping[str, Span], ...] = ()


def relation_of(claim: Claim, prediction: Prediction) -> str:
    """Return how the prediction's metric stands to its bound."""
    by_kind = {Kind.UPPER: "<=", Kind.TIGHT: "<=", Kind.LOWER: ">=", Kind.DIVERGENCE: ">=", Kind.EXACT: "=="}
    return prediction.relation or by_kind[claim.kind]


def horizon(p: Prediction, t: int) -> int:
    """Return T at step t: the steps since the start, or since the step from which a change is counted."""
    return t - (p.since or 0)


def experiment_of(claim: Claim, p: Prediction) -> Experiment:
    """Return what is run for a prediction: every recorded step and metric that it or its bound reads.

    LabError for a vector metric where d > 1.
    """
    at = {*p.at, *(() if p.since is None else (p.since,))}
    exact = p.problem.n_draws == 0
    record = at if exact else at | set(record_steps("log", max(p.at)))
    read = dict.fromkeys([p.metric or claim.metric, *sorted(v for v in p.values.values() if isinstance(v, str))])
    for name in read:
        scalar = p.problem.dim == 1 or not get_metric(name).vector
        require(scalar, "verify", "metric", name, "a scalar metric where d > 1")
    return Experiment(
        problem=p.problem, optimizers=(p.optimizer,), steps=max(p.at), record=tuple(sorted(record)),
        metrics=tuple(read), key=p.key, start=p.start,
    )  # fmt: skip


Columns = Callable[[Prediction, list[str], tuple[int, ...]], dict[str, list[Span]]]


def observe_exactly(claim: Claim, p: Prediction) -> Observed:
    """Enclose the run of a deterministic problem, beside the claim's bound."""
    return _replayed(claim, p, INTERVALS.name, _enclosed)


def observe_in_rationals(claim: Claim, p: Prediction) -> Observed:
    """Compute the run of a deterministic problem exactly, beside the bound, which is exact where it is rational.

    Numbers that the problem computes in Python are the float64 that they are. LabError where the run leaves the
    rationals, or its numbers grow too long.
    """
    return _replayed(claim, p, RATIONALS.name, _exact)


def _replayed(claim: Claim, p: Prediction, method: str, columns: Columns) -> Observed:
    metric, *recorded = experiment_of(claim, p).metrics
    column = columns(p, [metric, *recorded], p.at if p.since is None else (p.since, *p.at))
    skip = 0 if p.since is None else 1
    level = column[metric][skip:]
    if p.since is not None:
        level = [_change(column[metric][0], e) for e in level]
    paths = {name: column[name][skip:] for name in recorded}
    read = tuple({k: v[i] for k, v in paths.items()} for i in range(len(p.at)))
    return beside(claim, p, Observed(tuple(level), tuple(level), (), method, 1.0, 1, read))


def _enclosed(p: Prediction, metrics: list[str], at: tuple[int, ...]) -> dict[str, list[Span]]:
    found = enclose(p.problem, [p.optimizer], metrics, at, start=p.start)
    flat = {name: (low.ravel().tolist(), high.ravel().tolist()) for name, (low, high) in found.items()}
    return {name: list(zip(low, high, strict=True)) for name, (low, high) in flat.items()}


def _exact(p: Prediction, metrics: list[str], at: tuple[int, ...]) -> dict[str, list[Span]]:
    found = exactly(p.problem, [p.optimizer], metrics, at, start=p.start)
    return {name: [(x, x) for x in values.ravel().tolist()] for name, values in found.items()}


def _change(before: Span, after: Span) -> Span:
    low, high = after[0] - before[1], after[1] - before[0]
    if isinstance(low, Fraction):
        return low, high
    return math.nextafter(low, -math.inf), math.nextafter(high, math.inf)


def beside(claim: Claim, p: Prediction, seen: Observed) -> Observed:
    """Return what was seen beside this claim's bound: a run need not be repeated for another bound."""
    bound = _rational_bound if seen.method == RATIONALS.name else bound_at
    return replace(seen, predicted=tuple(bound(claim, p, t, seen.paths[i]) for i, t in enumerate(p.at)))


def bound_at(claim: Claim, p: Prediction, t: int, paths: Mapping[str, Span]) -> Ends:
    """Enclose the bound at step t: unit quantities at 1, path-dependent symbols at their recorded values."""
    bound, values = _bound(claim, p, t, paths)
    return bounds.bounds(bound, {name: bounds.outward(v) if isinstance(v, tuple) else v for name, v in values.items()})


def _rational_bound(claim: Claim, p: Prediction, t: int, paths: Mapping[str, Span]) -> Span:
    """Return the bound at step t as the rational that it is, else enclosed."""
    value = bounds.exactly(*_bound(claim, p, t, paths))
    return bound_at(claim, p, t, paths) if value is None else (value, value)


def _bound(claim: Claim, p: Prediction, t: int, paths: Mapping[str, Span]) -> tuple[sp.Expr, dict[str, float | Span]]:
    values: dict[str, float | Span] = {q.symbol.name: 1.0 for q in claim.symbols if q.unit_value}
    for name, v in p.values.items():
        values[name] = paths[v] if isinstance(v, str) else v
    values[STEP_SYMBOL] = float(horizon(p, t))
    return claim.bound if p.bound is None else p.bound, values


@dataclass(frozen=True)
class Sampled:
    """The metric of a prediction over the seeds of a look; its limits can be had at any level."""

    claim: Claim
    prediction: Prediction
    look: Look
    record: tuple[int, ...]
    summary: MetricSummary

    @classmethod
    def run(cls, claim: Claim, p: Prediction, look: Look, store: str | Path | None, engine: str = "auto") -> Sampled:
        """Run the look's seeds, those that the store has not got."""
        require(
            not any(isinstance(v, str) for v in p.values.values()),
            "verify", "values", p.values, "numbers: a stochastic run's bound cannot read its path",
        )  # fmt: skip
        experiment = experiment_of(claim, p)
        made = summarise(experiment, look.seeds, store=store, engine=engine).summary
        return cls(claim, p, look, experiment.record, made.metrics[experiment.metrics[0]])

    @cached_property
    def bound(self) -> tuple[Ends, ...]:
        """Return the bound at each step."""
        return tuple(bound_at(self.claim, self.prediction, t, {}) for t in self.prediction.at)

    def limits(self, delta: float) -> list[Limits[float]]:
        """Return limits of what is predicted, at each step, each wrong with probability at most delta."""
        p = self.prediction
        if p.probability is not None:
            upper = relation_of(self.claim, p) == "<="
            return [_beyond(self._sample(t), b, upper, delta) for t, b in zip(p.at, self.bound, strict=True)]
        if p.since is None:
            return [self._mean(t, delta) for t in p.at]
        base = self._mean(p.since, delta / 2)
        pairs = [self._mean(t, delta / 2) for t in p.at]
        return [Limits(v.low - base.high, v.high - base.low, v.method, 1 - delta) for v in pairs]

    def observed(self) -> Observed:
        """Return the limits at the look's level, for each step and for all of them, beside what is predicted."""
        p, delta = self.prediction, self.look.delta
        each, together = self.limits(delta), self.limits(statistics.bonferroni(delta, len(p.at)))
        predicted = self.bound if p.probability is None else ((p.probability, p.probability),) * len(p.at)
        return Observed(_ends(together), _ends(each), predicted, each[0].method, 1 - delta, self.look.seeds)

    def _mean(self, t: int, delta: float) -> Limits[float]:
        known = self.prediction.certified
        match known:
            case Range():
                return statistics.bernstein(self._sample(t), known.low(t), known.high(t), delta)
            case Variance():
                return statistics.catoni(self._sample(t), known.variance(t), delta)
            case Moment():
                blocks = self.summary.total[self.record.index(t), : self.look.seeds // BLOCK] / BLOCK
                found = statistics.median_of_means(blocks, BLOCK, known.moment(t), delta, known.p)
                return Limits(float(found.low), float(found.high), found.method, found.confidence)
            case Nonnegative():
                return statistics.truncated_lower(self._sample(t), known.cap(t), delta)
            case None:
                return Limits(-math.inf, math.inf, "nothing certified", 1 - delta)

    def _sample(self, t: int) -> Sample:
        return self.summary.cells.sample(self.record.index(t))


def _beyond(sample: Sample, bound: Ends, upper: bool, delta: float) -> Limits[float]:
    """Return limits of P(Y > bound), or of P(Y < bound) where the bound is a lower one."""
    if not upper:
        sample, bound = Sample(-sample.hi[::-1], -sample.lo[::-1], sample.count[::-1]), (-bound[1], -bound[0])
    least, greatest = int(np.sum(sample.count[sample.lo > bound[1]])), int(np.sum(sample.count[sample.hi > bound[0]]))
    low = statistics.clopper_pearson(least, sample.n, delta).low
    high = statistics.clopper_pearson(greatest, sample.n, delta).high
    return Limits(low, high, "Clopper-Pearson", 1 - delta)


def _ends(found: list[Limits[float]]) -> tuple[Span, ...]:
    return tuple((v.low, v.high) for v in found)

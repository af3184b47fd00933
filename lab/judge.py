"""Comparing what a run showed with what a claim predicted: pure functions from intervals to a finding."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np

from lab import statistics
from lab.bounds import Span, outward
from lab.claim import Claim, Kind, Prediction
from lab.observe import Observed, Sampled, relation_of
from lab.statistics import Limits
from lab.verdict import Finding, Outcome


def judge(claim: Claim, p: Prediction, check: str, seen: Observed) -> Finding:
    """Compare what was seen with what was predicted, step by step."""
    outcome, i, reason = _decided(claim, p, seen)
    low, high = outward(seen.each[i])
    ratio = _ratio(seen.each[i], seen.predicted[i])
    slope, claimed = slopes(p, seen)
    return replace(
        undecided(claim, p, check, outcome, reason),
        step=p.at[i],
        predicted=_in_words(claim, p, seen.predicted[i]),
        observed=(low + high) / 2 if math.isfinite(low + high) else None,
        interval=(low, high),
        confidence=seen.confidence,
        tightness=None if math.isnan(ratio) or p.probability is not None else ratio,
        seeds=seen.seeds,
        curve=tuple(
            (float(t), *outward(e), *outward(b)) for t, e, b in zip(p.at, seen.each, seen.predicted, strict=True)
        ),
        slope=slope,
        claimed=claimed,
        unchecked=f"steps beyond {max(p.at)}, other instances{_certified(p)}",
    )


def _decided(claim: Claim, p: Prediction, seen: Observed) -> tuple[Outcome, int, str]:
    """Return the outcome, the index of the step that it is shown at, and why."""
    relation, method, steps = asked(claim, p), seen.method, len(p.at)
    shown = [_shows(relation, e, b, p.tolerance) for e, b in zip(seen.each, seen.predicted, strict=True)]
    denied = [denies(relation, e, b) for e, b in zip(seen.at_once, seen.predicted, strict=True)]
    if any(denied):
        i = denied.index(True)
        outcome = Outcome.REFUTED if seen.confidence == 1.0 else Outcome.VIOLATED
        return (
            outcome,
            i,
            f"{method}: not {relation} the bound at {sum(denied)} of {steps} steps, first at t = {p.at[i]}",
        )
    if not all(shown):
        reason = f"{method}: neither shown nor contradicted at {steps - sum(shown)} of {steps} steps"
        return Outcome.UNDECIDED, shown.index(False), reason + _first_contradicted(relation, seen)
    i = _closest(relation, seen.each, seen.predicted)
    reason = f"{method}: {relation} the bound at all {steps} steps"
    if claim.kind is Kind.TIGHT and relation == "<=" and seen.each[i][0] >= (1 - p.tolerance) * seen.predicted[i][1]:
        return Outcome.TIGHT, i, f"{reason}, and within {p.tolerance:.0%} of it at t = {p.at[i]}"
    return Outcome.HOLDS, i, reason


def asked(claim: Claim, p: Prediction) -> str:
    """Return the relation that is judged: a probability must not exceed its limit, whatever the bound's side."""
    return "<=" if p.probability is not None else relation_of(claim, p)


def denies(relation: str, e: Span, b: Span) -> bool:
    """Tell whether limits contradict a prediction."""
    above, below = e[0] > b[1], e[1] < b[0]
    return {"<=": above, ">=": below, "==": above or below}[relation]


def p_value(sampled: Sampled) -> float:
    """Return a p-value of the prediction at all its steps, from limits of any level."""
    p, relation = sampled.prediction, asked(sampled.claim, sampled.prediction)
    predicted = sampled.observed().predicted

    def excludes(delta: float) -> bool:
        found = sampled.limits(statistics.bonferroni(delta, len(p.at)))
        return any(denies(relation, (v.low, v.high), b) for v, b in zip(found, predicted, strict=True))

    return statistics.p_value(excludes)


def slopes(p: Prediction, seen: Observed) -> tuple[tuple[float, float] | None, float | None]:
    """Return limits of the log-log slope of what was seen, and that of what was predicted; None on a short window."""
    t = np.array(p.at, dtype=np.float64)
    low, high = np.array([outward(e) for e in seen.at_once]).T
    bound = np.array([outward(b) for b in seen.predicted]).mean(axis=1)
    wide = len(t) >= statistics.HORIZONS and t[0] > 0 and t[-1] >= 10**statistics.DECADES * t[0]
    if not wide or p.since is not None or p.probability is not None or low.min() <= 0 or not np.isfinite(high).all():
        return None, None
    found = statistics.slope_from_limits(t, Limits(low, high, seen.method, seen.confidence))
    claimed = float(statistics.log_weights(t) @ np.log(bound)) if bound.min() > 0 else None
    return (found.low, found.high), claimed


def _shows(relation: str, e: Span, b: Span, tolerance: float) -> bool:
    if relation == "<=":
        return e[1] <= b[0]
    if relation == ">=":
        return e[0] >= b[1]
    below, above = (_share(tolerance, x) for x in b)
    slack = below if below < above else above
    return e[0] >= b[1] - slack and e[1] <= b[0] + slack


def _share(rho: float, x: float | Fraction) -> float | Fraction:
    """Return rho |x|, exactly where x is exact: with rho = 0 a number equals only itself."""
    return rho * abs(x) if isinstance(x, float) else Fraction(rho) * abs(x)


def _ratio(e: Span, b: Span) -> float:
    """Return observed / predicted; NaN where the bound is 0 or nothing is known on one side."""
    middle = (b[0] + b[1]) / 2
    ratio = float((e[0] + e[1]) / 2 / middle) if middle else math.nan
    return ratio if math.isfinite(ratio) else math.nan


def _closest(relation: str, seen: tuple[Span, ...], predicted: tuple[Span, ...]) -> int:
    """Return the step at which the bound is tightest: by ratio, or by difference where a bound is not positive."""
    ratios = [_ratio(e, b) for e, b in zip(seen, predicted, strict=True)]
    if any(b[0] <= 0 for b in predicted) or any(math.isnan(r) for r in ratios):
        ends = [e[0] if relation == ">=" else e[1] for e in seen]
        ratios = [float(1 + e - (b[0] + b[1]) / 2) for e, b in zip(ends, predicted, strict=True)]
    slack = {"<=": [1 - r for r in ratios], ">=": [r - 1 for r in ratios], "==": [-abs(r - 1) for r in ratios]}
    return min(range(len(ratios)), key=slack[relation].__getitem__)


def _first_contradicted(relation: str, seen: Observed) -> str:
    """Return how much stronger a bound would have been contradicted, in words; empty where none would."""
    pairs = zip(seen.at_once, seen.predicted, strict=True)
    if relation == "<=":
        factors = [b[1] / e[0] for e, b in pairs if e[0] > 0 and b[1] > 0]
        return f"; a bound {float(min(factors)):.3g} times smaller would be contradicted" if factors else ""
    if relation == ">=":
        factors = [e[1] / b[0] for e, b in pairs if b[0] > 0 and 0 < e[1] < math.inf]
        return f"; a bound {float(min(factors)):.3g} times greater would be contradicted" if factors else ""
    return ""


def undecided(claim: Claim, p: Prediction, check: str, outcome: Outcome, reason: str) -> Finding:
    """Return the finding of a prediction that did not come to a comparison."""
    return Finding(
        check=check,
        subject=p.says,
        outcome=outcome,
        reason=reason,
        problem=p.problem.name,
        optimizer=p.optimizer.name,
        metric=p.metric or claim.metric,
    )


def _certified(p: Prediction) -> str:
    return f"; certified: {p.certified.why}" if p.certified else ""


def _in_words(claim: Claim, p: Prediction, b: Span) -> str:
    """Return what was predicted: "<= 0.5 since t = 10", or of a probability "P(> bound) <= 0.01"."""
    shown = f"{float(b[0] + b[1]) / 2:.6g}"
    if p.probability is not None:
        return f"P({'>' if relation_of(claim, p) == '<=' else '<'} bound) <= {shown}"
    return f"{relation_of(claim, p)} {shown}{'' if p.since is None else f' since t = {p.since}'}"

"""From a prediction to its finding: what must hold, what must break, and rates that must be attained.

A deterministic run is enclosed in outward-rounded interval arithmetic, so that "the bound holds at every step run" is a
proof about that run; where that leaves it open, at a tie say, it is repeated in exact rationals if it stays among them.
A stochastic one needs something certified about its metric (a range, a variance, a moment), from which limits of the
mean follow at a stated level, or speaks of a probability; its seeds are doubled until it is decided or the budget ends.
A contradiction found by statistics is repeated with a fresh key on the reference engine before it is called one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import sympy as sp

from lab import statistics
from lab.assumed import unmet
from lab.bounds import Span, bounds
from lab.claim import Claim, Family, Prediction
from lab.errors import LabError
from lab.judge import judge, p_value, undecided
from lab.observe import STEP_SYMBOL, Observed, Sampled, observe_exactly, observe_in_rationals
from lab.statistics import Limits, Look
from lab.verdict import Finding, Outcome

REPEAT_KEY = 2**63  # added to the key of a repeated run, so that it shares no draw with the first
OPEN = frozenset({Outcome.UNDECIDED})


def findings_of(claim: Claim, store: str | Path | None = None) -> Iterator[Finding]:
    """Yield the findings of every experiment of a claim."""
    yield from (check_prediction(claim, p, store) for p in claim.experiments)
    yield from (check_family(claim, f, store) for f in claim.attained)
    yield from (check_broken(claim, p, store) for p in claim.broken_by)


def check_prediction(claim: Claim, prediction: Prediction, store: str | Path | None = None) -> Finding:
    """Return whether a prediction holds on its instance."""
    missing = unmet(claim, prediction)
    if missing:
        return undecided(claim, prediction, "experiment", Outcome.NOT_APPLICABLE, f"needs {missing}")
    return _decide(claim, prediction, "experiment", store)


def check_broken(claim: Claim, prediction: Prediction, store: str | Path | None = None) -> Finding:
    """Return whether a run that must violate the bound does; a claim that nothing breaks is not verified."""
    finding = _decide(claim, prediction, "broken_by", store)
    outcome = Outcome.VIOLATED if finding.outcome is Outcome.REFUTED else finding.outcome
    return replace(finding, outcome=outcome, expected=frozenset({Outcome.VIOLATED}))


def check_family(claim: Claim, family: Family, store: str | Path | None = None) -> Finding:
    """Return whether a rate is attained: the ratio of the members' means to it stays put over the whole window."""
    pairs = sorted(((t, p) for p in family.members for t in p.at), key=lambda pair: pair[0])
    t = np.array([t for t, _ in pairs], dtype=np.float64)
    rate, neighbour = (np.array([_value(expr, p, s) for s, p in pairs]) for expr in (family.rate, family.neighbour))
    exact = all(p.problem.n_draws == 0 for p in family.members)
    looks = max(len(_looks(p, family.level)) for p in family.members)
    for j in range(1, looks + 1):
        level = family.level if looks == 1 else statistics.looks(family.level, j)
        ends = sorted(e for p in family.members for e in _at_once(claim, p, j, level / len(t), store))
        low, high = np.array([e for _, e in ends]).T
        seen = Limits(low, high, "", 1.0 if exact else 1 - level)
        test = statistics.rate_test(t, seen, rate, neighbour, family.rho)
        if test.outcome is not Outcome.UNDECIDED:
            break
    last = pairs[-1][1]
    scale = (low[-1] + high[-1]) / 2 / rate[-1]  # the rate's unknown constant, taken from the last horizon
    return replace(
        undecided(claim, replace(last, says=family.says), "attained", test.outcome, test.reason),
        predicted=f"a constant times {family.rate}",
        step=int(t[-1]),
        confidence=seen.confidence,
        seeds=_seeds(last, j),
        curve=tuple(zip(*(v.tolist() for v in (t, low, high, scale * rate, scale * rate)), strict=True)),
        slope=(test.slope.low, test.slope.high),
        claimed=test.claimed,
        unchecked=f"horizons outside {test.window[0]:g}..{test.window[1]:g}, other instances",
    )


def _at_once(claim: Claim, p: Prediction, j: int, delta: float, store: str | Path | None) -> list[tuple[int, Span]]:
    """Return (step, limits of the mean) at the j-th look of a family's member, each wrong with probability <= delta."""
    if p.problem.n_draws == 0:
        return list(zip(p.at, observe_exactly(claim, p).each, strict=True))
    found = Sampled.run(claim, p, Look(_seeds(p, j), delta), store).limits(delta)
    return [(t, (v.low, v.high)) for t, v in zip(p.at, found, strict=True)]


def _seeds(p: Prediction, j: int) -> int:
    """Return the seeds of the j-th look; of the last one where the budget does not reach so far."""
    plan = _looks(p, p.level)
    return plan[min(j, len(plan)) - 1].seeds


def _value(expr: sp.Expr, p: Prediction, t: int) -> float:
    known = {name: v for name, v in p.values.items() if not isinstance(v, str)}
    return float(np.mean(bounds(expr, known | {STEP_SYMBOL: float(t)})))


def _looks(p: Prediction, level: float) -> tuple[Look, ...]:
    """Return the looks of a prediction: one at the whole level, or as many as its budget allows."""
    return (Look(p.seeds, level),) if p.budget is None else statistics.planned_looks(p.seeds, p.budget, level)


def observed(claim: Claim, p: Prediction) -> Observed:
    """Return what a deterministic run shows: its enclosure, or, where that decides nothing, its rational values."""
    seen = observe_exactly(claim, p)
    if judge(claim, p, "experiment", seen).outcome is not Outcome.UNDECIDED:
        return seen
    try:
        return observe_in_rationals(claim, p)
    except LabError as error:
        return replace(seen, method=f"{seen.method} (rational arithmetic: {error})")


def _decide(claim: Claim, p: Prediction, check: str, store: str | Path | None) -> Finding:
    if p.problem.n_draws == 0:
        return judge(claim, p, check, observed(claim, p))
    if p.certified is None and p.probability is None:
        reason = "nothing is certified about the metric, so no finite sample bounds its mean"
        return undecided(claim, p, check, Outcome.UNDECIDED, reason)
    for look in _looks(p, p.level):
        seen = Sampled.run(claim, p, look, store)
        finding = judge(claim, p, check, seen.observed())
        if finding.outcome is not Outcome.UNDECIDED:
            break
    return _repeated(finding, seen) if finding.outcome is Outcome.VIOLATED else finding


def _repeated(finding: Finding, first: Sampled) -> Finding:
    """Return a violation as such where a second run, with a fresh key on the reference engine, shows it too.

    The two runs are independent, so that P(both p-values <= x) <= x^2 if the prediction is true.
    """
    p = first.prediction
    again = replace(p, key=p.key + REPEAT_KEY)
    second = Sampled.run(first.claim, again, first.look, None, engine="reference")
    if judge(first.claim, again, finding.check, second.observed()).outcome is not Outcome.VIOLATED:
        return replace(finding, outcome=Outcome.UNDECIDED, reason="a violation that a second run did not repeat")
    spent = p.level / first.look.delta  # looks share the level: their p-values count for that many
    both = min(1.0, spent * max(p_value(first), p_value(second))) ** 2
    why = f"{finding.reason}; so does a second run with a fresh key, on the reference engine"
    return replace(finding, reason=why, p_value=both)

"""The search for a counterexample, which comes before every proof.

Sobol points, random points and corners of the domains, then descent from the lowest gaps; all in float64, and believed
only after the gap at a nearby point of small rationals has been found to have the wrong sign in exact arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.stats import qmc

from lab.bounds import NotEnclosable, context, enclose
from proofs_check.exact import exact_value, sign_at, thin
from proofs_check.goal import Condition, Goal, Point, Span

Array = NDArray[np.float64]
_SOBOL, _RANDOM, _CORNERS, _SEEDS, _ROUNDS, _SUSPECTS = 1024, 512, 512, 4, 24, 12
_DENOMINATORS = (1, 2, 5, 10, 100, 10**4, 10**8, 10**15)
_SMALL = tuple(map(sp.Rational, ("0", "1", "2", "3", "1/2", "10", "1/10")))
_FUZZ = 1e-9  # relative size of a gap below which float64 does not tell its sign


@dataclass(frozen=True)
class Search:
    """The outcome: a confirmed counterexample, or none; a point of the hypotheses with real sides, or none found."""

    counterexample: Point | None = None
    witness: Point | None = None
    tried: int = 0


@dataclass
class _Numeric:
    """The goal compiled for numpy, on points u of the unit cube."""

    goal: Goal
    names: list[sp.Symbol] = field(init=False)

    def __post_init__(self) -> None:
        self.names = list(self.goal.spans)
        self._spans = [self.goal.spans[x] for x in self.names]
        sides = [sp.sympify(self.goal.lhs), sp.sympify(self.goal.rhs), self.goal.gap.expr]
        self._sides = _compiled(self.names, sides)
        self._ground = _compiled(self.names, [c.expr for c in self.goal.hypotheses])

    def points(self, u: Array) -> Array:
        """Map the unit cube onto the domains, `(N, n)`."""
        columns = [_stretch(u[:, i], span) for i, span in enumerate(self._spans)]
        return np.stack(columns, axis=1) if columns else np.zeros((len(u), 0))

    def gap(self, x: Array) -> Array:
        """Return the gap over the size of its sides, -inf where a side is not real, +inf outside the hypotheses."""
        with np.errstate(all="ignore"):
            lhs, rhs, gap = (np.broadcast_to(_real(v), len(x)) for v in self._sides(*x.T))
            finite = np.isfinite(lhs) & np.isfinite(rhs)
            relative = np.where(finite, np.nan_to_num(gap / (np.abs(lhs) + np.abs(rhs) + 1e-300)), -np.inf)
            if self.goal.relation == "==":
                relative = -np.abs(relative)
            inside = np.all([_within(x[:, i], span) for i, span in enumerate(self._spans)], axis=0)
            for c, v in zip(self.goal.hypotheses, self._ground(*x.T), strict=True):
                v = _real(v)
                met = {">": v > 0, ">=": v >= 0, "==": v == 0}[c.relation]
                inside &= np.broadcast_to(met, len(x))
        return np.where(inside, relative, np.inf)


def _real(values: Any) -> Any:
    """Return numbers with NaN in place of those that are not real."""
    return np.where(np.imag(values) == 0, np.real(values), np.nan) if np.iscomplexobj(values) else values


def _compiled(names: list[sp.Symbol], exprs: list[sp.Expr]) -> Callable[..., list[Any]]:
    function: Callable[..., list[Any]] = sp.lambdify(names, exprs, modules="numpy")
    return function


def _stretch(u: Array, span: Span) -> Array:
    """Map (0, 1) onto a span so that small, large and near-the-end values all occur."""
    low, high = (float(e) for e in (span.low, span.high))
    if np.isfinite(low) and np.isfinite(high):
        ends = 0.5 * 10.0 ** (-12 * np.abs(2 * u - 1) ** 6)  # half the width in the middle, 1e-12 of it at the ends
        near = np.minimum(np.minimum(u, 1 - u), ends)
        x = np.where(u < 0.5, low + (high - low) * near, high - (high - low) * near)
    elif np.isfinite(low) or np.isfinite(high):
        size = 10.0 ** (12 * (u - 0.5) * np.abs(2 * u - 1) ** 0.5) * (u > 0)
        x = low + size if np.isfinite(low) else high - size
    else:
        x = np.sign(u - 0.5) * 10.0 ** (12 * (np.abs(2 * u - 1) - 0.5))
    return np.clip(np.floor(x) if span.integer else x, low, high)


def _within(x: Array, span: Span) -> NDArray[np.bool_]:
    above = x > float(span.low) if span.low_open else x >= float(span.low)
    below = x < float(span.high) if span.high_open else x <= float(span.high)
    return above & below


def _cube(n: int) -> Array:
    """Return the starting points in the unit cube: low-discrepancy, random, and near corners. The same every time."""
    rng = np.random.default_rng(20180430)
    sobol = qmc.Sobol(n, scramble=False).random(_SOBOL)
    levels = np.array([0.0, 0.01, 0.2, 0.5, 0.8, 0.99, 1.0])
    corners = levels[rng.integers(0, len(levels), (_CORNERS, n))]
    ends = levels[[0, 3, -1]][rng.integers(0, 3, (_CORNERS, n))]
    return np.concatenate([ends, corners, sobol, rng.random((_RANDOM, n))])


def _descend(numeric: _Numeric, u: Array) -> Iterator[tuple[float, Array]]:
    """Coordinate search from u towards a smaller gap, yielding each improvement."""
    step, best = 0.1, float(numeric.gap(numeric.points(u[None]))[0])
    for _ in range(_ROUNDS):
        moves = np.concatenate([np.eye(len(u)), -np.eye(len(u))]) * step
        trial = np.clip(u + moves, 0.0, 1.0)
        gaps = numeric.gap(numeric.points(trial))
        i = int(np.argmin(gaps))
        if gaps[i] < best:
            u, best = trial[i], float(gaps[i])
            yield best, u
        else:
            step *= 0.5


def search(goal: Goal) -> Search:
    """Look for a point at which the goal fails; it is exact where one is returned."""
    numeric = _Numeric(goal)
    if not numeric.names:
        return _constant(goal)
    u = _cube(len(numeric.names))
    x = numeric.points(u)
    gaps = numeric.gap(x)
    feasible = np.flatnonzero(np.isfinite(gaps) | np.isneginf(gaps))
    real = np.flatnonzero(np.isfinite(gaps))
    witness = next((p for i in real[:64] if (p := _confirm_ground(goal, numeric, x[i])) is not None), None)
    order = feasible[np.argsort(gaps[feasible], kind="stable")]
    lowest = order[np.isfinite(gaps[order])]
    candidates = [(float(gaps[i]), x[i]) for i in (*order[:_SEEDS], *lowest[: 2 * _SEEDS])]
    for i in lowest[:_SEEDS]:
        candidates += [(g, numeric.points(v[None])[0]) for g, v in _descend(numeric, u[i])][-1:]
    tried = len(x) + _SEEDS * _ROUNDS * 2 * len(numeric.names)
    limit = 1e-12 if goal.gap.relation == ">" else -_FUZZ
    suspects = {point.tobytes(): point for gap, point in sorted(candidates, key=lambda c: c[0]) if gap <= limit}
    for point in list(suspects.values())[:_SUSPECTS]:
        if (found := _simplest(goal, numeric.names, point)) is not None:
            return Search(found, found, tried)
    return Search(None, witness, tried)


def _constant(goal: Goal) -> Search:
    bad = violates(goal, {})
    return Search({} if bad else None, {}, 1)


def _rational(point: Array, names: list[sp.Symbol], denominator: int) -> Point:
    near = [Fraction(float(v)).limit_denominator(denominator) for v in point]
    return {x: sp.Rational(f.numerator, f.denominator) for x, f in zip(names, near, strict=True)}


def _simplest(goal: Goal, names: list[sp.Symbol], point: Array) -> Point | None:
    """Return the point with the smallest denominators, near this one, that is a counterexample exactly."""
    if not np.all(np.isfinite(point)):
        return None
    for denominator in _DENOMINATORS:
        candidate = _rational(point, names, denominator)
        if violates(goal, candidate):
            return _tidied(goal, candidate)
    return None


def _tidied(goal: Goal, point: Point) -> Point:
    """Replace coordinates by small numbers, one after the other, as long as the goal still fails."""
    for x in point:
        for value in _SMALL:
            if violates(goal, tidier := {**point, x: value}):
                point = tidier
                break
    return point


def _confirm_ground(goal: Goal, numeric: _Numeric, point: Array) -> Point | None:
    candidate = _rational(point, numeric.names, 10**15)
    return candidate if admissible(goal, candidate) else None


def admissible(goal: Goal, point: Point) -> bool:
    """Tell, exactly, whether a rational point lies in every domain and meets every hypothesis."""
    inside = all(span.contains(point[x]) for x, span in goal.spans.items())
    return inside and all(_holds(c, point) is True for c in goal.hypotheses)


def violates(goal: Goal, point: Point) -> bool:
    """Tell, exactly, whether the goal fails at an admissible rational point, or has no real value there."""
    if not admissible(goal, point):
        return False
    return _holds(goal.gap, point) is False or not _is_real(goal, point)


def _holds(condition: Condition, point: Point) -> bool | None:
    sign = sign_at(condition.expr, point)
    if sign is None:
        return None
    return {"==": sign == 0, ">=": sign >= 0, ">": sign > 0}[condition.relation]


def _is_real(goal: Goal, point: Point) -> bool:
    """Tell whether both sides have a real value: False only where algebra says that one has none."""
    iv = context()
    try:
        for side in (goal.lhs, goal.rhs):
            enclose(sp.sympify(side), {x: thin(v, iv) for x, v in point.items()}, iv)
    except NotEnclosable:
        sides = (exact_value(sp.sympify(side), point) for side in (goal.lhs, goal.rhs))
        return not any(side is not None and side.has(sp.nan, sp.zoo, sp.oo, sp.I) for side in sides)
    return True

"""How a goal is decided: first a counterexample, then engines that do not trust each other, until two agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sympy as sp

from lab.bounds import NotEnclosable, context, enclose
from lab.verdict import Finding, Outcome
from proofs_check import balls, certificate, coverings, evaluate, falsify, intervals, smt, symbolic
from proofs_check.defined import undefined
from proofs_check.exact import exact_value, thin
from proofs_check.goal import Answer, Condition, Goal, Point, eliminated
from proofs_check.roots import generalise, with_log_facts
from proofs_check.units import choose_units

Engine = Callable[[Goal], Answer]
ENGINES: tuple[Engine, ...] = (
    evaluate.decide, certificate.decide, smt.decide, balls.decide, symbolic.decide, intervals.decide, coverings.decide,
)  # fmt: skip
_ENOUGH = 2
_LONG = 60  # operations: a longer hypothesis is compared as it stands


@dataclass(frozen=True)
class Decision:
    """What was found out about one goal."""

    outcome: Outcome
    reason: str
    engines: tuple[str, ...] = ()
    counterexample: Mapping[str, str] = field(default_factory=dict)
    unchecked: tuple[str, ...] = ()


def decide(goal: Goal, engines: Sequence[Engine] = ENGINES) -> Decision:
    """Return PROVED where two engines agree, PROVED_BY_ONE, REFUTED with an exact point, or UNDECIDED."""
    if any(_same(goal.gap, h) for h in goal.hypotheses):
        return Decision(Outcome.UNDECIDED, f"{goal} is one of the step's own hypotheses, so that it shows nothing")
    small = choose_units(eliminated(goal))
    general = generalise(small)
    has_sums = any(sp.sympify(side).has(sp.Sum) for side in (small.lhs, small.rhs))
    found = falsify.search(general if has_sums else small)
    if found.counterexample is not None and not has_sums:
        return _refuted(small, found.counterexample)
    if found.witness is None:
        none = f"no point was found that meets the hypotheses of {goal} and gives both sides a real value"
        return Decision(Outcome.UNDECIDED, none)
    proofs: list[Answer] = []
    if len(general.spans) == 1 and not general.gap.expr.has(sp.log):  # a sum of roots is slow to square away
        engines = sorted(engines, key=lambda engine: engine is symbolic.decide)
    for engine in engines:
        answer = engine(general)
        if answer.said == "refuted" and general is small and falsify.violates(small, answer.point):
            return _refuted(small, answer.point)
        proofs += [answer] if answer.said == "proved" else []
        if len(proofs) == _ENOUGH:
            break
    if len(proofs) < _ENOUGH and (informed := with_log_facts(general)) is not general:
        for engine in (certificate.decide, smt.decide, coverings.decide):
            answer = engine(informed)
            if answer.said == "proved" and answer.engine not in [p.engine for p in proofs]:
                proofs.append(replace(answer, how=f"{answer.how}, with what is known of logarithms"))
    return _weigh(goal, proofs, found.tried, undefined(general) if proofs else ())


def _same(a: Condition, b: Condition) -> bool:
    """Tell whether two conditions are one, up to a positive number: a step must not assume what it shows."""
    if a.expr.free_symbols != b.expr.free_symbols:
        return False
    ratio = sp.cancel(a.expr / b.expr) if sp.count_ops(a.expr) < _LONG else a.expr / b.expr
    either_way = ratio.is_negative and a.relation == b.relation == "=="
    return bool(ratio.is_Number and (ratio > 0 or either_way) and (a.relation == b.relation or b.relation == ">"))


def _weigh(goal: Goal, proofs: list[Answer], tried: int, unchecked: tuple[str, ...]) -> Decision:
    if not proofs:
        return Decision(Outcome.UNDECIDED, f"no engine settles {goal}; no counterexample among {tried} points")
    outcome = Outcome.PROVED if len(proofs) >= _ENOUGH else Outcome.PROVED_BY_ONE
    how = "; ".join(f"{a.engine}: {a.how}" for a in proofs)
    return Decision(outcome, how, tuple(a.engine for a in proofs), unchecked=unchecked)


def _refuted(goal: Goal, point: Point) -> Decision:
    """Say where the goal fails, with both sides re-evaluated in interval arithmetic."""
    numbers = {str(x): str(v) for x, v in point.items()}
    at = ", ".join(f"{x} = {v}" for x, v in numbers.items()) or "once and for all"
    left, right = (_interval(sp.sympify(side), point) for side in (goal.lhs, goal.rhs))
    reason = f"false at {at}: {goal.lhs} is {left}, {goal.rhs} is {right}, and not {goal.relation}"
    return Decision(Outcome.REFUTED, reason, ("exact counterexample",), numbers)


def _interval(expr: sp.Expr, point: Point) -> str:
    """Return the value: exact where it is rational and short, else an interval that contains it."""
    iv = context(100)
    try:
        value = enclose(expr, {x: thin(v, iv) for x, v in point.items()}, iv)
    except NotEnclosable:
        return "not a real number"
    exact = exact_value(expr, point)
    if exact is not None and exact.is_Rational and max(abs(exact.p), exact.q) < 2**60:
        return str(exact)
    return f"in [{sp.Float(value.a.mid, 20)}, {sp.Float(value.b.mid, 20)}]"


def settle(says: str, goals: Sequence[Goal], engines: Sequence[Engine] = ENGINES) -> Finding:
    """Return the finding on a step that holds where all its goals do: its outcome is that of the weakest."""
    decisions = [decide(goal, engines) for goal in goals]
    order = (Outcome.REFUTED, Outcome.UNDECIDED, Outcome.PROVED_BY_ONE, Outcome.PROVED)
    weakest = min(decisions, key=lambda d: order.index(d.outcome))
    names = weakest.engines
    if weakest.outcome is Outcome.PROVED:
        names = tuple(dict.fromkeys(name for d in decisions for name in d.engines))
    missing = tuple(dict.fromkeys(text for d in decisions for text in d.unchecked))
    return Finding(
        check="step",
        subject=says,
        outcome=weakest.outcome,
        reason=weakest.reason,
        engines=names,
        counterexample=weakest.counterexample,
        confidence=None if weakest.outcome is Outcome.UNDECIDED else 1.0,
        unchecked=f"that {', '.join(missing)}" if missing else "",
    )

"""What the engines are asked: does a relation hold at every point of the domains at which the hypotheses hold?

A Goal keeps both sides apart (`sp.Eq(x, x)` collapses to True and would hide what was said). An engine reads
`goal.gap` (what must be >= 0, > 0 or == 0), `goal.spans` and `goal.hypotheses`, and returns an Answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

import sympy as sp

from lab.claim import Quantity
from lab.errors import LabError, unknown

Relation = Literal["==", "<=", "<", ">=", ">"]
RELATIONS: tuple[Relation, ...] = ("==", "<=", "<", ">=", ">")
Said = Literal["proved", "refuted", "open"]
Point = Mapping[sp.Symbol, sp.Expr]

REAL = sp.Reals
POSITIVE = sp.Interval.open(0, sp.oo)
NONNEGATIVE = sp.Interval(0, sp.oo)
FRACTION = sp.Interval.open(0, 1)
FRACTION0 = sp.Interval.Ropen(0, 1)
COUNT = sp.Naturals
COUNT0 = sp.Naturals0


class Condition(NamedTuple):
    """`expr` compared with 0."""

    expr: sp.Expr
    relation: Literal["==", ">=", ">"]


@dataclass(frozen=True)
class Span:
    """The values of one symbol: an interval of reals, or the integers in it."""

    low: sp.Expr
    high: sp.Expr
    low_open: bool = False
    high_open: bool = False
    integer: bool = False

    @classmethod
    def of(cls, domain: sp.Set) -> Span:
        """Return the span of a sympy set; LabError where it is neither an interval nor a run of integers."""
        if domain == sp.Integers:
            return cls(-sp.oo, sp.oo, integer=True)
        if isinstance(domain, sp.Range) and domain.step == 1:
            return cls(domain.inf, domain.sup, integer=True)
        if domain in (sp.Naturals, sp.Naturals0):
            return cls(domain.inf, sp.oo, integer=True)
        if isinstance(domain, sp.Interval) and all(e.is_Rational or e.is_infinite for e in domain.args[:2]):
            return cls(domain.start, domain.end, bool(domain.left_open), bool(domain.right_open))
        if domain == sp.Reals:
            return cls(-sp.oo, sp.oo)
        raise LabError(f"a symbol's domain must be an interval with rational ends or a run of integers, got {domain}")

    def conditions(self, x: sp.Expr) -> tuple[Condition, ...]:
        """Return what it means for x to lie inside, integrality left out."""
        below = () if self.low.is_infinite else (Condition(x - self.low, ">" if self.low_open else ">="),)
        above = () if self.high.is_infinite else (Condition(self.high - x, ">" if self.high_open else ">="),)
        return below + above

    def contains(self, value: sp.Expr) -> bool:
        """Tell whether a rational lies inside."""
        fits = value.is_integer or not self.integer
        return bool(fits) and all(c.expr > 0 or (c.relation == ">=" and c.expr == 0) for c in self.conditions(value))

    @property
    def scale_free(self) -> bool:
        """Tell whether multiplying by any positive number maps the span onto itself."""
        return not self.integer and all(end.is_infinite or end == 0 for end in (self.low, self.high))


@dataclass(frozen=True)
class Answer:
    """What one engine found. `point` is its counterexample, not yet confirmed; `how` is one sentence."""

    engine: str
    said: Said
    how: str = ""
    point: Point = field(default_factory=dict)


def as_conditions(relation: sp.Basic) -> tuple[Condition, ...]:
    """Return a sympy relation as conditions; |e| <= c, Max(..) <= c and Min(..) >= c become one for each part."""
    match relation:
        case sp.Eq():
            return (Condition(relation.lhs - relation.rhs, "=="),)
        case sp.Ge() | sp.Gt():
            large, small = relation.lhs, relation.rhs
        case sp.Le() | sp.Lt():
            large, small = relation.rhs, relation.lhs
        case _:
            raise LabError(f"a hypothesis must be a sympy relation with ==, <=, <, >= or >, got {relation}")
    strict: Literal[">=", ">"] = ">" if isinstance(relation, sp.Gt | sp.Lt) else ">="
    below = small.args if isinstance(small, sp.Max) else (small,)
    below = (small.args[0], -small.args[0]) if isinstance(small, sp.Abs) else below
    above = large.args if isinstance(large, sp.Min) else (large,)
    return tuple(Condition(hi - lo, strict) for hi in above for lo in below)


@dataclass(frozen=True, eq=False)
class Goal:
    """lhs `relation` rhs, for all values of the quantities `over` at which `where` holds."""

    lhs: sp.Expr
    relation: Relation
    rhs: sp.Expr
    over: tuple[Quantity, ...] = ()
    where: tuple[sp.Basic, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an unknown relation or symbol, numbers that are not exact, and domains that belie assumptions."""
        if self.relation not in RELATIONS:
            raise unknown("relation", self.relation, RELATIONS)
        declared = {q.symbol for q in self.over}
        used = set().union(*(sp.sympify(e).free_symbols for e in (self.lhs, self.rhs, *self.where)))
        if missing := sorted(str(x) for x in used - declared):
            raise LabError(f"{self}: undeclared symbol {missing[0]!r} (declared: {sorted(map(str, declared))})")
        for side in (self.lhs, self.rhs, *self.where):
            _check_numbers(sp.sympify(side), str(self))
        for quantity in self.over:
            _check_assumptions(quantity)

    def __str__(self) -> str:
        return f"{self.lhs} {self.relation} {self.rhs}"

    @cached_property
    def gap(self) -> Condition:
        """What must hold: rhs - lhs or lhs - rhs against 0."""
        lhs, rhs = sp.sympify(self.lhs), sp.sympify(self.rhs)
        if self.relation == "==":
            return Condition(lhs - rhs, "==")
        strict = self.relation in ("<", ">")
        return Condition(rhs - lhs if self.relation in ("<=", "<") else lhs - rhs, ">" if strict else ">=")

    @cached_property
    def spans(self) -> dict[sp.Symbol, Span]:
        """The span of each symbol that occurs."""
        used = sp.Tuple(self.lhs, self.rhs, *(c.expr for c in self.hypotheses)).free_symbols
        return {q.symbol: Span.of(q.domain) for q in self.over if q.symbol in used}

    @cached_property
    def hypotheses(self) -> tuple[Condition, ...]:
        """The conditions of `where`; those that are always true are left out, one that is never true is an error."""
        if any(w == sp.false for w in self.where):
            raise LabError(f"{self}: a hypothesis is never true, so the step would say nothing")
        return tuple(c for w in self.where if w != sp.true for c in as_conditions(w))

    @cached_property
    def ground(self) -> tuple[Condition, ...]:
        """Everything that may be assumed: the spans' ends and the hypotheses."""
        return tuple(c for x, span in self.spans.items() for c in span.conditions(x)) + self.hypotheses


def _check_numbers(expr: sp.Basic, where: str) -> None:
    """Refuse numbers that are not exact, or not real."""
    if floats := expr.atoms(sp.Float):
        raise LabError(f"{where}: {min(floats)} is rounded; write an exact number, e.g. sp.Rational('0.1')")
    if expr.has(sp.I, sp.zoo, sp.nan):
        raise LabError(f"{where}: {expr} is not a real number")


def _check_assumptions(quantity: Quantity) -> None:
    """sympy simplifies with a symbol's assumptions, so they must follow from the domain that the claim states."""
    x, span = quantity.symbol, Span.of(quantity.domain)
    positive = span.low > 0 or (span.low == 0 and span.low_open)
    implied = {"positive": positive, "nonnegative": span.low >= 0, "integer": span.integer, "real": True}
    stated = {"positive": x.is_positive, "nonnegative": x.is_nonnegative, "integer": x.is_integer, "real": x.is_real}
    for name, value in stated.items():
        if value and not implied[name]:
            raise LabError(f"symbol {x} is assumed {name}, which its domain {quantity.domain} does not imply")


def eliminated(goal: Goal) -> Goal:
    """Return the goal with x replaced by expr for each hypothesis `x == expr`, whose domain becomes a hypothesis."""
    for w in goal.where:
        if isinstance(w, sp.Eq) and w.lhs.is_Symbol and w.lhs not in w.rhs.free_symbols:
            x, e = w.lhs, w.rhs
            kept = tuple(q for q in goal.over if q.symbol != x)
            span = next(Span.of(q.domain) for q in goal.over if q.symbol == x)
            ends = tuple(sp.Gt(c.expr, 0) if c.relation == ">" else sp.Ge(c.expr, 0) for c in span.conditions(e))
            where = tuple(v.subs(x, e) for v in goal.where if v is not w) + ends
            lhs, rhs = (sp.sympify(side).subs(x, e) for side in (goal.lhs, goal.rhs))
            return eliminated(Goal(lhs, goal.relation, rhs, kept, where))
    return goal

"""The steps of which proofs are made. Each says what it claims, keeps its sides apart, and checks itself.

A step stands for one or more goals, which `proofs_check.settle` decides. `over` are the quantities that occur, the
claim's own and those of this step; `where` are the hypotheses. What joins the steps into a proof is what they say, and
the reader.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import lcm

import sympy as sp

from lab.claim import PURE, Quantity, Units
from lab.errors import LabError
from lab.verdict import Finding, Outcome
from proofs_check import asymptotics
from proofs_check.goal import POSITIVE, Goal, Relation, Span
from proofs_check.settle import settle
from proofs_check.units import UnitsError, exponents, show, units_of

Over = tuple[Quantity, ...]
Where = tuple[sp.Basic, ...]
Conclusion = tuple[sp.Expr, Relation, sp.Expr]
_EXPONENTS = "exponents"


class Algebra(ABC):
    """A step that algebra settles."""

    says: str

    @abstractmethod
    def goals(self) -> tuple[Goal, ...]:
        """Return the goals that together make the step."""

    @abstractmethod
    def concludes(self) -> Conclusion:
        """Return what the step shows: (lhs, relation, rhs)."""

    def check(self) -> Finding:
        """Return what the engines found."""
        return settle(self.says, self.goals())


@dataclass(frozen=True, eq=False)
class Inequality(Algebra):
    """lhs `relation` rhs wherever the hypotheses hold."""

    says: str
    lhs: sp.Expr
    relation: Relation
    rhs: sp.Expr
    over: Over = ()
    where: Where = ()

    def goals(self) -> tuple[Goal, ...]:
        """Return the one goal."""
        return (Goal(self.lhs, self.relation, self.rhs, self.over, self.where),)

    def concludes(self) -> Conclusion:
        """Return the inequality."""
        return self.lhs, self.relation, self.rhs


@dataclass(frozen=True, eq=False)
class Identity(Algebra):
    """lhs == rhs wherever the hypotheses hold."""

    says: str
    lhs: sp.Expr
    rhs: sp.Expr
    over: Over = ()
    where: Where = ()

    def goals(self) -> tuple[Goal, ...]:
        """Return the one goal."""
        return (Goal(self.lhs, "==", self.rhs, self.over, self.where),)

    def concludes(self) -> Conclusion:
        """Return the identity."""
        return self.lhs, "==", self.rhs


@dataclass(frozen=True, eq=False)
class Chain(Algebra):
    """A chain as a paper prints it, e.g. (e0, "<=", e1, "==", e2): every link is checked, e0 <= e2 is concluded."""

    says: str
    links: tuple[sp.Expr | Relation, ...]
    over: Over = ()
    where: Where = ()

    def goals(self) -> tuple[Goal, ...]:
        """Return one goal a link."""
        pairs = zip(pairwise(self.links[0::2]), self.links[1::2], strict=True)
        return tuple(Goal(a, relation, b, self.over, self.where) for (a, b), relation in pairs)

    def concludes(self) -> Conclusion:
        """Return first and last expression; LabError where the links point both ways."""
        seen = set(self.links[1::2])
        for relations in (("==",), ("<=", "<"), (">=", ">")):
            if seen <= {"==", *relations}:
                return self.links[0], relations[-1] if relations[-1] in seen else relations[0], self.links[-1]
        raise LabError(f"chain {self.says!r}: the relations {sorted(map(str, seen))} do not point one way")


@dataclass(frozen=True, eq=False)
class Optimum(Algebra):
    """`value` is the smallest (or the `largest`) value of `expr` over the domain of `symbol`, taken at `at`."""

    says: str
    expr: sp.Expr
    symbol: sp.Symbol
    at: sp.Expr
    value: sp.Expr
    over: Over = ()
    where: Where = ()
    largest: bool = False

    def goals(self) -> tuple[Goal, ...]:
        """Return that `at` is allowed, that the value is taken there, and that no other is smaller (larger)."""
        span = next(Span.of(q.domain) for q in self.over if q.symbol == self.symbol)
        zero = sp.Integer(0)
        allowed = (Goal(c.expr, c.relation, zero, self.over, self.where) for c in span.conditions(self.at))
        taken = Goal(self.expr.subs(self.symbol, self.at), "==", self.value, self.over, self.where)
        return (*allowed, taken, Goal(*self.concludes(), self.over, self.where))

    def concludes(self) -> Conclusion:
        """Return the value at the optimum."""
        return self.expr, "<=" if self.largest else ">=", self.value


@dataclass(frozen=True, eq=False)
class Monotone(Algebra):
    """`expr` grows (does not fall) with `symbol`, or `falls` (does not grow): from one integer to the next, or by its
    derivative."""

    says: str
    expr: sp.Expr
    symbol: sp.Symbol
    over: Over = ()
    where: Where = ()
    falls: bool = False

    def goals(self) -> tuple[Goal, ...]:
        """Return that the difference, or the derivative, has one sign."""
        x = self.symbol
        relation: Relation = "<=" if self.falls else ">="
        if any(q.symbol == x and Span.of(q.domain).integer for q in self.over):
            return (Goal(self.expr.subs(x, x + 1), relation, self.expr, self.over, self.where),)
        return (Goal(sp.diff(self.expr, x), relation, sp.Integer(0), self.over, self.where),)

    def concludes(self) -> Conclusion:
        """Return the sign of what was looked at."""
        goal = self.goals()[0]
        return goal.lhs, goal.relation, goal.rhs


@dataclass(frozen=True, eq=False)
class LimitStep:
    """`expr` tends to `value` as `symbol` tends to `point` (from `side`, "+" or "-"), for values of the other symbols
    at which `where` holds and the value is defined. Of an integer symbol a finite limit is the value there."""

    says: str
    expr: sp.Expr
    symbol: sp.Symbol
    point: sp.Expr
    value: sp.Expr
    over: Over = ()
    side: str = "+"
    where: Where = ()

    def check(self) -> Finding:
        """Return PROVED where two engines agree on the limit and none disagrees."""
        there = self.expr.subs(self.symbol, self.point) if self.symbol.is_integer and self.point.is_integer else sp.nan
        if not there.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
            return Identity(self.says, there, self.value, self.over).check()
        passage = asymptotics.passage_to(self.expr, self.symbol, self.point, self.side, self.over, self.where)
        outcome, engines, reason = asymptotics.tends(passage, self.value)
        return Finding(check="step", subject=self.says, outcome=outcome, reason=reason, engines=engines)


@dataclass(frozen=True, eq=False)
class Homogeneous:
    """`expr` has the units `units`: by the exponents of its parts, and as an identity, in s times smaller units."""

    says: str
    expr: sp.Expr
    units: Units
    over: Over = ()

    def check(self) -> Finding:
        """Return PROVED, or REFUTED with numbers, where both ways agree; UNDECIDED where they do not."""
        wrong, found = self._by_exponents(), settle(self.says, tuple(self.goals()))
        reason = f"{wrong or 'the exponents agree'}; {found.reason}"
        if found.outcome is Outcome.UNDECIDED and not wrong:
            return replace(found, outcome=Outcome.PROVED_BY_ONE, reason=reason, engines=(_EXPONENTS,), confidence=1.0)
        if bool(wrong) != (found.outcome is Outcome.REFUTED):
            return replace(found, outcome=Outcome.UNDECIDED, reason=reason, engines=(), confidence=None)
        outcome = Outcome.REFUTED if wrong else Outcome.PROVED
        return replace(found, outcome=outcome, reason=reason, engines=(_EXPONENTS, *found.engines))

    def goals(self) -> Iterator[Goal]:
        """Yield, for each unit that occurs, that the expression grows as it should when that is s times smaller."""
        scale = sp.Symbol("s", positive=True)
        bare = (*(replace(q, units=PURE) for q in self.over), Quantity(scale, POSITIVE, PURE, "a change of units"))
        of = [exponents(q.units) for q in self.over]
        for axis, wanted in enumerate(exponents(self.units)):
            powers = [e[axis] for e in of]
            whole = lcm(*(e.denominator for e in (*powers, wanted)))  # the unit is s^whole times smaller: no roots
            if any((*powers, wanted)):
                grown = {q.symbol: q.symbol * scale ** int(e * whole) for q, e in zip(self.over, powers, strict=True)}
                lhs = sp.sympify(self.expr).subs(grown, simultaneous=True)
                yield Goal(lhs, "==", scale ** int(wanted * whole) * self.expr, bare)

    def _by_exponents(self) -> str:
        """Return what is wrong with the units; nothing where they are right."""
        wanted = exponents(self.units)
        try:
            got = units_of(self.expr, {q.symbol: q.units for q in self.over})
        except UnitsError as error:
            return str(error)
        return "" if got in (None, wanted) else f"{self.expr} has units {show(got)}, not {show(wanted)}"


@dataclass(frozen=True, eq=False)
class Lemma:
    """A fact that no algebra here shows: taken from `why`, or only measured. It stays UNDECIDED, so that it is seen."""

    says: str
    why: str

    def check(self) -> Finding:
        """Return UNDECIDED with the reason."""
        return Finding(check="step", subject=self.says, outcome=Outcome.UNDECIDED, reason=f"not algebra: {self.why}")

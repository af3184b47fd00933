"""The sympy engine: the difference in factors, each with a sign that can be read off its coefficients.

Every symbol with a lower bound is written as bound + u, u >= 0, and one between two bounds as (low + high w)/(1 + w),
w >= 0; a polynomial in the new symbols all of whose coefficients are >= 0 is >= 0. A factor B + A R with a root
R = sqrt(u) is >= 0 where B >= 0 and B^2 - A^2 u >= 0, or where A >= 0 and A^2 u - B^2 >= 0. A difference that contains
a logarithm is settled by the sign of its derivative and its value at one end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations

import sympy as sp

from lab.claim import Quantity
from proofs_check.exact import exact_sign
from proofs_check.factors import factor_list, terms_at_most
from proofs_check.goal import Answer, Condition, Goal, Span
from proofs_check.limits import Passage, confirmed_limit
from proofs_check.roots import Roots, generalise

NAME = "sympy"
_ATTEMPTS, _DEPTH, _TERMS = 12, 3, 40
_LARGEST = 20_000  # terms: what may have more is not multiplied out
_Sign = tuple[int, bool]  # (-1, 0 or 1; whether it is never 0)


def decide(goal: Goal) -> Answer:
    """Prove a goal, or leave it open; this engine refutes nothing."""
    whole, goal = goal, generalise(goal, logs=True)
    gap = goal.gap
    if gap.relation == "==":
        zero = is_zero(gap.expr, goal)
        return Answer(NAME, "proved" if zero else "open", "both sides have one normal form" if zero else "")
    if all(_prove(expr, goal, conditions) for expr, conditions in cases(gap.expr)):
        return Answer(NAME, "proved", "the difference has factors of known sign")
    if whole.gap.expr.has(sp.log) and _monotone(whole):
        return Answer(NAME, "proved", "the difference is monotone, and has the right sign at one end")
    return Answer(NAME, "open")


def sign_of(expr: sp.Expr, over: tuple[Quantity, ...], where: tuple[sp.Basic, ...] = ()) -> int | None:
    """Return 1, 0 or -1 where the expression has that sign everywhere on the domains, else None."""
    if expr.has(sp.I, sp.zoo, sp.nan):
        return None
    if not expr.free_symbols:
        return exact_sign(expr)
    if sp.simplify(expr) == 0:
        return 0
    goals = {s: Goal(s * expr, ">", sp.Integer(0), over, where) for s in (1, -1)}
    return next((s for s, goal in goals.items() if decide(goal).said == "proved"), None)


def is_zero(expr: sp.Expr, goal: Goal) -> bool:
    """Tell whether the expression is 0 in one normal form of sums, powers and roots, in every case of a Min or Max."""
    return all(_vanishes(e, goal, conditions) for e, conditions in cases(expr))


def _vanishes(expr: sp.Expr, goal: Goal, conditions: tuple[Condition, ...]) -> bool:
    if sp.expand(expr) == 0:
        return True
    world, e = _substitute(expr, goal, ())
    num, _ = sp.fraction(sp.together(world.roots.strip(e)))
    if world.roots.reduce(num) == 0:
        return True
    if conditions:  # one case of a Min or Max: what holds in it may squeeze the difference to 0
        return all(_prove(side, replace(goal, relation=">="), conditions) for side in (expr, -expr))
    return bool(sp.simplify(expr) == 0)


def cases(expr: sp.Expr) -> Iterator[tuple[sp.Expr, tuple[Condition, ...]]]:
    """Split on Min, Max and Abs, innermost first; each case comes with what holds in it."""
    atoms = sorted(expr.atoms(sp.Min, sp.Max, sp.Abs), key=lambda a: (sp.count_ops(a), str(a)))
    if not atoms:
        yield expr, ()
        return
    atom = atoms[0]
    values = (atom.args[0], -atom.args[0]) if isinstance(atom, sp.Abs) else atom.args
    for value in values:
        sign = -1 if isinstance(atom, sp.Min) else 1
        here = tuple(Condition(sp.expand(sign * (value - other)), ">=") for other in values if other != value)
        for rest, more in cases(expr.xreplace({atom: value})):
            yield rest, here + more


@dataclass
class _World:
    """Symbols that are known to be >= 0 (or > 0), and the roots in them."""

    nonneg: set[sp.Symbol] = field(default_factory=set)
    positive: set[sp.Symbol] = field(default_factory=set)
    misses_an_end: bool = False  # some closed end of a domain is reached only as a limit: nothing strict follows
    roots: Roots = field(init=False)

    def __post_init__(self) -> None:
        self.roots = Roots(lambda p: (s := self.sign(p, 0)) is not None and s[0] >= 0)

    def fresh(self, strict: bool) -> sp.Symbol:
        """Return a new symbol u >= 0, or > 0."""
        u = sp.Dummy(f"u{len(self.nonneg)}", real=True)
        self.nonneg.add(u)
        if strict:
            self.positive.add(u)
        return u

    def sign(self, expr: sp.Expr, depth: int = _DEPTH) -> _Sign | None:
        """Return the sign of an expression in these symbols, or None where it cannot be read off."""
        num, den = sp.fraction(sp.together(self.roots.strip(expr)))
        total, strict = 1, True
        for part in (num, den):
            if terms_at_most(part) > _LARGEST:
                return None
            content, factors = factor_list(self.roots.reduce(part))
            if content == 0:
                return (0, False) if part is num else None
            total *= int(sp.sign(content))
            for factor, k in factors:
                known = self._factor(factor, depth)
                if k % 2 == 0:
                    known = (1, known is not None and known[1])
                if known is None:
                    return None
                total, strict = total * known[0], strict and known[1]
        return total, strict

    def _factor(self, p: sp.Expr, depth: int) -> _Sign | None:
        for s in (1, -1):
            if (strict := self._coefficients(s * p)) is not None:
                return s, strict
        if depth > 0:
            for s in (1, -1):
                for root in [r for r in self.roots.table if p.has(r)]:
                    if (strict := self._by_squaring(s * p, root, depth - 1)) is not None:
                        return s, strict
        return None

    def _coefficients(self, p: sp.Expr) -> bool | None:
        """Return whether p > 0 where p >= 0 can be read off its terms; None where it cannot."""
        strict = False
        symbols = sorted(p.free_symbols, key=str)
        if not symbols:
            return bool(p > 0) if p >= 0 else None
        for powers, c in sp.Poly(p, *symbols).terms():
            pairs = list(zip(symbols, powers, strict=True))
            if c < 0 or any(k % 2 and not self._at_least_0(x) for x, k in pairs):
                return None
            strict = strict or all(k == 0 or self._above_0(x) for x, k in pairs)
        return strict

    def _at_least_0(self, x: sp.Symbol) -> bool:
        return x in self.nonneg or x in self.roots.table

    def _above_0(self, x: sp.Symbol) -> bool:
        if x in self.roots.table:
            sign = self.sign(self.roots.table[x][1], 0)
            return sign is not None and sign[0] > 0 and sign[1]
        return x in self.positive

    def _by_squaring(self, p: sp.Expr, root: sp.Symbol, depth: int) -> bool | None:
        """Show B + A R >= 0, where R^2 = u, from the signs of B or A and of B^2 - A^2 u."""
        q, u = self.roots.table[root]
        poly = sp.Poly(p, root)
        if q != 2 or poly.degree() != 1 or len(sp.Add.make_args(p)) > _TERMS:
            return None
        a, b = poly.all_coeffs()
        for lead, difference in ((b, b**2 - a**2 * u), (a, a**2 * u - b**2)):
            if self._is_at_least_0(lead, depth) is not None:
                strict = self._is_at_least_0(self.roots.reduce(difference), depth)
                if strict is not None:
                    return strict
        return None

    def _is_at_least_0(self, p: sp.Expr, depth: int) -> bool | None:
        sign = self.sign(p, depth)
        return None if sign is None or sign[0] < 0 else (sign[1] and sign[0] > 0)


def _prove(expr: sp.Expr, goal: Goal, conditions: tuple[Condition, ...] = ()) -> bool:
    for world, e in _worlds(expr, goal, conditions):
        sign = world.sign(e)
        if sign is not None and (sign[0] > 0 if goal.gap.relation == ">" else sign[0] >= 0):
            if goal.gap.relation != ">" or (sign[1] and not world.misses_an_end):
                return True
    return False


def _worlds(expr: sp.Expr, goal: Goal, conditions: tuple[Condition, ...]) -> Iterator[tuple[_World, sp.Expr]]:
    """Yield the expression under several ways of using the hypotheses to bound symbols."""
    usable = [(x, c) for c in (*goal.hypotheses, *conditions) for x in _solvable(c)]
    tried = 0
    for size in range(min(len(usable), 3) + 1):
        for chosen in combinations(usable, size):
            if len({c.expr for _, c in chosen}) == size and tried < _ATTEMPTS:
                tried += 1
                yield _substitute(expr, goal, chosen)


def _solvable(c: Condition) -> list[sp.Symbol]:
    """Return the symbols in which a condition is linear with a rational coefficient."""
    found: list[sp.Symbol] = []
    if c.expr.has(sp.Min, sp.Max, sp.Abs):
        return found
    for x in sorted(c.expr.free_symbols, key=str):
        slope = sp.diff(c.expr, x)
        if slope.is_Rational and slope != 0:
            found.append(x)
    return found


def _substitute(expr: sp.Expr, goal: Goal, chosen: tuple[tuple[sp.Symbol, Condition], ...]) -> tuple[_World, sp.Expr]:
    world, pending, done = _World(), [(x, c.expr, c.relation) for x, c in chosen], set()
    while pending:
        x, e, relation = pending.pop(0)
        slope = sp.diff(e, x)
        if x in done or not slope.is_Rational or slope == 0:
            continue
        done.add(x)
        bound, strict, span = sp.expand(x - e / slope), relation == ">", goal.spans[x]
        new = _between(world, bound, strict, slope > 0, span)
        expr = expr.subs(x, new)
        pending = [(y, sp.expand(f.subs(x, new)), r) for y, f, r in pending]
    for x, span in goal.spans.items():
        if x in expr.free_symbols and x not in done:
            expr = expr.subs(x, _within(world, span))
    return world, expr


def _between(world: _World, bound: sp.Expr, strict: bool, is_lower: bool, span: Span) -> sp.Expr:
    """Return x in terms of new symbols, given one bound by a hypothesis and the other, if any, by its span."""
    other, other_open = (span.high, span.high_open) if is_lower else (span.low, span.low_open)
    if other.is_infinite:
        u = world.fresh(strict)
        return bound + u if is_lower else bound - u
    return _mobius(world, (bound, strict), (other, other_open))


def _mobius(world: _World, one: tuple[sp.Expr, bool], two: tuple[sp.Expr, bool]) -> sp.Expr:
    """Return (a + b w)/(1 + w), w >= 0: all between a and b but b itself, the open end if there is one."""
    (a, a_open), (b, b_open) = (two, one) if one[1] and not two[1] else (one, two)
    world.misses_an_end |= not b_open
    w = world.fresh(a_open)
    return (a + b * w) / (1 + w)


def _within(world: _World, span: Span) -> sp.Expr:
    if span.low.is_infinite and span.high.is_infinite:
        return sp.Dummy("x", real=True)
    if span.high.is_infinite:
        return span.low + world.fresh(span.low_open)
    if span.low.is_infinite:
        return span.high - world.fresh(span.high_open)
    return _mobius(world, (span.low, span.low_open), (span.high, span.high_open))


def _monotone(goal: Goal) -> bool:
    """Show the gap's sign from its derivative in some symbol and its value at that symbol's end.

    Only in a symbol that no hypothesis restricts: else the way to the end leads where they do not hold.
    """
    restricted = set().union(*(c.expr.free_symbols for c in goal.hypotheses))
    for x, span in ((x, span) for x, span in goal.spans.items() if x not in restricted):
        slope = sp.together(sp.diff(goal.gap.expr, x))
        for direction, end in ((1, span.low), (-1, span.high)):
            rising = generalise(Goal(sp.Integer(0), "<=", direction * slope, goal.over, goal.where), logs=True)
            if _prove(rising.gap.expr, rising):
                way = Passage(goal.gap.expr, x, end, "-" if direction < 0 else "+", goal.over)
                value = confirmed_limit(way, exact_sign)
                if value is None or value.free_symbols:
                    continue
                if value > 0 or (value == 0 and goal.gap.relation == ">="):
                    return True
    return False

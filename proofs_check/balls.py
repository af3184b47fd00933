"""The Arb engine: inequalities in one variable, and between numbers, in ball arithmetic (python-flint).

At the ends of the domain, finite or not, the gap is expanded (`proofs_check.expansions`): its leading term decides the
sign on a whole stretch, also where the gap is 0 at the end to some order, has a pole or a logarithm that grows. What is
left between is halved until the value on each piece, from the piece's midpoint and slopes, has the right sign. A piece
on which that fails has perhaps a point inside at which the gap is 0: the simplest rational in it becomes an end, seen
from both sides. A hypothesis counts where it fails: there nothing is left to show.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import product
from typing import Any

import sympy as sp
from flint import arb, arb_series, ctx, fmpq

from lab.bounds import NotEnclosable
from proofs_check.expansions import ORDER, Corner, inverse, polynomial, root_order
from proofs_check.goal import Answer, Condition, Goal, Span

NAME = "Arb"
PIECES = 600
_BITS, _RISING = 128, (64, 256, 1024)
_REACHES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128)  # h = 2^-k
_ORDERS = (0, 1, 3, ORDER - 1)  # of Taylor's formula on a piece
_NARROW = 10  # halvings after which a piece is searched for a rational at which the gap is 0
_DEEPEST = 30  # halvings of a piece of length 1 after which it is given up


def decide(goal: Goal, pieces: int = PIECES) -> Answer:
    """Prove an inequality in at most one variable, or leave it open."""
    if goal.gap.relation == "==" or len(goal.spans) > 1:
        return Answer(NAME, "open", "asked of inequalities in one variable only")
    if not goal.spans:
        shown = any(_number(goal.gap, bits) for bits in _RISING)
        return Answer(NAME, "proved" if shown else "open", "two numbers, in balls")
    ((x, span),) = goal.spans.items()
    with _working(_BITS):
        shown = _Line(x, tuple(_alternatives(goal))).everywhere(span, pieces)
    return Answer(NAME, "proved" if shown else "open", "balls on every piece, expansions at the ends")


@contextmanager
def _working(bits: int) -> Iterator[None]:
    """Set Arb's precision, which is global, and put it back."""
    before = ctx.prec, ctx.cap
    ctx.prec, ctx.cap = bits, max(ctx.cap, ORDER)
    try:
        yield
    finally:
        ctx.prec, ctx.cap = before


def _number(gap: Condition, bits: int) -> bool:
    with _working(bits):
        try:
            value = _series(gap.expr, sp.Dummy(), arb_series([0], prec=1))[0]
        except NotEnclosable:
            return False
        return _right(value, gap.relation == ">")


def _alternatives(goal: Goal) -> Iterator[tuple[sp.Expr, bool]]:
    """Yield (expression, strict): at every point one of them is to be positive, the gap or what denies a hypothesis."""
    yield goal.gap.expr, goal.gap.relation == ">"
    for c in goal.hypotheses:
        yield -c.expr, c.relation != ">"
        if c.relation == "==":
            yield c.expr, True


def _right(value: Any, strict: bool) -> bool:
    return bool(value > 0 if strict else value >= 0)  # of a ball that is not finite: neither


@dataclass(frozen=True)
class _Line:
    """Expressions in x of which one at least is to be positive (or >= 0, where it is not strict) at every point."""

    x: sp.Symbol
    exprs: tuple[tuple[sp.Expr, bool], ...]

    def everywhere(self, span: Span, pieces: int) -> bool:
        """Tell whether that was shown on the whole span."""
        low, high = self._end(span.low, 1, not span.low_open), self._end(span.high, -1, not span.high_open)
        return low is not None and high is not None and self._between(low, high, pieces)

    def _end(self, end: sp.Expr, side: int, closed: bool) -> fmpq | None:
        """Return where the stretch before an end stops; a finite end itself where none was shown, else None."""
        if end.is_infinite:
            reach = self._reach(None, -side, False)
            return None if reach is None else -side / reach
        start = fmpq(int(end.p), int(end.q))
        reach = self._reach(start, side, closed)
        return start if reach is None else start + side * reach

    def _reach(self, start: fmpq | None, side: int, closed: bool) -> fmpq | None:
        """Return the length of the longest stretch at a point on which one of the expressions is positive, or None."""
        for expr, strict in self.exprs:
            for root, k in product(sorted({1, root_order(expr)}), _REACHES):
                h = fmpq(1, 2**k)
                try:
                    if Corner(self.x, start, side, h, root).holds(expr, strict, closed):
                        return h**root
                except NotEnclosable:
                    continue
        return None

    def _between(self, low: fmpq, high: fmpq, pieces: int) -> bool:
        """Halve what is not settled; a piece is (from, to, halvings)."""
        pending = [(low, high, 0)] if low <= high else []
        deepest = _DEEPEST + int((high - low).ceil()).bit_length()
        for _ in range(pieces):
            if not pending:
                return True
            a, b, depth = pending.pop()
            if self._settled(a, b):
                continue
            if a == b or depth > deepest or self._fails((a + b) / 2):
                return False
            if depth >= _NARROW and self._unclear(c := _simplest(a, b)):
                left, right = (self._reach(c, side, True) for side in (-1, 1))
                if left is None or right is None:
                    return False
                if c - left <= a and b <= c + right:
                    continue
            middle = (a + b) / 2
            pending += [(middle, b, depth + 1), (a, middle, depth + 1)]
        return not pending

    def _settled(self, a: fmpq, b: fmpq) -> bool:
        return any(_right(value, strict) for e, strict in self.exprs for value in self._values(e, a, b))

    def _values(self, e: sp.Expr, a: fmpq, b: fmpq) -> Iterator[Any]:
        """Yield balls that contain e on [a, b]: its own, and Taylor's formula at the middle."""
        middle, piece = arb((a + b) / 2), arb(a).union(arb(b))
        orders = _ORDERS[:2] if e.has(sp.Max, sp.Min, sp.Abs) else _ORDERS
        try:
            there, all_over = (_series(e, self.x, arb_series([c, 1], prec=orders[-1] + 1)) for c in (middle, piece))
        except NotEnclosable:
            return
        for n in orders:
            yield polynomial([*(there[k] for k in range(n)), all_over[n]], piece - middle)

    def _fails(self, c: fmpq) -> bool:
        """Tell whether every expression is certainly negative at a point."""
        values = self._at(c)
        return bool(values) and all(v < 0 for v in values)

    def _unclear(self, c: fmpq) -> bool:
        """Tell whether an expression may be 0 at a point."""
        return any(v.contains(0) for v in self._at(c))

    def _at(self, c: fmpq) -> list[Any]:
        try:
            return [_series(e, self.x, arb_series([arb(c)], prec=1))[0] for e, _ in self.exprs]
        except NotEnclosable:
            return []


def _series(e: sp.Expr, x: sp.Symbol, at: Any) -> Any:
    """Return Taylor coefficients of an expression, as many as `at` has, that of order 0 its value."""
    if e == x:
        return at
    if e.is_Rational:
        return _constant(fmpq(int(e.p), int(e.q)), at)
    parts = [_series(a, x, at) for a in e.args]
    match e:
        case sp.Add():
            return reduce(lambda a, b: a + b, parts)
        case sp.Mul():
            return reduce(lambda a, b: a * b, parts)
        case sp.Pow() if e.exp.is_Rational:
            return _power(parts[0], int(e.exp.p), int(e.exp.q), at)
        case sp.log():
            return parts[0].log()
        case sp.Max() | sp.Min() | sp.Abs():
            several = (*parts, -parts[0]) if isinstance(e, sp.Abs) else parts
            return reduce(_least if isinstance(e, sp.Min) else _largest, several)
    if e in (sp.pi, sp.E):
        return _constant(arb.pi() if e == sp.pi else arb(1).exp(), at)
    raise NotEnclosable(f"Arb is not asked about {e}")


def _constant(c: Any, at: Any) -> Any:
    return 0 * at + arb(c)


def _power(base: Any, p: int, q: int, at: Any) -> Any:
    root = base if q == 1 else (base.sqrt() if q == 2 else (base.log() / q).exp())
    power = reduce(lambda a, b: a * b, [root] * abs(p), _constant(1, at))
    return power if p > 0 else inverse(power)


def _largest(a: Any, b: Any) -> Any:
    """Return the larger; where neither is known to be, balls around both, which is right for a value and a slope."""
    if a[0] >= b[0] or a[0] <= b[0]:
        return a if a[0] >= b[0] else b
    return (a + b) / 2 + (a - b) * arb(0, fmpq(1, 2))


def _least(a: Any, b: Any) -> Any:
    return -_largest(-a, -b)


def _simplest(a: fmpq, b: fmpq) -> fmpq:
    """Return the rational between a and b, a < b, with the smallest denominator."""
    if a <= 0 <= b:
        return fmpq(0)
    low, high = (Fraction(int(c.p), int(c.q)) for c in ((a, b) if a > 0 else (-b, -a)))
    found = _fewest(low, high)
    return fmpq(found.numerator, found.denominator) * (1 if a > 0 else -1)


def _fewest(low: Fraction, high: Fraction) -> Fraction:
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(whole)
    floor = whole - 1
    return floor + 1 / _fewest(1 / (high - floor), 1 / (low - floor))

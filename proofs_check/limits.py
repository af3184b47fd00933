"""What a limit is asked for, values on the way to it, and the first of three routes to it: sympy's algorithm.

sympy's `limit` is no judge on its own: 1.14 returns wrong values under positivity assumptions (its issue 22893). So it
is given a symbol without them, and its answer counts only where high-precision values on the way come ever closer to
it. The other routes share nothing with it: `proofs_check.continuity` and the calculus of `proofs_check.orders`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import sympy as sp

from lab.claim import Quantity
from proofs_check.exact import evaluated, evaluated_at
from proofs_check.falsify import search
from proofs_check.goal import Goal, Span

Sign = Callable[[sp.Expr], int | None]
ENGINE = "sympy limit, confirmed at 60 digits"
_DECADES = tuple(sp.Integer(10) ** k for k in (3, 6, 9, 12))
_FAR = tuple(sp.Integer(10) ** k for k in (4, 40, 400))  # for logarithms
_NOTHING = sp.Float("1e-40", 60)
_OPERATIONS = 400  # an expression with more of them sympy may not finish; of the catalogue's none has half as many


@dataclass(frozen=True, eq=False)
class Passage:
    """`expr` as `x` tends to `point` from `side`; `over` are the quantities that occur, `where` holds at the point."""

    expr: sp.Expr
    x: sp.Symbol
    point: sp.Expr
    side: str = "+"
    over: tuple[Quantity, ...] = ()
    where: tuple[sp.Basic, ...] = ()

    @cached_property
    def in_u(self) -> tuple[sp.Expr, sp.Symbol]:
        """(expr in u, u), with u -> 0+."""
        u = sp.Dummy("u", positive=True)
        if self.point.is_infinite:
            return self.expr.subs(self.x, 1 / u if self.point > 0 else -1 / u), u
        return self.expr.subs(self.x, self.point - u if self.side == "-" else self.point + u), u

    @cached_property
    def samples(self) -> tuple[Mapping[sp.Symbol, sp.Expr], ...]:
        """Numbers for the other symbols, inside their domains and where the hypotheses hold.

        Twice, in rising and in falling order, because a limit may depend on which of two symbols is larger.
        """
        spans = {q.symbol: Span.of(q.domain) for q in self.over}
        others = sorted(sp.Tuple(self.expr, self.point, *self.where).free_symbols - {self.x}, key=str)
        orders = (others, others[::-1])
        found = [{y: _inside(spans.get(y, _default(y)), i) for i, y in enumerate(order)} for order in orders]
        known = [q for q in self.over if q.symbol in others]
        if {q.symbol for q in known} >= sp.Tuple(*self.where).free_symbols:
            for sample in found:
                if any(w.subs(sample) != sp.true for w in self.where):
                    goal = Goal(sp.Integer(0), "<=", sp.Integer(1), tuple(known), self.where)
                    sample.update(search(goal).witness or {})
        return tuple(found)


def _default(y: sp.Symbol) -> Span:
    return Span(sp.Integer(0), sp.oo, integer=bool(y.is_integer))


def _inside(span: Span, i: int) -> sp.Expr:
    """Return the i-th of a row of different numbers in a span; none is the middle, where poles like to be."""
    if span.integer:
        low = span.low if span.low.is_finite else sp.Integer(0)
        return min(low + 2 + i, span.high)
    if span.low.is_finite and span.high.is_finite:
        return span.low + (span.high - span.low) * sp.Rational((5 * i + 3) % 17 or 16, 17)
    step = sp.Rational(3 + 2 * i, 7 + 3 * i)
    return span.high - step if span.high.is_finite else (span.low if span.low.is_finite else 0) + step


def confirmed_limit(passage: Passage, sign: Sign) -> sp.Expr | None:
    """Return sympy's limit where evaluation confirms it; None where it does not, or where sympy finds none."""
    value = sympy_limit(passage, sign)
    return value if value is not None and approaches(passage, value) else None


def sympy_limit(passage: Passage, sign: Sign) -> sp.Expr | None:
    """Return sympy's limit, confirmed by nothing; None where it finds none."""
    x = sp.Dummy("x", real=True)  # without positivity, under which sympy errs
    if sp.count_ops(passage.expr) > _OPERATIONS:
        return None
    try:
        value = sp.limit(passage.expr.subs(passage.x, x), x, passage.point, passage.side)
    except (NotImplementedError, ValueError, TypeError, ArithmeticError, RecursionError):  # it knows no such limit
        return None
    return value.replace(sp.sign, lambda e: sp.sign(e) if sign(e) is None else sp.Integer(sign(e)))


def approaches(passage: Passage, value: sp.Expr) -> bool:
    """Tell whether values at u = 1e-3 .. 1e-12 come ever closer to `value`, or grow without end where it is infinite.

    Closer is twice as close from one to the next; else, as for logarithms, it must be so at 1e-4, 1e-40 and 1e-400.
    """
    there = [value if value.is_infinite else evaluated(value, sample) for sample in passage.samples]
    return all(_approach(passage, v, sample) for v, sample in zip(there, passage.samples, strict=True))


def _approach(passage: Passage, value: sp.Expr | None, sample: Mapping[sp.Symbol, sp.Expr]) -> bool:
    if value is None:
        return False
    near = _errors(passage, value, sample, _DECADES)
    if near and _falls(near, 2):
        return True
    far = _errors(passage, value, sample, _FAR) if near and _falls(near, 1) else []
    return bool(far) and _falls(far, 2)


def _errors(
    passage: Passage, value: sp.Expr, sample: Mapping[sp.Symbol, sp.Expr], probes: tuple[sp.Integer, ...]
) -> list[sp.Expr]:
    """Return how far the expression is from the value at each u = 1/p, or from infinity; none where it is not real."""
    in_u, u = passage.in_u
    found = evaluated_at(in_u, [{**sample, u: 1 / p} for p in probes])
    values = [v for v in found if v is not None and not (value.is_infinite and v * sp.sign(value) <= 0)]
    if len(values) < len(probes):
        return []
    return [1 / abs(v) if value.is_infinite else abs(v - sp.N(value, 60)) for v in values]


def _falls(errors: list[sp.Expr], factor: int) -> bool:
    return all(b * factor < a or b < _NOTHING for a, b in pairwise(errors))

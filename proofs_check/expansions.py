"""Expansions at an end of an interval, or at infinity, that hold on a whole stretch (0, h] before it.

x = c + u, c - u, 1/u or -1/u, and where roots stand, u = s^q. An expression becomes a sum of terms
u^k log(1/u)^j log(p)^m .. S(u) with S analytic on [0, h]. Of each S two things are known: its first Taylor coefficients
at 0, as rationals, so that what cancels there cancels exactly; and balls (Arb) that contain its Taylor coefficients at
every point of [0, h]. Where S vanishes at 0 to the order k, those of S/u^k are those of S, k places on: it is the
mean of S^(k)(t u)/k! over t in (0, 1) with weight k (1 - t)^(k-1), and so for its derivatives.

The sign on all of (0, h] follows from the leading term and the size of the others. (F. Johansson, "Arb: efficient
arbitrary-precision midpoint-radius interval arithmetic", IEEE Trans. Comput. 66(8), 2017.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from math import lcm
from typing import Any

import sympy as sp
from flint import arb, arb_series, fmpq, fmpq_series, fmpz

from lab.bounds import NotEnclosable

ORDER = 8  # Taylor coefficients kept; python-flint's own limit must not be lower
_SMALL = 10**9  # numbers up to here are factored, larger ones keep a logarithm of their own
_AT_U = 0  # the base that stands for log(1/u)
Logs = tuple[tuple[int, int], ...]  # ((base, power), ...), sorted: a product of powers of log(1/u) and of log(base)


@dataclass(frozen=True)
class Term:
    """u^order S(u), where `length` Taylor coefficients of S are known: exactly at 0, enclosed over [0, h]."""

    order: int
    length: int
    at_0: Any
    over: Any

    @classmethod
    def of(cls, order: int, at_0: list[Any], over: list[Any]) -> Term:
        """Return the term whose S has these coefficients, as many as `over` has."""
        n = len(over)
        return cls(order, n, fmpq_series(at_0[:n], prec=n), arb_series(over, prec=n))

    def leading(self) -> Term:
        """Return the same with every power of u that S is known to contain taken out."""
        known = next((k for k in range(self.length) if self.at_0[k] != 0), self.length - 1)
        if known == 0:
            return self
        rest = range(known, self.length)
        return Term.of(self.order + known, [self.at_0[k] for k in rest], [self.over[k] for k in rest])

    def value(self, u: Any) -> Any:
        """Return a ball that contains S(u) for every u of a ball inside [0, h]: Taylor's formula at 0."""
        last = self.length - 1
        return polynomial([*(arb(self.at_0[k]) for k in range(last)), self.over[last]], u)

    def with_series(self, order: int, at_0: Any, over: Any) -> Term:
        """Return a term with other series of the same length."""
        return replace(self, order=order, at_0=at_0, over=over)


Expansion = Mapping[Logs, Term]


@dataclass(frozen=True)
class Corner:
    """A stretch (0, h] in u: x = start + side u^root, or side/u^root where there is no start."""

    x: sp.Symbol
    start: fmpq | None
    side: int
    h: fmpq
    root: int = 1

    def expand(self, e: sp.Expr) -> Expansion:
        """Return the expansion of an expression; NotEnclosable where it has none of this form."""
        if e == self.x:
            return self._place()
        if e.is_Rational:
            return self._number(fmpq(int(e.p), int(e.q)))
        match e:
            case sp.Add():
                return reduce(self._plus, map(self.expand, e.args))
            case sp.Mul():
                return reduce(self._times, map(self.expand, e.args))
            case sp.Pow() if e.exp.is_Rational:
                return self._power(self.expand(e.base), int(e.exp.p), int(e.exp.q))
            case sp.log():
                return self._log(self.expand(e.args[0]))
        raise NotEnclosable(f"{e} is not expanded")

    def _u(self) -> Any:
        return arb_series([arb(self.h / 2, self.h / 2), 1], prec=ORDER)

    def _number(self, c: fmpq) -> Expansion:
        return {(): Term.of(0, [c], [arb(c)] + [arb(0)] * (ORDER - 1))} if c else {}

    def _place(self) -> Expansion:
        power = replace(_only(self._number(fmpq(self.side))), order=self.root if self.start is not None else -self.root)
        return self._plus(self._number(self.start or fmpq(0)), {(): power})

    def _plus(self, a: Expansion, b: Expansion) -> Expansion:
        both = {logs: self._sum(a[logs], b[logs]) for logs in a.keys() & b.keys()}
        return {logs: t for logs, t in (dict(a) | dict(b) | both).items() if not _zero(t)}

    def _sum(self, a: Term, b: Term) -> Term:
        a, b = sorted((a, b), key=lambda t: t.order)
        up, n = b.order - a.order, min(a.length, b.length)
        shift = fmpq_series([0] * min(up, n) + [1], prec=n)
        at_0, over = a.at_0 + b.at_0 * shift, a.over + b.over * _whole_power(self._u(), up)
        return Term.of(a.order, [at_0[k] for k in range(n)], [over[k] for k in range(n)]).leading()

    def _times(self, a: Expansion, b: Expansion) -> Expansion:
        product: Expansion = {}
        for (one, s), (two, t) in ((i, j) for i in a.items() for j in b.items()):
            powers = {base: dict(one).get(base, 0) + dict(two).get(base, 0) for base in dict(one) | dict(two)}
            logs = tuple(sorted((base, m) for base, m in powers.items() if m))
            n = min(s.length, t.length)
            product = self._plus(product, {logs: Term(s.order + t.order, n, s.at_0 * t.at_0, s.over * t.over)})
        return product

    def _power(self, a: Expansion, p: int, q: int) -> Expansion:
        if q == 1 and p >= 0:
            return reduce(self._times, [a] * p, self._number(fmpq(1)))
        logs, t = next(iter(a.items()), ((), None))
        if t is None or len(a) > 1 or t.at_0[0] == 0 or t.order % q or (q > 1 and logs):
            raise NotEnclosable("no power series for this power")
        c = t.at_0[0]
        lead = _rational_root(c, q) ** p
        if q == 1:
            at_0, over = (_whole_power(inverse(s), -p) for s in (t.at_0, t.over))
        else:
            at_0, over = (lead * ((s / c).log() * fmpq(p, q)).exp() for s in (t.at_0, t.over))
        return {tuple((base, m * p) for base, m in logs): t.with_series(t.order * p // q, at_0, over)}

    def _log(self, a: Expansion) -> Expansion:
        t = _only(a)
        c = t.at_0[0]
        if not c > 0:
            raise NotEnclosable("the logarithm of what is not positive")
        series = t.with_series(0, (t.at_0 / c).log(), (t.over / c).log()).leading()
        numbers = [(_AT_U, -t.order), *_factored(c)]
        logs: dict[Logs, Term] = {((base, 1),): _only(self._number(fmpq(m))) for base, m in numbers if m}
        return logs if _zero(series) else {(): series, **logs}

    def holds(self, e: sp.Expr, strict: bool, closed: bool) -> bool:
        """Show e > 0 on (0, h], and where the end belongs to the domain e >= 0 there, or e > 0 where it is strict."""
        terms = {logs: t.leading() for logs, t in self.expand(e).items()}
        if not terms or not self._positive(terms):
            return False
        lowest = min(t.order for t in terms.values())
        regular = lowest >= 0 and not any(dict(logs).get(_AT_U) for logs in terms)
        return not closed or (regular and (lowest == 0 or not strict))

    def _positive(self, terms: Expansion) -> bool:
        """Divide by the leading u^k log(1/u)^j: what is left is a sum of bounded terms.

        u^e log(1/u)^m lies between 0 and its value at h, where m <= 0, or where h <= exp(-m/e): below there it grows.
        """
        low = min(t.order for t in terms.values())
        top = max(dict(logs).get(_AT_U, 0) for logs, t in terms.items() if t.order == low)
        u, depth, total = self._u()[0], -arb(self.h).log(), arb(0)
        for logs, t in terms.items():
            e, m = t.order - low, dict(logs).get(_AT_U, 0) - top
            value = reduce(lambda a, b: a * b, (arb(base).log() ** k for base, k in logs if base != _AT_U), t.value(u))
            if m > 0 and not depth * e >= m:
                return False
            if e or m:
                value *= arb(0).union(depth**m * arb(self.h) ** e)
            total += value
        return bool(depth > 0 and total > 0)


def root_order(e: sp.Expr) -> int:
    """Return the least q for which u = s^q makes powers of s of the roots of powers of u."""
    return lcm(*(int(p.exp.q) for p in e.atoms(sp.Pow) if p.exp.is_Rational))


def polynomial(coefficients: list[Any], u: Any) -> Any:
    """Return the sum of coefficients[k] u^k, by Horner's rule: Arb's own u**k is no number on balls around 0."""
    return reduce(lambda value, c: value * u + c, reversed(coefficients))


def inverse(series: Any) -> Any:
    """Return 1/series; NotEnclosable where its first coefficient may be 0."""
    try:
        return 1 / series
    except (ValueError, ZeroDivisionError) as error:
        raise NotEnclosable(f"division by {series}") from error


def _zero(t: Term) -> bool:
    return all(t.at_0[k] == 0 for k in range(t.length)) and bool(t.over[0].is_zero())


def _only(a: Expansion) -> Term:
    """Return the one term of an expansion without logarithms, with a first coefficient that is not 0."""
    if set(a) != {()} or a[()].at_0[0] == 0:
        raise NotEnclosable("more than one power series")
    return a[()]


def _whole_power(series: Any, k: int) -> Any:
    """Return series^k by multiplication: the number k times, without a logarithm."""
    return reduce(lambda a, b: a * b, [series] * k, 1 + 0 * series)


def _rational_root(c: fmpq, q: int) -> fmpq:
    """Return the q-th root of a rational that has a rational one."""
    if q == 1:
        return c
    roots = [sp.integer_nthroot(int(part), q) if part > 0 else (0, False) for part in (c.p, c.q)]
    if not all(exact for _, exact in roots):
        raise NotEnclosable(f"the root of {c} is not rational")
    return fmpq(*(root for root, _ in roots))


def _factored(c: fmpq) -> Iterator[tuple[int, int]]:
    for part, sign in ((c.p, 1), (c.q, -1)):
        found = fmpz(part).factor() if part < _SMALL else [(part, 1)]
        yield from ((int(base), sign * int(m)) for base, m in found if base != 1)

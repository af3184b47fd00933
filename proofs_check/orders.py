"""An order calculus: the leading term lead T^a (log T)^b of an expression as T grows, read off its structure.

Products add exponents, sums keep the largest, logarithms of powers count as logarithms; a and b are exact. Each rule
keeps true that expr = (lead + o(1)) T^a (log T)^b, where the lead may be 0; one that needs its sign asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cmp_to_key
from typing import NamedTuple

import sympy as sp

from lab.errors import LabError
from proofs_check.limits import Passage, Sign

ENGINE = "order calculus"
ZERO, ONE = sp.Integer(0), sp.Integer(1)


class Order(NamedTuple):
    """lead T^exponent (log T)^logs; an exponent of -oo or oo is that of a geometric factor."""

    exponent: sp.Expr
    logs: sp.Expr
    lead: sp.Expr

    def __str__(self) -> str:
        return f"{self.lead} T^{self.exponent} (log T)^{self.logs}"


class NoOrder(LabError):
    """The calculus has no rule, or a sign is not known."""


def order_of(expr: sp.Expr, horizon: sp.Symbol, sign: Sign) -> Order:
    """Return the order of an expression as `horizon` grows; NoOrder where there is no rule, or its lead may be 0."""
    found = _order(expr, horizon, sign)
    if _sign(found.lead, sign) in (0, None):
        raise NoOrder(f"the leading terms may cancel: {found.lead}")
    return found


def leading_value(passage: Passage, sign: Sign) -> sp.Expr | None:
    """Return the limit by the order in T = 1/u, where u is the distance from the point; None where none is known."""
    horizon = sp.Dummy("T", positive=True)
    in_u, u = passage.in_u
    try:
        found = _order(in_u.subs(u, 1 / horizon), horizon, sign)
        size = _compare(found, Order(ZERO, ZERO, ONE), sign)
    except NoOrder:
        return None
    if size <= 0:
        return found.lead if size == 0 else ZERO
    above = _sign(found.lead, sign)
    return sp.oo * above if above else None


def _sign(e: sp.Expr, sign: Sign) -> int | None:
    return 1 if e.is_positive else sign(e)


def _order(expr: sp.Expr, horizon: sp.Symbol, sign: Sign) -> Order:
    if not expr.has(horizon):
        return Order(ZERO, ZERO, expr)
    if expr == horizon:
        return Order(ONE, ZERO, ONE)
    if isinstance(expr, sp.Pow | sp.exp):
        base, exponent = expr.as_base_exp()
        return _power(base, exponent, horizon, sign)
    parts = [_order(a, horizon, sign) for a in expr.args]
    match expr:
        case sp.Mul():
            return _product(parts)
        case sp.Add():
            return _sum(parts, sign)
        case sp.Max() | sp.Min():
            return _extreme(parts, sign, type(expr))
        case sp.Abs():
            return parts[0]._replace(lead=sp.Abs(parts[0].lead))
        case sp.log():
            return _log(parts[0], sign)
        case sp.floor() | sp.ceiling() if sign(parts[0].exponent) == 1:
            return parts[0]
    raise NoOrder(f"no rule gives the order of {expr}")


def _product(parts: Sequence[Order]) -> Order:
    exponent, logs = sp.Add(*(p.exponent for p in parts)), sp.Add(*(p.logs for p in parts))
    if exponent is sp.nan:
        raise NoOrder("one factor grows geometrically, another falls geometrically")
    return Order(exponent, logs, sp.Mul(*(p.lead for p in parts)))


def _power(base: sp.Expr, exponent: sp.Expr, horizon: sp.Symbol, sign: Sign) -> Order:
    inner = _order(base, horizon, sign)
    above = _sign(inner.lead, sign)
    if not exponent.has(horizon):
        rises = _sign(exponent, sign) == 1
        if not (
            (exponent.is_integer and rises) or above == 1 or (exponent.is_integer and above) or (rises and above == 0)
        ):
            raise NoOrder(f"{inner.lead} is not known to have the sign that its power {exponent} needs")
        return Order(inner.exponent * exponent, inner.logs * exponent, inner.lead**exponent)
    growth = _order(exponent, horizon, sign)
    size = _compare(growth, Order(ZERO, ZERO, ONE), sign)
    if size <= 0 and above == 1 and inner.exponent == inner.logs == ZERO:
        return Order(ZERO, ZERO, inner.lead**growth.lead if size == 0 else ONE)
    beyond, up = (sign(base - 1), sign(growth.lead)) if not base.has(horizon) else (None, None)
    if above == 1 and beyond and up and sign(growth.exponent) == 1:
        return Order(beyond * up * sp.oo, ZERO, ONE)
    raise NoOrder(f"no rule gives the order of {base}^({exponent})")


def _compare(a: Order, b: Order, sign: Sign) -> int:
    for x, y in zip(a[:2], b[:2], strict=True):
        if x != y:
            found = int(sp.sign(x - y)) if (x - y).is_infinite else sign(x - y)
            if found is None:
                raise NoOrder(f"which of the exponents {x} and {y} is larger is not known")
            if found:
                return found
    return 0


def _largest(parts: Sequence[Order], sign: Sign) -> list[Order]:
    """Return the parts of the largest order."""

    def compared(a: Order, b: Order) -> int:
        return _compare(a, b, sign)

    largest = max(parts, key=cmp_to_key(compared))
    return [p for p in parts if _compare(p, largest, sign) == 0]


def _sum(parts: Sequence[Order], sign: Sign) -> Order:
    top = _largest(parts, sign)
    if top[0].exponent is sp.oo and {_sign(p.lead, sign) for p in top} not in ({1}, {-1}):
        raise NoOrder("terms that grow geometrically may cancel")
    return top[0]._replace(lead=sp.Add(*(p.lead for p in top)))


def _extreme(parts: Sequence[Order], sign: Sign, kind: Callable[..., sp.Expr]) -> Order:
    """Return the order of a Max or Min. Beside a term of larger order the others are 0."""
    if kind is sp.Min and all(_sign(p.lead, sign) == 1 for p in parts):
        found = _extreme([Order(-p.exponent, -p.logs, 1 / p.lead) for p in parts], sign, sp.Max)
        return Order(-found.exponent, -found.logs, 1 / found.lead)
    top = _largest(parts, sign)
    leads = {p.lead for p in top} | ({ZERO} if len(top) < len(parts) else set())
    wins = 1 if kind is sp.Max else -1
    return top[0]._replace(lead=kind(*(leads - {ZERO} if any(_sign(x, sign) == wins for x in leads) else leads)))


def _log(inner: Order, sign: Sign) -> Order:
    if _sign(inner.lead, sign) == 1 and not inner.exponent.is_infinite:
        if sign(inner.exponent) in (1, -1):
            return Order(ZERO, ONE, inner.exponent)
        if inner.exponent == inner.logs == ZERO:
            return Order(ZERO, ZERO, sp.log(inner.lead))
    raise NoOrder(f"no rule gives the order of the logarithm of {inner}")

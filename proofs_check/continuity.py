"""Limits by continuity: u, the distance from the point, is cancelled where it can be; what is left is taken at u = 0.

Where every denominator, root and logarithm that is left has a limit inside its domain, the expression is continuous at
u = 0, and its value there is the limit. No expansion, and no comparison of growth.
"""

from __future__ import annotations

from math import lcm

import sympy as sp

from proofs_check.limits import Passage, Sign
from proofs_check.roots import split_off

ENGINE = "continuity"
_KINKED = (sp.Max, sp.Min, sp.Abs)
_CONTINUOUS = (sp.Add, sp.Mul, sp.Pow, sp.exp, sp.log, *_KINKED)


def continuous_value(passage: Passage, sign: Sign) -> sp.Expr | None:
    """Return the limit of an expression that is continuous up to the point, or whose reciprocal is, else None.

    sign: tells the sign of an expression in the other symbols, or None.
    """
    in_u, u = passage.in_u
    if split_off(in_u).has(sp.log(u)):
        return None
    try:
        return _at_0(_without_poles(in_u, u), u, sign)
    except (ValueError, TypeError):  # "zoo is not comparable": a Min or Max of a pole
        return None


def _at_0(form: sp.Expr, u: sp.Symbol, sign: Sign, depth: int = 3) -> sp.Expr | None:
    if _continuous(form, u, sign):
        return form.subs(u, 0)
    num, den = sp.fraction(sp.together(form))
    smooth = depth and not form.has(*_KINKED)  # elsewhere the slope at u = 0 need not be the limit of the slopes
    if smooth and all(_continuous(part, u, sign) and sign(part.subs(u, 0)) == 0 for part in (num, den)):
        return _at_0(_without_poles(sp.diff(num, u) / sp.diff(den, u), u), u, sign, depth - 1)  # l'Hospital
    upside_down = sp.factor(1 / form)
    if _continuous(upside_down, u, sign) and upside_down.subs(u, 0) == 0:
        lead = sign(sp.factor(upside_down / u ** _power_in(upside_down, u)).subs(u, 0))
        return sp.oo * lead if lead else None
    return None


def _power_in(form: sp.Expr, u: sp.Symbol) -> sp.Expr:
    """Return k of the factor u^k."""
    return form.as_independent(u)[1].as_powers_dict().get(u, sp.Integer(0)) if form != u else sp.Integer(1)


def _continuous(form: sp.Expr, u: sp.Symbol, sign: Sign) -> bool:
    """Tell whether every denominator, root and logarithm with u in it has a limit where it is continuous."""
    for e in sp.preorder_traversal(form):
        if not e.has(u) or e == u:
            continue
        if not isinstance(e, _CONTINUOUS):
            return False
        if isinstance(e, sp.Pow) and (e.exp.has(u) or not e.exp.is_positive):
            at_0 = sign(e.base.subs(u, 0))
            if at_0 != 1 and not (at_0 == -1 and e.exp.is_integer and not e.exp.has(u)):
                return False
        if isinstance(e, sp.log) and sign(e.args[0].subs(u, 0)) != 1:
            return False
    return not form.has(sp.oo, sp.zoo, sp.nan)


def _without_poles(expr: sp.Expr, u: sp.Symbol) -> sp.Expr:
    """Bring the expression over powers of u that cancel; u becomes a power of itself where it stands in roots."""
    split = split_off(expr)
    orders = [int(e.exp.q) for e in split.atoms(sp.Pow) if e.base == u and e.exp.is_Rational]
    form = sp.powsimp(sp.factor(sp.together(split.subs(u, u ** lcm(*orders)))))
    return form.replace(lambda e: isinstance(e, sp.Max | sp.Min), lambda e: _taken_out(e, u))


def _taken_out(extreme: sp.Expr, u: sp.Symbol) -> sp.Expr:
    """Return u^k Max(a, b) of Max(u^k a, u^k b), k as large as it can be."""
    parts = [sp.factor(a) for a in extreme.args]
    k = min((_power_in(a, u) for a in parts), key=lambda p: p if p.is_Rational else sp.Integer(0))
    return u**k * extreme.func(*(sp.expand_power_exp(a / u**k) for a in parts)) if k.is_Rational else extreme

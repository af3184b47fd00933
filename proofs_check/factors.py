"""Factors of a polynomial, by FLINT, and how large one may become when it is multiplied out.

sympy's own factorisation of one with 71 terms in 7 symbols was broken off after 15 s, in one order of the symbols; in
another it takes 0.06 s. FLINT takes 0.02 s.
"""

from __future__ import annotations

from math import comb, prod
from typing import Any

import sympy as sp
from flint import fmpq, fmpq_mpoly_ctx


def factor_list(p: sp.Expr) -> tuple[sp.Expr, list[tuple[sp.Expr, int]]]:
    """Return (content, [(irreducible factor, multiplicity)]), as sympy's `factor_list` does, up to constants.

    Where a coefficient is not rational it is sympy that answers.
    """
    if not p.free_symbols:
        return p, []
    poly = sp.Poly(p)
    if not (poly.domain.is_ZZ or poly.domain.is_QQ):
        content, found = sp.factor_list(p)
        return content, found
    ring = fmpq_mpoly_ctx.get([f"x{i}" for i in range(len(poly.gens))], "lex")
    terms = {powers: fmpq(int(c.p), int(c.q)) for powers, c in poly.terms()}
    content, found = ring.from_dict(terms).factor()
    return _number(content), [(_expression(f, poly), int(k)) for f, k in found]


def terms_at_most(p: sp.Expr) -> int:
    """Return a bound on the number of terms of a polynomial when it is multiplied out, without doing that."""
    if isinstance(p, sp.Add):
        return sum(map(terms_at_most, p.args))
    if isinstance(p, sp.Mul):
        return prod(map(terms_at_most, p.args))
    if isinstance(p, sp.Pow) and p.exp.is_Integer and p.exp > 0:
        return comb(terms_at_most(p.base) + int(p.exp) - 1, int(p.exp))
    return 1


def _number(c: fmpq) -> sp.Rational:
    return sp.Rational(int(c.p), int(c.q))


def _expression(factor: Any, poly: sp.Poly) -> sp.Expr:
    return sp.Poly({powers: _number(c) for powers, c in factor.to_dict().items()}, *poly.gens).as_expr()

"""Where an expression has a real value: no division by 0, no root of a negative number, no logarithm of one.

Engines prove a goal where both of its sides are defined; here it is shown that they are, wherever the hypotheses hold.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from proofs_check import certificate, smt
from proofs_check.goal import Goal, Relation

_ZERO = sp.Integer(0)


def obligations(goal: Goal) -> Iterator[tuple[str, sp.Expr, Relation]]:
    """Yield what must hold for both sides to be real: (in words, an expression, how it must compare with 0)."""
    seen: set[sp.Expr] = set()
    for e in sp.preorder_traversal(sp.Tuple(goal.lhs, goal.rhs)):
        if e in seen or not isinstance(e, sp.Pow | sp.log) or isinstance(e, sp.exp):
            continue
        seen.add(e)
        base = e.args[0]
        if isinstance(e, sp.log):
            yield f"{base} > 0", base, ">"
        elif not e.exp.is_Integer and not base.is_nonnegative and not (e.exp.is_integer and e.exp.is_nonnegative):
            yield f"{base} >= 0", base, ">="
        if isinstance(e, sp.Pow) and e.exp.could_extract_minus_sign() and not base.is_positive:
            yield f"{base} is not 0", base, "=="


def undefined(goal: Goal) -> tuple[str, ...]:
    """Return those obligations that neither z3 nor certificate could show."""
    return tuple(dict.fromkeys(says for says, base, relation in obligations(goal) if not _shown(goal, base, relation)))


def _shown(goal: Goal, base: sp.Expr, relation: Relation) -> bool:
    if not base.free_symbols:
        return bool(base.is_positive) or (relation == "==" and bool(base.is_nonzero))
    tries: tuple[Relation, ...] = (">", "<") if relation == "==" else (relation,)
    goals = [Goal(base, r, _ZERO, goal.over, goal.where) for r in tries]
    return any(engine(g).said == "proved" for g in goals for engine in (smt.decide, certificate.decide))

"""The sign of a constant: by those of its parts, by a hypothesis of which it is a multiple, or by the sympy engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import prod

import sympy as sp

from proofs_check.goal import as_conditions
from proofs_check.limits import Passage, Sign
from proofs_check.symbolic import sign_of


def sign_at(passage: Passage) -> Sign:
    """Return what tells the sign of an expression in the other symbols, where the passage's hypotheses hold."""
    return cache(_Signs(passage).of)


@dataclass(frozen=True)
class _Signs:
    passage: Passage

    def of(self, e: sp.Expr) -> int | None:
        """Return 1, 0 or -1 where the expression has that sign everywhere, else None."""
        if e.is_positive or e.is_negative or e.is_zero:
            return int(bool(e.is_positive)) - int(bool(e.is_negative))
        known = self._of_parts(e)
        if known is None:
            known = self._of_hypothesis(e)
        return sign_of(e, self.passage.over, self.passage.where) if known is None else known

    def _of_parts(self, e: sp.Expr) -> int | None:
        match e:
            case sp.Mul():
                signs = [self.of(f) for f in e.args]
                return None if None in signs else prod(s for s in signs if s is not None)
            case sp.Pow() if self.of(e.base) == 1:
                return 1
            case sp.log():
                return self.of(e.args[0] - 1)
            case sp.Max() if any(self.of(a) == 1 for a in e.args):
                return 1
            case sp.Add() if e.has(sp.log):
                same = {self.of(part) for part in _by_logs(e)}
                return same.pop() if len(same) == 1 else None
        return None

    def _of_hypothesis(self, e: sp.Expr) -> int | None:
        """Return the sign of a hypothesis of which the expression is a multiple."""
        for condition in (c for w in self.passage.where for c in as_conditions(w) if c.relation == ">"):
            ratio = sp.cancel(e / condition.expr)
            if ratio.is_positive or ratio.is_negative:
                return 1 if ratio.is_positive else -1
        return None


def _by_logs(total: sp.Add) -> Sequence[sp.Expr]:
    """Return the terms with a logarithm, and the sum of the others."""
    rest = sp.Add(*(a for a in total.args if not a.has(sp.log)))
    logs = [a for a in total.args if a.has(sp.log)]
    return [*logs, rest] if rest != 0 else logs

"""The cvc5 engine: the negation of a goal has no solution, by cylindrical algebraic coverings.

E. Abraham, J. Davenport, M. England, G. Kremer, "Deciding the consistency of non-linear real arithmetic constraints
with a conflict driven search using cylindrical algebraic coverings", J. Log. Algebr. Methods Program. 119 (2021).

cvc5 shares no code with z3, and this translation, into SMT-LIB text, none with z3's: a root u^(1/q) is a variable
R >= 0 with R^q = u, a quotient a/b a variable Q with Q b = a, a choice of the larger a variable that is one of its
arguments and no less than each. cvc5's own limit counts none of the work on a covering, which can go on for hours; so
it answers in a process of its own, with a limit on processor time. Integers are taken for reals. A model is not looked
at: z3 finds those.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import chain
from pathlib import Path

import sympy as sp

from lab.errors import LabError
from proofs_check import smtlib
from proofs_check.goal import Answer, Condition, Goal
from proofs_check.roots import generalise

NAME = "cvc5"
SECONDS = 5  # of processor time; what is proved at all takes less than one
_RELATIONS = {"==": "=", ">=": ">=", ">": ">"}


class _NotPolynomial(LabError):
    """A part of the expression that is not algebraic."""


class _Formula:
    """A goal's conditions as polynomial relations between variables, with what defines those that were added."""

    def __init__(self, goal: Goal) -> None:
        self.variables: list[str] = []
        self.defined: list[str] = []
        self._known: dict[sp.Expr, str] = {x: self._variable() for x in goal.spans}

    def relation(self, condition: Condition) -> str:
        """Return a condition as a formula."""
        return f"({_RELATIONS[condition.relation]} {self.term(condition.expr)} 0)"

    def term(self, e: sp.Expr) -> str:
        """Return an expression as a term; the same one always as the same."""
        if e not in self._known:
            self._known[e] = self._new(e)
        return self._known[e]

    def _new(self, e: sp.Expr) -> str:
        if isinstance(e, sp.Rational):
            size = f"(/ {abs(int(e.p))} {int(e.q)})"
            return f"(- {size})" if e < 0 else size
        if isinstance(e, sp.Add | sp.Mul):
            return f"({'+' if isinstance(e, sp.Add) else '*'} {' '.join(map(self.term, e.args))})"
        if isinstance(e, sp.Pow) and e.exp.is_Rational:
            return self._power(e.base, e.exp)
        if isinstance(e, sp.Abs):
            return self._extreme((e.args[0], -e.args[0]), ">=")
        if isinstance(e, sp.Max | sp.Min):
            return self._extreme(e.args, ">=" if isinstance(e, sp.Max) else "<=")
        raise _NotPolynomial(f"cvc5 is not asked about {e}")

    def _power(self, base: sp.Expr, exponent: sp.Rational) -> str:
        if exponent < 0:
            inverse = self._variable()
            self.defined.append(f"(= (* {inverse} {self.term(base**-exponent)}) 1)")
            return inverse
        if exponent.q == 1:
            return _product([self.term(base)] * int(exponent.p))
        if exponent.p != 1:
            return _product([self.term(base ** sp.Rational(1, exponent.q))] * int(exponent.p))
        root = self._variable()
        self.defined += [f"(>= {root} 0)", f"(= {_product([root] * int(exponent.q))} {self.term(base)})"]
        return root

    def _extreme(self, of: tuple[sp.Expr, ...], relation: str) -> str:
        best, those = self._variable(), [self.term(a) for a in of]
        self.defined += [f"({relation} {best} {a})" for a in those]
        self.defined.append(f"(or {' '.join(f'(= {best} {a})' for a in those)})")
        return best

    def _variable(self) -> str:
        self.variables.append(f"v{len(self.variables)}")
        return self.variables[-1]


def _product(factors: list[str]) -> str:
    return factors[0] if len(factors) == 1 else f"(* {' '.join(factors)})"


def negation(goal: Goal) -> str:
    """Return, as SMT-LIB text, that the hypotheses hold and the goal does not; LabError where it is not algebraic."""
    formula = _Formula(goal)
    ground, gap = [formula.relation(c) for c in goal.ground], formula.relation(goal.gap)
    lines = chain(
        ("(set-logic QF_NRA)",),
        (f"(declare-const {v} Real)" for v in formula.variables),
        (f"(assert {holds})" for holds in (*ground, f"(not {gap})", *formula.defined)),
        ("(check-sat)",),
    )
    return "\n".join(lines)


def decide(goal: Goal, seconds: int = SECONDS) -> Answer:
    """Prove a goal, or leave it open."""
    try:
        question = negation(generalise(goal, logs=True))
    except _NotPolynomial as error:
        return Answer(NAME, "open", str(error))
    command = [sys.executable, "-I", str(Path(smtlib.__file__)), str(seconds)]
    asked = subprocess.run(command, input=question, capture_output=True, text=True, check=False)
    if asked.returncode:
        return Answer(NAME, "open", f"cvc5 found no answer in {seconds} seconds")
    answer = asked.stdout.strip()
    if answer == "unsat":
        return Answer(NAME, "proved", "the negation has no solution")
    return Answer(NAME, "open", f"cvc5 answers {answer}")

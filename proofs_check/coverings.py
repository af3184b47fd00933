"""The cvc5 engine: the negation of a goal has no solution, by cylindrical algebraic coverings.

E. Abraham, J. Davenport, M. England, G. Kremer, "Deciding the consistency of non-linear real arithmetic constraints
with a conflict driven search using cylindrical algebraic coverings", J. Log. Algebr. Methods Program. 119 (2021).

cvc5 shares no code with z3, and this translation none with z3's: a root u^(1/q) is a variable R >= 0 with R^q = u, a
quotient a/b a variable Q with Q b = a, a choice of the larger a variable that is one of its arguments and no less than
each. cvc5 is limited by `rlimit`, a count of its own work. Integers are taken for reals. A model is not looked at: z3
finds those.
"""

from __future__ import annotations

from functools import reduce

import cvc5
import sympy as sp
from cvc5 import Kind

from lab.errors import LabError
from proofs_check.goal import Answer, Condition, Goal
from proofs_check.roots import generalise

NAME = "cvc5"
RLIMIT = 400_000
_RELATIONS = {"==": Kind.EQUAL, ">=": Kind.GEQ, ">": Kind.GT}


class _NotPolynomial(LabError):
    """A part of the expression that is not algebraic."""


class _Formula:
    """A goal's conditions as polynomial relations between variables, with what defines those that were added."""

    def __init__(self, goal: Goal) -> None:
        self.terms = cvc5.TermManager()
        self.defined: list[cvc5.Term] = []
        self._real = self.terms.getRealSort()
        self._zero = self.terms.mkReal(0)
        self._known: dict[sp.Expr, cvc5.Term] = {x: self._variable() for x in goal.spans}

    def relation(self, condition: Condition) -> cvc5.Term:
        """Return a condition as a formula."""
        return self.terms.mkTerm(_RELATIONS[condition.relation], self.term(condition.expr), self._zero)

    def term(self, e: sp.Expr) -> cvc5.Term:
        """Return an expression as a term; the same one always as the same."""
        if e not in self._known:
            self._known[e] = self._new(e)
        return self._known[e]

    def _new(self, e: sp.Expr) -> cvc5.Term:
        if isinstance(e, sp.Rational):
            return self.terms.mkReal(int(e.p), int(e.q))
        if isinstance(e, sp.Add | sp.Mul):
            kind = Kind.ADD if isinstance(e, sp.Add) else Kind.MULT
            return self.terms.mkTerm(kind, *map(self.term, e.args))
        if isinstance(e, sp.Pow) and e.exp.is_Rational:
            return self._power(e.base, e.exp)
        if isinstance(e, sp.Abs):
            return self._extreme((e.args[0], -e.args[0]), Kind.GEQ)
        if isinstance(e, sp.Max | sp.Min):
            return self._extreme(e.args, Kind.GEQ if isinstance(e, sp.Max) else Kind.LEQ)
        raise _NotPolynomial(f"cvc5 is not asked about {e}")

    def _power(self, base: sp.Expr, exponent: sp.Rational) -> cvc5.Term:
        if exponent < 0:
            inverse, below = self._variable(), self.term(base**-exponent)
            self._define(Kind.EQUAL, self._product([inverse, below]), self.terms.mkReal(1))
            return inverse
        if exponent.q == 1:
            return self._product([self.term(base)] * int(exponent.p))
        if exponent.p != 1:
            return self._product([self.term(base ** sp.Rational(1, exponent.q))] * int(exponent.p))
        root = self._variable()
        self._define(Kind.GEQ, root, self._zero)
        self._define(Kind.EQUAL, self._product([root] * int(exponent.q)), self.term(base))
        return root

    def _extreme(self, of: tuple[sp.Expr, ...], relation: Kind) -> cvc5.Term:
        best, those = self._variable(), [self.term(a) for a in of]
        for a in those:
            self._define(relation, best, a)
        is_one = [self.terms.mkTerm(Kind.EQUAL, best, a) for a in those]
        self.defined.append(reduce(lambda a, b: self.terms.mkTerm(Kind.OR, a, b), is_one))
        return best

    def _product(self, factors: list[cvc5.Term]) -> cvc5.Term:
        return factors[0] if len(factors) == 1 else self.terms.mkTerm(Kind.MULT, *factors)

    def _define(self, kind: Kind, left: cvc5.Term, right: cvc5.Term) -> None:
        self.defined.append(self.terms.mkTerm(kind, left, right))

    def _variable(self) -> cvc5.Term:
        return self.terms.mkConst(self._real)


def decide(goal: Goal, rlimit: int = RLIMIT) -> Answer:
    """Prove a goal, or leave it open."""
    goal = generalise(goal, logs=True)
    formula = _Formula(goal)
    solver = cvc5.Solver(formula.terms)
    solver.setLogic("QF_NRA")
    solver.setOption("rlimit", str(rlimit))
    try:
        for condition in goal.ground:
            solver.assertFormula(formula.relation(condition))
        solver.assertFormula(formula.terms.mkTerm(Kind.NOT, formula.relation(goal.gap)))
    except _NotPolynomial as error:
        return Answer(NAME, "open", str(error))
    for definition in formula.defined:
        solver.assertFormula(definition)
    result = solver.checkSat()
    if result.isUnsat():
        return Answer(NAME, "proved", "the negation has no solution")
    return Answer(NAME, "open", f"cvc5 answers {result}")

"""The z3 engine: the negation of a goal, in real arithmetic, is unsatisfiable.

Roots become new variables R >= 0 with R^q = u. Integers are first taken for reals (unsatisfiable there is proof
enough), then for integers. z3 is limited by `rlimit`, a count of its own work, so that verdicts do not depend on the
machine. A model is only a candidate: it goes back as a point that the caller confirms exactly.
"""

from __future__ import annotations

import sympy as sp
import z3

from lab.errors import LabError
from proofs_check.goal import Answer, Condition, Goal
from proofs_check.roots import generalise

NAME = "z3"
RLIMIT = 150_000


class _Untranslatable(LabError):
    """A part of the expression that is not algebraic."""


class _Translation:
    """sympy to z3, one context each, so that no answer depends on what was asked before."""

    def __init__(self, goal: Goal, integers: bool) -> None:
        self.context = z3.Context()
        self.side: list[z3.BoolRef] = []
        self._roots: dict[tuple[sp.Expr, int], z3.ArithRef] = {}
        self.variables = {
            x: (z3.Int if integers and span.integer else z3.Real)(f"{x}#{i}", self.context)
            for i, (x, span) in enumerate(goal.spans.items())
        }

    def term(self, e: sp.Expr) -> z3.ArithRef:
        """Return the z3 term; division and roots add their side conditions."""
        if e in self.variables:
            x = self.variables[e]
            return z3.ToReal(x) if x.is_int() else x
        if isinstance(e, sp.Rational):
            return z3.RealVal(f"{e.p}/{e.q}", self.context)
        match e:
            case sp.Add():
                return z3.Sum([self.term(a) for a in e.args])
            case sp.Mul():
                return z3.Product([self.term(a) for a in e.args])
            case sp.Pow():
                return self._power(e)
            case sp.Abs():
                a = self.term(e.args[0])
                return z3.If(a >= 0, a, -a)
            case sp.Min() | sp.Max():
                best = self.term(e.args[0])
                for a in map(self.term, e.args[1:]):
                    best = z3.If(a < best if isinstance(e, sp.Min) else a > best, a, best)
                return best
        raise _Untranslatable(f"z3 is not asked about {e}")

    def _power(self, e: sp.Pow) -> z3.ArithRef:
        if not e.exp.is_Rational:
            raise _Untranslatable(f"z3 is not asked about {e}")
        p, q = abs(int(e.exp.p)), int(e.exp.q)
        root = self.term(e.base) if q == 1 else self._root(e.base, q)
        product = root
        for _ in range(p - 1):
            product = product * root
        if e.exp > 0:
            return product
        self.side.append(root != 0)
        return 1 / product

    def _root(self, base: sp.Expr, q: int) -> z3.ArithRef:
        if (base, q) not in self._roots:
            root = z3.Real(f"root#{len(self._roots)}", self.context)
            power = root
            for _ in range(q - 1):
                power = power * root
            self._roots[base, q] = root
            self.side += [root >= 0, power == self.term(base)]
        return self._roots[base, q]

    def holds(self, condition: Condition) -> z3.BoolRef:
        """Return the condition as a formula."""
        value = self.term(condition.expr)
        return {"==": value == 0, ">=": value >= 0, ">": value > 0}[condition.relation]


def decide(goal: Goal, rlimit: int = RLIMIT) -> Answer:
    """Prove a goal, give a candidate counterexample, or leave it open."""
    whole, goal = goal, generalise(goal, logs=True)
    answer = Answer(NAME, "open")
    for integers in (False, True):
        if integers and not any(span.integer for span in goal.spans.values()):
            break
        try:
            answer = _ask(goal, integers, rlimit)
        except _Untranslatable as error:
            return Answer(NAME, "open", str(error))
        if answer.said == "proved":
            return answer
    return (
        answer if goal is whole or answer.said != "refuted" else Answer(NAME, "open", "a model with a free logarithm")
    )


def _ask(goal: Goal, integers: bool, rlimit: int) -> Answer:
    translation = _Translation(goal, integers)
    formulas = [translation.holds(c) for c in goal.ground]
    formulas.append(z3.Not(translation.holds(goal.gap)))
    solver = z3.SolverFor("QF_NIRA" if integers else "QF_NRA", ctx=translation.context)
    solver.set("rlimit", rlimit)
    solver.add(*formulas, *translation.side)
    result = solver.check()
    if result == z3.unsat:
        return Answer(NAME, "proved", "the negation is unsatisfiable")
    if result == z3.sat:
        return Answer(NAME, "refuted", "the negation has a model", _point(solver.model(), translation))
    return Answer(NAME, "open", f"z3 gave up: {solver.reason_unknown()}")


def _point(model: z3.ModelRef, translation: _Translation) -> dict[sp.Symbol, sp.Expr]:
    """Return the model as rationals, algebraic numbers rounded to 20 digits."""
    point = {}
    for x, variable in translation.variables.items():
        value = model.eval(variable, model_completion=True)
        value = value.approx(20) if z3.is_algebraic_value(value) else value
        point[x] = sp.Rational(str(value.as_fraction()) if value.is_real() else value.as_long())
    return point

"""Can the checks fail? Each claim's bound is spoilt in small ways, and a check must notice.

A mutant counts where it says more than the claim: somewhere on the domain it is smaller than an upper bound, larger
than a lower one, different from an exact value. One that follows from the claim is set apart. That the last step must
be the bound catches every change of the bound; so it is reported which of the other checks notice as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from lab.assumed import unmet
from lab.claim import Claim, Kind, Prediction
from lab.errors import LabError
from lab.judge import judge
from lab.observe import Observed, beside
from lab.predictions import observed
from lab.verdict import Finding, Outcome
from proofs_check import falsify
from proofs_check.asymptotics import CALCULUS, assumptions, check_rate
from proofs_check.check import conclusion, limits
from proofs_check.goal import Goal, Relation
from proofs_check.roots import generalise
from proofs_check.units import check_units

CHECKS = ("last step", "units", "limits", "rate", "exact run")
_DEPTH, _MOST, _STEPS = 3, 40, 16  # levels of the bound that are spoilt, mutants of a claim, steps of a run
_WEAKER: dict[Kind, Relation] = {Kind.UPPER: ">=", Kind.LOWER: "<=", Kind.DIVERGENCE: "<="}


@dataclass(frozen=True)
class Mutant:
    """A spoilt bound. `caught_by` names the checks that refuse it; `follows` tells that the claim implies it."""

    says: str
    bound: sp.Expr
    follows: bool = False
    caught_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What became of a claim's mutants."""

    claim: str
    mutants: tuple[Mutant, ...]

    @property
    def counted(self) -> tuple[Mutant, ...]:
        """Return those that say more than the claim."""
        return tuple(m for m in self.mutants if not m.follows)

    @property
    def survivors(self) -> tuple[Mutant, ...]:
        """Return those that say more and that no check refuses."""
        return tuple(m for m in self.counted if not m.caught_by)

    def killed(self, *checks: str) -> float:
        """Return the share of counted mutants that one of these checks refuses (by default any); 1 if none count."""
        dead = [m for m in self.counted if (set(m.caught_by) & set(checks) if checks else m.caught_by)]
        return len(dead) / len(self.counted) if self.counted else 1.0


def spoilt(bound: sp.Expr) -> Iterator[Mutant]:
    """Yield bounds with a changed constant, sign or exponent, or with a factor or term dropped; each once."""
    seen = {sp.Integer(0), bound}
    factors = (sp.Rational(11, 10), sp.Rational(10, 11))
    whole = [(f"times {f}", f * bound) for f in factors] + [("the sign", -bound)]
    for says, changed in [*whole, *_changes(bound, _DEPTH)]:
        if changed not in seen and not changed.has(sp.zoo, sp.nan, sp.oo):
            seen.add(changed)
            yield Mutant(says, changed)
            if len(seen) > _MOST:
                return


def _changes(expr: sp.Expr, depth: int) -> Iterator[tuple[str, sp.Expr]]:
    """Yield (in words, changed expression): at this node first, then inside, `depth` levels down."""
    if not expr.free_symbols:
        yield f"{expr} becomes {2 * expr}", 2 * expr
        yield f"{expr} becomes {expr / 2}", expr / 2
        return
    if isinstance(expr, sp.Add):
        yield from ((f"{a} dropped", expr - a) for a in expr.args)
        yield from ((f"the sign of {a}", expr - 2 * a) for a in expr.args)
    elif isinstance(expr, sp.Mul | sp.Pow | sp.Symbol):
        for factor in sp.Mul.make_args(expr):
            yield from _powers(expr, factor)
        yield f"{expr} doubled", 2 * expr
        yield f"{expr} halved", expr / 2
    if isinstance(expr, ExprWithLimits):
        yield from _terms(expr, depth)
    elif depth:
        for i, part in enumerate(expr.args):
            inside = isinstance(expr, sp.Pow) and i == 1  # exponents have been changed by a half already
            for says, changed in () if inside or part.is_Symbol else _changes(part, depth - 1):
                yield says, expr.func(*expr.args[:i], changed, *expr.args[i + 1 :])


def _terms(total: ExprWithLimits, depth: int) -> Iterator[tuple[str, sp.Expr]]:
    """Yield a sum or a product with its first or last term left out, and with changed terms; its ends stay integers."""
    (index, first, last), *outer = total.limits
    yield f"the first term of {total} left out", total.func(total.function, (index, first + 1, last), *outer)
    yield f"the last term of {total} left out", total.func(total.function, (index, first, last - 1), *outer)
    for says, changed in _changes(total.function, depth - 1) if depth else ():
        yield says, total.func(changed, *total.limits)


def _powers(expr: sp.Expr, factor: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    if not factor.free_symbols:
        return
    base, exponent = factor.as_base_exp()
    for change in (sp.Rational(1, 2), -sp.Rational(1, 2)):
        spoilt_factor = base ** (exponent + change)
        yield f"{factor} becomes {spoilt_factor}", expr / factor * spoilt_factor
    yield f"{factor} dropped from {expr}", expr / factor


def check_mutants(claim: Claim) -> tuple[Finding, ...]:
    """Return how many mutants that say more than the claim are refused, and by which check; and each survivor."""
    report = examine(claim)
    counted = report.counted
    by = {name: sum(name in m.caught_by for m in counted) for name in CHECKS}
    counts = {"counted": len(counted), "killed": len(counted) - len(report.survivors), **by}
    counts["follow from the claim"] = len(report.mutants) - len(counted)
    shares = ", ".join(f"{name} {n}" for name, n in by.items())
    outcome = Outcome.UNDECIDED if report.survivors or not counted else Outcome.HOLDS
    summary = Finding(
        check="mutants", subject=f"{counts['killed']} of {len(counted)} spoilt bounds are refused", outcome=outcome,
        reason=f"by {shares}; {counts['follow from the claim']} more follow from the claim", counts=counts,
    )  # fmt: skip
    return (summary, *(_survivor(m) for m in report.survivors))


def _survivor(mutant: Mutant) -> Finding:
    reason = f"{mutant.bound} says more than the claim, and no check refuses it"
    return Finding(check="mutants", subject=f"survives: {mutant.says}", outcome=Outcome.UNDECIDED, reason=reason)


def examine(claim: Claim) -> Report:
    """Return the report on a claim's mutants: by its algebra, and by the runs of its deterministic experiments."""
    seen = [(p, observed(claim, p)) for p in map(_thinned, _exact_runs(claim))]
    return Report(claim.id, tuple(_examine(claim, mutant, seen) for mutant in spoilt(sp.sympify(claim.bound))))


def _exact_runs(claim: Claim) -> Iterator[Prediction]:
    """Yield the predictions of the claim's own bound that run without noise."""
    return (p for p in claim.experiments if p.bound is None and p.problem.n_draws == 0 and not unmet(claim, p))


def _thinned(p: Prediction) -> Prediction:
    """Return a prediction at a few of its steps, the last among them, for a bound is evaluated once a mutant."""
    return replace(p, at=p.at[:: -max(1, len(p.at) // _STEPS)][::-1])


def _examine(claim: Claim, mutant: Mutant, seen: Sequence[tuple[Prediction, Observed]]) -> Mutant:
    if _follows(claim, mutant.bound):
        return replace(mutant, follows=True)
    mutated = replace(claim, bound=mutant.bound)
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "last step": lambda: (conclusion(mutated),) if claim.steps else (),
        "units": lambda: check_units(mutated, ()),
        "limits": lambda: limits(mutated),
        "rate": lambda: check_rate(mutated, (CALCULUS,)),
        "exact run": lambda: (judge(mutated, p, "experiment", beside(mutated, p, run)) for p, run in seen),
    }
    return replace(mutant, caught_by=tuple(name for name in CHECKS if _refuses(checks[name])))


def _refuses(check: Callable[[], Iterable[Finding]]) -> bool:
    """Tell whether a check fails, or finds no finite real value where the claim has one."""
    try:
        return any(f.failed for f in check())
    except (LabError, ArithmeticError, TypeError, ValueError):  # sympy's words for a NaN, a pole, a complex number
        return True


def _follows(claim: Claim, bound: sp.Expr) -> bool:
    """Tell whether no point was found at which the mutant says more than the claim."""
    relation = _WEAKER.get(claim.kind, "==")
    try:
        goal = Goal(bound, relation, sp.sympify(claim.bound), claim.symbols, assumptions(claim))
    except LabError:  # it has no real value
        return False
    return falsify.search(generalise(goal)).counterexample is None  # a sum with a symbol for its end becomes a symbol

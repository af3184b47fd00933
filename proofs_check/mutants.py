"""Can the checks fail? Each claim's bound is spoilt in small ways, and a check must notice.

A mutant counts where it says more than the claim: somewhere on the domain it is smaller than an upper bound, larger
than a lower one, different from an exact value. One that follows from the claim is set apart. That the last step must
be the bound catches every change of the bound; so it is reported which of the other checks notice as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy as sp

from lab.claim import Claim, Kind
from lab.verdict import Finding
from proofs_check import falsify
from proofs_check.check import conclusion, limits
from proofs_check.goal import Goal, Relation
from proofs_check.units import check_units

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
    """Yield bounds with a changed constant, sign or exponent, or with a factor dropped."""
    if bound == 0:
        return
    for factor in (sp.Rational(11, 10), sp.Rational(10, 11), sp.Integer(2), sp.Rational(1, 2)):
        yield Mutant(f"times {factor}", factor * bound)
    yield Mutant("the sign", -bound)
    for term in sp.Add.make_args(bound):
        for factor in sp.Mul.make_args(term):
            if factor.free_symbols:
                base, exponent = factor.as_base_exp()
                for change in (sp.Rational(1, 2), -sp.Rational(1, 2)):
                    spoilt_factor = base ** (exponent + change)
                    yield Mutant(f"{factor} becomes {spoilt_factor}", bound - term + term / factor * spoilt_factor)
                yield Mutant(f"{factor} dropped from {term}", bound - term + term / factor)


def examine(claim: Claim) -> Report:
    """Return the report on a claim's mutants, as far as its algebra can tell."""
    return Report(claim.id, tuple(_examine(claim, mutant) for mutant in spoilt(sp.sympify(claim.bound))))


def _examine(claim: Claim, mutant: Mutant) -> Mutant:
    if _follows(claim, mutant.bound):
        return replace(mutant, follows=True)
    mutated = replace(claim, bound=mutant.bound)
    checks = {"units": check_units(mutated, ()), "limits": limits(mutated), "last step": (conclusion(mutated),)}
    return replace(mutant, caught_by=tuple(name for name, found in checks.items() if _refused(found)))


def _follows(claim: Claim, bound: sp.Expr) -> bool:
    """Tell whether no point was found at which the mutant says more than the claim."""
    relation = _WEAKER.get(claim.kind, "==")
    return falsify.search(Goal(bound, relation, sp.sympify(claim.bound), claim.symbols)).counterexample is None


def _refused(findings: tuple[Finding, ...]) -> bool:
    return any(f.failed for f in findings)

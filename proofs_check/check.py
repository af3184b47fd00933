"""What a claim's algebra is checked for: units, limits, rate, steps, certificates, errata, the bound as last step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from lab.claim import Claim, Limit, Step
from lab.errors import LabError
from lab.verdict import AFFIRMED, Finding, Outcome
from proofs_check.asymptotics import assumptions, check_rate
from proofs_check.goal import Goal, Span
from proofs_check.steps import Algebra, Identity, LimitStep
from proofs_check.units import check_units

_READER = "that the steps, in this order, make the proof: that is for the reader"


def check_algebra(claim: Claim) -> tuple[Finding, ...]:
    """Return all findings on what a claim says on paper; nothing is simulated."""
    return (
        *check_units(claim, tuple(named_goals(claim))),
        *limits(claim),
        *check_rate(claim),
        *(step.check() for step in claim.steps),
        *(certificate.check() for certificate in claim.certificates),
        *(case.check() for case in claim.worst_cases),
        *((conclusion(claim),) if claim.steps or not claim.certificates else ()),
        *errata(claim),
    )


def named_goals(claim: Claim) -> Iterator[tuple[str, Goal]]:
    """Yield every algebraic goal of the claim's steps and repairs, with what its step says."""
    repairs = tuple(step for erratum in claim.errata for step in erratum.repair)
    for step in (*claim.steps, *repairs):
        if isinstance(step, Algebra):
            yield from ((step.says, goal) for goal in step.goals())


def limits(claim: Claim) -> Iterator[Finding]:
    """Check one by one that the known special cases come out of the bound; at an upper end of a domain, from inside."""
    bound, where = sp.sympify(claim.bound), assumptions(claim)
    ends = {(q.symbol, Span.of(q.domain).high) for q in claim.symbols}

    def step(li: Limit) -> LimitStep:
        side = "-" if (li.symbol, li.point) in ends else "+"
        return LimitStep(li.says, bound, li.symbol, li.point, li.value, claim.symbols, side, where)

    return (replace(step(li).check(), check="limit") for li in claim.limits)


def conclusion(claim: Claim) -> Finding:
    """Check that the right side of the claim's last step is the bound, whatever way it is written."""
    says = "the last step is the bound"
    last = claim.steps[-1] if claim.steps else None
    if not isinstance(last, Algebra):
        reason = "the claim has no steps" if last is None else f"its last step, {last.says!r}, concludes nothing"
        return Finding(check="step", subject=says, outcome=Outcome.REFUTED, reason=reason, unchecked=_READER)
    try:
        found = Identity(says, last.concludes()[2], sp.sympify(claim.bound), claim.symbols, assumptions(claim)).check()
    except LabError as error:  # a right side in symbols that are not the claim's cannot be its bound
        found = Finding(check="step", subject=says, outcome=Outcome.REFUTED, reason=str(error))
    if found.outcome is Outcome.UNDECIDED:
        found = replace(found, outcome=Outcome.REFUTED, reason=f"not shown to be the bound: {found.reason}")
    return replace(found, unchecked="; ".join(filter(None, (found.unchecked, _READER))))


def errata(claim: Claim) -> tuple[Finding, ...]:
    """Check each erratum: what was printed must come out REFUTED, each step of the repair proved."""
    found: list[Finding] = []
    for erratum in claim.errata:
        printed = replace(erratum.printed.check(), check="erratum", expected=frozenset({Outcome.REFUTED}))
        found.append(replace(printed, subject=f"{erratum.id}: {erratum.says}"))
        found += [replace(_of(step), subject=f"{erratum.id}, repair: {step.says}") for step in erratum.repair]
    return tuple(found)


def _of(step: Step) -> Finding:
    return replace(step.check(), check="repair", expected=AFFIRMED)

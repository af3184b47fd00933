"""check_claim: a theorem as data that is whole, and whose algebra holds."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from typing import Any

import sympy as sp

from lab.assumed import unmet
from lab.claim import Claim, Kind, Prediction
from lab.discovery import checkers
from lab.metrics import METRICS, get_metric
from lab.testing.demand import Check, demand, run_checks
from lab.verdict import Finding

HORIZON = "T"
RELATION = {Kind.UPPER: "<=", Kind.LOWER: ">=", Kind.DIVERGENCE: ">=", Kind.TIGHT: "<=", Kind.EXACT: "=="}

Experiments = Callable[[Claim], Iterable[Finding]]


def check_claim(claim: Claim, experiments: Experiments | None = None) -> None:
    """Check one claim; raise AssertionError with one line that says what does not hold.

    Form: source, symbols, units of a quantity each, values for every prediction, what must break it. Algebra: every
    installed checker (entry points `ratelab.checkers`) finds no failure. experiments: what runs the claim's
    experiments and returns their findings, none of which may be a failure; without it nothing is simulated.
    """
    demand(isinstance(claim, Claim), f"{claim!r} is no lab.claim.Claim")
    run_checks(claim.id or "a claim without id", CLAIM_CHECKS, claim)
    if experiments is not None:
        run_checks(claim.id, [_no_finding_is_a_failure], list(experiments(claim)))


def _everything_is_declared(claim: Claim) -> None:
    demand(claim.id == claim.id.strip() and "." in claim.id, f"id must be like 'author2018.thm1', got {claim.id!r}")
    demand(claim.source.strip(), "source must name paper and theorem")
    demand(claim.says.strip(), "says must state the theorem in words")
    demand(claim.metric.strip(), "metric must name what the bound is of")
    demand(claim.steps or claim.certificates, "neither a step nor a certificate: nothing is checked")
    recorded = claim.metric in METRICS or all(p.metric for p in _predictions(claim))
    demand(recorded, f"metric {claim.metric!r} is none of {', '.join(sorted(METRICS))}, and a prediction needs one")


def _symbols(claim: Claim) -> dict[str, Any]:
    return {q.symbol.name: q for q in claim.symbols}


def _every_symbol_is_declared_once(claim: Claim) -> None:
    names = [q.symbol.name for q in claim.symbols]
    twice = sorted({name for name in names if names.count(name) > 1})
    demand(not twice, f"declared twice: {', '.join(twice)}")
    declared = {q.symbol for q in claim.symbols}
    spoken: dict[str, sp.Basic] = {"bound": claim.bound}
    spoken |= {f"limit {limit.says!r}": sp.Tuple(limit.symbol, limit.point, limit.value) for limit in claim.limits}
    spoken |= {f"bound of {p.says!r}": p.bound for p in _predictions(claim) if p.bound is not None}
    for what, expression in spoken.items():
        _demand_declared(what, expression, declared)


def _demand_declared(what: str, expression: sp.Basic, declared: set[sp.Symbol]) -> None:
    names = {symbol.name for symbol in declared}
    for symbol in sorted(expression.free_symbols - declared, key=str):
        why = "is declared with other assumptions" if symbol.name in names else "is declared by no Quantity"
        raise AssertionError(f"{what}: {symbol} {why}")


def _every_symbol_of_an_assumption_is_known(claim: Claim) -> None:
    """Declared by the claim or by a step, or given a value by a prediction: else no check would ever ask it."""
    known = _symbols(claim).keys() | {name for p in _predictions(claim) for name in p.values}
    known |= {q.symbol.name for step in claim.steps for q in getattr(step, "over", ())}
    for assumption in claim.assumptions:
        for name in sorted({s.name for s in assumption.free_symbols} - known):
            raise AssertionError(f"assumption {assumption}: nothing says what {name} is")


def _every_quantity_says_what_it_is(claim: Claim) -> None:
    for q in claim.symbols:
        demand(q.meaning.strip(), f"{q.symbol} has no meaning")
        demand(isinstance(q.domain, sp.Set) and q.domain is not sp.S.EmptySet, f"{q.symbol} has no domain")


def _something_must_break_it(claim: Claim) -> None:
    """A claim that runs nothing is left to its mutants; an exact value is broken by any other."""
    quiet = claim.kind is Kind.EXACT or not claim.experiments
    demand(quiet or claim.broken_by, "broken_by is empty: nothing shows that the check can fail")


def _predictions(claim: Claim) -> tuple[Prediction, ...]:
    return claim.experiments + claim.broken_by


def _every_prediction_gives_all_values(claim: Claim) -> None:
    """Of the bound's symbols, but for the horizon and what the paper sets to 1; and none that nothing reads."""
    declared = _symbols(claim)
    given = {HORIZON} | {name for name, q in declared.items() if q.unit_value}
    read = declared.keys() | {s.name for assumption in claim.assumptions for s in assumption.free_symbols}
    for p in _predictions(claim):
        needed = {s.name for s in (claim.bound if p.bound is None else p.bound).free_symbols} - given
        missing, stray = sorted(needed - p.values.keys()), sorted(p.values.keys() - read)
        demand(not missing, f"{p.says!r} gives no value for {', '.join(missing)}")
        demand(not stray, f"{p.says!r} gives a value for {', '.join(stray)}, which nothing reads")
        for name in sorted(p.values.keys() & declared.keys()):
            _demand_in_domain(p, declared[name], p.values[name])


def _demand_in_domain(p: Prediction, q: Any, value: float | str) -> None:
    if isinstance(value, str):
        demand(value in METRICS, f"{p.says!r} takes {q.symbol} from {value!r}, which is no metric")
    else:
        demand(not _outside(q.domain, value), f"{p.says!r} has {q.symbol} = {value}, outside {q.domain}")


@functools.cache  # most values are those of many predictions, and to make one rational takes milliseconds
def _outside(domain: sp.Set, value: float) -> bool:
    return bool(domain.contains(sp.nsimplify(value, rational=True)) == sp.false)


def _assumptions_hold_where_it_is_tested(claim: Claim) -> None:
    for p in claim.experiments:
        failed = unmet(claim, p)
        demand(not failed, f"{p.says!r} does not meet {failed}")


def _predictions_can_be_run(claim: Claim) -> None:
    for p in _predictions(claim):
        get_metric(p.metric or claim.metric).check(p.problem)
        ascending = len(p.at) > 0 and p.at[0] >= 0 and all(a < b for a, b in zip(p.at, p.at[1:], strict=False))
        demand(ascending, f"{p.says!r}: at must be increasing steps >= 0, got {p.at}")
        demand(p.since is None or 0 <= p.since < p.at[0], f"{p.says!r}: since = {p.since} is not before {p.at[0]}")
        demand(p.seeds >= 1, f"{p.says!r}: seeds = {p.seeds}")
        drawn = p.problem.n_draws > 0
        demand(drawn or p.seeds == 1, f"{p.says!r}: {p.problem.name} draws nothing, {p.seeds} seeds are all alike")
        demand(drawn or p.certified is None, f"{p.says!r}: {p.problem.name} is deterministic and needs no certificate")
        fits = p.start is None or len(p.start) == p.problem.dim
        demand(fits, f"{p.says!r}: start {p.start} is not of R^{p.problem.dim}")
        demand(0 < p.level < 1, f"{p.says!r}: level = {p.level} is not in (0, 1)")
        demand(0 <= p.tolerance < 1, f"{p.says!r}: tolerance = {p.tolerance} is not in [0, 1)")


def _predictions_test_what_the_claim_says(claim: Claim) -> None:
    """A relation other than the kind's must speak of another bound or another metric."""
    for p in _predictions(claim):
        own = p.relation in (None, RELATION[claim.kind]) or (claim.kind is Kind.TIGHT and p.relation == "==")
        elsewhere = p.bound is not None or p.metric is not None
        usual = f"a claim of kind {claim.kind} is tested with {RELATION[claim.kind]!r}"
        demand(own or elsewhere, f"{p.says!r} has the relation {p.relation!r}, {usual}")


def _the_rate_is_that_of_the_bound(claim: Claim) -> None:
    """bound / (T^exponent (log T)^log_power) flattens out: its slope in log T between T = 1e60 and 1e90 is below 1e-3.

    At the numbers of every prediction of the claim's own bound; where some symbol has none it is not looked at.
    """
    if claim.rate is None:
        return
    horizon = next((q.symbol for q in claim.symbols if q.symbol.name == HORIZON), sp.Symbol(HORIZON))
    scaled = claim.bound / (horizon**claim.rate.exponent * sp.log(horizon) ** claim.rate.log_power)
    for p in _predictions(claim):
        numbers = {q.symbol: sp.S.One for q in claim.symbols if q.unit_value}
        numbers |= {_symbols(claim)[n].symbol: v for n, v in p.values.items() if n in _symbols(claim)}
        known = p.bound is None and not any(isinstance(v, str) for v in numbers.values())
        if known and scaled.free_symbols <= numbers.keys() | {horizon}:
            near, far = (sp.N(scaled.subs(numbers).subs(horizon, sp.Integer(10) ** e), 50) for e in (60, 90))
            slope = float(sp.log(sp.Abs(far / near))) / (30 * math.log(10))
            demand(abs(slope) < 1e-3, f"bound / rate grows like T^{slope:.4g} at {p.says!r}")


def _its_algebra_holds(claim: Claim) -> None:
    for checker in checkers():
        _no_finding_is_a_failure(list(checker(claim)))


def _no_finding_is_a_failure(findings: list[Finding]) -> None:
    for finding in findings:
        demand(not finding.failed, f"{finding.check} {finding.subject!r} is {finding.outcome}: {finding.reason}")


CLAIM_CHECKS: tuple[Check, ...] = (
    _everything_is_declared,
    _every_symbol_is_declared_once,
    _every_symbol_of_an_assumption_is_known,
    _every_quantity_says_what_it_is,
    _something_must_break_it,
    _every_prediction_gives_all_values,
    _assumptions_hold_where_it_is_tested,
    _predictions_can_be_run,
    _predictions_test_what_the_claim_says,
    _the_rate_is_that_of_the_bound,
    _its_algebra_holds,
)

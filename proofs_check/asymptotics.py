"""What a bound tends to, and of what order it is: one kind of statement, which three engines judge.

A bound is of the order T^a (log T)^b where bound / (T^a (log T)^b) tends to a constant that is neither 0 nor infinite:
a limit whose value is not given. A geometric order is the limit of the ratio of consecutive terms. An engine's value
counts where evaluation at 60 digits confirms it. Two that agree, and none that disagrees, make the statement PROVED.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import sympy as sp

from lab.claim import Claim, Quantity
from lab.verdict import Finding, Outcome
from proofs_check import continuity, limits, orders
from proofs_check.exact import evaluated
from proofs_check.goal import Span
from proofs_check.limits import Passage, Sign
from proofs_check.signs import sign_at

Engine = tuple[str, Callable[[Passage, Sign], sp.Expr | None]]
Judgement = tuple[Outcome, tuple[str, ...], str]  # the engines that agree on the outcome; the reason
CALCULUS: Engine = (orders.ENGINE, orders.leading_value)
ENGINES: tuple[Engine, ...] = (
    CALCULUS,
    (limits.ENGINE, limits.sympy_limit),
    (continuity.ENGINE, continuity.continuous_value),
)
HORIZON = "T"
_DIFFERENT = sp.Float("1e-30", 60)


def tends(passage: Passage, value: sp.Expr) -> Judgement:
    """Judge that the passage ends at `value`, where no denominator of the value is 0."""
    poles = [e.base for e in value.atoms(sp.Pow) if e.exp.is_negative and e.base.free_symbols]
    there = tuple(w for base in poles if isinstance(w := sp.Gt(base**2, 0), sp.Gt))
    passage = replace(passage, where=(*passage.where, *there))
    return judged(_found(passage, ENGINES), lambda v: _same(v, value, passage))


def passage_to(
    expr: sp.Expr, x: sp.Symbol, point: sp.Expr, side: str, over: tuple[Quantity, ...], where: Sequence[sp.Basic]
) -> Passage:
    """Return the passage with what may be supposed of the other symbols: what holds at the point itself.

    There the hypotheses hold, and a point that depends on other symbols is inside the domain of x.
    """
    there = [w.subs(x, point) for w in where if not (w.has(x) and point.is_infinite)]
    if point.free_symbols:
        span = next(Span.of(q.domain) for q in over if q.symbol == x)
        there += [sp.Gt(c.expr, 0) for c in span.conditions(point)]
    kept = tuple(w for w in there if w not in (sp.true, sp.false))  # a point at an open end is never allowed
    return Passage(expr, x, point, side, over, kept)


def assumptions(claim: Claim) -> tuple[sp.Basic, ...]:
    """Return the assumptions that are inequalities between the claim's own symbols."""
    own = {q.symbol for q in claim.symbols}
    return tuple(a for a in claim.assumptions if not isinstance(a, sp.Eq) and a.free_symbols <= own)


def check_rate(claim: Claim, engines: Sequence[Engine] = ENGINES) -> tuple[Finding, ...]:
    """Check the claimed rate against the bound; nothing where the claim states none.

    At the closed end of a domain (a noise of 0) a term may vanish: the rate is that inside.
    """
    if claim.rate is None:
        return ()
    bound, shape = sp.sympify(claim.bound), f"T^{claim.rate.exponent} (log T)^{claim.rate.log_power}"
    T = next((x for x in bound.free_symbols if str(x) == HORIZON), sp.Symbol(HORIZON))
    inside = tuple(replace(q, domain=_open(q.domain)) for q in claim.symbols)
    passage = passage_to(bound, T, sp.oo, "+", inside, assumptions(claim))
    outcome, agreed, reason = _judged_rate(passage, claim.rate.exponent, claim.rate.log_power, engines)
    try:
        told = f"the bound is {orders.order_of(bound, T, sign_at(passage))}, to leading order"
    except orders.NoOrder as error:
        told = str(error)
    return (
        Finding(
            check="rate", subject=f"the bound is of the order {shape}", outcome=outcome, engines=agreed,
            reason=told if orders.ENGINE in agreed else f"{told}; {reason}",
        ),
    )  # fmt: skip


def _open(domain: sp.Set) -> sp.Set:
    return domain.interior if isinstance(domain, sp.Interval) else domain


def _judged_rate(passage: Passage, exponent: sp.Expr, logs: sp.Expr, engines: Sequence[Engine]) -> Judgement:
    """Judge that the passage, to infinity, has the order x^exponent (log x)^logs."""
    bound, x = passage.expr, passage.x
    if exponent.is_infinite:
        return _judged_geometric(passage, 1 if exponent > 0 else -1, engines)
    passage = replace(passage, expr=bound / (x**exponent * sp.log(x) ** logs))
    values, sign = _found(passage, engines), sign_at(passage)
    constant = next((v for v in values.values() if v.is_finite is not False and sign(v) in (1, -1)), None)

    def right(v: sp.Expr) -> bool | None:
        if v == 0 or v.is_infinite:
            return False
        return None if constant is None else _same(v, constant, passage)

    return judged(values, right)


def _judged_geometric(passage: Passage, grows: int, engines: Sequence[Engine]) -> Judgement:
    """Judge that consecutive terms of the passage have a ratio that ends above 1, or, where they fall, in [0, 1)."""
    bound, x = passage.expr, passage.x
    passage = replace(passage, expr=sp.powsimp(sp.expand(bound.subs(x, x + 1) / bound)))
    sign = sign_at(passage)

    def right(v: sp.Expr) -> bool | None:
        beyond = (1 if v > 0 else None) if v.is_infinite else sign(v - 1)
        return None if beyond is None or sign(v) == -1 else beyond == grows

    return judged(_found(passage, engines), right)


def _found(passage: Passage, engines: Sequence[Engine]) -> dict[str, sp.Expr]:
    """Return the value that each engine finds, of those that evaluation confirms."""
    sign = sign_at(passage)
    values = {name: value for name, engine in engines if (value := engine(passage, sign)) is not None}
    confirmed: list[sp.Expr] = []
    for value in values.values():
        if any(_agree(value, other, passage) for other in confirmed) or limits.approaches(passage, value):
            confirmed.append(value)
    return {name: value for name, value in values.items() if value in confirmed}


def judged(values: Mapping[str, sp.Expr], right: Callable[[sp.Expr], bool | None]) -> Judgement:
    """Return what the engines' values prove, of which `right` tells whether they are what was claimed."""
    said = {name: right(value) for name, value in values.items()}
    proved, refuted = ([name for name in said if said[name] is answer] for answer in (True, False))
    reason = "; ".join(f"{name}: the limit is {values[name]}" for name in (*proved, *refuted))
    if bool(proved) == bool(refuted):
        return Outcome.UNDECIDED, (), reason or "no engine finds the limit"
    weak = Outcome.PROVED if len(proved) > 1 else Outcome.PROVED_BY_ONE
    return (weak if proved else Outcome.REFUTED), tuple(proved or refuted), reason


def _same(a: sp.Expr, b: sp.Expr, passage: Passage) -> bool | None:
    """Tell whether two values are equal: False where they differ at a sample, True where algebra says so, else None."""
    if a == b or a.is_infinite or b.is_infinite:
        return bool(a == b)
    if any(gap is not None and abs(gap) > _DIFFERENT for gap in _gaps(a, b, passage)):
        return False
    if sp.simplify((a - b).replace(sp.exp, _without_log)) == 0:
        return True
    return None if _agree(a, b, passage) else False


def _without_log(e: sp.Expr) -> sp.Expr:
    """Return A**c for exp(c log A), which sympy's limits are full of and its simplify does not see."""
    log = next((f for f in sp.Mul.make_args(e) if isinstance(f, sp.log)), None)
    return sp.exp(e) if log is None else log.args[0] ** (e / log)


def _agree(a: sp.Expr, b: sp.Expr, passage: Passage) -> bool:
    """Tell whether two values agree to 30 digits at all samples."""
    if a == b or a.is_infinite or b.is_infinite:
        return bool(a == b)
    return all(gap is not None and abs(gap) < _DIFFERENT for gap in _gaps(a, b, passage))


def _gaps(a: sp.Expr, b: sp.Expr, passage: Passage) -> list[sp.Expr | None]:
    return [evaluated(a - b, sample) for sample in passage.samples]

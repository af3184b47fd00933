"""Whether an experiment meets what its claim assumes: the claim's predicates, and the problem's own constants."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from lab.claim import Claim, Prediction
from lab.observe import STEP_SYMBOL, horizon
from lab.units import CURVATURE, GRADIENT, LENGTH, PURE, Units

ROUNDING = 1e-12  # relative: what float64 may lose in the two sides of an assumed equation
AT_LEAST = {  # a theorem may be given more than the problem has
    "L": CURVATURE, "L0": CURVATURE, "L1": Units(X=-1), "sigma": GRADIENT, "G": GRADIENT, "D": LENGTH,
}  # fmt: skip
AT_MOST = {"mu": CURVATURE}
MOMENT_ORDERS = sp.Interval.Lopen(1, 2)
MOMENTS = ("G", "G_0", "sigma")  # what a claim calls the bound on a moment of such an order


def unmet(claim: Claim, prediction: Prediction) -> str:
    """Return the assumptions that the prediction contradicts, as text; empty where there are none."""
    return ", ".join([*_predicates(claim, prediction), *_constants(claim, prediction)])


def _predicates(claim: Claim, prediction: Prediction) -> list[str]:
    """Return the claim's assumptions that the prediction's numbers do not meet.

    An equation is met up to the rounding of its float64 numbers; one that names the horizon is asked at every step. An
    assumption on symbols without a number (a path-dependent one, say) is not asked.
    """
    known = {q.symbol.name: 1.0 for q in claim.symbols if q.unit_value}
    known |= {name: v for name, v in prediction.values.items() if not isinstance(v, str)}
    failed = []
    for assumption in claim.assumptions:
        symbols = sorted(assumption.free_symbols, key=str)
        if not all(s.name in known or s.name == STEP_SYMBOL for s in symbols):
            continue
        holds = sp.lambdify(symbols, _slack(assumption), modules="math")
        horizons = [horizon(prediction, t) for t in prediction.at] if _names_horizon(symbols) else [1]
        rows = ([known.get(s.name, float(t)) for s in symbols] for t in horizons)
        if not all(holds(*row) for row in rows):
            failed.append(str(assumption))
    return failed


def _constants(claim: Claim, prediction: Prediction) -> list[str]:
    """Return the constants that the theorem is given and that the problem, on its whole domain, does not have.

    A symbol of other units is another quantity. Where a claim speaks of a moment, its G is that moment's and not the
    sup-norm that a problem declares; its sigma is compared only if the problem's is of the same order.
    """
    order, known = _order(claim, prediction), prediction.problem.constants
    failed = []
    if order is not None and order >= prediction.problem.tail_index:
        failed.append(f"a moment of order {order:g}, infinite at tail index {prediction.problem.tail_index:g}")
    own = known["alpha"].value if "alpha" in known else 2.0
    if "sigma" in known and "sigma" in prediction.values and order is None and own < 2:
        failed.append(f"a variance, where only the moment of order {own:g} is known")
    other = set() if order is None else {"G"} if order == own else {"G", "sigma"}
    units = {**AT_LEAST, **AT_MOST}
    other |= {q.symbol.name for q in claim.symbols if q.units != units.get(q.symbol.name, q.units)}
    for name, constant in known.items():
        given = prediction.values.get(name)
        if isinstance(given, str) or given is None or constant.region != "the domain" or name in other:
            continue
        if name in AT_LEAST and given < constant.value * (1 - ROUNDING):
            failed.append(f"{name} >= {constant.value:g}, the problem's")
        if name in AT_MOST and given > constant.value * (1 + ROUNDING):
            failed.append(f"{name} <= {constant.value:g}, the problem's")
    return failed


def _order(claim: Claim, prediction: Prediction) -> float | None:
    """Return the order of the moment that the claim assumes to be bounded; None where it speaks of none."""
    if not any(q.symbol.name in MOMENTS for q in claim.symbols):
        return None
    names = (q.symbol.name for q in claim.symbols if q.domain == MOMENT_ORDERS and q.units == PURE)
    given = (prediction.values.get(name) for name in names)
    return next((v for v in given if v is not None and not isinstance(v, str)), None)


def _names_horizon(symbols: Sequence[sp.Symbol]) -> bool:
    return any(s.name == STEP_SYMBOL for s in symbols)


def _slack(assumption: sp.Basic) -> sp.Basic:
    """Return the assumption with an equation read up to a relative rounding error."""
    if isinstance(assumption, sp.Eq):
        size = sp.Max(sp.Abs(assumption.lhs), sp.Abs(assumption.rhs))
        return sp.Abs(assumption.lhs - assumption.rhs) <= ROUNDING * size
    return assumption

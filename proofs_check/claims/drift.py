"""Which way Adam drifts on cyclic linear losses: the lab's own law.

Period n: gradient C in phase 1, -low in phases 2..n. Once the moments have settled into their own cycle they are known
in closed form, and so is what x moves in one period. A positive sum of m/sqrt(v) means downhill.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, PURE, Claim, Kind, Quantity
from proofs_check.goal import COUNT, COUNT0, POSITIVE, REAL
from proofs_check.instances import drift as runs
from proofs_check.sequences import Recursion
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import ALPHA, BETA1, BETA2, HORIZON, RADIUS, T, alpha, beta1, beta2

C, low = sp.symbols("C low", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
i = sp.Symbol("i", integer=True, positive=True)
j, k = sp.symbols("j k", integer=True, nonnegative=True)
w = sp.Symbol("w", nonnegative=True)
x, x0 = sp.symbols("x x0", real=True)

SYMBOLS = (
    HORIZON,
    Quantity(C, POSITIVE, GRADIENT, "the large slope, once a period"),
    Quantity(low, POSITIVE, GRADIENT, "size of the small slopes"),
    Quantity(n, sp.Range(2, sp.oo), PURE, "period"),
    ALPHA,
    BETA1,
    BETA2,
)
OVER = (
    *SYMBOLS,
    Quantity(i, COUNT, PURE, "phase"),
    Quantity(j, COUNT0, PURE, "small slopes since the large one"),
    Quantity(k, COUNT0, PURE, "periods done; elsewhere n - 1"),
    Quantity(w, sp.Interval(0, 1), PURE, "a weight"),
    *(Quantity(e, REAL, LENGTH, "position") for e in (x, x0)),
)

m = -low + (C + low) * (1 - beta1) * beta1 ** (i - 1) / (1 - beta1**n)
v = low**2 + (C**2 - low**2) * (1 - beta2) * beta2 ** (i - 1) / (1 - beta2**n)
PER_PERIOD = sp.Sum(m / sp.sqrt(v), (i, 1, n))


def _cycle(moment: sp.Expr, beta: sp.Expr, large: sp.Expr, small: sp.Expr, name: str) -> tuple[Identity, Identity]:
    """Return that the closed form goes from phase i = j+1 to the next, and from the last, n = k+1, to the first."""
    here, there = moment.subs(i, j + 1), moment.subs(i, j + 2)
    last, again = moment.subs({i: k + 1, n: k + 1}), moment.subs({i: 1, n: k + 1})
    return (
        Identity(f"{name} from phase i to i+1", beta * here + (1 - beta) * small, there, OVER),
        Identity(f"{name} from phase n to 1", beta * last + (1 - beta) * large, again, OVER),
    )


ADAM_DRIFT_LAW = Claim(
    id="lab.adam_drift_law",
    says="what Adam moves over T steps (whole periods) once its moments have settled, with a constant step",
    source="ratelab, own derivation",
    kind=Kind.EXACT,
    metric="iterate",
    metric_units=LENGTH,
    symbols=(*SYMBOLS, RADIUS),
    assumptions=(beta1 < sp.sqrt(beta2), sp.Eq(sp.Mod(T, n), 0)),
    bound=-alpha * T / n * PER_PERIOD,
    experiments=runs.law(),
    broken_by=runs.law_broken(),
    steps=(
        *_cycle(m, beta1, C, -low, "m"),
        *_cycle(v, beta2, C**2, low**2, "v"),
        Inequality("the large slope's weight in v is at most 1, at phase j+1 of k+1", (1 - beta2) * beta2**j, "<=",
                   1 - beta2 ** (k + 1), OVER),
        Inequality("so v stays positive", low**2 + (C**2 - low**2) * w, ">", sp.Integer(0), OVER),
        Recursion("every period moves x by -alpha times the sum", x, x - alpha * PER_PERIOD, x0, k,
                  x0 - k * alpha * PER_PERIOD, OVER),
        Identity("over T = k n steps", x0 - k * alpha * PER_PERIOD - x0, -alpha * T / n * PER_PERIOD, OVER,
                 (sp.Eq(k, T / n),)),
    ),
)  # fmt: skip

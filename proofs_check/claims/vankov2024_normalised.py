"""D. Vankov et al., "Optimizing (L0, L1)-smooth functions by gradient methods", ICLR 2025: normalised descent.

x+ = x - b g/||g||, b = Rhat/sqrt(T), on a convex f; v = <g, x - x*>/||g|| is the distance of x* from the hyperplane
through x across g, and t = L1 v. The statement is a public restatement's, in T = K + 1 points; the proof is the lab's.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import vankov2024_normalised as runs
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import HORIZON, T

AREA = Units(X=2)
L0, L1, R, Rhat, b, v, t = sp.symbols("L_0 L_1 R Rhat b v t", positive=True)
D0, D1, near, gap, total = sp.symbols("D_k D_{k+1} V d S", nonnegative=True)
slope = sp.Symbol("v_k", real=True)

SYMBOLS = (
    HORIZON,
    Quantity(L0, POSITIVE, Units(F=1, X=-2), "L0 of (L0, L1)-smoothness"),
    Quantity(L1, POSITIVE, Units(X=-1), "L1 of (L0, L1)-smoothness"),
    Quantity(R, POSITIVE, LENGTH, "||x_0 - x*||"),
    Quantity(Rhat, POSITIVE, LENGTH, "what R is taken for"),
)
OVER = (
    *SYMBOLS,
    Quantity(b, POSITIVE, LENGTH, "length of a step"),
    Quantity(v, POSITIVE, LENGTH, "least v_k"),
    Quantity(t, sp.Interval.Lopen(0, sp.Rational(3, 2)), PURE, "L1 v"),
    *(Quantity(e, NONNEGATIVE, AREA, "||x - x*||^2, before and after") for e in (D0, D1)),
    *(Quantity(e, NONNEGATIVE, LENGTH, "the mean v_k, and their sum") for e in (near, total)),
    Quantity(gap, NONNEGATIVE, OBJECTIVE, "f(x_k) - f* where v_k is least"),
    Quantity(slope, REAL, LENGTH, "v_k"),
)
MEAN = (R**2 / Rhat + Rhat) / 2
BOUND = L0 * MEAN**2 / T

NORMALISED = Claim(
    id="vankov2024.normalised",
    says="normalised descent, convex (L0, L1)-smooth f: the best of T points, for T >= 4/9 (L1 (R^2/Rhat + Rhat)/2)^2",
    source="Vankov, Rodomanov, Nedich, Sankar, Stich, ICLR 2025, as a public restatement gives it; number not checked",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="best_suboptimality",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(9 * T >= 4 * (L1 * MEAN) ** 2,),
    bound=BOUND,
    rate=Rate(-sp.Integer(1)),
    limits=(Limit("R known", Rhat, R, L0 * R**2 / T),),
    steps=(
        Inequality("one step, ||x - x* - b g/||g||||^2", 2 * b * slope, "<=", D0 - D1 + b**2, OVER,
                   (sp.Eq(D1, D0 - 2 * b * slope + b**2),)),
        Inequality("so the least v_k is at most", v, "<=", (R**2 / (b * T) + b) / 2, OVER,
                   (2 * b * total <= R**2 + T * b**2, v * T <= total)),
        Identity("which is, b = Rhat/sqrt(T),", (R**2 / (b * T) + b) / 2, MEAN / sp.sqrt(T), OVER,
                 (sp.Eq(b, Rhat / sp.sqrt(T)),)),
        Inequality("x* + v g/||g|| lies in the hyperplane, so f there is at least f(x_k), and at most what the upper"
                   " model at x* has: L0/L1^2 (exp(t) - t - 1), where exp(t) <= 1 + t + t^2 as t <= 3/2", t, "<=",
                   sp.log(1 + t + t**2), OVER),
        Inequality("so", gap, "<=", L0 * v**2, OVER, (gap <= L0 / L1**2 * t**2, sp.Eq(t, L1 * v))),
        Inequality("which is", L0 * v**2, "<=", BOUND, OVER, (v <= MEAN / sp.sqrt(T),)),
    ),
    experiments=runs.extremal(),
    broken_by=runs.extremal_broken(),
)  # fmt: skip

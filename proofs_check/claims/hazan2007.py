"""E. Hazan, A. Agarwal, S. Kale, "Logarithmic regret algorithms for online convex optimization", ML 2007: Theorem 1.

Projected gradient descent on H-strongly convex losses with gradients of at most G; the step made after round t is
1/(H t), so that the first is 1/H. D_t = ||x_t - u||^2.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import OBJECTIVE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import strongly_convex_regret as runs
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import GRADIENT_BOUND, HORIZON, G, T

H, h = sp.symbols("H h", positive=True)
dist, later, size2, total = sp.symbols("D_t D_{t+1} g2 S", nonnegative=True)
gap, inner, regret, left = sp.symbols("gap inner R left", real=True)

SYMBOLS = (HORIZON, GRADIENT_BOUND, Quantity(H, POSITIVE, Units(F=1, X=-2), "strong convexity of every loss"))
OVER = (
    *SYMBOLS,
    *(Quantity(e, NONNEGATIVE, Units(X=2), "squared distance to u, now and next") for e in (dist, later)),
    Quantity(size2, NONNEGATIVE, Units(F=2, X=-2), "squared gradient"),
    *(Quantity(e, REAL, OBJECTIVE, "a regret, or its first part") for e in (gap, inner, regret, left)),
    Quantity(h, POSITIVE, Units(), "1 + 1/2 + ... + 1/T"),
)
eta = 1 / (H * T)
ONE = dist / (2 * eta) - later / (2 * eta) + eta * G**2 / 2 - H * dist / 2

LOGARITHMIC = Claim(
    id="hazan2007.ogd_sc_log",
    says="on strongly convex losses steps 1/(H t) have regret at most G^2 (1 + log T)/(2 H)",
    source="Hazan, Agarwal, Kale, Machine Learning 69 (2007), Theorem 1, as restated in a formalised statement",
    kind=Kind.UPPER,
    standing=Standing.RESTATED,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=G**2 / (2 * H) * (1 + sp.log(T)),
    rate=Rate(sp.Integer(0), sp.Integer(1)),
    limits=(Limit("one round", T, sp.Integer(1), G**2 / (2 * H)),),
    steps=(
        Inequality("one round: a projected step, and strong convexity", gap, "<=", ONE, OVER,
                   (later <= dist - 2 * eta * inner + eta**2 * size2, size2 <= G**2, gap <= inner - H * dist / 2)),
        Identity("D_t has the weight H t/2 - H/2 = H (t-1)/2, the one with which it was left", 1 / (2 * eta) - H / 2,
                 H * (T - 1) / 2, OVER),
        Induction("so the sum of the distances telescopes: what is left is -H T D_{T+1}/2",
                  base=Identity("T = 1", H * dist / 2 - H * later / 2 - H * dist / 2, -H * later / 2, OVER),
                  step=Identity("T to T+1", -H * T * dist / 2 + H * (T + 1) * dist / 2 - H * (T + 1) * later / 2
                                - H * dist / 2, -H * (T + 1) * later / 2, OVER)),
        SumBound("1 + 1/2 + ... + 1/T", 1 / T, T, "<=", 1 + sp.log(T), (HORIZON,)),
        Inequality("both parts together", regret, "<=", G**2 / (2 * H) * (1 + sp.log(T)), OVER,
                   (regret <= left + G**2 / (2 * H) * h, left <= -H * T * later / 2, h <= 1 + sp.log(T))),
    ),
    experiments=runs.descent(),
    broken_by=runs.descent_broken(),
)  # fmt: skip

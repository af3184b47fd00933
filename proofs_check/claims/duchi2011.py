"""J. Duchi, E. Hazan, Y. Singer, "Adaptive Subgradient Methods ...", JMLR 12 (2011): Theorem 5, Corollary 6.

Mirror descent, delta = 0, coordinate by coordinate: a = ||g_{1:t}||, a_0 the same one step before, D_t = (x_t -
x*)^2. S_g sums ||g_{1:T}|| over coordinates; Dmax bounds |x_t - x*| in the sup norm. Assembled from the paper's (24),
(14) and Lemma 4. Corollary 6 compares with the best diagonal matrix s of trace d: S is its trace, A sums the
||g_{1:T}||.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import adam_regret, online as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Identity, Inequality, Optimum

AREA = Units(X=2)
eta, S_g, Dmax, a = sp.symbols("eta S_g Dmax a", positive=True)
a0, dist, later = sp.symbols("a_0 D_t D_{t+1}", nonnegative=True)
g, u, drift, noise, regret = sp.symbols("g u A B R", real=True)
s, S, D, others = sp.symbols("s S D A_0", positive=True)

SYMBOLS = (
    Quantity(Dmax, POSITIVE, LENGTH, "bound on |x_t - x*| in the sup norm"),
    Quantity(eta, POSITIVE, LENGTH, "step scale"),
    Quantity(S_g, POSITIVE, GRADIENT, "sum over coordinates of ||g_{1:T}||"),
)
OVER = (
    *SYMBOLS,
    Quantity(a, POSITIVE, GRADIENT, "||g_{1:t}|| of one coordinate"),
    Quantity(a0, NONNEGATIVE, GRADIENT, "the same one step before"),
    Quantity(g, REAL, GRADIENT, "gradient"),
    Quantity(u, REAL, LENGTH, "x_t - x*"),
    *(Quantity(e, NONNEGATIVE, AREA, "(x_t - x*)^2, now or next") for e in (dist, later)),
    *(Quantity(e, REAL, OBJECTIVE, "a part of the regret") for e in (drift, noise)),
)
BOUND = Dmax**2 / (2 * eta) * S_g + eta * S_g

THEOREM_5 = Claim(
    id="duchi2011.thm5",
    says="diagonal AdaGrad's regret is at most (Dmax^2 / (2 eta) + eta) times the sum of ||g_{1:T,i}||",
    source="Duchi, Hazan, Singer, JMLR 12 (2011), Theorem 5 (mirror descent, delta = 0), and Corollary 6",
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=BOUND,
    limits=(Limit("without gradients there is no regret", S_g, sp.Integer(0), sp.Integer(0)),),
    experiments=runs.adagrad(),
    broken_by=runs.adagrad_broken(),
    steps=(
        Inequality("a step of size eta g / a", g * u, "<=", a / (2 * eta) * (u**2 - later) + eta * g**2 / (2 * a), OVER,
                   (later <= (u - eta * g / a) ** 2,)),
        Induction("(14): sum a_t (D_t - D_{t+1}) + a_T D_{T+1} <= Dmax^2 a_T",
                  base=Inequality("T = 1", a * (dist - later) + a * later, "<=", Dmax**2 * a, OVER, (dist <= Dmax**2,)),
                  step=Inequality("T to T+1", a * (dist - later) + a * later - a0 * dist, "<=", Dmax**2 * (a - a0),
                                  OVER, (dist <= Dmax**2, a >= a0))),
        Induction("(24): sum g_t^2 / a_t <= 2 a_T",
                  base=Inequality("T = 1", g**2 / a, "<=", 2 * a, OVER, (sp.Eq(a, sp.Abs(g)),)),
                  step=Inequality("T to T+1", 2 * a0 + (a**2 - a0**2) / a, "<=", 2 * a, OVER, (a >= a0,))),
        Optimum("Corollary 6: the best step scale is Dmax / sqrt(2)", BOUND, eta, Dmax / sp.sqrt(2),
                sp.sqrt(2) * Dmax * S_g, SYMBOLS),
        Inequality("both parts, summed over coordinates", drift + noise, "<=", BOUND, OVER,
                   (drift <= Dmax**2 / (2 * eta) * S_g, noise <= eta / 2 * (2 * S_g))),
    ),
)  # fmt: skip

DIAMETER = Quantity(D, POSITIVE, LENGTH, "diameter of the domain in the sup norm")
BEST = (
    *OVER,
    DIAMETER,
    Quantity(regret, REAL, OBJECTIVE, "regret"),
    Quantity(others, POSITIVE, GRADIENT, "the sum of ||g_{1:T}|| over the coordinates before this one"),
    *(Quantity(e, POSITIVE, PURE, "this coordinate's entry of the matrix, and the trace before it") for e in (s, S)),
)

COROLLARY_6 = Claim(
    id="duchi2011.cor6",
    says="with steps of scale D / sqrt(2), AdaGrad's regret is sqrt(2) D times the sum of ||g_{1:T,i}||, as with the "
    "best diagonal matrix in hindsight",
    source="ratelab, own derivation from (24), (14) and Lemma 4, read in a machine-checked restatement; after Duchi, "
    "Hazan, Singer, JMLR 12 (2011), Corollary 6",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=(DIAMETER, SYMBOLS[2]),
    assumptions=(),
    bound=sp.sqrt(2) * D * S_g,
    limits=(Limit("without gradients there is no regret", S_g, sp.Integer(0), sp.Integer(0)),),
    steps=(
        *THEOREM_5.steps[:3],
        Inequality("Theorem 5: both parts, summed over coordinates", regret, "<=", BOUND, BEST,
                   (regret <= drift + noise, drift <= Dmax**2 / (2 * eta) * S_g, noise <= eta / 2 * (2 * S_g))),
        Induction("every fixed s has (sum ||g_{1:T,i}||)^2 / trace <= sum ||g_{1:T,i}||^2 / s_i",
                  base=Identity("one coordinate", a**2 / s, a**2 / s, BEST),
                  step=Inequality("one more", (others + a) ** 2 / (S + s), "<=", others**2 / S + a**2 / s, BEST)),
        Identity("with equality where s_i goes with ||g_{1:T,i}||: a term is its share of the square", a**2 / s,
                 (S_g**2 / S) * (a / S_g), BEST, (sp.Eq(s, S * a / S_g),)),
        Inequality("Theorem 5 at eta = D / sqrt(2)", regret, "<=", sp.sqrt(2) * D * S_g, BEST,
                   (regret <= BOUND, sp.Eq(eta, D / sp.sqrt(2)), Dmax <= D)),
    ),
    experiments=adam_regret.adagrad(),
    broken_by=adam_regret.adagrad_broken(),
)  # fmt: skip

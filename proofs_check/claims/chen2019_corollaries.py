"""X. Chen, S. Liu, R. Sun, M. Hong, "On the Convergence of a Class of Adam-type ...", ICLR 2019: corollaries.

arXiv 1808.02941, after Theorem 3.1 (chen2019.thm31): Acc = E sum <grad f, A_t grad f> <= C1 TA + C2 TB + C3 TC + C4,
where A_t = alpha_t / sqrt(vhat_t), TA = E sum |A_t g_t|^2, TB = E sum |A_t - A_{t-1}|_1, TC = E sum |A_t - A_{t-1}|^2.
C4 contains E |A_1|_1 and the bound on |A_t m_t|.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import FRACTION, NONNEGATIVE, POSITIVE
from proofs_check.instances import chen2019 as runs
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Algebra, Chain, Identity, Inequality
from proofs_check.symbols import ALPHA, HORIZON, SQUARED_GRADIENT, STEP, T, alpha, t

OWN = "ratelab, own derivation; after Chen, Liu, Sun, Hong, ICLR 2019, arXiv 1808.02941"
CURVATURE, STIFF, AREA = Units(F=1, X=-2), Units(F=-1, X=2), Units(X=2)

H, c, s, d, acc, C1, C2, C3, C4, N, N0, ratio = sp.symbols("H c s d acc C1 C2 C3 C4 N N_0 x", positive=True)
TA, TB, TC, low, dA, a, a0, w, y, size = sp.symbols("TA TB TC f2 dA A_t A_{t-1} w y |g|", nonnegative=True)
beta2 = sp.Symbol("beta2", positive=True)

TERMS = (
    Quantity(TA, NONNEGATIVE, AREA, "E sum |A_t g_t|^2"),
    Quantity(TB, NONNEGATIVE, STIFF, "E sum |A_t - A_{t-1}|_1"),
    Quantity(TC, NONNEGATIVE, Units(F=-2, X=4), "E sum |A_t - A_{t-1}|^2"),
)
BOUNDED = Quantity(H, POSITIVE, GRADIENT, "bound on gradients and stochastic gradients")
CONSTANTS = (
    Quantity(C1, POSITIVE, CURVATURE, "of Theorem 3.1"),
    Quantity(C2, POSITIVE, SQUARED_GRADIENT, "of Theorem 3.1"),
    Quantity(C3, POSITIVE, Units(F=3, X=-4), "of Theorem 3.1"),
    Quantity(C4, POSITIVE, OBJECTIVE, "of Theorem 3.1"),
)
SYMBOLS_C = (*CONSTANTS, *TERMS[:2], Quantity(a, NONNEGATIVE, STIFF, "largest |A_t - A_{t-1}| of a coordinate"),
             Quantity(acc, POSITIVE, STIFF, "sum over t of the least coordinate of A_t"))  # fmt: skip
OVER_C = (
    *SYMBOLS_C,
    TERMS[2],
    Quantity(dA, NONNEGATIVE, STIFF, "|A_t - A_{t-1}|"),
    Quantity(low, NONNEGATIVE, SQUARED_GRADIENT, "least E |grad f(x_t)|^2"),
)
CONDITION = (C1 * TA + (C2 + C3 * a) * TB + C4) / acc

CONDITIONS = Claim(
    id="chen2019.conditions",
    says="the least squared gradient vanishes where TA and TB grow more slowly than the accumulated effective step",
    source=f"{OWN}, the conditions after Theorem 3.1",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="min over t of E |grad f(x_t)|^2",
    metric_units=SQUARED_GRADIENT,
    symbols=SYMBOLS_C,
    assumptions=(),
    bound=CONDITION,
    limits=(Limit("all else bounded, it vanishes as steps accumulate", acc, sp.oo, sp.Integer(0)),),
    steps=(
        Inequality("squares of changes are at most the largest times the changes", dA**2, "<=", a * dA, OVER_C,
                   (dA <= a,)),
        Chain("into Theorem 3.1", (low, "<=", (C1 * TA + C2 * TB + C3 * TC + C4) / acc, "<=", CONDITION), OVER_C,
              (acc * low <= C1 * TA + C2 * TB + C3 * TC + C4, TC <= a * TB)),
    ),
    experiments=runs.conditions(),
    broken_by=runs.conditions_broken(),
)  # fmt: skip

BETA2_S = Quantity(s, POSITIVE, GRADIENT, "c sqrt(1-beta2), where |g_1| >= c > 0 in each coordinate")
COMMON = (HORIZON, ALPHA, *CONSTANTS, BOUNDED, Quantity(d, POSITIVE, PURE, "dimension"))
SYMBOLS_AMS = (*COMMON, BETA2_S)
SYMBOLS_FOM = (*COMMON, Quantity(c, POSITIVE, GRADIENT, "|g_1| >= c in each coordinate"))
LOCAL = (
    *TERMS,
    STEP,
    Quantity(low, NONNEGATIVE, SQUARED_GRADIENT, "least E |grad f(x_t)|^2"),
    *(Quantity(e, NONNEGATIVE, STIFF, "a coordinate of A_t, of A_{t-1}") for e in (a, a0)),
    *(Quantity(e, NONNEGATIVE, SQUARED_GRADIENT, "vhat_t, and what it grows by") for e in (w, y)),
    *(Quantity(e, POSITIVE, GRADIENT, "||g_{1:t}|| of one coordinate, now and one step before") for e in (N, N0)),
    Quantity(size, NONNEGATIVE, GRADIENT, "|g_t|"),
    Quantity(beta2, FRACTION, PURE, "weight of the old second moment"),
)
OVER_K = (*SYMBOLS_AMS, SYMBOLS_FOM[-1], *LOCAL)
log_T = 1 + sp.log(T)
log_H = 1 + sp.log(T * H**2 / c**2)
per = H / (alpha * sp.sqrt(T))
COR_31 = per * (C1 * alpha**2 * H**2 * log_T / s**2 + C2 * d * alpha / s + C3 * d * alpha**2 / s**2 + C4)
COR_32 = per * (C1 * d * alpha**2 * log_H + C2 * d * alpha / c + C3 * d * alpha**2 / c**2 + C4)


def _falling(first: sp.Expr, largest: sp.Expr, where: sp.Basic) -> tuple[Algebra, ...]:
    """What a falling A gives: TB and TC, per coordinate."""
    return (
        Induction("A falls, so the sum of A_{t-1} - A_t telescopes: plus A_T, it is at most A_1",
                  base=Inequality("T = 1", first, "<=", largest, OVER_K, (where,)),
                  step=Inequality("T to T+1", sp.Abs(a - a0) + a - a0, "<=", sp.Integer(0), OVER_K, (a <= a0,))),
        Inequality("and its squares add up to at most A_1^2", (a0 - a) ** 2, "<=", largest * (a0 - a), OVER_K,
                   (a <= a0, a0 <= largest)),
        SumBound("sum of 1/sqrt(t)", 1 / sp.sqrt(T), T, ">=", sp.sqrt(T), (HORIZON,)),
    )  # fmt: skip


COROLLARY_31 = Claim(
    id="chen2019.cor31_amsgrad",
    says="AMSGrad with alpha_t = alpha/sqrt(t), without bias correction: min E |grad f|^2 is O(log T/sqrt(T))",
    source=f"{OWN}, Corollary 3.1: the constants are not taken from the paper",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="min over t of E |grad f(x_t)|^2",
    metric_units=SQUARED_GRADIENT,
    symbols=SYMBOLS_AMS,
    assumptions=(),
    bound=COR_31,
    rate=Rate(-sp.Rational(1, 2), sp.Integer(1)),
    limits=(Limit("it vanishes", T, sp.oo, sp.Integer(0)),),
    steps=(
        Inequality("vhat_t is at least v_1 = (1-beta2) g_1^2 >= s^2", (1 - beta2) * size**2, ">=", (1 - beta2) * c**2,
                   OVER_K, (size >= c,)),
        Inequality("so A_t is at most alpha/(s sqrt(t))", alpha / sp.sqrt(t * w), "<=", alpha / (s * sp.sqrt(t)),
                   OVER_K, (w >= s**2,)),
        Inequality("and a term of TA at most alpha^2 H^2/(s^2 t)", a**2 * size**2, "<=", alpha**2 * H**2 / (s**2 * t),
                   OVER_K, (a <= alpha / (s * sp.sqrt(t)), size <= H)),
        SumBound("sum of 1/t", 1 / T, T, "<=", log_T, (HORIZON,)),
        Inequality("vhat and t grow: A falls", sp.sqrt(t * w), "<=", sp.sqrt((t + 1) * (w + y)), OVER_K),
        *_falling(alpha / sp.sqrt(w), alpha / s, w >= s**2),
        Inequality("vhat is at most H^2: A_t is at least alpha/(H sqrt(t))", alpha / sp.sqrt(t * w), ">=",
                   alpha / (H * sp.sqrt(t)), OVER_K, (w <= H**2, w >= s**2)),
        Chain("into Theorem 3.1, over alpha sqrt(T)/H", (low, "<=", per * (C1 * TA + C2 * TB + C3 * TC + C4), "<=",
              per * (C1 * alpha**2 * H**2 * log_T / s**2 + C2 * TB + C3 * TC + C4), "<=",
              per * (C1 * alpha**2 * H**2 * log_T / s**2 + C2 * d * alpha / s + C3 * TC + C4),
              "<=", COR_31), OVER_K,
              (alpha * sp.sqrt(T) / H * low <= C1 * TA + C2 * TB + C3 * TC + C4,
               TA <= alpha**2 * H**2 * log_T / s**2, TB <= d * alpha / s, TC <= d * alpha**2 / s**2)),
    ),
    experiments=runs.amsgrad(),
    broken_by=runs.amsgrad_broken(),
)  # fmt: skip

COROLLARY_32 = Claim(
    id="chen2019.cor32_adafom",
    says="AdaFom, AdaGrad with momentum, with alpha_t = alpha/sqrt(t): min E |grad f|^2 is O(log T/sqrt(T))",
    source=f"{OWN}, Corollary 3.2: the constants are not taken from the paper",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="min over t of E |grad f(x_t)|^2",
    metric_units=SQUARED_GRADIENT,
    symbols=SYMBOLS_FOM,
    assumptions=(),
    bound=COR_32,
    rate=Rate(-sp.Rational(1, 2), sp.Integer(1)),
    limits=(Limit("it vanishes", T, sp.oo, sp.Integer(0)),),
    steps=(
        Identity("A_t = alpha/||g_{1:t}||, as vhat_t is the mean square", alpha / sp.sqrt(t) / sp.sqrt(w), alpha / N,
                 OVER_K, (sp.Eq(w, N**2 / t),)),
        Inequality("it falls", alpha / N, "<=", alpha / N0, OVER_K, (N >= N0,)),
        Inequality("1 - 1/x <= log x", 1 - 1 / ratio, "<=", sp.log(ratio),
                   (Quantity(ratio, sp.Interval(1, sp.oo), PURE, "N_t^2 / N_{t-1}^2"),)),
        Induction("so sum g_t^2/N_t^2 <= 1 + log(N_T^2/N_1^2)",
                  base=Inequality("T = 1", size**2 / N**2, "<=", sp.Integer(1), OVER_K, (sp.Eq(N, size),)),
                  step=Inequality("T to T+1: x = N^2/N_0^2", (N**2 - N0**2) / N**2, "<=", 1 - N0**2 / N**2, OVER_K)),
        Inequality("and N_T^2/N_1^2 is at most T H^2/c^2", N**2 / N0**2, "<=", T * H**2 / c**2, OVER_K,
                   (N**2 <= T * H**2, N0 >= c)),
        *_falling(alpha / N, alpha / c, N >= c),
        Inequality("N_t is at most sqrt(t) H: A_t is at least alpha/(H sqrt(t))", alpha / N, ">=",
                   alpha / (H * sp.sqrt(t)), OVER_K, (N**2 <= t * H**2,)),
        Chain("into Theorem 3.1, over alpha sqrt(T)/H", (low, "<=", per * (C1 * TA + C2 * TB + C3 * TC + C4), "<=",
              per * (C1 * d * alpha**2 * log_H + C2 * TB + C3 * TC + C4), "<=",
              per * (C1 * d * alpha**2 * log_H + C2 * d * alpha / c + C3 * TC + C4), "<=", COR_32),
              OVER_K, (alpha * sp.sqrt(T) / H * low <= C1 * TA + C2 * TB + C3 * TC + C4,
               TA <= d * alpha**2 * log_H, TB <= d * alpha / c, TC <= d * alpha**2 / c**2)),
    ),
    experiments=runs.adafom(),
    broken_by=runs.adafom_broken(),
)  # fmt: skip

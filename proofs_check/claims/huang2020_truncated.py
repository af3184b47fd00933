"""After X. Huang, H. Zhou, R. Xu, Z. Wang, L. Li, arXiv 2006.07037: AdaGrad-truncation, with the lab's own constants.

T epochs of m shuffled mini-batches, x <- x - H g_i / (sqrt(m) s_{t-1}), s_t the norm of the epoch's summed gradients,
and s_0 = m G where the paper has the number 1. p_t = s_t / s_{t-1}, l is the length of an epoch's path, N^2 sums
||g_i||^2 and N <= r s_t, K = sqrt(m). The theorem of the paper has other constants, whose units do not agree.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import huang2020 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Homogeneous, Identity, Inequality, Optimum
from proofs_check.symbols import HORIZON, T

Delta, G, L, r, H, K, s0, s1, N, w, cost = sp.symbols("Delta G L r H K s_{t-1} s_t N w c", positive=True)
curve = sp.Symbol("lambda", positive=True)
z, p0, p1, path, size, total, least, e, q = sp.symbols("z p_{t-1} p_t l A S s e q", nonnegative=True)
f0, f1, F0 = sp.symbols("f_t f_{t+1} f_1", real=True)
m, k = sp.symbols("m k", integer=True, positive=True)

SYMBOLS = (
    HORIZON,
    Quantity(m, COUNT, PURE, "mini-batches in an epoch"),
    Quantity(r, POSITIVE, PURE, "consistency: N <= r s_t in every epoch"),
    Quantity(Delta, POSITIVE, OBJECTIVE, "f at the start, less f*"),
    Quantity(G, POSITIVE, GRADIENT, "bound on the mini-batch gradients"),
    Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness of every term"),
)
OVER = (
    *SYMBOLS,
    *(Quantity(x, POSITIVE, LENGTH, "step scale, and over m^(3/2)") for x in (H, w)),
    Quantity(cost, POSITIVE, OBJECTIVE, "second-order part of an epoch"),
    Quantity(K, sp.Interval(1, sp.oo), PURE, "sqrt(m)"),
    Quantity(k, COUNT, PURE, "epochs done"),
    *(Quantity(x, POSITIVE, GRADIENT, "norm of an epoch's summed gradients, or N") for x in (s0, s1, N)),
    *(Quantity(x, NONNEGATIVE, GRADIENT, "a slope, or sums of them") for x in (z, size, total, least, e, q)),
    *(Quantity(x, NONNEGATIVE, PURE, "s_t / s_{t-1}, and one epoch before") for x in (p0, p1)),
    Quantity(path, NONNEGATIVE, LENGTH, "length of an epoch's path"),
    *(Quantity(x, REAL, OBJECTIVE, "value of f") for x in (f0, f1, F0)),
)
COST = 6 * L * H**2 * r**2
BOUND = G / T + 6 * r * sp.sqrt(m * L * Delta / T)
SMALL = Quantity(curve, sp.Interval.open(0, 1), PURE, "L, in the paper's units")
ETA_5 = sp.sqrt(2 * (curve / 2 + curve**2) * curve / (3 * (curve + 2))) / (curve + 1) / sp.sqrt(5)
BEST = sp.sqrt(Delta / (6 * L * T)) / r

THEOREM_3 = Claim(
    id="huang2020.thm3",
    says="AdaGrad with one scale for the whole epoch, that of the epoch before: the smallest gradient is O(1/sqrt(T))",
    source="ratelab, own derivation; after Huang, Zhou, Xu, Wang, Li, arXiv 2006.07037, Theorem 3",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="smallest ||grad f|| at the start of an epoch",
    metric_units=GRADIENT,
    symbols=SYMBOLS,
    assumptions=(),
    bound=BOUND,
    rate=Rate(-sp.Rational(1, 2)),
    limits=(Limit("without curvature", L, sp.Integer(0), G / T),),
    steps=(
        Inequality("Cauchy-Schwarz: the path of an epoch is no longer than H r p_t", path, "<=", H * r * p1, OVER,
                   (path <= H * size / (K * s0), size <= K * N, N <= r * s1, sp.Eq(s1, p1 * s0))),
        Induction("as long as s >= 4 m L H r, s at most doubles in an epoch",
                  base=Inequality("s_1 <= m G = s_0", p1, "<=", sp.Integer(2), OVER,
                                  (p1 * s0 <= K**2 * G, sp.Eq(s0, K**2 * G))),
                  step=Inequality("gradients move by at most L times both epochs' paths", p1, "<=", sp.Integer(2), OVER,
                                  (p1 * s0 <= s0 + K**2 * L * (H * r * p1 + H * r * p0), s0 >= 4 * K**2 * L * H * r,
                                   p0 <= 2))),
        Inequality("an epoch lowers f by w s_t^2 / s_{t-1}, w = H / m^(3/2), but for (e is the error of grad f = S/m)",
                   H * p1 / K * e + L / 2 * path**2, "<=", COST, OVER,
                   (e <= L * path, path <= H * r * p1, p1 <= 2, 1 / K <= r)),
        Inequality("s_t^2 / s_{t-1} is at least", s1**2 / s0, ">=", 2 * s1 - s0, OVER),
        Induction("summed over k epochs, S = s_1 + ... + s_k",
                  base=Inequality("one", w * (2 * s1 - s0), "<=", f0 - f1 + cost, OVER,
                                  (f1 <= f0 - w * s1**2 / s0 + cost, s1**2 / s0 >= 2 * s1 - s0)),
                  step=Inequality("one more", w * (total + 2 * s1 - K**2 * G), "<=", F0 - f1 + (k + 1) * cost, OVER,
                                  (w * (total + s0 - K**2 * G) <= F0 - f0 + k * cost,
                                   f1 <= f0 - w * (2 * s1 - s0) + cost))),
        Inequality("so the smallest s", least * T, "<=", K**2 * G + (Delta + T * cost) / w, OVER,
                   (least * T <= total, w * (total - K**2 * G) <= F0 - f1 + T * cost, F0 - f1 <= Delta)),
        Identity("which is", (Delta + T * cost) / w, K**3 * (Delta / H + 6 * L * r**2 * H * T), OVER,
                 (sp.Eq(w, H / K**3), sp.Eq(cost, COST))),
        Optimum("the best step scale", Delta / H + 6 * L * r**2 * H * T, H, BEST, 2 * r * sp.sqrt(6 * L * T * Delta),
                OVER),
        Identity("whose share of s/m is", K * 2 * r * sp.sqrt(6 * L * T * Delta) / T, 2 * sp.sqrt(6) * K * r * q, OVER,
                 (sp.Eq(q, sp.sqrt(L * Delta / T)),)),
        Inequality("its gradient: at most s/m + 2 L H r, and L H r = q / sqrt(6)", z, "<=", G / T + 6 * r * K * q, OVER,
                   (z <= G / T + 2 * sp.sqrt(6) * K * r * q + 2 * q / sp.sqrt(6), 1 / K <= r)),
        Inequality("in the first epoch with s < 4 m L H r, at most 4 L H r + 2 L H r", 6 * q / sp.sqrt(6), "<=",
                   G / T + 6 * r * K * q, OVER, (1 / K <= r,)),
        Inequality("in either case", z, "<=", BOUND, OVER,
                   (z <= G / T + 6 * r * K * q, sp.Eq(K, sp.sqrt(m)), sp.Eq(q, sp.sqrt(L * Delta / T)))),
    ),
    errata=(
        Erratum(
            id="Huang, Theorem 3",
            says="the constant 24 m r L sqrt((Delta + G^2) r) fails for small L: f = L x^2/2, x_1 = m = r = 1, T = 5",
            printed=Inequality("five steps of at most eta each leave a slope of L (1 - 5 eta)", curve * (1 - 5 * ETA_5),
                               "<=", 24 * curve * sp.sqrt(curve / 2 + curve**2) / sp.sqrt(5), (SMALL,)),
            repair=(Homogeneous("with these steps' constants the units agree", BOUND, GRADIENT, OVER),),
            survives="the rate, with other constants and another start",
        ),
    ),
    experiments=runs.truncated(BOUND),
    broken_by=runs.truncated_broken(BOUND),
)  # fmt: skip

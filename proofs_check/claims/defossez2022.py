"""A. Defossez, L. Bottou, F. Bach, N. Usunier, "A Simple Convergence Proof of Adam and Adagrad", TMLR 2022, 2003.02395.

Without momentum: v_n = beta2 v_{n-1} + g_n^2, x_n = x_{n-1} - alpha_n g_n / sqrt(eps + v_n), |g| <= R - sqrt(eps);
beta2 = 1 is Adagrad, alpha_n = alpha sqrt((1-beta2^n)/(1-beta2)) Adam. In one coordinate G is the expected gradient,
p = sqrt(eps + v), and q the same with the last square replaced by its expectation r^2. The assumptions were read in the
paper; the displays of the bounds were recalled, and each is derived again here. Metric: E ||grad F||^2 at a
random one of the T iterates.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import defossez2022 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import BETA2, HORIZON, SQUARED_GRADIENT, T, alpha, beta2

R, L, d, eps, p, q, r, e, Omega, step = sp.symbols("R L d epsilon p q r sqrt(eps) Omega alpha_n", positive=True)
Delta, G, g, delta, U, V, P, b, new, S, x = sp.symbols("Delta G g delta U V P b a S x", nonnegative=True)
u, u0 = sp.symbols("u u_0", positive=True)
f0, f1, start, mean, ratio = sp.symbols("F_{n-1} F_n F_0 E Sigma", real=True)
ell, cost = sp.symbols("ell c", nonnegative=True)
weight = sp.Symbol("beta2", positive=True)  # as in BETA2, but 1 is allowed

ALPHA = Quantity(alpha, POSITIVE, LENGTH, "step scale")
MODEL = (
    HORIZON,
    Quantity(R, POSITIVE, GRADIENT, "sqrt(eps) plus the bound on the gradients' coordinates"),
    Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness"),
    Quantity(d, POSITIVE, PURE, "dimension"),
    Quantity(Delta, NONNEGATIVE, OBJECTIVE, "F(x_0) - F*"),
    Quantity(eps, POSITIVE, SQUARED_GRADIENT, "epsilon"),
)
COORDINATE = (
    Quantity(G, NONNEGATIVE, GRADIENT, "size of the expected gradient"),
    Quantity(U, NONNEGATIVE, PURE, "E g^2/(eps + v)"),
    Quantity(q, POSITIVE, GRADIENT, "sqrt(eps + v) with the expected last square"),
    Quantity(R, POSITIVE, GRADIENT, "bound on the gradients"),
)
LEMMA_OVER = (
    *COORDINATE,
    Quantity(g, NONNEGATIVE, GRADIENT, "size of the gradient"),
    Quantity(delta, NONNEGATIVE, GRADIENT, "root of the last square: |g|"),
    *(Quantity(y, POSITIVE, GRADIENT, "sqrt(eps + v), or root of the expected last square") for y in (p, r)),
    Quantity(mean, REAL, GRADIENT, "E G g/sqrt(eps + v)"),
    Quantity(S, NONNEGATIVE, SQUARED_GRADIENT, "E of the last square"),
)

DESCENT = (
    Identity("the two denominators", 1 / p - 1 / q, (q**2 - p**2) / (p * q * (p + q)), LEMMA_OVER),
    Inequality("whose squares differ by r^2 - |g|^2", G * g * sp.Abs(r**2 - delta**2) / (p * q * (p + q)), "<=",
               G * g * r**2 / (p * q**2) + G * g * delta**2 / (p**2 * q), LEMMA_OVER),
    Chain("Young, on the first part", (G * g * r**2 / (p * q**2), "<=",
          G**2 / (4 * q) + g**2 * r**4 / (p**2 * q**3), "<=", G**2 / (4 * q) + r * g**2 / p**2), LEMMA_OVER, (r <= q,)),
    Chain("Young, on the second", (G * g * delta**2 / (p**2 * q), "<=",
          (G * delta / r) ** 2 / (4 * q) + (g * delta * r / p**2) ** 2 / q, "<=",
          (G * delta / r) ** 2 / (4 * q) + r * g**2 / p**2), LEMMA_OVER, (r <= q, delta <= p)),
    Inequality("in expectation, E g^2 = r^2 <= R^2", mean, ">=", G**2 / (2 * q) - 2 * R * U, LEMMA_OVER,
               (mean >= G**2 / q - G**2 / (4 * q) - G**2 * S / (4 * r**2 * q) - 2 * r * U, sp.Eq(S, r**2), r <= R)),
)  # fmt: skip

LEMMA_51 = Claim(
    id="defossez2022.lemma51",
    says="a denominator that knows the gradient costs at most half of the descent and 2R E g^2/(eps + v)",
    source="ratelab, own derivation; after Defossez et al., TMLR 2022, arXiv 2003.02395, Lemma 5.1",
    kind=Kind.LOWER,
    metric="E G g/sqrt(eps + v) in one coordinate",
    metric_units=GRADIENT,
    symbols=COORDINATE,
    assumptions=(),
    bound=G**2 / (2 * q) - 2 * R * U,
    limits=(Limit("half of the descent of a fixed denominator", R, sp.Integer(0), G**2 / (2 * q)),),
    standing=Standing.DERIVED,
    steps=DESCENT,
)  # fmt: skip

RATIOS_OVER = (
    HORIZON,
    Quantity(weight, sp.Interval.Lopen(0, 1), PURE, "weight of the old second moment; 1 is Adagrad"),
    Quantity(eps, POSITIVE, SQUARED_GRADIENT, "epsilon"),
    Quantity(b, NONNEGATIVE, SQUARED_GRADIENT, "b_T"),
    *(Quantity(y, sp.Interval(1, sp.oo), PURE, "1 + b_j/eps, now and one step before") for y in (u, u0)),
    Quantity(new, NONNEGATIVE, PURE, "a_j/eps"),
    Quantity(x, sp.Interval.Ropen(0, 1), PURE, "a_j/(eps + b_j)"),
    Quantity(ratio, REAL, PURE, "sum of a_j/(eps + b_j)"),
)
LEMMA_52_BOUND = sp.log(1 + b / eps) - T * sp.log(weight)
RATIOS = (
    Inequality("x <= -log(1-x)", x, "<=", -sp.log(1 - x), RATIOS_OVER),
    Chain("1 - x is at least beta2 times a ratio that telescopes, u = 1 + b/eps",
          (1 - new / u, "==", (1 + weight * (u0 - 1)) / u, ">=", weight * u0 / u), RATIOS_OVER,
          (sp.Eq(new, u - 1 - weight * (u0 - 1)),)),
    Inequality("logarithms grow", sp.log(u), "<=", sp.log(u + new), RATIOS_OVER),
    Induction("so the sum grows no faster than log u - N log beta2",
              base=Identity("N = 0", sp.Integer(0), sp.log(u) - 0 * sp.log(weight), RATIOS_OVER, (sp.Eq(u, 1),)),
              step=Inequality("N to N+1", ratio + x, "<=", sp.log(u) - (T + 1) * sp.log(weight), RATIOS_OVER,
                              (ratio <= sp.log(u0) - T * sp.log(weight),
                               x <= -(sp.log(weight) + sp.log(u0) - sp.log(u)))),
              conclusion=(ratio, "<=", LEMMA_52_BOUND)),
)  # fmt: skip

LEMMA_52 = Claim(
    id="defossez2022.lemma52",
    says="the sum of a_j/(eps + b_j), b_j = beta2 b_{j-1} + a_j, grows like a logarithm, plus -log beta2 a step",
    source="ratelab, own derivation; after Defossez et al., TMLR 2022, arXiv 2003.02395, Lemma 5.2",
    kind=Kind.UPPER,
    metric="sum of a_j/(eps + b_j) over T steps",
    metric_units=PURE,
    symbols=RATIOS_OVER[:4],
    assumptions=(),
    bound=LEMMA_52_BOUND,
    limits=(Limit("Adagrad: the logarithm alone", weight, sp.Integer(1), sp.log(1 + b / eps)),),
    standing=Standing.DERIVED,
    steps=RATIOS,
)

OVER = (
    *MODEL,
    ALPHA,
    BETA2,
    Quantity(G, NONNEGATIVE, GRADIENT, "||grad F||"),
    Quantity(e, POSITIVE, GRADIENT, "sqrt(eps)"),
    Quantity(Omega, sp.Interval(1, sp.oo), PURE, "sqrt((1-beta2^n)/(1-beta2))"),
    Quantity(step, POSITIVE, LENGTH, "alpha_n"),
    *(Quantity(y, REAL, OBJECTIVE, "expected F before and after a step, and at the start") for y in (f0, f1, start)),
    Quantity(mean, REAL, GRADIENT, "E <grad F, g/sqrt(eps + v)>"),
    Quantity(P, NONNEGATIVE, GRADIENT, "sum over coordinates of G^2/sqrt(eps + v~)"),
    *(Quantity(y, NONNEGATIVE, PURE, "E of the sum of g^2/(eps + v), of a step or of all") for y in (U, V)),
    Quantity(S, NONNEGATIVE, SQUARED_GRADIENT, "sum of E ||grad F||^2"),
    Quantity(ell, NONNEGATIVE, PURE, "the bound of Lemma 5.2, per coordinate"),
    Quantity(cost, NONNEGATIVE, OBJECTIVE, "what a unit of g^2/(eps + v) costs"),
    Quantity(b, NONNEGATIVE, SQUARED_GRADIENT, "v_T of one coordinate"),
    Quantity(x, sp.Interval.Ropen(0, 1), PURE, "1/T"),
)
ONE_STEP = Inequality("descent lemma with Lemma 5.1", f1, "<=",
                      f0 - step * P / 2 + (2 * step * R + step**2 * L / 2) * U, OVER,
                      (f1 <= f0 - step * mean + step**2 * L * U / 2, mean >= P / 2 - 2 * R * U))  # fmt: skip
LOG_ADAGRAD = sp.log(1 + T * R**2 / eps)
ADAGRAD = 2 * R * Delta / (alpha * sp.sqrt(T)) + (4 * d * R**2 + alpha * d * R * L) * ell / sp.sqrt(T)
THEOREM_1_BOUND = ADAGRAD.subs(ell, LOG_ADAGRAD)

THEOREM_1 = Claim(
    id="defossez2022.thm1_adagrad",
    says="Adagrad finds a stationary point of a smooth function at the rate log(T)/sqrt(T)",
    source="ratelab, own derivation; after Defossez et al., TMLR 2022, arXiv 2003.02395, Theorem 1",
    kind=Kind.UPPER,
    metric="E ||grad F||^2 at a uniformly random iterate",
    metric_units=SQUARED_GRADIENT,
    symbols=(*MODEL, ALPHA),
    assumptions=(eps < R**2,),
    bound=THEOREM_1_BOUND,
    rate=Rate(-sp.Rational(1, 2), sp.Integer(1)),
    limits=(Limit("without curvature", L, sp.Integer(0),
                  2 * R * Delta / (alpha * sp.sqrt(T)) + 4 * d * R**2 * LOG_ADAGRAD / sp.sqrt(T)),),
    standing=Standing.DERIVED,
    steps=(
        *DESCENT,
        ONE_STEP,
        Inequality("eps + v <= n R^2", e**2 + T * (R - e) ** 2, "<=", T * R**2, OVER, (e <= R,)),
        Inequality("so the descent is at least that of a step alpha/(2R sqrt(T))", G**2 / q, ">=",
                   G**2 / (R * sp.sqrt(T)), (*OVER, COORDINATE[2]), (q**2 <= T * R**2,)),
        Induction("summed over the steps",
                  base=Identity("none", f0 + alpha * S / (2 * R * sp.sqrt(T)), start, OVER,
                                (sp.Eq(f0, start), sp.Eq(S, 0 * R**2))),
                  step=Inequality("one more", f1 + alpha * (S + G**2) / (2 * R * sp.sqrt(T)), "<=",
                                  start + (2 * alpha * R + alpha**2 * L / 2) * (V + U), OVER,
                                  (f0 + alpha * S / (2 * R * sp.sqrt(T)) <= start
                                   + (2 * alpha * R + alpha**2 * L / 2) * V,
                                   f1 <= f0 - alpha * P / 2 + (2 * alpha * R + alpha**2 * L / 2) * U,
                                   P >= G**2 / (R * sp.sqrt(T))))),
        *RATIOS,
        Inequality("where b is at most T R^2", b, "<=", T * R**2, OVER, (b <= T * (R - e) ** 2, e <= R)),
        Inequality("all together, over T", S / T, "<=", ADAGRAD, OVER,
                   (alpha * S / (2 * R * sp.sqrt(T)) <= Delta + (2 * alpha * R + alpha**2 * L / 2) * V, V <= d * ell)),
        Identity("with the logarithm of Lemma 5.2", ADAGRAD, THEOREM_1_BOUND, OVER, (sp.Eq(ell, LOG_ADAGRAD),)),
    ),
    experiments=runs.adagrad(),
    broken_by=runs.adagrad_broken(),
)  # fmt: skip

LOG_ADAM = sp.log(1 + R**2 / ((1 - beta2) * eps))
E_C = 4 * d * R**2 / sp.sqrt(1 - beta2) + alpha * d * R * L / (1 - beta2)
THEOREM_2_BOUND = 2 * R * Delta / (alpha * T) + E_C * (LOG_ADAM / T - sp.log(beta2))

THEOREM_2 = Claim(
    id="defossez2022.thm2_adam",
    says="Adam without momentum comes near a stationary point at the rate 1/T, up to a floor -E log(beta2)",
    source="ratelab, own derivation; after Defossez et al., TMLR 2022, arXiv 2003.02395, Theorem 2",
    kind=Kind.UPPER,
    metric="E ||grad F||^2 at a uniformly random iterate",
    metric_units=SQUARED_GRADIENT,
    symbols=(*MODEL, ALPHA, BETA2),
    assumptions=(eps < R**2,),
    bound=THEOREM_2_BOUND,
    rate=Rate(sp.Integer(0)),
    limits=(Limit("the floor that a fixed beta2 leaves", T, sp.oo, -E_C * sp.log(beta2)),),
    standing=Standing.DERIVED,
    steps=(
        *DESCENT,
        ONE_STEP,
        Inequality("eps + v <= R^2 (1-b2^n)/(1-b2)", e**2 + Omega**2 * (R - e) ** 2, "<=", R**2 * Omega**2, OVER,
                   (e <= R,)),
        Inequality("which alpha_n makes up for", alpha * Omega * G**2 / q, ">=", alpha * G**2 / R,
                   (*OVER, COORDINATE[2]), (q <= R * Omega,)),
        Inequality("while alpha_n stays below alpha/sqrt(1-b2)", 2 * step * R + step**2 * L / 2, "<=",
                   2 * alpha * R / sp.sqrt(1 - beta2) + alpha**2 * L / (2 * (1 - beta2)), OVER,
                   (step <= alpha / sp.sqrt(1 - beta2),)),
        Induction("summed over the steps",
                  base=Identity("none", f0 + alpha * S / (2 * R), start, OVER,
                                (sp.Eq(f0, start), sp.Eq(S, 0 * R**2))),
                  step=Inequality("one more", f1 + alpha * (S + G**2) / (2 * R), "<=",
                                  start + cost * (V + U), OVER,
                                  (f0 + alpha * S / (2 * R) <= start + cost * V,
                                   f1 <= f0 - alpha * G**2 / (2 * R) + cost * U))),
        *RATIOS,
        Inequality("where b is at most R^2/(1-b2)", b, "<=", R**2 / (1 - beta2), OVER,
                   (b <= Omega**2 * (R - e) ** 2, Omega**2 <= 1 / (1 - beta2), e <= R)),
        Inequality("all together, over T", S / T, "<=", 2 * R * Delta / (alpha * T) + E_C * ell / T, OVER,
                   (alpha * S / (2 * R) <= Delta + alpha * E_C / (2 * R * d) * V, V <= d * ell)),
        Identity("with Lemma 5.2", 2 * R * Delta / (alpha * T) + E_C * ell / T, THEOREM_2_BOUND, OVER,
                 (sp.Eq(ell, LOG_ADAM - T * sp.log(beta2)),)),
    ),
    experiments=runs.adam(),
    broken_by=runs.adam_broken(),
)  # fmt: skip

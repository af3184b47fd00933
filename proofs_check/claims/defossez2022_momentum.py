"""A. Defossez, L. Bottou, F. Bach, N. Usunier, "A Simple Convergence Proof of Adam and Adagrad", TMLR 2022, 2003.02395.

With momentum: m_n = beta1 m_{n-1} + g_n, v_n = beta2 v_{n-1} + g_n^2, x_n = x_{n-1} - alpha_n u_n; u is m/sqrt(eps+v)
and U is g/sqrt(eps+v). theta = beta1/beta2; the random iterate j < T has weight 1 - beta1^(T-j), and these weights sum
to at least N~ = T - beta1/(1-beta1). The displays were recalled and are derived again here; Cauchy-Schwarz bounds the
two series by half of the constants that the theorems use.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, COUNT0, FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import defossez2022 as runs
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import BETA1, BETA2, HORIZON, SQUARED_GRADIENT, T, alpha, beta1, beta2

R, L, d, eps, p, q, r, a, h, y, theta, N = sp.symbols("R L d epsilon p q r alpha_n h y theta N~", positive=True)
Delta, g, G, drift, delta, lag, low, D, x = sp.symbols("Delta |g| |G| |dG| delta k b D x", nonnegative=True)
P, V, U, U_k, W, Z, Z0, ell, K, X = sp.symbols("P V U U_k W Z Z_0 ell K X", nonnegative=True)
Q, H, S, total, m, s, s_k, A, B = sp.symbols("Q H S Sigma m s s_k A B", nonnegative=True)
price, moved = sp.symbols("price moved", nonnegative=True)
f0, f1, start, mean, cross = sp.symbols("F_{n-1} F_n F_0 E C", real=True)
j = sp.Symbol("j", integer=True, nonnegative=True)
k = sp.Symbol("kappa", integer=True, positive=True)

MODEL = (
    HORIZON,
    Quantity(R, POSITIVE, GRADIENT, "sqrt(eps) plus the bound on the gradients' coordinates"),
    Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness"),
    Quantity(d, POSITIVE, PURE, "dimension"),
    Quantity(Delta, NONNEGATIVE, OBJECTIVE, "F(x_0) - F*"),
    Quantity(eps, POSITIVE, SQUARED_GRADIENT, "epsilon"),
    Quantity(alpha, POSITIVE, LENGTH, "step scale"),
    BETA1,
)
LAG = (
    Quantity(P, NONNEGATIVE, GRADIENT, "sum over coordinates of E G_{n-k}^2/q"),
    Quantity(U_k, NONNEGATIVE, PURE, "E ||U_{n-k}||^2"),
    Quantity(W, NONNEGATIVE, PURE, "E ||u_{n-1}||^2 + ... + E ||u_{n-k}||^2"),
    Quantity(lag, NONNEGATIVE, PURE, "lag"),
    *MODEL[1:3],
    Quantity(a, POSITIVE, LENGTH, "alpha_n, no smaller than those before"),
    BETA1,
    Quantity(y, sp.Interval.Lopen(0, 1), PURE, "beta2^k"),
)
LAG_OVER = (
    *LAG,
    *(Quantity(e, NONNEGATIVE, GRADIENT, "sizes: gradients, what one moved, root of the squares")
      for e in (g, G, drift, delta)),
    *(Quantity(e, NONNEGATIVE, GRADIENT, "price of the denominator, and of the move") for e in (price, moved, s, s_k)),
    *(Quantity(e, POSITIVE, GRADIENT, "sqrt(eps+v), the same with expected squares, root of those") for e in (p, q, r)),
    *(Quantity(e, REAL, GRADIENT, "E of <G_{n-k}, g_{n-k}/p>, and of <G_n, g_{n-k}/p>") for e in (mean, cross)),
    *(Quantity(e, NONNEGATIVE, PURE, "||u_{n-1}|| + ... + ||u_{n-k}||, and one more") for e in (D, x)),
    Quantity(U, NONNEGATIVE, PURE, "E of the sum of g_{n-k}^2/(eps+v_n)"),
    Quantity(h, POSITIVE, PURE, "weight of Young's inequality"),
    Quantity(low, NONNEGATIVE, SQUARED_GRADIENT, "v_{n-k}"),
    MODEL[5],
)  # fmt: skip
PRICE = 3 * R * sp.sqrt(lag + 1) / (sp.sqrt(1 - beta1) * y) * U_k
MOVED = sp.sqrt(1 - beta1) * sp.sqrt(lag) * a**2 * L**2 * W / (4 * R)

LAGGED = (
    Chain("Young on the first part of |1/p - 1/q| |Gg|", (G * g * r**2 / (p * q**2), "<=",
          G**2 / (4 * q) + g**2 * r**4 / (p**2 * q**3), "<=", G**2 / (4 * q) + r * g**2 / p**2), LAG_OVER, (r <= q,)),
    Chain("Young on the second", (G * g * delta**2 / (p**2 * q), "<=",
          (G * delta / r) ** 2 / (4 * q) + (g * delta * r / p**2) ** 2 / q, "<=",
          (G * delta / r) ** 2 / (4 * q) + r * g**2 / p**2), LAG_OVER, (r <= q, delta <= p)),
    Inequality("k + 1 squares are expected: r^2 <= (k+1) R^2", mean, ">=", P / 2 - 2 * R * sp.sqrt(lag + 1) * U,
               LAG_OVER, (mean >= P - P / 4 - P / 4 - 2 * r * U, r**2 <= (lag + 1) * R**2)),
    Inequality("eps + v_n >= beta2^k (eps + v_{n-k})", p**2, ">=", y * (eps + low), LAG_OVER, (p**2 >= eps + y * low,)),
    Induction("Cauchy-Schwarz: (sum of k lengths)^2 <= k W",
              base=Identity("k = 0", D**2, lag * W, LAG_OVER, (sp.Eq(D, 0 * y), sp.Eq(lag, 0 * y))),
              step=Inequality("k to k+1", (D + x) ** 2, "<=", (lag + 1) * (W + x**2), LAG_OVER, (D**2 <= lag * W,))),
    Inequality("so the gradient has moved by at most", drift**2, "<=", L**2 * a**2 * lag * W, LAG_OVER,
               (drift <= L * a * D, D**2 <= lag * W)),
    Inequality("Young, on what it has moved", drift * g / p, "<=", h * drift**2 / (4 * R) + R * g**2 / (h * p**2),
               LAG_OVER),
    Inequality("with h = sqrt((1-b1)/(k+1))", h * drift**2 / (4 * R), "<=", MOVED, LAG_OVER,
               (sp.Eq(h, sp.sqrt(1 - beta1) / sp.sqrt(lag + 1)), drift**2 <= L**2 * a**2 * lag * W)),
    Inequality("the price of both", 2 * R * sp.sqrt(lag + 1) * U + R * sp.sqrt(lag + 1) / sp.sqrt(1 - beta1) * U, "<=",
               PRICE, LAG_OVER, (U <= U_k / y,)),
    Inequality("together", cross, ">=", P / 2 - price - moved, LAG_OVER,
               (cross >= P / 2 - s - s_k, s <= price, s_k <= moved)),
    Identity("with both prices", P / 2 - price - moved, P / 2 - PRICE - MOVED, LAG_OVER,
             (sp.Eq(price, PRICE), sp.Eq(moved, MOVED))),
)  # fmt: skip

LEMMA_MOMENTUM = Claim(
    id="defossez2022.lemma_momentum",
    says="a step still descends along the gradient of k iterations ago, at a price that grows like sqrt(k)",
    source="ratelab, own derivation; after Defossez et al., TMLR 2022, arXiv 2003.02395, appendix (number not checked)",
    kind=Kind.LOWER,
    metric="E <grad F(x_{n-1}), g_{n-k}/sqrt(eps+v_n)>",
    metric_units=GRADIENT,
    symbols=LAG,
    assumptions=(),
    bound=P / 2 - PRICE - MOVED,
    limits=(Limit("without lag", lag, sp.Integer(0), P / 2 - 3 * R / (sp.sqrt(1 - beta1) * y) * U_k),),
    standing=Standing.DERIVED,
    steps=LAGGED,
)

OVER = (
    *MODEL,
    BETA2,
    Quantity(theta, FRACTION, PURE, "beta1 or beta1/beta2"),
    Quantity(N, POSITIVE, PURE, "T - beta1/(1-beta1)"),
    Quantity(a, POSITIVE, LENGTH, "alpha_T"),
    *(Quantity(e, POSITIVE, GRADIENT, "sqrt(eps+v), now and one step before") for e in (p, q)),
    *(Quantity(e, NONNEGATIVE, GRADIENT, "size of gradient and momentum") for e in (g, m)),
    *(Quantity(e, NONNEGATIVE, SQUARED_GRADIENT, "sums of squares: with weights beta1^k or 1-beta1^k, or with none")
      for e in (Q, H, S, total)),
    *(Quantity(e, NONNEGATIVE, PURE, "sums of ratios, of series and of their parts")
      for e in (V, U, U_k, Z, Z0, s, s_k, A, B, ell)),
    *(Quantity(e, NONNEGATIVE, OBJECTIVE, "costs: of all steps so far, of this one") for e in (X, Delta)),
    *(Quantity(e, REAL, OBJECTIVE, "expected F before and after a step, and at the start") for e in (f0, f1, start)),
    Quantity(K, NONNEGATIVE, SQUARED_GRADIENT, "the constant in front of the sum of ratios"),
    Quantity(y, sp.Interval.Lopen(0, 1), PURE, "theta^k"),
    Quantity(lag, NONNEGATIVE, PURE, "k"),
    Quantity(j, COUNT0, PURE, "upper end of a sum"),
    Quantity(k, COUNT, PURE, "upper end of a sum"),
)  # fmt: skip
OVER = tuple({quantity.symbol: quantity for quantity in OVER}.values())

MOMENTS = (
    Induction("m_n^2 is at most the sum of beta1^k g_{n-k}^2, over 1 - beta1",
              base=Identity("no gradient yet", m**2, Q / (1 - beta1), OVER, (sp.Eq(m, 0 * g), sp.Eq(Q, 0 * g**2))),
              step=Chain("one more", ((beta1 * m + g) ** 2, "<=", beta1 * m**2 + g**2 / (1 - beta1), "<=",
                         (beta1 * Q + g**2) / (1 - beta1)), OVER, (m**2 <= Q / (1 - beta1),))),
    Inequality("over eps + v, which keeps beta2 of itself", (beta1 * Q + g**2) / p**2, "<=",
               beta1 / beta2 * Q / q**2 + g**2 / p**2, OVER, (p**2 >= beta2 * q**2,)),
    Induction("sum of Z_n + theta/(1-theta) Z_N is at most that of U_n, over 1 - theta",
              base=Identity("none", Z / (1 - theta), U / (1 - theta), OVER, (sp.Eq(Z, U),)),
              step=Inequality("one more", Z + theta / (1 - theta) * (Z - Z0), "<=", U / (1 - theta), OVER,
                              (Z <= theta * Z0 + U,))),
)  # fmt: skip
geometric = (1 - theta ** (j + 1)) / (1 - theta)
first = (1 - (j + 2) * theta ** (j + 1) + (j + 1) * theta ** (j + 2)) / (1 - theta) ** 2
second = theta * (1 - (k + 1) * theta**k + k * theta ** (k + 1)) / (1 - theta) ** 2
third = theta * (1 + theta - theta**k * ((k + 1 - k * theta) ** 2 + theta)) / (1 - theta) ** 3
SERIES = (
    SumBound("sum of theta^k", theta**j, j, "==", geometric, OVER),
    SumBound("sum of (k+1) theta^k", (j + 1) * theta**j, j, "==", first, OVER),
    Inequality("which is below its limit", first, "<=", 1 / (1 - theta) ** 2, OVER),
    Induction("Cauchy-Schwarz",
              base=Identity("none", s**2, A * B, OVER, (sp.Eq(s, A), sp.Eq(A, B))),
              step=Inequality("one more", (s + y * sp.sqrt(lag + 1)) ** 2, "<=", (A + y) * (B + y * (lag + 1)), OVER,
                              (s**2 <= A * B,))),
    Inequality("sum of theta^k sqrt(k+1)", s, "<=", 2 / (1 - theta) ** sp.Rational(3, 2), OVER,
               (s**2 <= A * B, A <= 1 / (1 - theta), B <= 1 / (1 - theta) ** 2)),
    SumBound("sum of k theta^k", k * theta**k, k, "==", second, OVER),
    SumBound("sum of k^2 theta^k", k**2 * theta**k, k, "==", third, OVER),
    Inequality("below its limit", third, "<=", 2 * theta / (1 - theta) ** 3, OVER),
    Inequality("sum of theta^k sqrt(k) k", s, "<=", 4 * theta / (1 - theta) ** sp.Rational(5, 2), OVER,
               (s**2 <= A * B, A <= theta / (1 - theta) ** 2, B <= 2 * theta / (1 - theta) ** 3)),
    Inequality("every U_j meets at most the whole series", V * s + U * s_k, "<=", (V + U) * s, OVER, (s_k <= s,)),
)  # fmt: skip
WEIGHTS = (
    Induction("(1-beta1) times the sums H_n of beta1^k G_{n-k}^2 add up to the weighted sum S = Sigma - beta1 H",
              base=Identity("none", total - beta1 * H, (1 - beta1) * H, OVER, (sp.Eq(total, H),)),
              step=Identity("one more", total - beta1 * H + (1 - beta1) * (beta1 * H + g**2),
                            total + g**2 - beta1 * (beta1 * H + g**2), OVER)),
    SumBound("the weights add up to", 1 - beta1**k, k, "==", k - beta1 * (1 - beta1**k) / (1 - beta1), OVER),
    Inequality("which is at least N~", k - beta1 * (1 - beta1**k) / (1 - beta1), ">=", k - beta1 / (1 - beta1), OVER),
)  # fmt: skip
SUMMED = Induction("summed over the steps: F falls by alpha (1-beta1) H/(2R), up to the costs",
                   base=Identity("none", f0 + alpha * S / (2 * R), start, OVER, (sp.Eq(f0, start), sp.Eq(S, 0 * R**2))),
                   step=Inequality("one more", f1 + alpha * (S + (1 - beta1) * H) / (2 * R), "<=", start + X + Delta,
                                   OVER, (f0 + alpha * S / (2 * R) <= start + X,
                                          f1 <= f0 - alpha * (1 - beta1) * H / (2 * R) + Delta)))  # fmt: skip


def _costs(last: sp.Expr, ratio: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return what the three costs, times 2R/alpha, are per unit of the sum of U, for a last step alpha_T."""
    moments = 1 / ((1 - beta1) * (1 - ratio))
    return (
        2 * R / alpha * last**2 * L / 2 * moments,
        2 * R / alpha * last * 3 * R / sp.sqrt(1 - beta1) * 2 / (1 - ratio) ** sp.Rational(3, 2),
        2 * R / alpha * last**3 * L**2 * sp.sqrt(1 - beta1) / (4 * R)
        * 4 * beta1 / (1 - beta1) ** sp.Rational(5, 2) * moments,
    )  # fmt: skip


ALL = 2 * R * Delta / (alpha * N) + K * d * ell / N
WEIGHTED = "E ||grad F||^2 at the random iterate with weights 1 - beta1^(T-j)"
N_IS = T - beta1 / (1 - beta1)
LOG_ADAGRAD = sp.log(1 + T * R**2 / eps)
PRINTED = (alpha * R * L, 12 * R**2 / (1 - beta1), 2 * alpha**2 * L**2 * beta1 / (1 - beta1))
THEOREM_3_BOUND = 2 * R * sp.sqrt(T) * Delta / (alpha * N_IS) + sp.sqrt(T) / N_IS * d * sp.Add(*PRINTED) * LOG_ADAGRAD

THEOREM_3 = Claim(
    id="defossez2022.thm3_adagrad_momentum",
    says="Adagrad with momentum and steps alpha (1-beta1) keeps the rate log(T)/sqrt(T)",
    source="ratelab, own derivation; after Defossez et al., TMLR 2022, arXiv 2003.02395, Theorem 3",
    kind=Kind.UPPER,
    metric=WEIGHTED,
    metric_units=SQUARED_GRADIENT,
    symbols=MODEL,
    assumptions=(eps < R**2, N_IS > 0),
    bound=THEOREM_3_BOUND,
    rate=Rate(-sp.Rational(1, 2), sp.Integer(1)),
    limits=(
        Limit("without momentum: 12 for Theorem 1's 4", beta1, sp.Integer(0),
              2 * R * Delta / (alpha * sp.sqrt(T)) + (12 * d * R**2 + alpha * d * R * L) * LOG_ADAGRAD / sp.sqrt(T)),
    ),
    standing=Standing.DERIVED,
    steps=(
        *LAGGED,
        *MOMENTS,
        *SERIES,
        *WEIGHTS,
        SUMMED,
        *(Identity(f"{what}, with alpha_n = alpha (1-beta1) and theta = beta1", ours, paper, OVER)
          for what, ours, paper in zip(("curvature", "denominators", "what gradients moved"),
                                       _costs(alpha * (1 - beta1), beta1), PRINTED, strict=True)),
        Inequality("all together, over the weights", sp.sqrt(T) * S / N, "<=", sp.sqrt(T) * ALL, OVER,
                   (alpha * S / (2 * R) <= Delta + alpha / (2 * R) * K * V, V <= d * ell)),
        Identity("with Lemma 5.2's logarithm", sp.sqrt(T) * ALL, THEOREM_3_BOUND, OVER,
                 (sp.Eq(N, N_IS), sp.Eq(K, sp.Add(*PRINTED)), sp.Eq(ell, LOG_ADAGRAD), N_IS > 0)),
    ),
    errata=(
        Erratum(
            id="E8",
            says="the theorem, as recalled, sets alpha_n = alpha; its constants come out for alpha_n = alpha (1-beta1)",
            printed=Inequality("the three costs for alpha_n = alpha", sp.Add(*_costs(alpha, beta1)), "<=",
                               sp.Add(*PRINTED), OVER),
            repair=(
                Identity("for alpha_n = alpha (1-beta1)", sp.Add(*_costs(alpha * (1 - beta1), beta1)),
                         sp.Add(*PRINTED), OVER),
                Identity("for alpha_n = alpha: the bound with alpha/(1-beta1) for alpha",
                         sp.Add(*PRINTED).subs(alpha, alpha / (1 - beta1)),
                         alpha * R * L / (1 - beta1) + 12 * R**2 / (1 - beta1)
                         + 2 * alpha**2 * L**2 * beta1 / (1 - beta1) ** 3, OVER),
            ),
            survives="rate and form; for alpha_n = alpha powers of 1/(1-beta1) come in",
        ),
    ),
    experiments=runs.adagrad_momentum(THEOREM_3_BOUND),
    broken_by=runs.adagrad_momentum_broken(THEOREM_3_BOUND),
)  # fmt: skip

RATIO = beta1 / beta2
ADAM = (
    alpha * R * L * (1 - beta1) / ((1 - RATIO) * (1 - beta2)),
    12 * R**2 * sp.sqrt(1 - beta1) / ((1 - RATIO) ** sp.Rational(3, 2) * sp.sqrt(1 - beta2)),
    2 * alpha**2 * L**2 * beta1 / ((1 - RATIO) * (1 - beta2) ** sp.Rational(3, 2)),
)
LOG_ADAM = sp.log(1 + R**2 / ((1 - beta2) * eps))
THEOREM_4_BOUND = 2 * R * Delta / (alpha * N_IS) + d * sp.Add(*ADAM) * (LOG_ADAM - T * sp.log(beta2)) / N_IS

THEOREM_4 = Claim(
    id="defossez2022.thm4_adam_momentum",
    says="Adam with momentum comes near a stationary point at the rate 1/T, up to a floor -E log(beta2)",
    source="ratelab, own derivation; after Defossez et al., TMLR 2022, arXiv 2003.02395, Theorem 4",
    kind=Kind.UPPER,
    metric=WEIGHTED,
    metric_units=SQUARED_GRADIENT,
    symbols=(*MODEL, BETA2),
    assumptions=(eps < R**2, N_IS > 0, beta1 < beta2),
    bound=THEOREM_4_BOUND,
    limits=(
        Limit("without momentum: 12 for Theorem 2's 4", beta1, sp.Integer(0),
              2 * R * Delta / (alpha * T) + (12 * d * R**2 / sp.sqrt(1 - beta2) + alpha * d * R * L / (1 - beta2))
              * (LOG_ADAM / T - sp.log(beta2))),
    ),
    standing=Standing.DERIVED,
    steps=(
        *LAGGED,
        *MOMENTS,
        *SERIES,
        *WEIGHTS,
        SUMMED,
        *(Identity(f"{what}, with alpha_n <= alpha (1-beta1)/sqrt(1-beta2)", ours, paper, OVER, (beta1 < beta2,))
          for what, ours, paper in zip(("curvature", "denominators", "what gradients moved"),
                                       _costs(alpha * (1 - beta1) / sp.sqrt(1 - beta2), RATIO), ADAM, strict=True)),
        Inequality("all together, over the weights", S / N, "<=", ALL, OVER,
                   (alpha * S / (2 * R) <= Delta + alpha / (2 * R) * K * V, V <= d * ell)),
        Identity("with Lemma 5.2", ALL, THEOREM_4_BOUND, OVER,
                 (sp.Eq(N, N_IS), sp.Eq(K, sp.Add(*ADAM)), sp.Eq(ell, LOG_ADAM - T * sp.log(beta2)), N_IS > 0,
                  beta1 < beta2)),
    ),
    experiments=runs.adam_momentum(THEOREM_4_BOUND),
    broken_by=runs.adam_momentum_broken(THEOREM_4_BOUND),
)  # fmt: skip

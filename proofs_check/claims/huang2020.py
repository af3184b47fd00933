"""X. Huang, H. Zhou, R. Xu, Z. Wang, L. Li, "Adaptive Gradient Methods Can Be Provably Faster ...", arXiv 2006.07037.

AdaGrad-window: T epochs of m shuffled mini-batches, V_i the sum of the last m outer products g g^T, a step is eta_t
V_i^{-1/2} g_i, eta_t = ell m^(-5/4) / sqrt(t); ell is one unit of length, V starts empty. In epoch t: H = eta_t, S is
the norm of the sum of the g_i, N^2 sums ||g_i||^2, N <= r S, z = ||grad f|| at the epoch's start. A = (g_1, ..., g_m)
gives V_m = A A^T. A step V^{-1/2} g has length <= P (1; sqrt(d) for the diagonal method), and roots of V differ by at
most c ||A - A'||_F in the norm that counts (c = sqrt(2), Araki and Yamagami 1981; sqrt(d) for the diagonal method).
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Rate, Units
from proofs_check.goal import COUNT, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import huang2020 as runs
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import T

Delta, G, L, ell, r, d, H, H0, K, P, c, N, S, Y, e1, e2 = sp.symbols(
    "Delta G L ell r d H H_0 K P c N S Y E_1 E_2", positive=True
)  # fmt: skip
z, q, w, E, y, u, total, w1, a, first, area, h, lg = sp.symbols("z q w E y u Z x a C b h l", nonnegative=True)
f0, f1, F0 = sp.symbols("f_t f_{t+1} f_1", real=True)
m, n, t = sp.symbols("m n t", integer=True, positive=True)

LONG = Quantity(T, sp.Range(5, sp.oo), PURE, "epochs")
SYMBOLS = (
    LONG,
    Quantity(m, COUNT, PURE, "mini-batches in an epoch"),
    Quantity(r, POSITIVE, PURE, "consistency: N <= r S in every epoch"),
    Quantity(Delta, POSITIVE, OBJECTIVE, "f at the start, less f*"),
    Quantity(G, POSITIVE, GRADIENT, "bound on the mini-batch gradients"),
    Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness of every term"),
    Quantity(ell, POSITIVE, LENGTH, "one unit of length", unit_value=True),
)
DIMENSION = Quantity(d, sp.Interval(1, sp.oo), PURE, "dimension")
OVER = (
    *SYMBOLS,
    DIMENSION,
    *(Quantity(x, COUNT, PURE, "a count") for x in (n, t)),
    *(Quantity(x, POSITIVE, LENGTH, "step scale of an epoch, of the one before, or their sum") for x in (H, H0, Y)),
    *(Quantity(x, POSITIVE, Units(F=1, X=-2), "E1, E2") for x in (e1, e2)),
    Quantity(P, sp.Interval(1, sp.oo), PURE, "longest V^{-1/2} g"),
    Quantity(c, sp.Interval(1, sp.oo), PURE, "Lipschitz constant of the root"),
    Quantity(K, sp.Interval(1, sp.oo), PURE, "sqrt(m)"),
    *(Quantity(x, POSITIVE, GRADIENT, "N or S") for x in (N, S)),
    *(Quantity(x, NONNEGATIVE, GRADIENT, "a slope, or a difference of roots of V") for x in (z, q, w, E, y, u)),
    *(Quantity(x, NONNEGATIVE, OBJECTIVE, "sum of eta_t z_t / r, or one term of it") for x in (total, w1)),
    Quantity(area, NONNEGATIVE, Units(X=2), "(m eta_t)^2"),
    *(Quantity(x, NONNEGATIVE, PURE, "1 + ... + 1/t, log T") for x in (h, lg)),
    Quantity(first, NONNEGATIVE, OBJECTIVE, "what the first epoch adds"),
    Quantity(a, NONNEGATIVE, PURE, "g^T V^{-1} g without the last g"),
    *(Quantity(x, REAL, OBJECTIVE, "value of f") for x in (f0, f1, F0)),
)  # fmt: skip

FIRST = sp.Rational(2, 3) * c * ell * G  # of the first epoch, in which V fills
E1 = sp.Rational(3, 2) * P**2 * L  # per squared length: of second order in every epoch
E2 = E1 + sp.sqrt(2) * c * P * L  # with what the change of V costs from the second epoch on


def epochs() -> tuple[Inequality | Induction | SumBound | Identity | Chain, ...]:
    """Return the steps that both methods share, in P and c."""
    return (
        Inequality("V_i contains g_i: g^T V^{-1} g = a / (1 + a), so a full step is no longer than eta_t",
                   a / (1 + a), "<=", sp.Integer(1), OVER),
        SumBound("the drift within an epoch: 0 + 1 + ... + (m-1)", n - 1, n, "<=", n**2 / 2, OVER),
        Inequality("from epoch to epoch the gradients move by at most L m P eta_{t-1} each: roots of V by", E, "<=",
                   c * K * L * m * P * H0, OVER, (E <= c * w, w**2 <= K**2 * (L * m * P * H0) ** 2)),
        Inequality("eta_{t-1} <= sqrt(2) eta_t from the second epoch on", 1 / sp.sqrt(t), "<=",
                   sp.sqrt(2) / sp.sqrt(t + 1), OVER),
        Inequality("||V_m^{-1/2} S|| <= sqrt(m), A^{-1/2} - B^{-1/2} = A^{-1/2} (B^{1/2} - A^{1/2}) B^{-1/2}: in all",
                   q, "<=", sp.sqrt(2) * c * P * L * m**2 * H, OVER,
                   (q <= K * E, E <= c * K * L * m * P * H0, H0 <= sp.sqrt(2) * H, sp.Eq(K, sp.sqrt(m)))),
        Inequality("Lemma 3: V_m^{1/2} <= N, so S^T V_m^{-1/2} S >= ||S|| / r", S**2 / N, ">=", S / r, OVER,
                   (N <= r * S,)),
        Inequality("r is at least 1 / sqrt(m), as S <= sqrt(m) N", 1 / r, "<=", K, OVER, (S <= K * N, N <= r * S)),
        Inequality("grad f for its mean along the epoch: z <= y + P u / 2, u = L m eta_t, over r", z / r, "<=",
                   y / r + P**2 * m * u / 2, OVER, (z <= y + P * u / 2, 1 / r <= m)),
        Inequality("one epoch, from its two second-order parts and the change of V", f1, "<=",
                   f0 - H * z / r + H * m * u * (sp.Rational(3, 2) * P**2 + sp.sqrt(2) * c * P), OVER,
                   (f1 <= f0 - H * (y / r - q) + P**2 * m * H * u, q <= sp.sqrt(2) * c * P * m * u,
                    z / r <= y / r + P**2 * m * u / 2)),
        SumBound("the first epoch, in which V fills: sqrt(0) + ... + sqrt(m-1)", sp.sqrt(n - 1), n, "<=",
                 sp.Rational(2, 3) * n ** sp.Rational(3, 2), OVER),
        Identity("each with E <= c sqrt(j) G, so that V costs at most", K / m * c * G * sp.Rational(2, 3)
                 * m ** sp.Rational(3, 2), sp.Rational(2, 3) * c * m * G, OVER, (sp.Eq(K, sp.sqrt(m)),)),
        Induction("summed, b = (m eta_t)^2 <= ell^2/t, h = 1 + .. + 1/t: Z <= f_1 - f_{t+1} +C + ell^2 (E1 + E2(h-1))",
                  base=Inequality("the first epoch", w1, "<=", f0 - f1 + first + e1 * ell**2, OVER,
                                  (f1 <= f0 - w1 + first + e1 * area, area <= ell**2)),
                  step=Inequality("one more", total + w1, "<=",
                                  F0 - f1 + first + ell**2 * (e1 + e2 * (h + 1 / (t + 1) - 1)), OVER,
                                  (total <= F0 - f0 + first + ell**2 * (e1 + e2 * (h - 1)), f1 <= f0 - w1 + e2 * area,
                                   area <= ell**2 / (t + 1)))),
        SumBound("h <= 1 + log T", 1 / n, n, "<=", 1 + sp.log(n), OVER),
        Inequality("together", total, "<=", Delta + first + ell**2 * (e1 + e2 * lg), OVER,
                   (total <= F0 - f1 + first + ell**2 * (e1 + e2 * (h - 1)), F0 - f1 <= Delta, h <= 1 + lg)),
        Induction("1 + 1/sqrt(2) + ... + 1/sqrt(T) >= sqrt(2 T) from T = 5 on",
                  base=Inequality("T = 5", 1 + 1 / sp.sqrt(2) + 1 / sp.sqrt(3) + sp.Rational(1, 2) + 1 / sp.sqrt(5),
                                  ">=", sp.sqrt(10), OVER),
                  step=Inequality("T to T+1", 1 / sp.sqrt(t + 1), ">=", sp.sqrt(2 * (t + 1)) - sp.sqrt(2 * t), OVER)),
        Inequality("and log T exceeds 3/2", sp.log(T), ">=", sp.Rational(3, 2), OVER),
    )  # fmt: skip


def last_steps(slopes: sp.Expr, curves: sp.Expr, *method: sp.Basic) -> tuple[Inequality | Identity, ...]:
    """Return the paper's constants from those of the steps, for P and c as in `method`."""
    printed = Delta + ell * slopes + 5 * curves * ell**2 * lg
    return (
        Inequality("the paper's constants are larger", Delta + FIRST + ell**2 * (E1 + E2 * lg), "<=", printed, OVER,
                   (lg >= sp.Rational(3, 2), *method)),
        Inequality("the smallest z, Y the sum of the steps", z, "<=", sp.sqrt(1 + r**2) * F0 / Y, OVER,
                   (z * Y <= r * total, total <= F0)),
        Identity("which is", sp.sqrt(1 + r**2) * printed / Y, _bound(slopes, curves), OVER,
                 (sp.Eq(Y, ell * sp.sqrt(2 * T) / m ** sp.Rational(5, 4)), sp.Eq(lg, sp.log(T)))),
    )  # fmt: skip


def _bound(slopes: sp.Expr, curves: sp.Expr) -> sp.Expr:
    scale = m ** sp.Rational(5, 4) * sp.sqrt(1 + r**2) / sp.sqrt(2)
    return scale * (Delta / ell + slopes + 5 * curves * ell * sp.log(T)) / sp.sqrt(T)


FIRST_BOUND, SECOND = _bound(G, L), _bound(G * sp.sqrt(d), L * d ** sp.Rational(3, 2))

SOURCE = (
    "Huang, Zhou, Xu, Wang, Li, arXiv 2006.07037, {}, as printed in its later revision, Adaptive Gradient Methods Can "
    "Be Provably Faster than SGD with Random Shuffling"
)

THEOREM_1 = Claim(
    id="huang2020.thm1",
    says="full-matrix AdaGrad-window with one shuffle: the smallest gradient norm of T epochs is O(log T / sqrt(T))",
    source=SOURCE.format("Theorem 1"),
    kind=Kind.UPPER,
    metric="smallest ||grad f|| at the start of an epoch",
    metric_units=GRADIENT,
    symbols=SYMBOLS,
    assumptions=(),
    bound=FIRST_BOUND,
    rate=Rate(-sp.Rational(1, 2), sp.Integer(1)),
    limits=(Limit("without curvature no logarithm", L, sp.Integer(0), _bound(G, sp.Integer(0))),),
    steps=(*epochs(), *last_steps(G, L, sp.Eq(P, 1), sp.Eq(c, sp.sqrt(2)))),
    errata=(
        Erratum(
            id="E10",
            says="the mini-batch gradients of an epoch are said to add up to grad f; as they are scaled, to m grad f",
            printed=Identity("m gradients, each m/n times the sum over n/m terms of mean z", m * z, z, OVER),
            repair=(Identity("their mean is grad f", m * z / m, z, OVER),),
            read_in="the revision Adaptive Gradient Methods Can Be Provably Faster than SGD with Random Shuffling",
            survives="the theorems: their proofs use the mean",
        ),
    ),
    experiments=runs.full_matrix(FIRST_BOUND),
    broken_by=runs.window_broken(runs.full_matrix(FIRST_BOUND)),
)  # fmt: skip

THEOREM_2 = Claim(
    id="huang2020.thm2",
    says="diagonal AdaGrad-window with one shuffle: the same rate, with powers of the dimension",
    source=SOURCE.format("Theorem 2"),
    kind=Kind.UPPER,
    metric="smallest ||grad f|| at the start of an epoch",
    metric_units=GRADIENT,
    symbols=(*SYMBOLS, DIMENSION),
    assumptions=(),
    bound=SECOND,
    rate=Rate(-sp.Rational(1, 2), sp.Integer(1)),
    limits=(Limit("in one dimension it is Theorem 1", d, sp.Integer(1), _bound(G, L)),),
    steps=(
        Inequality("every coordinate of V^{-1/2} g is at most 1 in size: the step's length is at most sqrt(d)", w, "<=",
                   sp.sqrt(d) * G, OVER, (w**2 <= d * G**2,)),
        *epochs(),
        *last_steps(G * sp.sqrt(d), L * d ** sp.Rational(3, 2), sp.Eq(P, sp.sqrt(d)), sp.Eq(c, sp.sqrt(d))),
    ),
    experiments=runs.diagonal(SECOND),
    broken_by=runs.window_broken(runs.diagonal(SECOND)),
)  # fmt: skip

"""Y. Zhang, C. Chen, N. Shi, R. Sun, Z. Luo, "Adam Can Converge Without Any Modification ...", NeurIPS 2022.

The convergence theorem (arXiv 2208.09632) says: for beta2 near enough to 1, how near depending on the number n of
components, Adam comes into a neighbourhood of the stationary points that vanishes with D0, gradients being unbounded.
Its constants were not seen. Here it is proved, with constants, on the line and without momentum, for every order that
shows each component once an epoch (cyclic or reshuffled) and a v that has settled at the start: as if the method had
looked at all components for ever at x_1 before it moved. sum f_i'^2 <= D1 f'^2 + D0, each f_i' is L-Lipschitz, w =
1 - beta2. At an epoch's start g = |f'|, M^2 is the mean of the f_i'^2, and v_0 the second moment; v and e, what a slope
has changed by, are those of a later step of the epoch; c bounds what age changes in sqrt(v_0).
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, COUNT0, FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import zhang2022_epochs as runs
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

w, L, eta, eta0, D1, M, c, h, n, b = sp.symbols("w L eta eta_0 D1 M c h n beta2", positive=True)
v0, v, s0, s1, R = sp.symbols("v_0 v sqrt(v_0) sqrt(v) R", positive=True)
g, A, D0, Delta, ahead, size, shift, S1, S2 = sp.symbols("g A D0 Delta e |a| E S_1 S_2", nonnegative=True)
Q, q, z, omega, moved, far, near = sp.symbols("Q q z omega Z far near", nonnegative=True)
f0, f1, start, gain, p = sp.symbols("f_k f_{k+1} f_0 gain P", real=True)
j = sp.Symbol("j", integer=True, nonnegative=True)
k = sp.Symbol("k", integer=True, positive=True)

CURVATURE = Units(F=1, X=-2)
SYMBOLS = (
    HORIZON,
    Quantity(n, sp.Interval(1, sp.oo), PURE, "number of components: T = n epochs"),
    Quantity(w, FRACTION, PURE, "1 - beta2"),
    Quantity(D1, POSITIVE, PURE, "sum of squared component slopes over the squared slope"),
    Quantity(D0, NONNEGATIVE, SQUARED_GRADIENT, "what that sum may have besides"),
    Quantity(L, POSITIVE, CURVATURE, "smoothness of the components"),
    Quantity(Delta, NONNEGATIVE, OBJECTIVE, "f(x_1) - f*"),
    Quantity(eta0, POSITIVE, LENGTH, "step scale: eta = eta_0 / sqrt(T)"),
)
OVER = (
    *SYMBOLS,
    Quantity(eta, POSITIVE, LENGTH, "step"),
    Quantity(h, POSITIVE, LENGTH, "longest move of a step"),
    *(Quantity(e, POSITIVE, GRADIENT, "root mean square of the a_i; bounds; sqrt(v)") for e in (M, c, R, s0, s1)),
    *(Quantity(e, POSITIVE, SQUARED_GRADIENT, "second moments") for e in (v0, v)),
    *(Quantity(e, NONNEGATIVE, GRADIENT, "sizes of gradients, root of a weighted mean square, and changes")
      for e in (g, A, ahead, size, shift, S1)),
    Quantity(S2, NONNEGATIVE, SQUARED_GRADIENT, "sum of squares in the epoch"),
    *(Quantity(e, NONNEGATIVE, GRADIENT, "smallest g^2/R so far, and its two bounds") for e in (Q, far, near)),
    *(Quantity(e, NONNEGATIVE, PURE, "a weight, or a power of beta2; sum of |slope|/sqrt(v)") for e in (omega, moved)),
    *(Quantity(e, sp.Interval(0, 1), PURE, "power of beta2, or n w") for e in (q, z)),
    Quantity(b, FRACTION, PURE, "beta2"),
    *(Quantity(e, REAL, OBJECTIVE, "values of f; what an epoch gains") for e in (f0, f1, start, gain)),
    Quantity(p, REAL, PURE, "sum over the epoch of slope over sqrt(v), in the direction of f'"),
    Quantity(j, COUNT0, PURE, "age of a gradient"),
    Quantity(k, COUNT, PURE, "steps, or epochs"),
)  # fmt: skip
SHORT = (n * w <= sp.Rational(1, 4), n * w**2 * D1 <= sp.Rational(2, 81))
half_v = sp.Rational(3, 4)
ages = ((1 + b) - ((j + 2 - (j + 1) * b) ** 2 + b) * b ** (j + 1)) / (1 - b) ** 2
FLOOR = sp.Rational(81, 2) * n * w**2 * sp.sqrt(D0)
COST = sp.Rational(27, 2) * sp.sqrt(n) + 4 * sp.sqrt(2) / (w ** sp.Rational(3, 2) * sp.sqrt(D1))
BOUND = FLOOR + (6 * Delta / (sp.sqrt(n) * eta0) + L * eta0 * COST) / sp.sqrt(T)

AGE = (
    SumBound("mean squared distance of the past, in moves: age j lies at most j + 1 of them back",
             (1 - b) * b**j * (j + 1) ** 2, j, "==", ages, OVER),
    Inequality("is at most 2/w^2", ages, "<=", 2 / (1 - b) ** 2, OVER),
    Inequality("a move is at most eta/sqrt(w)", eta * size / sp.sqrt(v), "<=", eta / sp.sqrt(w), OVER,
               (v >= w * size**2,)),
    Inequality("so age changes sqrt(v_0) by at most c (Minkowski)", L * h * sp.sqrt(2) / w, "<=", c, OVER,
               (h <= eta / sp.sqrt(w), sp.Eq(c, sp.sqrt(2) * L * eta / w ** sp.Rational(3, 2)))),
)  # fmt: skip
WEIGHTS = (
    Induction("Bernoulli: beta2^k >= 1 - k w",
              base=Identity("k = 1", b, 1 - (1 - b), OVER),
              step=Inequality("k to k+1", b * q, ">=", 1 - (k + 1) * (1 - b), OVER, (q >= 1 - k * (1 - b),))),
    Induction("and beta2^(k-1) (beta2 + k w) <= 1",
              base=Identity("k = 1", b + (1 - b), sp.Integer(1), OVER),
              step=Inequality("k to k+1", b * q * (b + (k + 1) * (1 - b)), "<=", sp.Integer(1), OVER,
                              (q * (b + k * (1 - b)) <= 1,))),
    Chain("a component, once an epoch, has at least the weight w beta2^(n-1)/(1-beta2^n)",
          (w * q / (1 - z), ">=", q / n, ">=", half_v / n), OVER,
          (z < 1, z >= 1 - n * w, q >= 1 - n * w, n * w <= sp.Rational(1, 4))),
    Chain("and at most w/(1-beta2^n)", (omega, "<=", 1 / (n * q), "<=", 1 / (half_v * n)), OVER,
          (omega * n * q <= 1, q >= half_v)),
)  # fmt: skip
SETTLED = (
    Inequality("where M > 4c: sqrt(v_0) is at least", s0, ">=", 3 * M / 5, OVER,
               (s0 >= A - c, A**2 >= half_v * M**2, M >= 4 * c)),
    Inequality("and at most", s0, "<=", 3 * M / 2, OVER, (s0 <= A + c, half_v * A**2 <= M**2, M >= 4 * c)),
    Inequality("in an epoch a slope changes by n L h at most: z M/4/sqrt(2), z = n w", ahead, "<=",
               sp.Rational(9, 50) * z * M, OVER,
               (sp.Eq(ahead, c * z / sp.sqrt(2)), M >= 4 * c)),
    Inequality("that is by M/20 (Minkowski)", sp.sqrt(n) * (M + ahead), "<=", sp.Rational(21, 20) * sp.sqrt(n) * M,
               OVER, (ahead <= sp.Rational(9, 50) * z * M, z <= sp.Rational(1, 4))),
    Chain("so v grows in an epoch by 49/16 z of itself at most", (v0 + w * S2, "<=",
          v0 + sp.Rational(441, 400) * n * w * M**2, "<=", v0 * (1 + sp.Rational(49, 16) * n * w)), OVER,
          (S2 <= sp.Rational(441, 400) * n * M**2, v0 >= sp.Rational(9, 25) * M**2)),
    Inequality("and keeps 1 - z: what 1/sqrt(v) gains", 1 / sp.sqrt(1 - z) - 1, "<=", sp.Rational(49, 32) * z, OVER,
               (z <= sp.Rational(1, 4),)),
    Inequality("or loses", 1 - 1 / sp.sqrt(1 + sp.Rational(49, 16) * z), "<=", sp.Rational(49, 32) * z, OVER),
)  # fmt: skip
EPOCH = (
    Inequality("the epoch's sum of slope/sqrt(v), times g: slopes as at its start add up to n f'", g * p, ">=",
               n * (g**2 - sp.Rational(9, 5) * z * g * M) / s0, OVER,
               (p >= (n * g - n * ahead - sp.Rational(49, 32) * z * S1) / s0, ahead <= sp.Rational(9, 50) * z * M,
                S1 <= sp.Rational(21, 20) * n * M)),
    Chain("both parts with their own bound of sqrt(v_0)",
          (n * (g**2 - sp.Rational(9, 5) * z * g * M) / s0, ">=", n * (2 * g**2 / (3 * M) - 3 * z * g)), OVER,
          (s0 <= 3 * M / 2, s0 >= 3 * M / 5)),
    Inequality("x moves by at most eta Z, Z^2 <= 49/12 n^2", moved**2, "<=", sp.Rational(49, 12) * n**2, OVER,
               (moved <= S1 / s1, S1 <= sp.Rational(21, 20) * n * M, s1**2 >= half_v * s0**2, s0 >= 3 * M / 5)),
    Inequality("descent lemma", f1, "<=", f0 - eta * n * (2 * g**2 / (3 * M) - 3 * z * g)
               + sp.Rational(9, 4) * L * n**2 * eta**2, OVER,
               (f1 <= f0 - eta * g * p + L / 2 * eta**2 * moved**2, moved**2 <= sp.Rational(49, 12) * n**2,
                g * p >= n * (2 * g**2 / (3 * M) - 3 * z * g))),
    Inequality("M <= R/sqrt(n), R^2 = D1 g^2 + D0, and Young", 2 * g**2 / (3 * M) - 3 * z * g, ">=",
               sp.sqrt(n) * g**2 / (3 * R) - sp.Rational(27, 4) * z**2 * R / sp.sqrt(n), OVER, (sp.sqrt(n) * M <= R,)),
    Inequality("R <= D1 g^2/R + sqrt(D0)", R, "<=", D1 * g**2 / R + sp.sqrt(D0), OVER,
               (sp.Eq(R, sp.sqrt(D1 * g**2 + D0)),)),
    Inequality("so an epoch gains, q = g^2/R",
               sp.sqrt(n) * Q / 3 - sp.Rational(27, 4) * n * sp.sqrt(n) * w**2 * R, ">=",
               sp.sqrt(n) * Q / 6 - sp.Rational(27, 4) * n * sp.sqrt(n) * w**2 * sp.sqrt(D0), OVER,
               (R <= D1 * Q + sp.sqrt(D0), n * w**2 * D1 <= sp.Rational(2, 81))),
    Induction("k epochs gain k times what the worst gains",
              base=Identity("k = 0", start - 0 * gain, start, OVER),
              step=Inequality("k to k+1", f1, "<=", start - (k + 1) * gain, OVER,
                              (f0 <= start - k * gain, f1 <= f0 - gain))),
)  # fmt: skip
per_epoch = eta * n * (sp.sqrt(n) * Q / 6 - sp.Rational(27, 4) * n * sp.sqrt(n) * w**2 * sp.sqrt(D0)) - sp.Rational(
    9, 4
) * (L * n**2 * eta**2)
falling = 6 * Delta / (eta * sp.sqrt(n) * T) + FLOOR + sp.Rational(27, 2) * L * sp.sqrt(n) * eta
still = 4 * sp.sqrt(2) * L * eta / (w ** sp.Rational(3, 2) * sp.sqrt(D1))

CONVERGENCE = Claim(
    id="zhang2022.thm_conv",
    says="RMSProp in epochs, beta2 near enough to 1, comes near the stationary points, the nearer the smaller D0 is",
    source="ratelab, own derivation; after Zhang et al., NeurIPS 2022, arXiv 2208.09632 (one dimension, beta1 = 0, a "
    "constant step, epochs), whose statement was read in the PhD thesis of one of the authors",
    kind=Kind.UPPER,
    metric="smallest f'^2/sqrt(D1 f'^2 + D0) over the epochs' starts",
    metric_units=GRADIENT,
    symbols=SYMBOLS,
    assumptions=SHORT,
    bound=BOUND,
    rate=Rate(sp.Integer(0)),
    limits=(
        Limit("the neighbourhood: second order in 1 - beta2", T, sp.oo, FLOOR),
        Limit("D0 = 0: the stationary points themselves, at the rate 1/sqrt(T)", D0, sp.Integer(0), BOUND - FLOOR),
    ),
    standing=Standing.DERIVED,
    steps=(
        *AGE,
        *WEIGHTS,
        *SETTLED,
        *EPOCH,
        Inequality("T/n epochs that all start with g > 4c: M >= g", Q, "<=", falling, OVER,
                   (T / n * per_epoch <= Delta,)),
        Inequality("while one that starts with g <= 4c is near enough", g**2 / R, "<=", still, OVER,
                   (g <= 4 * sp.sqrt(2) * L * eta / w ** sp.Rational(3, 2), R >= sp.sqrt(D1) * g)),
        Inequality("either way", Q, "<=", far + near, OVER, (Q <= sp.Max(far, near),)),
        Identity("in full", far + near, BOUND, OVER,
                 (sp.Eq(far, falling), sp.Eq(near, still), sp.Eq(eta, eta0 / sp.sqrt(T)))),
    ),
    experiments=runs.reshuffled(BOUND),
    broken_by=runs.reshuffled_broken(BOUND),
)  # fmt: skip

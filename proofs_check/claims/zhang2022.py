"""Y. Zhang, C. Chen, N. Shi, R. Sun, Z. Luo, "Adam Can Converge Without Any Modification ...", NeurIPS 2022.

The n-function: f = (1/n) sum f_i on the line, f_0 with slope C = 1 + (n-1) a and n-1 components with slope -a for
x >= -1, all of them bent to a parabola around x* = -2 further left; f has slope 1/n. `s` and `r` are the paper's 1. Its
results (arXiv 2208.09632), D1 and D0 being the constants of sum ||grad f_i||^2 <= D1 ||grad f||^2 + D0, were read in
the PhD thesis of one of the authors; with constants, and on explicit regions of beta2, they are the lab's.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import zhang2022 as runs
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import BETA2, HORIZON, SQUARED_GRADIENT, T, beta2

a, s, r, z, L, d, eta, eta0, c = sp.symbols("a s r z L d eta eta_0 c", positive=True)
v, omega, move = sp.symbols("v omega M", positive=True)
g, Delta, Q2, W0, W1, W2 = sp.symbols("|g| Delta Q W_0 W_1 W_2", nonnegative=True)
f0, f1, start, S, rise = sp.symbols("f_k f_{k+1} f_0 S E", real=True)
n = sp.Symbol("n", integer=True, positive=True)
j = sp.Symbol("j", integer=True, nonnegative=True)

CURVATURE = Units(F=1, X=-2)
PARTS = Quantity(n, sp.Range(3, sp.oo), PURE, "number of components")
SIZE = Quantity(a, POSITIVE, PURE, "the small slopes, as a multiple of s")
LARGE = 1 + (n - 1) * a
D1 = n**2 * (LARGE**2 + (n - 1) * a**2)
REDDI_D1 = n**4 + n**3 - n**2
NFUNCTION = (
    PARTS,
    SIZE,
    Quantity(s, POSITIVE, GRADIENT, "n times the slope of f", unit_value=True),
    Quantity(r, POSITIVE, LENGTH, "half the distance of the minimiser from 0", unit_value=True),
    Quantity(z, POSITIVE, PURE, "|x + 2r|/r on the parabola, 1 right of it"),
)
at_thesis = D1.subs(a, 1 / (n - 1) ** 2)

AFFINE_VARIANCE = Claim(
    id="zhang2022.nfunction",
    says="on the n-function the squared component slopes are exactly D1 times the squared slope of f: D0 = 0",
    source="ratelab, own derivation; after Zhang et al., NeurIPS 2022, arXiv 2208.09632, the n-function",
    kind=Kind.EXACT,
    metric="sum of squared component slopes over squared slope",
    metric_units=PURE,
    symbols=(PARTS, SIZE),
    assumptions=(),
    bound=D1,
    limits=(Limit("one component does all", a, sp.Integer(0), n**2),),
    standing=Standing.DERIVED,
    steps=(
        Identity("the two pieces of a component meet at x = -r", LARGE * s / (2 * r) * r**2 - 3 * LARGE * s * r / 2,
                 -LARGE * s * r, NFUNCTION),
        Identity("with the same slope", LARGE * s / (2 * r) * 2 * (-r + 2 * r), LARGE * s, NFUNCTION),
        Identity("the mean of the slopes", (LARGE * s * z - (n - 1) * a * s * z) / n, s * z / n, NFUNCTION),
        Identity("so their squares add up to D1 times its square",
                 ((LARGE * s * z) ** 2 + (n - 1) * (a * s * z) ** 2) / (s * z / n) ** 2, D1, NFUNCTION),
    ),
    errata=(
        Erratum(
            id="E7",
            says="with a = 1/(n-1)^2 the n-function is said to meet D1 = 2 n^2 for all n >= 3; not for n = 3",
            printed=Inequality("D1 <= 2 n^2 for n >= 3", at_thesis, "<=", 2 * n**2, (PARTS,)),
            repair=(
                Inequality("D1 <= 2 n^2 for n >= 4", at_thesis, "<=", 2 * n**2,
                           (Quantity(n, sp.Range(4, sp.oo), PURE, "number of components"),)),
                Inequality("n = 3 with a = 1/6", D1.subs({n: 3, a: sp.Rational(1, 6)}), "<=", sp.Integer(18)),
            ),
            read_in="as restated in the PhD thesis of one of the authors",
            survives="everything from n = 4 on; for n = 3 a smaller a, such as 1/6, has D1 <= 2 n^2",
        ),
    ),
    experiments=runs.noise(D1),
    broken_by=runs.noise_broken(D1),
)  # fmt: skip

REDDI_VARIANCE = Claim(
    id="zhang2022.reddi_variance",
    says="the problem of Reddi et al. with slopes n and -1 has D1 = n^4 + n^3 - n^2 and D0 = 0",
    source="Zhang et al., NeurIPS 2022, arXiv 2208.09632, as restated in the PhD thesis of one of the authors",
    kind=Kind.EXACT,
    metric="sum of squared component slopes over squared slope",
    metric_units=PURE,
    symbols=(PARTS,),
    assumptions=(),
    bound=REDDI_D1,
    limits=(Limit("three components", n, sp.Integer(3), sp.Integer(99)),),
    standing=Standing.RESTATED,
    steps=(
        Identity("the mean slope", (n * s - (n - 1) * s) / n, s / n, NFUNCTION),
        Identity("the squares over its square", ((n * s) ** 2 + (n - 1) * s**2) / (s / n) ** 2, n**4 + n**3 - n**2,
                 NFUNCTION),
    ),
    experiments=runs.reddi_noise(REDDI_D1),
    broken_by=runs.reddi_noise_broken(REDDI_D1),
)  # fmt: skip

FULL = (
    HORIZON,
    BETA2,
    Quantity(Delta, NONNEGATIVE, OBJECTIVE, "f(x_0) - f*"),
    Quantity(eta0, POSITIVE, LENGTH, "step scale: eta = eta_0 / sqrt(T)"),
    Quantity(L, POSITIVE, CURVATURE, "smoothness"),
    Quantity(d, POSITIVE, PURE, "dimension"),
)
FULL_OVER = (
    *FULL,
    Quantity(eta, POSITIVE, LENGTH, "step"),
    Quantity(v, POSITIVE, SQUARED_GRADIENT, "v_k of one coordinate"),
    Quantity(g, NONNEGATIVE, GRADIENT, "size of one coordinate of the gradient"),
    Quantity(c, POSITIVE, GRADIENT, "how far sqrt(v_k) may lie above |g_k|"),
    Quantity(omega, POSITIVE, PURE, "bound on the root mean square age of a gradient in v"),
    *(Quantity(e, NONNEGATIVE, PURE, "sum of weights times age to the power 0, 1, 2") for e in (W0, W1, W2)),
    *(Quantity(e, REAL, OBJECTIVE, "values of f, now, next, first") for e in (f0, f1, start)),
    Quantity(S, REAL, GRADIENT, "sum over coordinates of g^2/sqrt(v)"),
    Quantity(Q2, NONNEGATIVE, Units(X=2), "squared length of a step"),
    Quantity(move, POSITIVE, GRADIENT, "smallest ||grad f(x_k)||_1 so far"),
    Quantity(rise, REAL, OBJECTIVE, "what a step gains at least"),
    Quantity(j, COUNT0, PURE, "age of a gradient"),
)
spread = sp.sqrt(beta2 * (1 + beta2)) / (1 - beta2)
leftover = ((j + 1 - j * beta2) ** 2 + beta2) * beta2 ** (j + 1)
FULL_BOUND = (
    Delta / eta0 + eta0 * L * (d * sp.sqrt(d) * spread / sp.sqrt(1 - beta2) + d / (2 * (1 - beta2)))
) / sp.sqrt(T)

FULL_BATCH = Claim(
    id="zhang2022.thm_conv_full_batch",
    says="with full gradients RMSProp reaches a gradient of size 1/sqrt(T) for every beta2, and no bound on gradients",
    source="ratelab, own derivation; after Zhang et al., arXiv 2208.09632 (D0 = 0; n = 1, beta1 = 0, a constant step)",
    kind=Kind.UPPER,
    metric="smallest ||grad f(x_k)||_1 over T steps",
    metric_units=GRADIENT,
    symbols=FULL,
    assumptions=(),
    bound=FULL_BOUND,
    rate=Rate(-sp.Rational(1, 2)),
    limits=(Limit("beta2 = 0: the sign method", beta2, sp.Integer(0), (Delta / eta0 + eta0 * L * d / 2) / sp.sqrt(T)),),
    standing=Standing.DERIVED,
    steps=(
        Inequality("no coordinate moves by more than eta/sqrt(1-b2)", eta * g / sp.sqrt(v), "<=",
                   eta / sp.sqrt(1 - beta2), FULL_OVER, (v >= (1 - beta2) * g**2,)),
        Inequality("descent lemma", f1, "<=", f0 - eta * S + L * eta**2 * d / (2 * (1 - beta2)), FULL_OVER,
                   (f1 <= f0 - eta * S + L * Q2 / 2, Q2 <= d * eta**2 / (1 - beta2))),
        SumBound("the mean squared age of the gradients in v", (1 - beta2) * beta2**j * j**2, j, "==",
                 (beta2 * (1 + beta2) - leftover) / (1 - beta2) ** 2, FULL_OVER),
        Inequality("is at most omega^2", (beta2 * (1 + beta2) - leftover) / (1 - beta2) ** 2, "<=", spread**2,
                   FULL_OVER),
        Inequality("Cauchy-Schwarz: so is the square of the mean age", W1, "<=", omega, FULL_OVER,
                   (W1**2 <= W0 * W2, W0 <= 1, W2 <= omega**2)),
        Inequality("a gradient j steps old is at most |g| + j c/omega: sqrt(v) <= |g| + c",
                   g**2 * W0 + 2 * g * c / omega * W1 + (c / omega) ** 2 * W2, "<=", (g + c) ** 2, FULL_OVER,
                   (W0 <= 1, W1 <= omega, W2 <= omega**2)),
        Chain("so a coordinate gains at least |g| - c", (g**2 / sp.sqrt(v), ">=", g**2 / (g + c), ">=", g - c),
              FULL_OVER, (v <= (g + c) ** 2,)),
        Induction("f falls by at least E a step",
                  base=Identity("k = 0", start - 0 * rise, start, FULL_OVER),
                  step=Inequality("k to k+1", f1, "<=", start - (j + 1) * rise, FULL_OVER,
                                  (f0 <= start - j * rise, f1 <= f0 - rise))),
        Inequality("T steps gain at most f(x_0) - f*", move, "<=", FULL_BOUND, FULL_OVER,
                   (T * (eta * (move - d * c) - L * eta**2 * d / (2 * (1 - beta2))) <= Delta,
                    sp.Eq(eta, eta0 / sp.sqrt(T)),
                    sp.Eq(c, L * sp.sqrt(d) * eta0 / sp.sqrt(T) / sp.sqrt(1 - beta2) * spread))),
    ),
    experiments=runs.full_batch(FULL_BOUND**2),
    broken_by=runs.full_batch_broken(FULL_BOUND**2),
)  # fmt: skip

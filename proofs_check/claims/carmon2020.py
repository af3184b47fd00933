"""Y. Carmon, J. Duchi, O. Hinder, A. Sidford, "Lower bounds for finding stationary points I", arXiv 1710.11606.

The chain F(x) = -Psi(1) Phi(x_1) + sum_{i=2}^n Psi(-x_{i-1}) Phi(-x_i) - Psi(x_{i-1}) Phi(x_i), with Psi(u) = 0 up to
1/2 and exp(1 - 1/(2u-1)^2) beyond, Phi(u) = sqrt(e) int_{-oo}^u exp(-t^2/2) dt. Of Psi(x_{i-1}), Psi(-x_{i-1}) and
their derivatives one is 0. Below z = 1/(2u-1)^2, so that Psi = exp(1 - z), Psi' = 4 z^(3/2) Psi and Psi'' =
(16 z^3 - 24 z^2) Psi; y, which log(y) <= y - 1 is used for, is 2z/3 or u^2. The symbols `pi` and `e` are the two
numbers, with pi <= 22/7 and 2.718 <= e <= 2.719.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import COUNT, COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import carmon2020 as runs
from proofs_check.sequences import Recursion
from proofs_check.steps import Chain, Identity, Inequality

R, sqrt, log = sp.Rational, sp.sqrt, sp.log
PI, E = sp.Symbol("pi", positive=True), sp.Symbol("e", positive=True)
over_1 = sp.Symbol("u", positive=True)
z, w, ex = sp.symbols("z w x", nonnegative=True)
psi, slope, value, rest, d, off, psi2 = sp.symbols("psi psi1 phi rest d o psi2", nonnegative=True)
a, b, inner, y, logs, lp = sp.symbols("a b v y l l_p", real=True)
L, Delta, eps, lam = sp.symbols("L Delta epsilon lambda", positive=True)
n, N = sp.symbols("n N", integer=True, positive=True)
k, seen = sp.symbols("k p", integer=True, nonnegative=True)

CHAIN = Quantity(n, COUNT, PURE, "length of the chain")
SYMBOLS = (
    Quantity(L, POSITIVE, Units(F=1, X=-2), "f is L-smooth"),
    Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_1) - inf f"),
    Quantity(eps, POSITIVE, GRADIENT, "wanted gradient norm"),
)
OVER = (
    CHAIN, *SYMBOLS,
    Quantity(PI, sp.Interval(3, R(22, 7)), PURE, "the number pi"),
    Quantity(E, sp.Interval(R(2718, 1000), R(2719, 1000)), PURE, "the number e"),
    Quantity(z, NONNEGATIVE, PURE, "1/(2u - 1)^2"),
    Quantity(w, NONNEGATIVE, PURE, "a number"),
    Quantity(ex, NONNEGATIVE, PURE, "exp(z - 1)"),
    Quantity(over_1, sp.Interval.open(1, sp.oo), PURE, "|x_{i-1}|, above 1"),
    *(Quantity(e, NONNEGATIVE, PURE, "a value of Psi, Psi', |Psi''|, Phi or Phi', or a sum of products") for e in (
        psi, slope, psi2, value, rest, d, off)),
    *(Quantity(e, REAL, PURE, "a coordinate") for e in (a, b)),
    Quantity(inner, sp.Interval(-1, 1), PURE, "x_i, at most 1 in size"),
    Quantity(y, REAL, PURE, "2z/3, or u^2"),
    Quantity(logs, REAL, PURE, "log(y)"),
    Quantity(lp, REAL, PURE, "log of Psi'^2, or of |Phi''|"),
    Quantity(lam, POSITIVE, LENGTH, "stretch of the chain"),
    Quantity(N, COUNT, PURE, "gradients asked for before one is short enough"),
    Quantity(k, COUNT0, PURE, "gradients seen"),
    Quantity(seen, COUNT0, PURE, "coordinates that have moved"),
)  # fmt: skip
SOURCE = "Carmon, Duchi, Hinder, Sidford, Math. Prog. 184 (2020), arXiv 1710.11606, section 3 (lemmas not checked)"
NEARBY = "as restated in Arjevani et al., COLT 2020, Appendix H, Lemmas 24-26"
NUMBERS = (
    Inequality("pi", sp.pi, "<=", R(22, 7)),
    Chain("e", (R(2718, 1000), "<=", sp.E, "<=", R(2719, 1000))),
)  # fmt: skip
TANGENT = (
    Inequality("log(y) <= y - 1 for y = 1 + w", log(1 + w), "<=", w, OVER),
    Inequality("and for y = 1/(1 + w)", -log(1 + w), "<=", 1 / (1 + w) - 1, OVER),
)  # fmt: skip
PSI = Inequality("Psi = exp(1 - z) <= e", 1 - z, "<=", sp.Integer(1), OVER)
PSI_SLOPE = (
    *TANGENT,
    Identity("at z = 3 y/2 the square of Psi' is 54 y^3 exp(2 - 3 y)", 16 * (3 * z / 2) ** 3, 54 * z**3, OVER),
    Inequality("so Psi'^2 <= 54/e, in logarithms", lp, "<=", log(54) - 1, OVER,
               (sp.Eq(lp, log(54) + 3 * logs + 2 - 3 * y), logs <= y - 1)),
)  # fmt: skip
BUMP = Inequality("|Phi''| = sqrt(e) |u| exp(-u^2/2) <= 1 with y = u^2, in logarithms", lp, "<=", sp.Integer(0), OVER,
                  (sp.Eq(lp, (logs + 1 - y) / 2), logs <= y - 1))  # fmt: skip


def taylor(x: sp.Expr) -> sp.Expr:
    """Return 1 + x + x^2/2 + x^3/6, which is at most exp(x) for every x (Lagrange's remainder is x^4 exp(c)/24)."""
    return 1 + x + x**2 / 2 + x**3 / 6


PSI_CURVATURE = (
    Inequality("Psi'' <= 65/2 for z <= 3/2, where it is negative", 16 * z**3 - 24 * z**2, "<=", R(65, 2) * ex, OVER,
               (z <= R(3, 2),)),
    Inequality("up to 5/2, exp(z - 1) expanded at z = 2", 16 * z**3 - 24 * z**2, "<=", R(65, 2) * ex, OVER,
               (z >= R(3, 2), z <= R(5, 2), ex >= E * taylor(z - 2))),
    Inequality("exp(8/3) >= 14.38: cubed", R(719, 50) ** 3, "<=", E**8, OVER),
    Inequality("from there on, expanded at z = 11/3, near the largest value, 32.39", 16 * z**3 - 24 * z**2, "<=",
               R(65, 2) * ex, OVER, (z >= R(5, 2), ex >= R(719, 50) * taylor(z - R(11, 3)))),
    Chain("and Psi'' >= -8 e", ((24 * z**2 - 16 * z**3) * psi, "<=", 8 * psi, "<=", R(65, 2)), OVER, (psi <= E,)),
)  # fmt: skip

GAP = Claim(
    id="carmon2020.carmon_chain_gap",
    says="the chain falls by at most 12 a link: F(0) - inf F <= 12 n",
    source=f"{SOURCE}, {NEARBY}",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="F(0) - inf F",
    metric_units=PURE,
    symbols=(CHAIN,),
    assumptions=(),
    bound=12 * n,
    steps=(
        *NUMBERS,
        PSI,
        Inequality("a link is above -Psi Phi, and Phi <= sqrt(2 pi e), the whole integral", -psi * value, ">=",
                   -E * sqrt(2 * PI * E), OVER, (psi <= E, value <= sqrt(2 * PI * E))),
        Inequality("in numbers", E * sqrt(2 * PI * E), "<=", sp.Integer(12), OVER),
        Inequality("n links, and F(0) = -Psi(1) Phi(0) is not positive", -rest + d, "<=", 12 * n, OVER,
                   (d <= 12 * n,)),
    ),
    experiments=runs.gap(),
    broken_by=runs.gap_broken(),
)  # fmt: skip

SMOOTH = Claim(
    id="carmon2020.carmon_chain_smooth",
    says="the chain's gradient is 152-Lipschitz, whatever its length",
    source=f"{SOURCE}, {NEARBY}; the proof is the lab's",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="Lipschitz constant of grad F",
    metric_units=PURE,
    symbols=(),
    assumptions=(),
    bound=sp.Integer(152),
    steps=(
        *NUMBERS,
        PSI,
        *PSI_SLOPE,
        BUMP,
        *PSI_CURVATURE,
        Inequality("on the diagonal: |Psi''| Phi + Psi |Phi''|", psi2 * value + psi * slope, "<=",
                   R(65, 2) * sqrt(2 * PI * E) + E, OVER,
                   (psi2 <= R(65, 2), value <= sqrt(2 * PI * E), psi <= E, slope <= 1)),
        Identity("beside it: Psi' Phi' <= sqrt(54/e) sqrt(e)", sqrt(54 / E) * sqrt(E), sqrt(54), OVER),
        Inequality("the matrix has three diagonals: 2 |v_i v_{i+1}| <= v_i^2 + v_{i+1}^2", 2 * off * a * b, "<=",
                   off * (a**2 + b**2), OVER),
        Inequality("in numbers", R(65, 2) * sqrt(2 * PI * E) + E + 2 * sqrt(54), "<=", sp.Integer(152), OVER),
        Inequality("so the norm is at most the largest row sum", d + 2 * off, "<=", sp.Integer(152), OVER,
                   (d <= R(65, 2) * sqrt(2 * PI * E) + E, off <= sqrt(54),
                    R(65, 2) * sqrt(2 * PI * E) + E + 2 * sqrt(54) <= 152)),
    ),
)  # fmt: skip

SLOPE = Claim(
    id="carmon2020.carmon_chain_slope",
    says="no partial derivative of the chain exceeds 23",
    source=f"{SOURCE}, {NEARBY}; the proof is the lab's",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="largest entry of grad F",
    metric_units=PURE,
    symbols=(),
    assumptions=(),
    bound=sp.Integer(23),
    steps=(
        *NUMBERS,
        PSI,
        *PSI_SLOPE,
        Identity("Psi' Phi <= sqrt(54/e) sqrt(2 pi e)", sqrt(54 / E) * sqrt(2 * PI * E), sqrt(108 * PI), OVER),
        Chain("with Psi Phi' <= e sqrt(e)", (psi * value + rest, "<=", E * sqrt(E) + sqrt(108 * PI), "<=", 23), OVER,
              (psi <= E, value <= sqrt(E), rest <= sqrt(108 * PI))),
    ),
    experiments=runs.slope(sp.Integer(23) ** 2),
    broken_by=runs.slope_broken(sp.Integer(23) ** 2),
)  # fmt: skip

LARGE = Claim(
    id="carmon2020.carmon_chain_gradient",
    says="as long as |x_n| <= 1 some partial derivative is above 1 in size: the first i with |x_i| <= 1 has it",
    source=f"{SOURCE}, {NEARBY}",
    standing=Standing.RESTATED,
    kind=Kind.LOWER,
    metric="|d F/d x_i| for the first i with |x_i| <= 1",
    metric_units=PURE,
    symbols=(),
    assumptions=(),
    bound=sp.Integer(1),
    steps=(
        Inequality("|x_{i-1}| > 1 = Psi's argument where Psi = 1 (or i = 1, where Psi(1) = 1): log Psi > 0",
                   1 - 1 / (2 * over_1 - 1) ** 2, ">", sp.Integer(0), OVER),
        Inequality("|x_i| <= 1: log Phi' = (1 - x_i^2)/2 >= 0", (1 - inner**2) / 2, ">=", sp.Integer(0), OVER),
        Inequality("and the other products have the same sign", psi * value + rest, ">=", sp.Integer(1), OVER,
                   (psi >= 1, value >= 1)),
    ),
    experiments=runs.large(),
    broken_by=runs.large_broken(),
)  # fmt: skip

LAM = sp.Eq(lam, 152 * eps / L)
BOUND = L * Delta / (1824 * eps**2)

DETERMINISTIC = Claim(
    id="carmon2020.carmon_chain_det",
    says="a deterministic method that leaves unseen coordinates at 0 needs more than L Delta/(1824 eps^2) gradients",
    source=f"ratelab, own derivation of the constant; after {SOURCE}",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="number of gradients before one has norm <= epsilon",
    metric_units=PURE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=BOUND,
    limits=(Limit("nothing to descend", Delta, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Identity("f(x) = (L lam^2/152) F(x/lam) is L-smooth", L * lam**2 / 152 * 152 / lam**2, L, OVER),
        Inequality("its gap is at most Delta, n = floor(L Delta/(1824 eps^2))", L * lam**2 / 152 * 12 * n, "<=", Delta,
                   OVER, (LAM, n <= BOUND)),
        Identity("and its gradient is above eps where |grad F| > 1", L * lam / 152, eps, OVER, (LAM,)),
        Recursion("d F/d x_i = 0 where |x_{i-1}|, |x_i| <= 1/2: an answer shows one new coordinate at most", seen,
                  seen + 1, sp.Integer(0), k, k, OVER),
        Inequality("the first n points have x_n = 0, and gradients above eps: one more at least", N, ">=", BOUND, OVER,
                   (N >= n + 1, n + 1 >= BOUND)),
    ),
    experiments=runs.deterministic(eps**2),
    broken_by=runs.deterministic_broken(eps**2),
)  # fmt: skip

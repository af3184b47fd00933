"""J. Zhang, T. He, S. Sra, A. Jadbabaie, "Why gradient clipping accelerates training", ICLR 2020, arXiv 1905.11881.

(L0, L1)-smooth: ||Hessian f(x)|| <= L0 + L1 ||grad f(x)||. Without noise: the descent inequality, clipped gradient
descent (Theorem 3), and a fixed step from below and from above (Theorems 4 and 6). G = ||grad f(x)||, r = L1 times the
length of a step, E = e^r, A = L0 + L1 G, dec = f(x) - f(x+). The radius rho is 1 in the paper.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import zhang2019clip as runs
from proofs_check.steps import Chain, Identity, Inequality

CURVATURE, STEP_UNITS = Units(F=1, X=-2), Units(F=-1, X=2)
R = sp.Rational
L0, L1, G, h, eps, Delta, rho, reach, M = sp.symbols("L0 L1 G h eps Delta rho R M", positive=True)
E, A0, A1, gamma, eta, start, width = sp.symbols("E A_0 A_l gamma eta x_0 W", positive=True)
r, v, y, steps, bend = sp.symbols("r v y N c", nonnegative=True)
dec, rest, growth, x = sp.symbols("dec rest A' x", real=True)

BASE = Quantity(L0, POSITIVE, CURVATURE, "constant part of the smoothness")
SLOPE = Quantity(L1, POSITIVE, Units(X=-1), "its growth with the gradient")
SIZE = Quantity(G, POSITIVE, GRADIENT, "||grad f(x)||")
STEP = Quantity(h, POSITIVE, STEP_UNITS, "step size")
GAP = Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - inf f")
ACCURACY = Quantity(eps, POSITIVE, GRADIENT, "accuracy: ||grad f|| <= eps")
RADIUS = Quantity(rho, POSITIVE, LENGTH, "how far outside the sublevel set f is (L0, L1)-smooth", unit_value=True)
STEEPEST = Quantity(M, POSITIVE, GRADIENT, "largest gradient where f <= f(x_0)")
OVER = (
    BASE, SLOPE, SIZE, STEP, GAP, ACCURACY, RADIUS, STEEPEST,
    Quantity(reach, POSITIVE, LENGTH, "longest step, min(rho, 1/(10 L1))"),
    Quantity(E, POSITIVE, PURE, "e^r"),
    Quantity(r, sp.Interval(0, 1), PURE, "L1 times the length of a step"),
    *(Quantity(s, POSITIVE, CURVATURE, "L0 + L1 ||grad f||, at x and at distance l") for s in (A0, A1)),
    Quantity(growth, REAL, Units(F=1, X=-3), "its derivative in l"),
    *(Quantity(s, REAL, OBJECTIVE, "f(x) - f(x+), and the remainder of the expansion") for s in (dec, rest)),
    Quantity(gamma, POSITIVE, GRADIENT, "clipping threshold"),
    Quantity(eta, POSITIVE, STEP_UNITS, "step size of small gradients"),
    Quantity(width, POSITIVE, Units(X=-2), "1/(100 R^2) = max(L1^2, 1/(100 rho^2))"),
    Quantity(steps, NONNEGATIVE, PURE, "steps done with ||grad f|| > eps"),
    Quantity(bend, NONNEGATIVE, GRADIENT, "E A R"),
    Quantity(v, NONNEGATIVE, PURE, "e^u - 1"),
    Quantity(start, POSITIVE, LENGTH, "starting point"),
    Quantity(y, sp.Interval(0, 1), PURE, "|x| / rho"),
    Quantity(x, REAL, LENGTH, "a point of the line"),
)  # fmt: skip
OWN = "ratelab, own derivation; after Zhang, He, Sra, Jadbabaie, arXiv 1905.11881, "
EXPONENTIAL = Inequality("e^r <= 1 + r + r^2 for r <= 1", sp.log(1 + r + r**2), ">=", r, OVER)

GROWN = (L0 + L1 * G) * sp.exp(L1 * reach)
SLOWER = runs.fallen(GROWN, L0, L1, G)
GROWTH = Claim(
    id="zhang2019clip.setup_growth",
    says="L0 + L1 ||grad f|| grows by at most the factor e^(L1 l) over a distance l",
    source=OWN + "section 2",
    kind=Kind.UPPER,
    metric="L0 + L1 ||grad f(y)||",
    metric_units=CURVATURE,
    symbols=(BASE, SLOPE, SIZE, Quantity(reach, POSITIVE, LENGTH, "||y - x||")),
    assumptions=(),
    bound=GROWN,
    limits=(
        Limit("smooth", L1, sp.Integer(0), L0),
        Limit("nearby", reach, sp.Integer(0), L0 + L1 * G),
    ),
    standing=Standing.DERIVED,
    steps=(
        Inequality("A(l) e^(-L1 l) does not grow: A' <= L1 ||Hessian|| <= L1 A, E = e^(L1 l)",
                   growth / E - L1 * A1 / E, "<=", sp.Integer(0), OVER, (growth <= L1 * A1,)),
        Inequality("so A(l) e^(-L1 l) <= A(0)", A1, "<=", (L0 + L1 * G) * sp.exp(L1 * reach), OVER,
                   (A1 / E <= A0, sp.Eq(A0, L0 + L1 * G), E <= sp.exp(L1 * reach))),
    ),
    experiments=runs.growth(SLOWER), broken_by=runs.growth_broken(SLOWER),
)  # fmt: skip

LEMMA = Claim(
    id="zhang2019clip.setup_descent",
    says="one gradient step of size h: f(x+) - f(x) <= -h G^2 + e^(L1 h G) (L0 + L1 G) h^2 G^2 / 2",
    source=OWN + "section 2",
    kind=Kind.UPPER,
    metric="f(x+) - f(x)",
    metric_units=OBJECTIVE,
    symbols=(BASE, SLOPE, SIZE, STEP),
    assumptions=(),
    bound=-h * G**2 + sp.exp(L1 * h * G) * (L0 + L1 * G) * h**2 * G**2 / 2,
    limits=(Limit("smooth: the usual descent lemma", L1, sp.Integer(0), -h * G**2 + L0 * h**2 * G**2 / 2),),
    standing=Standing.DERIVED,
    steps=(
        Identity("the weights of the Hessian along the step",
                 sp.integrate(reach - x, (x, 0, reach)), reach**2 / 2, OVER),
        Inequality("setup_growth: each Hessian is at most E A_0, and the step has length h G", rest, "<=",
                   E * (L0 + L1 * G) * h**2 * G**2 / 2, OVER,
                   (rest <= E * A0 * reach**2 / 2, sp.Eq(A0, L0 + L1 * G), sp.Eq(reach, h * G))),
        Inequality("so", -dec, "<=", -h * G**2 + sp.exp(L1 * h * G) * (L0 + L1 * G) * h**2 * G**2 / 2, OVER,
                   (dec >= h * G**2 - rest, rest <= sp.exp(L1 * h * G) * (L0 + L1 * G) * h**2 * G**2 / 2)),
    ),
    experiments=runs.descent(), broken_by=runs.descent_broken(),
)  # fmt: skip

HALF = sp.Min(eta, gamma * eta / G) / 2
NGD = Claim(
    id="zhang2019clip.setup_normalised",
    says="eta_n/(G + beta), gamma eta_c = eta_n, beta = gamma: between half the clipped step size and all of it",
    source=OWN + "section 3, which has the factors 1/2 and 2",
    kind=Kind.LOWER,
    metric="step size of normalised gradient descent",
    metric_units=STEP_UNITS,
    symbols=(SIZE, Quantity(gamma, POSITIVE, GRADIENT, "threshold"), Quantity(eta, POSITIVE, STEP_UNITS, "eta_c")),
    assumptions=(),
    bound=HALF,
    limits=(Limit("no step size, no step", eta, sp.Integer(0), sp.Integer(0)),),
    standing=Standing.DERIVED,
    steps=(
        Inequality("at most the clipped one", gamma * eta / (G + gamma), "<=", sp.Min(eta, gamma * eta / G), OVER),
        Inequality("at least half of it", gamma * eta / (G + gamma), ">=", sp.Min(eta, gamma * eta / G) / 2, OVER),
    ),
    experiments=runs.normalised(G * HALF), broken_by=runs.normalised_broken(G * HALF),
)  # fmt: skip

GAIN = R(4, 45) / (L0 / eps**2 + width / L0)
CLIPPED = R(45, 4) * (L0 * Delta / eps**2 + sp.Max(L1**2, 1 / (100 * rho**2)) * Delta / L0)
THM_3 = Claim(
    id="zhang2019clip.thm3_cgd_upper",
    says="clipped gradient descent, eta = 1/(10 L0), no step longer than min(rho, 1/(10 L1))",
    source=OWN + "Theorem 3: its step sizes, the laboratory's constant",
    kind=Kind.UPPER,
    metric="steps until ||grad f|| <= eps",
    metric_units=PURE,
    symbols=(BASE, SLOPE, GAP, ACCURACY, RADIUS),
    assumptions=(),
    bound=CLIPPED,
    limits=(Limit("smooth", L1, sp.Integer(0), R(45, 4) * (L0 * Delta / eps**2 + Delta / (100 * rho**2 * L0))),),
    standing=Standing.DERIVED,
    steps=(
        EXPONENTIAL,
        Inequality("so E <= 10/9, no step being longer than 1/(10 L1)", E, "<=", R(10, 9), OVER,
                   (E <= 1 + r + r**2, r <= R(1, 10))),
        Inequality("G <= 10 L0 R, h = 1/(10 L0)", dec, ">=", R(4, 45) * G**2 / L0, OVER,
                   (dec >= G**2 / (10 * L0) - E * (L0 + L1 * G) * G**2 / (200 * L0**2), E <= R(10, 9), L1 * G <= L0)),
        Inequality("G > 10 L0 R: a step of length R, along which A R <= G/5", (L0 + L1 * G) * reach, "<=", G / 5, OVER,
                   (10 * L0 * reach <= G, 10 * L1 * reach <= 1)),
        Inequality("hence E A R <= 2/9 G",
                   E * A0 * reach, "<=", R(2, 9) * G, OVER, (E <= R(10, 9), A0 * reach <= G / 5)),
        Chain("so it gains", (dec, ">=", R(8, 9) * reach * G, ">=", R(4, 45) * 100 * L0 * reach**2), OVER,
              (dec >= reach * G - bend * reach / 2, bend <= R(2, 9) * G, 10 * L0 * reach <= G)),
        Inequality("before G <= eps both are at least this: the first", dec, ">=", GAIN, OVER,
                   (dec >= R(4, 45) * G**2 / L0, G >= eps)),
        Inequality("and the second, W = 1/(100 R^2)", dec, ">=", GAIN, OVER, (dec >= R(4, 45) * L0 / width,)),
        Inequality("and Delta is all there is to gain",
                   steps, "<=", R(45, 4) * (L0 / eps**2 + width / L0) * Delta, OVER,
                   (steps * GAIN <= Delta,)),
        Inequality("with R = min(rho, 1/(10 L1))", steps, "<=", CLIPPED, OVER,
                   (steps <= R(45, 4) * (L0 * Delta / eps**2 + width * Delta / L0),
                    width <= sp.Max(L1**2, 1 / (100 * rho**2)))),
    ),
    experiments=runs.clipped(CLIPPED), broken_by=runs.clipped_broken(CLIPPED),
)  # fmt: skip

FLAT = (L0 / L1**2) * (sp.exp(L1 * x) - L1 * x - 1)
QUARTIC = eps * rho / 4 * (6 * (x / rho) ** 2 - (x / rho) ** 4)
FIXED = L1 * M * (Delta - R(89, 500) * eps * rho) / (8 * eps**2 * sp.log(1 + M * L1 / L0))
THM_4 = Claim(
    id="zhang2019clip.thm4_gd_lower",
    says="gradient descent with any fixed step, on the worse of two (L0, L1)-smooth functions with gradients up to M",
    source=OWN + "Theorem 4: other functions, log(1 + M L1/L0) where it has log M + 1 (recalled)",
    kind=Kind.LOWER,
    metric="steps until ||grad f|| <= eps",
    metric_units=PURE,
    symbols=(BASE, SLOPE, GAP, ACCURACY, RADIUS, STEEPEST),
    assumptions=(eps * rho <= Delta, 3 * eps <= L0 * rho, 2 * eps <= M,
                 Delta * L1 >= M - L0 / L1 * sp.log(1 + M * L1 / L0)),
    bound=FIXED,
    standing=Standing.DERIVED,
    steps=(
        Identity("f(x) = L0/L1^2 (e^(L1 |x|) - L1 |x| - 1) is as curved as allowed", sp.diff(FLAT, x, 2),
                 L0 + L1 * sp.diff(FLAT, x), OVER),
        Identity("and has slope M at x_0 = log(1 + M L1/L0)/L1",
                 sp.diff(FLAT, x).subs(x, sp.log(1 + M * L1 / L0) / L1), M, OVER),
        Inequality("f'(x)/x grows: its derivative has the sign of log(1+v) - v/(1+v), v = e^(L1 x) - 1", sp.log(1 + v),
                   ">=", v / (1 + v), OVER),
        Inequality("so with h > 2 x_0/M every step leads further out", h * G - start, ">", start, OVER,
                   (h * M > 2 * x, G * x >= M * start, x > 0)),
        Chain("g(x) = eps rho/4 (6 y^2 - y^4), y = |x|/rho <= 1, is curved by at most 3 eps/rho <= L0",
              (sp.diff(QUARTIC, x).diff(x), "<=", 3 * eps / rho, "<=", L0), OVER, (3 * eps <= L0 * rho,)),
        Identity("goes on with slope 2 eps from y = 1", sp.diff(QUARTIC, x).subs(x, rho), 2 * eps, OVER),
        Inequality("and is below 0.178 eps rho where its slope, eps (3 y - y^3), is at most eps",
                   (6 * y**2 - y**4) / 4, "<=",
                   R(89, 500), OVER, (3 * y - y**3 <= 1,)),
        Inequality("a convex function: one step lowers it by at most h G^2 <= 4 eps^2 h",
                   dec, "<=", 4 * eps**2 * h, OVER,
                   (dec <= h * G**2, G <= 2 * eps)),
        Inequality("so with h <= 2 x_0/M, x_0 = log(1 + M L1/L0)/L1", steps, ">=", FIXED, OVER,
                   (steps * 4 * eps**2 * h >= Delta - R(89, 500) * eps * rho,
                    h * M * L1 <= 2 * sp.log(1 + M * L1 / L0))),
    ),
    experiments=runs.any_fixed_step(), broken_by=runs.any_fixed_step_broken(),
)  # fmt: skip

SMALL = 4 * (M * L1 + L0) * Delta / eps**2
THM_6 = Claim(
    id="zhang2019clip.thm6_gd_upper",
    says="gradient descent with h = 1/(2 (M L1 + L0)) needs at most 4 (M L1 + L0) Delta/eps^2 steps",
    source=OWN + "Theorem 6: its step size; the constant 4 was recalled, and is proved here",
    kind=Kind.UPPER,
    metric="steps until ||grad f|| <= eps",
    metric_units=PURE,
    symbols=(BASE, SLOPE, GAP, ACCURACY, STEEPEST),
    assumptions=(),
    bound=SMALL,
    limits=(Limit("smooth", L1, sp.Integer(0), 4 * L0 * Delta / eps**2),),
    standing=Standing.DERIVED,
    steps=(
        EXPONENTIAL,
        Inequality("so E <= 2 for r <= 1/2", E, "<=", sp.Integer(2), OVER, (E <= 1 + r + r**2, r <= R(1, 2))),
        Chain("which holds: r = L1 h G",
              (L1 * G / (2 * (M * L1 + L0)), "<=", L1 * M / (2 * (M * L1 + L0)), "<=", R(1, 2)),
              OVER, (G <= M,)),
        Inequality("A h <= 1/2", (L0 + L1 * G) * h, "<=", R(1, 2), OVER, (G <= M, 2 * (M * L1 + L0) * h <= 1)),
        Chain("one step gains h G^2/2", (h * G**2 - E * A0 * h**2 * G**2 / 2, ">=", h * G**2 - A0 * h**2 * G**2, ">=",
                                         h * G**2 / 2), OVER, (E <= 2, A0 * h <= R(1, 2))),
        Inequality("and Delta is all there is to gain", steps, "<=", 4 * (M * L1 + L0) * Delta / eps**2, OVER,
                   (steps * h * eps**2 / 2 <= Delta, sp.Eq(h, 1 / (2 * (M * L1 + L0))))),
    ),
    experiments=runs.fixed(SMALL), broken_by=runs.fixed_broken(SMALL),
)  # fmt: skip

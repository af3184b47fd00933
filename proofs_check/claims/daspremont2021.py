"""A. d'Aspremont, D. Scieur, A. Taylor, "Acceleration Methods", arXiv 2101.09545: Corollary 4.15 and section 2.

Nesterov's constant momentum for mu-strongly convex L-smooth f, s = sqrt(mu/L): y = (x + s z)/(1 + s), x' = y - g/L,
z' = (1-s) z + s y - (s/mu) g; F, F_1, f_y = f - f* at x, x', y. Points are measured from x*; in the identities they are
numbers that stand for vectors. And Chebyshev's steps on quadratics: C_n, S_n are Chebyshev's polynomials T_n, U_{n-1}.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import COUNT0, FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import daspremont2021 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import HORIZON, T

L, R, Delta, s = sp.symbols("L R Delta s", positive=True)
x, y, z, g, u = sp.symbols("x y z g u", real=True)
fy, F, F1, V, V1, V0 = sp.symbols("f_y F F_1 V V_1 V_0", nonnegative=True)
ix, istar, down, sq = sp.symbols("i_x i_* i_1 s_1", nonnegative=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
w = sp.Symbol("w", positive=True)
C, S, X, p = sp.symbols("C_n S_n X p", real=True)
mu = s**2 * L

SHRINK = Quantity(s, FRACTION, PURE, "sqrt(mu / L)")
GAP = Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - f*")
NAG = (
    HORIZON,
    Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness"),
    Quantity(R, POSITIVE, LENGTH, "distance from the start to the minimiser"),
    SHRINK,
    GAP,
)
OVER = (
    *NAG,
    *(Quantity(q, REAL, LENGTH, "points, from x*") for q in (x, y, z, u)),
    Quantity(g, REAL, GRADIENT, "gradient at y"),
    *(Quantity(q, NONNEGATIVE, OBJECTIVE, "f - f* at y, x, x'") for q in (fy, F, F1)),
    *(Quantity(q, NONNEGATIVE, OBJECTIVE, "potential, now, next or first") for q in (V, V1, V0)),
    *(Quantity(q, NONNEGATIVE, OBJECTIVE, "by how much an inequality holds") for q in (ix, istar, down, sq)),
    Quantity(k, COUNT0, PURE, "steps done"),
)
Y = (x + s * z) / (1 + s)
Z1 = (1 - s) * z + s * Y - s * g / mu
TO_X = F - fy - g * (x - Y)  # convexity, >= 0
TO_STAR = g * Y - fy - mu / 2 * Y**2  # strong convexity at x* = 0, >= 0
DESCENT = fy - g**2 / (2 * L) - F1  # >= 0
NAG_BOUND = (1 - s) ** T * (Delta + s**2 * L * R**2 / 2)

NAG_SC = Claim(
    id="daspremont2021.nag_sc_upper",
    says="Nesterov's constant momentum leaves (1 - sqrt(mu/L))^T (f(x_0) - f* + mu R^2 / 2)",
    source="d'Aspremont, Scieur, Taylor, Acceleration Methods (2021), arXiv 2101.09545, Corollary 4.15, as restated by "
    "the PEPit library",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=NAG,
    assumptions=(),
    bound=NAG_BOUND,
    limits=(
        Limit("mu = L: done in one step", s, sp.Integer(1), sp.Integer(0)),
        Limit("mu = 0: no rate", s, sp.Integer(0), Delta),
    ),
    experiments=runs.accelerated(),
    broken_by=runs.plain(),
    steps=(
        Identity("with g/L = y - x', z' is (x' - (1-s) x)/s", ((1 - s) * ((1 + s) * y - x) + s**2 * y - (y - u)) / s,
                 (u - (1 - s) * x) / s, OVER),
        Identity("so the next y is x' + (1-s)/(1+s) (x' - x)", (u + (u - (1 - s) * x)) / (1 + s),
                 u + (1 - s) / (1 + s) * (u - x), OVER),
        Identity("V = F + (mu/2) |z|^2: (1-s) V - V_1 is a sum of convexity, strong convexity, descent and a square",
                 (1 - s) * (F + mu / 2 * z**2) - (F1 + mu / 2 * Z1**2),
                 (1 - s) * TO_X + s * TO_STAR + DESCENT + mu / 2 * s * (1 - s) * (z - Y) ** 2, OVER),
        Inequality("so V_1 <= (1-s) V", V1, "<=", (1 - s) * V, OVER,
                   (sp.Eq(V1, (1 - s) * V - (1 - s) * ix - s * istar - down - s * (1 - s) * sq),)),
        Induction("T steps", base=Identity("k = 0", (1 - s) ** 0 * V0, V0, OVER),
                  step=Inequality("k to k+1", V1, "<=", (1 - s) ** (k + 1) * V0, OVER,
                                  (V1 <= (1 - s) * V, V <= (1 - s) ** k * V0)),
                  conclusion=(V, "<=", (1 - s) ** T * V0)),
        Inequality("from V_0 = f(x_0) - f* + mu R^2/2", F, "<=", NAG_BOUND, OVER,
                   (F <= V, V <= (1 - s) ** T * V0, sp.Eq(V0, Delta + s**2 * L * R**2 / 2))),
    ),
)  # fmt: skip

WIDE = Quantity(w, sp.Interval.open(1, sp.oo), PURE, "(sqrt(kappa) + 1) / (sqrt(kappa) - 1)")
CHEB = (HORIZON, GAP, WIDE)
CHEB_OVER = (
    *CHEB,
    SHRINK,
    Quantity(X, REAL, PURE, "((L + mu) - 2 lambda) / (L - mu) at an eigenvalue lambda"),
    *(Quantity(q, REAL, PURE, "Chebyshev polynomials at X") for q in (C, S)),
    Quantity(p, REAL, PURE, "the factor of an eigendirection"),
    Quantity(F, NONNEGATIVE, OBJECTIVE, "f(x_T) - f*"),
    Quantity(k, COUNT0, PURE, "degree"),
)
AT_0 = (w**T + w ** (-T)) / 2  # T_n((L + mu)/(L - mu))
CHEB_BOUND = 4 * Delta * w ** (-2 * T)

CHEBYSHEV = Claim(
    id="daspremont2021.chebyshev_quadratic",
    says="gradient descent with Chebyshev's T steps shrinks f - f* on quadratics by 4 w^(-2T), "
    "w = (sqrt(kappa) + 1)/(sqrt(kappa) - 1)",
    source="ratelab, own derivation; classical, after d'Aspremont, Scieur, Taylor, arXiv 2101.09545, section 2 (number "
    "not checked)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=CHEB,
    assumptions=(),
    bound=CHEB_BOUND,
    limits=(Limit("an infinite condition number: no rate", w, sp.Integer(1), 4 * Delta),),
    steps=(
        Identity("at lambda = 0, X is (w + 1/w)/2 with w = (1 + s)/(1 - s), s = sqrt(mu/L)",
                 (1 + s**2) / (1 - s**2), ((1 + s) / (1 - s) + (1 - s) / (1 + s)) / 2, CHEB_OVER),
        Induction("there T_n = (w^n + w^-n)/2, by T_{n+1} = 2 X T_n - T_{n-1}",
                  base=Identity("n = 0 and 1", (w**0 + w**0) / 2 * (w + 1 / w) / 2, (w + 1 / w) / 2, CHEB_OVER),
                  step=Identity("n to n+1", (w + 1 / w) * (w ** (k + 1) + w ** (-k - 1)) / 2 - (w**k + w ** (-k)) / 2,
                                (w ** (k + 2) + w ** (-k - 2)) / 2, CHEB_OVER)),
        Induction("at every X: T_n^2 + (1 - X^2) U_{n-1}^2 = 1", base=Identity("n = 0", sp.Integer(1) ** 2
                  + (1 - X**2) * 0**2, sp.Integer(1), CHEB_OVER),
                  step=Identity("n to n+1", (X * C + (X**2 - 1) * S) ** 2 + (1 - X**2) * (C + X * S) ** 2,
                                C**2 + (1 - X**2) * S**2, CHEB_OVER)),
        Inequality("so T_n is at most 1 on the spectrum, where |X| <= 1", C**2, "<=", sp.Integer(1), CHEB_OVER,
                   (sp.Eq(C**2 + (1 - X**2) * S**2, 1), X**2 <= 1)),
        Inequality("the steps are 1 over the roots of T_n(X(lambda)): a direction shrinks by p = T_n(X)/T_n(X(0))",
                   p**2, "<=", 4 * w ** (-2 * T), CHEB_OVER, (sp.Eq(p, C / AT_0), C**2 <= 1)),
        Inequality("and f - f* by the largest p^2", F, "<=", CHEB_BOUND, CHEB_OVER,
                   (F <= p**2 * Delta, p**2 <= 4 * w ** (-2 * T))),
    ),
    experiments=runs.chebyshev(),
    broken_by=runs.one_step_size(),
)  # fmt: skip

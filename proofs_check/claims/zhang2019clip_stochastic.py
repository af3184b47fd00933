"""J. Zhang, T. He, S. Sra, A. Jadbabaie, "Why gradient clipping accelerates training", arXiv 1905.11881: with noise.

Theorems 7 and 8: (L0, L1)-smooth f, unbiased stochastic gradients g with ||g - grad f|| <= tau. G = ||grad f(x)||,
n = ||g||, A = L0 + L1 G, h the step size, E = e^(L1 h n), D = f(x) - E f(x+). kappa is 1 in the paper, in
eta <= kappa/sqrt(T).
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import zhang2019clip_stochastic as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

CURVATURE, STEP_UNITS = Units(F=1, X=-2), Units(F=-1, X=2)
R = sp.Rational
L0, L1, G, h, Delta, tau, M, kappa, eta, E, A, n = sp.symbols("L0 L1 G h Delta tau M kappa eta E A n", positive=True)
x, m, floor = sp.symbols("r m F", nonnegative=True)
D, inner, total, mean, left, second = sp.symbols("D inner S mean Delta_k V", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)

BASE = Quantity(L0, POSITIVE, CURVATURE, "constant part of the smoothness")
SLOPE = Quantity(L1, POSITIVE, Units(X=-1), "its growth with the gradient")
GAP = Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - inf f")
NOISE = Quantity(tau, POSITIVE, GRADIENT, "bound on the noise")
STEEPEST = Quantity(M, POSITIVE, GRADIENT, "bound on ||grad f|| at the iterates")
UNIT = Quantity(kappa, POSITIVE, STEP_UNITS, "eta sqrt(T)", unit_value=True)
OVER = (
    HORIZON, BASE, SLOPE, GAP, NOISE, STEEPEST, UNIT,
    *(Quantity(s, POSITIVE, GRADIENT, "||grad f(x)|| and ||g||") for s in (G, n)),
    *(Quantity(s, POSITIVE, STEP_UNITS, "step size, and its bound") for s in (h, eta)),
    Quantity(E, POSITIVE, PURE, "e^r"),
    Quantity(x, sp.Interval(0, 1), PURE, "L1 h n"),
    Quantity(A, POSITIVE, CURVATURE, "L0 + L1 G"),
    *(Quantity(s, REAL, SQUARED_GRADIENT, "<grad f, g>, E n^2 or A h n^2, and sum and mean of the metric")
      for s in (inner, second, total, mean)),
    Quantity(m, NONNEGATIVE, SQUARED_GRADIENT, "min(G^2, G/(32 L1 eta))"),
    *(Quantity(s, REAL, OBJECTIVE, "f(x) - E f(x+), and E f(x_k) - inf f") for s in (D, left)),
    Quantity(floor, NONNEGATIVE, OBJECTIVE, "what the noise costs in one step"),
    Quantity(k, COUNT0, PURE, "steps done"),
)  # fmt: skip
OWN = "ratelab, own derivation and constants; after Zhang, He, Sra, Jadbabaie, arXiv 1905.11881, "
NOT_LONG = (20 * L0 * eta <= 1, 128 * L1 * tau * eta <= 1)
COST = (L0 + 2 * L1 * tau) * tau**2
BOUND_7 = R(8, 3) * (Delta / kappa + R(8, 15) * kappa * COST) / sp.sqrt(T)
SHORT = Inequality("a step with 1/(16 L1 (n + tau)) is no longer than 1/(16 L1)", h * n, "<=", 1 / (16 * L1), OVER,
                   (16 * L1 * (n + tau) * h <= 1,))  # fmt: skip
EXPONENTIAL = Inequality("e^r <= 1 + r + r^2 for r <= 1", sp.log(1 + x + x**2), ">=", x, OVER)

THM_7 = Claim(
    id="zhang2019clip.thm7_csgd_upper",
    says="clipped SGD, h = min(1/(16 L1 (||g|| + tau)), eta), eta = kappa/sqrt(T) small: order 1/sqrt(T)",
    source=OWN + "Theorem 7, with the step size repaired (see the erratum)",
    kind=Kind.UPPER,
    metric="mean over k of E min(||grad f||^2, ||grad f||/(32 L1 eta))",
    metric_units=SQUARED_GRADIENT,
    symbols=(HORIZON, BASE, SLOPE, GAP, NOISE, UNIT),
    assumptions=(20 * L0 * kappa <= sp.sqrt(T), 128 * L1 * tau * kappa <= sp.sqrt(T)),
    bound=BOUND_7,
    rate=Rate(-R(1, 2)),
    limits=(
        Limit("smooth", L1, sp.Integer(0), R(8, 3) * (Delta / kappa + R(8, 15) * kappa * L0 * tau**2) / sp.sqrt(T)),
        Limit("without noise", tau, sp.Integer(0), R(8, 3) * Delta / (kappa * sp.sqrt(T))),
    ),
    standing=Standing.DERIVED,
    steps=(
        SHORT,
        EXPONENTIAL,
        Inequality("so E <= 16/15", E, "<=", R(16, 15), OVER, (E <= 1 + x + x**2, x <= R(1, 16))),
        Inequality("G >= 2 tau: the direction is good",
                   inner, ">=", G**2 / 2, OVER, (inner >= G**2 - G * tau, G >= 2 * tau)),
        Inequality("n <= G + tau; the curvature L0", L0 * h * n**2, "<=", R(9, 80) * G**2, OVER,
                   (20 * L0 * h <= 1, n <= R(3, 2) * G)),
        Inequality("and L1 G",
                   L1 * G * h * n**2, "<=", R(3, 32) * G**2, OVER, (16 * L1 * h * n <= 1, n <= R(3, 2) * G)),
        Inequality("cost at most 11/100 h G^2", R(8, 15) * h * second, "<=", R(11, 100) * h * G**2, OVER,
                   (second <= R(9, 80) * G**2 + R(3, 32) * G**2,)),
        Inequality("so the step gains 3/8 h G^2", D, ">=", R(3, 8) * h * G**2, OVER,
                   (D >= h * inner - R(11, 100) * h * G**2, inner >= G**2 / 2)),
        Inequality("and h G^2 >= eta m where it is clipped (n + tau <= 2 G)", h * G**2, ">=", eta * m, OVER,
                   (32 * L1 * G * h >= 1, 32 * L1 * eta * m <= G)),
        Inequality("G < 2 tau: nothing is clipped", 16 * L1 * (n + tau) * eta, "<=", sp.Integer(1), OVER,
                   (n <= G + tau, G <= 2 * tau, 128 * L1 * tau * eta <= 1)),
        Inequality("and A eta <= 1/15", (L0 + L1 * G) * eta, "<=", R(1, 15), OVER, (*NOT_LONG, G <= 2 * tau)),
        Inequality("so that the noise does not bias, and E n^2 <= G^2 + tau^2", D, ">=",
                   R(3, 8) * eta * G**2 - R(8, 15) * eta**2 * A * tau**2, OVER,
                   (D >= eta * G**2 - R(8, 15) * A * eta**2 * (G**2 + tau**2), A * eta <= R(1, 15))),
        Induction("either way D >= 3/8 eta m - F; summed over k",
                  base=Inequality("no step", left, "<=", Delta, OVER, (sp.Eq(left, Delta),)),
                  step=Inequality("k to k + 1",
                                  R(3, 8) * eta * (total + m) + left - D, "<=", Delta + (k + 1) * floor, OVER,
                                  (R(3, 8) * eta * total + left <= Delta + k * floor, D >= R(3, 8) * eta * m - floor))),
        Inequality("after T steps, F = 8/15 eta^2 (L0 + 2 L1 tau) tau^2", mean, "<=",
                   R(8, 3) * (Delta / (eta * T) + R(8, 15) * eta * COST), OVER,
                   (mean <= total / T, R(3, 8) * eta * total <= Delta + T * floor, floor <= R(8, 15) * eta**2 * COST)),
        Inequality("eta = kappa/sqrt(T)", mean, "<=", BOUND_7, OVER,
                   (mean <= R(8, 3) * (Delta / (eta * T) + R(8, 15) * eta * COST), sp.Eq(eta, kappa / sp.sqrt(T)))),
    ),
    experiments=runs.clipped(32 * L1 * kappa / sp.sqrt(T) * BOUND_7),
    broken_by=runs.clipped_broken(),
    errata=(
        Erratum(
            id="zhang2019clip.thm7",
            says="the clipped step size is printed with eta in its denominator, so that clipped steps are of length "
            "1/(16 eta L1) or sqrt(T)/(16 L1) and not 1/(16 L1)",
            printed=Inequality("no step is longer than 1/(16 L1), eta as in the theorem",
                               n * sp.Min(kappa / (16 * eta * L1 * (n + tau)), eta), "<=", 1 / (16 * L1), OVER,
                               (*NOT_LONG, eta <= kappa)),
            repair=(SHORT,),
            read_in="the hyper-parameters of Theorem 7 in a text of arXiv 1905.11881, and as restated in public notes; "
            "its typeset pages were not at hand",
            survives="the order eps^-4, with h = min(1/(16 L1 (||g|| + tau)), eta): zhang2019clip.thm7_csgd_upper. As "
            "printed, on f1 with L0 = L1 = 1, x0 = 31.25, tau = 0, eps = 0.05, T = 4 Delta/eps^4 = 8.8e18, it jumps "
            "to -4599 and then alternates between two points 1.85e8 apart",
        ),
    ),
)  # fmt: skip

SPREAD = R(3, 2) * (L0 + L1 * M) * (M + tau) ** 2
BOUND_8 = (Delta / kappa + kappa * SPREAD) / sp.sqrt(T)
THM_8 = Claim(
    id="zhang2019clip.thm8_sgd_upper",
    says="SGD, h = min(kappa/sqrt(T), 1/(L1 (M + tau))): the mean of E ||grad f||^2, for any T",
    source=OWN + "Theorem 8: its step size; 3/2 (L0 + L1 M) where 5 L0 + 4 L1 M was recalled",
    kind=Kind.UPPER,
    metric="mean over k of E ||grad f||^2",
    metric_units=SQUARED_GRADIENT,
    symbols=(HORIZON, BASE, SLOPE, GAP, NOISE, STEEPEST, UNIT),
    assumptions=(),
    bound=BOUND_8,
    rate=Rate(-R(1, 2)),
    limits=(Limit("smooth", L1, sp.Integer(0), (Delta / kappa + R(3, 2) * kappa * L0 * (M + tau) ** 2) / sp.sqrt(T)),),
    standing=Standing.DERIVED,
    steps=(
        Inequality("L1 h n <= 1", L1 * h * n, "<=", sp.Integer(1), OVER, (n <= M + tau, h * L1 * (M + tau) <= 1)),
        EXPONENTIAL,
        Inequality("so E <= 3", E, "<=", sp.Integer(3), OVER, (E <= 1 + x + x**2,)),
        Chain("curvature", (E * A * second / 2, "<=", R(3, 2) * A * (M + tau) ** 2, "<=", SPREAD), OVER,
              (E <= 3, second <= (M + tau) ** 2, second >= 0, A <= L0 + L1 * M)),
        Induction("D >= h E G^2 - F, F = h^2 SPREAD; summed over k",
                  base=Inequality("no step", left, "<=", Delta, OVER, (sp.Eq(left, Delta),)),
                  step=Inequality("k to k + 1", h * (total + m) + left - D, "<=", Delta + (k + 1) * floor, OVER,
                                  (h * total + left <= Delta + k * floor, D >= h * m - floor))),
        Inequality("over h T", mean, "<=", Delta / (h * T) + h * SPREAD, OVER,
                   (mean <= total / T, h * total <= Delta + T * floor, floor <= h**2 * SPREAD)),
        Inequality("kappa/sqrt(T) above 1/(L1 (M + tau)): the bound is above M^2", BOUND_8, ">=", M**2,
                   OVER, (kappa * L1 * (M + tau) >= sp.sqrt(T),)),
        Inequality("else h = kappa/sqrt(T)", mean, "<=", BOUND_8, OVER,
                   (mean <= Delta / (h * T) + h * SPREAD, sp.Eq(h, kappa / sp.sqrt(T)))),
    ),
    experiments=runs.unclipped(),
    broken_by=runs.unclipped_broken(),
)  # fmt: skip

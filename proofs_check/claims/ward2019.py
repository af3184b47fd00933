"""R. Ward, X. Wu, L. Bottou, "AdaGrad stepsizes: sharp convergence over nonconvex landscapes", arXiv 1806.01811.

AdaGrad-Norm: b_{j+1}^2 = b_j^2 + ||G_j||^2, x_{j+1} = x_j - (eta / b_{j+1}) G_j. The rates are the paper's; the
constants are those of the steps. g2 is ||grad F(x_j)||^2, b is b_{j+1}, a is b_j, Z sums g2, Delta = F(x_0) - inf F.
Stochastic: y = ||G_j||, z = ||grad F(x_j)||, bh^2 = b_j^2 + z^2 + sigma^2, which does not depend on the last draw.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT0, FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import ward2019 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality, Monotone
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

Delta, eta, b0, L, b, a, r, Dd, sigma, gam, delta, q, w, bh, M, A, Q, k = sp.symbols(
    "Delta eta b_0 L b a r D sigma gamma delta q w bh M A Q k", positive=True
)
g2, Z, Z1, Z2, m, y, z, e, S, P, e1, e2, s2, B, b2, u = sp.symbols(
    "g2 Z Z_1 Z_2 m y z e S P e_1 e_2 s2 B b2 u", nonnegative=True
)
f0, f1, F0, rise = sp.symbols("f_j f_{j+1} f_0 rise", real=True)
j = sp.Symbol("j", integer=True, nonnegative=True)

SYMBOLS = (
    HORIZON,
    Quantity(Delta, POSITIVE, OBJECTIVE, "F(x_0) - inf F"),
    Quantity(eta, POSITIVE, LENGTH, "step scale"),
    Quantity(b0, POSITIVE, GRADIENT, "b at the start"),
    Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness"),
)
NOISE = (
    Quantity(sigma, POSITIVE, GRADIENT, "E ||G - grad F||^2 <= sigma^2"),
    Quantity(gam, POSITIVE, GRADIENT, "bound on ||grad F||"),
    Quantity(delta, FRACTION, PURE, "failure probability"),
)
OVER = (
    *SYMBOLS,
    *NOISE,
    *(Quantity(x, POSITIVE, GRADIENT, "b or a bound on it") for x in (b, a, r, bh, Dd, A, Q)),
    *(Quantity(x, NONNEGATIVE, SQUARED_GRADIENT, "squared gradients") for x in (g2, Z, Z1, Z2, m, s2, B, b2)),
    *(Quantity(x, NONNEGATIVE, GRADIENT, "||G_j||, ||grad F||, their difference, or a part of the drift")
      for x in (y, z, e, P, e1, e2)),
    *(Quantity(x, REAL, OBJECTIVE, "value of F, or a change of it") for x in (f0, f1, F0, rise)),
    Quantity(S, NONNEGATIVE, PURE, "E ||G_j||^2 / b_{j+1}^2, or their sum"),
    Quantity(u, NONNEGATIVE, PURE, "||G_j|| / b_{j+1}"),
    Quantity(q, sp.Interval.Lopen(0, 1), PURE, "b_j / b_{j+1}"),
    Quantity(w, sp.Interval(1, sp.oo), PURE, "b_T^2 over its mean"),
    Quantity(M, POSITIVE, SQUARED_GRADIENT, "(E ||grad F||^(4/3))^(3/2)"),
    Quantity(k, POSITIVE, Units(F=sp.Rational(2, 3), X=-sp.Rational(2, 3)), "cube root of M"),
    Quantity(j, COUNT0, PURE, "step"),
)  # fmt: skip
SMOOTH = f1 <= f0 - eta / b * g2 + L / 2 * (eta / b) ** 2 * g2

LARGE = 4 * Delta**2 / eta**2 + 2 * b0 * Delta / eta
Dp = 2 * Delta / eta + 2 * eta * L * sp.log(eta * L / b0)
SMALL = (eta * L) ** 2 - b0**2 + Dp**2 + eta * L * Dp
LOG = Delta / eta + (4 * sigma + eta * L) / 2 * (sp.log(T) + sp.log(1 + (gam**2 + sigma**2) / b0**2))
BH = sp.sqrt(a**2 + z**2 + sigma**2)
STOCHASTIC = (2 * b0 / T + 2 * (gam + sigma) / sp.sqrt(T)) * LOG / delta ** sp.Rational(3, 2)

FROM_ENOUGH = (
    Inequality("from b >= eta L on every step descends", f1, "<=", f0 - eta / (2 * b) * g2, OVER,
               (SMOOTH, b >= eta * L)),
    Induction("summed: eta/2 sum g2/b_{j+1} <= F_0 - F_T",
              base=Inequality("one step", eta / 2 * (g2 / b), "<=", f0 - f1, OVER, (SMOOTH, b >= eta * L)),
              step=Inequality("one more", P * eta / 2 + eta / 2 * (g2 / b), "<=", F0 - f1, OVER,
                              (P * eta / 2 <= F0 - f0, f1 <= f0 - eta / (2 * b) * g2))),
    Induction("b grows: Z / b_T <= sum g2/b_{j+1}",
              base=Identity("one step", g2 / b, g2 / b, OVER),
              step=Inequality("one more", (Z + g2) / b, "<=", P + g2 / b, OVER, (Z / a <= P, b >= a))),
)  # fmt: skip

LARGE_B0 = Claim(
    id="ward2019.adagradnorm_det_large_b0",
    says="gradient AdaGrad-Norm with b_0 >= eta L: min ||grad F||^2 is O(1/T), without knowing Delta",
    source="ratelab, own derivation; after Ward, Wu, Bottou, arXiv 1806.01811, the batch theorem (number not checked)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="smallest squared gradient norm of T steps",
    metric_units=SQUARED_GRADIENT,
    symbols=SYMBOLS,
    assumptions=(b0 >= eta * L,),
    bound=LARGE / T,
    rate=Rate(-sp.Integer(1)),
    limits=(
        Limit("no slope at a minimiser", Delta, sp.Integer(0), sp.Integer(0)),
        Limit("b_0 at its smallest", b0, eta * L, (4 * Delta**2 / eta**2 + 2 * L * Delta) / T),
    ),
    steps=(
        *FROM_ENOUGH,
        Inequality("so with D = 2 Delta / eta, Z <= D b_T: b_T is at most D + b_0", r, "<=", Dd + b0, OVER,
                   (r**2 - b0**2 <= Dd * r,)),
        Inequality("and Z <= D^2 + D b_0", Z, "<=", Dd**2 + Dd * b0, OVER, (Z <= Dd * r, r <= Dd + b0)),
        Inequality("the smallest of T terms is at most their mean", m, "<=", LARGE / T, OVER,
                   (m * T <= Z, Z <= Dd**2 + Dd * b0, sp.Eq(Dd, 2 * Delta / eta))),
    ),
    experiments=runs.large_b0(),
    broken_by=runs.large_b0_broken(),
)  # fmt: skip

SMALL_B0 = Claim(
    id="ward2019.adagradnorm_det_small_b0",
    says="gradient AdaGrad-Norm from any b_0 < eta L: still O(1/T), and b_0 enters through a logarithm only",
    source="ratelab, own derivation; after Ward, Wu, Bottou, arXiv 1806.01811, the batch theorem (number not checked)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="smallest squared gradient norm of T steps",
    metric_units=SQUARED_GRADIENT,
    symbols=SYMBOLS,
    assumptions=(b0 < eta * L,),
    bound=SMALL / T,
    rate=Rate(-sp.Integer(1)),
    limits=(Limit("it joins the other case at b_0 = eta L", b0, eta * L, (4 * Delta**2 / eta**2 + 2 * L * Delta) / T),),
    steps=(
        Inequality("while b < eta L the squared gradients add up to less than (eta L)^2 - b_0^2", Z1, "<=",
                   (eta * L) ** 2 - b0**2, OVER, (sp.Eq(Z1, b**2 - b0**2), b <= eta * L)),
        Inequality("F rises by at most the second-order part", f1 - f0, "<=", L * eta**2 / 2 * g2 / b**2, OVER,
                   (SMOOTH,)),
        Inequality("g2 / b^2 = 1 - q^2 is at most the growth of log b^2", 1 - q**2, "<=", -2 * sp.log(q), OVER),
        Monotone("so they add up to 2 log(b_J / b_0), which is largest at b_J = eta L", 2 * sp.log(b / b0), b, OVER),
        Inequality("and 2 (F - inf F) / eta is then at most D", 2 * (Delta + rise) / eta, "<=", Dp, OVER,
                   (rise <= L * eta**2 / 2 * S, S <= 2 * sp.log(eta * L / b0))),
        *FROM_ENOUGH,
        Inequality("from there Z_2 <= D b_T, and b_T <= D + eta L", r, "<=", Dd + eta * L, OVER,
                   (r**2 - a**2 <= Dd * r, a <= eta * L)),
        Inequality("both phases, and the smallest of T terms", m, "<=", SMALL / T, OVER,
                   (m * T <= Z1 + Z2, Z1 <= (eta * L) ** 2 - b0**2, Z2 <= Dd * r, r <= Dd + eta * L, sp.Eq(Dd, Dp))),
    ),
    experiments=runs.small_b0(),
    broken_by=runs.small_b0_broken(),
)  # fmt: skip

STOCHASTIC_CLAIM = Claim(
    id="ward2019.adagradnorm_stoch",
    says="with probability 1 - delta, stochastic AdaGrad-Norm has min ||grad F||^2 = O(log T / sqrt(T)), untuned",
    source="ratelab, own derivation; after Ward, Wu, Bottou, arXiv 1806.01811, the stochastic theorem, the first of "
    "its two bounds (number not checked)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="smallest squared gradient norm of T steps",
    metric_units=SQUARED_GRADIENT,
    symbols=(*SYMBOLS, *NOISE),
    assumptions=(),
    bound=STOCHASTIC,
    rate=Rate(-sp.Rational(1, 2), sp.Integer(1)),
    limits=(
        Limit("without noise the logarithm's factor is eta L / 2", sigma, sp.Integer(0),
              (2 * b0 / T + 2 * gam / sp.sqrt(T)) * (Delta / eta + eta * L / 2
              * (sp.log(T) + sp.log(1 + gam**2 / b0**2)))              / delta ** sp.Rational(3, 2)),
    ),
    steps=(
        Inequality("b bh |1/bh - 1/b| = |b - bh|: upwards, e = | ||G|| - ||grad F|| |", sp.sqrt(a**2 + y**2) - BH, "<=",
                   e + sigma, OVER, (y <= z + e,)),
        Inequality("and downwards", BH - sp.sqrt(a**2 + y**2), "<=", e + sigma, OVER, (z <= y + e,)),
        Chain("Young, the part with e; u = ||G||/b", (e * u * z / bh, "<=", (sigma**2 * u**2 + e**2 * z**2
              / (4 * sigma**2)) / bh, "<=", sigma * u**2 + e**2 * z**2 / (4 * sigma**2 * bh)), OVER, (bh >= sigma,)),
        Chain("Young, the part with sigma", (sigma * u * z / bh, "<=", (sigma**2 * u**2 + z**2 / 4) / bh, "<=",
              sigma * u**2 + z**2 / (4 * bh)), OVER, (bh >= sigma,)),
        Inequality("so one step, in expectation, P = E ||grad F||^2 / bh", P / 2, "<=",
                   (f0 - f1) / eta + (4 * sigma + eta * L) / 2 * S, OVER,
                   (f1 <= f0 - eta * P + eta * (e1 + e2) + L / 2 * eta**2 * S, s2 <= sigma**2,
                    e1 <= sigma * S + s2 / (4 * sigma**2) * P, e2 <= sigma * S + P / 4)),
        Inequality("||G||^2 / b^2 = 1 - q is at most the growth of log b^2", 1 - q, "<=", -sp.log(q), OVER),
        Inequality("Jensen: log w <= w - 1 above 1 too, w = b_T^2 over its mean", sp.log(w), "<=", w - 1, OVER),
        Inequality("the mean: b_0^2 + T (gamma^2 + sigma^2) over b_0^2", 1 + T * (gam**2 + sigma**2) / b0**2, "<=",
                   T * (1 + (gam**2 + sigma**2) / b0**2), OVER),
        Inequality("E bh^2 = E b_j^2 + ... <= b_0^2 + T (gamma^2 + sigma^2) at each of the T steps",
                   b2 + z**2 + sigma**2, "<=", b0**2 + T * (gam**2 + sigma**2), OVER,
                   (b2 <= b0**2 + j * (gam**2 + sigma**2), z <= gam, j + 1 <= T)),
        Inequality("whose root is at most", sp.sqrt(b0**2 + T * (gam**2 + sigma**2)), "<=",
                   b0 + sp.sqrt(T) * (gam + sigma), OVER),
        Inequality("Hoelder, M^2 <= P^2 E bh^2", M, "<=", P * r, OVER, (M**2 <= P**2 * B, B <= r**2)),
        Chain("the smallest M of T steps, from sum P/2 <= Q",
              (M, "<=", 2 * Q * r / T, "<=", 2 * Q * (b0 / T + (gam + sigma) / sp.sqrt(T))), OVER,
              (M * T <= 2 * Q * r, r <= b0 + sp.sqrt(T) * (gam + sigma))),
        Identity("Markov at level delta for ||grad F||^(4/3)", (k**2 / delta) ** sp.Rational(3, 2),
                 k**3 / delta ** sp.Rational(3, 2), OVER),
        Inequality("with probability 1 - delta", m, "<=",
                   2 * Q * (b0 / T + (gam + sigma) / sp.sqrt(T)) / delta ** sp.Rational(3, 2), OVER,
                   (m <= M / delta ** sp.Rational(3, 2), M <= 2 * Q * (b0 / T + (gam + sigma) / sp.sqrt(T)))),
        Identity("which is", 2 * Q * (b0 / T + (gam + sigma) / sp.sqrt(T)) / delta ** sp.Rational(3, 2), STOCHASTIC,
                 OVER, (sp.Eq(Q, LOG),)),
    ),
    experiments=runs.stochastic(),
    broken_by=runs.stochastic_broken(),
)  # fmt: skip

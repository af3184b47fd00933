"""Z. Liu, "Online convex optimization with heavy tails: old algorithms, new regrets, and applications" (2025).

Plain projected gradient descent, eta_t = min(D/(G sqrt(t)), D/(sigma t^(1/p))), on convex losses with gradients of size
G at most on a set of diameter D; the gradient shown is off by eps, E eps = 0 and E ||eps||^p <= sigma^p, 1 < p <= 2. No
clipping. C = (4p - 4)^(p-1)/p^p; z is ||x_t - x_{t+1}||, q = p/(p-1). The regret is of the order that
Theorem 1 states; its constants are the lab's, from the paper's inequality on eps.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import FRACTION, NONNEGATIVE, POSITIVE
from proofs_check.instances import liu2025 as runs
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Identity, Inequality, Monotone
from proofs_check.symbols import DIAMETER, GRADIENT_BOUND, HORIZON, D, G, T

p, sigma, eta, e, z, c, w, y, Y, v, m, best = sp.symbols("p sigma eta eps z C w y Y v m Z", positive=True)
regret, drift, quiet, noisy = sp.symbols("R A_1 A_2 A_3", nonnegative=True)
k = sp.Symbol("k", integer=True, positive=True)
n = sp.Symbol("n", integer=True, positive=True)

SYMBOLS = (
    HORIZON,
    GRADIENT_BOUND,
    DIAMETER,
    Quantity(sigma, POSITIVE, GRADIENT, "the noise's p-th moment is at most sigma^p"),
    Quantity(p, sp.Interval.Lopen(1, 2), PURE, "order of the bounded moment"),
)
OVER = (
    *SYMBOLS,
    Quantity(eta, POSITIVE, Units(F=-1, X=2), "step size"),
    Quantity(e, POSITIVE, GRADIENT, "||eps||"),
    Quantity(c, POSITIVE, PURE, "(4p-4)^(p-1)/p^p"),
    *(Quantity(x, POSITIVE, LENGTH, "length of a step, and the best one") for x in (z, best)),
    Quantity(w, sp.Interval(1, sp.oo), PURE, "q - 1 = 1/(p-1)"),
    Quantity(y, FRACTION, PURE, "a number below 1"),
    Quantity(Y, POSITIVE, PURE, "(z/Z)^q"),
    Quantity(v, sp.Interval.Lopen(0, sp.Rational(1, 2)), PURE, "1 - 1/p"),
    Quantity(m, POSITIVE, PURE, "4 p - 4"),
    Quantity(k, sp.Range(2, sp.oo), PURE, "step"),
    Quantity(n, sp.Naturals, PURE, "step"),
    *(Quantity(x, NONNEGATIVE, OBJECTIVE, "the regret in the mean, and its three parts")
      for x in (regret, drift, quiet, noisy)),
)  # fmt: skip
CONSTANT = (4 * p - 4) ** (p - 1) / p**p
BOUND = sp.Rational(5, 2) * G * D * sp.sqrt(T) + (sp.Rational(1, 2) + p * CONSTANT) * sigma * D * T ** (1 / p)

OGD = Claim(
    id="liu2025.ogd_heavy_tail_bounded",
    says="plain projected SGD has the regret G D sqrt(T) + sigma D T^(1/p) in the mean under a p-th moment, unclipped",
    source="ratelab, own derivation of the constants; after Liu (2025, author recalled), Theorem 1 (convex losses)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="E regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=BOUND,
    limits=(
        Limit("no noise", sigma, sp.Integer(0), sp.Rational(5, 2) * G * D * sp.sqrt(T)),
        Limit("finite variance", p, sp.Integer(2), sp.Rational(5, 2) * (G + sigma) * D * sp.sqrt(T)),
    ),
    steps=(
        Inequality("half of ||x_t - x_{t+1}||^2 pays for the exact gradient", G * z - z**2 / (4 * eta), "<=",
                   eta * G**2, OVER),
        Monotone("the other half for eps. Bernoulli, y < 1: y^q - q y falls to 1 - q at y = 1",
                 y ** (1 + w) - (1 + w) * y, y, OVER, falls=True),
        Monotone("and y > 1: so does y^-q - q/y, in 1/y; so y^q >= 1 + q (y - 1)", y ** (-1 - w) - (1 + w) / y, y, OVER,
                 falls=True),
        Inequality("as z <= D and q >= 2, z^2 >= z^q D^(2-q), and eps z - z^q D^(2-q)/(4 eta) is greatest at Z, where"
                   " eps Z = q Z^q D^(2-q)/(4 eta): eps Z/p", e * z - e * best * (p - 1) / p * Y, "<=", e * best / p,
                   OVER, (Y >= 1 + p / (p - 1) * (z / best - 1),)),
        Identity("Z^(q-1) = 4 eta eps/(q D^(2-q)): D in Z has the exponent", (p / (p - 1) - 2) * (p - 1), 2 - p, OVER),
        Identity("and eps Z/p is C eta^(p-1) eps^p D^(2-p): the constant, m = 4p - 4, in logarithms",
                 (p - 1) * (sp.log(m) - sp.log(p)) - sp.log(p), (p - 1) * sp.log(m) - p * sp.log(p), OVER),
        Inequality("the distances: D^2/(2 eta_T), where 1/eta_T is at most the sum of the two", D**2 / 2 / eta, "<=",
                   D / 2 * (G * sp.sqrt(T) + sigma * T ** (1 / p)), OVER,
                   (1 / eta <= G * sp.sqrt(T) / D + sigma * T ** (1 / p) / D,)),
        SumBound("eta_t <= D/(G sqrt(t)): G D times the sum of 1/sqrt(t)", 1 / sp.sqrt(n), n, "<=", 2 * sp.sqrt(n),
                 OVER),
        Monotone("Bernoulli, 1 - v = 1/p: y^(1-v) - (1-v) y grows to v at y = 1, so y^(1/p) <= 1 - (1 - y)/p",
                 y ** (1 - v) - (1 - v) * y, y, OVER),
        Induction("eta_t <= D/(sigma t^(1/p)): C sigma D times the sum of t^(1/p - 1), at most p T^(1/p)",
                  base=Inequality("t = 1", sp.Integer(1), "<=", p, OVER),
                  step=Inequality("k - 1 to k", k ** (1 / p - 1), "<=", p * (k ** (1 / p) - (k - 1) ** (1 / p)), OVER,
                                  ((k - 1) ** (1 / p) <= k ** (1 / p) * (1 - 1 / (p * k)),))),
        Inequality("together", regret, "<=", sp.Rational(5, 2) * G * D * sp.sqrt(T)
                   + (sp.Rational(1, 2) + p * c) * sigma * D * T ** (1 / p), OVER,
                   (regret <= drift + quiet + noisy, drift <= D / 2 * (G * sp.sqrt(T) + sigma * T ** (1 / p)),
                    quiet <= 2 * G * D * sp.sqrt(T), noisy <= c * sigma * D * p * T ** (1 / p))),
        Identity("which is", sp.Rational(5, 2) * G * D * sp.sqrt(T) + (sp.Rational(1, 2) + p * c) * sigma * D
                 * T ** (1 / p), BOUND, OVER, (sp.Eq(c, CONSTANT),)),
    ),
    experiments=runs.regret(BOUND),
    broken_by=runs.regret_broken(BOUND),
)  # fmt: skip

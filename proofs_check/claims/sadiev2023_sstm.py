"""A. Sadiev et al., ICML 2023, arXiv 2302.00999: clipped-SSTM, accelerated, with high probability.

f is convex and L-smooth, E ||g - grad f||^alpha <= sigma^alpha. The scheme (`proofs_check.clipped_sums`, its weights:
`gorbunov2020.sstm_weights`) and the orders are the paper's, as restated on its poster, constants and proof the lab's. d
is f(y) - f*. A is 1 + log(2/beta), y = A/T, B = R/(11 A), and a is the least that both of its conditions allow
together, their sum.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check import clipped_sums as sums
from proofs_check.clipped_sums import CERTAINTY, FAILURE, ORDER, A, alpha, k
from proofs_check.goal import POSITIVE
from proofs_check.instances import clipped as runs
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import HORIZON, T

L, R, sigma, a, s, y = sp.symbols("L R sigma a s y", positive=True)

SYMBOLS = (
    HORIZON,
    Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness"),
    Quantity(R, POSITIVE, LENGTH, "||x_0 - x*||"),
    Quantity(sigma, POSITIVE, GRADIENT, "the noise's moment of order alpha is at most sigma^alpha"),
    ORDER,
    FAILURE,
)
OVER = (
    *SYMBOLS,
    *sums.OVER[1:],
    Quantity(a, POSITIVE, PURE, "factor by which the step is below 1/(2L)"),
    Quantity(s, POSITIVE, PURE, "sqrt(a)"),
    Quantity(y, POSITIVE, PURE, "A/T"),
    sums.STEPS,
)
NEAR = 4 * sp.sqrt(2) + 3 * sp.sqrt(2) * s  # what (k + 2) ||grad f(x_{k+1})|| may be, over L R
NOISY = 11 * A * sigma * (T + 1) * y ** (-1 / alpha) / (2 * L * R)
QUIET = 2401 * A**2
BOUND = 9604 * L * R**2 * (CERTAINTY / T) ** 2 + 22 * sigma * R * (CERTAINTY / T) ** (1 - 1 / alpha)

SSTM = Claim(
    id="sadiev2023.clipped_sstm",
    says="clipped-SSTM on a convex f, unconstrained: accelerated, and (A/T)^((alpha-1)/alpha) for the noise",
    source="ratelab, own derivation of the constants; after Sadiev et al., ICML 2023, arXiv 2302.00999 (poster)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="f(y_T) - f*, with probability 1 - beta",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=BOUND,
    rate=Rate(-(alpha - 1) / alpha),
    limits=(Limit("no noise: accelerated", sigma, sp.Integer(0), 9604 * L * R**2 * (CERTAINTY / T) ** 2),),
    steps=(
        *sums.ACCELERATION,
        Inequality("x_{k+1} is near y_k, of small gradient: L (w/A_{k+1}) 2 sqrt(2) R + sqrt(2 L R^2/A_k), times k+2,",
                   4 * sp.sqrt(2) * (k + 2) ** 2 / ((k + 1) * (k + 4))
                   + 2 * sp.sqrt(2) * s * (k + 2) / sp.sqrt(k * (k + 3)), "<=", NEAR, OVER,
                   ((k + 2) ** 2 <= (k + 1) * (k + 4), (k + 2) / sp.sqrt(k * (k + 3)) <= sp.Rational(3, 2))),
        Inequality("is below (k + 2) lam/2 = a L R/(11 A), a = s^2, where a >= (49 A)^2", NEAR, "<=", s**2 / (11 * A),
                   OVER, (s >= 49 * A,)),
        Inequality("and the noise below the thresholds: S <= T (sigma/lam)^alpha <= A, as sigma/lam is at most",
                   11 * A * sigma * (T + 1) / (2 * a * L * R), "<=", y ** (1 / alpha), OVER, (a >= NOISY,)),
        *sums.PARTS,
        Identity("so 2 A_T d <= 2 R^2, A_T = T (T + 3)/(4 a L), with a the sum of both", 4 * L * R**2 / (T * (T + 3))
                 * (QUIET + NOISY),
                 (9604 * L * R**2 * A**2 + 22 * sigma * R * A * (T + 1) * y ** (-1 / alpha)) / (T * (T + 3)), OVER),
        Inequality("which is at most, A = y T,",
                   (9604 * L * R**2 * A**2 + 22 * sigma * R * A * (T + 1) * y ** (-1 / alpha)) / (T * (T + 3)), "<=",
                   9604 * L * R**2 * y**2 + 22 * sigma * R * y * y ** (-1 / alpha), OVER, (sp.Eq(A, y * T),)),
        Identity("the bound", 9604 * L * R**2 * y**2 + 22 * sigma * R * y ** (1 - 1 / alpha), BOUND, OVER,
                 (sp.Eq(y, CERTAINTY / T),)),
    ),
    experiments=runs.accelerated(),
    broken_by=runs.accelerated_broken(),
)  # fmt: skip

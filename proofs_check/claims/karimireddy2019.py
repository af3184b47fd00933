"""S. Karimireddy, Q. Rebjock, S. Stich, M. Jaggi, "Error Feedback Fixes SignSGD ...", ICML 2019, arXiv 1901.09847.

The three problems on which signSGD fails. 1: f(x) = c x on a box, slope A with probability p < 1/2, else -B, where c
= p A - (1 - p) B > 0; the paper has A = 4, B = 1, p = 1/4. 2 and 3 live in the plane: w = x_1 + x_2, u = x_1 - x_2,
start (r, r), and `gamma` is the step; kappa and K scale the objective.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT0, FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import karimireddy2019 as runs
from proofs_check.orbits import Cycle
from proofs_check.sequences import Induction, Recursion, SumBound
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, T

A, B, gamma, r, eps, kappa, K, rho, p = sp.symbols("A B gamma r epsilon kappa K rho p", positive=True)
f, u, w, x1, x2, y1, y2, move, value = sp.symbols("f u w x_1 x_2 x_1' x_2' z F", real=True)
far = sp.Symbol("j", nonnegative=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
HALF = sp.Interval.open(0, sp.Rational(1, 2))

SLOPES = (
    Quantity(A, POSITIVE, GRADIENT, "the rare slope"),
    Quantity(B, POSITIVE, GRADIENT, "minus the usual slope"),
    Quantity(p, HALF, PURE, "probability of the rare slope"),
    Quantity(gamma, POSITIVE, LENGTH, "step"),
)
WALL = Quantity(r, POSITIVE, LENGTH, "half the width of the box, or the start's coordinates")
EPSILON = Quantity(eps, FRACTION, PURE, "epsilon")
SLOPE = Quantity(kappa, POSITIVE, GRADIENT, "scale of the objective", unit_value=True)
CURVATURE = Quantity(K, POSITIVE, Units(F=1, X=-2), "scale of the objective", unit_value=True)
OVER = (
    HORIZON,
    *SLOPES,
    WALL,
    EPSILON,
    SLOPE,
    CURVATURE,
    *(
        Quantity(x, REAL, LENGTH, "coordinate, sum, difference, or the move of x_1")
        for x in (u, w, x1, x2, y1, y2, move)
    ),
    *(Quantity(x, REAL, OBJECTIVE, "value of f, or of its mean") for x in (f, value)),
    Quantity(k, COUNT0, PURE, "steps done, or steps away from the wall"),
    Quantity(far, NONNEGATIVE, PURE, "mean number of steps away from the wall"),
    Quantity(rho, FRACTION, PURE, "p / (1 - p)"),
)
c = p * A - (1 - p) * B

SKEWED = Claim(
    id="karimireddy2019.ce1",
    says="on a linear objective with skewed slopes signSGD climbs on average, by the same amount in every step",
    source="Karimireddy, Rebjock, Stich, Jaggi, ICML 2019, arXiv 1901.09847, Counterexample 1, as restated in "
    "secondary literature; for all A, B and p: ratelab, own derivation",
    standing=Standing.RESTATED,
    kind=Kind.EXACT,
    metric="E f(x_T) - f(x_0) before a wall is met",
    metric_units=OBJECTIVE,
    symbols=(HORIZON, *SLOPES),
    assumptions=(p * A > (1 - p) * B,),
    bound=gamma * T * (1 - 2 * p) * c,
    rate=Rate(sp.Integer(1)),
    limits=(Limit("signs in balance do not climb", p, sp.Rational(1, 2), sp.Integer(0)),),
    steps=(
        Identity("the mean sign is 2p - 1 < 0", p * 1 + (1 - p) * (-1), 2 * p - 1, OVER),
        Inequality("while the mean slope c is positive", c * (2 * p - 1), "<", sp.Integer(0), OVER,
                   (p * A > (1 - p) * B,)),
        Identity("the paper's numbers: gamma/8 a step",
                 (gamma * (1 - 2 * p) * c).subs({p: sp.Rational(1, 4), A: 4 * B}),
                 gamma * B / 8, OVER),
        Recursion("E f grows by c gamma (1 - 2p) in each step", f, f + c * gamma * (1 - 2 * p), value, k,
                  value + k * c * gamma * (1 - 2 * p), OVER),
        Identity("after T steps", k * c * gamma * (1 - 2 * p), gamma * T * (1 - 2 * p) * c, OVER, (sp.Eq(k, T),)),
    ),
    experiments=runs.climbs(),
    broken_by=runs.climbs_broken(),
)  # fmt: skip

SETTLED = c * (2 * r - gamma * p / (1 - 2 * p))
AT_THE_WALL = Claim(
    id="karimireddy2019.ce1_wall",
    says="on the box [-r, r] signSGD settles next to the wrong wall: at p = 1/4 half a step away from it",
    source="ratelab, own derivation; after Karimireddy et al., ICML 2019, arXiv 1901.09847, Counterexample 1",
    standing=Standing.DERIVED,
    kind=Kind.DIVERGENCE,
    metric="mean suboptimality in the long run",
    metric_units=OBJECTIVE,
    symbols=(*SLOPES, WALL),
    assumptions=(p * A > (1 - p) * B,),
    bound=SETTLED,
    limits=(Limit("small steps end at the wall itself", gamma, sp.Integer(0), 2 * r * c),),
    steps=(
        Identity("k steps from the wall the stationary law is rho^k: as much goes out as comes back",
                 rho * (1 - p), p, OVER, (sp.Eq(rho, p / (1 - p)),)),
        SumBound("its mean falls short of rho/(1-rho) = p/(1-2p) by what the other wall cuts off",
                 (rho / (1 - rho) - k) * rho**k, k, "==", (k + 1) * rho ** (k + 1) / (1 - rho), OVER),
        Inequality("so x is at most that many steps from the wall in the mean", far, "<=", p / (1 - 2 * p), OVER,
                   (far <= rho / (1 - rho), sp.Eq(rho, p / (1 - p)))),
        Inequality("f(x) - f* = c (x + r), x = r - gamma j", c * (r - gamma * far + r), ">=",
                   c * (2 * r - gamma * p / (1 - 2 * p)), OVER, (far <= p / (1 - 2 * p), p * A > (1 - p) * B)),
    ),
    experiments=runs.wall(SETTLED),
    broken_by=runs.wall_broken(SETTLED),
)  # fmt: skip


def _sign(z: Any) -> int:
    return 1 if z >= 0 else -1


def nonsmooth_step(x: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return signSGD's next point with step 1/2 on problem 2, epsilon = 1/2; sign(0) = 1, as a subgradient has it."""
    g = [_sign(x[0] + x[1]) + 2 * _sign(x[0] - x[1]), _sign(x[0] + x[1]) - 2 * _sign(x[0] - x[1])]  # twice it
    return tuple(z - sp.Rational(_sign(d), 2) for z, d in zip(x, g, strict=True))


def least_squares_step(x: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return signSGD's next point with step 1 on problem 3, epsilon = 1/2, from the full gradient."""
    g = [4 * (x[0] - x[1]) + (x[0] + x[1]), -4 * (x[0] - x[1]) + (x[0] + x[1])]
    return tuple(z - _sign(d) for z, d in zip(x, g, strict=True))


ONE, HALF_ONE = sp.Integer(1), sp.Rational(1, 2)
STAYS = Induction("a move by (-z, z) keeps x_1 + x_2: it is 2 r for ever",
                  base=Identity("at the start (r, r)", x1 + x2, 2 * r, OVER, (sp.Eq(x1, r), sp.Eq(x2, r))),
                  step=Identity("and next", y1 + y2, x1 + x2, OVER, (sp.Eq(y1, x1 - move), sp.Eq(y2, x2 + move))),
                  conclusion=(w, "==", 2 * r))  # fmt: skip

NONSMOOTH = Claim(
    id="karimireddy2019.ce2",
    says="on eps |x_1 + x_2| + |x_1 - x_2| signSGD never gets below its start, whatever its steps",
    source="Karimireddy, Rebjock, Stich, Jaggi, ICML 2019, arXiv 1901.09847, Counterexample 2, as restated in "
    "secondary literature",
    standing=Standing.RESTATED,
    kind=Kind.DIVERGENCE,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=(EPSILON, SLOPE, WALL),
    assumptions=(),
    bound=2 * eps * kappa * r,
    limits=(Limit("the floor is eps times the start's sum", eps, sp.Integer(1), 2 * kappa * r),),
    steps=(
        Chain("for x_1 + x_2 > 0 and x_1 >= x_2 the subgradient is kappa (eps + 1, eps - 1): its signs are (1, -1)",
              (kappa * (eps - 1), "<", sp.Integer(0), "<", kappa * (eps + 1)), OVER),
        Chain("and for x_1 < x_2 it is kappa (eps - 1, eps + 1), with the signs (-1, 1)",
              (kappa * (eps - 1), "<", sp.Integer(0), "<", kappa * (1 + eps)), OVER),
        STAYS,
        Inequality("on that line f is at least what it was, and f* = 0", kappa * (eps * sp.Abs(w) + sp.Abs(u)), ">=",
                   2 * eps * kappa * r, OVER, (sp.Eq(w, 2 * r),)),
    ),
    certificates=(
        Cycle("eps = 1/2, steps of 1/2: between (1, 1) and (1/2, 3/2) for ever", nonsmooth_step,
              ((ONE, ONE), (HALF_ONE, 3 * HALF_ONE))),
    ),
    experiments=runs.line(),
    broken_by=runs.line_broken(),
)  # fmt: skip

LEAST_SQUARES = Claim(
    id="karimireddy2019.ce3",
    says="on a sum of two squares signSGD stays on a line that misses the minimiser, whichever term each step draws",
    source="ratelab, own derivation; after Karimireddy et al., ICML 2019, arXiv 1901.09847, Counterexample 3",
    standing=Standing.DERIVED,
    kind=Kind.DIVERGENCE,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=(EPSILON, CURVATURE, WALL),
    assumptions=(),
    bound=8 * eps**2 * K * r**2,
    limits=(Limit("the floor goes with eps", eps, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Identity("f = K <a_1, x>^2 + K <a_2, x>^2 with a = +-(1, -1) + eps (1, 1), in u and w",
                 K * ((1 + eps) * x1 + (eps - 1) * x2) ** 2 + K * ((eps - 1) * x1 + (1 + eps) * x2) ** 2,
                 2 * K * u**2 + 2 * K * eps**2 * w**2, OVER, (sp.Eq(u, x1 - x2), sp.Eq(w, x1 + x2))),
        Chain("a term's gradient is a multiple of a = (1 + eps, eps - 1), or of its mirror image: signs +-(1, -1)",
              (eps - 1, "<", sp.Integer(0), "<", 1 + eps), OVER),
        STAYS,
        Inequality("on that line", 2 * K * u**2 + 2 * K * eps**2 * w**2, ">=", 8 * eps**2 * K * r**2, OVER,
                   (sp.Eq(w, 2 * r),)),
    ),
    certificates=(
        Cycle("eps = 1/2, both terms, steps of 1: between (3/2, 1/2) and (1/2, 3/2) for ever", least_squares_step,
              ((3 * HALF_ONE, HALF_ONE), (HALF_ONE, 3 * HALF_ONE))),
    ),
    experiments=runs.squares(),
    broken_by=runs.squares_broken(),
)  # fmt: skip

"""After R. Kidambi, P. Netrapalli, P. Jain, S. Kakade, "On the insufficiency of existing momentum schemes", ICLR 2018.

Least squares in the plane on one-hot data, arXiv 1803.05591: each step shows one of two coordinates, whose curvatures
have the ratio kappa, with probability 1/2. h is the step times the larger curvature, r the start of either coordinate,
s = 4/kappa, and X the mean of the flat one: X_{t+1} = (1 + beta - m) X_t - beta X_{t-1}, m = h/(2 kappa). The paper
says that momentum gains nothing; the constants and proofs are the lab's.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import COUNT0, FRACTION, FRACTION0, NONNEGATIVE, POSITIVE
from proofs_check.instances import kidambi2018 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, T

kappa, h, r, s = sp.symbols("kappa h r s", positive=True)
beta, m, square = sp.symbols("beta m E", nonnegative=True)
before, now, later, steep = sp.symbols("X_{t-1} X_t X_{t+1} E_1", positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)

CONDITION = Quantity(kappa, sp.Interval(2, sp.oo), PURE, "ratio of the curvatures")
STEP = Quantity(h, POSITIVE, PURE, "step times the larger curvature")
START = Quantity(r, POSITIVE, LENGTH, "either coordinate at the start", unit_value=True)
MOMENTUM = Quantity(beta, FRACTION0, PURE, "momentum")
OVER = (
    HORIZON,
    CONDITION,
    STEP,
    START,
    MOMENTUM,
    Quantity(s, FRACTION, PURE, "4/kappa"),
    Quantity(m, NONNEGATIVE, PURE, "h/(2 kappa)"),
    Quantity(square, NONNEGATIVE, Units(X=2), "E x^2 of the flat coordinate, or E ||x||^2"),
    Quantity(steep, POSITIVE, Units(X=2), "E x^2 of the steep coordinate"),
    *(Quantity(x, POSITIVE, LENGTH, "X before, now, next") for x in (before, now, later)),
    Quantity(k, COUNT0, PURE, "steps done"),
)

PLAIN = Claim(
    id="kidambi2018.sgd_one_hot",
    says="no constant step of SGD brings E ||x||^2 down by more than the factor 1 - 2/kappa a step",
    source="ratelab, own derivation; after Kidambi, Netrapalli, Jain, Kakade, ICLR 2018, arXiv 1803.05591",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="distance_sq",
    metric_units=Units(X=2),
    symbols=(HORIZON, CONDITION, START),
    assumptions=(),
    bound=r**2 * (1 - 2 / kappa) ** T,
    limits=(Limit("no curvature, no motion", kappa, sp.oo, r**2),),
    steps=(
        Identity("a flat coordinate that is shown half of the time", ((1 - h / kappa) ** 2 + 1) / 2,
                 1 - h / kappa + h**2 / (2 * kappa**2), OVER),
        Chain("for h <= 2 its factor is", (1 - h / kappa + h**2 / (2 * kappa**2), ">=", 1 - h / kappa, ">=",
                                           1 - 2 / kappa), OVER, (h <= 2,)),
        Inequality("for h > 2 that of the steep one is above 1", ((1 - h) ** 2 + 1) / 2, ">", sp.Integer(1), OVER,
                   (h > 2,)),
        Induction("so after every step one of the two is at least",
                  base=Identity("none", r**2, r**2 * (1 - 2 / kappa) ** 0, OVER),
                  step=Inequality("one more", square * (1 - h / kappa + h**2 / (2 * kappa**2)), ">=",
                                  now**2 * (1 - 2 / kappa), OVER,
                                  (square >= now**2, 1 - h / kappa + h**2 / (2 * kappa**2) >= 1 - 2 / kappa))),
        Inequality("and both together", square + steep, ">=", r**2 * (1 - 2 / kappa) ** T, OVER,
                   (square >= r**2 * (1 - 2 / kappa) ** T,)),
    ),
    experiments=runs.plain(),
    broken_by=runs.plain_broken(),
)  # fmt: skip

a = 1 + beta - h / 2  # the steep coordinate's mean factor
A = (1 + beta) ** 2 - (1 + beta) * h + h**2 / 2  # and its mean square

BALL = Claim(
    id="kidambi2018.momentum_no_gain",
    says="where the heavy ball is stable, 1 - momentum being 8/kappa or more, it brings E ||x||^2 down by no more than "
    "the factor (1 - 4/kappa)^2 a step: SGD's rate but for a constant, not that of sqrt(kappa)",
    source="ratelab, own derivation; after Kidambi, Netrapalli, Jain, Kakade, ICLR 2018, arXiv 1803.05591",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="distance_sq",
    metric_units=Units(X=2),
    symbols=(HORIZON, CONDITION, START),
    assumptions=(1 - beta >= 8 / kappa, h <= 2 * (1 - beta**2)),
    bound=r**2 * (1 - 4 / kappa) ** (2 * T),
    limits=(Limit("no curvature, no motion", kappa, sp.oo, r**2),),
    steps=(
        Identity("the steep coordinate: 1 less the matrix of E (x^2, xy, y^2), y the point before, has the determinant "
                 "1 + beta times", (1 - A - beta**2) + 2 * beta * a**2 / (1 + beta),
                 h * (1 - beta) - h**2 / (2 * (1 + beta)), OVER),
        Inequality("not positive for longer steps, so that an eigenvalue is 1 or more: they are not stable",
                   h * (1 - beta) - h**2 / (2 * (1 + beta)), "<=", sp.Integer(0), OVER, (h >= 2 * (1 - beta**2),)),
        Chain("shorter ones move the flat mean by little", (h / (2 * kappa), "<=", (1 - beta**2) / kappa, "<=",
                                                            2 * (1 - beta) / kappa), OVER, (h <= 2 * (1 - beta**2),)),
        Inequality("as s = 4/kappa is at most half of 1 - beta", (s - m) * (1 - s), ">=", beta * s, OVER,
                   (m <= (1 - beta) * s / 2, 2 * s <= 1 - beta)),
        Induction("the mean falls by no more than the factor 1 - s a step",
                  base=Inequality("the first, from rest", (1 + beta - m) * now - beta * now, ">=", (1 - s) * now, OVER,
                                  (m <= s,)),
                  step=Inequality("the next", (1 + beta - m) * now - beta * before, ">=", (1 - s) * now, OVER,
                                  (now >= (1 - s) * before, (s - m) * (1 - s) >= beta * s))),
        Inequality("and a mean square is no less than the squared mean", square + steep, ">=",
                   r**2 * (1 - 4 / kappa) ** (2 * T), OVER,
                   (square >= later**2, later**2 >= r**2 * (1 - 4 / kappa) ** (2 * T))),
    ),
    experiments=runs.ball(),
    broken_by=runs.ball_broken(),
)  # fmt: skip

"""T. Koren, S. Segal, "Open Problem: Tight Convergence of SGD in Constant Dimension", COLT 2020: SGD on G eps |w|.

The oracle returns G sign(w) with probability (1 + eps)/2, else -G sign(w); at 0, G or -G with probability (1 - eps)/4
each, else 0. From 0, with a constant step eta, |w| = eta G X with X a walk on 0, 1, 2, ... that goes up with
probability (1 - eps)/2 and else down, or stays at 0.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import COUNT0, FRACTION, POSITIVE
from proofs_check.instances import koren2020 as runs
from proofs_check.sequences import SumBound
from proofs_check.steps import Identity, Inequality, LimitStep

eta, G, eps, p = sp.symbols("eta G eps p", positive=True)
q = sp.Symbol("q", positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)

SYMBOLS = (
    Quantity(eta, POSITIVE, Units(F=-1, X=2), "step size"),
    Quantity(G, POSITIVE, Units(F=1, X=-1), "size of the subgradients", unit_value=True),
    Quantity(eps, FRACTION, PURE, "how much more often the sign is right than wrong"),
)
OVER = (
    *SYMBOLS,
    Quantity(p, POSITIVE, PURE, "probability of a state"),
    Quantity(q, FRACTION, PURE, "up over down, (1 - eps)/(1 + eps)"),
    Quantity(k, COUNT0, PURE, "state of the walk"),
)
RATIO = (1 - eps) / (1 + eps)

WALK = Claim(
    id="koren2020.sgd_1d_walk",
    says="constant-step SGD on G eps |w| settles at a mean gap of eta G^2 (1 - eps)/2",
    source="ratelab, own derivation; the walk is that of Koren, Segal, COLT 2020, open problem",
    kind=Kind.EXACT,
    standing=Standing.DERIVED,
    metric="E f - f* in the stationary law",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=eta * G**2 * (1 - eps) / 2,
    limits=(
        Limit("without noise the walk stays at 0", eps, sp.Integer(1), sp.Integer(0)),
        Limit("without drift", eps, sp.Integer(0), eta * G**2 / 2),
    ),
    steps=(
        Identity("up from k and down from k + 1 balance for P(X = k) proportional to q^k", p * (1 - eps) / 2,
                 p * RATIO * (1 + eps) / 2, OVER),
        SumBound("these add up: q^0 + ... + q^k", q**k, k, "==", (1 - q ** (k + 1)) / (1 - q), OVER),
        SumBound("and so do j q^j", k * q**k, k, "==",
                 q * (1 - (k + 1) * q**k + k * q ** (k + 1)) / (1 - q) ** 2, OVER),
        Inequality("Bernoulli: q^k (1 + k (1-q)) <= 1, from k to k + 1", q * (1 + (k + 1) * (1 - q)), "<=",
                   1 + k * (1 - q), OVER),
        LimitStep("so q^k tends to 0", 1 / (1 + k * (1 - q)), k, sp.oo, sp.Integer(0), OVER),
        Inequality("with its square's root: q^k (1 + k (1-q)/2)^2 <= 1, from k to k + 1",
                   q * (1 + (k + 1) * (1 - q) / 2) ** 2, "<=", (1 + k * (1 - q) / 2) ** 2, OVER),
        LimitStep("so k q^k tends to 0", k / (1 + k * (1 - q) / 2) ** 2, k, sp.oo, sp.Integer(0), OVER),
        Identity("the mean of X is q/(1 - q)", q / (1 - q) ** 2 * (1 - q), q / (1 - q), OVER),
        Identity("of f", G * eps * eta * G * (RATIO / (1 - RATIO)), eta * G**2 * (1 - eps) / 2, OVER),
    ),
    experiments=runs.settled(),
    broken_by=runs.settled_broken(),
)  # fmt: skip

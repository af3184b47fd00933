"""W. Lin et al., "Can we remove the square-root in adaptive gradient methods?", ICML 2024, arXiv 2402.03496.

Root-free RMSprop: s' = (1 - b2) s + b2 B g^2 (written with the batch size B inside), w' = w - b1 g/s'. What it is
invariant to. The statements are derived here; the paper's abstract claims invariance, its theorems were not read.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing
from proofs_check.goal import FRACTION, POSITIVE, REAL
from proofs_check.instances import lin2024 as runs, lin2024_affine as planes
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity
from proofs_check.symbols import SQUARED_GRADIENT

b1, B, s, c, sigma2 = sp.symbols("b1 B s c sigma2", positive=True)
b2 = sp.Symbol("b2", positive=True)
w, g, z, mean, xi = sp.symbols("w g z m xi", real=True)
SOURCE = "ratelab, own derivation; after Lin et al., ICML 2024, arXiv 2402.03496 (theorem numbers not checked)"
RATE = Quantity(b1, POSITIVE, OBJECTIVE, "step size: a preconditioned step g/g^2 has the units X/F")
WEIGHT = Quantity(b2, FRACTION, PURE, "weight of the new square")
BATCH = Quantity(B, POSITIVE, PURE, "batch size")
SQUARE = Quantity(s, POSITIVE, SQUARED_GRADIENT, "running mean of B g^2")
STATE = (Quantity(w, REAL, LENGTH, "weight"), Quantity(g, REAL, GRADIENT, "gradient"))
FACTOR = Quantity(c, POSITIVE, PURE, "factor of the loss, or of the coordinate")

NEXT = (1 - b2) * s + b2 * B * g**2
MOVE = (RATE, WEIGHT, BATCH, SQUARE, *STATE)

REPARAMETRISED = Claim(
    id="lin2024.rf_diagonal_invariance",
    says="root-free RMSprop is invariant to w = c y, coordinate by coordinate, if s starts at c^2 s",
    source=SOURCE,
    kind=Kind.EXACT,
    standing=Standing.DERIVED,
    metric="next weight, from a step in y",
    metric_units=LENGTH,
    symbols=MOVE,
    assumptions=(),
    bound=w - b1 * g / NEXT,
    limits=(
        Limit("only the new square: a Newton-like step", b2, sp.Integer(1), w - b1 / (B * g)),
        Limit("from a large s nothing moves", s, sp.oo, w),
    ),
    steps=(
        Induction("s in y is c^2 s in w, at every step",
                  base=Identity("by the start", c**2 * s, c**2 * s, (*MOVE, FACTOR)),
                  step=Identity("and with the gradient c g", (1 - b2) * (c**2 * s) + b2 * B * (c * g) ** 2, c**2 * NEXT,
                                (*MOVE, FACTOR))),
        Identity("with the root instead, the step would be c times as long", c * (b1 * (c * g) / sp.sqrt(c**2 * s)),
                 c * (b1 * g / sp.sqrt(s)), (*MOVE[3:], Quantity(b1, POSITIVE, LENGTH, "step size"), FACTOR)),
        Identity("so w = c y moves as without c", c * (w / c - b1 * (c * g) / (c**2 * NEXT)), w - b1 * g / NEXT,
                 (*MOVE, FACTOR)),
    ),
    experiments=runs.diagonal(w - b1 * g / NEXT),
    broken_by=runs.diagonal_broken(w - b1 * g / NEXT),
)  # fmt: skip

LOSS_SCALE = Claim(
    id="lin2024.rf_loss_scaling",
    says="a loss c times as large, with s from c^2 s, makes root-free steps 1/c times as long: b1 has the loss's units",
    source=SOURCE,
    kind=Kind.EXACT,
    standing=Standing.DERIVED,
    metric="step for the loss c l",
    metric_units=LENGTH,
    symbols=(*MOVE, FACTOR),
    assumptions=(),
    bound=b1 * g / (c * NEXT),
    limits=(Limit("the loss itself", c, sp.Integer(1), b1 * g / NEXT),),
    steps=(
        Identity("the new square", (1 - b2) * (c**2 * s) + b2 * B * (c * g) ** 2, c**2 * NEXT, (*MOVE, FACTOR)),
        Identity("with b1 scaled too nothing changes", c * b1 * (c * g) / (c**2 * NEXT), b1 * g / NEXT,
                 (*MOVE, FACTOR)),
        Identity("with the root nothing changes by itself", (c * g) / sp.sqrt(c**2 * s), g / sp.sqrt(s),
                 (*MOVE, FACTOR)),
        Identity("without it the step is", b1 * (c * g) / (c**2 * NEXT), b1 * g / (c * NEXT), (*MOVE, FACTOR)),
    ),
    experiments=runs.scaled(b1 * g / (c * NEXT)),
    broken_by=runs.scaled_broken(b1 * g / (c * NEXT)),
)  # fmt: skip

ENTRIES = sp.symbols("a11 a12 a21 a22", real=True)
a11, a12, a21, a22 = ENTRIES
p, q, r = sp.symbols("p q r", real=True)
g1, g2 = sp.symbols("g1 g2", real=True)
PLANE = (
    RATE,
    WEIGHT,
    *(Quantity(x, REAL, PURE, "an entry of A") for x in ENTRIES),
    *(Quantity(x, REAL, SQUARED_GRADIENT, "an entry of S, S = [[p, q], [q, r]]") for x in (p, q, r)),
    *(Quantity(x, REAL, GRADIENT, "a coordinate of the gradient") for x in (g1, g2)),
)
AFFINE = sp.Matrix([[a11, a12], [a21, a22]])
S_W, G_W = sp.Matrix([[p, q], [q, r]]), sp.Matrix([g1, g2])
S_Y, G_Y = AFFINE.T * S_W * AFFINE, AFFINE.T * G_W
REGULAR = (p * r - q**2 > 0, a11 * a22 - a12 * a21 > 0)


def solved(S: sp.Matrix, v: sp.Matrix) -> sp.Matrix:
    """Return S^-1 v for a symmetric 2 x 2 matrix, by Cramer's rule."""
    x, y, t = S[0, 0], S[0, 1], S[1, 1]
    return sp.Matrix([t * v[0] - y * v[1], x * v[1] - y * v[0]]) / (x * t - y**2)


MOVED = (b1 * (r * g1 - q * g2) / (p * r - q**2), b1 * (p * g2 - q * g1) / (p * r - q**2))

AFFINE_INVARIANCE = Claim(
    id="lin2024.rf_affine_invariance",
    says="the full-matrix method S' = (1 - b2) S + b2 g g^T, w' = w - b1 S'^-1 g is invariant to w = A y, if S starts "
    "at A^T S A: like Newton's method",
    source=SOURCE,
    kind=Kind.EXACT,
    standing=Standing.DERIVED,
    metric="first coordinate of a step made in y, in the plane",
    metric_units=LENGTH,
    symbols=(RATE, *PLANE[6:]),
    assumptions=(REGULAR[0],),
    bound=MOVED[0],
    limits=(Limit("a diagonal S", q, sp.Integer(0), b1 * g1 / p),),
    steps=(
        Identity("S in y is A^T S A, at every step: an entry off the diagonal",
                 ((1 - b2) * S_Y + b2 * G_Y * G_Y.T)[0, 1],
                 (AFFINE.T * ((1 - b2) * S_W + b2 * G_W * G_W.T) * AFFINE)[0, 1], PLANE),
        Identity("and one on it", ((1 - b2) * S_Y + b2 * G_Y * G_Y.T)[0, 0],
                 (AFFINE.T * ((1 - b2) * S_W + b2 * G_W * G_W.T) * AFFINE)[0, 0], PLANE),
        Identity("the step in y, taken to w: second coordinate", (b1 * AFFINE * solved(S_Y, G_Y))[1], MOVED[1], PLANE,
                 REGULAR),
        Identity("first coordinate", (b1 * AFFINE * solved(S_Y, G_Y))[0], MOVED[0], PLANE, REGULAR),
    ),
    experiments=planes.affine(MOVED),
    broken_by=planes.affine_broken(MOVED),
)  # fmt: skip

SMALL = (WEIGHT, SQUARE, STATE[1], Quantity(z, sp.Interval(-1, 1), PURE, "b2 (g^2/s - 1)"))

ERROR = 2 * b2**2 * (g**2 - s) ** 2 / s

INVERSE_FREE = Claim(
    id="lin2024.if_first_order",
    says="the inverse-free update of K, K' = K (1 - b2 (K^2 g^2 - 1)/2), keeps K^-2 = s to first order in b2",
    source=SOURCE,
    kind=Kind.UPPER,
    standing=Standing.DERIVED,
    metric="|K'^-2 - s'| in one dimension, s' = (1 - b2) s + b2 g^2",
    metric_units=SQUARED_GRADIENT,
    symbols=(WEIGHT, SQUARE, STATE[1]),
    assumptions=(b2 * g**2 <= (1 + b2) * s,),
    bound=ERROR,
    limits=(
        Limit("no step", b2, sp.Integer(0), sp.Integer(0)),
        Limit("already there", s, g**2, sp.Integer(0)),
    ),
    steps=(
        Identity("s' is s (1 + z), z = b2 (g^2/s - 1)", s * (1 + b2 * (g**2 / s - 1)), (1 - b2) * s + b2 * g**2, SMALL),
        Identity("K'^-2 is s/(1 - z/2)^2, and off by", s / (1 - z / 2) ** 2 - s * (1 + z),
                 s * z**2 * (3 - z) / 4 / (1 - z / 2) ** 2, SMALL),
        Chain("which is never negative, and at most 2 s z^2", (0, "<=", s * z**2 * (3 - z) / 4 / (1 - z / 2) ** 2, "<=",
                                                           2 * s * z**2), SMALL),
        Identity("that is", 2 * s * (b2 * (g**2 / s - 1)) ** 2, ERROR, SMALL),
    ),
    experiments=runs.inverse_free(g, NEXT.subs(B, 1), ERROR),
    broken_by=runs.inverse_free_broken(g, NEXT.subs(B, 1), ERROR),
)  # fmt: skip

NOISE = (
    BATCH,
    Quantity(mean, REAL, GRADIENT, "mean gradient"),
    Quantity(sigma2, POSITIVE, SQUARED_GRADIENT, "variance of one sample's gradient"),
    Quantity(xi, REAL, GRADIENT, "noise of the batch's mean gradient, of variance sigma2/B"),
)

BATCH_SCALING = Claim(
    id="lin2024.rf_batch_scaling",
    says="where noise dominates, B g^2 for a batch of B samples does not depend on B: it estimates a Fisher matrix",
    source=SOURCE,
    kind=Kind.EXACT,
    standing=Standing.DERIVED,
    metric="E B g^2",
    metric_units=SQUARED_GRADIENT,
    symbols=NOISE[:3],
    assumptions=(),
    bound=sigma2 + B * mean**2,
    limits=(Limit("at a stationary point", mean, sp.Integer(0), sigma2),),
    steps=(
        Identity("before the expectation", B * (mean + xi) ** 2, B * mean**2 + 2 * B * mean * xi + B * xi**2, NOISE),
        Identity("E xi = 0, E xi^2 = sigma2/B", B * mean**2 + 2 * B * mean * 0 + B * (sigma2 / B), sigma2 + B * mean**2,
                 NOISE),
    ),
    experiments=runs.batches(),
    broken_by=runs.batches_broken(),
)  # fmt: skip

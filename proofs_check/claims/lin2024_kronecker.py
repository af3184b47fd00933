"""W. Lin et al., "Can we remove the square-root in adaptive gradient methods?", ICML 2024, arXiv 2402.03496.

Where the factors of the inverse-free Shampoo rest on average, without damping, if gradients are G = U Z V^T, entries of
Z independent with mean 0 and variance 1. C and K are the factors of the rows and of the columns, M = U U^T and N = V
V^T; P = C^T M C and Q = K^T N K. All in the plane, p = d = 2. Derived here; no theorem was read.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import POSITIVE, REAL
from proofs_check.steps import Identity
from proofs_check.symbols import SQUARED_GRADIENT

m1, m3, n1, n3, P1, P3, Q1, Q3, gamma = sp.symbols("m11 m22 n11 n22 P11 P22 Q11 Q22 gamma", positive=True)
m2, n2, P2, Q2, e, co, co_n = sp.symbols("m12 n12 P12 Q12 e a b", real=True)
B1, B2, B3 = sp.symbols("B11 B12 B22", real=True)


def square(name: str) -> sp.Matrix:
    """Return the 2 x 2 matrix of real symbols name11, name12, name21, name22."""
    return sp.Matrix(2, 2, sp.symbols(" ".join(f"{name}{i}{j}" for i in (1, 2) for j in (1, 2)), real=True))


C, U, Z = square("c"), square("u"), square("z")
M, N, B = (sp.Matrix([[a, b], [b, c]]) for a, b, c in ((m1, m2, m3), (n1, n2, n3), (B1, B2, B3)))
REGULAR = (M.det() > 0, N.det() > 0)

OF_ROWS = (
    *(Quantity(x, POSITIVE, SQUARED_GRADIENT, "an entry of U U^T, on the diagonal") for x in (m1, m3)),
    Quantity(m2, REAL, SQUARED_GRADIENT, "the entry of U U^T off the diagonal"),
)
OF_COLUMNS = (
    *(Quantity(x, POSITIVE, PURE, "an entry of V V^T, on the diagonal") for x in (n1, n3)),
    Quantity(n2, REAL, PURE, "the entry of V V^T off the diagonal"),
)
FACTOR = tuple(Quantity(x, REAL, Units(F=-1, X=1), "an entry of C") for x in C)
OVER = (
    *OF_ROWS,
    *OF_COLUMNS,
    *FACTOR,
    *(Quantity(x, REAL, Units(F=1, X=-1), "an entry of U") for x in U),
    *(Quantity(x, POSITIVE, PURE, "an entry of P or Q, on the diagonal") for x in (P1, P3, Q1, Q3)),
    *(Quantity(x, REAL, PURE, "an entry of P or Q off the diagonal, or its multiple") for x in (P2, Q2, e)),
    *(Quantity(x, REAL, PURE, "an entry of Z, or of B = U^T C C^T U") for x in (*Z, B1, B2, B3)),
    *(Quantity(x, REAL, PURE, "a cofactor, over its unit") for x in (co, co_n)),
    Quantity(gamma, POSITIVE, PURE, "P = gamma I"),
)  # fmt: skip
z11, z12, z21, z22 = Z

KRONECKER = Claim(
    id="lin2024.if_kronecker_rest",
    says="without damping the factors of the inverse-free Shampoo rest on average if and only if CC^T kron KK^T is "
    "(UU^T)^-1 kron (VV^T)^-1, the inverse of the gradient's covariance",
    source="ratelab, own derivation; after Lin et al., ICML 2024, arXiv 2402.03496 (theorem numbers not checked)",
    kind=Kind.EXACT,
    standing=Standing.DERIVED,
    metric="first entry of CC^T kron KK^T at rest, in the plane",
    metric_units=Units(F=-2, X=2),
    symbols=(*OF_ROWS, *OF_COLUMNS),
    assumptions=REGULAR,
    bound=m3 * n3 / (M.det() * N.det()),
    limits=(
        Limit("independent rows and columns: one over each variance", m2, sp.Integer(0), n3 / (m1 * N.det())),
        Limit("and in the columns", n2, sp.Integer(0), m3 / (n1 * M.det())),
    ),
    steps=(
        Identity("G^T CC^T G = V (Z^T B Z) V^T: an entry in the middle, on the diagonal", (Z.T * B * Z)[0, 0],
                 z11**2 * B1 + 2 * z11 * z21 * B2 + z21**2 * B3, OVER),
        Identity("whose mean is tr B", 1 * B1 + 2 * 0 * B2 + 1 * B3, B.trace(), OVER),
        Identity("and one off it, whose mean is 0, for every product has two different entries of Z",
                 (Z.T * B * Z)[0, 1], z11 * z12 * B1 + (z11 * z22 + z21 * z12) * B2 + z21 * z22 * B3, OVER),
        Identity("tr B is tr P: so the columns rest where tr(P) Q/2 = I, and the rows where tr(Q) P/2 = I",
                 (U.T * C * C.T * U).trace(), (C.T * (U * U.T) * C).trace(), OVER),
        Identity("then Q has no entry off the diagonal, as tr P > 0, nor has P", e * 2 / (P1 + P3), sp.Integer(0), OVER,
                 (sp.Eq(e, 0),)),
        Identity("those on it are all 2/tr P, and those of P are 2/tr Q: P = gamma I, Q = I/gamma",
                 2 / (gamma + gamma), 1 / gamma, OVER),
        Identity("which is at rest, whatever gamma: the columns", (gamma + gamma) / 2 * (1 / gamma), sp.Integer(1),
                 OVER),
        Identity("and the rows", (1 / gamma + 1 / gamma) / 2 * gamma, sp.Integer(1), OVER),
        Identity("C^T M C = gamma I says CC^T M = gamma I, on multiplying by C and by C^-1: a diagonal entry",
                 (C * (C.T * M * C) * C.adjugate())[0, 0], C.det() * (C * C.T * M)[0, 0], OVER),
        Identity("one off the diagonal", (C * (C.T * M * C) * C.adjugate())[0, 1], C.det() * (C * C.T * M)[0, 1], OVER),
        Identity("so CC^T = gamma M^-1, here its entry with M, and KK^T = N^-1/gamma likewise",
                 gamma * (m3 * m1 - m2 * m2) / M.det(), gamma, OVER, REGULAR[:1]),
        Identity("gamma drops out of every product of a cofactor of M and one of N", gamma * co * (co_n / gamma),
                 co * co_n, OVER),
        Identity("the first entry is", gamma * m3 / M.det() * (n3 / N.det() / gamma), m3 * n3 / (M.det() * N.det()),
                 OVER, REGULAR),
    ),
)  # fmt: skip

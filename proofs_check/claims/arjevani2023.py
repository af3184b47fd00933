"""Y. Arjevani et al., "Lower bounds for non-convex stochastic optimization", Math. Prog. 199 (2023), arXiv 1912.02365.

The chain F of Carmon et al. (2020), of length n, with an oracle that hides the next link: the coordinates of grad F
beyond the last i with |x_i| > 1/4, of which one at most is not 0, are multiplied by z/p, z = 1 with probability p and
else 0. A method is zero-respecting where it leaves coordinates at 0 whose gradients were all 0. Used of F: gap 12 n,
152-smooth, partial derivatives at most 23 in size, and |grad F| > 1 as long as |x_n| <= 1.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import COUNT, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import chains as runs
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import SQUARED_GRADIENT

L, Delta, eps, sigma, lam, delta, p, e, t, T = sp.symbols("L Delta epsilon sigma lambda delta p e t T", positive=True)
size, size2, chance, mean, y = sp.symbols("s S2 c m y", nonnegative=True)
lnP, spread = sp.symbols("l v", real=True)
n = sp.Symbol("n", integer=True, positive=True)
R, log, half = sp.Rational, sp.log, sp.Rational(1, 2)

CHAIN = Quantity(n, COUNT, PURE, "length of the chain")
SHARE = Quantity(p, sp.Interval.Lopen(0, 1), PURE, "probability that the next link shows")
FAILURE = Quantity(delta, sp.Interval.Lopen(0, 1), PURE, "probability of failure")
SYMBOLS = (
    Quantity(L, POSITIVE, Units(F=1, X=-2), "f is L-smooth"),
    Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_1) - inf f"),
    Quantity(sigma, POSITIVE, GRADIENT, "the noise has variance sigma^2 at most"),
    Quantity(eps, POSITIVE, GRADIENT, "wanted mean of the gradient's norm"),
)
OVER = (
    CHAIN, SHARE, FAILURE, *SYMBOLS,
    Quantity(e, sp.Interval(R(2718, 1000), R(2719, 1000)), PURE, "the number e"),
    Quantity(lam, POSITIVE, LENGTH, "stretch of the chain"),
    Quantity(t, POSITIVE, PURE, "steps done"),
    Quantity(T, POSITIVE, PURE, "steps before the mean of the gradient's norm is small"),
    Quantity(size, NONNEGATIVE, PURE, "the partial derivative that may be hidden"),
    Quantity(size2, NONNEGATIVE, SQUARED_GRADIENT, "variance of f's gradients"),
    Quantity(chance, sp.Interval(0, 1), PURE, "probability that x_n is still 0, or that a link shows"),
    Quantity(mean, NONNEGATIVE, GRADIENT, "E ||grad f(x_t)||"),
    Quantity(y, sp.Interval(0, 2), PURE, "(e - 1) p"),
    Quantity(lnP, REAL, PURE, "logarithm of the probability that n links have shown"),
    Quantity(spread, REAL, PURE, "logarithm of E exp(links shown in one step)"),
)  # fmt: skip
SOURCE = "Arjevani, Carmon, Duchi, Foster, Srebro, Woodworth, Math. Prog. 199 (2023), arXiv 1912.02365"
NEARBY = "as restated in Arjevani et al., COLT 2020, Appendix H (lemma number not checked)"
ORACLE = (
    Identity("the oracle is unbiased", p * (1 / p) + (1 - p) * 0, sp.Integer(1), OVER),
    Identity("E (z/p - 1)^2", p * (1 / p - 1) ** 2 + (1 - p) * (0 - 1) ** 2, (1 - p) / p, OVER),
    Inequality("of one partial derivative, at most 23 in size", size**2 * (1 - p) / p, "<=", 23**2 * (1 - p) / p, OVER,
               (size <= 23,)),
)  # fmt: skip
PROGRESS = (
    Inequality("a step shows a link with probability p at most: E exp(links) is", 1 - chance + chance * e, "<=",
               1 + (e - 1) * p, OVER, (chance <= p,)),
    Inequality("log(1 + y) <= y, y = (e - 1) p", log(1 + y), "<=", y, OVER),
    Inequality("so its logarithm is at most 2 p", spread, "<=", 2 * p, OVER, (spread <= (e - 1) * p,)),
    Inequality("Markov's inequality for exp(links) after t steps", lnP, "<=", 2 * p * t - n, OVER,
               (lnP <= t * spread - n, spread <= 2 * p)),
)  # fmt: skip

NOISE = Claim(
    id="arjevani2023.arjevani_chain_noise",
    says="hiding the next link with probability 1 - p: an unbiased gradient with variance at most 23^2 (1 - p)/p",
    source=f"{SOURCE}, {NEARBY}",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="E ||g - grad F||^2",
    metric_units=PURE,
    symbols=(SHARE,),
    assumptions=(),
    bound=23**2 * (1 - p) / p,
    limits=(Limit("nothing is hidden", p, sp.Integer(1), sp.Integer(0)),),
    steps=ORACLE,
    experiments=runs.noise(),
    broken_by=runs.noise(times=6.0),
)  # fmt: skip

SAFE = (n + log(delta)) / (2 * p)

STEPS = Claim(
    id="arjevani2023.arjevani_chain_progress",
    says="with probability 1 - delta a zero-respecting method has x_n = 0 for (n - log(1/delta))/(2p) steps",
    source=f"{SOURCE}, {NEARBY}",
    standing=Standing.RESTATED,
    kind=Kind.LOWER,
    metric="steps after which x_n = 0 fails with probability delta",
    metric_units=PURE,
    symbols=(CHAIN, SHARE, FAILURE),
    assumptions=(),
    bound=SAFE,
    limits=(Limit("failure allowed", delta, sp.Integer(1), n / (2 * p)),),
    steps=(
        *PROGRESS,
        Inequality("so a probability of delta takes", t, ">=", SAFE, OVER, (lnP <= 2 * p * t - n, lnP >= log(delta))),
    ),
    experiments=runs.progress(),
    broken_by=runs.from_afar(runs.progress()),
)  # fmt: skip

BOUND = (L * Delta / (7296 * eps**2) - 2) * sigma**2 / (4232 * eps**2)
LAM = sp.Eq(lam, 304 * eps / L)

COMPLEXITY = Claim(
    id="arjevani2023.arjevani_chain",
    says="a zero-respecting method needs of the order of L Delta sigma^2/eps^4 stochastic gradients, Adam as SGD",
    source=f"ratelab, own derivation of the constants; after {SOURCE}, Theorem 1",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="number of stochastic gradients before E ||grad f(x_t)|| <= epsilon",
    metric_units=PURE,
    symbols=SYMBOLS,
    assumptions=(46 * eps <= sigma, L * Delta >= 2 * 7296 * eps**2),
    bound=BOUND,
    limits=(Limit("the least noise: the chain's own length counts", sigma, 46 * eps,
                  (L * Delta / (7296 * eps**2) - 2) / 2),),
    steps=(
        Identity("f(x) = (L lam^2/152) F(x/lam) is L-smooth", L * lam**2 / 152 * 152 / lam**2, L, OVER),
        Identity("and |grad f| = 2 eps |grad F|", L * lam / 152, 2 * eps, OVER, (LAM,)),
        Inequality("its gap is at most Delta, n = floor(L Delta/(7296 eps^2))", L * lam**2 / 152 * 12 * n, "<=", Delta,
                   OVER, (LAM, n <= L * Delta / (7296 * eps**2))),
        *ORACLE,
        Chain("with p = (46 eps/sigma)^2 the variance is", (size2, "<=", (2 * eps) ** 2 * 23**2 / p, "==", sigma**2),
              OVER, (size2 <= (2 * eps) ** 2 * 23**2 * (1 - p) / p, sp.Eq(sigma, 46 * eps / sp.sqrt(p)))),
        *PROGRESS,
        Inequality("up to t = (n - 1)/(2p) the last link shows with a probability of 1/e at most", lnP, "<=",
                   -sp.Integer(1), OVER, (lnP <= 2 * p * t - n, 2 * p * t <= n - 1)),
        Inequality("which is below 1/2", -sp.Integer(1), "<", log(half)),
        Inequality("and then the mean of the gradient's norm is above eps", mean, ">", eps, OVER,
                   (mean >= 2 * eps * chance, chance > half)),
        Inequality("so more than (n - 1)/(2p) are needed", T, ">=", BOUND, OVER,
                   (T >= (n - 1) / (2 * p), n >= L * Delta / (7296 * eps**2) - 1, sp.Eq(p, (46 * eps / sigma) ** 2))),
    ),
    experiments=runs.finite_variance(eps**2),
    broken_by=runs.from_afar(runs.finite_variance(eps**2)),
)  # fmt: skip

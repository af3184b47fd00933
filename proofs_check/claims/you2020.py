"""Y. You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", ICLR 2020, 1904.00962.

Layer by layer, x <- x - eta phi(||x||) u / ||u||: LARS takes u = g, LAMB (here without momentum and decay, and with
beta2 = 0) u = sign(g). phi lies in [lo, hi]; b is the batch, L1 sums the layers' smoothness constants. The theorems
of the paper were not read: what is shown here is shown by the steps.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import you2020 as runs
from proofs_check.sequences import Induction, Recursion
from proofs_check.steps import Chain, Identity, Inequality, Optimum
from proofs_check.symbols import HORIZON, T

Delta, L1, sig1, b, lo, hi, eta, phi, d, h, scale, R = sp.symbols(
    "Delta L1 sigma_1 b alpha_l alpha_u eta phi d h c R", positive=True
)
n, norms, total, mean, e, q, p, B, x, gamma = sp.symbols("n N A m e s p B x gamma", nonnegative=True)
f0, f1, F0, inner, dot, state = sp.symbols("f_t f_{t+1} f_0 I i r", real=True)
k = sp.Symbol("k", integer=True, positive=True)
j = sp.Symbol("j", integer=True, nonnegative=True)

SYMBOLS = (
    HORIZON,
    Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - inf f"),
    Quantity(L1, POSITIVE, Units(F=1, X=-2), "sum of the layers' smoothness constants"),
    Quantity(sig1, POSITIVE, GRADIENT, "sum of the layers' (for LAMB: the coordinates') standard deviations"),
    Quantity(b, POSITIVE, PURE, "batch"),
    Quantity(lo, POSITIVE, LENGTH, "smallest phi"),
    Quantity(hi, POSITIVE, LENGTH, "largest phi"),
)
SIZES = (Quantity(h, POSITIVE, PURE, "layers"), Quantity(d, POSITIVE, PURE, "parameters, d/h in each layer"))
ETA = Quantity(eta, POSITIVE, PURE, "learning rate")
WEIGHTS = Quantity(R, POSITIVE, LENGTH, "norm of the layer at the start")
SKEW = (
    Quantity(gamma, NONNEGATIVE, LENGTH, "length of a step"),
    Quantity(p, sp.Interval(0, sp.Rational(1, 2)), PURE, "probability of the rare noise"),
    Quantity(x, NONNEGATIVE, LENGTH, "where the iterate is, in [0, B)"),
)
OVER = (
    *SYMBOLS,
    *SIZES,
    ETA,
    WEIGHTS,
    *SKEW,
    Quantity(phi, POSITIVE, LENGTH, "phi(||x||) of one layer"),
    *(Quantity(v, NONNEGATIVE, GRADIENT, "||grad_i f||, a sum over layers or steps, or the error's norm or bound")
      for v in (n, norms, total, mean, e, q)),
    *(Quantity(v, REAL, OBJECTIVE, "E f") for v in (f0, f1, F0)),
    *(Quantity(v, REAL, GRADIENT, "<grad_i f, u/||u||>") for v in (inner, dot)),
    Quantity(scale, POSITIVE, PURE, "||u||_1 / ||u||_2 of a layer of signs, sqrt(d/h)"),
    Quantity(B, NONNEGATIVE, LENGTH, "minus the usual noise"),
    Quantity(state, REAL, LENGTH, "norm of the layer, or <x, u/||u||>"),
    Quantity(k, COUNT, PURE, "steps done"),
    Quantity(j, COUNT0, PURE, "steps done"),
)  # fmt: skip

COST = 2 * eta * hi * q + eta**2 * hi**2 * L1 / 2
RATE = hi / lo * (sp.sqrt(2 * Delta * L1 / T) + 2 * q)
DESCENT = (
    Inequality("a layer's part of the descent, whatever the sign of n - 2e", -phi * dot, "<=", -lo * n + 2 * hi * e,
               OVER, (dot >= n - 2 * e, lo <= phi, phi <= hi)),
    Induction("all layers, summed over k steps: eta lo A <= f_0 - f_k + k (2 eta hi s + eta^2 hi^2 L1 / 2)",
              base=Inequality("one, e now the sum over layers", eta * lo * norms, "<=", f0 - f1 + COST, OVER,
                              (f1 <= f0 - eta * (lo * norms - 2 * hi * e) + eta**2 * hi**2 / 2 * L1, e <= q)),
              step=Inequality("one more", eta * lo * (total + norms), "<=", F0 - f1 + (k + 1) * COST, OVER,
                              (eta * lo * total <= F0 - f0 + k * COST,
                               f1 <= f0 - eta * (lo * norms - 2 * hi * q) + eta**2 * hi**2 / 2 * L1))),
    Inequality("so the mean over T steps", mean, "<=", (Delta / (eta * T) + eta * hi**2 * L1 / 2 + 2 * hi * q) / lo,
               OVER, (mean * T <= total, eta * lo * total <= F0 - f1 + T * COST, F0 - f1 <= Delta)),
    Optimum("the best eta", Delta / (eta * T) + eta * hi**2 * L1 / 2, eta, sp.sqrt(2 * Delta / (hi**2 * L1 * T)),
            hi * sp.sqrt(2 * Delta * L1 / T), OVER),
)  # fmt: skip

LARS = Claim(
    id="you2020.lars_certified",
    says="LARS without momentum and decay: the mean over steps of E sum_i ||grad_i f||, to a floor set by the batch",
    source="ratelab, own derivation; after You et al., ICLR 2020, arXiv 1904.00962 (LARS; theorem number not checked)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="mean over T steps of E sum_i ||grad_i f||",
    metric_units=GRADIENT,
    symbols=SYMBOLS,
    assumptions=(lo <= hi,),
    bound=RATE.subs(q, sig1 / sp.sqrt(b)),
    rate=Rate(sp.Integer(0)),
    limits=(
        Limit("a large batch", b, sp.oo, hi / lo * sp.sqrt(2 * Delta * L1 / T)),
        Limit("a long run stops at the floor", T, sp.oo, hi / lo * 2 * sig1 / sp.sqrt(b)),
    ),
    steps=(
        Inequality("<grad, g/||g||> >= ||grad|| - 2 ||g - grad||, here z = ||g||", dot, ">=", n - 2 * e, OVER,
                   (dot >= norms - e, norms >= n - e)),
        *DESCENT,
        Identity("which at s = sigma_1 / sqrt(b) is", (hi * sp.sqrt(2 * Delta * L1 / T) + 2 * hi * q) / lo,
                 RATE.subs(q, sig1 / sp.sqrt(b)), OVER, (sp.Eq(q, sig1 / sp.sqrt(b)),)),
    ),
    experiments=runs.layer(),
    broken_by=runs.layer_broken(),
)  # fmt: skip

LAMB = Claim(
    id="you2020.lamb_sign_certified",
    says="LAMB with beta1 = beta2 = 0 and equal layers: the mean over steps of E ||grad f||_1 / sqrt(d)",
    source="ratelab, own derivation; after You et al., ICLR 2020, arXiv 1904.00962 (LAMB; theorem number not checked)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="mean over T steps of E ||grad f||_1 / sqrt(d)",
    metric_units=GRADIENT,
    symbols=(*SYMBOLS, *SIZES),
    assumptions=(lo <= hi,),
    bound=(RATE / sp.sqrt(h)).subs(q, sp.sqrt(h / d) * sig1 / sp.sqrt(b)),
    rate=Rate(sp.Integer(0)),
    limits=(Limit("a large batch", b, sp.oo, hi / lo * sp.sqrt(2 * Delta * L1 / (h * T))),),
    steps=(
        Inequality("a sign is wrong with probability p <= E |g_j - grad_j| / |grad_j|: E grad_j sign(g_j)",
                   n * (1 - p) - n * p, ">=", n - 2 * e, OVER, (p <= e / n, n > 0)),
        Identity("a layer of d/h signs has the norm sqrt(d/h): sums of |grad_j| come divided by it", n / scale,
                 sp.sqrt(h / d) * n, OVER, (sp.Eq(scale, sp.sqrt(d / h)),)),
        *DESCENT,
        Identity("over sqrt(h), with s = sqrt(h/d) sigma_1 / sqrt(b)",
                 (hi * sp.sqrt(2 * Delta * L1 / T) + 2 * hi * q) / lo / sp.sqrt(h),
                 (RATE / sp.sqrt(h)).subs(q, sp.sqrt(h / d) * sig1 / sp.sqrt(b)), OVER,
                 (sp.Eq(q, sp.sqrt(h / d) * sig1 / sp.sqrt(b)),)),
    ),
    experiments=runs.sign_layers(),
    broken_by=runs.sign_layers_broken(),
)  # fmt: skip

SMALL_BATCH = Claim(
    id="you2020.small_batch_bias",
    says="with batches of one and layers of one weight, LARS and LAMB are signSGD: skewed noise drives x away from 0",
    source="ratelab, own derivation; on the methods of You et al., ICLR 2020, arXiv 1904.00962",
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="E x_{t+1}^2 - x_t^2 on f = lambda x^2 / 2, from any x_t in [0, B)",
    metric_units=Units(X=2),
    symbols=SKEW,
    assumptions=(),
    bound=2 * gamma * (1 - 2 * p) * x + gamma**2,
    limits=(Limit("symmetric noise has no drift", p, sp.Rational(1, 2), gamma**2),),
    steps=(
        Identity("noise -lambda B with probability 1 - p, else lambda B (1-p)/p: its mean is 0",
                 p * (B * (1 - p) / p) - (1 - p) * B, sp.Integer(0), OVER, (p > 0,)),
        Chain("so on [0, B) the usual gradient, lambda (x - B), is negative, and the rare one is not (lambda is L1)",
              (L1 * x - L1 * B, "<", sp.Integer(0), "<=", L1 * x + L1 * B * (1 - p) / p), OVER, (x < B, p > 0)),
        Identity("so x moves up with probability 1 - p, down with p", p * (x - gamma) ** 2 + (1 - p) * (x + gamma) ** 2
                 - x**2, 2 * gamma * (1 - 2 * p) * x + gamma**2, OVER),
    ),
    experiments=runs.drifts(),
    broken_by=runs.drifts_broken(),
)  # fmt: skip

GROWTH = Claim(
    id="you2020.phi_identity_growth",
    says="with phi(z) = z a layer's norm can grow by the factor 1 + eta a step, and a layer at 0 never moves",
    source="ratelab, own derivation; on the methods of You et al., ICLR 2020, arXiv 1904.00962",
    standing=Standing.DERIVED,
    kind=Kind.TIGHT,
    metric="norm of one layer after T steps",
    metric_units=LENGTH,
    symbols=(HORIZON, ETA, WEIGHTS),
    assumptions=(),
    bound=(1 + eta) ** T * R,
    limits=(Limit("a layer that starts at 0 stays there", R, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Inequality("a step of length eta ||x||, r = <x, u/||u||> >= -||x||: squared, the new norm is at most",
                   x**2 - 2 * eta * x * state + eta**2 * x**2, "<=", ((1 + eta) * x) ** 2, OVER, (state >= -x,)),
        Recursion("attained on a linear slope, where every step points outwards", state, (1 + eta) * state, R, j,
                  (1 + eta) ** j * R, OVER),
        Inequality("after T steps", state, "<=", (1 + eta) ** T * R, OVER, (state <= (1 + eta) ** j * R, sp.Eq(j, T))),
    ),
    experiments=runs.grows(),
    broken_by=runs.grows_broken(),
)  # fmt: skip

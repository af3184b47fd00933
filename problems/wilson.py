"""Least squares with more features than samples, where adaptive methods fit as well and generalise badly.

A. Wilson, R. Roelofs, M. Stern, N. Srebro, B. Recht, "The Marginal Value of Adaptive Gradient Methods in Machine
Learning", NeurIPS 2017, arXiv 1705.08292, section 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import sympy as sp
import torch
from torch import Tensor

from lab.bases.finite_sum import FiniteSum
from lab.errors import require
from lab.problem import Constant, Formula, Problem
from lab.types import Points, Scalars

BLOCK = 5  # private coordinates of a sample: 1 is used where the label is +1, all 5 where it is -1


@dataclass(frozen=True, kw_only=True)
class _Wilson(Problem):
    """f(w) = (1/2n) sum_i (x_i.w - y_i)^2, x_i = (y_i, 1, 1, a private block of ones), d = 3 + 5 n > n; w_1 = 0."""

    positives: int = 5
    negatives: int = 3

    def validate(self) -> None:
        require(self.negatives >= 1, self, "negatives", self.negatives, "an integer >= 1")
        allowed = f"an integer above negatives = {self.negatives}"
        require(self.positives > self.negatives, self, "positives", self.positives, allowed)

    @property
    def samples(self) -> int:
        """Return n."""
        return self.positives + self.negatives

    @property
    def dim(self) -> int:
        return 3 + BLOCK * self.samples

    def labels(self, x: Tensor) -> Tensor:
        """Return y `(n,)` in x's dtype, the positive ones first."""
        return x.new_tensor([1.0] * self.positives + [-1.0] * self.negatives)

    def used(self, x: Tensor) -> Tensor:
        """Return which private coordinates are 1, `(n, 5)`."""
        return x.new_tensor([[1.0] + [0.0] * (BLOCK - 1)] * self.positives + [[1.0] * BLOCK] * self.negatives)

    def residuals(self, x: Points) -> Tensor:
        """Return x_i.w - y_i, `(..., n)`."""
        y, blocks = self.labels(x), torch.unflatten(x[..., 3:], -1, (self.samples, BLOCK))
        return y * x[..., :1] + (x[..., 1:2] + x[..., 2:3]) + (self.used(x) * blocks).sum(-1) - y

    def pull(self, r: Tensor) -> Points:
        """Return sum_i r_i x_i, `(..., d)`."""
        both, own = r.sum(-1, keepdim=True), self.used(r) * r.unsqueeze(-1)
        return torch.cat([(self.labels(r) * r).sum(-1, keepdim=True), both, both, own.flatten(-2)], -1)

    def value(self, x: Points) -> Scalars:
        return 0.5 * self.residuals(x).square().mean(-1)

    def grad(self, x: Points) -> Points:
        return self.pull(self.residuals(x)) / self.samples

    def hessian_diagonal(self, x: Points) -> Points:
        own = self.used(x).flatten() / self.samples
        return torch.cat([torch.ones_like(own[:3]), own]).expand_as(x)

    def least_norm(self) -> tuple[sp.Rational, ...]:
        """Return the interpolating w of least norm, where descent goes: X^T alpha, in exact fractions."""
        p, m = self.positives, self.negatives
        total = 8 * p * m + 15 * p + 3 * m + 5
        plus, minus = sp.Rational(4 * m + 5, total), -sp.Rational(4 * p + 1, total)
        blocks = [plus, *[0] * (BLOCK - 1)] * p + [minus] * (BLOCK * m)
        return tuple(sp.sympify(v) for v in (p * plus - m * minus, *[p * plus + m * minus] * 2, *blocks))

    def adaptive(self) -> tuple[sp.Rational, ...]:
        """Return sign(X^T y) / 4, where AdaGrad, RMSProp and Adam go."""
        quarter = sp.Rational(1, 4)
        blocks = [quarter, *[0] * (BLOCK - 1)] * self.positives + [-quarter] * (BLOCK * self.negatives)
        return tuple(sp.sympify(v) for v in (quarter, quarter, quarter, *blocks))

    def minimizer(self) -> tuple[float, ...]:
        return tuple(float(v) for v in self.least_norm())

    def train_error(self, x: Points) -> Scalars:
        """Return the share of samples that sign(x_i.w) does not label right; a score of 0 is wrong."""
        y = self.labels(x)
        return ((self.residuals(x) + y) * y <= 0).to(x.dtype).mean(-1)

    def test_error(self, x: Points) -> Scalars:
        """Return the probability that a fresh point is not labelled right: no method has moved its private block."""
        label, rest, share = x[..., 0], x[..., 1] + x[..., 2], self.positives / self.samples
        return share * (label + rest <= 0).to(x.dtype) + (1 - share) * (label - rest <= 0).to(x.dtype)

    def margin(self, x: Points) -> Scalars:
        """Return the least margin y <x, a> at a fresh point; both labels occur."""
        return x[..., 0] - (x[..., 1] + x[..., 2]).abs()

    @property
    def constants(self) -> Mapping[str, Constant]:
        """L = lambda_max(X X^T) / n: that matrix is 3 within a class, 1 across, and 1 or 5 more on the diagonal."""
        a, b = 3 * self.positives + 1, 3 * self.negatives + 5
        top = (a + b) / 2 + ((a - b) ** 2 / 4 + self.positives * self.negatives) ** 0.5
        return {"L": Constant(top / self.samples), "mu": Constant(0.0)}

    def losses(self) -> tuple[tuple[sp.Symbol, ...], list[sp.Expr]]:
        """Return the symbols w and every sample's loss in sympy."""
        w = sp.symbols(f"x1:{self.dim + 1}", real=True)
        labels = [1] * self.positives + [-1] * self.negatives
        blocks = [w[3 + BLOCK * i : 3 + BLOCK * i + (1 if y == 1 else BLOCK)] for i, y in enumerate(labels)]
        pairs = zip(labels, blocks, strict=True)
        return tuple(w), [(y * w[0] + w[1] + w[2] + sum(block) - y) ** 2 / 2 for y, block in pairs]

    def formula(self) -> Formula:
        w, losses = self.losses()
        return Formula(x=w, value=sp.Rational(1, self.samples) * sum(losses))


@dataclass(frozen=True, kw_only=True)
class WilsonLeastSquares(_Wilson):
    """f(w) = (1/2n) sum_i (x_i.w - y_i)^2, x_i = (y_i, 1, 1, a private block of ones), d = 3 + 5 n > n; w_1 = 0.

    The label is a feature, w = (1, 0, ..., 0) is right everywhere. Descent on full gradients, with momentum too, goes
    to the interpolating w of least norm and classifies every fresh point; AdaGrad, RMSProp and Adam go to `adaptive`, w
    = sign(X^T y) / 4, and call every fresh point positive. It breaks no method's convergence: all reach f = 0.

    `train_error` and `test_error` are what the paper compares. Labels are given by their two counts, more +1 than -1;
    a fresh point has label +1 with the training share, and a private block that no sample has. The closed form
    `least_norm` is derived here; it solves K alpha = y for the Gram matrix K exactly, which a test shows in fractions.
    """

    name: ClassVar[str] = "wilson_least_squares"
    source: ClassVar[str] = "Wilson et al., NeurIPS 2017, arXiv 1705.08292, Lemma 3.1 and section 3.3"


@dataclass(frozen=True, kw_only=True)
class WilsonSampled(FiniteSum, _Wilson):
    """f(w) = (1/2n) sum_i (x_i.w - y_i)^2 of `wilson_least_squares`, one sample a step.

    The lemma needs full gradients. Here AdaGrad fits the samples too, but its coordinates have different histories, it
    leaves the line through sign(X^T y), and can classify every fresh point right: the claim must not be tested so.
    """

    name: ClassVar[str] = "wilson_sampled"
    source: ClassVar[str] = "Wilson et al., NeurIPS 2017, arXiv 1705.08292, section 3.3: outside the lemma's assumption"

    @property
    def components(self) -> int:
        return self.samples

    def one(self, r: Tensor, i: Scalars) -> Tensor:
        """Return r with every entry but the i-th 0."""
        places = torch.arange(self.samples, device=r.device)
        return torch.where(places == i.unsqueeze(-1), r, 0.0)

    def component(self, x: Points, i: Scalars) -> Scalars:
        return 0.5 * self.one(self.residuals(x), i).square().sum(-1)

    def component_grad(self, x: Points, i: Scalars) -> Points:
        return self.pull(self.one(self.residuals(x), i))

    def formula(self) -> Formula:
        share = sp.Rational(1, self.samples)
        return replace(super().formula(), outcomes=tuple((share, f) for f in self.losses()[1]))

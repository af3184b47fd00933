"""What a running square remembers: skewed data, one large gradient at the start, one in the middle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import sympy as sp
import torch

from lab.bases.additive import AdditiveNoise
from lab.bases.linear import TwoSlopes, exact
from lab.errors import require
from lab.linalg import like
from lab.noise import Spikes, TwoPoint
from lab.problem import Constant, Formula, Problem
from lab.ranges import positive
from lab.rng import Key
from lab.types import Draws, Points, Scalars, Step


@dataclass(frozen=True, kw_only=True)
class SkewedData(AdditiveNoise):
    """f(x) = E (x - X)^2 / 2, X = high with probability p, else -p high / (1 - p); a round's loss is (x - X)^2 / 2.

    E X = 0 is the minimizer. Adam with steps that vanish goes where E m / sqrt(v) = 0 at x at rest, a point that the
    skewness of X moves away from 0, by -(1 - beta2) E X^3 / (2 E X^2) in first order (derived here): with X = 2 or -1/2
    and beta1 = 0 to -0.082 for beta2 = 0.9 and -0.0076 for 0.99 (computed in tests/test_adaptive_traps.py). A symmetric
    law, p = 1/2, leaves it at 0; SGD converges to 0.
    """

    name: ClassVar[str] = "adam_symmetry"
    source: ClassVar[str] = "Dereich et al., arXiv 2511.06675: Adam's limit and the symmetry of the data"

    p: float = 0.2
    high: float = 2.0

    def validate(self) -> None:
        require(0 < self.p < 1, self, "p", self.p, "in (0, 1)")
        positive(self, "high")

    @property
    def noise(self) -> TwoPoint:
        """Return the law of -X."""
        return TwoPoint().bind({"p": 1 - self.p, "high": self.low()})

    def low(self) -> float:
        """Return minus the other value of X, p high / (1 - p)."""
        return self.p * self.high / (1 - self.p)

    def value(self, x: Points) -> Scalars:
        return (0.5 * x.square() + 0.5 * self.low() * self.high).sum(-1)

    def grad(self, x: Points) -> Points:
        return 1.0 * x

    def loss(self, x: Points, t: Step, draws: Draws) -> Scalars:
        return 0.5 * self.oracle(x, t, draws).square().sum(-1)

    def hessian_diagonal(self, x: Points) -> Points:
        return torch.ones_like(x)

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,)

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(1.0), "mu": Constant(1.0), **self.noise_constants()}

    def formula(self) -> Formula:
        x, p, high = sp.Symbol("x", real=True), exact(self.p), exact(self.high)
        low = p * high / (1 - p)
        outcomes = ((p, (x - high) ** 2 / 2), (1 - p, (x + low) ** 2 / 2))
        return Formula(x=(x,), value=x**2 / 2 + low * high / 2, outcomes=outcomes)


@dataclass(frozen=True, kw_only=True)
class FirstSpike(Problem):
    """f(x) = x^2 / 2 for |x| <= 1, |x| - 1/2 else; round 1 adds +-share^(-1/2) with probability share / 2 each.

    x_1 = 1 + distance. The noise has variance 1 and is over after one round, but AdaGrad never forgets a gradient:
    where the spike A comes, every later step is at most lr / (A - 1), and |x| > 1 for `steps_lost` steps. So with
    probability delta = share it loses at least order delta^(-1/2), a power where clipping pays a logarithm; clipped
    AdaGrad, SGD and Adam, which forgets, are not slowed down. The instance is ours, of the source's kind.
    """

    name: ClassVar[str] = "adagrad_needs_clip"
    source: ClassVar[str] = "after Chezhegov et al., arXiv 2406.04443: AdaGrad and Adam without clipping"

    share: float = 0.01
    distance: float = 3.0

    def validate(self) -> None:
        require(0 < self.share <= 1, self, "share", self.share, "in (0, 1]")
        positive(self, "distance")

    @property
    def n_draws(self) -> int:
        return 1

    def start(self, key: Key) -> Points:
        return torch.full((1,), 1 + self.distance, dtype=key.dtype)

    def value(self, x: Points) -> Scalars:
        return torch.where(x.abs() <= 1, 0.5 * x.square(), x.abs() - 0.5).sum(-1)

    def grad(self, x: Points) -> Points:
        return x.clamp(-1.0, 1.0)

    def hessian_diagonal(self, x: Points) -> Points:
        return torch.where(x.abs() <= 1, like(x, 1.0), 0.0)

    def size(self) -> float:
        """Return A."""
        return float(self.share**-0.5)

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        spike = Spikes().bind({"p": self.share, "size": self.share**-0.5}).sample(draws)
        return self.grad(x) + torch.where(t == 1, spike, torch.zeros_like(spike))

    def minimizer(self) -> tuple[float, ...]:
        return (0.0,)

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(1.0), "mu": Constant(0.0), "sigma": Constant(1.0, region="round 1")}

    def formula(self) -> Formula:
        x = sp.Symbol("x", real=True)
        pieces = ((x**2 / 2, sp.Abs(x) <= 1), (sp.Abs(x) - sp.Rational(1, 2), True))
        return Formula(x=(x,), value=sp.Piecewise(*pieces))

    def steps_lost(self, lr: float) -> float:
        """Return how many steps AdaGrad, eps = 0, needs at least after a spike: (A - 1) (distance / lr - 1)."""
        return (self.size() - 1) * (self.distance / lr - 1)


@dataclass(frozen=True, kw_only=True)
class Outlier(TwoSlopes):
    """loss_t(x) = x, but size x at t = when; on R, x_1 = 0. The objective is x: one round in all has no share.

    The threshold of ACClip follows the gradients: an outlier R -> inf moves it by lr min(1 - beta1, (1 -
    beta2)^(1/alpha)) R, so that it clips less than it seems to, by 0.1 R, not at all, for alpha = 2 and betas (0.9,
    0.99). With beta1 = beta2 it never clips. A threshold that is fixed bounds the step, and so does Adam, by lr (1 -
    beta1) / sqrt(1 - beta2). Derived here: with bounded slopes there is no such step, and no variance, no guarantee.
    """

    name: ClassVar[str] = "acclip_outlier"
    source: ClassVar[str] = "made for ACClip, Zhang et al., NeurIPS 2020, arXiv 1912.03194, Algorithm 2"

    size: float = 1e4
    when: int = 50
    projected: bool = False

    def validate(self) -> None:
        require(self.when >= 1, self, "when", self.when, "an integer >= 1")
        require(self.size >= 1, self, "size", self.size, "a number >= 1")

    def slopes(self) -> tuple[float, float]:
        return self.size, 1.0

    def share(self) -> float:
        return 0.0

    def slope(self, t: Step, draws: Draws) -> Points:
        return torch.where(t == self.when, self.size, like(draws, 1.0))

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {**super().constants, "G": Constant(self.size, region=f"round {self.when}")}

    def formula(self) -> Formula:
        x = sp.Symbol("x", real=True)
        return replace(super().formula(), value=x, outcomes=((sp.S.Zero, exact(self.size) * x), (sp.S.One, x)))

    def acclip_step(self, betas: tuple[float, float], alpha: float) -> float:
        """Return |dx| / lr of ACClip, eps = 0, at t = when: min(|m|, tau), each after when - 1 slopes of 1."""
        (beta1, beta2), before = betas, self.when - 1
        m = beta1 * (1 - beta1**before) + (1 - beta1) * self.size
        power = beta2 * (1 - beta2**before) + (1 - beta2) * self.size**alpha
        return float(min(m, power ** (1 / alpha)))

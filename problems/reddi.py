"""Linear losses on which Adam forgets its one large gradient.

S. Reddi, S. Kale, S. Kumar, "On the Convergence of Adam and Beyond", ICLR 2018, arXiv 1904.09237: the problems of
Theorems 1 to 3 and of the experiments in section 5. The loss of a round is a_t x on [-1, 1], with a_t = C now and
then and a small negative slope otherwise. The mean slope is positive, so x* = -1; but a method that divides each
gradient by its own recent size counts the many small ones in full and the one large one only once.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

import sympy as sp
import torch

from lab.domain import Box, Domain, Reals
from lab.errors import require
from lab.linalg import like
from lab.problem import Constant, Formula, Problem
from lab.rng import Key
from lab.types import Draws, Points, Scalars, Step


def _exact(v: float) -> sp.Rational:
    """Return the fraction that a person meant by v: 1/3, not 0.333..."""
    return sp.Rational(Fraction(v).limit_denominator(10**9))


@dataclass(frozen=True, kw_only=True)
class _LinearLosses(Problem):
    """loss_t(x) = a_t x with a_t in {C, low}; on [-1, 1], or on R where `projected` is False."""

    linear: ClassVar[bool] = True
    first: ClassVar[float] = 1.0

    projected: bool = True

    @abstractmethod
    def slopes(self) -> tuple[float, float]:
        """Return (C, low)."""

    @abstractmethod
    def share(self) -> float:
        """Return the share of rounds, or the probability, of the slope C."""

    @abstractmethod
    def slope(self, t: Step, draws: Draws) -> Points:
        """Return a_t, 0-d or `(..., 1)`, in the precision of the draws."""

    @property
    def domain(self) -> Domain:
        return Box(-1.0, 1.0) if self.projected else Reals()

    def start(self, key: Key) -> Points:
        return torch.full((1,), self.first, dtype=key.dtype)

    def mean_slope(self) -> float:
        """Return the mean of a_t."""
        (high, low), share = self.slopes(), self.share()
        return share * high + (1 - share) * low

    def value(self, x: Points) -> Scalars:
        return (self.mean_slope() * x).sum(-1)

    def grad(self, x: Points) -> Points:
        return torch.zeros_like(x) + self.mean_slope()

    def loss(self, x: Points, t: Step, draws: Draws) -> Scalars:
        return (self.slope(t, draws) * x).sum(-1)

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        return self.slope(t, draws).expand_as(x)

    def minimizer(self) -> tuple[float, ...] | None:
        return (-1.0,) if self.projected else None

    @property
    def constants(self) -> Mapping[str, Constant]:
        high, low = self.slopes()
        known = {"L": Constant(0.0), "mu": Constant(0.0), "G": Constant(max(abs(high), abs(low)))}
        return known | {"D": Constant(2.0)} if self.projected else known

    def formula(self) -> Formula:
        x = sp.Symbol("x", real=True)
        high, low, share = (_exact(v) for v in (*self.slopes(), self.share()))
        outcomes = ((share, high * x), (1 - share, low * x))
        return Formula(x=(x,), value=sum(w * loss for w, loss in outcomes), outcomes=outcomes)


@dataclass(frozen=True, kw_only=True)
class ReddiCycle(_LinearLosses):
    """Slope C when t mod 3 = 1, else -1 (Theorem 1). A cycle sums to (C - 2) x; x_1 = 1."""

    name: ClassVar[str] = "reddi_cycle"
    source: ClassVar[str] = "Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237, Theorem 1"

    C: float = 3.0

    def validate(self) -> None:
        require(self.C > 2, self, "C", self.C, "a number > 2")

    def slopes(self) -> tuple[float, float]:
        return self.C, -1.0

    def share(self) -> float:
        return 1 / 3

    def slope(self, t: Step, draws: Draws) -> Points:
        return torch.where(t % 3 == 1, self.C, like(draws, -1.0))


@dataclass(frozen=True, kw_only=True)
class ReddiPeriod(_LinearLosses):
    """Slope C when t mod C = 1, else -1 (Theorem 2). A period sums to x; x_1 = 1.

    warmup: the first C losses are zero, as the theorem's machine-checked form has it (any step size is then covered).
    """

    name: ClassVar[str] = "reddi_period"
    source: ClassVar[str] = "Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237, Theorem 2"

    C: int = 16
    warmup: bool = True

    def validate(self) -> None:
        require(self.C >= 3, self, "C", self.C, "an integer >= 3")

    def slopes(self) -> tuple[float, float]:
        return float(self.C), -1.0

    def share(self) -> float:
        return 1 / self.C

    def slope(self, t: Step, draws: Draws) -> Points:
        slope = torch.where(t % self.C == 1, float(self.C), like(draws, -1.0))
        return torch.where(t <= self.C, 0.0, slope) if self.warmup else slope

    def formula(self) -> Formula:
        formula = super().formula()
        only_at_first = ((sp.S.Zero, sp.S.Zero),) if self.warmup else ()
        return replace(formula, outcomes=formula.outcomes + only_at_first)


@dataclass(frozen=True, kw_only=True)
class ReddiSyntheticOnline(_LinearLosses):
    """Slope C when t mod period = 1, else low: 1010 once in 101 rounds, else -10 (section 5); x_1 = 0."""

    name: ClassVar[str] = "reddi_synthetic_online"
    source: ClassVar[str] = "Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237, section 5, online"
    first: ClassVar[float] = 0.0

    C: float = 1010.0
    low: float = -10.0
    period: int = 101

    def validate(self) -> None:
        require(self.period >= 2, self, "period", self.period, "an integer >= 2")
        require(self.low < 0, self, "low", self.low, "a number < 0")
        least = -self.low * (self.period - 1)
        require(self.C > least, self, "C", self.C, f"> {least}, or x* would not be -1")

    def slopes(self) -> tuple[float, float]:
        return self.C, self.low

    def share(self) -> float:
        return 1 / self.period

    def slope(self, t: Step, draws: Draws) -> Points:
        return torch.where(t % self.period == 1, self.C, like(draws, self.low))


@dataclass(frozen=True, kw_only=True)
class _RandomSlopes(_LinearLosses):
    """Slopes drawn anew in every round; one uniform each."""

    first: ClassVar[float] = 0.0

    @property
    def n_draws(self) -> int:
        return 1

    def slope(self, t: Step, draws: Draws) -> Points:
        del t
        high, low = self.slopes()
        return torch.where(draws[..., :1] < self.share(), high, like(draws, low))


@dataclass(frozen=True, kw_only=True)
class ReddiStochastic(_RandomSlopes):
    """Slope C with probability (1 + delta) / (C + 1), else -1 (Theorem 3). The mean slope is delta; x_1 = 0."""

    name: ClassVar[str] = "reddi_stochastic"
    source: ClassVar[str] = "Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237, Theorem 3"

    C: float = 101.0
    delta: float = 0.1

    def validate(self) -> None:
        require(self.C > 0, self, "C", self.C, "a number > 0")
        require(0 < self.delta < self.C, self, "delta", self.delta, f"in (0, C = {self.C})")

    def slopes(self) -> tuple[float, float]:
        return self.C, -1.0

    def share(self) -> float:
        return (1 + self.delta) / (self.C + 1)


@dataclass(frozen=True, kw_only=True)
class ReddiSyntheticStochastic(_RandomSlopes):
    """Slope C with probability p, else low: 1010 with probability 0.01, else -10 (section 5); x_1 = 0."""

    name: ClassVar[str] = "reddi_synthetic_stochastic"
    source: ClassVar[str] = "Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237, section 5, stochastic"

    C: float = 1010.0
    low: float = -10.0
    p: float = 0.01

    def validate(self) -> None:
        require(0 < self.p < 1, self, "p", self.p, "in (0, 1)")
        require(self.low < 0, self, "low", self.low, "a number < 0")
        least = -self.low * (1 - self.p) / self.p
        require(self.C > least, self, "C", self.C, f"> {least}, or x* would not be -1")

    def slopes(self) -> tuple[float, float]:
        return self.C, self.low

    def share(self) -> float:
        return self.p

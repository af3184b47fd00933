"""Changes of the oracle alone: added noise, and the mean of several draws."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import torch

from lab.errors import require
from lab.linalg import dot
from lab.noise import Noise
from lab.problem import Constant, Formula
from lab.sampling import Order, WithReplacement
from lab.types import Draws, Points, Scalars, Step
from lab.wrappers.base import Wrapper, noiseless
from lab.wrappers.laws import largest, mean_of


@dataclass(frozen=True, kw_only=True)
class AddNoise(Wrapper):
    """oracle(x) + xi, the coordinates of xi independent and of one law, whatever noise there was before.

    Where rounds differ already, xi joins the loss as <xi, x>, so that the oracle remains the gradient of the round's
    loss. The law must have a mean, which is 0. Losses that come in turn, and are not drawn, are not taken: no
    round's gradient has the mean that the objective's has.
    """

    name: ClassVar[str] = "add_noise"
    what: ClassVar[str] = "noise added"

    law: Noise

    def validate(self) -> None:
        require(self.law.tail_index > 1, self, "law", self.law, "one with a mean, or the oracle has none")
        drawn = noiseless(self.inner) or self.inner.n_draws > 0
        require(drawn, self, "inner", self.inner.name, "a problem whose rounds are alike or drawn: noise has mean 0")

    @property
    def n_draws(self) -> int:
        return self.inner.n_draws + self.dim * self.law.n_draws

    @property
    def draw_bits(self) -> int:
        return max(self.inner.draw_bits, self.law.draw_bits)

    @property
    def noise(self) -> Noise | None:
        return self.law if noiseless(self.inner) else None

    @property
    def tail_index(self) -> float:
        return min(self.inner.tail_index, self.law.tail_index)

    def xi(self, draws: Draws) -> Points:
        """Return the noise added."""
        return self.law.sample(draws[..., self.inner.n_draws :])

    def loss(self, x: Points, t: Step, draws: Draws) -> Scalars:
        loss = self.inner.loss(x, t, draws[..., : self.inner.n_draws])
        return loss + dot(self.xi(draws), x) if self.varies else loss

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        return self.inner.oracle(x, t, draws[..., : self.inner.n_draws]) + self.xi(draws)

    @property
    def constants(self) -> Mapping[str, Constant]:
        known = dict(self.inner.constants)
        before = {name: known.pop(name) for name in ("G", "sigma", "alpha") if name in known}
        limit = largest(self.law)
        if "G" in before and limit is not None:
            known["G"] = Constant(before["G"].value + limit, before["G"].region, attained=False)
        if noiseless(self.inner):
            before["sigma"] = Constant(0.0)
        if "sigma" in before:
            known |= self._moments(before["sigma"], before.get("alpha"))
        return known

    def _moments(self, sigma: Constant, alpha: Constant | None) -> dict[str, Constant]:
        """Return sigma, and alpha where it is not 2, of the sum of the noise before and xi.

        Variances of independent noises add up. For 1 < p < 2, E||a + b||^p <= E||a||^p + 2^(2-p) E||b||^p where b has
        mean 0 given a: the gradient of ||.||^p is Holder of order p-1 with constant p 2^(2-p). And E||a||^p <= sigma^p
        for any p below the order that is declared, by Jensen's inequality.
        """
        if alpha is None and self.law.tail_index > 2:
            total = sigma.value**2 + self.dim * self.law.variance
            return {"sigma": replace(sigma, value=total**0.5)}
        order = 2.0 if alpha is None else alpha.value
        p = order if self.law.tail_index > order else min(order, (1 + self.law.tail_index) / 2)
        own = self.dim * self.law.moment(p)
        if sigma.value == 0:
            total, attained = own, self.dim == 1
        else:
            total, attained = sigma.value**p + 2 ** (2 - p) * own, False
        return {"sigma": Constant(total ** (1 / p), sigma.region, attained), "alpha": Constant(p)}

    def formula(self) -> Formula:
        return replace(self.inner.formula(), outcomes=())


@dataclass(frozen=True, kw_only=True)
class Minibatch(Wrapper):
    """The mean of `size` independent draws of the oracle, and of the loss; each takes its own uniforms.

    sigma falls like size^(-1/2). Without a variance, E||mean||^alpha <= 2^(2-alpha) size^(1-alpha) sigma^alpha (von
    Bahr and Esseen's inequality, with the constant of a Hilbert space); the tail index stays. A finite sum must be
    drawn with replacement, and is one no more: no single component is shown.
    """

    name: ClassVar[str] = "minibatch"
    what: ClassVar[str] = "the mean of a minibatch"

    size: int

    def validate(self) -> None:
        require(self.size >= 1, self, "size", self.size, "an integer >= 1")
        drawn = self.inner.components is None or isinstance(self.inner.order, WithReplacement)
        require(drawn, self, "inner's order", self.inner.order, "with replacement: minibatches are drawn so")
        require(self.inner.n_draws > 0, self, "inner", self.inner.name, "a problem that draws")

    @property
    def n_draws(self) -> int:
        return self.size * self.inner.n_draws

    @property
    def noise(self) -> Noise | None:
        return mean_of(self.inner.noise, self.size)

    @property
    def components(self) -> None:
        return None

    @property
    def order(self) -> Order:
        return WithReplacement()

    def parts(self, draws: Draws) -> list[Draws]:
        """Return the uniforms of each draw."""
        n = self.inner.n_draws
        return [draws[..., k * n : (k + 1) * n] for k in range(self.size)]

    def loss(self, x: Points, t: Step, draws: Draws) -> Scalars:
        if not self.varies:
            return self.inner.loss(x, t, draws[..., : self.inner.n_draws])
        losses = (self.inner.loss(x, t, u) for u in self.parts(draws))
        return functools.reduce(torch.add, losses) / self.size

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        slopes = (self.inner.oracle(x, t, u) for u in self.parts(draws))
        return functools.reduce(torch.add, slopes) / self.size

    @property
    def constants(self) -> Mapping[str, Constant]:
        known = dict(self.inner.constants)
        if self.size == 1:
            return known
        one_kind = self.inner.n_draws == 1 and self.inner.components is None  # draws of which all can be the worst
        if "G" in known:
            known["G"] = replace(known["G"], attained=known["G"].attained and one_kind)
        if "sigma" in known and "alpha" not in known:
            known["sigma"] = replace(known["sigma"], value=known["sigma"].value / self.size**0.5)
        elif "sigma" in known:
            p, sigma = known["alpha"].value, known["sigma"]
            factor = min(1.0, (2 ** (2 - p) * self.size ** (1 - p)) ** (1 / p))
            known["sigma"] = Constant(factor * sigma.value, sigma.region, attained=False)
        return known

    def formula(self) -> Formula:
        formula = self.inner.formula()
        return formula if self.size == 1 else replace(formula, outcomes=())

"""AdEMAMix, Adam with a second and slower running mean (M. Pagliardini, P. Ablin, D. Grangier, ICLR 2025)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from lab.errors import require
from lab.linalg import factor, like, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, PER_LENGTH, PURE, ByName


class State(NamedTuple):
    """The fast and the slow running mean of g, and that of g * g."""

    m1: Points
    m2: Points
    v: Points


def _as_optax(mix: AdEMAMix) -> dict[str, Any]:
    b1, b2, b3 = mix.betas
    return {"b1": b1, "b2": b2, "b3": b3, "alpha": mix.alpha, "eps": mix.eps, "weight_decay": mix.weight_decay}


def _as_po(mix: AdEMAMix) -> dict[str, Any]:
    warm = {"alpha": mix.alpha, "t_alpha_beta3": float(mix.horizon) if mix.horizon else None}
    decay = {"weight_decay": mix.weight_decay, "weight_decouple": True}
    return {"betas": mix.betas, "eps": mix.eps} | warm | decay


@dataclass(frozen=True, kw_only=True)
class AdEMAMix(Optimizer[State]):
    """dx_t = -lr_t ((m1hat_t + alpha_t m2_t) / (sqrt(vhat_t) + eps) + weight_decay x_t).

    m1 has the rate beta1 and is corrected, m2 has beta3 and is not, so that it fills slowly. With horizon = T > 0 both
    warm up: alpha_t = alpha min(1, t/T), and beta3_t goes from beta1 to beta3 along a line in half-lives,
    1/log(beta3_t) = (1 - t/T)/log(beta1) + (t/T)/log(beta3); the authors' code adds 1e-8 to the betas there. alpha is 5
    in optax and pytorch_optimizer, 2 in the authors' class. eps is compared with |g|.
    """

    name: ClassVar[str] = "ademamix"
    source: ClassVar[str] = "Pagliardini, Ablin, Grangier, ICLR 2025, arXiv 2409.03137, Algorithm 1"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="pytorch_optimizer.AdEMAMix", arguments=_as_po, at={"horizon": 0}),
        Reference(
            target="pytorch_optimizer.AdEMAMix",
            arguments=_as_po,
            at={"horizon": 100, "betas": (0.9, 0.999, 0.9999), "weight_decay": 0.1},
        ),
        Reference(target="optax.contrib.ademamix", arguments=_as_optax, at={"horizon": 0}),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"alpha": PURE, "eps": GRADIENT, "weight_decay": PER_LENGTH}
    momenta: ClassVar[tuple[str, ...]] = ("betas.0", "alpha")

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float, float] = (0.9, 0.999, 0.9999)
    alpha: float = 5.0
    eps: float = 1e-8
    weight_decay: float = 0.0
    horizon: int = 0  # of both warm-ups; 0 for none

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "alpha", "eps", "weight_decay")
        require(self.horizon >= 0, self, "horizon", self.horizon, "an integer >= 0")

    def init(self, x: Points) -> State:
        return State(*(torch.zeros_like(x) for _ in State._fields))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        beta1, beta2, _ = self.betas
        alpha, beta3 = self.warmed(t)
        m1 = beta1 * state.m1 + (1 - beta1) * g
        m2 = beta3 * state.m2 + (1 - beta3) * g
        v = beta2 * state.v + (1 - beta2) * g.square()
        u = ratio(m1 / (1 - beta1**t) + alpha * m2, self._root(v, t))
        return -self.lr(t) * (u + self.weight_decay * x), State(m1, m2, v)

    def effective_step(self, state: State, t: Step) -> Points:
        """Return the factor of m1hat_t + alpha_t m2_t."""
        return self.lr(t) * factor(state.m1, self._root(state.v, t))

    def _root(self, v: Points, t: Step) -> Points:
        """Return sqrt(vhat_t) + eps."""
        return (v / (1 - self.betas[1] ** t)).sqrt() + self.eps

    def warmed(self, t: Step) -> tuple[Tensor | float, Tensor | float]:
        """Return (alpha_t, beta3_t)."""
        beta1, _, beta3 = self.betas
        if not self.horizon:
            return self.alpha, beta3
        done = (t / self.horizon).clamp(max=1.0)
        inverse = (1 - done) / like(t, beta1).log() + done / like(t, beta3).log()
        return self.alpha * done, (1 / inverse).exp()

"""Transforms of the gradient, and decay: clipping, normalisation, coupled and decoupled weight decay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from lab.errors import require
from lab.linalg import norm_sq, ratio
from lab.optimizer import Kind, Symmetry
from lab.ranges import nonnegative, positive
from lab.schedules import Schedule
from lab.transforms.base import Stateless
from lab.types import Points, Scalars, Step
from lab.units import CURVATURE, GRADIENT, ByName, Units


@dataclass(frozen=True, kw_only=True)
class ClipNorm(Stateless):
    """g <- min(1, max_norm / ||g||) g, the norm being that of all of x.

    Exact, as optax.clip_by_global_norm; torch.nn.utils.clip_grad_norm_ divides by ||g|| + 1e-6.
    """

    name: ClassVar[str] = "clip_norm"
    source: ClassVar[str] = "Pascanu, Mikolov, Bengio, ICML 2013, arXiv 1211.5063, Algorithm 1"
    own: ClassVar[Kind] = "global"
    homogeneity: ClassVar[None] = None
    units: ClassVar[ByName] = {"max_norm": GRADIENT}

    max_norm: float = 1.0

    def validate(self) -> None:
        positive(self, "max_norm")

    def gradient(self, g: Points, x: Points) -> Points:
        del x
        length = norm_sq(g).sqrt().unsqueeze(-1)
        return torch.where(length > self.max_norm, self.max_norm / length, 1.0) * g


@dataclass(frozen=True, kw_only=True)
class ClipValue(Stateless):
    """g_i <- min(max(g_i, -max_value), max_value): torch.nn.utils.clip_grad_value_, optax.clip."""

    name: ClassVar[str] = "clip_value"
    source: ClassVar[str] = "torch.nn.utils.clip_grad_value_; Zhang et al., NeurIPS 2020, arXiv 1912.03194 (CClip)"
    commutes: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs")
    homogeneity: ClassVar[None] = None
    units: ClassVar[ByName] = {"max_value": GRADIENT}

    max_value: float = 1.0

    def validate(self) -> None:
        positive(self, "max_value")

    def gradient(self, g: Points, x: Points) -> Points:
        del x
        return g.clamp(-self.max_value, self.max_value)


@dataclass(frozen=True, kw_only=True)
class ClipCoordinates(Stateless):
    """g_i <- min(max(g_i, -bounds_i), bounds_i): a threshold for each coordinate, or one for all.

    bounds: as many as x has coordinates, or one. A coordinate's place matters, so this one sees all of x.
    """

    name: ClassVar[str] = "clip_coordinates"
    source: ClassVar[str] = "Zhang et al., NeurIPS 2020, arXiv 1912.03194 (CClip, with a vector of thresholds)"
    own: ClassVar[Kind] = "global"
    commutes: ClassVar[tuple[Symmetry, ...]] = ("signs",)
    homogeneity: ClassVar[None] = None
    units: ClassVar[ByName] = {"bounds": GRADIENT}

    bounds: tuple[float, ...]

    def validate(self) -> None:
        require(len(self.bounds) > 0, self, "bounds", self.bounds, "at least one number")
        positive(self, "bounds")

    def gradient(self, g: Points, x: Points) -> Points:
        n, d = len(self.bounds), x.shape[-1]
        require(n in (1, d), self, "bounds", self.bounds, f"one number or {d}, which is the dimension")
        bound = g.new_tensor(self.bounds)
        return torch.minimum(torch.maximum(g, -bound), bound)


@dataclass(frozen=True, kw_only=True)
class Normalise(Stateless):
    """g <- g / ||g||, the norm being that of all of x; 0 where g = 0. Around sgd: normalised gradient descent."""

    name: ClassVar[str] = "normalise"
    source: ClassVar[str] = "Nesterov, 1984; Hazan, Levy, Shalev-Shwartz, NeurIPS 2015, arXiv 1507.02030"
    own: ClassVar[Kind] = "global"
    homogeneity: ClassVar[float] = 0

    def outside(self, units: Units) -> Units:
        return Units(X=units.F + units.X)  # the inner method sees a pure number for a gradient

    def gradient(self, g: Points, x: Points) -> Points:
        del x
        return ratio(g, norm_sq(g).sqrt().unsqueeze(-1))


@dataclass(frozen=True, kw_only=True)
class CoupledDecay(Stateless):
    """g <- g + weight_decay x, the gradient of f + weight_decay ||x||^2 / 2: torch's weight_decay, Adam's included.

    x is the point at which g was asked for. An adaptive method rescales this decay as it does the gradient.
    """

    name: ClassVar[str] = "coupled_decay"
    source: ClassVar[str] = "torch.optim (weight_decay); optax.add_decayed_weights before the method"
    zeroed: ClassVar[tuple[str, ...]] = ("weight_decay",)
    units: ClassVar[ByName] = {"weight_decay": CURVATURE}

    weight_decay: float = 1e-2

    def validate(self) -> None:
        nonnegative(self, "weight_decay")

    def gradient(self, g: Points, x: Points) -> Points:
        return g + self.weight_decay * x

    def curvature(self, h: Points) -> Points:
        return h + self.weight_decay

    def value(self, f: Scalars, x: Points) -> Scalars:
        return f + (self.weight_decay * x.square()).sum(-1) / 2


@dataclass(frozen=True, kw_only=True)
class DecoupledDecay(Stateless):
    """dx_t <- dx_t - lr_t weight_decay x_{t-1}: around adam, torch.optim.AdamW. lr is that of the inner method."""

    name: ClassVar[str] = "decoupled_decay"
    source: ClassVar[str] = "Loshchilov, Hutter, ICLR 2019, arXiv 1711.05101, Algorithm 2; lr included, as in torch"
    zeroed: ClassVar[tuple[str, ...]] = ("weight_decay",)

    weight_decay: float = 1e-2

    @property
    def units(self) -> ByName:  # type: ignore[override]
        """Return that lr weight_decay is a pure number."""
        lr = self.lr_units
        return {"weight_decay": None if lr is None else Units(F=-lr.F, X=-lr.X)}

    def validate(self) -> None:
        nonnegative(self, "weight_decay")
        require(isinstance(self.lr, Schedule), self, "inner", self.inner.name, "a method with a step size lr")

    def pull(self, y: Points, x: Points, t: Step) -> Points:
        assert self.lr is not None  # or validate would have refused it
        return y - self.lr(t) * self.weight_decay * x

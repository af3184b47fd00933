"""Step sizes as functions of t = 1, 2, ... Each is a frozen value, written `inv_sqrt(0.5)` on the command line.

Schedules of the libraries count k = t-1 from 0, so that the first step has the full lr; those of the theorems count
t. A number may be a tensor `(N, 1)` once bound: no Python branch, `min` or `math` on it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar

import torch
from torch import Tensor

from lab.errors import require
from lab.parameters import Parametric
from lab.ranges import nonnegative
from lab.types import Step


@dataclass(frozen=True)
class Schedule(Parametric):
    """A step size for every t. Subclasses define `__call__(t)`, with t a 0-d float64 tensor.

    in_lr: by field, the power of a step size's units in which it is; others are pure numbers.
    """

    in_lr: ClassVar[Mapping[str, int]] = {"lr": 1, "floor": 1, "decay": -1}

    def __call__(self, t: Step) -> Tensor:
        """Return the step size of step t, a 0-d tensor or one that broadcasts with `(..., d)`."""
        raise TypeError(f"{type(self).__name__} defines no __call__")

    @classmethod
    def coerce(cls, value: object) -> object:
        """Return a number as `Constant`; anything else unchanged."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return Constant(float(value)) if number else value  # type: ignore[arg-type]

    def __str__(self) -> str:
        inner = ",".join(str(getattr(self, f.name)) for f in fields(self))
        return f"{self.name}({inner})"


@dataclass(frozen=True)
class _OfRate(Schedule):
    """A schedule of size lr >= 0."""

    lr: float

    def validate(self) -> None:
        nonnegative(self, "lr")


@dataclass(frozen=True)
class Constant(_OfRate):
    """lr_t = lr."""

    name: ClassVar[str] = "constant"

    def __call__(self, t: Step) -> Tensor:
        del t
        return self.lr  # type: ignore[return-value]  # a tensor once bound; a number broadcasts alike


@dataclass(frozen=True)
class InvSqrt(_OfRate):
    """lr_t = lr / sqrt(t), the schedule of the regret theorems."""

    name: ClassVar[str] = "inv_sqrt"

    def __call__(self, t: Step) -> Tensor:
        return self.lr / t.sqrt()


@dataclass(frozen=True)
class Inverse(_OfRate):
    """lr_t = lr / (t + shift): 1/(mu t) with lr = 1/mu; 2/(mu (t+1)) with lr = 2/mu and shift = 1.

    Both are schedules of mu-strongly convex SGD; the second goes with averages whose weights grow like t.
    """

    name: ClassVar[str] = "inverse"
    shift: float = 0.0

    def validate(self) -> None:
        super().validate()
        require(self.shift > -1, self, "shift", self.shift, "a number > -1")

    def __call__(self, t: Step) -> Tensor:
        return self.lr / (t + self.shift)


@dataclass(frozen=True)
class Polynomial(_OfRate):
    """lr_t = lr * t^-power."""

    name: ClassVar[str] = "polynomial"
    power: float = 0.5

    def validate(self) -> None:
        super().validate()
        nonnegative(self, "power")

    def __call__(self, t: Step) -> Tensor:
        return self.lr * t**-self.power


@dataclass(frozen=True)
class Warmup(Schedule):
    """lr_t = after(t) * min(1, t / steps): linear warmup, then `after`."""

    name: ClassVar[str] = "warmup"
    after: Schedule
    steps: float

    def validate(self) -> None:
        require(self.steps >= 1, self, "steps", self.steps, "a number >= 1")

    def __call__(self, t: Step) -> Tensor:
        return self.after(t) * (t / self.steps).clamp(max=1.0)


@dataclass(frozen=True)
class InvSqrtHorizon(_OfRate):
    """lr_t = lr / sqrt(horizon): constant over a run whose length is known, as the fixed-horizon theorems ask."""

    name: ClassVar[str] = "inv_sqrt_horizon"
    horizon: float

    def validate(self) -> None:
        super().validate()
        _check_steps(self, "horizon", self.horizon)

    def __call__(self, t: Step) -> Tensor:
        return self.lr / (t.new_zeros(()) + self.horizon).sqrt()


@dataclass(frozen=True)
class Linear(_OfRate):
    """lr_t = lr (1 - (t-1)/horizon), and 0 once t > horizon: linear decay over a run whose length is known."""

    name: ClassVar[str] = "linear"
    horizon: float

    def validate(self) -> None:
        super().validate()
        _check_steps(self, "horizon", self.horizon)

    def __call__(self, t: Step) -> Tensor:
        return self.lr * (1 - _elapsed(t, self.horizon))


@dataclass(frozen=True)
class Cosine(_OfRate):
    """lr_t = floor + (lr - floor) (1 + cos(pi (t-1)/horizon)) / 2, and floor once t > horizon.

    Loshchilov, Hutter, ICLR 2017, without restarts. optax stays at the floor too; torch's CosineAnnealingLR climbs.
    """

    name: ClassVar[str] = "cosine"
    horizon: float
    floor: float = 0.0

    def validate(self) -> None:
        super().validate()
        _check_steps(self, "horizon", self.horizon)
        _check_floor(self, self.floor, self.lr)

    def __call__(self, t: Step) -> Tensor:
        return self.floor + (self.lr - self.floor) * (1 + (math.pi * _elapsed(t, self.horizon)).cos()) / 2


@dataclass(frozen=True)
class Cyclical(_OfRate):
    """lr_t climbs from floor to lr in `steps` steps, falls back in as many, and again (Smith 2017, triangular).

    lr_t = floor + (lr - floor) max(0, 1 - |k/steps - 2c + 1|) with k = t-1 and c = floor(1 + k/(2 steps)).
    """

    name: ClassVar[str] = "cyclical"
    steps: float
    floor: float = 0.0

    def validate(self) -> None:
        super().validate()
        _check_steps(self, "steps", self.steps)
        _check_floor(self, self.floor, self.lr)

    def __call__(self, t: Step) -> Tensor:
        k = t - 1
        cycle = (1 + k / (2 * self.steps)).floor()
        return self.floor + (self.lr - self.floor) * (1 - (k / self.steps - 2 * cycle + 1).abs()).clamp(min=0.0)


@dataclass(frozen=True)
class StepDecay(_OfRate):
    """lr_t = lr factor^floor((t-1)/period): cut by a factor once a period."""

    name: ClassVar[str] = "step"
    period: float
    factor: float = 0.1

    def validate(self) -> None:
        super().validate()
        _check_steps(self, "period", self.period)
        _check_factor(self, self.factor)

    def __call__(self, t: Step) -> Tensor:
        return self.lr * self.factor ** ((t - 1) / self.period).floor()


@dataclass(frozen=True)
class Multistep(_OfRate):
    """lr_t = lr factor^n, n being how many of the milestones are <= t-1: cut by a factor after each."""

    name: ClassVar[str] = "multistep"
    milestones: tuple[float, ...]
    factor: float = 0.1

    def validate(self) -> None:
        super().validate()
        _check_factor(self, self.factor)
        for i, (before, m) in enumerate(zip((0.0, *self.milestones), self.milestones, strict=False)):
            require(m > before, self, f"milestones[{i}]", m, "larger than 0 and the one before")

    def __call__(self, t: Step) -> Tensor:
        passed = t.new_zeros(())
        for m in self.milestones:
            passed = passed + (t - 1 >= m)
        return self.lr * self.factor**passed


@dataclass(frozen=True)
class Exponential(_OfRate):
    """lr_t = lr factor^(t-1)."""

    name: ClassVar[str] = "exponential"
    factor: float

    def validate(self) -> None:
        super().validate()
        _check_factor(self, self.factor)

    def __call__(self, t: Step) -> Tensor:
        return self.lr * self.factor ** (t - 1)


@dataclass(frozen=True)
class Noam(_OfRate):
    """lr_t = lr min(t^-1/2, t steps^-3/2): linear to lr / sqrt(steps), then inv_sqrt (Vaswani et al. 2017)."""

    name: ClassVar[str] = "noam"
    steps: float

    def validate(self) -> None:
        super().validate()
        _check_steps(self, "steps", self.steps)

    def __call__(self, t: Step) -> Tensor:
        steps = t.new_zeros(()) + self.steps
        return self.lr * torch.minimum(1 / t.sqrt(), t / (steps * steps.sqrt()))


@dataclass(frozen=True)
class Bottou(_OfRate):
    """lr_t = lr / (1 + decay lr t)^power (Bottou 2012): 1/(decay t) in the end, without its first steps.

    power = 3/4 goes with averaging; torch.optim.ASGD has it at t-1. decay is the strong convexity.
    """

    name: ClassVar[str] = "bottou"
    decay: float
    power: float = 1.0

    def validate(self) -> None:
        super().validate()
        nonnegative(self, "decay", "power")

    def __call__(self, t: Step) -> Tensor:
        return self.lr / (1 + self.decay * self.lr * t) ** self.power


def _elapsed(t: Step, horizon: float) -> Tensor:
    """Return which part of the horizon lies behind at step t: 0 at t = 1, 1 from t = horizon + 1 on."""
    return ((t - 1) / horizon).clamp(max=1.0)


def _check_steps(schedule: Schedule, field: str, steps: float) -> None:
    require(steps >= 1, schedule, field, steps, "a number >= 1")


def _check_floor(schedule: Schedule, floor: float, lr: float) -> None:
    require(0 <= floor <= lr, schedule, "floor", floor, f"in [0, lr], lr being {lr!r}")


def _check_factor(schedule: Schedule, factor: float) -> None:
    require(0 < factor <= 1, schedule, "factor", factor, "in (0, 1]")

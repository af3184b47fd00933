"""Step sizes as functions of t = 1, 2, ... Each is a frozen value, written `inv_sqrt(0.5)` on the command line."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

from torch import Tensor

from lab.errors import require
from lab.parameters import Parametric
from lab.types import Step


@dataclass(frozen=True)
class Schedule(Parametric):
    """A step size for every t. Subclasses define `__call__(t)`, with t a 0-d float64 tensor."""

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


def _check_lr(schedule: Schedule, lr: float) -> None:
    require(lr >= 0, schedule, "lr", lr, "a number >= 0")


@dataclass(frozen=True)
class Constant(Schedule):
    """lr_t = lr."""

    name: ClassVar[str] = "constant"
    lr: float

    def validate(self) -> None:
        _check_lr(self, self.lr)

    def __call__(self, t: Step) -> Tensor:
        del t
        return self.lr  # type: ignore[return-value]  # a tensor once bound; a number broadcasts alike


@dataclass(frozen=True)
class InvSqrt(Schedule):
    """lr_t = lr / sqrt(t), the schedule of the regret theorems."""

    name: ClassVar[str] = "inv_sqrt"
    lr: float

    def validate(self) -> None:
        _check_lr(self, self.lr)

    def __call__(self, t: Step) -> Tensor:
        return self.lr / t.sqrt()


@dataclass(frozen=True)
class Inverse(Schedule):
    """lr_t = lr / (t + shift); with lr = 1/mu the schedule of strongly convex SGD."""

    name: ClassVar[str] = "inverse"
    lr: float
    shift: float = 0.0

    def validate(self) -> None:
        _check_lr(self, self.lr)
        require(self.shift > -1, self, "shift", self.shift, "a number > -1")

    def __call__(self, t: Step) -> Tensor:
        return self.lr / (t + self.shift)


@dataclass(frozen=True)
class Polynomial(Schedule):
    """lr_t = lr * t^-power."""

    name: ClassVar[str] = "polynomial"
    lr: float
    power: float = 0.5

    def validate(self) -> None:
        _check_lr(self, self.lr)
        require(self.power >= 0, self, "power", self.power, "a number >= 0")

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

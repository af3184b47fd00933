"""AdaGrad-window and AdaGrad-truncation, for random shuffling (the radagrad line, F. Huang et al., 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.errors import require
from lab.linalg import factor, norm_sq, ratio
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.schedules import Constant, Schedule
from lab.types import Points, Scalars, Step
from lab.units import ByName

HELD_TO = "none: no library has it; tests/test_adagrad_family.py holds it to the paper in 50 digits"


class Window(NamedTuple):
    """g * g of the last epoch's length of steps, the oldest first `(..., batches, d)`."""

    squares: Points


class Truncated(NamedTuple):
    """The sum of this epoch's gradients, and V, one number `(..., 1)`."""

    total: Points
    V: Scalars


def epoch(t: Step, batches: int) -> Step:
    """Return s = 1, 2, ..., the epoch of step t: no sum or quotient is rounded down, so that intervals stay thin."""
    place = t % batches  # 0 at the last step of an epoch
    return torch.where(place == 0, t, t - place + batches) / batches


@dataclass(frozen=True, kw_only=True)
class AdaGradWindow(Optimizer[Window]):
    """V_t = g_t^2 + ... + g_{t-m+1}^2, dx_t = -lr_t / sqrt(s) g_t / sqrt(V_t); m = batches, s the epoch of step t.

    The factor 1/sqrt(s) is the method's own and stays the same within an epoch: lr is constant in theory. g_t is the
    mean of its mini-batch; terms before step 1 count as 0, and 0/0 = 0. The theorem is for data shuffled once.
    """

    name: ClassVar[str] = "adagrad_window"
    source: ClassVar[str] = "Huang et al., 2020, arXiv 2006.07037, revision of the ICLR 2021 submission: AdaGrad-window"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[str] = HELD_TO
    homogeneity: ClassVar[float] = 0

    lr: Schedule = Constant(1e-2)
    batches: int = 8

    def validate(self) -> None:
        require(self.batches >= 1, self, "batches", self.batches, "an integer >= 1")

    def init(self, x: Points) -> Window:
        return Window(squares=torch.stack([torch.zeros_like(x)] * self.batches, -2))

    def update(self, g: Points, state: Window, x: Points, t: Step) -> tuple[Points, Window]:
        del x
        squares = torch.cat([state.squares[..., 1:, :], g.square().unsqueeze(-2)], -2)
        V = squares.sum(-2)
        return -self.lr(t) / epoch(t, self.batches).sqrt() * ratio(g, V.sqrt()), Window(squares)

    def effective_step(self, state: Window, t: Step) -> Points:
        V = state.squares.sum(-2)
        return self.lr(t) / epoch(t, self.batches).sqrt() * factor(V, V.sqrt())


@dataclass(frozen=True, kw_only=True)
class AdaGradTruncation(Optimizer[Truncated]):
    """V = m in epoch 1, V = m ||g_1 + ... + g_m of the epoch before||^2 after; dx_t = -lr_t / sqrt(s) g_t / sqrt(V).

    m = batches, s the epoch of step t; 1/sqrt(s) is the method's own, lr is constant in theory. V does not know the
    current epoch. In epoch 1 the step has degree 1 in the gradient, afterwards 0, so that lr cannot have the right
    units for both. g / 0, after an epoch whose gradients sum to 0, is infinite; 0/0 = 0.
    """

    name: ClassVar[str] = "adagrad_truncation"
    source: ClassVar[str] = "Huang et al., 2020, arXiv 2006.07037, revision of the ICLR 2021 submission: truncation"
    kind: ClassVar[Kind] = "global"
    reference: ClassVar[str] = HELD_TO
    units: ClassVar[ByName] = {"lr": None}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    lr: Schedule = Constant(1e-2)
    batches: int = 8

    def validate(self) -> None:
        require(self.batches >= 1, self, "batches", self.batches, "an integer >= 1")

    def init(self, x: Points) -> Truncated:
        return Truncated(total=torch.zeros_like(x), V=torch.full_like(x[..., :1], self.batches))

    def update(self, g: Points, state: Truncated, x: Points, t: Step) -> tuple[Points, Truncated]:
        del x
        begins = t % self.batches == 1 % self.batches
        V = torch.where(begins & (t > 1), self.batches * norm_sq(state.total).unsqueeze(-1), state.V)
        total = torch.where(begins, g, state.total + g)
        direction = g / torch.where((V == 0) & (g == 0), 1.0, V.sqrt())
        return -self.lr(t) / epoch(t, self.batches).sqrt() * direction, Truncated(total, V)

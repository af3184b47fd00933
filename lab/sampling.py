"""Which component a finite sum f = (1/n) sum_i f_i shows at step t: drawn anew, or by permutations.

A problem with components says in `order` by which law they come, has n_draws = 1 where the order is drawn, and asks
`order.shown` for i: the index that the first uniform of a step shows, floor(u n). That is sampling with replacement as
it stands. The other laws that are drawn replace the uniform by (i + 1/2)/n, which shows component i; problem and draws
remain pure functions. In a cycle nothing is drawn, and i is read off t. A permutation is remembered from step
to step, one for each trajectory, and changed by one swap a step (Fisher, Yates): at step k = 0, ..., n-1 of an epoch
perm[k] changes places with perm[k + floor(u (n - k))] and is used. The next epoch starts from where this one ended:
whatever permutation it finds, n - 1 fair swaps make all n! equally likely (to n 2^-32, the grain of a uniform).

The permutation of epoch e depends on the draws of epochs 1 to e alone: the key, the seed and t decide i_t, and
`indices` replays it for any seed, without the problem and the optimizer.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from lab import rng
from lab.parameters import Parametric
from lab.rng import Stream
from lab.types import Draws, Points, Scalars, Step

Memory = tuple[Tensor, ...]  # what a law remembers: the permutation so far, `(..., n)` int64, or nothing


def component(u: Scalars, n: int | Tensor) -> Scalars:
    """Return the index of the component, int64 `(...)` in 0, ..., n-1, that uniforms `(...)` show: floor(u n)."""
    return (u * n).long().clamp(max=n - 1)  # u n may round up to n


def shows(i: Scalars, u: Scalars, n: int) -> Scalars:
    """Return a number in (0, 1) of u's dtype that shows component i."""
    return (i.to(u.dtype) + 0.5) / n


@dataclass(frozen=True)
class Order(Parametric):
    """A law of the indices i_1, i_2, ... of a finite sum with n components.

    drawn: whether chance decides; if not, the problem needs no draw.
    """

    drawn: ClassVar[bool] = True

    def shown(self, draws: Draws, n: int, t: Step) -> Scalars:
        """Return the index that step t's draws show, `(..., n_draws)` to `(...)`."""
        del t
        return component(draws[..., 0], n)

    def init(self, x: Points, n: int) -> Memory:
        """Return the memory before step 1, with a row for each of x `(..., d)`."""
        del x, n
        return ()

    @abstractmethod
    def next(self, memory: Memory, u: Scalars, n: int, t: Step) -> tuple[Scalars, Memory]:
        """Return (i_t, the new memory) from step t's uniform."""

    def draws(self, memory: Memory, draws: Draws, n: int, t: Step) -> tuple[Draws, Memory]:
        """Return step t's draws, the first of them showing i_t, and the new memory."""
        i, memory = self.next(memory, draws[..., 0], n, t)
        shown = shows(i, draws[..., 0], n)
        return torch.cat([shown.unsqueeze(-1), draws[..., 1:]], -1), memory


@dataclass(frozen=True)
class WithReplacement(Order):
    """i_t uniform on 0, ..., n-1, independent of all others: an unbiased oracle."""

    name: ClassVar[str] = "with_replacement"

    def next(self, memory: Memory, u: Scalars, n: int, t: Step) -> tuple[Scalars, Memory]:
        del t
        return component(u, n), memory

    def draws(self, memory: Memory, draws: Draws, n: int, t: Step) -> tuple[Draws, Memory]:
        del n, t
        return draws, memory  # as they are: the uniform need not be the middle of its component's cell


@dataclass(frozen=True)
class Cyclic(Order):
    """i_t = (t-1) mod n: the incremental gradient method, without any chance."""

    name: ClassVar[str] = "cyclic"
    drawn: ClassVar[bool] = False

    def shown(self, draws: Draws, n: int, t: Step) -> Scalars:
        return torch.zeros_like(draws.sum(-1)).long() + _place(t, n)

    def next(self, memory: Memory, u: Scalars, n: int, t: Step) -> tuple[Scalars, Memory]:
        return torch.zeros_like(u).long() + _place(t, n), memory

    def draws(self, memory: Memory, draws: Draws, n: int, t: Step) -> tuple[Draws, Memory]:
        if draws.shape[-1] == 0:
            return draws, memory
        return super().draws(memory, draws, n, t)  # for a problem that reads i off its draws all the same


@dataclass(frozen=True)
class RandomReshuffling(Order):
    """A new permutation every epoch of n steps, independent of all before."""

    name: ClassVar[str] = "random_reshuffling"

    def init(self, x: Points, n: int) -> Memory:
        return (torch.zeros_like(x[..., :1]).long() + torch.arange(n, device=x.device),)

    def next(self, memory: Memory, u: Scalars, n: int, t: Step) -> tuple[Scalars, Memory]:
        k = torch.zeros_like(u).long() + _place(t, n)
        return self.swapped(memory[0], k, k + component(u, n - k), t, n)

    def swapped(self, perm: Tensor, k: Scalars, j: Scalars, t: Step, n: int) -> tuple[Scalars, Memory]:
        """Return perm[j] and the permutation in which it has changed places with perm[k]."""
        del t, n
        k, j = k.unsqueeze(-1), j.unsqueeze(-1)
        at_k, at_j = perm.gather(-1, k), perm.gather(-1, j)
        return at_j[..., 0], (perm.scatter(-1, j, at_k).scatter(-1, k, at_j),)


@dataclass(frozen=True)
class SingleShuffle(RandomReshuffling):
    """One permutation, drawn in the first epoch and used in every one."""

    name: ClassVar[str] = "single_shuffle"

    def swapped(self, perm: Tensor, k: Scalars, j: Scalars, t: Step, n: int) -> tuple[Scalars, Memory]:
        return super().swapped(perm, k, torch.where(t <= n, j, k), t, n)


def _place(t: Step, n: int) -> Tensor:
    """Return the place of step t in its epoch, 0, ..., n-1; rounded, so that intervals know it exactly too."""
    place = torch.remainder(t, n)  # of t itself: t - 1 would be an interval around a multiple of n
    return torch.where(place == 0, n - 1.0, place - 1).round().long()


def indices(
    order: Order,
    n: int,
    *,
    key: int,
    seeds: Sequence[int] | Tensor,
    steps: int,
    n_draws: int = 1,
    draw_bits: int = 32,
    dtype: torch.dtype = torch.float64,
) -> Tensor:
    """Return i_1, ..., i_steps for each seed, int64 `(S, steps)`: what a run with this key and dtype showed.

    n_draws, draw_bits: those of the problem.
    """
    rows = torch.as_tensor(seeds, dtype=torch.int64)
    words = rng.walk(key, rows, Stream.ORACLE, n_draws * rng.words_per_draw(draw_bits))
    memory, found = order.init(torch.zeros(len(rows), 1, dtype=dtype), n), []
    for t in range(1, steps + 1):
        u = rng.uniforms(next(words), draw_bits, dtype)[..., 0]
        i, memory = order.next(memory, u, n, torch.tensor(float(t), dtype=torch.float64))
        found.append(i)
    return torch.stack(found, -1)

"""Philox4x32-10: every random number is a pure function of (key, seed index, stream, step, draw).

J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

Layout. Counter = (block low, block high, seed index, stream); key = the experiment's 64-bit key. With n words a
step, word j of step t (t = 1, 2, ...) is, for n = 1 or 2, word i mod 4 of block i div 4 with i = (t-1) n + j (one
block serves several steps), and for n >= 3 word j mod 4 of block (t-1) ceil(n/4) + j div 4. A uniform takes one
word, or two where a law asks for 52 bits. Nothing depends on the optimizer or the configuration: whoever runs on
the same problem, key and seed sees the same draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import torch
from torch import Tensor

from lab.errors import require
from lab.types import Draws, Scalars, Words

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10
_MASK = 0xFFFFFFFF


class Stream(IntEnum):
    """What the draws are for; the fourth word of the counter."""

    ORACLE = 0
    START = 1
    ORDER = 2
    OPTIMIZER = 3


def philox(counter: tuple[Tensor, Tensor, Tensor, Tensor], key: tuple[int, int]) -> tuple[Tensor, ...]:
    """Return the four output words of each counter.

    Every tensor is int64 and holds 32-bit words; shapes broadcast. A 32 x 32-bit product wraps to the right 64
    bits in int64, and the mask after the arithmetic shift removes the sign.
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(ROUNDS):
        p0, p1 = c0 * MULTIPLIERS[0], c2 * MULTIPLIERS[1]
        c0, c1, c2, c3 = ((p1 >> 32) & _MASK) ^ c1 ^ k0, p1 & _MASK, ((p0 >> 32) & _MASK) ^ c3 ^ k1, p0 & _MASK
        k0, k1 = (k0 + WEYL[0]) & _MASK, (k1 + WEYL[1]) & _MASK
    return c0, c1, c2, c3


def split_key(key: int) -> tuple[int, int]:
    """Return the low and the high word of a 64-bit experiment key; LabError for any other number."""
    require(isinstance(key, int) and 0 <= key < 2**64, "rng", "key", key, "an integer in [0, 2^64)")
    return key & _MASK, key >> 32


def blocks(key: int, seeds: Tensor, stream: Stream, first: int, count: int) -> Words:
    """Return `count` consecutive blocks from `first` for each seed: int64, `(S, 4 count)`; seeds `(S,)` int64."""
    index = torch.arange(first, first + count, dtype=torch.int64, device=seeds.device)
    seed = seeds.unsqueeze(-1).expand(-1, count).contiguous()
    zero = torch.zeros_like(seed)
    counter = (zero + (index & _MASK), zero + (index >> 32), seed, zero + int(stream))
    return torch.stack(philox(counter, split_key(key)), dim=-1).flatten(-2)


def words(key: int, seeds: Tensor, stream: Stream, step: int, n_words: int) -> Words:
    """Return the `n_words` words of one step for each seed: int64, `(S, n_words)`."""
    if n_words <= 2:
        i = (step - 1) * n_words
        return blocks(key, seeds, stream, i // 4, 1)[:, i % 4 : i % 4 + n_words]
    per_step = -(-n_words // 4)
    return blocks(key, seeds, stream, (step - 1) * per_step, per_step)[:, :n_words]


def walk(key: int, seeds: Tensor, stream: Stream, n_words: int, first_step: int = 1) -> Iterator[Words]:
    """Yield `words(..., step, n_words)` for step = first_step, first_step + 1, ..., computing each block once."""
    step, held, block = first_step, None, -1
    while True:
        if n_words > 2 or n_words == 0:
            yield words(key, seeds, stream, step, n_words)
        else:
            i = (step - 1) * n_words
            if held is None or i // 4 != block:
                block = i // 4
                held = blocks(key, seeds, stream, block, 1).T.contiguous()
            yield held[i % 4 : i % 4 + n_words].T
        step += 1


def words_per_draw(draw_bits: int) -> int:
    """Return how many words one uniform of 32 or 52 bits takes; LabError for other numbers of bits."""
    require(draw_bits in (32, 52), "rng", "draw_bits", draw_bits, "32 or 52")
    return 1 if draw_bits == 32 else 2


def uniforms(w: Words, draw_bits: int, dtype: torch.dtype) -> Draws:
    """Return uniforms in the open interval (0, 1) from words `(..., n_draws * words_per_draw)`.

    A uniform is (k + 1/2) 2^-b. float64: b = `draw_bits`; with 52, k is the first word followed by the top 20
    bits of the second. float32: b = 23, the top bits of the first word, so that k + 1/2 stays exact.
    """
    high = w[..., :: words_per_draw(draw_bits)]
    if dtype == torch.float32:
        return ((high >> 9).to(dtype) + 0.5) * 2.0**-23
    if draw_bits == 32:
        return (high.to(dtype) + 0.5) * 2.0**-32
    k: Tensor = (high << 20) | (w[..., 1::2] >> 12)
    return (k.to(dtype) + 0.5) * 2.0**-52


def sign(u: Draws) -> Draws:
    """Return -1 or +1 with probability 1/2 each."""
    return torch.where(u < 0.5, u.new_tensor(-1.0), 1.0)


def normal(u: Draws) -> Draws:
    """Return a standard normal by inverse CDF."""
    z: Tensor = torch.special.ndtri(u)
    return z


def exponential(u: Draws) -> Draws:
    """Return a standard exponential by inverse CDF, -log(1 - u)."""
    return -torch.log1p(-u)


@dataclass(frozen=True)
class Key:
    """The randomness of a random start: one row of draws for each seed, from the stream START.

    key: the experiment's 64-bit key. seeds: int64 `(S,)`.
    """

    key: int
    seeds: Tensor
    dtype: torch.dtype = torch.float64

    def uniforms(self, n_draws: int, draw_bits: int = 32) -> Draws:
        """Return `(S, n_draws)` uniforms."""
        w = words(self.key, self.seeds, Stream.START, 1, n_draws * words_per_draw(draw_bits))
        return uniforms(w, draw_bits, self.dtype)


def seed_range(first: int, count: int, device: torch.device | str = "cpu") -> Scalars:
    """Return the seed indices first, ..., first + count - 1, int64 `(count,)`; LabError beyond 32 bits."""
    require(0 <= first and first + count <= 2**32, "rng", "seed index", first + count - 1, "below 2^32")
    return torch.arange(first, first + count, dtype=torch.int64, device=device)

"""Where a problem is looked at: points of its domain, rounds, draws. All of it by lab.rng, so it never changes."""

from __future__ import annotations

import functools
import math

import torch

from lab import rng
from lab.errors import LabError
from lab.noise.law import Noise
from lab.problem import Formula, Problem
from lab.rng import Key, Stream, seed_range
from lab.types import Draws, Points, Step

KEY = 0x5EED
ROWS = 64  # the reference engine pads to this: below it, vectorised code paths may differ in the last bit
LONGEST_PERIOD = 512
NEARLY = 0.2
LEAST_UNIFORM = 2.0**-33


@functools.lru_cache(maxsize=32)
def formula(problem: Problem) -> Formula:
    """Return the problem's formula, which may take long to build, made once."""
    return problem.formula()


def knows_hessian(problem: Problem) -> bool:
    """Tell whether the problem has `hessian_diagonal`."""
    try:
        problem.hessian_diagonal(starts(problem, 1))
    except LabError:
        return False
    return True


def step(t: int) -> Step:
    """Return t as the engines pass it: a 0-d float64 tensor."""
    return torch.tensor(float(t), dtype=torch.float64)


def normals(rows: int, d: int, salt: int, dtype: torch.dtype = torch.float64) -> Points:
    """Return `(rows, d)` standard normals, others for every `salt` >= 1."""
    return _normals(rows, d, salt).to(dtype, copy=True)


@functools.lru_cache(maxsize=1024)
def _normals(rows: int, d: int, salt: int) -> Points:
    w = rng.words(KEY, seed_range(0, rows), Stream.ORDER, salt, d)
    return rng.normal(rng.uniforms(w, 32, torch.float64))


def starts(problem: Problem, rows: int = ROWS) -> Points:
    """Return the problem's first points, `(rows, d)` float64."""
    x = problem.start(Key(KEY, seed_range(0, rows))).to(torch.float64)
    return x.expand(rows, problem.dim).clone()


def extent(problem: Problem) -> float:
    """Return the length on which the problem is looked at: the domain's diameter, or what surrounds start and x*."""
    domain = problem.domain
    if domain.bounded:
        return float(domain.diameter)
    best = problem.minimizer()
    known: list[float] = [*starts(problem, 1).flatten().tolist(), *(best or ())]
    return 2.0 * (1.0 + max(abs(v) for v in known))


def points(problem: Problem, rows: int = ROWS) -> Points:
    """Return `(rows, d)` points of the domain: clouds of four sizes around the start and around the minimizer."""
    best = problem.minimizer()
    centre = starts(problem, rows)
    if best is not None:
        centre[1::2] = torch.tensor(best, dtype=torch.float64)
    size = extent(problem) * 4.0 ** -(torch.arange(rows) // 2 % 4).to(torch.float64)
    return problem.domain.project(centre + 0.5 * size.unsqueeze(-1) * normals(rows, problem.dim, 1))


def draws(problem: Problem, t: int, rows: int = ROWS, dtype: torch.dtype = torch.float64) -> Draws:
    """Return round t's uniforms for seeds 0..rows-1, `(rows, n_draws)`."""
    make = _uniforms if rows <= 2 * ROWS else _uniforms.__wrapped__
    return make(problem.n_draws, problem.draw_bits, t, rows, dtype).clone()


@functools.lru_cache(maxsize=1024)
def _uniforms(n: int, bits: int, t: int, rows: int, dtype: torch.dtype) -> Draws:
    w = rng.words(KEY, seed_range(0, rows), Stream.ORACLE, t, n * rng.words_per_draw(bits))
    return rng.uniforms(w, bits, dtype)


def extreme_draws(problem: Problem, t: int, rows: int = ROWS) -> Draws:
    """Return round t's uniforms with corners of the cube among them: all low, all high, and low or high at random."""
    u = draws(problem, t, rows)
    low, high = u.new_tensor(LEAST_UNIFORM), u.new_tensor(1.0 - LEAST_UNIFORM)
    kind = (torch.arange(rows) % 4).unsqueeze(-1)
    u = torch.where(kind == 1, torch.where(u < 0.5, low, high), u)
    u = torch.where(kind == 2, low, u)
    return torch.where(kind == 3, high, u)


def period(problem: Problem) -> int | None:
    """Return after how many rounds the losses recur: the number of components, or the shares' least common denominator.

    None where losses are drawn, do not differ, or recur after more than LONGEST_PERIOD rounds.
    """
    shares = [share for share, _ in formula(problem).outcomes]
    if problem.n_draws or not shares or not all(share.is_Rational for share in shares):
        return None
    p = problem.components or math.lcm(*(int(share.q) for share in shares))
    return p if p <= LONGEST_PERIOD else None


def rounds(problem: Problem) -> range:
    """Return the rounds that are looked at: whole periods where there are any, two or more and 32 rounds; else 8."""
    p = period(problem)
    return range(1, 9) if p is None else range(1, p * max(2, -(-32 // p)) + 1)


def nearly_normal(law: Noise | None, n: int, power: float = 1.0) -> bool:
    """Tell whether the mean of n draws of |xi|^power is nearly normal; True where no law is declared.

    By Berry and Esseen's ratio E|xi|^(3 power) / (E|xi|^(2 power))^1.5 / sqrt(n), up to NEARLY. Where it is larger, as
    under a skewed Weibull law, Student's t limits refuse what is sound.
    """
    if law is None or law.variance == 0:
        return True
    return bool(law.moment(3 * power) <= NEARLY * law.moment(2 * power) ** 1.5 * n**0.5)

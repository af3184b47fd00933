"""check_noise: a noise law's draws, moments and tail index against its distribution function; and a problem's law."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from lab import rng
from lab.noise import Discrete, Noise
from lab.noise.law import FloatArray
from lab.problem import Problem
from lab.rng import Stream, seed_range
from lab.statistics import dkw_band
from lab.testing import samples
from lab.testing.demand import FALSE_ALARM, ROUNDING, Check, demand, run_checks
from lab.testing.formula import DRAWS
from lab.wrappers import AddNoise, Wrapper

LOOKED_AT = 1024  # order statistics at which a sample is compared; what lies between adds at most 1/1024 to a distance
STEPS = 16_000  # of a quadrature
SAME_INDEX = 0.05  # the survival function's slope, of the tail index


def check_noise(law: Noise, symmetric: bool = False) -> None:
    """Check one noise law with its parameters; raise AssertionError with one line that says what does not hold.

    It must have a mean, and that must be 0; or, where `symmetric` is asked, be symmetric about 0, mean or not. Its
    draws follow `cdf` (Dvoretzky, Kiefer, Wolfowitz, at FALSE_ALARM: for xi and for |xi|), `moment` is the integral
    over `cdf`, and `tail_index` the slope of the survival function.
    """
    demand(isinstance(law, Noise), f"{law!r} is no lab.noise.Noise")
    checks = tuple(_the_law_is_symmetric if symmetric and c is _the_mean_is_0 else c for c in NOISE_CHECKS)
    run_checks(law.name, checks, law)


def distance(values: Tensor, cdf: Callable[[FloatArray], FloatArray], slack: float = 0.0) -> float:
    """Return Kolmogorov's distance between a sample and a law, atoms included, seen at LOOKED_AT order statistics.

    slack: how far a value may be off by rounding; an atom would else be missed.
    """
    x = np.sort(values.detach().cpu().numpy().ravel())
    at = x[np.unique(np.linspace(0, len(x) - 1, LOOKED_AT).astype(int))]
    off = slack + 1e-12 * np.abs(at) + 1e-300
    above = np.searchsorted(x, at, side="right") / len(x) - cdf(at + off)
    below = cdf(at - off) - np.searchsorted(x, at, side="left") / len(x)
    return float(max(above.max(), below.max()))


def distances(values: Tensor, law: Noise, slack: float = 0.0) -> tuple[float, float]:
    """Return the distances of xi and of |xi| from the law; a wrong scale shows in the second twice as much."""

    def folded(y: FloatArray) -> FloatArray:
        return np.where(y < 0, 0.0, law.cdf(y) - law.cdf(np.nextafter(-y, -np.inf)))

    return distance(values, law.cdf, slack), distance(values.abs(), folded, slack)


def _a_heavy_tail_takes_52_bits(law: Noise) -> None:
    heavy = law.tail_index < math.inf
    demand(law.draw_bits in (32, 52), f"draw_bits is {law.draw_bits}")
    demand(not heavy or law.draw_bits == 52, "a law with a tail index takes draw_bits 52: 32 bits cut its tail off")


def _the_mean_is_0(law: Noise) -> None:
    demand(law.tail_index > 1, f"a law of tail index {law.tail_index:g} has no mean, so that no oracle is unbiased")
    scale = law.moment(1.0)
    demand(abs(law.mean) <= ROUNDING * scale, f"the mean is {law.mean:.9g}")
    if isinstance(law, Discrete):
        return
    far = float(_upper_quantiles(law, np.array([1e-9]))[0])
    t, weight = _grid(1.0)
    right, left = (float((part * weight)[t <= far].sum()) for part in (1 - law.cdf(t), law.cdf(-t)))
    if law.tail_index < math.inf:  # beyond, what is left of each side goes on like a power
        ends = np.array([1 - law.cdf(np.array([far]))[0], law.cdf(np.array([-far]))[0]])
        right, left = np.array([right, left]) + far * ends / (law.tail_index - 1)
    seen = f"E max(xi, 0) is {right:.6g}, E max(-xi, 0) is {left:.6g}"
    demand(abs(right - left) <= 1e-3 * (right + left), seen)


def _the_law_is_symmetric(law: Noise) -> None:
    """P(xi <= -t) = P(xi >= t), seen between the quantiles 1e-9; no mean is asked for, and no draw could show one."""
    near, far = np.log(_upper_quantiles(law, np.array([1 - 1e-3, 1e-9])))
    t = np.exp(np.linspace(near, far, STEPS))
    left, right = law.cdf(-t), 1 - law.cdf(np.nextafter(t, -np.inf))
    i = int(np.abs(left - right).argmax())
    seen = f"P(xi <= {-t[i]:.6g}) is {left[i]:.9g}, P(xi >= {t[i]:.6g}) is {right[i]:.9g}"
    demand(abs(left[i] - right[i]) <= ROUNDING, f"{seen}: the law is not symmetric")


def _draws_follow_the_law(law: Noise) -> None:
    w = rng.words(samples.KEY, seed_range(0, DRAWS), Stream.ORACLE, 1, law.n_draws * rng.words_per_draw(law.draw_bits))
    _demand_near(law.sample(rng.uniforms(w, law.draw_bits, torch.float64)), law, "the draws", 0.0, FALSE_ALARM)


def _demand_near(values: Tensor, law: Noise, what: str, slack: float, level: float) -> None:
    band = dkw_band(values.numel(), level / 2)
    for name, found in zip(("xi", "|xi|"), distances(values, law, slack), strict=True):
        seen = f"{what}: the distance of {name} from the declared {law.name} is {found:.4g}"
        demand(found <= band, f"{seen}, {band:.4g} is allowed")


def _moments_are_integrals_of_the_cdf(law: Noise) -> None:
    """E|xi|^p = int p t^(p-1) P(|xi| > t) dt, for p up to half the tail index, beyond which `cdf` rounds too much."""
    for p in (0.5, 1.0, 2.0):
        if p > law.tail_index / 2:
            continue
        declared = law.moment(p)
        if isinstance(law, Discrete):
            want = math.fsum(abs(v) ** p * _jump(law, v) for v, _ in law.outcomes())
        else:
            t, weight = _grid(p)
            want = float((_survival(law, t) * weight).sum())
        demand(abs(declared - want) <= 1e-3 * want, f"E|xi|^{p:g} is declared {declared:.9g}, by quadrature {want:.9g}")
    if law.tail_index < math.inf:
        demand(law.moment(law.tail_index) == math.inf, f"E|xi|^{law.tail_index:g} is finite at the tail index itself")


def _the_tail_index_is_the_slope_of_the_tail(law: Noise) -> None:
    """-d log P(|xi| > t) / d log t tends to the tail index; where there is none it goes on rising."""
    t = _upper_quantiles(law, np.array([1e-3, 1e-6, 1e-9]))
    if t[2] <= 1.001 * t[1]:
        demand(law.tail_index == math.inf, f"the law is bounded, but declares a tail index {law.tail_index:g}")
        return
    near, far = math.log(1e3) / np.diff(np.log(t))
    if law.tail_index < math.inf:
        close = abs(far / law.tail_index - 1) <= SAME_INDEX
        demand(close, f"the survival function falls like t^-{far:.4g}, the tail index is declared {law.tail_index:g}")
    else:
        demand(far > 1.1 * near, f"the survival function falls like t^-{far:.4g}, but no tail index is declared")


def _grid(p: float) -> tuple[FloatArray, FloatArray]:
    """Return points t and weights for int_0^inf p t^(p-1) g(t) dt, evenly spaced in log t."""
    s = np.linspace(-60.0, 60.0, STEPS)
    return np.exp(s), p * np.exp(p * s) * (s[1] - s[0])


def _survival(law: Noise, t: FloatArray) -> FloatArray:
    return 1 - law.cdf(t) + law.cdf(np.nextafter(-t, -np.inf))


def _upper_quantiles(law: Noise, level: FloatArray) -> FloatArray:
    """Return the t with P(|xi| > t) = level, by bisection in log t."""
    low, high = np.full(level.shape, -90.0), np.full(level.shape, 90.0)
    for _ in range(60):
        middle = 0.5 * (low + high)
        outside = _survival(law, np.exp(middle)) > level
        low, high = np.where(outside, middle, low), np.where(outside, high, middle)
    return np.asarray(np.exp(high))


def _jump(law: Noise, v: float) -> float:
    off = 1e-9 * abs(v) + 1e-300
    return float(law.cdf(np.array([v + off]))[0] - law.cdf(np.array([v - off]))[0])


NOISE_CHECKS: tuple[Check, ...] = (
    _a_heavy_tail_takes_52_bits,
    _the_mean_is_0,
    _draws_follow_the_law,
    _moments_are_integrals_of_the_cdf,
    _the_tail_index_is_the_slope_of_the_tail,
)


def _the_noise_has_a_mean(problem: Problem) -> None:
    """Sampling cannot show it: the mean of any finite sample is finite. A problem may say that its law is symmetric."""
    heavy = problem.tail_index
    known = problem.symmetric and problem.noise is not None
    seen = f"noise of tail index {heavy:g} has no mean: the oracle is not unbiased"
    demand(not problem.n_draws or heavy > 1 or known, seen)


def _heavy_noise_names_its_law(problem: Problem) -> None:
    """A wrapper's noise is linear in its inner problem's, which then must name its own, and in laws that are given."""
    seen = f"the tail index is {problem.tail_index:g}: no sample shows that the oracle is unbiased; name `noise`"
    demand(_is_named(problem), seen)


def _is_named(problem: Problem) -> bool:
    if problem.noise is not None or problem.tail_index > 2:
        return True
    return isinstance(problem, Wrapper) and _is_named(problem.inner)


def _the_law_of_the_noise_is_sound(problem: Problem) -> None:
    law = problem.noise
    if law is not None:
        check_noise(law, problem.symmetric)
        index = law.tail_index
        demand(problem.tail_index == index, f"tail_index is {problem.tail_index:g}, the law's {index:g}")
    if isinstance(problem, AddNoise) and law is None:
        check_noise(problem.law)
    if isinstance(problem, Wrapper) and law is None:
        _the_law_of_the_noise_is_sound(problem.inner)


def _the_oracle_adds_the_law_to_grad(problem: Problem) -> None:
    """By distance, at FALSE_ALARM, which two points, rounds 1 and 2 and at most four coordinates share."""
    law = problem.noise
    if law is None:
        return
    coordinates = range(min(problem.dim, 4))
    for point in samples.points(problem)[:2]:
        x, grad = point.expand(DRAWS, problem.dim), problem.grad(point)
        for t in (1, 2):
            xi = problem.oracle(x, samples.step(t), samples.draws(problem, t, DRAWS)) - grad
            for i in coordinates:
                slack = ROUNDING * float(grad.abs().max())
                level = FALSE_ALARM / (4 * len(coordinates))
                _demand_near(xi[:, i], law, f"coordinate {i} of oracle - grad", slack, level)


def _sigma_is_the_laws_moment(problem: Problem) -> None:
    """sigma^alpha >= E |xi_i|^alpha, and for alpha = 2 or d = 1, where that is all, equal where attained."""
    law, sigma = problem.noise, problem.constants.get("sigma")
    if law is None or sigma is None:
        return
    alpha = problem.constants["alpha"].value if "alpha" in problem.constants else 2.0
    moment, declared = law.moment(alpha), sigma.value**alpha
    exact = alpha == 2 or problem.dim == 1
    least = problem.dim * moment if exact else moment
    what = f"sigma^{alpha:g} is declared {declared:.9g}, E|xi|^{alpha:g} of {problem.dim} coordinates is {least:.9g}"
    demand(declared >= least * (1 - 1e-9), f"{what} at least")
    demand(not (exact and sigma.attained) or declared <= least * (1 + 1e-9), f"{what}: not attained")


NOISE: tuple[Check, ...] = (
    _the_noise_has_a_mean,
    _heavy_noise_names_its_law,
    _the_law_of_the_noise_is_sound,
    _the_oracle_adds_the_law_to_grad,
    _sigma_is_the_laws_moment,
)

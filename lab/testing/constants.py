"""The constants of a problem: true bounds on every sample, and reached where they are declared attained."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from lab.linalg import dot, norm_sq
from lab.problem import Constant, Problem
from lab.statistics import Sample, mean_normal, truncated_lower
from lab.testing import samples
from lab.testing.demand import FALSE_ALARM, ROUNDING, Check, demand, show_point
from lab.testing.formula import DRAWS, derivative
from lab.testing.samples import ROWS
from lab.testing.search import highest, highest_pair
from lab.types import Points, Scalars

KNOWN = ("L", "mu", "L0", "L1", "sigma", "alpha", "G", "D")
REACHED = 0.99  # of an attained constant must be found by the search; a smaller one by 1% is not told apart


def _constants_are_numbers(problem: Problem) -> None:
    for name, constant in problem.constants.items():
        demand(isinstance(constant, Constant), f"{name} is {constant!r}, not a lab.problem.Constant")
        demand(math.isfinite(constant.value), f"{name} is {constant.value}")
        demand(constant.value >= 0, f"{name} is {constant.value}, below 0")
    demand("alpha" not in problem.constants or "sigma" in problem.constants, "alpha is declared without sigma")


def on_domain(problem: Problem, name: str) -> Constant | None:
    """Return a constant that is declared for the whole domain, else None."""
    constant = problem.constants.get(name)
    return constant if constant is not None and constant.region == "the domain" else None


def _is_sharp(problem: Problem, name: str, score: Callable[[Points], Scalars], what: str) -> None:
    """Demand score <= constant everywhere and, where attained, that the search comes near it."""
    constant = on_domain(problem, name)
    if constant is None:
        return
    bound = constant.value
    found, x = highest(score, problem, enough=bound * (1 - ROUNDING))
    slack = ROUNDING * (bound + abs(found))
    demand(found <= bound + slack, f"{what} is {found:.9g} at x = {show_point(x)}, {name} is declared {bound:.9g}")
    near = found >= REACHED * bound
    demand(near or not constant.attained, f"{what} reaches only {found:.6g}, {name} = {bound:.6g} is declared attained")


def curvatures(problem: Problem, x: Points) -> Points:
    """Return the eigenvalues of the Hessian in every row, ascending, `(N, d)`."""
    rows = [derivative(lambda y, i=i: problem.grad(y)[..., i], x) for i in range(problem.dim)]  # type: ignore[misc]
    hessian = torch.stack(rows, dim=-2)
    eigenvalues: Points = torch.linalg.eigvalsh(0.5 * (hessian + hessian.mT))
    return eigenvalues


def _L_bounds_the_curvature(problem: Problem) -> None:
    _is_sharp(problem, "L", lambda x: curvatures(problem, x).abs().amax(-1), "the Hessian's norm")


def _L_bounds_the_change_of_grad(problem: Problem) -> None:
    """Pairs of points, searched for: what the Hessian does not see where grad has kinks."""
    constant = on_domain(problem, "L")
    if constant is None:
        return
    noise = ROUNDING * float(problem.grad(samples.points(problem)).abs().max())

    def ratio(x: Points, y: Points) -> Scalars:
        change, apart = norm_sq(problem.grad(x) - problem.grad(y)).sqrt(), norm_sq(x - y).sqrt()
        return torch.where(apart > 0, (change - noise).clamp(min=0.0) / torch.where(apart > 0, apart, 1.0), 0.0)

    found, x, y = highest_pair(ratio, problem, enough=constant.value * (1 + ROUNDING) + noise)
    what = f"||grad(x) - grad(y)|| is {found:.9g} ||x - y|| at x = {show_point(x)}, y = {show_point(y)}"
    demand(found <= constant.value * (1 + ROUNDING) + noise, f"{what}, L is declared {constant.value:.9g}")


def _mu_is_the_least_curvature(problem: Problem) -> None:
    constant = on_domain(problem, "mu")
    if constant is None:
        return
    mu, x = constant.value, samples.points(problem)
    scale = ROUNDING * (mu + float(curvatures(problem, x).abs().max()))
    enough = -mu - (1 - REACHED) * mu
    found, at = highest(lambda y: -curvatures(problem, y)[..., 0], problem, enough)
    what = f"the least curvature is {-found:.9g} at x = {show_point(at)}, mu is declared {mu:.9g}"
    demand(-found >= mu - scale, what)
    near = -found <= mu / REACHED + scale
    demand(near or not constant.attained, f"{what} and attained")


def _mu_bounds_the_change_of_grad(problem: Problem) -> None:
    """<grad f(x) - grad f(y), x - y> >= mu ||x - y||^2 on pairs of points, searched for."""
    constant = on_domain(problem, "mu")
    if constant is None:
        return
    mu, noise = constant.value, ROUNDING * float(problem.grad(samples.points(problem)).abs().max())

    def lack(x: Points, y: Points) -> Scalars:
        apart = norm_sq(x - y).sqrt()
        far = torch.where(apart > 0, apart, 1.0)
        gain = dot(problem.grad(x) - problem.grad(y), (x - y) / far.unsqueeze(-1)) + noise
        return torch.where(apart > 0, mu - gain / far, -math.inf)

    slack = ROUNDING * (1 + mu)
    found, x, y = highest_pair(lack, problem, enough=slack)
    pair = f"x = {show_point(x)}, y = {show_point(y)}, mu = {mu:.9g}"
    demand(found <= slack, f"<grad(x) - grad(y), x - y> is below mu ||x - y||^2 at {pair}")


def _L0_and_L1_bound_the_curvature(problem: Problem) -> None:
    """||Hessian|| <= L0 + L1 ||grad||; attained where both are declared attained."""
    l0, l1 = on_domain(problem, "L0"), on_domain(problem, "L1")
    if l0 is None or l1 is None:
        return

    def ratio(x: Points) -> Scalars:
        bound = l0.value + l1.value * norm_sq(problem.grad(x)).sqrt()
        norm = curvatures(problem, x).abs().amax(-1)
        return torch.where(norm == 0, torch.zeros_like(norm), norm / bound)

    found, x = highest(ratio, problem, enough=1 - ROUNDING)
    demand(found <= 1 + ROUNDING, f"the Hessian's norm is {found:.9g} (L0 + L1 ||grad||) at x = {show_point(x)}")
    near = found >= REACHED or not (l0.attained and l1.attained)
    demand(near, f"the Hessian's norm reaches only {found:.6g} (L0 + L1 ||grad||), L0 and L1 are declared attained")


def _G_bounds_every_gradient(problem: Problem) -> None:
    """The sup-norm of the oracle over points, rounds and draws, corners of the draws' cube included."""

    def largest(x: Points) -> Scalars:
        seen = [
            problem.oracle(x, samples.step(t), samples.extreme_draws(problem, t).roll(shift, 0)).abs().amax(-1)
            for t in samples.rounds(problem)
            for shift in (range(4) if problem.n_draws else (0,))
        ]
        return torch.stack(seen).amax(0)

    _is_sharp(problem, "G", largest, "a gradient's largest coordinate")


def _D_is_the_diameter(problem: Problem) -> None:
    constant = on_domain(problem, "D")
    if constant is None:
        return
    diameter = problem.domain.diameter
    demand(constant.value >= diameter * (1 - ROUNDING), f"D is {constant.value}, the domain's diameter is {diameter}")
    tight = constant.value <= diameter * (1 + ROUNDING)
    demand(tight or not constant.attained, f"D = {constant.value} is declared attained, the diameter is {diameter}")


def _sigma_bounds_the_noise(problem: Problem) -> None:
    """E ||oracle - grad||^alpha <= sigma^alpha (alpha = 2 unless declared), at four points, at FALSE_ALARM.

    Student's t limits where that power has a variance and its mean is nearly normal; else only a lower limit, of the
    truncated mean, and `attained` is not looked at.
    """
    sigma = on_domain(problem, "sigma")
    if sigma is None:
        return
    alpha = problem.constants["alpha"].value if "alpha" in problem.constants else 2.0
    heavy = problem.tail_index
    demand(alpha < heavy, f"alpha is {alpha}, but the noise's moments are finite below {heavy} only")
    limit = sigma.value**alpha
    highs = []
    for x in samples.points(problem)[:4]:
        low, high = _noise_power(problem, x, alpha, limit)
        slack = ROUNDING * (limit + abs(low))
        what = f"E ||noise||^{alpha:g} is at least {low:.6g} at x = {show_point(x)}"
        demand(low <= limit + slack, f"{what}, sigma^{alpha:g} is declared {limit:.6g}")
        highs.append(high + slack)
    what = f"E ||noise||^{alpha:g} is at most {max(highs):.6g}, sigma^{alpha:g} = {limit:.6g} is declared attained"
    demand(max(highs) >= limit or not sigma.attained, what)


def _noise_power(problem: Problem, x: Points, alpha: float, limit: float) -> tuple[float, float]:
    """Return limits of the mean of ||oracle - grad||^alpha over rounds or draws, both false with FALSE_ALARM / 4."""
    n = max(4096, DRAWS // problem.dim) if problem.n_draws else ROWS
    noise = []
    for t in (1,) if problem.n_draws else samples.rounds(problem):
        g = problem.oracle(x.expand(n, problem.dim), samples.step(t), samples.draws(problem, t, n))
        noise.append(norm_sq(g - problem.grad(x)) ** (alpha / 2))
    power = torch.stack(noise).mean(0)
    if problem.tail_index <= 2 * alpha or not samples.nearly_normal(problem.noise, n, alpha):
        raw = Sample.of(power.numpy())
        return truncated_lower(raw, 100 * (limit + 1e-300), FALSE_ALARM / 4).low, math.inf
    limits = mean_normal(n, float(power.mean()), float((power - power.mean()).square().sum()), 1 - FALSE_ALARM / 4)
    return float(limits.low), float(limits.high)


CONSTANTS: tuple[Check, ...] = (
    _constants_are_numbers,
    _L_bounds_the_curvature,
    _L_bounds_the_change_of_grad,
    _mu_is_the_least_curvature,
    _mu_bounds_the_change_of_grad,
    _L0_and_L1_bound_the_curvature,
    _G_bounds_every_gradient,
    _D_is_the_diameter,
    _sigma_bounds_the_noise,
)

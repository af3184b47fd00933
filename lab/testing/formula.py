"""The mathematics of a problem: its torch form against its sympy form, its derivatives, its oracle, its components."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import mpmath
import sympy as sp
import torch
from torch import Tensor

from lab.linalg import dot
from lab.problem import Problem
from lab.statistics import clopper_pearson, mean_normal
from lab.testing import samples
from lab.testing.demand import FALSE_ALARM, ROUNDING, Check, demand, demand_close, show_point
from lab.types import Points, Scalars

LOOKED_AT = 16  # points at which sympy's form is evaluated, with 30 digits
DRAWS = 1 << 16  # of a statistical check
DIRECTIONS = 3  # at each of them, in which its derivatives are compared
DIGITS, SMALL = 60, "1e-15"  # a central difference of the sympy form is then its derivative to 30 digits
FUNCTIONS = [{"Heaviside": lambda x, *_: (x > 0) + (x == 0) / 2}, "mpmath"]


def numbers(problem: Problem, expressions: list[sp.Expr], x: Points) -> Tensor:
    """Return sympy expressions in the problem's coordinates at points `(N, d)`, as float64 `(N, len(expressions))`."""
    function = sp.lambdify(samples.formula(problem).x, expressions, FUNCTIONS, cse=True)
    with mpmath.workdps(30):
        rows = [[float(v) for v in function(*map(mpmath.mpf, row))] for row in x.tolist()]
    return torch.tensor(rows, dtype=torch.float64).reshape(len(rows), len(expressions))


@functools.lru_cache(maxsize=32)
def _exact_value(problem: Problem) -> Callable[..., Any]:
    formula = samples.formula(problem)
    return sp.lambdify(formula.x, formula.value, FUNCTIONS, cse=True)  # type: ignore[no-any-return]


def exact_slope(problem: Problem, x: Tensor, along: Tensor, order: int) -> float:
    """Return the first or second derivative of the sympy form at x `(d,)` along a direction `(d,)`.

    By central differences in high precision: sympy's own derivative of a maximum of ten pieces takes seconds.
    """
    f = _exact_value(problem)
    with mpmath.workdps(DIGITS):
        at, step = ([mpmath.mpf(v) for v in row.tolist()] for row in (x, along))
        h = mpmath.mpf(SMALL) * (1 + max(abs(v) for v in at))
        up, down = (f(*(v + s * h * w for v, w in zip(at, step, strict=True))) for s in (1, -1))
        if order == 1:
            return float((up - down) / (2 * h))
        change, rounding = up - 2 * f(*at) + down, mpmath.mpf(10) ** (5 - DIGITS) * (abs(up) + abs(down))
        return float(change / h**2) if abs(change) > rounding else 0.0


def directions(d: int) -> Tensor:
    """Return the directions in which slopes are compared, `(n, d)`: the axes, or at random where there are many."""
    return torch.eye(d, dtype=torch.float64) if d <= DIRECTIONS else samples.normals(DIRECTIONS, d, 50)


def derivative(function: Callable[[Points], Scalars], x: Points) -> Points:
    """Return the gradient of `function` in every row, by torch's automatic differentiation."""
    with torch.enable_grad():
        x = x.detach().clone().requires_grad_()
        y = function(x)
        if not y.requires_grad:
            return torch.zeros_like(x)
        (g,) = torch.autograd.grad(y.sum(), x, allow_unused=True)
    return torch.zeros_like(x) if g is None else g


def _value_equals_the_formula(problem: Problem) -> None:
    x = samples.points(problem)[:LOOKED_AT]
    demand_close(problem.value(x), numbers(problem, [samples.formula(problem).value], x)[:, 0], "value", x)


def _grad_is_the_derivative_of_the_formula(problem: Problem) -> None:
    """In every coordinate, or along random directions where there are many."""
    x, along = samples.points(problem)[:LOOKED_AT], directions(problem.dim)
    want = torch.tensor([[exact_slope(problem, row, v, 1) for v in along] for row in x], dtype=torch.float64)
    demand_close((problem.grad(x).unsqueeze(-2) * along).sum(-1), want, "grad", x)


def _grad_is_the_derivative_of_value(problem: Problem) -> None:
    x = samples.points(problem)
    demand_close(problem.grad(x), derivative(problem.value, x), "grad", x)


def _oracle_is_the_derivative_of_loss(problem: Problem) -> None:
    """Only where rounds differ; elsewhere `loss` is `value`, and the oracle adds noise to its gradient."""
    if not problem.varies:
        return
    x = samples.points(problem)
    for t in samples.rounds(problem):
        now, u = samples.step(t), samples.draws(problem, t)
        slope = derivative(lambda y, now=now, u=u: problem.loss(y, now, u), x)  # type: ignore[misc]
        demand_close(problem.oracle(x, now, u), slope, f"oracle of round {t}", x)


def _linear_losses_are_oracle_times_x(problem: Problem) -> None:
    if not problem.linear:
        return
    x = samples.points(problem)
    for t in samples.rounds(problem):
        now, u = samples.step(t), samples.draws(problem, t)
        demand_close(dot(problem.oracle(x, now, u), x), problem.loss(x, now, u), f"<oracle, x> of round {t}", x)


def _outcomes_average_to_value(problem: Problem) -> None:
    formula = samples.formula(problem)
    if not formula.outcomes:
        return
    shares = [sp.sympify(share) for share, _ in formula.outcomes]
    demand(all(share >= 0 for share in shares), f"an outcome has a negative share: {shares}")
    demand(sp.simplify(sum(shares) - 1) == 0, f"the outcomes' shares add up to {sum(shares)}")
    x = samples.points(problem)[:LOOKED_AT]
    mean = sum((share * loss for share, loss in formula.outcomes), sp.S.Zero)
    demand_close(numbers(problem, [mean], x)[:, 0], problem.value(x), "the outcomes' weighted sum", x)


def _every_loss_is_one_of_the_outcomes(problem: Problem) -> None:
    """And, where losses are not drawn, in every period but the first each comes as often as its share says."""
    formula, x = samples.formula(problem), samples.points(problem)
    if not formula.outcomes:
        return
    possible = numbers(problem, [loss for _, loss in formula.outcomes], x)
    came, best = [], _tells_apart(possible)
    for t in samples.rounds(problem):
        loss = problem.loss(x, samples.step(t), samples.draws(problem, t))
        came.append(int(_outcome(loss, possible, x, t)[best]))
    p = samples.period(problem)
    if p is None:
        return
    for first in range(p, len(came), p):
        for i, (share, loss) in enumerate(formula.outcomes):
            count = came[first : first + p].count(i)
            seen = f"the loss {loss} came {count} times in rounds {first + 1} to {first + p}"
            demand(share * p == count, f"{seen}, by its share it should come {share * p} times")


def _tells_apart(possible: Tensor) -> int:
    """Return the row in which the outcomes' values are farthest apart."""
    return int(possible.sort(-1).values.diff(dim=-1).amin(-1).argmax()) if possible.shape[-1] > 1 else 0


def _outcome(loss: Tensor, possible: Tensor, x: Points, t: int) -> Tensor:
    """Return for every row the index of the outcome that its loss is."""
    apart = (loss.unsqueeze(-1) - possible).abs()
    near = apart.min(-1)
    wrong = near.values > ROUNDING * possible.abs().max()
    if bool(wrong.any()):
        i = int(wrong.nonzero()[0])
        raise AssertionError(
            f"the loss of round {t} at x = {show_point(x[i])} is {float(loss[i]):.12g}, "
            f"the outcomes are {', '.join(f'{v:.12g}' for v in possible[i].tolist())}"
        )
    return near.indices


def _outcomes_come_as_often_as_they_should(problem: Problem) -> None:
    """Clopper-Pearson at FALSE_ALARM / outcomes, over DRAWS draws at one point; only where losses are drawn."""
    outcomes = samples.formula(problem).outcomes
    if not outcomes or not problem.n_draws:
        return
    around = samples.points(problem)[:LOOKED_AT]
    possible = numbers(problem, [loss for _, loss in outcomes], around)
    best = _tells_apart(possible)
    x, possible = around[best].expand(DRAWS, problem.dim), possible[best : best + 1]
    losses = problem.loss(x, samples.step(1), samples.draws(problem, 1, DRAWS))
    counts = torch.bincount(_outcome(losses, possible.expand(DRAWS, -1), x, 1), minlength=len(outcomes))
    for (share, loss), count in zip(outcomes, counts.tolist(), strict=True):
        limits = clopper_pearson(count, DRAWS, FALSE_ALARM / len(outcomes))
        seen = f"the loss {loss} came {count} times in {DRAWS:,} draws"
        inside = limits.low <= float(share) <= limits.high
        demand(inside, f"{seen}, its probability is declared {float(share):.6g}")


def _the_oracle_is_unbiased(problem: Problem) -> None:
    """The oracle's mean over draws is `grad`, within Student's t limits at FALSE_ALARM, which three points, each
    coordinate, rounds 1 and 2 share. Not looked at where the tail index is 2 or less, nor where the declared law is so
    skewed that a mean of that many draws is not nearly normal: that law itself is then held to mean 0, and the draws to
    the law.

    An oracle that draws nothing is `grad`, or else the outcomes have said all.
    """
    if problem.n_draws and problem.tail_index > 2:
        _unbiased_over_draws(problem)
    if not problem.n_draws and not problem.varies:
        x = samples.points(problem)
        g = problem.oracle(x, samples.step(1), samples.draws(problem, 1))
        demand_close(g, problem.grad(x), "the oracle, which draws nothing", x)


def _unbiased_over_draws(problem: Problem) -> None:
    n = max(4096, DRAWS // problem.dim)
    if not samples.nearly_normal(problem.noise, n):
        return
    level = FALSE_ALARM / (6 * problem.dim)
    for point in samples.points(problem)[:3]:
        x, want = point.expand(n, problem.dim), problem.grad(point)
        for t in (1, 2):
            g = problem.oracle(x, samples.step(t), samples.draws(problem, t, n))
            mean, spread = g.mean(0), (g - g.mean(0)).square().sum(0)
            limits = mean_normal(n, mean.numpy(), spread.numpy(), 1 - level)
            slack = ROUNDING * float(g.abs().max())
            for i in range(problem.dim):
                low, high, truth = float(limits.low[i]) - slack, float(limits.high[i]) + slack, float(want[i])
                demand(
                    low <= truth <= high,
                    f"the mean of coordinate {i} over {n:,} draws at x = {show_point(point)} lies in "
                    f"[{low:.6g}, {high:.6g}], grad is {truth:.6g}",
                )


def _components_average_to_value(problem: Problem) -> None:
    if problem.components is None:
        return
    x = samples.points(problem)
    parts = [problem.component(x, torch.full((len(x),), i)) for i in range(problem.components)]
    demand_close(torch.stack(parts).mean(0), problem.value(x), "the mean of the components", x)


def _the_oracle_shows_the_components(problem: Problem) -> None:
    """The draw (i + 1/2)/n shows component i: its loss and, where nothing else is drawn, its gradient; on average grad.

    Where nothing is drawn at all, rounds 1 to n show the components, in the order declared. Where more is drawn the
    other draws stay as they are, and what they add to the loss, as added noise does, is that of component 0: only
    differences of losses are compared.
    """
    n = problem.components
    if n is None:
        return
    x, u = samples.points(problem), samples.draws(problem, 1)
    total, added = torch.zeros_like(x), torch.zeros_like(x[..., 0])
    for i in range(n):
        u[:, :1] = (i + 0.5) / n
        t = samples.step(1 if problem.n_draws else i + 1)
        which = torch.full((len(x),), i) if problem.n_draws else problem.order.shown(u, n, t)
        loss, g = problem.loss(x, t, u), problem.oracle(x, t, u)
        want = problem.component(x, which)
        if i == 0 and problem.n_draws > 1:
            added = loss - want
        demand_close(loss, want + added, f"the loss that draw (i + 1/2)/n shows, i = {i}", x)
        if problem.n_draws <= 1:
            slope = derivative(lambda y, which=which: problem.component(y, which), x)  # type: ignore[misc]
            demand_close(g, slope, f"the oracle that draw (i + 1/2)/n shows, i = {i}", x)
        total = total + g
    if problem.n_draws <= 1:
        demand_close(total / n, problem.grad(x), "the oracle's mean over the components", x)


def _hessian_diagonal_is_the_formulas(problem: Problem) -> None:
    """In some coordinates at each point, and everywhere that of `grad`, by automatic differentiation."""
    if not samples.knows_hessian(problem):
        return
    d, x = problem.dim, samples.points(problem)[:LOOKED_AT]
    axes, width = torch.eye(d, dtype=torch.float64), min(d, DIRECTIONS)
    some = (torch.arange(LOOKED_AT).unsqueeze(-1) * width + torch.arange(width)) % d
    exact = [[exact_slope(problem, row, axes[i], 2) for i in chosen] for row, chosen in zip(x, some, strict=True)]
    got, want = problem.hessian_diagonal(x), torch.tensor(exact, dtype=torch.float64)
    demand_close(got.gather(-1, some), want, "hessian_diagonal", x)
    parts = [derivative(lambda y, i=i: problem.grad(y)[..., i], x)[..., i] for i in range(d)]  # type: ignore[misc]
    demand_close(problem.hessian_diagonal(x), torch.stack(parts, -1), "hessian_diagonal against grad's", x)


MATHEMATICS: tuple[Check, ...] = (
    _value_equals_the_formula,
    _grad_is_the_derivative_of_the_formula,
    _grad_is_the_derivative_of_value,
    _oracle_is_the_derivative_of_loss,
    _linear_losses_are_oracle_times_x,
    _outcomes_average_to_value,
    _every_loss_is_one_of_the_outcomes,
    _outcomes_come_as_often_as_they_should,
    _the_oracle_is_unbiased,
    _components_average_to_value,
    _the_oracle_shows_the_components,
    _hessian_diagonal_is_the_formulas,
)

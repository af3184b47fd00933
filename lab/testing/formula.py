"""The mathematics of a problem: its torch form against its sympy form, its gradients, its oracle, its minimum."""

from __future__ import annotations

from collections.abc import Callable

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
FUNCTIONS = [{"Heaviside": lambda x, *_: (x > 0) + (x == 0) / 2}, "mpmath"]


def numbers(problem: Problem, expressions: list[sp.Expr], x: Points) -> Tensor:
    """Return sympy expressions in the problem's coordinates at points `(N, d)`, as float64 `(N, len(expressions))`."""
    function = sp.lambdify(problem.formula().x, expressions, FUNCTIONS, cse=True)
    with mpmath.workdps(30):
        rows = [[float(v) for v in function(*map(mpmath.mpf, row))] for row in x.tolist()]
    return torch.tensor(rows, dtype=torch.float64).reshape(len(rows), len(expressions))


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
    demand_close(problem.value(x), numbers(problem, [problem.formula().value], x)[:, 0], "value", x)


def _grad_is_the_derivative_of_the_formula(problem: Problem) -> None:
    formula, x = problem.formula(), samples.points(problem)[:LOOKED_AT]
    slopes = [sp.diff(formula.value, symbol) for symbol in formula.x]
    demand_close(problem.grad(x), numbers(problem, slopes, x), "grad", x)


def _grad_is_the_derivative_of_value(problem: Problem) -> None:
    x = samples.points(problem)
    demand_close(problem.grad(x), derivative(problem.value, x), "grad", x)


def _oracle_is_the_derivative_of_loss(problem: Problem) -> None:
    """Only where rounds differ; elsewhere `loss` is `value`, and the oracle adds noise to its gradient."""
    if not samples.varies(problem):
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
    formula = problem.formula()
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
    formula, x = problem.formula(), samples.points(problem)
    if not formula.outcomes:
        return
    possible = numbers(problem, [loss for _, loss in formula.outcomes], x)
    came = []
    for t in samples.rounds(problem):
        loss = problem.loss(x, samples.step(t), samples.draws(problem, t))
        came.append(int(_outcome(loss, possible, x, t)[0]))
    p = samples.period(problem)
    if p is None:
        return
    for first in range(p, len(came), p):
        for i, (share, loss) in enumerate(formula.outcomes):
            count = came[first : first + p].count(i)
            seen = f"the loss {loss} came {count} times in rounds {first + 1} to {first + p}"
            demand(share * p == count, f"{seen}, by its share it should come {share * p} times")


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
    outcomes = problem.formula().outcomes
    if not outcomes or not problem.n_draws:
        return
    x = samples.points(problem)[:1].expand(DRAWS, problem.dim)
    losses = problem.loss(x, samples.step(1), samples.draws(problem, 1, DRAWS))
    possible = numbers(problem, [loss for _, loss in outcomes], x[:1])
    counts = torch.bincount(_outcome(losses, possible.expand(DRAWS, -1), x, 1), minlength=len(outcomes))
    for (share, loss), count in zip(outcomes, counts.tolist(), strict=True):
        limits = clopper_pearson(count, DRAWS, FALSE_ALARM / len(outcomes))
        seen = f"the loss {loss} came {count} times in {DRAWS:,} draws"
        inside = limits.low <= float(share) <= limits.high
        demand(inside, f"{seen}, its probability is declared {float(share):.6g}")


def _the_oracle_is_unbiased(problem: Problem) -> None:
    """The oracle's mean over draws is `grad`, within Student's t limits at FALSE_ALARM, which three points, each
    coordinate, rounds 1 and 2 share. Not looked at where the tail index is 2 or less.

    An oracle that draws nothing is `grad`, or else the outcomes have said all.
    """
    if problem.n_draws and problem.tail_index > 2:
        _unbiased_over_draws(problem)
    if not problem.n_draws and not samples.varies(problem):
        x = samples.points(problem)
        g = problem.oracle(x, samples.step(1), samples.draws(problem, 1))
        demand_close(g, problem.grad(x), "the oracle, which draws nothing", x)


def _unbiased_over_draws(problem: Problem) -> None:
    n = max(4096, DRAWS // problem.dim)
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


def _nothing_lies_below_the_minimum(problem: Problem) -> None:
    low = problem.minimum
    if low is None:
        return
    x = samples.points(problem)
    slack = ROUNDING * float(problem.value(x).abs().max())
    lowest, where = samples.highest(lambda y: -problem.value(y), problem)
    seen = f"value is {-lowest:.12g} at x = {show_point(where)}"
    demand(-lowest >= low - slack, f"{seen}, the minimum is declared {low:.12g}")


def _the_minimizer_is_one(problem: Problem) -> None:
    """Inside the domain, of the declared value, and, where `grad` is Lipschitz, a fixed point of projected descent."""
    best = problem.minimizer()
    if best is None:
        return
    demand(len(best) == problem.dim, f"minimizer has {len(best)} coordinates, dim is {problem.dim}")
    x = torch.tensor(best, dtype=torch.float64)
    demand(problem.domain.contains(x), f"minimizer {show_point(x)} is outside the domain {problem.domain}")
    around = samples.points(problem)
    slack = ROUNDING * float(problem.value(around).abs().max())
    value, low = float(problem.value(x)), problem.minimum
    demand(low is not None and abs(value - low) <= slack, f"value is {value:.12g} at the minimizer, minimum is {low}")
    if {"L", "L0"} & problem.constants.keys():
        slope = problem.grad(x)
        pushed = (problem.domain.project(x - slope) - x).abs().max()
        slack = ROUNDING * float(problem.grad(around).abs().max() + x.abs().max())
        demand(pushed <= slack, f"the minimizer {show_point(x)} is not stationary: grad is {show_point(slope)} there")


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
    _nothing_lies_below_the_minimum,
    _the_minimizer_is_one,
)

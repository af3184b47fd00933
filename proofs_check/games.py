"""What worst cases are made of: methods as their papers write them, starts and metrics, all for L = 1.

A method is (game, n) -> points; the last one is what it returns. Starts are expressions that are at most 1; of a
metric's expressions the smallest counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import sympy as sp

from proofs_check.pep import Functions, Game, WorstCase
from proofs_check.symbols import T

Method = Callable[[Game, int], Sequence[Any]]
Measure = Callable[[Game, Sequence[Any]], Sequence[Any]]
Numbers = Mapping[sp.Symbol, Any]


def at(bound: sp.Expr, numbers: Numbers) -> Callable[[int], sp.Expr]:
    """Return n -> the bound with T = n and these numbers, which may be functions of n."""
    return lambda n: bound.subs({T: n, **{s: v(n) if callable(v) else v for s, v in numbers.items()}})


def gradient_descents(
    functions: Functions, start: Measure, metric: Measure, bound: sp.Expr, numbers: Callable[[Any], Numbers],
    steps: Iterable[Any],
) -> tuple[WorstCase, ...]:  # fmt: skip
    """Return gradient descent with each of the steps h / L; `numbers` makes of h those of the bound's symbols."""
    return tuple(
        WorstCase(f"gradient descent, h = {h}", functions, gradient_descent(float(h)), start, metric,
                  at(bound, numbers(h)))
        for h in steps
    )  # fmt: skip


# Methods


def gradient_descent(h: float) -> Method:
    """x_{k+1} = x_k - h g_k."""

    def method(game: Game, n: int) -> Sequence[Any]:
        x = [game.x0]
        for _ in range(n):
            x.append(x[-1] - h * game.grad(x[-1]))
        return x

    return method


def exact_line_search(game: Game, n: int) -> Sequence[Any]:
    """x_{k+1} is the lowest point of x_k - t g_k."""
    x = [game.x0]
    for _ in range(n):
        x.append(game.search(x[-1]))
    return x


def subgradient(steps: Callable[[int], Sequence[float]]) -> Method:
    """x_{k+1} = x_k - gamma_k g_k with the steps(n) as gamma_k."""

    def method(game: Game, n: int) -> Sequence[Any]:
        x = [game.x0]
        for gamma in steps(n):
            x.append(x[-1] - gamma * game.grad(x[-1]))
        return x

    return method


def heavy_ball(a: float, b: float) -> Method:
    """x_{k+1} = x_k - a g_k + b (x_k - x_{k-1}), x_{-1} = x_0."""

    def method(game: Game, n: int) -> Sequence[Any]:
        x = [game.x0, game.x0]
        for _ in range(n):
            x.append(x[-1] - a * game.grad(x[-1]) + b * (x[-1] - x[-2]))
        return x

    return method


def simple_nesterov(game: Game, n: int) -> Sequence[Any]:
    """x_{t+1} = y_t - g_t, y_{t+1} = x_{t+1} + (t-1)/(t+2) (x_{t+1} - x_t), t = 1 .. n."""
    x = [game.x0]
    y = game.x0
    for t in range(1, n + 1):
        x.append(y - game.grad(y))
        y = x[-1] + (t - 1) / (t + 2) * (x[-1] - x[-2])
    return x


def thetas(n: int) -> list[float]:
    """Return theta_0 .. theta_n: th^2 - th is the square of the one before, for the last twice that."""
    found = [1.0]
    for factor in [4] * (n - 1) + [8]:
        found.append((1 + math.sqrt(1 + factor * found[-1] ** 2)) / 2)
    return found


def ogm(game: Game, n: int) -> Sequence[Any]:
    """x_{t+1} = y_t - g_t, y_{t+1} = x_{t+1} + ((th_t - 1)(x_{t+1} - x_t) + th_t (x_{t+1} - y_t)) / th_{t+1}."""
    th = thetas(n)
    x, y = game.x0, [game.x0]
    for t in range(n):
        before, x = x, y[-1] - game.grad(y[-1])
        y.append(x + ((th[t] - 1) * (x - before) + th[t] * (x - y[-1])) / th[t + 1])
    return y


def ogm_g(game: Game, n: int) -> Sequence[Any]:
    """y_{t+1} = x_t - g_t, x_{t+1} = y_{t+1} + b_t ((th_t - 1)/th_t (y_{t+1} - y_t) + y_{t+1} - x_t)."""
    th = thetas(n)[::-1]
    x, y = [game.x0], game.x0
    for t in range(n):
        b = (2 * th[t + 1] - 1) / (2 * th[t] - 1)
        before, y = y, x[-1] - game.grad(x[-1])
        x.append(y + b * ((th[t] - 1) / th[t] * (y - before) + y - x[-1]))
    return x


def triple_momentum(s: float) -> Method:
    """xi_{t+1} = (1+b) xi_t - b xi_{t-1} - a g(y_t), y_t = (1+c) xi_t - c xi_{t-1}; returns (1+d) xi - d xi before."""
    rho = 1 - s
    a, b, d = 1 + rho, rho**2 / (2 - rho), rho**2 / (1 - rho**2)
    c = b / (1 + rho)

    def method(game: Game, n: int) -> Sequence[Any]:
        before = xi = game.x0
        for _ in range(n):
            y = (1 + c) * xi - c * before
            before, xi = xi, (1 + b) * xi - b * before - a * game.grad(y)
        return [(1 + d) * xi - d * before]

    return method


def item_weights(q: float, n: int) -> list[float]:
    """Return A_0 .. A_n of ITEM."""
    a = [0.0]
    for _ in range(n):
        a.append(((1 + q) * a[-1] + 2 * (1 + math.sqrt((1 + a[-1]) * (1 + q * a[-1])))) / (1 - q) ** 2)
    return a


def item(q: float) -> Method:
    """y = (1-b) z + b x, x' = y - g, z' = (1 - q w) z + q w y - w g; returns z."""

    def method(game: Game, n: int) -> Sequence[Any]:
        weights = item_weights(q, n)
        x = z = game.x0
        for a, later in pairwise(weights):
            b = a / ((1 - q) * later)
            w = ((1 - q) ** 2 * later - (1 + q) * a) / (2 * (1 + q + q * a))
            y = (1 - b) * z + b * x
            g = game.grad(y)
            x, z = y - g, (1 - q * w) * z + q * w * y - w * g
        return [z]

    return method


# Starts


def near(game: Game, points: Sequence[Any]) -> Sequence[Any]:
    """||x_0 - x*|| <= 1."""
    return [(game.x0 - game.xs) ** 2]


def low(game: Game, points: Sequence[Any]) -> Sequence[Any]:
    """f(x_0) - f* <= 1."""
    return [game.value(game.x0) - game.fs]


def flat(game: Game, points: Sequence[Any]) -> Sequence[Any]:
    """||g_0|| <= 1."""
    return [game.grad(game.x0) ** 2]


def low_above_infimum(game: Game, points: Sequence[Any]) -> Sequence[Any]:
    """f(x_0) - inf f <= 1, f smooth and perhaps non-convex.

    A 1-smooth f lies below its parabolas f_i + <g_i, x - x_i> + ||x - x_i||^2 / 2, whose lowest values are
    f_i - ||g_i||^2 / 2. The f that `Interpolant` builds lies above the least of these, as all its parabolas do.
    """
    return [game.value(game.x0) - game.value(x) + game.grad(x) ** 2 / 2 for x in points]


def falls(game: Game, points: Sequence[Any]) -> Sequence[Any]:
    """f(x_0) - f(x_n) <= 1."""
    return [game.value(game.x0) - game.value(points[-1])]


# Metrics


def last_value(game: Game, points: Sequence[Any]) -> Sequence[Any]:
    """f(x_n) - f*."""
    return [game.value(points[-1]) - game.fs]


def last_distance(game: Game, points: Sequence[Any]) -> Sequence[Any]:
    """||x_n - x*||^2."""
    return [(points[-1] - game.xs) ** 2]


def last_gradient(game: Game, points: Sequence[Any]) -> Sequence[Any]:
    """||g_n||^2."""
    return [game.grad(points[-1]) ** 2]


def best_value(game: Game, points: Sequence[Any]) -> Sequence[Any]:
    """The least f(x_k) - f*."""
    return [game.value(x) - game.fs for x in points]


def regret(game: Game, points: Sequence[Any]) -> Sequence[Any]:
    """The sum of f(x_k) - f*: the regret where every round has the same loss."""
    return [sum(game.value(x) - game.fs for x in points)]


def least_gradient(game: Game, points: Sequence[Any]) -> Sequence[Any]:
    """The least ||g_k||^2."""
    return [game.grad(x) ** 2 for x in points]

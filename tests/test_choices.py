"""A choice between shared numbers is made last: the same bits, and fewer operations a lane."""

from __future__ import annotations

import pytest
import torch

import lab
from lab.engine import cpu
from lab.engine.choices import EXACT, choose_last
from lab.engine.graph import Graph
from lab.engine.kernel import kernel_of
from lab.engine.part import Part, varying
from lab.engine.record import record
from lab.engine.stepgraph import record_step

N = 11
GIVEN = {
    "x": torch.linspace(-2, 3, N, dtype=torch.float64)[:, None],
    "optimizer.b": torch.full((N, 1), 0.9, dtype=torch.float64),
}


def graphs(step) -> tuple[Graph, Graph]:
    """A recorded step, whose input x varies and whose b is shared, before and after."""
    before = record(lambda v: {"y": step(v["x"], v["optimizer.b"])}, GIVEN, N)
    return before, choose_last(before, varying(before))


def lanes(graph: Graph) -> list[str]:
    """The operations done for each lane."""
    part = Part("advance", graph, 32)
    return [graph.nodes[i].op for i in sorted(part.levels[2])]


def coin(x, b):
    return torch.where(x > 0, 3.0, -b)


@pytest.mark.parametrize(
    ("step", "ops"),
    [
        (lambda x, b: (1 - b) * coin(x, b) ** 2, ["gt", "where"]),
        (lambda x, b: b * x + (1 - b) * coin(x, b), ["mul", "gt", "where", "add"]),
        (lambda x, b: coin(x, b) * coin(x, b) - torch.sqrt(abs(coin(x, b))), ["gt", "where"]),
    ],
)
def test_what_follows_a_coin_is_computed_once_for_each_side(step, ops):
    _, after = graphs(step)
    assert sorted(op for op in lanes(after) if op != "cast") == sorted(ops)


@pytest.mark.parametrize(
    "step",
    [
        lambda x, b: torch.exp(coin(x, b)),  # libm and its vector form differ in the last bit
        lambda x, b: coin(x, b) * x,  # the other factor varies
        lambda x, b: coin(x, b) * torch.where(x > 1, 2.0, b),  # another condition
        lambda x, b: torch.where(x > 0, x, b) * b,  # a side that varies
    ],
)
def test_nothing_else_is_moved(step):
    before, after = graphs(step)
    assert lanes(after) == lanes(before)
    assert "exp" not in EXACT


def test_the_kernel_multiplies_a_coins_gradient_outside_the_loop_over_lanes():
    problem, optimizer = lab.get_problem("reddi_stochastic"), lab.get_optimizer("adam")
    text = kernel_of(record_step(problem, optimizer, ()), problem.n_draws, problem.draw_bits).body
    once, _, each = text.partition("LAB_INLINE void advance_lanes")
    assert "= p->problem_C * p->problem_C" in once
    assert "problem_C * " not in each


@pytest.fixture
def forgotten():
    """Compiled pairs are remembered: forget them before and after."""

    def forget():
        cpu._recorded.cache_clear()
        cpu.program.cache_clear()

    forget()
    yield forget
    forget()


@pytest.mark.parametrize("optimizer", ["adam", "amsgrad", "lion", "padam"])
def test_the_last_bit_is_the_same_with_and_without(optimizer, monkeypatch, forgotten):
    texts = []
    build = cpu.build

    def final():
        monkeypatch.setattr(cpu, "build", lambda source, **how: texts.append(source) or build(source, **how))
        run = lab.simulate(
            lab.get_problem("reddi_stochastic"), lab.get_optimizer(optimizer), seeds=64, steps=100, engine="fused",
            keep_seeds=True,
        )  # fmt: skip
        return run["x_final"].values

    moved = final()
    forgotten()
    monkeypatch.setattr("lab.engine.kernel.choose_last", lambda graph, varying: graph)
    assert (final() == moved).all()
    assert len(set(texts)) == 2

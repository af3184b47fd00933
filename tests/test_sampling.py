"""Orders of a finite sum: each law's distribution, its permutations, its replay, and both engines on it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
import sympy as sp
import torch
from hypothesis import given, settings, strategies as st
from scipy import stats

import lab
from lab import rng
from lab.engine.reference import Batch, run as run_eagerly
from lab.engine.select import choose
from lab.errors import require
from lab.grid import laws, parse
from lab.metrics import get_metric
from lab.optimizers.sgd import SGD
from lab.problem import Constant, Formula, Problem
from lab.rng import Stream, seed_range
from lab.sampling import (
    Cyclic,
    Order,
    RandomReshuffling,
    SingleShuffle,
    WithReplacement,
    component,
    indices,
    shows,
)
from lab.testing import check_problem

ORDERS = (WithReplacement(), RandomReshuffling(), SingleShuffle(), Cyclic())
ALPHA = 1e-6  # of each chi-square test; keys are fixed, so a pass stays one


@dataclass(frozen=True, kw_only=True)
class Centres(Problem):
    """f_i(x) = (x - centre_i)^2 / 2."""

    name: ClassVar[str] = "centres"
    source: ClassVar[str] = "made for these tests"

    centres: tuple[float, ...] = (-1.0, 0.5, 4.0, 7.0, 8.0)

    def validate(self):
        require(len(self.centres) > 0, self, "centres", self.centres, "one or more numbers")

    order: Order = WithReplacement()

    @property
    def n_draws(self):
        return int(self.order.drawn)

    @property
    def components(self):
        return len(self.centres)

    def component(self, x, i):
        return (x[..., 0] - x.new_tensor(self.centres)[i]).square() / 2

    def value(self, x):
        return (x - x.new_tensor(self.centres)).square().mean(-1) / 2

    def grad(self, x):
        return x - x.new_tensor(self.centres).mean()

    def loss(self, x, t, draws):
        return self.component(x, self.order.shown(draws, len(self.centres), t))

    def oracle(self, x, t, draws):
        return x - x.new_tensor(self.centres)[self.order.shown(draws, len(self.centres), t)].unsqueeze(-1)

    def minimizer(self):
        return (float(np.mean(self.centres)),)

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(1.0), "mu": Constant(1.0)}

    def formula(self):
        x = sp.Symbol("x", real=True)
        losses = [(x - sp.nsimplify(c)) ** 2 / 2 for c in self.centres]
        share = sp.Rational(1, len(losses))
        return Formula(x=(x,), value=sum(losses) * share, outcomes=tuple((share, f) for f in losses))


def shown(order, n, seeds, steps, key=3, **how):
    return indices(order, n, key=key, seeds=seed_range(0, seeds), steps=steps, **how).numpy()


# The laws


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 40), key=st.integers(0, 2**64 - 1), seed=st.integers(0, 2**32 - 1), epochs=st.integers(1, 4))
def test_every_epoch_is_a_permutation(n, key, seed, epochs):
    for order in (RandomReshuffling(), SingleShuffle(), Cyclic()):
        found = indices(order, n, key=key, seeds=[seed], steps=epochs * n).reshape(epochs, n)
        assert (found.sort(-1).values == torch.arange(n)).all()


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 2**20), u=st.sampled_from([2.0**-53, 0.25, 0.5, 1 - 2.0**-53]))
def test_a_component_and_what_shows_it(n, u):
    assert 0 <= int(component(torch.tensor(u, dtype=torch.float64), n)) < n
    for dtype in (torch.float32, torch.float64):
        i = torch.tensor([0, n // 3, n // 2, n - 1])
        assert component(shows(i, torch.zeros(4, dtype=dtype), n), n).tolist() == i.tolist()
        assert int(component(1 - torch.tensor(torch.finfo(dtype).eps / 2, dtype=dtype), n)) == n - 1


@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize("epoch", [0, 1, 4])
def test_every_permutation_is_equally_likely_in_every_epoch(n, epoch):
    found = shown(RandomReshuffling(), n, 24_000, (epoch + 1) * n)[:, epoch * n :]
    assert_uniform(found, n)


def assert_uniform(found, n):
    """Each row of `found` is one of the n! permutations, all equally likely."""
    code = {p: c for c, p in enumerate(itertools.permutations(range(n)))}
    counts = np.bincount([code[tuple(row)] for row in found.tolist()], minlength=len(code))
    assert stats.chisquare(counts).pvalue > ALPHA


def test_a_shuffle_without_its_shrinking_range_would_be_refused():
    """Swapping with any place, instead of one not yet used, gives 27 equal outcomes for 6 permutations."""
    found = []
    for row in shown(WithReplacement(), 3, 24_000, 3):
        perm = [0, 1, 2]
        for k, j in enumerate(row):
            perm[k], perm[j] = perm[j], perm[k]
        found.append(perm)
    with pytest.raises(AssertionError):
        assert_uniform(np.array(found), 3)


@pytest.mark.parametrize("order", [RandomReshuffling(), WithReplacement()], ids=lambda o: o.name)
def test_two_epochs_are_independent(order):
    found = shown(order, 3, 36_000, 6)
    first, second = (found[:, :3] @ [9, 3, 1], found[:, 3:] @ [9, 3, 1])
    table = np.zeros((27, 27))
    np.add.at(table, (first, second), 1)
    table = table[table.sum(1) > 0][:, table.sum(0) > 0]
    assert stats.chi2_contingency(table).pvalue > ALPHA
    assert table.shape == ((6, 6) if isinstance(order, RandomReshuffling) else (27, 27))


def test_neighbouring_seeds_are_independent():
    found = shown(RandomReshuffling(), 3, 36_000, 3) @ [9, 3, 1]
    table = np.zeros((27, 27))
    np.add.at(table, (found[::2], found[1::2]), 1)
    assert stats.chi2_contingency(table[table.sum(1) > 0][:, table.sum(0) > 0]).pvalue > ALPHA


def test_with_replacement_is_uniform_and_cyclic_is_the_order_itself():
    counts = np.bincount(shown(WithReplacement(), 7, 1000, 10).ravel(), minlength=7)
    assert stats.chisquare(counts).pvalue > ALPHA
    assert (shown(Cyclic(), 7, 5, 20) == np.arange(20) % 7).all()


def test_a_single_shuffle_is_the_first_epoch_of_reshuffling_again_and_again():
    once, anew = (shown(order, 6, 50, 24).reshape(50, 4, 6) for order in (SingleShuffle(), RandomReshuffling()))
    assert (once == anew[:, :1]).all()
    assert (anew[:, 1:] != anew[:, :1]).any()


def test_the_swaps_are_those_of_fisher_and_yates_written_out():
    """With no reset between epochs, by hand on the words of the generator."""
    n, steps, key, seed = 5, 15, 11, 4
    perm, expected = list(range(n)), []
    for t in range(1, steps + 1):
        u = (int(rng.words(key, torch.tensor([seed]), Stream.ORACLE, t, 1)) + 0.5) * 2.0**-32
        k = (t - 1) % n
        j = k + int(u * (n - k))
        perm[k], perm[j] = perm[j], perm[k]
        expected.append(perm[k])
    assert indices(RandomReshuffling(), n, key=key, seeds=[seed], steps=steps)[0].tolist() == expected


def test_a_seed_is_replayed_alone_and_a_longer_run_begins_with_the_shorter():
    for order in ORDERS:
        together = shown(order, 5, 20, 30)
        assert (indices(order, 5, key=3, seeds=[7], steps=30)[0].numpy() == together[7]).all()
        assert (shown(order, 5, 20, 12) == together[:, :12]).all()


# A problem


def batch(order, engine_seeds=64, dtype=torch.float64, steps=23):
    return Batch(
        problem=Centres(order=order),
        optimizers=(SGD(lr=1.0), SGD(lr=0.25)),
        metrics=(get_metric("iterate"), get_metric("avg_regret")),
        first_seed=0,
        n_seeds=engine_seeds,
        key=3,
        steps=steps,
        record=tuple(range(steps + 1)),
        start=None,
        dtype=dtype,
        device=torch.device("cpu"),
    )


@pytest.mark.parametrize("order", ORDERS, ids=lambda o: o.name)
def test_the_problem_is_one_in_every_order(order):
    check_problem(Centres(order=order))


def test_a_cycle_draws_nothing_and_leaves_every_seed_on_one_path():
    assert [o.drawn for o in ORDERS] == [True, True, True, False]
    assert Centres(order=Cyclic()).n_draws == 0
    x = run_eagerly(batch(Cyclic())).x_final
    assert (x == x[:, :1]).all()


@dataclass(frozen=True, kw_only=True)
class WrongCycle(Centres):
    """It says that nothing is drawn, and shows the first component for ever."""

    name: ClassVar[str] = "wrong_cycle"

    def loss(self, x, t, draws):
        return self.component(x, torch.zeros(x.shape[:-1], dtype=torch.int64))

    def oracle(self, x, t, draws):
        return x - self.centres[0]


@dataclass(frozen=True, kw_only=True)
class ReadsItsDraw(Centres):
    """It draws although the order is a cycle, and reads the index off that draw."""

    name: ClassVar[str] = "reads_its_draw"

    @property
    def n_draws(self):
        return 1

    def oracle(self, x, t, draws):
        return x - x.new_tensor(self.centres)[component(draws[..., :1], len(self.centres))]


def test_a_cycle_that_does_not_show_its_components_is_refused():
    with pytest.raises(AssertionError, match=r"came|shows"):
        check_problem(WrongCycle(order=Cyclic()))


def test_a_problem_that_reads_its_draw_is_shown_the_cycle_all_the_same():
    same, other = (replace(batch(Cyclic()), problem=p(order=Cyclic())) for p in (Centres, ReadsItsDraw))
    assert torch.equal(run_eagerly(same).x_final, run_eagerly(other).x_final)


@pytest.mark.parametrize("order", ORDERS, ids=lambda o: o.name)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_sgd_of_step_1_stands_at_the_centre_of_the_component_that_was_shown(order, dtype):
    """x - 1 (x - centre_i) = centre_i: the path is the order itself, and `indices` replays it."""
    values = run_eagerly(batch(order, dtype=dtype)).values[0][0, 1:, 0]
    expected = torch.tensor(Centres().centres)[indices(order, 5, key=3, seeds=range(64), steps=23, dtype=dtype)]
    torch.testing.assert_close(values.T.double(), expected.double(), rtol=0, atol=1e-5)


@pytest.mark.parametrize("order", ORDERS, ids=lambda o: o.name)
def test_the_fused_engine_shows_the_same_components(order):
    job = batch(order)
    choice = choose("auto", job.problem, job.optimizers[0], job.metrics)
    if choice.name != "fused":
        pytest.skip(choice.why)
    got, want = choice.run(job, lambda done: None), run_eagerly(job)
    for a, b in zip(got.values, want.values, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-13, atol=1e-13)


def test_at_a_constant_step_reshuffling_ends_nearer_to_the_minimizer_than_sampling_with_replacement():
    ends = {}
    for order in (WithReplacement(), RandomReshuffling()):
        run = lab.simulate(Centres(order=order), SGD(lr=0.05), seeds=2000, steps=500, metrics=["distance_sq"])
        ends[order.name] = float(run["distance_sq_mean"][0, -1])
    assert ends["random_reshuffling"] < 0.2 * ends["with_replacement"]


def test_orders_have_names_on_the_command_line():
    assert {laws()[o.name] for o in ORDERS} == {type(o) for o in ORDERS}
    assert parse("problem.order=random_reshuffling(),cyclic()").values == (RandomReshuffling(), Cyclic())

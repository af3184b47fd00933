"""A run in exact rationals: it decides ties that intervals leave open, and says in one line where it cannot go on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import pytest
import sympy as sp
import torch
from hypothesis import given, strategies as st

import lab
from lab import bounds
from lab.claim import OBJECTIVE, Claim, Kind, Prediction
from lab.domain import Ball, Domain
from lab.engine.enclose import enclose
from lab.engine.exact import exactly
from lab.engine.interval_ops import INTERVALS
from lab.engine.rational_ops import RATIONALS
from lab.engine.record import record
from lab.engine.replay import Replay
from lab.errors import LabError
from lab.judge import judge
from lab.observe import observe_exactly
from lab.optimizers.adam import Adam
from lab.optimizers.momentum import Momentum
from lab.optimizers.sgd import SGD
from lab.predictions import check_prediction
from lab.problem import Constant, Formula, Problem
from lab.rational import BITS, Irrational, NotRational, power, root
from lab.rng import Key
from lab.sampling import Cyclic
from lab.schedules import Inverse, InvSqrt
from lab.types import Points, Scalars
from lab.verdict import Outcome
from problems.depth import PowerChain
from problems.gd_worst_cases import Huber
from problems.last_iterate import LastIterateStronglyConvex
from problems.nesterov_chains import NesterovConvex
from problems.reshuffling import SafranShamir
from problems.spectra import DiagonalQuadratic
from problems.stationarity import CarmonChain
from problems.toint import TointStaircase

PAIRS = [
    (DiagonalQuadratic(d=3, kappa=9.0, L=9.0, law="linear"), Momentum(lr=0.1, momentum=0.3)),
    (Huber(d=2), SGD(lr=0.3)),
    (NesterovConvex(k=3), Momentum(lr=0.7, momentum=0.5)),
    (LastIterateStronglyConvex(T=12), SGD(lr=Inverse(1.0))),
    (SafranShamir(n=4, order=Cyclic()), SGD(lr=0.07)),
    (PowerChain(m=3), SGD(lr=0.1)),
]


@pytest.mark.parametrize(("problem", "optimizer"), PAIRS, ids=lambda p: p.name)
def test_the_exact_run_is_the_reference_engines_up_to_rounding(problem, optimizer):
    at = list(range(0, 6 if problem.name == "power_chain" else 13, 3))
    exact = exactly(problem, [optimizer], ["suboptimality"], at)["suboptimality"][0].astype(float)
    run = lab.simulate(
        problem, optimizer, seeds=1, steps=at[-1], record=at, metrics=("suboptimality",), engine="reference"
    )
    np.testing.assert_allclose(run.suboptimality_mean.values[0], exact, rtol=1e-12, atol=1e-15)


def test_of_tied_pieces_the_first_is_taken_as_computed_by_hand():
    """T = 2: x_2 = (1, 0), where pieces 2 and 3 are 1/4; piece 2 leads to (3/8, 1/2), f = 11/32 + 25/128."""
    found = exactly(LastIterateStronglyConvex(T=2), [SGD(lr=Inverse(1.0))], ["iterate", "suboptimality"], [1, 2])
    assert found["iterate"][0].tolist() == [[1, 0], [Fraction(3, 8), Fraction(1, 2)]]
    assert found["suboptimality"][0, 1] == Fraction(69, 128)


def test_a_cyclic_order_is_followed_as_computed_by_hand():
    problem = SafranShamir(n=2, lam=1.0, G=2.0, order=Cyclic())
    found = exactly(problem, [SGD(lr=0.125)], ["iterate"], [1, 2])["iterate"][0, :, 0]
    assert found.tolist() == [Fraction(3, 4), Fraction(25, 32)]


def test_adam_marches_over_a_staircase_by_one_step_exactly_where_intervals_lose_it():
    staircase, adam = TointStaircase(), Adam(lr=1.0, eps=0.0)
    assert exactly(staircase, [adam], ["iterate"], [40], start=(0.0,))["iterate"][0, 0, 0] == 40
    low, high = enclose(staircase, [adam], ["iterate"], [40], start=(0.0,))["iterate"]
    assert not high - low < 1


# ----------------------------------------------------------------------------------------------- predictions

TIE = sp.Rational(69, 128)


def claim(kind: Kind = Kind.UPPER) -> Claim:
    return Claim(
        id="test.tie", says="f at the tie", source="this test", kind=kind, metric="suboptimality",
        metric_units=OBJECTIVE, symbols=(), assumptions=(), bound=TIE,
    )  # fmt: skip


RUN = Prediction(
    says="two steps", problem=LastIterateStronglyConvex(T=2), optimizer=SGD(lr=Inverse(1.0)), at=(2,), values={}
)


def test_a_bound_that_is_met_exactly_is_decided_by_rationals_and_not_by_intervals():
    alone = judge(claim(), RUN, "experiment", observe_exactly(claim(), RUN))
    assert alone.outcome is Outcome.UNDECIDED
    for relation in ("<=", ">=", "=="):
        found = check_prediction(claim(), replace(RUN, relation=relation, tolerance=0.0))
        assert found.outcome is Outcome.HOLDS
        assert found.reason.startswith("rational arithmetic")
    assert found.interval[0] <= float(TIE) <= found.interval[1]
    assert found.confidence == 1.0
    assert check_prediction(claim(Kind.TIGHT), RUN).outcome is Outcome.TIGHT


@pytest.mark.parametrize(("relation", "factor"), [("<=", -1), (">=", 1), ("==", 1), ("==", -1)])
def test_a_bound_that_is_wrong_by_a_millionth_at_a_tie_is_refuted(relation, factor):
    wrong = replace(RUN, relation=relation, bound=TIE * (1 + sp.Rational(factor, 10**6)))
    found = check_prediction(claim(), wrong)
    assert found.outcome is Outcome.REFUTED


def test_a_run_decided_by_intervals_is_left_to_them():
    found = check_prediction(claim(), replace(RUN, problem=Huber(d=1), optimizer=SGD(lr=0.5), bound=sp.Integer(5)))
    assert found.reason.startswith("interval arithmetic")


def test_a_change_since_a_step_is_exact():
    run = replace(RUN, since=1, relation="==", tolerance=0.0, metric="distance_sq", bound=sp.Rational(25, 64) - 1)
    assert check_prediction(claim(), run).outcome is Outcome.HOLDS


def test_a_bound_that_is_not_rational_is_enclosed_beside_an_exact_run():
    found = check_prediction(claim(), replace(RUN, bound=TIE / sp.sqrt(2), relation=">="))
    assert found.outcome is Outcome.HOLDS
    assert found.reason.startswith("rational arithmetic")
    assert found.tightness == pytest.approx(2**0.5)


# -------------------------------------------------------------------------------------------------- refusals


def test_a_step_that_leaves_the_rationals_is_named_with_its_line():
    with pytest.raises(NotRational, match=r"sgd\.py:\d+: sqrt of 2 is not rational") as refused:
        exactly(LastIterateStronglyConvex(T=4), [SGD(lr=InvSqrt(1.0))], ["iterate"], [4])
    assert "\n" not in str(refused.value)
    with pytest.raises(NotRational, match="exp leaves the rationals"):
        exactly(CarmonChain(T=3), [SGD(lr=0.5)], ["iterate"], [2])


def test_the_first_step_of_such_a_schedule_is_still_exact():
    problem, sgd = LastIterateStronglyConvex(T=4), SGD(lr=InvSqrt(1.0))
    assert exactly(problem, [sgd], ["distance_sq"], [1])["distance_sq"][0, 0] == 1


def test_where_neither_arithmetic_decides_the_finding_says_why():
    found = check_prediction(
        claim(), replace(RUN, optimizer=SGD(lr=InvSqrt(1.0)), problem=LastIterateStronglyConvex(T=3))
    )
    assert found.outcome is Outcome.UNDECIDED
    assert "interval arithmetic (rational arithmetic: " in found.reason
    assert "sqrt of 2 is not rational" in found.reason


def test_numbers_that_grow_too_long_end_the_run_in_one_line():
    problem = PowerChain(m=3)
    with pytest.raises(NotRational, match=rf"x after step \d+ has more than {BITS} bits"):
        exactly(problem, [SGD(lr=0.1)], ["suboptimality"], [50])
    exactly_half = replace(RUN, problem=problem, optimizer=SGD(lr=0.1), at=(9,), relation="==", tolerance=0.0)
    last = exactly(problem, [SGD(lr=0.1)], ["suboptimality"], [2])["suboptimality"][0, 0]
    assert last.denominator.bit_length() < BITS
    low, high = enclose(problem, [SGD(lr=0.1)], ["suboptimality"], [9])["suboptimality"]
    found = check_prediction(claim(), replace(exactly_half, bound=sp.Rational(float(low[0, 0] + high[0, 0]) / 2)))
    assert found.outcome is Outcome.UNDECIDED
    assert f"more than {BITS} bits" in found.reason


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((lab.get_problem("reddi_stochastic"), [SGD()], ["iterate"], [1]), "draws random numbers"),
        ((LastIterateStronglyConvex(T=2), [], ["iterate"], [1]), "one or more"),
        ((LastIterateStronglyConvex(T=2), [SGD()], ["iterate"], [3, 2]), "increasing steps"),
    ],
)
def test_bad_input_is_refused_in_one_line(arguments, reason):
    with pytest.raises(LabError, match=reason) as refused:
        exactly(*arguments)
    assert "\n" not in str(refused.value)


# ------------------------------------------------------------------------------------------ single operations


@dataclass(frozen=True, kw_only=True)
class Hill(Problem):
    """f(x) = -||x||^2 / 2 on a ball: every step leads out of it."""

    name: ClassVar[str] = "hill"
    source: ClassVar[str] = "a test"

    @property
    def dim(self) -> int:
        return 2

    @property
    def domain(self) -> Domain:
        return Ball(1.0)

    def value(self, x: Points) -> Scalars:
        return -0.5 * x.square().sum(-1)

    def start(self, key: Key) -> Points:
        return torch.tensor([0.375, 0.5], dtype=key.dtype)

    def grad(self, x: Points) -> Points:
        return -x

    @property
    def constants(self) -> dict[str, Constant]:
        return {}

    def formula(self) -> Formula:
        x = sp.symbols("x1 x2", real=True)
        return Formula(x=x, value=-(x[0] ** 2 + x[1] ** 2) / 2)


def test_a_projection_is_exact_inside_the_ball_and_where_the_length_is_rational():
    def at(lr: float, start: Any = None) -> Any:
        return exactly(Hill(), [SGD(lr=lr)], ["iterate"], [1], start=start)["iterate"][0, 0].tolist()

    assert at(0.5) == [Fraction(9, 16), Fraction(3, 4)]  # of length 15/16
    assert at(1.0) == [Fraction(3, 5), Fraction(4, 5)]  # (3/4, 1) scaled by 4/5
    assert at(0.25, (0.5, 0.5)) == [Fraction(5, 8)] * 2  # the root of 25/32 is only compared with 1
    with pytest.raises(NotRational, match="sqrt of 2 is not rational"):
        at(1.0, (0.5, 0.5))


def operations(v: Any) -> dict[str, Any]:
    x, y, n = v["x"], v["y"], v["n"]
    table = torch.tensor([0.5, -1.5, 2.25, 8.0], dtype=x.dtype)
    return {
        "arithmetic": (x + y) * (x - 0.5) / (y.square() + 1) - -x,
        "rounding": x.floor() + 2 * x.ceil() - x.round() + 4 * x.trunc() + x.sign() * x.abs(),
        "choice": torch.where((x < y) | ~(x >= 0), torch.maximum(x, y), torch.minimum(x, y)),
        "powers": x**3 + (y.square() ** 0.5) + x.square().sqrt() + (x.square() + 1).reciprocal(),
        "sums": x.sum(-1) + x.prod(-1) + x.amax(-1) - y.amin(-1) + (x > y).any(-1) * 1.0 + (x == x).all(-1) * 2.0,
        "clamped": x.clamp(-1.0, 1.0) + torch.remainder(x, 0.75) + (x != y).to(x.dtype),
        "moved": torch.cat([x[..., :1], y], -1).flip(-1)[..., 1:] + torch.stack([x, y], -2).transpose(-1, -2)[..., 0],
        "taken": table[n.long()] + x,
        "gathered": x.gather(-1, torch.tensor([2, 0, 0]).expand(len(x), 3)),
        "norm": torch.stack([3 * y[..., 0], 4 * y[..., 0]], -1).norm(dim=-1),
    }


POINTS = {
    "x": torch.tensor([[0.25, -1.75, 2.5], [1.5, 1.5, -0.5]]).double().repeat(4, 1),
    "y": torch.tensor([[0.5, -2.0, 2.5], [-1.25, 4.0, 0.125]]).double().repeat(4, 1),
    "n": torch.tensor(2.0).double(),
}


def test_every_rational_operation_is_torchs_at_numbers_that_torch_does_not_round():
    """/ and reciprocal round in torch, and are held to Fractions."""
    graph = record(operations, POINTS, rows=8)
    lifted = {k: RATIONALS.lift(v.numpy().reshape(1, -1 if v.dim() else 1, *v.shape[1:])) for k, v in POINTS.items()}
    found = Replay(graph, {}, RATIONALS)(lifted)
    for name, expected in operations(POINTS).items():
        got = found[name][0, 0].astype(float)
        assert got.tolist() == pytest.approx(expected.numpy(), rel=1e-15, abs=0), name
    exact = found["arithmetic"][0, 0, 0, 0]
    assert exact == Fraction(3, 4) * Fraction(-1, 4) / Fraction(5, 4) + Fraction(1, 4)
    intervals = {k: INTERVALS.lift(v.numpy().reshape(1, -1 if v.dim() else 1, *v.shape[1:])) for k, v in POINTS.items()}
    for name, (low, high) in Replay(graph, {}, INTERVALS)(intervals).items():
        assert ((low[0] <= found[name][0, 0]) & (found[name][0, 0] <= high[0])).all(), name


def test_an_index_that_an_interval_does_not_know_is_refused():
    graph = record(lambda v: {"taken": operations(v)["taken"]}, POINTS, rows=8)
    lifted = {k: INTERVALS.lift(v.numpy().reshape(1, -1 if v.dim() else 1, *v.shape[1:])) for k, v in POINTS.items()}
    lifted["n"] = lifted["n"] + np.array([0.0, 1.0]).reshape(2, 1, 1)
    with pytest.raises(LabError, match="an index that is not known exactly"):
        Replay(graph, {}, INTERVALS)(lifted)


def test_a_root_is_compared_by_its_square_and_spoils_what_is_computed_from_it():
    two = root(Fraction(2), "the root")
    assert isinstance(two, Irrational)
    assert Fraction(7, 5) < two < Fraction(3, 2)
    assert two > -1
    assert two != Fraction(3, 2)
    assert two < root(Fraction(3), "another")
    assert root(Fraction(9, 4), "a square") == Fraction(3, 2)
    for spoilt in (two + 1, 1 - two, two * 2, 1 / two, -two):
        with pytest.raises(NotRational, match="the root of 2 is not rational"):
            bool(spoilt < 1)


def test_powers_stay_rational_where_they_are():
    assert power(Fraction(4, 9), Fraction(-3, 2), "a power") == Fraction(27, 8)
    assert isinstance(power(Fraction(2), Fraction(1, 3), "a power"), Irrational)
    assert "bits" in power(Fraction(3, 2), Fraction(10**9), "a power").why
    assert power(Fraction(-1), Fraction(10**9), "a power") == 1


# ------------------------------------------------------------------------------------------------- the bound

T, a = sp.symbols("T a", positive=True)


@pytest.mark.parametrize(
    ("expr", "exact"),
    [
        (a**T / 3 + sp.Rational(1, 7), Fraction(1, 24) + Fraction(1, 7)),
        (sp.sqrt(2 * a - sp.Rational(3, 4)) * sp.Max(a, 2), Fraction(1)),
        (sp.Min(a, T) - sp.Abs(a - 2), Fraction(-1)),
        (sp.Sum(sp.Symbol("k", integer=True) * a, (sp.Symbol("k", integer=True), 1, T)), Fraction(3)),
        (sp.log(a), None),
        (sp.sqrt(a), None),
        (1 / (2 * a - 1), None),
    ],
)
def test_a_bound_is_rational_where_all_its_parts_are(expr, exact):
    assert bounds.exactly(expr, {"a": 0.5, "T": 3.0}) == exact


@given(st.fractions())
def test_a_fraction_lies_between_its_ends_which_are_neighbours(x):
    low, high = bounds.outward((x, x))
    assert low <= x <= high
    assert high in (low, np.nextafter(low, np.inf))

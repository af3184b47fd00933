"""Schedules: their values at t = 1, 2, ..., as tensors too, and what they refuse."""

from __future__ import annotations

import math

import pytest
import torch

from lab.engine.step import default_dtype
from lab.errors import LabError
from lab.schedules import Constant, Inverse, InvSqrt, Polynomial, Schedule, Warmup

VALUES = [
    (Constant(0.3), lambda t: 0.3),
    (InvSqrt(0.3), lambda t: 0.3 / math.sqrt(t)),
    (Inverse(0.3), lambda t: 0.3 / t),
    (Inverse(0.3, shift=4.0), lambda t: 0.3 / (t + 4)),
    (Polynomial(0.3), lambda t: 0.3 * t**-0.5),
    (Polynomial(0.3, power=0.75), lambda t: 0.3 * t**-0.75),
    (Warmup(InvSqrt(0.3), steps=5.0), lambda t: 0.3 / math.sqrt(t) * min(1, t / 5)),
]


def at(schedule: Schedule, t: float) -> float:
    return float(schedule(torch.tensor(float(t), dtype=torch.float64)))


@pytest.mark.parametrize(("schedule", "formula"), VALUES, ids=lambda v: str(v) if isinstance(v, Schedule) else "")
@pytest.mark.parametrize("t", [1, 2, 3, 5, 6, 1000, 10**7])
@pytest.mark.parametrize("default", [torch.float32, torch.float64], ids=str)
def test_a_schedule_has_its_formulas_value(schedule, formula, t, default):
    with default_dtype(default):
        assert at(schedule, t) == pytest.approx(formula(t), rel=4 * 2.0**-52)


@pytest.mark.parametrize(("schedule", "formula"), VALUES, ids=lambda v: str(v) if isinstance(v, Schedule) else "")
def test_a_schedule_takes_tensors_for_its_numbers(schedule, formula):
    column = {path: torch.tensor([[v], [2 * v]], dtype=torch.float64) for path, v in schedule.leaves().items()}
    for t in (1, 7):
        got = schedule.bind(column)(torch.tensor(float(t), dtype=torch.float64))
        assert got.shape == (2, 1)
        assert float(got[0, 0]) == pytest.approx(formula(t), rel=4 * 2.0**-52)


def test_a_number_is_a_constant_schedule():
    assert Schedule.coerce(0.5) == Constant(0.5)
    assert Schedule.coerce(2) == Constant(2.0)
    assert Schedule.coerce(InvSqrt(0.5)) == InvSqrt(0.5)
    assert Warmup(0.5, steps=10) == Warmup(Constant(0.5), steps=10.0)


def test_a_schedule_is_written_as_on_the_command_line():
    assert str(InvSqrt(0.5)) == "inv_sqrt(0.5)"
    assert str(Warmup(Inverse(0.5, shift=1), steps=10)) == "warmup(inverse(0.5,1.0),10.0)"


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Constant(-1.0), "constant: lr must be a number >= 0, got -1.0"),
        (lambda: InvSqrt(float("nan")), "inv_sqrt: lr must be a finite number, got nan"),
        (lambda: InvSqrt(True), "inv_sqrt: lr must be a finite number, got True"),
        (lambda: Inverse(0.1, shift=-1.0), "inverse: shift must be a number > -1, got -1.0"),
        (lambda: Polynomial(0.1, power=-0.5), "polynomial: power must be a number >= 0, got -0.5"),
        (lambda: Warmup(InvSqrt(0.1), steps=0.0), "warmup: steps must be a number >= 1, got 0.0"),
        (lambda: Warmup("fast", steps=3), "warmup: after must be a Schedule, got 'fast'"),
    ],
)
def test_a_bad_schedule_is_refused_in_one_line(build, says):
    with pytest.raises(LabError) as refusal:
        build()
    assert str(refusal.value) == says

"""check_optimizer: an update rule is pure, treats every row alike, and keeps what it declares."""

from __future__ import annotations

import dataclasses
import typing
from typing import Any

import torch
from torch import Tensor

from lab.engine.step import StepOracle, default_dtype
from lab.engine.stepgraph import check_step_dtypes, record_step
from lab.engine.tree import flatten
from lab.errors import LabError
from lab.optimizer import Kind, Optimizer
from lab.testing import samples
from lab.testing.demand import Check, demand, demand_bits, demand_close, name_of, run_checks
from lab.testing.driving import DECAYS, GivenGradients, begins, chain, drive, gradients, handed, hyperparameter
from lab.testing.effective_step import EFFECTIVE_STEP_CHECKS, measured
from lab.testing.method import METHOD_CHECKS
from lab.testing.samples import ROWS
from lab.transforms import CoupledDecay
from lab.types import Points

STEPS = 12
LONG = 200  # of steps without a gradient


def check_optimizer(optimizer: Optimizer[Any]) -> None:
    """Check one optimizer with its hyperparameters; raise AssertionError with one line that says what does not hold.

    Shapes and types kept, inputs left alone, state a NamedTuple of tensors, rows independent to the bit, what `kind`,
    `symmetries`, `homogeneity`, `reference` and `effective_step` declare, zero and NaN gradients, float32,
    hyperparameters as tensors, a step that can be recorded and runs alike in both engines, bad values refused.
    """
    demand(isinstance(optimizer, Optimizer), f"{optimizer!r} is no lab.optimizer.Optimizer")
    name = str(getattr(optimizer, "name", type(optimizer).__name__))
    run_checks(name, OPTIMIZER_CHECKS, optimizer)


def _everything_is_declared(optimizer: Optimizer[Any]) -> None:
    demand(isinstance(getattr(optimizer, "name", None), str) and optimizer.name.isidentifier(), "name must be a word")
    demand(getattr(optimizer, "source", "").strip(), "source must say where the method comes from")
    kinds = typing.get_args(Kind)
    kind = getattr(optimizer, "kind", None)
    demand(kind in kinds, f"kind must be one of {', '.join(kinds)}, got {kind!r}")


OUT_OF_RANGE = {
    "lr": (-1.0,),
    "betas": (-0.1, 1.0),
    "momentum": (-0.1, 1.0),
    "eps": (-1e-8,),
    "weight_decay": (-0.1,),
}


def _bad_values_are_refused(optimizer: Optimizer[Any]) -> None:
    """NaN in any leaf, and what lies below or above the range that a name stands for, must raise LabError."""
    for field in dataclasses.fields(optimizer):
        value = getattr(optimizer, field.name)
        if not any(path.partition(".")[0] == field.name for path in optimizer.leaves()):
            continue
        for bad in (float("nan"), *OUT_OF_RANGE.get(field.name, ())):
            _demand_refusal(optimizer, field.name, (bad, *value[1:]) if isinstance(value, tuple) else bad)


def _demand_refusal(optimizer: Optimizer[Any], field: str, bad: object) -> None:
    try:
        dataclasses.replace(optimizer, **{field: bad})
    except LabError:
        return
    raise AssertionError(f"{field} = {bad} is accepted")


def _the_state_is_a_named_tuple_of_tensors(optimizer: Optimizer[Any]) -> None:
    x = begins(3)
    first, last = handed(optimizer, x).init(x), drive(optimizer, gradients(2, 3), x).state
    if optimizer.kind in ("layerwise", "matrix"):
        (first,), (last,) = first, last
    for state in (first, last):
        good = isinstance(state, tuple) and hasattr(state, "_fields")
        demand(good, f"the state is a {type(state).__name__}, not a NamedTuple")
    _demand_one_form(first, last, "state")


def _demand_one_form(first: Any, last: Any, name: str) -> None:
    """Tuples inside are the states of wrapped methods and of their layers."""
    if isinstance(first, tuple):
        kinds = (type(first).__name__, type(last).__name__)
        demand(type(first) is type(last), f"{name} starts as {kinds[0]} and becomes {kinds[1]}")
        for part, a, b in zip(getattr(first, "_fields", range(len(first))), first, last, strict=True):
            _demand_one_form(a, b, f"{name}.{part}")
        return
    demand(isinstance(first, Tensor) and isinstance(last, Tensor), f"{name} is no tensor")
    same = (first.shape, first.dtype, first.device) == (last.shape, last.dtype, last.device)
    demand(same, f"{name} starts as {_form(first)} and becomes {_form(last)}")


def _form(x: Tensor) -> str:
    return f"{name_of(x.dtype)} {tuple(x.shape)} on {x.device}"


def _shape_type_and_device_are_kept(optimizer: Optimizer[Any]) -> None:
    """For x of any leading shape: x, query, output and update; float32 too."""
    for lead in ((), (5,), (2, 3), (ROWS,)):
        for dtype in (torch.float64, torch.float32):
            n = int(torch.Size(lead).numel())
            x = begins(3)[:n].reshape(*lead, 3).to(dtype)
            noise = gradients(1, 3)[:, :n].reshape(1, *lead, 3).to(dtype)
            with default_dtype(dtype):
                _demand_one_step_keeps_form(optimizer, noise[0], x)


def _demand_one_step_keeps_form(optimizer: Optimizer[Any], g: Points, x: Points) -> None:
    optimizer = handed(optimizer, x)
    state, t = optimizer.init(x), samples.step(1)
    queried = optimizer.query(x, state, t)
    moved, after = optimizer.step(StepOracle(GivenGradients(d=x.shape[-1]), t, g), x, state, t)
    produced = {"the next x": moved, "query": queried, "output": optimizer.output(moved, after, t)}
    weights = optimizer.metric(after)
    if weights is not None:
        produced["metric"] = weights
        demand((weights >= 0).all(), "metric has a negative weight")
    for name, got in produced.items():
        demand(_form(got) == _form(x), f"{name} is {_form(got)} for x {_form(x)}")


def _the_inputs_decide_the_precision(optimizer: Optimizer[Any]) -> None:
    """float64 in, float64 out, to the bit, though torch's default be float32."""
    x, noise = begins(3), gradients(STEPS, 3)
    with default_dtype(torch.float32):
        got = drive(optimizer, noise, x)
    with default_dtype(torch.float64):
        want = drive(optimizer, noise, x)
    demand_bits(got.x, want.x, "x under torch's default float32")
    demand_bits(got.output, want.output, "output under torch's default float32")


def _inputs_are_left_alone(optimizer: Optimizer[Any]) -> None:
    optimizer = handed(optimizer, begins(3))
    with default_dtype(torch.float64):
        x, state = begins(3), optimizer.init(begins(3))
        for step, g in enumerate(gradients(4, 3), start=1):
            t = samples.step(step)
            given = {"x": x, "g": g, "t": t} | flatten(state, "state")
            kept = {name: value.clone() for name, value in given.items()}
            optimizer.query(x, state, t)
            optimizer.output(x, state, t)
            new_x, new_state = optimizer.step(StepOracle(GivenGradients(), t, g), x, state, t)
            for name, value in given.items():
                demand_bits(value, kept[name], f"{name} after step {step}")
            x, state = new_x, new_state


def _the_same_run_gives_the_same_numbers(optimizer: Optimizer[Any]) -> None:
    first, again = (drive(optimizer, gradients(STEPS, 3), begins(3)) for _ in range(2))
    demand_bits(again.x, first.x, "x, run again")


def _init_sees_only_the_shape(optimizer: Optimizer[Any]) -> None:
    """Each part of the first state is x itself (a remembered start) or the same for every x."""
    x = begins(3)
    method = handed(optimizer, x)
    a, b = flatten(method.init(x)), flatten(method.init(x.flip(0) + 1.0))
    for name, one in a.items():
        good = torch.equal(one, b[name]) or torch.equal(one.reshape(x.shape), x)
        demand(good, f"state.{name} depends on the start and is not the start")


def _rows_do_not_see_each_other(optimizer: Optimizer[Any]) -> None:
    """The bits of a row stay when the rows are permuted and when the other rows are replaced."""
    for d in (1, 3):
        x, noise = begins(d), gradients(STEPS, d)
        want = drive(optimizer, noise, x)
        flipped = drive(optimizer, noise.flip(1), x.flip(0))
        demand_bits(flipped.x.flip(1), want.x, "x after the rows were permuted")
        demand_bits(flipped.output.flip(1), want.output, "output after the rows were permuted")
        other_x, other_noise = 3.0 * x + 1.0, noise.roll(1, 0) * 5.0
        other_x[7], other_noise[:, 7] = x[7], noise[:, 7]
        replaced = drive(optimizer, other_noise, other_x)
        demand_bits(replaced.x[:, 7], want.x[:, 7], "x of a row after the other rows were replaced")


def _coordinates_do_not_see_each_other(optimizer: Optimizer[Any]) -> None:
    """For kind "coordinatewise": permuting coordinates commutes, and each runs as if it were alone."""
    if optimizer.kind != "coordinatewise":
        return
    x, noise = begins(4), gradients(STEPS, 4)
    want = drive(optimizer, noise, x)
    order = torch.tensor([2, 0, 3, 1])
    permuted = drive(optimizer, noise[..., order], x[..., order])
    demand_close(permuted.x, want.x[..., order], "x with coordinates permuted")
    alone = drive(optimizer, noise[..., 1:2], x[..., 1:2])
    demand_close(alone.x, want.x[..., 1:2], "coordinate 1 alone (kind is coordinatewise)")


def _layers_do_not_see_each_other(optimizer: Optimizer[Any]) -> None:
    """For kinds "layerwise" and "matrix": each layer runs as if it were alone, and in one piece of code."""
    if optimizer.kind not in ("layerwise", "matrix"):
        return
    demand(type(optimizer).step is Optimizer.step, f"a {optimizer.kind} method has no step of its own")
    shapes = ((3, 2), (4,))
    x, noise = begins(10), gradients(STEPS, 10)
    want = drive(optimizer, noise, x, layers=shapes)
    first = drive(optimizer, noise[..., :6], x[..., :6], layers=shapes[:1])
    second = drive(optimizer, noise[..., 6:], x[..., 6:], layers=shapes[1:])
    demand_close(torch.cat([first.x, second.x], -1), want.x, "each layer alone")


def _zero_gradients_move_nothing(optimizer: Optimizer[Any]) -> None:
    """200 steps with zero gradients: x = 0 stays 0; elsewhere x decays as declared, and stays where nothing does."""
    none = torch.zeros(LONG, 2 * ROWS, 3, dtype=torch.float64)
    both = drive(optimizer, none, torch.cat([torch.zeros_like(begins(3)), begins(3)]), curvature=0.0)
    at_zero, elsewhere = both.x[:, :ROWS], both.x[:, ROWS:]
    demand((at_zero == 0).all() and (both.output[:, :ROWS] == 0).all(), f"x = 0 moves to {float(at_zero[-1, 0, 0])}")
    demand(torch.isfinite(elsewhere).all(), "zero gradients give a number that is not finite")
    grows = (elsewhere[1:].abs() > elsewhere[:-1].abs() * (1 + 1e-12)).any()
    coupled = any(isinstance(o, CoupledDecay) for o in chain(optimizer))  # the method may carry it past 0
    demand(coupled or not grows, "x moves away from 0 without a gradient")
    decays = {p: v for p, v in optimizer.leaves().items() if hyperparameter(p) in DECAYS and v != 0}
    undecayed = optimizer.bind(optimizer.leaves() | dict.fromkeys(decays, 0.0))
    still = drive(undecayed, none[:, :ROWS], begins(3), curvature=0.0).x if decays else elsewhere
    demand_close(still, begins(3).expand_as(still), "x under zero gradients and without decay")


def _a_zero_coordinate_gives_no_nan(optimizer: Optimizer[Any]) -> None:
    """One coordinate's gradient is 0 for ever, the others' are not."""
    noise = gradients(LONG, 3)
    noise[..., 1] = 0.0
    path = drive(optimizer, noise, begins(3), curvature=0.0)
    demand(torch.isfinite(path.x).all(), "a coordinate without gradient gives a number that is not finite")


def _nan_stays_in_its_row(optimizer: Optimizer[Any]) -> None:
    """And does not vanish from it: a diverged trajectory must be seen."""
    x, noise = begins(3), gradients(STEPS, 3)
    want = drive(optimizer, noise, x).x
    broken = noise.clone()
    broken[2, 9] = float("nan")
    got = drive(optimizer, broken, x).x
    others = torch.arange(ROWS) != 9
    demand_bits(got[:, others], want[:, others], "x of the other rows")
    demand(not torch.isfinite(got[-1, 9]).all(), "a NaN gradient leaves no trace in its row")


def _leaves_may_be_tensors(optimizer: Optimizer[Any]) -> None:
    """A grid rides in the batch: `(N, 1)` tensors, each row to the bit as if all rows had its values."""
    leaves, x, noise = optimizer.leaves(), begins(3), gradients(STEPS, 3)
    shrink = 1.0 - torch.arange(ROWS, dtype=torch.float64).unsqueeze(-1) / (8 * ROWS)
    equal = optimizer.bind({p: torch.full((ROWS, 1), v, dtype=torch.float64) for p, v in leaves.items()})
    grid = optimizer.bind({p: v * shrink for p, v in leaves.items()})
    with default_dtype(torch.float64):
        plain = drive(optimizer, noise, x)
        demand_close(drive(equal, noise, x).x, plain.x, "x with leaves as tensors")
        together = drive(grid, noise, x)
        for i in (0, 9, ROWS - 1):
            row = optimizer.bind({p: (v * shrink)[i].expand(ROWS, 1).clone() for p, v in leaves.items()})
            demand_bits(drive(row, noise, x).x[:, i], together.x[:, i], f"x of row {i} of a grid")


def _a_step_can_be_recorded(optimizer: Optimizer[Any]) -> None:
    """All but matrix methods, which may need an eigenvalue problem."""
    if chain(optimizer)[-1].kind == "matrix":
        return
    record_step(GivenGradients(), optimizer, measured(optimizer))
    check_step_dtypes(GivenGradients(), optimizer, measured(optimizer))


OPTIMIZER_CHECKS: tuple[Check, ...] = (
    _everything_is_declared,
    _bad_values_are_refused,
    _the_state_is_a_named_tuple_of_tensors,
    _shape_type_and_device_are_kept,
    _inputs_are_left_alone,
    _the_same_run_gives_the_same_numbers,
    _the_inputs_decide_the_precision,
    _init_sees_only_the_shape,
    _rows_do_not_see_each_other,
    _coordinates_do_not_see_each_other,
    _layers_do_not_see_each_other,
    _zero_gradients_move_nothing,
    _a_zero_coordinate_gives_no_nan,
    _nan_stays_in_its_row,
    _leaves_may_be_tensors,
    _a_step_can_be_recorded,
    *METHOD_CHECKS,
    *EFFECTIVE_STEP_CHECKS,
)

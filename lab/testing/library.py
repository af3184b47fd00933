"""Running a library's optimizer beside ours: the same gradients, one trajectory in float64, 200 steps unless said."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from lab.engine.step import StepOracle, default_dtype
from lab.errors import LabError
from lab.layers import Shapes, in_layers
from lab.optimizer import Optimizer
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.testing.driving import GivenGradients
from lab.testing.samples import step

STEPS = 200
PULL = 0.25  # the gradient fed is PULL x + noise: a difference between two paths feeds back
LAYERS: dict[str, Shapes] = {
    "coordinatewise": ((5,),),
    "global": ((5,),),
    "layerwise": ((3, 2), (4,)),
    "matrix": ((4, 3),),
}
PARTED = 1e-9  # relative: two paths that end nearer are the same algorithm, however it is rounded


class Comparison(NamedTuple):
    """How far two paths are apart at most, and how far the farther one went, both relative to 1 + the largest |x|."""

    apart: float
    moved: float


def compare(optimizer: Optimizer[Any], reference: Reference) -> Comparison:
    """Return how far our path and the library's are apart. ImportError where the library is not installed."""
    ours = dataclasses.replace(optimizer, **reference.at)
    shapes = reference.layers or LAYERS[ours.kind]
    d = sum(math.prod(shape) for shape in shapes)
    noise, x = _noise(d)[: reference.steps], torch.linspace(-0.5, 1.5, d, dtype=torch.float64)
    with default_dtype(torch.float64):  # torch keeps its step counters in the default dtype
        mine = _our_path(ours, reference.point, noise, x, shapes)
        theirs = _library_path(ours, reference, noise, x, shapes)
    size = 1.0 + float(theirs.abs().max())
    return Comparison(float((mine - theirs).abs().max()) / size, float((theirs - x).abs().max()) / size)


def verdict(reference: Reference, found: Comparison) -> str:
    """Return what is wrong with a comparison, in one line; empty where it came out as the reference says."""
    if not found.moved > 1e-3:
        return f"{reference.target} did not move ({found.moved:.1e})"
    if reference.differs:
        same = found.apart <= max(PARTED, reference.tolerance)
        return f"{reference.target} now agrees ({found.apart:.1e}); it was said to differ: {reference.differs}" * same
    close = found.apart <= reference.tolerance
    return "" if close else f"{reference.target} is {found.apart:.1e} away, {reference.tolerance:.0e} is allowed"


def _noise(d: int) -> Tensor:
    """Return `(STEPS, d)` gradients of sizes 0.1 and 1, none of them 0."""
    rng = np.random.default_rng(20)
    return torch.from_numpy(rng.normal(size=(STEPS, d)) * 10.0 ** rng.integers(-1, 1, size=(STEPS, 1)))


def _our_path(optimizer: Optimizer[Any], point: str, noise: Tensor, x: Tensor, shapes: Shapes) -> Tensor:
    """Return our points after steps 0..T `(T + 1, d)`, as row 0 of a batch of 64 equal ones."""
    problem = GivenGradients(d=x.shape[-1], curvature=PULL)
    method = in_layers(optimizer, shapes)
    x = x.expand(64, -1).clone()
    state, path = method.init(x), []
    for i, u in enumerate([*noise, None], start=1):
        now = step(i)
        points = {"held": x, "query": method.query(x, state, now), "output": method.output(x, state, step(i - 1))}
        path.append(points[point][0])
        if u is not None:
            x, state = method.step(StepOracle(problem, now, u.expand_as(x)), x, state, now)
    return torch.stack(path)


def arguments(optimizer: Optimizer[Any], reference: Reference) -> Mapping[str, Any]:
    """Return the hyperparameters for the library, without the step size unless it is among them."""
    if reference.arguments is not None:
        return reference.arguments(optimizer)
    names = {f.name for f in dataclasses.fields(optimizer)} - {"lr"} - set(reference.at)
    return {name: getattr(optimizer, name) for name in sorted(names)}


def _library_path(ours: Any, reference: Reference, noise: Tensor, x: Tensor, shapes: Shapes) -> Tensor:
    module, _, attribute = reference.target.rpartition(".")
    make = getattr(importlib.import_module(module), attribute)
    given = dict(arguments(ours, reference))
    schedule = getattr(ours, "lr", Constant(1.0))
    if reference.group:
        make = _grouped(make, reference.group)
    if not reference.scaled:
        make, given = (_then_step if reference.package == "optax" else _then_descend)(make, given), {}
    if reference.package == "optax":
        return _optax_path(make, given, schedule, noise, x, shapes)
    return _torch_path(make, given, schedule, noise, x, shapes, reference.needs_hessian)


def _torch_path(
    make: Any, given: dict[str, Any], schedule: Schedule, noise: Tensor, x: Tensor, shapes: Shapes, hessian: bool
) -> Tensor:
    """Return the parameters of a torch-like optimizer after steps 0..T, its lr set before every step."""
    fixed = "lr" in given
    parts = [torch.nn.Parameter(p.clone()) for p in _cut(x, shapes)]
    optimizer = make(parts, **{"lr": _rate(schedule, 1)} | given)
    path = [x]
    for i, u in enumerate(noise, start=1):
        if not fixed:
            optimizer.param_groups[0]["lr"] = _rate(schedule, i)
        for part, g in zip(parts, _cut(PULL * path[-1] + u, shapes), strict=True):
            part.grad = g.clone()
        curvature = [torch.full_like(p, PULL) for p in parts]
        optimizer.step(**{"hessian": curvature} if hessian else {})
        path.append(torch.cat([p.detach().reshape(-1) for p in parts]).clone())
    return torch.stack(path)


def _optax_path(
    make: Any, given: dict[str, Any], schedule: Schedule, noise: Tensor, x: Tensor, shapes: Shapes
) -> Tensor:
    """Return the parameters of an optax transformation after steps 0..T; its counts start at 0."""
    import jax
    import optax
    from jax import numpy as jnp

    rate: Any = _rate(schedule, 1) if isinstance(schedule, Constant) else lambda n: _rate(schedule, int(n) + 1)
    with _double_precision():
        transform = make(**{"learning_rate": rate} | given)
        params = [jnp.asarray(p.numpy()) for p in _cut(x, shapes)]
        state, path = transform.init(params), [x]

        def advance(params: Any, state: Any, grads: Any) -> Any:
            updates, state = transform.update(grads, state, params)
            return optax.apply_updates(params, updates), state

        advance = jax.jit(advance) if isinstance(schedule, Constant) else advance
        for u in noise:
            grads = [jnp.asarray(g.numpy()) for g in _cut(PULL * path[-1] + u, shapes)]
            params, state = advance(params, state, grads)
            path.append(torch.from_numpy(np.concatenate([np.asarray(p).reshape(-1) for p in params])))
    return torch.stack(path)


def _grouped(make: Any, entries: Mapping[str, Any]) -> Callable[..., Any]:
    """Return the optimizer with its parameters in one group, which has these entries too."""
    return lambda parts, **given: make([{"params": parts} | dict(entries)], **given)


def _then_step(transform: Any, given: dict[str, Any]) -> Callable[..., Any]:
    """Return the optax optimizer that applies a bare transform and then steps by -learning_rate."""
    import optax

    return lambda learning_rate: optax.chain(transform(**given), optax.scale_by_learning_rate(learning_rate))


def _then_descend(clip: Any, given: dict[str, Any]) -> type[torch.optim.SGD]:
    """Return the torch optimizer that clips the gradients, in place, and then steps by -lr."""

    class Clipped(torch.optim.SGD):
        def step(self, closure: Any = None) -> Any:
            clip(self.param_groups[0]["params"], **given)
            return super().step(closure)

    return Clipped


@contextmanager
def _double_precision() -> Iterator[None]:
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)


def _cut(x: Tensor, shapes: Shapes) -> list[Tensor]:
    sizes = [math.prod(shape) for shape in shapes]
    return [part.reshape(shape) for part, shape in zip(torch.split(x, sizes, -1), shapes, strict=True)]


def _rate(schedule: Callable[[Tensor], Any], t: int) -> float:
    return float(schedule(step(t)))


def installed(reference: Reference) -> bool:
    """Tell whether the library is here; LabError where it is and has no such class."""
    needed = ("jax", "optax") if reference.package == "optax" else (reference.package,)
    if any(importlib.util.find_spec(package) is None for package in needed):
        return False
    module, _, attribute = reference.target.rpartition(".")
    try:
        found = hasattr(importlib.import_module(module), attribute)
    except ImportError:
        found = False
    if not found:
        raise LabError(f"reference {reference.target!r} cannot be imported")
    return True

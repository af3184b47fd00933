"""What a transform is: an optimizer that changes what its inner method sees, moves or returns."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

from torch import Tensor

from lab.optimizer import Kind, Optimizer, Oracle, Rows, Symmetry
from lab.schedules import Schedule
from lab.types import Points, Scalars, Step
from lab.units import Units


class Wrapped(NamedTuple):
    """The state of a transform that remembers nothing itself."""

    inner: tuple[Any, ...]


class Averaged(NamedTuple):
    """The inner method's state, and the average of its points."""

    inner: tuple[Any, ...]
    mean: Points


State = TypeVar("State", Wrapped, Averaged)


@dataclass(frozen=True, kw_only=True)
class Transform(Optimizer[State]):
    """An optimizer made of another one, whose kind, symmetries, degree and scales follow from both.

    own: what the transform itself looks at. commutes: its own symmetries. zeroed: its own part of `scales`.
    """

    own: ClassVar[Kind] = "coordinatewise"
    commutes: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")
    zeroed: ClassVar[tuple[str, ...]] = ()

    inner: Optimizer[Any]

    @property
    def label(self) -> str:
        return f"{self.name}({self.inner.label})"

    @property
    def kind(self) -> Kind:  # type: ignore[override]  # of a class for methods, of an instance for what wraps one
        """Return "coordinatewise" where both parts are, else "global": only the inner method is handed layers."""
        return "coordinatewise" if self.own == self.inner.kind == "coordinatewise" else "global"

    @property
    def symmetries(self) -> tuple[Symmetry, ...]:  # type: ignore[override]
        """Return the symmetries of both parts."""
        return tuple(s for s in self.inner.symmetries if s in self.commutes)

    @property
    def homogeneity(self) -> float | None:  # type: ignore[override]
        """Return the inner method's degree; a transform that has no degree of its own says so."""
        return self.inner.homogeneity

    @property
    def scales(self) -> tuple[str, ...]:  # type: ignore[override]
        """Return the hyperparameters of both parts that are 0 where the degree is looked at."""
        return (*self.zeroed, *self.inner.scales)

    @property
    def momenta(self) -> tuple[str, ...]:  # type: ignore[override]
        """Return the inner method's, by their paths from here."""
        return tuple(f"inner.{path}" for path in self.inner.momenta)

    @property
    def lr_units(self) -> Units | None:
        units = self.inner.lr_units
        return None if units is None else self.outside(units)

    @property
    def lr(self) -> Schedule | None:
        """Return the inner method's step size; None where it has none."""
        return getattr(self.inner, "lr", None)

    def outside(self, units: Units) -> Units:
        """Return the units, in the problem, of a hyperparameter that has `units` for what the inner method sees."""
        return units

    def gradient(self, g: Points, x: Points) -> Points:
        """Return what the inner method sees in place of the gradient g at x."""
        del x
        return g

    def curvature(self, h: Points) -> Points:
        """Return what the inner method sees in place of the Hessian's diagonal h."""
        return h

    def value(self, f: Scalars, x: Points) -> Scalars:
        """Return what the inner method sees in place of the loss f at x."""
        del x
        return f

    def pull(self, y: Points, x: Points, t: Step) -> Points:
        """Return y, the move or the point to be projected, with what the transform adds to a move from x."""
        del x, t
        return y

    def over(self, wrap: Callable[[Optimizer[Any]], Optimizer[Any]]) -> Self:
        made = copy.copy(self)
        object.__setattr__(made, "inner", wrap(self.inner))
        return made

    def query(self, x: Points, state: State, t: Step) -> Points:
        return self.inner.query(x, state.inner, t)

    def output(self, x: Points, state: State, t: Step) -> Points:
        return self.inner.output(x, state.inner, t)

    def metric(self, state: State) -> Points | None:
        return self.inner.metric(state.inner)

    @property
    def has_effective_step(self) -> bool:
        return self.inner.has_effective_step

    def effective_step(self, state: State, t: Step) -> Points:
        """Return the inner method's, which multiplies the gradient as that method sees it."""
        return self.inner.effective_step(state.inner, t)

    def gradient_used(self, g: Points, x: Points) -> Points:
        return self.inner.gradient_used(self.gradient(g, x), x)

    def moved(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, tuple[Any, ...]]:
        """Return (dx, the inner method's new state) from the gradient at the point queried."""
        g = self.gradient(g, self.inner.query(x, state.inner, t))
        dx, inner = self.inner.update(g, state.inner, x, t)
        return self.pull(dx, x, t), inner

    def stepped(self, oracle: Oracle, x: Points, state: State, t: Step) -> tuple[Points, tuple[Any, ...]]:
        """Return (x, the inner method's new state) after a step of the inner method on the transformed oracle."""
        return self.inner.step(_Seen(oracle, self, x, t), x, state.inner, t)


@dataclass(frozen=True)
class _Seen:
    """The oracle of a step from x as the inner method sees it."""

    oracle: Oracle
    transform: Transform[Any]
    x: Points
    t: Step

    def __call__(self, x: Points) -> Points:
        return self.transform.gradient(self.oracle(x), x)

    def project(self, y: Points, metric: Points | None = None) -> Points:
        return self.oracle.project(self.transform.pull(y, self.x, self.t), metric)

    def hessian_diagonal(self, x: Points) -> Points:
        return self.transform.curvature(self.oracle.hessian_diagonal(x))

    def loss(self, x: Points) -> Scalars:
        return self.transform.value(self.oracle.loss(x), x)

    def rows(self, which: Rows) -> _Seen:
        alone = copy.copy(self.transform)
        for f in fields(alone):
            value = getattr(alone, f.name)
            if isinstance(value, Tensor) and value.dim() > 0:
                object.__setattr__(alone, f.name, value[which])
        return _Seen(self.oracle.rows(which), alone, self.x[which], self.t)


class Stateless(Transform[Wrapped]):
    """A transform that remembers nothing."""

    reference: ClassVar[str] = "none: a library chains it with a method; tests hold such chains to torch and optax"

    def init(self, x: Points) -> Wrapped:
        return Wrapped(self.inner.init(x))

    def update(self, g: Points, state: Wrapped, x: Points, t: Step) -> tuple[Points, Wrapped]:
        dx, inner = self.moved(g, state, x, t)
        return dx, Wrapped(inner)

    def step(self, oracle: Oracle, x: Points, state: Wrapped, t: Step) -> tuple[Points, Wrapped]:
        x, inner = self.stepped(oracle, x, state, t)
        return x, Wrapped(inner)

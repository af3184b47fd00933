"""What an optimizer is: a pure update rule.

An optimizer is a frozen dataclass in `lab/optimizers/`; one file a method. `init`, `query`, `update` and `output` are
pure torch functions on `(..., d)`; they write the paper's equations and nothing else. State is a NamedTuple of
tensors. Float fields may be tensors of shape `(..., 1)` when a grid rides in the batch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, NamedTuple, Protocol, Self, TypeVar

import torch
from torch import Tensor

from lab.errors import LabError
from lab.parameters import Parametric
from lab.reference import Reference
from lab.types import Points, Scalars, Step
from lab.units import GRADIENT, ByName, Units

Kind = Literal["coordinatewise", "layerwise", "global", "matrix"]
Symmetry = Literal["permutation", "signs", "rotation"]
Rows = Sequence[int] | Tensor
State = TypeVar("State", bound=tuple[Any, ...])


class Oracle(Protocol):
    """One step's access to the problem. Several calls in one step see the same draws."""

    def __call__(self, x: Points) -> Points:
        """Return the stochastic gradient at x."""

    def project(self, y: Points, metric: Points | None = None) -> Points:
        """Return the point of the domain nearest to y in the metric's weighted norm."""

    def hessian_diagonal(self, x: Points) -> Points:
        """Return the diagonal of the objective's Hessian at x; LabError where the problem does not know it."""

    def loss(self, x: Points) -> Scalars:
        """Return the loss of this round at x."""

    def rows(self, which: Rows) -> Oracle:
        """Return the oracle of these trajectories alone."""


class Stateless(NamedTuple):
    """The state of a method that remembers nothing."""


@dataclass(frozen=True, kw_only=True)
class Optimizer(Parametric, ABC, Generic[State]):
    """An update rule with its hyperparameters, which keep torch.optim's names.

    kind: what one update looks at, and so what it is given: single coordinates or all of x as `(..., d)`; a layer as
    `(..., n)`; a matrix as `(..., rows, columns)`, a vector being one column (lab/layers.py cuts x).
    reference: the library classes that it is compared with, or a sentence that says why there are none and what
    stands for them.
    homogeneity: h such that gradients c g, c > 0, give steps c^h dx, once the leaves named in `scales` are 0; None
    where there is no such h.
    units: those of the hyperparameters that are no pure numbers, lr apart; None for one number in the place of two
        quantities. Rates of decay are pure numbers and need not be named.
    momenta: the leaves that are 0 where the method has no momentum: its step is then -effective_step * g.
    symmetries: what commutes with the update: permutations of coordinates, their sign flips, every rotation. Of a
    layerwise method within each layer, of a matrix method those of rows and of columns.
    """

    source: ClassVar[str]
    kind: ClassVar[Kind]
    reference: ClassVar[str | tuple[Reference, ...]] = ""
    homogeneity: ClassVar[float | None] = None
    scales: ClassVar[tuple[str, ...]] = ("eps", "weight_decay")
    units: ClassVar[ByName] = {"eps": GRADIENT}
    momenta: ClassVar[tuple[str, ...]] = ("betas.0", "beta1", "momentum")
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs")
    aliases: ClassVar[tuple[str, ...]] = ()

    @property
    def label(self) -> str:
        """Return what tables call the method; of a transform, with what it is around."""
        return self.name

    @property
    def lr_units(self) -> Units | None:
        """Return the units of lr: those declared, or those that make lr g^homogeneity a length; None for none."""
        h = self.homogeneity
        return self.units.get("lr", None if h is None else Units(F=-h, X=1 + h))

    @abstractmethod
    def init(self, x: Points) -> State:
        """Return the state before step 1."""

    def query(self, x: Points, state: State, t: Step) -> Points:
        """Return the point at which step t asks for the gradient; regret is charged there."""
        del state, t
        return x

    @abstractmethod
    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        """Return (dx, new state) from the gradient of step t = 1, 2, ..."""

    def output(self, x: Points, state: State, t: Step) -> Points:
        """Return the point of which the theorem speaks after t steps."""
        del state, t
        return x

    def metric(self, state: State) -> Points | None:
        """Return the weights of the norm in which the method projects; None for the Euclidean one."""
        del state
        return None

    @property
    def has_effective_step(self) -> bool:
        """Tell whether the method defines `effective_step`."""
        return type(self).effective_step is not Optimizer.effective_step

    def effective_step(self, state: State, t: Step) -> Points:
        """Return A_t, as broadcasts with `(..., d)`, from the state after step t; LabError where a method has none.

        The move of step t is -A_t m_t, decoupled decay aside; where m_t is a running mean of the gradients its bias
        correction is in A_t. With `momenta` at 0, m_t = g_t. A_t is 0 where 0/0 = 0 lets a coordinate rest.
        Source: Chen, Liu, Sun, Hong, ICLR 2019, arXiv 1808.02941, Algorithm 1 (alpha_t / sqrt(vhat_t)).
        """
        del state, t
        raise LabError(f"{getattr(self, 'name', type(self).__name__)} has no effective step size")

    def gradient_used(self, g: Points, x: Points) -> Points:
        """Return the gradient at x as the rule uses it, where a coupled decay or a transform changes it."""
        del x
        return g

    def over(self, wrap: Callable[[Optimizer[Any]], Optimizer[Any]]) -> Self:
        """Return this method with `wrap` applied to the optimizer inside it; itself where it holds none."""
        del wrap
        return self

    def on_layers(self, shapes: tuple[tuple[int, ...], ...]) -> Self:
        """Return this method told the shapes of the problem's layers, for one that must know; itself otherwise."""
        del shapes
        return self

    def unrecordable(self, shapes: tuple[tuple[int, ...], ...], dtype: torch.dtype) -> str:
        """Return in one line why a step is no pure function of tensors, on layers of these shapes; "" where it is."""
        reasons: list[str] = []

        def ask(inner: Optimizer[Any]) -> Optimizer[Any]:
            reasons.append(inner.unrecordable(shapes, dtype))
            return inner

        self.over(ask)
        return "; ".join(filter(None, reasons))

    def step(self, oracle: Oracle, x: Points, state: State, t: Step) -> tuple[Points, State]:
        """Return (x, state) after step t. Methods with two gradients or a line search override this.

        Layerwise and matrix methods do not: their parts are put together before the one projection.
        """
        g = oracle(self.query(x, state, t))
        dx, state = self.update(g, state, x, t)
        return oracle.project(x + dx, self.metric(state)), state

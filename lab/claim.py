"""What a claim is: a theorem as data, with everything that is needed to check it from end to end.

Claims live in `proofs_check/claims/`, one file a paper. A claim is written once: its symbols with their domains and
units, its assumptions, its bound and rate, its limits, the steps of its proof, the experiments on which it must hold
and those that must break it, and the mistakes in its printed form with their repairs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

import sympy as sp

from lab.optimizer import Optimizer
from lab.problem import Problem
from lab.units import GRADIENT as GRADIENT, LENGTH as LENGTH, OBJECTIVE as OBJECTIVE, PURE as PURE, Units as Units
from lab.verdict import Finding


class Kind(StrEnum):
    """What the bound says of the metric."""

    UPPER = "upper"  # metric <= bound
    LOWER = "lower"  # metric >= bound
    TIGHT = "tight"  # metric <= bound, with equality on the stated instance
    EXACT = "exact"  # metric = bound
    DIVERGENCE = "divergence"  # metric >= bound, and the bound does not vanish


class Standing(StrEnum):
    """Whose statement a claim is."""

    PUBLISHED = "published"  # as its source prints it
    RESTATED = "restated"  # as another text prints it, which `source` names too
    DERIVED = "derived"  # the lab's own form or constant; the steps are its proof, and no paper is made to say it


@dataclass(frozen=True)
class Quantity:
    """A symbol of a claim. `domain` is a sympy set (Interval, Naturals, ...); `unit_value` marks a quantity that the
    paper sets to 1 (a slope of -1, the box [-1, 1]) and that is carried only so that units can be checked."""

    symbol: sp.Symbol
    domain: sp.Set
    units: Units
    meaning: str
    unit_value: bool = False


@dataclass(frozen=True)
class Rate:
    """The order of the bound in the horizon T: T^exponent (log T)^log_power."""

    exponent: sp.Expr
    log_power: sp.Expr = sp.Integer(0)


@dataclass(frozen=True)
class Limit:
    """A special case that must come out: the bound tends to `value` as `symbol` tends to `point`."""

    says: str
    symbol: sp.Symbol
    point: sp.Expr
    value: sp.Expr


class Step(Protocol):
    """One step of a proof. Its classes, with their engines, are in `proofs_check`."""

    @property
    def says(self) -> str:
        """Return what the step claims, in words."""

    def check(self) -> Finding:
        """Return what the engines found."""


@dataclass(frozen=True)
class Erratum:
    """A printed step that is false, and its repair. `printed` must come out REFUTED, each repair PROVED.

    read_in: the text in which the printed form was read; where that is not the paper itself, "as restated in ...".
        Empty where it was only recalled: then it is a candidate, and is not called published.
    survives: what is left of the theorem.
    """

    id: str
    says: str
    printed: Step
    repair: tuple[Step, ...] = ()
    read_in: str = ""
    survives: str = ""

    @property
    def published(self) -> bool:
        """Tell whether the defect was read in a text, and not only recalled."""
        return bool(self.read_in)


@dataclass(frozen=True)
class Range:
    """Certified: low(t) <= metric <= high(t) for every seed, because of `why`."""

    low: Callable[[float], float]
    high: Callable[[float], float]
    why: str


@dataclass(frozen=True)
class Variance:
    """Certified: the metric's variance at step t is at most variance(t), because of `why`."""

    variance: Callable[[float], float]
    why: str


@dataclass(frozen=True)
class Moment:
    """Certified: E|metric - its mean|^p is at most moment(t) at step t, p in (1, 2], because of `why`."""

    p: float
    moment: Callable[[float], float]
    why: str


@dataclass(frozen=True)
class Nonnegative:
    """Certified: the metric is never negative, because of `why`. Its mean then has a lower limit, and no upper one.

    The limit is that of E min(metric, cap(t)), for a cap fixed before the first seed.
    """

    cap: Callable[[float], float]
    why: str


Certificate = Range | Variance | Moment | Nonnegative


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """An experiment together with what the claim predicts for it.

    values: the numbers of the bound's symbols for one configuration; a symbol may also be given the name of a
        recorded metric (a string), whose value at t is then used. The step symbol is T.
    at: the recorded steps at which the prediction is made, all of which are recorded.
    since: where given, the prediction is on the metric's change from that step, and T counts the steps from there.
    bound, relation, metric: where they differ from the claim's.
    ones: where the bound is of another quantity, the units by which it must be multiplied to have the metric's: of what
        the instance has at 1, as Units(F=-1, X=2) where a curvature of 1 makes x a gradient.
    certified: what is proved about the metric of one seed. None is right for a deterministic problem, which runs in
        interval arithmetic; the mean of a stochastic one without it can only be UNDECIDED.
    probability: where given, q: the prediction is not on the mean but on one seed, P(metric > bound) <= q where the
        relation is <=, P(metric < bound) <= q where it is >=. That needs nothing certified. q = 1/2 is the median.
    seeds, budget: how many seeds the first look has, and the most that a look may have: the looks double until the
        prediction is decided, and share `level`. Without a budget there is one look.
    tolerance: rho of an exact or tight mean: shown to lie inside bound * (1 +- rho).
    """

    says: str
    problem: Problem
    optimizer: Optimizer  # type: ignore[type-arg]
    at: tuple[int, ...]
    values: Mapping[str, float | str]
    seeds: int = 1
    budget: int | None = None
    key: int = 0
    start: tuple[float, ...] | None = None
    since: int | None = None
    metric: str | None = None
    relation: Literal["<=", ">=", "=="] | None = None
    bound: sp.Expr | None = None
    ones: Units = PURE
    certified: Certificate | None = None
    probability: float | None = None
    level: float = 1e-3
    tolerance: float = 0.1


@dataclass(frozen=True, kw_only=True)
class Family:
    """A rate that must be attained: the means of its members, at at least 5 horizons over 2 decades, go like `rate`.

    members: predictions whose steps `at`, all together, are the horizons: one run at many steps for an exact curve,
        one instance a horizon for a lower bound's hard family. Their own bounds are not looked at.
    rate: in T and the members' values. neighbour: the nearest rate that must be told from it.
    rho: the factor, > 1, by which the ratio to the rate may differ from that at the last horizon.
    """

    says: str
    members: tuple[Prediction, ...]
    rate: sp.Expr
    neighbour: sp.Expr
    rho: float = 2.0
    level: float = 1e-3


@dataclass(frozen=True, kw_only=True, eq=False)
class Claim:
    """A theorem. Compared by identity; named by `id`, e.g. "reddi2018.thm1".

    bound: of `metric`, in `symbols`, with the horizon as the symbol T; the last step's right side must be it.
    metric: a recorded metric; a claim without experiments may bound any quantity, named in words.
    certificates: what is shown exactly and is no algebra between symbols (a cycle, a region that nothing leaves).
    worst_cases: performance-estimation problems whose value must be the bound; solved where the extra `pep` is there.
    """

    id: str
    says: str
    source: str
    kind: Kind
    metric: str
    metric_units: Units
    symbols: tuple[Quantity, ...]
    assumptions: tuple[sp.Basic, ...]
    bound: sp.Expr
    rate: Rate | None = None
    limits: tuple[Limit, ...] = ()
    steps: tuple[Step, ...] = ()
    experiments: tuple[Prediction, ...] = ()
    broken_by: tuple[Prediction, ...] = ()
    attained: tuple[Family, ...] = ()
    errata: tuple[Erratum, ...] = ()
    certificates: tuple[Step, ...] = ()
    worst_cases: tuple[Step, ...] = ()
    standing: Standing = Standing.PUBLISHED

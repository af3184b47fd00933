"""What a cell of a phase map is: a class by a stated rule, the number behind it, and how sure that is.

A rule sees the seeds of a cell one by one. Where nothing is random its answer is exact. Where seeds are a sample, a
class is given only if an interval at `confidence`, for each cell by itself, lies on one side; else it is undecided.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from lab.errors import require
from lab.statistics import clopper_pearson, mean_normal

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

UNDECIDED = -1
CONFIDENCE = 0.999


@dataclass(frozen=True, eq=False)
class Reading:
    """Cells' classes `(H,)`, indices into the rule's `classes` or UNDECIDED, with value and interval `(H,)` each."""

    code: Ints
    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, kw_only=True)
class Measure(ABC):
    """A rule. Subclasses say what is recorded and read the cells' seeds."""

    name: ClassVar[str]
    confidence: float = CONFIDENCE

    def __post_init__(self) -> None:
        require(0 < self.confidence < 1, self, "confidence", self.confidence, "in (0, 1)")

    @property
    @abstractmethod
    def classes(self) -> tuple[str, ...]:
        """Return the names of the classes."""

    @property
    @abstractmethod
    def metrics(self) -> tuple[str, ...]:
        """Return the metrics that are recorded."""

    @property
    @abstractmethod
    def value_is(self) -> str:
        """Return in words what `Reading.value` is."""

    @property
    def probes(self) -> tuple[float, ...]:
        """Return the factors of y at which a cell is run, on common draws; one run at its centre unless overridden."""
        return (1.0,)

    @abstractmethod
    def record(self, steps: int) -> tuple[int, ...]:
        """Return the steps that are recorded, from 0 to the last."""

    @abstractmethod
    def read(self, values: Mapping[str, Floats], alive: Bools, random: bool) -> Reading:
        """Return the cells' classes.

        values: by metric `(H, P, K, S)` or, of a vector, `(H, P, K, d, S)`: cells, probes, records, seeds. alive:
        `(H, P, K, S)`, whether x is finite. random: whether seeds are a sample; else they are all that there is.
        """

    def spec(self) -> dict[str, Any]:
        """Return the rule as plain values."""
        return {"name": self.name, **asdict(self)}


@dataclass(frozen=True, kw_only=True)
class _OfOneMetric(Measure):
    """A rule that reads one metric, and calls its classes by words of its own."""

    metric: str
    words: tuple[str, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        return self.words

    @property
    def metrics(self) -> tuple[str, ...]:
        return (self.metric,)


@dataclass(frozen=True, kw_only=True)
class Fate(_OfOneMetric):
    """Where the seeds of a cell end: converged, staying away, or diverged, by a metric e that is 0 at the optimum.

    A seed diverged where x is not finite, or e_T > far e_0. It converged where else the largest e of the last `window`
    steps is at most tolerance e_0. It stays where else that is more than half of the same `window` steps at T/2; else
    it is on its way, and undecided. Random seeds: the class that more than half of all seeds have, by Clopper and
    Pearson's interval on the share in the sample. Several starts and nothing random: the worst class of any start,
    diverged before staying before on its way; exact for those starts.
    """

    name: ClassVar[str] = "fate"

    metric: str = "suboptimality"
    tolerance: float = 0.05
    far: float = 1e4
    window: int = 12
    words: tuple[str, str, str] = ("converges", "stays away", "diverges")

    def __post_init__(self) -> None:
        super().__post_init__()
        require(0 < self.tolerance < 1, self, "tolerance", self.tolerance, "in (0, 1)")
        require(self.far > 1, self, "far", self.far, "above 1")
        require(self.window >= 1, self, "window", self.window, "an integer >= 1")

    @property
    def value_is(self) -> str:
        return f"share of seeds or starts that the word {self.words[0]!r} fits"

    def record(self, steps: int) -> tuple[int, ...]:
        least = 4 * self.window
        require(steps >= least, self, "steps", steps, f">= {least}, four windows")
        w = self.window
        return (0, *range(steps // 2 - w + 1, steps // 2 + 1), *range(steps - w + 1, steps + 1))

    def read(self, values: Mapping[str, Floats], alive: Bools, random: bool) -> Reading:
        seeds = self._seeds(values[self.metric][:, 0], alive[:, 0])
        n = seeds.shape[-1]
        counts = np.stack([(seeds == k).sum(-1) for k in range(3)], axis=-1)
        share = counts[:, 0] / n
        if not random:
            worst = np.select([counts[:, 2] > 0, counts[:, 1] > 0, counts[:, 0] < n], [2, 1, UNDECIDED], 0)
            return Reading(worst, share, share, share)
        limits = [[clopper_pearson(int(k), n, 1 - self.confidence) for k in row] for row in counts]
        sure = np.array([[one.low > 0.5 for one in row] for row in limits])
        code = np.where(sure.any(-1), sure.argmax(-1), UNDECIDED)
        low, high = (np.array([getattr(row[0], end) for row in limits], dtype=np.float64) for end in ("low", "high"))
        return Reading(code, share, low, high)

    def _seeds(self, e: Floats, alive: Bools) -> Ints:
        """Return each seed's class `(H, S)` from e `(H, K, S)`."""
        w = self.window
        with np.errstate(invalid="ignore", over="ignore"):
            start, before, last = e[:, 0], e[:, 1 : w + 1].max(1), e[:, -w:].max(1)
            lost = ~alive.all(1) | ~np.isfinite(e).all(1) | (e[:, -1] > self.far * start)
            near, stays = last <= self.tolerance * start, last > 0.5 * before
        return np.asarray(np.select([lost, near, stays], [2, 0, 1], UNDECIDED))


@dataclass(frozen=True, kw_only=True)
class Drift(Measure):
    """Which way x goes, on a line, once the method has forgotten its start: the sign of E (x_T - x_{T-h}).

    h is the largest multiple of `period`, that of the losses, up to T/2. Random seeds: the normal interval of the mean
    of the seeds' displacements, which are independent and bounded. downhill: the sign of the way to the optimum.
    """

    name: ClassVar[str] = "drift"

    period: int = 1
    downhill: float = -1.0
    words: tuple[str, str] = ("towards the optimum", "away from it")

    @property
    def classes(self) -> tuple[str, ...]:
        return self.words

    @property
    def metrics(self) -> tuple[str, ...]:
        return ("iterate",)

    @property
    def value_is(self) -> str:
        return "mean displacement over the last h steps"

    def record(self, steps: int) -> tuple[int, ...]:
        h = steps // 2 // self.period * self.period
        require(self.period >= 1 and h >= 1, self, "steps", steps, f">= {2 * self.period}, two periods")
        return 0, steps - h, steps

    def read(self, values: Mapping[str, Floats], alive: Bools, random: bool) -> Reading:
        x = values["iterate"][:, 0].reshape(len(alive), 3, -1)  # one coordinate: (H, K, S)
        require(x.shape[-1] == alive.shape[-1], self, "dimension", x.shape[-1] // alive.shape[-1], "1")
        moved = x[:, 2] - x[:, 1]
        mean = moved.mean(-1)
        # what rounding alone can make of no displacement at all
        noise = 64 * np.finfo(np.float64).eps * np.abs(x[:, 1:]).max((1, 2))
        low, high = mean - noise, mean + noise
        if random:
            m2 = np.square(moved - mean[:, None]).sum(-1)
            limits = mean_normal(moved.shape[-1], mean, m2, self.confidence)
            low, high = limits.low - noise, limits.high + noise
        ahead, back = (low > 0, high < 0) if self.downhill > 0 else (high < 0, low > 0)
        return Reading(np.select([ahead, back], [0, 1], UNDECIDED), mean, low, high)


@dataclass(frozen=True, kw_only=True)
class Side(_OfOneMetric):
    """On which side of the best y a cell lies: whether raising y lowers or raises E e_T, on common draws.

    A cell is run at y / sqrt(factor) and y sqrt(factor), the same seeds drawing the same; the interval is the normal
    one of the mean of the seeds' differences e_T(above) - e_T(below). It asks for a finite variance of e_T, as clipped
    steps give it. The boundary between the classes is where E e_T is least.
    """

    name: ClassVar[str] = "side"

    metric: str = "distance_sq"
    factor: float = 1.2
    words: tuple[str, str] = ("too low", "too high")

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.factor > 1, self, "factor", self.factor, "> 1")

    @property
    def value_is(self) -> str:
        return f"relative change of the mean of {self.metric} as y is multiplied by {self.factor:g}"

    @property
    def probes(self) -> tuple[float, ...]:
        return self.factor**-0.5, self.factor**0.5

    def record(self, steps: int) -> tuple[int, ...]:
        return 0, steps

    def read(self, values: Mapping[str, Floats], alive: Bools, random: bool) -> Reading:
        below, above = values[self.metric][:, 0, -1], values[self.metric][:, 1, -1]
        with np.errstate(invalid="ignore"):
            change = above - below
            mean, scale = change.mean(-1), 0.5 * (above + below).mean(-1)
            low, high = mean, mean
            if random:
                limits = mean_normal(change.shape[-1], mean, np.square(change - mean[:, None]).sum(-1), self.confidence)
                low, high = limits.low, limits.high
            code = np.select([high < 0, low > 0], [0, 1], UNDECIDED)
            return Reading(code, mean / scale, low / scale, high / scale)

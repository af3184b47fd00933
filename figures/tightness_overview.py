"""How tight the catalogue is: observed over predicted, of every experiment of every claim, by the kind of claim."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, Floats, Mark, Panel, Points, caption
from lab import discovery
from lab.claim import Claim
from lab.progress import Progress
from lab.verdict import AFFIRMED, Finding
from lab.verify import run

CLAIMS = ()  # all that have experiments; the CSV names them
CAPTION = (
    r"Each point is one experiment of a claim: what was observed over what its bound predicts, at the step where that "
    r"comes closest to a contradiction; lines: the range of this ratio over all steps of the experiment. Filled: runs "
    r"without randomness, enclosed in interval arithmetic. Hollow: the middle of the certified interval for the mean "
    r"over {seeds} seeds; where that interval is unbounded above, its lower end, and the line leads to the end of the "
    r"axis. Left of 1 an upper bound is loose, right of 1 a lower bound is; an exact law has ratio 1. {shown} "
    r"experiments of {claims} claims; {absent} more have no such ratio (a bound that is not positive, a probability). "
    r"What lies beyond the axis is drawn at its ends."
)

LIMITS = (1e-3, 300.0)  # of the axis; ratios beyond are drawn at its ends
TICKS = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)
ROW = 0.128  # inches a claim
KINDS = {  # in the order of the panels: title, colour
    "upper": ("Upper bounds", "blue"),
    "tight": ("Tight bounds", "green"),
    "exact": ("Exact laws", "night"),
    "lower": ("Lower bounds", "orange"),
    "divergence": ("Divergence", "brown"),
}
FEW = (
    "bansal2019.gd_potential",
    "kim2016.ogm_tight",
    "nesterov2004.nesterov_lower_sc",
    "polyak1964.hb_polyak_quadratic",
)


@dataclass(frozen=True)
class Verdicts:
    """What `ratelab verify` finds by experiment, as a figure's source.

    names: claims; None for all that have experiments.
    """

    names: tuple[str, ...] | None = None

    def small(self) -> Verdicts:
        """Return the same of a few claims, none of which takes a second."""
        return Verdicts(FEW)

    @property
    def claims(self) -> list[Claim]:
        """Return the claims that have experiments."""
        found = [discovery.get_claim(n) for n in self.names] if self.names else discovery.claims().values()
        return [claim for claim in found if claim.experiments or claim.attained]

    @property
    def size(self) -> int:
        """Return the seed-steps of their experiments."""
        members = [(p for family in c.attained for p in family.members) for c in self.claims]
        runs = ((*c.experiments, *own, *c.broken_by) for c, own in zip(self.claims, members, strict=True))
        return sum(p.seeds * max(p.at) for own in runs for p in own)

    def facts(self) -> dict[str, Any]:
        """Return the claims' ids; their experiments are part of the code."""
        return {"claims": sorted(claim.id for claim in self.claims)}

    def result(self, store: str | Path | None = None, progress: Progress | None = None) -> xr.Dataset:
        """Return a row for each affirmed experiment: `claim`, `kind`, `seeds`, `ratio`, `least` and `greatest`.

        seeds: 0 where nothing is random. ratio: NaN where a bound has none. Attributes: claims, how many.
        """
        size = self.size
        tell = None if progress is None else lambda _, share: progress(round(share * size), size)
        found = run(sorted(claim.id for claim in self.claims), store=store, progress=tell)
        rows = [_row(c, f) for c, findings in sorted(found.items()) for f in findings if _counts(f)]
        columns = zip(*rows, strict=True)
        names = ("claim", "kind", "seeds", "ratio", "least", "greatest")
        data = {name: ("experiment", np.array(values)) for name, values in zip(names, columns, strict=True)}
        return xr.Dataset(data, attrs={"claims": len(found)})


def _counts(f: Finding) -> bool:
    return f.check in ("experiment", "attained") and f.outcome in AFFIRMED


def _row(claim: str, f: Finding) -> tuple[str, str, int, float, float, float]:
    kind = discovery.get_claim(claim).kind.value
    seeds = 0 if f.confidence == 1.0 or f.seeds is None else f.seeds
    if f.predicted.startswith("P("):  # the ratio of two probabilities says nothing of the bound
        return claim, kind, seeds, np.nan, np.nan, np.nan
    along = [
        (low + high if np.isfinite(high) else 2 * low) / (b + c)
        for _, low, high, b, c in f.curve
        if b + c > 0 and low > 0
    ]
    open_ended = bool(f.curve) and not all(np.isfinite(high) for _, _, high, _, _ in f.curve)
    lowest = min(along, default=np.nan) if open_ended else np.nan
    ratio = f.tightness if f.tightness is not None and f.tightness > 0 else lowest
    greatest = np.inf if open_ended else max([*along, ratio])
    return claim, kind, seeds, ratio, min([*along, ratio]), greatest


def runs() -> Mapping[str, Verdicts]:
    """Return the verdicts."""
    return {"verdicts": Verdicts()}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return a panel for each kind of claim, a line of words for each claim."""
    data = results["verdicts"]
    drawn = data.isel(experiment=np.flatnonzero(np.isfinite(data["ratio"].values)))
    kinds = [kind for kind in KINDS if (drawn["kind"] == kind).any()]
    rows = tuple((_panel(kind, drawn.isel(experiment=np.flatnonzero(drawn["kind"] == kind))),) for kind in kinds)
    text = _filled(data, int(drawn.sizes["experiment"]))
    return Drawing(title="Most bounds hold with room to spare, and the tight ones are met", caption=text, rows=rows)


def _filled(data: xr.Dataset, shown: int) -> str:
    """Return the caption with the counts of the data put in."""
    seeds = data["seeds"].values[data["seeds"].values > 0]
    several = f"{seeds.min():,} to {seeds.max():,}" if len(seeds) else "no"
    counts = {"seeds": several, "shown": shown, "claims": data.attrs["claims"]}
    counts["absent"] = data.sizes["experiment"] - shown
    text = CAPTION
    for name, value in counts.items():
        text = text.replace(f"{{{name}}}", str(value))
    return caption(text.strip(), {"verdicts": data})


def _panel(kind: str, data: xr.Dataset) -> Panel:
    title, colour = KINDS[kind]
    claims = _loosest_last(data["claim"].values.tolist(), data["ratio"].values)
    places = {claim: float(i) for i, claim in enumerate(claims)}
    across = Axis("observed / predicted", LIMITS, log=True, ticks=TICKS)
    down = Axis("claim", (-0.7, len(claims) - 0.3), ticks=tuple(places.values()), words=tuple(places))
    ones = Curve(label="ratio 1", kind="exact", name="", x=np.ones(2), y=np.array(down.limits))
    marks: list[Mark] = [ones]
    for random, label in ((False, "interval arithmetic"), (True, "mean over seeds")):
        some = data.isel(experiment=np.flatnonzero((data["seeds"].values > 0) == random))
        if some.sizes["experiment"]:
            at = np.array([places[claim] for claim in some["claim"].values.tolist()])
            marks.append(_points(label, colour, some, at, random))
    return Panel(title=title, x=across, y=down, marks=tuple(marks), height=ROW * (len(claims) + 0.4))


def _points(label: str, colour: str, data: xr.Dataset, y: Floats, hollow: bool) -> Points:
    x, lo, hi = (data[name].values.clip(*LIMITS) for name in ("ratio", "least", "greatest"))
    return Points(label=label, kind="run", name=colour, x=x, y=y, lo=lo, hi=hi, hollow=hollow, across=True)


def _loosest_last(claims: Sequence[str], ratios: Iterable[float]) -> list[str]:
    """Return each claim once, by how far its farthest ratio is from 1."""
    far: dict[str, float] = {}
    for claim, ratio in zip(claims, ratios, strict=True):
        far[claim] = max(far.get(claim, 0.0), abs(float(np.log(ratio))))
    return sorted(far, key=lambda claim: (far[claim], claim))

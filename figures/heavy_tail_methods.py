"""Four methods under noise without variance, on a bounded domain: what the typical seed does, and the mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Drawing, FigureRun, Mark, Panel, Series, bound_at, caption
from figures.kit.heavy import moment_bound, tail
from lab.domain import Box
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.acclip import ACClip
from lab.optimizers.gclip_growing import GClipGrowing
from lab.optimizers.normalized import NSGDM
from lab.optimizers.sgd import SGD
from lab.schedules import Inverse
from lab.wrappers import Restrict
from problems.quadratic import SkewedParetoQuadratic

CLAIMS = ("zhang2020heavy.thm_sc_upper", "zhang2020heavy.lb_sc", "zhang2020heavy.sgd_diverges")
CAPTION = (
    r"$f(x) - f^{\ast}$ on $x^2/2$, $x \in [-1, 1]$, from $x_0 = 1$, with centred one-sided Pareto noise of tail index "
    r"1.6: $\mathrm{E}\,\vert g\vert^\alpha \leq G^\alpha$ for $\alpha = 1.5$. Lines with markers: the mean over N = "
    r"{N} seeds, which the domain bounds (without it SGD’s is infinite), its 99.9% interval (normal approximation) "
    r"narrower than the line; bands: 5% to 95% quantiles of the seeds. Dashed, ticks on the forbidden side: clipped "
    r"SGD’s ceiling $6\alpha\,G^2 (t+1)^{-2/3}$. Grey: the floor $G^2 t^{-2/3}/80$ that no method gets under on both "
    r"problems of the lower bound, which are not this one (after Zhang et al., NeurIPS 2020; the constants are the "
    r"lab’s). SGD: steps $1/t$; clipped: $4/(t+1)$, threshold $G\,t^{1/\alpha}$, weighted average; normalised: "
    r"momentum 0.9, $2/(t+1)$; ACClip: $10/(t+10)$, $\beta = (0.9, 0.99)$, power 1."
)

ALPHA = 1.5
STEPS, SEEDS = 10_000, 4096
METHODS: Mapping[str, Optimizer[Any]] = {
    "SGD": SGD(lr=Inverse(1.0)),
    "Clipped SGD": GClipGrowing(lr=Inverse(4.0, shift=1.0), G=moment_bound(ALPHA), alpha=ALPHA),
    "Normalised SGD": NSGDM(lr=Inverse(2.0, shift=1.0)),
    "ACClip": ACClip(lr=Inverse(10.0, shift=10.0), alpha=1.0),
}


def runs() -> Mapping[str, FigureRun]:
    """Return one run a method, on common draws."""
    problem = Restrict(inner=SkewedParetoQuadratic(tail=tail(ALPHA), radius=1.0), within=Box(-1.0, 1.0))
    shared: dict[str, Any] = dict(problem=problem, steps=STEPS, metrics=("suboptimality",))
    shared["record"] = record_steps("log", STEPS)
    return {label: FigureRun(Experiment(optimizers=(m,), **shared), SEEDS) for label, m in METHODS.items()}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return four panels on common axes."""
    panels = [_panel(label, results[label]) for label in METHODS]
    title = "Under skewed noise without variance SGD and clipped SGD converge, ACClip lags, normalised SGD stalls"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=(tuple(panels[:2]), tuple(panels[2:])))


def _panel(label: str, data: xr.Dataset) -> Panel:
    s, name = Series(data, "suboptimality"), METHODS[label].name
    t, units = s.steps, {"alpha": ALPHA, "G": moment_bound(ALPHA), "mu": 1.0}
    later = t >= 2  # the lower bound is for two calls or more
    least = 1e-8  # of the axis: a quantile may be 0
    marks: list[Mark] = [
        Band(
            label="5% to 95% of seeds",
            kind="run",
            name=name,
            x=t,
            lo=np.maximum(s.quantile(0.05), least),
            hi=np.maximum(s.quantile(0.95), least),
        ),
        Curve(label="mean", kind="run", name=name, x=t, y=s.stat("mean")),
    ]
    if label == "Clipped SGD":
        ceiling = bound_at(CLAIMS[0], t, units)
        marks.append(Curve(label="ceiling", kind="upper", name=name, x=t, y=ceiling))
    floor = bound_at(CLAIMS[1], t[later], units)
    marks.insert(0, Curve(label="floor of the hard pair", kind="exact", name="", x=t[later], y=floor))
    return Panel(
        title=label,
        x=Axis("step $t$", (1, 1.1e4), log=True, ticks=(1, 10, 100, 1000)),
        y=Axis("$f(x_t) - f^{\\ast}$", (1e-5, 1000), log=True, ticks=(0.0001, 0.01, 1, 100)),
        marks=tuple(marks),
        height=1.5,
    )

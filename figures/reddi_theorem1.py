"""Average regret on Reddi's three-cycle: Adam above its floor, AMSGrad, AdaGrad and SGD below their ceilings."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Panel, Series, average_bound, caption
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.adagrad import AdaGrad
from lab.optimizers.adam import Adam
from lab.optimizers.amsgrad import AMSGrad
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, InvSqrt
from problems.reddi import ReddiCycle

DEMO = True  # `ratelab demo` shows it
CLAIMS = ("reddi2018.thm1", "reddi2018.thm4_amsgrad", "duchi2011.thm5", "zinkevich2003.ogd_decreasing")
CAPTION = (
    r"Average regret $R_T/T$ after whole cycles of Reddi’s three-cycle ($C = 3$, $x_1 = 1$). Lines with markers: runs, "
    r"N = {N} each, without interval because nothing is random. Dashed: what is proved, ticks on the forbidden side. "
    r"The floor is Adam’s, $(2C - 4)/3$ (Reddi et al., ICLR 2018, Theorem 1); the ceilings are those of AMSGrad "
    r"(there, Theorem 4), AdaGrad (Duchi et al., JMLR 2011, Theorem 5) and SGD (Zinkevich, ICML 2003). Steps: Adam and "
    r"AMSGrad $\alpha\,t^{-1/2}$ with $\alpha = (1 - \beta_2)^{1/2}/2$, $\beta = (0, 1/(1 + C^2))$; AdaGrad "
    r"$2^{-1/2} D$ and SGD $(D/G)\,t^{-1/2}$, as their theorems have them, with $D = 2$, $G = C$."
)

C, D, G = 3.0, 2.0, 3.0
BETA2 = 1 / (1 + C**2)
ALPHA = {"Adam": 0.5 * sqrt(1 - BETA2), "AMSGrad": 0.5 * sqrt(1 - BETA2), "AdaGrad": D / sqrt(2), "SGD": D / G}
METHODS: Mapping[str, Optimizer[Any]] = {
    "Adam": Adam(lr=InvSqrt(ALPHA["Adam"]), betas=(0.0, BETA2), eps=0.0, debias=False),
    "AMSGrad": AMSGrad(lr=InvSqrt(ALPHA["AMSGrad"]), betas=(0.0, BETA2)),
    "AdaGrad": AdaGrad(lr=Constant(ALPHA["AdaGrad"]), eps=0.0),
    "SGD": SGD(lr=InvSqrt(ALPHA["SGD"])),
}
STEPS, PER_DECADE = 9_999, 16


def runs() -> Mapping[str, FigureRun]:
    """Return one run a method, recorded after whole cycles."""
    ends = {3 * round(10 ** (k / PER_DECADE)) for k in range(4 * PER_DECADE)}
    record = record_steps(sorted(t for t in ends if t <= STEPS), STEPS)
    shared: dict[str, Any] = dict(problem=ReddiCycle(C=C), steps=STEPS, record=record)
    metrics = ("avg_regret", "grad_path_norm")
    return {k: FigureRun(Experiment(optimizers=(m,), metrics=metrics, **shared)) for k, m in METHODS.items()}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return Adam's floor, magnified, over all four methods on logarithmic axes."""
    regret = [_regret(label, results[label]) for label in METHODS]
    bounds = [_bound(label, claim, results[label]) for label, claim in zip(METHODS, CLAIMS, strict=True)]
    time = Axis("number of rounds, $T$", (3, 10_000), log=True)
    near = Axis("$R_T/T$", (0.62, 0.97), ticks=(0.7, 0.8, 0.9))
    wide = Axis("average regret, $R_T/T$", (0.008, 30), log=True, ticks=(0.01, 0.1, 1, 10))
    adam = Panel(title="Adam, magnified", x=time, y=near, marks=(bounds[0], regret[0]), height=0.95, headed=False)
    everyone = Panel(title="All methods", x=time, y=wide, marks=(*bounds, *regret), height=2.75, headed=False)
    title = "Adam’s average regret does not vanish; the others’ does"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((adam,), (everyone,)))


def _regret(label: str, data: xr.Dataset) -> Curve:
    s = Series(data, "avg_regret")
    return Curve(label=label, kind="run", name=METHODS[label].name, x=s.steps, y=s.stat("mean"), end=label)


def _bound(label: str, claim: str, data: xr.Dataset) -> Curve:
    path = Series(data, "grad_path_norm")  # S_g; S_v is at most G, and S_bv is 0 where beta1 is
    sums = {"S_g": path.stat("mean"), "S_v": G, "S_bv": 0}
    steps = {"alpha": ALPHA[label], "eta": ALPHA[label], "beta1": 0, "beta2": BETA2}
    y = average_bound(claim, path.steps, {"C": C, "D": D, "Dmax": D, "G": G} | steps | sums)
    name, x = METHODS[label].name, path.steps
    if label == "Adam":
        return Curve(label="floor of Adam", kind="lower", name=name, x=x, y=y, end="Adam’s floor")
    return Curve(label=f"ceiling of {label}", kind="upper", name=name, x=x, y=y, end=f"{label}’s ceiling")

"""The scaling test: a prediction made again in other units of the objective and of length is the same prediction.

The problem becomes f * inner(x / by), hyperparameters and the bound's symbols follow by their declared units, and the
noise by its key. Then x must come out multiplied by length's factor, the metric and the bound by the metric's, at every
step, so that no verdict can change. All factors are powers of 2: + - * / and sqrt round alike, and paths are equal to
the bit. Where a step has other functions they may part by TOLERANCE, relative to the largest value on the path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from lab.assumed import unmet
from lab.bounds import Ends, NotEnclosable
from lab.claim import Claim, Prediction
from lab.engine import reference
from lab.engine.stepgraph import record_step
from lab.errors import LabError, NotRecordable
from lab.judge import undecided
from lab.metrics import get_metric
from lab.observe import bound_at, experiment_of
from lab.progress import one_thread_an_op
from lab.rescaled import TOLERANCE, Change, apart, problem_scales, scaled_prediction, scaled_statement, undeclared
from lab.statement import units as written
from lab.units import LENGTH, Units
from lab.verdict import Finding, Outcome

CHANGES: tuple[Change, ...] = ((4096.0, 1.0), (1.0, 1 / 4096))  # 2^12: its roots of order 2, 3, 4 and 6 round nothing
STEPS, SEEDS = 64, 4  # the first ones: what scales in each of them scales for ever
HORIZONS = 4  # at which the bound is looked at
INEXACT = frozenset(
    "pow exp expm1 exp2 log log1p log2 log10 sin cos tan asin acos atan sinh cosh tanh sigmoid logsigmoid erf erfc "
    "ndtri softplus rsqrt remainder atan2 hypot prod".split()
)


@dataclass(frozen=True)
class Mismatch:
    """What does not scale, and by how much. open: what is not declared and may be why, so that nothing is decided."""

    what: str
    says: str
    open: str = ""


def check_scaling(claim: Claim) -> tuple[Finding, ...]:
    """Return the finding on a claim's scaling; none for a claim without predictions.

    The bounds and assumptions of all its predictions are looked at, and the cheapest run that can decide is made.
    """
    for p in (*claim.experiments, *claim.broken_by):
        finding = check_statement_scales(claim, p)
        if finding is not None:
            return (finding,)
    members = (p for family in claim.attained for p in family.members)
    findings: list[Finding] = []
    for p in sorted((*claim.experiments, *members, *claim.broken_by), key=_cost):
        findings.append(check_run_scales(claim, p))
        if findings[-1].outcome in (Outcome.HOLDS, Outcome.REFUTED):
            return (findings[-1],)
    return tuple(findings[:1])


def check_statement_scales(claim: Claim, p: Prediction) -> Finding | None:
    """Return what is wrong with the units in which a prediction states its bound and assumptions; None for nothing."""
    metric = get_metric(_metric(claim, p))
    if metric.name == claim.metric and metric.units != claim.metric_units:
        says = f"it is said to have units {written(claim.metric_units)}, and {metric.name} has {written(metric.units)}"
        return _refuted(claim, p, Mismatch("the claim's metric", says))
    try:
        wrong = _assumed(claim, p) or _bounded(claim, p)
    except NotEnclosable as why:
        return _finding(claim, p, Outcome.UNDECIDED, str(why))
    return None if wrong is None else _refuted(claim, p, wrong)


def check_run_scales(claim: Claim, p: Prediction) -> Finding:
    """Return whether the first steps of a prediction's run scale with its problem, and its metric as it should."""
    seen = run(claim, p)
    if not bool(((seen[-1] != 0) & seen[-1].isfinite()).any()):
        says = f"{_metric(claim, p)} is 0, or no number, at all of the first {len(seen[-1]) - 1} steps"
        return _finding(claim, p, Outcome.UNDECIDED, says)
    worst = 0.0
    for change in CHANGES:
        try:
            wrong, far = compare(claim, p, scaled_prediction(claim, p, *change), change, seen)
        except LabError as why:  # a number that cannot follow, or a metric that asks more of a problem than it has now
            return _finding(claim, p, Outcome.NOT_APPLICABLE, str(why))
        if wrong is not None:
            return _refuted(claim, p, wrong)
        worst = max(worst, far)
    kept = "to the bit" if worst == 0 else f"to {worst:.1e}, of {TOLERANCE:g} that functions which round may cost"
    units = written(get_metric(_metric(claim, p)).units)
    return _finding(claim, p, Outcome.HOLDS, f"x scales as a length and {_metric(claim, p)} as {units}, {kept}")


def run(claim: Claim, p: Prediction) -> tuple[Tensor, Tensor]:
    """Return x `(K, d, S)`, the point returned, and the metric `(K, ..., S)` at the first steps of a prediction's run.

    It is made on the reference engine, which takes every pair and compiles nothing.
    """
    experiment = experiment_of(claim, p)
    steps = min(experiment.steps, STEPS)
    batch = reference.Batch(
        problem=p.problem,
        optimizers=(p.optimizer,),
        metrics=(get_metric("iterate"), get_metric(_metric(claim, p))),
        first_seed=0,
        n_seeds=SEEDS if p.problem.n_draws else 1,
        key=p.key,
        steps=steps,
        record=tuple(range(steps + 1)),
        start=p.start,
        dtype=torch.float64,
        device=torch.device("cpu"),
    )
    with one_thread_an_op():
        x, metric = reference.run(batch).values
    return x[0], metric[0]


def compare(
    claim: Claim, p: Prediction, q: Prediction, change: Change, seen: tuple[Tensor, Tensor]
) -> tuple[Mismatch | None, float]:
    """Return what does not scale from p to q, or None, and the largest relative distance between their runs.

    q: p in the units of `change`. seen: what `run` returns for p.
    """
    worst = 0.0
    named = ((LENGTH, "x"), (get_metric(_metric(claim, p)).units, _metric(claim, p)))
    for (units, name), before, after in zip(named, seen, run(claim, q), strict=True):
        far, t = apart(after, before * units.factor(*change))
        if far > (TOLERANCE if far > 0 and _rounds(claim, p) else 0.0):
            says = f"{name} is off by {far:.3g} of its largest value, from t = {t} on, {_in_words(change)}"
            return (_blame(p, q, change, seen[0], says) if name == "x" else Mismatch(f"the metric {name}", says)), far
        worst = max(worst, far)
    return None, worst


def _assumed(claim: Claim, p: Prediction) -> Mismatch | None:
    """Return the assumptions that are met, and in other units are not."""
    for change in () if unmet(claim, p) else CHANGES:
        if missing := unmet(claim, scaled_statement(claim, p, *change)):
            return Mismatch("an assumption", f"it needs {missing}, {_in_words(change)}")
    return None


def _bounded(claim: Claim, p: Prediction) -> Mismatch | None:
    """Return how the bound differs, in other units, from what it was; of another quantity it decides nothing."""
    metric, own = get_metric(_metric(claim, p)), claim.metric_units
    says = _misfit(claim, p, Units(F=metric.units.F - p.ones.F, X=metric.units.X - p.ones.X))
    if not says or own == metric.units or _misfit(claim, p, own):
        return Mismatch("the bound", says) if says else None
    two = f"the bound is in {written(own)} and {metric.name} in {written(metric.units)}"
    return Mismatch("the bound", says, f"{two}: `ones` does not say what is 1 here")


def _misfit(claim: Claim, p: Prediction, units: Units) -> str:
    """Return, in words, where the bound does not scale as `units` do; path-dependent symbols are put at 1."""
    paths = {v for v in p.values.values() if isinstance(v, str)}
    for change in CHANGES:
        q, factor = scaled_statement(claim, p, *change), units.factor(*change)
        scaled_paths = {name: get_metric(name).units.factor(*change) for name in paths}
        for t in _some(p.at):
            before = bound_at(claim, p, t, dict.fromkeys(paths, (1.0, 1.0)))
            after = bound_at(claim, q, t, {name: (v, v) for name, v in scaled_paths.items()})
            if not _alike(after, (factor * before[0], factor * before[1])):
                return f"at t = {t} it is {after[0]:.6g} and not {factor * before[0]:.6g}, {_in_words(change)}"
    return ""


def _alike(a: Ends, b: Ends) -> bool:
    """Tell whether two enclosures may be of one number, up to the rounding of what was put in."""
    slack = TOLERANCE * max(abs(b[0]), abs(b[1]))
    return a == b or (a[0] <= b[1] + slack and b[0] <= a[1] + slack)


def _some(at: Sequence[int]) -> tuple[int, ...]:
    """Return at most HORIZONS of the steps, the first and the last among them."""
    last = len(at) - 1
    return tuple(dict.fromkeys(at[round(i * last / (HORIZONS - 1))] for i in range(HORIZONS)))


def _rounds(claim: Claim, p: Prediction) -> bool:
    """Tell whether a step has a function that does not commute with factors that are powers of 2."""
    try:
        graph = record_step(p.problem, p.optimizer, (get_metric(_metric(claim, p)),))
    except NotRecordable:
        return True
    return any(part.nodes[i].op in INEXACT for part in (graph.begin, graph.advance, graph.read) for i in part.live())


def _blame(p: Prediction, q: Prediction, change: Change, x: Tensor, says: str) -> Mismatch:
    """Return why x does not scale: a function of the problem, where one does not on the path, or else the method."""
    points = x.movedim(-2, -1).reshape(-1, p.problem.dim)
    hidden = [name for name, good in problem_scales(p.problem, q.problem, change, points).items() if not good]
    if hidden:
        return Mismatch(f"the {', '.join(hidden)} of {p.problem.name}", says)
    names = ", ".join(undeclared(p.optimizer))
    why = names and f"{names} of {p.optimizer.label}: no units are declared"
    return Mismatch(f"the optimizer {p.optimizer.label}", says, why)


def _in_words(change: Change) -> str:
    f, x = change
    return f"where the objective is multiplied by {f:g}" if f != 1 else f"where lengths are multiplied by {x:g}"


def _metric(claim: Claim, p: Prediction) -> str:
    return p.metric or claim.metric


def _cost(p: Prediction) -> int:
    return p.problem.dim * min(max(p.at), STEPS)


def _refuted(claim: Claim, p: Prediction, wrong: Mismatch) -> Finding:
    """Return the finding on a mismatch; where something is not declared, it decides nothing."""
    if wrong.open:
        return _finding(claim, p, Outcome.UNDECIDED, f"{wrong.open}; {wrong.says}")
    return _finding(claim, p, Outcome.REFUTED, f"{wrong.what} does not scale: {wrong.says}")


def _finding(claim: Claim, p: Prediction, outcome: Outcome, reason: str) -> Finding:
    unchecked = f"steps beyond {min(max(p.at), STEPS)}, seeds beyond {SEEDS}, units of time"
    predicted = f"in units of {written(get_metric(_metric(claim, p)).units)}"
    return replace(undecided(claim, p, "scaling", outcome, reason), predicted=predicted, unchecked=unchecked)

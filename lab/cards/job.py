"""A report card: one optimizer against every problem that applies, each at a few step sizes, on common random numbers.

The step sizes come from the problem alone, never from the optimizer, so that two of them are compared on the same ones:
1, 1/10, 1/100 of the scale of methods that follow the gradient (1/L; where L = 0, D/G), and 1/10, 1/100, 1/1000 of D,
that of methods that follow its sign. What became of each seed is defined in `lab.cards.outcomes`, and counted: the card
has shares with exact intervals and quantiles, and no mean, which heavy tails would not have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lab import discovery
from lab.cards.findings import Card, Exponent, ProblemCard, Share, Trial, judge, trial_verdict, worst
from lab.cards.outcomes import OUTCOMES, TOLERANCE, WINDOW_RECORDS, log_steps, recorded
from lab.cards.trials import Measured, Runs, built, measure
from lab.errors import LabError, require, unknown
from lab.optimizer import Optimizer
from lab.rng import split_key
from lab.statistics import Limits, bonferroni, clopper_pearson, slope_of_median
from lab.targets import Target, find
from lab.torch_adapter import TorchOptimizer

SEEDS, STEPS = 256, 5_000
SEEDS_IF_SLOW = 20  # of one outcome they still show that most seeds have it
CONFIDENCE = 0.95  # of all intervals of shares on a card at once; of an exponent's alone
DECADES = 2  # over which an exponent is fitted, the last ones
FALLS, POWER_WITHIN = 0.5, 2.0
QUANTILES = (0.05, 0.5, 0.95)

Progress = Callable[[str, float], None]  # (what is being run, share done in [0, 1])


def card(
    optimizer: object,
    *,
    problems: Sequence[str] | None = None,
    seeds: int | None = None,
    steps: int | None = None,
    key: int = 0,
    progress: Progress | None = None,
    **hyper: Any,
) -> Card:
    """Return the report card of an optimizer: what became of its seeds on every problem that applies.

    optimizer: a name, `package.module:Class`, `path/to/file.py:Class`, a class (of the lab's, or of torch.optim, which
    is wrapped), or an optimizer. problems: names; all where none are given. hyper: hyperparameters; `lr` may be one
    value or a list, in place of the grid. seeds, steps: 256 and 5,000; 20 seeds where a wrapped class must run seed by
    seed, which the card says. progress: told what is being run and the share done.

    Ctrl-C after the first problem gives the card of those that are finished. Raises LabError for bad input, and where
    no problem applies.
    """
    target = find(optimizer)
    names = _names(problems)
    for field, value, least in (("seeds", seeds, 1), ("steps", steps, 2 * WINDOW_RECORDS)):
        good = value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= least)
        require(good, "card", field, value, f"an integer >= {least}")
    split_key(key)  # refuses a bad one
    given = _step_sizes_given(target, hyper)
    sample = built(target, hyper, given[0] if given else None)
    slow = _pace(sample, names) if seeds is None else ""
    runs = Runs(target, hyper, given, seeds or (SEEDS_IF_SLOW if slow else SEEDS), steps or STEPS, key)
    done, skipped, unfinished = _all(runs, names, progress)
    if not done:
        raise LabError(f"{target.label} has no card: no problem applies; {skipped[0][0]}: {skipped[0][1]}")
    comparisons = sum(len(OUTCOMES) * len(m.lrs) for m in done if not m.deterministic)
    level = bonferroni(1 - CONFIDENCE, max(1, comparisons))
    cards = tuple(_problem_card(m, runs, level) for m in done)
    return Card(
        target=target.label,
        optimizer=target.label if target.wrapped else sample.label,
        source=getattr(sample, "source", ""),
        hyperparameters={k: v for k, v in sample.spec().items() if k not in ("name", "lr", "code")},
        given={k: v for k, v in hyper.items() if k != "lr"},
        seeds=runs.seeds,
        steps=runs.steps,
        key=key,
        tolerance=TOLERANCE,
        confidence=CONFIDENCE,
        comparisons=comparisons,
        problems=cards,
        not_applicable=tuple(skipped),
        unfinished=tuple(unfinished),
        notes=(slow,) if slow else (),
        worst=worst(cards, lambda p, t: _command(target, hyper, p, t, runs)),
    )


def _names(problems: Sequence[str] | None) -> list[str]:
    known = discovery.problems()
    for name in problems or ():
        if name not in known:
            raise unknown("problem", name, known)
    return list(dict.fromkeys(problems)) if problems else discovery.list_problems()


def _step_sizes_given(target: Target, hyper: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the step sizes that the caller asks for; none where the problems' are to be taken."""
    if "lr" not in hyper:
        return ()
    require(target.lr, target.label, "lr", hyper["lr"], "left out: it has no step size")
    value = hyper["lr"]
    values = tuple(value) if isinstance(value, list | tuple) else (value,)
    require(len(values) > 0, target.label, "lr", value, "one step size or more")
    return values


def _pace(sample: Optimizer[Any], names: Sequence[str]) -> str:
    """Return why the optimizer cannot run all seeds at once, empty where it can: a wrapped class may mix them."""
    if not isinstance(sample, TorchOptimizer):
        return ""
    for name in names:
        try:
            how = sample.how(discovery.get_problem(name).layers)
        except LabError:
            continue  # is said where it runs
        if how.mode > 1:
            return f"{sample.name} runs seed by seed, so fewer seeds were taken ({how})"
    return ""


def _all(
    runs: Runs, names: Sequence[str], progress: Progress | None
) -> tuple[list[Measured], list[tuple[str, str]], list[str]]:
    """Return what was measured, which problems do not apply and why, and which Ctrl-C left out."""
    done: list[Measured] = []
    skipped: list[tuple[str, str]] = []
    for i, name in enumerate(names):
        try:
            done.append(measure(runs, name, _part(progress, name, i, len(names))))
        except LabError as error:
            skipped.append((name, str(error)))
        except KeyboardInterrupt:
            if not done:
                raise
            return done, skipped, list(names[i:])
        if progress is not None:
            progress(name, (i + 1) / len(names))
    return done, skipped, []


def _part(progress: Progress | None, name: str, i: int, n: int) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(name, (i + done / total) / n)


def _problem_card(m: Measured, runs: Runs, level: float) -> ProblemCard:
    record = recorded(runs.steps)
    trials = tuple(_trial(m, h, record, runs.key, level) for h in range(len(m.lrs)))
    verdict, best = judge(trials)
    return ProblemCard(
        problem=m.problem.name,
        deterministic=m.deterministic,
        seeds=m.outcomes.shape[-1],
        engine=m.engine,
        steps=record,
        trials=trials,
        best=best,
        verdict=verdict,
    )


def _trial(m: Measured, h: int, record: tuple[int, ...], key: int, level: float) -> Trial:
    n = m.outcomes.shape[-1]
    counts = [int((m.outcomes[h] == k).sum()) for k in range(len(OUTCOMES))]
    shares = tuple(
        Share(outcome, k, n, *((k / n, k / n) if m.deterministic else _ends(clopper_pearson(k, n, level))))
        for outcome, k in zip(OUTCOMES, counts, strict=True)
    )
    verdict = trial_verdict(shares)
    low, median, high = np.quantile(m.ratios[h], QUANTILES, axis=-1, method="inverted_cdf")
    return Trial(
        lr=m.lrs[h],
        shares=shares,
        verdict=verdict,
        gaining=int(m.gaining[h].sum()),
        final=(float(low[-1]), float(median[-1]), float(high[-1])),
        exponent=_exponent(m, h, record, key) if verdict in ("reached", "stalled") else None,
        low=tuple(low.tolist()),
        median=tuple(median.tolist()),
        high=tuple(high.tolist()),
    )


def _ends(limits: Limits[float]) -> tuple[float, float]:
    return limits.low, limits.high


def _exponent(m: Measured, h: int, record: tuple[int, ...], key: int) -> Exponent | None:
    """Return the exponent of the median gap over the last decades.

    None where the median does not halve there, is 0 or infinite, or is no power of t within a factor of 2:
    a line through an exponential decay or a noise floor has a slope too, but it is nobody's rate.
    """
    steps = record[-1]
    at = [i for i, t in enumerate(record) if t >= steps / 10**DECADES and t in log_steps(steps)]
    times, curves = np.array([record[i] for i in at], dtype=np.float64), m.ratios[h][at].T
    median = np.quantile(curves, 0.5, axis=0, method="inverted_cdf")
    if not (0 < median.min() <= median.max() < np.inf and median[-1] < FALLS * median[0]):
        return None
    found = slope_of_median(times, curves, key=key, confidence=CONFIDENCE)
    off = np.log(median) - found.value * np.log(times)
    if np.ptp(off) > 2 * np.log(POWER_WITHIN):
        return None
    return Exponent(found.value, None if m.deterministic else _ends(found.limits), record[at[0]], record[at[-1]])


def _command(target: Target, hyper: Mapping[str, Any], p: ProblemCard, t: Trial, runs: Runs) -> str:
    """Return the command line that runs one trial again."""
    import shlex

    from lab.describe import written

    sizes = {} if t.lr is None else {"lr": t.lr}
    others = {k: v for k, v in hyper.items() if k != "lr"}
    size = f"--seeds {p.seeds} --steps {runs.steps} --key {runs.key}"
    if target.name is not None:
        settings = [shlex.quote(f"{k}={written(v)}") for k, v in (sizes | others).items()]
        what = f"ratelab run --problem {p.problem} --optimizer {target.name} --metrics suboptimality"
        return " ".join([what, *(f"--set {s}" for s in settings), size])
    what = f"ratelab card {shlex.quote(target.label)} --problems {p.problem}"
    given = [f"--lr {shlex.quote(written(v))}" for v in sizes.values()]
    settings = [f"--set {shlex.quote(f'{k}={written(v)}')}" for k, v in others.items()]
    return " ".join([what, *given, *settings, size])

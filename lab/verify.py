"""From a claim to its verdict: its algebra through the checkers, its experiments by what a run can decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from lab import remembered, statistics
from lab.algebra import prove
from lab.claim import Claim
from lab.discovery import claims, get_claim
from lab.engine.cpu import available_threads
from lab.experiment import ENGINE_VERSION
from lab.observe import experiment_of
from lab.predictions import findings_of
from lab.processes import side_by_side
from lab.remembered import Findings
from lab.scaling import check_scaling
from lab.verdict import Finding, Outcome, Verdict

TRUSTED = (
    "lab.assumed", "lab.bounds", "lab.claim", "lab.judge", "lab.observe", "lab.predictions", "lab.rational",
    "lab.rescaled", "lab.scaling", "lab.units", "lab.verdict", "lab.optimizer", "lab.wrappers.coordinates",
)  # fmt: skip
LEVEL = 1e-3  # of all contradictions that one call of `verify` finds by statistics, together
_WORTH_A_PROCESS = 3  # claims: a process takes seconds to start

Progress = Callable[[str, float], None]  # (what is being checked, share done in [0, 1])


def verify(
    ids: str | Sequence[str] = (),
    *,
    symbolic: bool = False,
    mutants: bool = False,
    store: str | Path | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> tuple[Verdict, ...]:
    """Return the verdict of each claim; of the whole catalogue where no id is given.

    symbolic: the algebra only, nothing is run. mutants: spoil each bound too, and report which checks notice. store:
    the folder in which runs and findings are kept. processes: how many claims are checked side by side, as many as
    there are processors unless given. progress: told what was checked and the share done. LabError for an unknown id.

    A run contradicts a bound by statistics only where Holm's procedure, over all runs of this call, rejects it too.
    """
    names = [ids] if isinstance(ids, str) else list(ids) or sorted(claims())
    found = [get_claim(name) for name in names]
    many = processes or (available_threads() if len(names) > _WORTH_A_PROCESS else 1)
    parts = 1 + mutants + (not symbolic)
    report = [_part(progress, i, parts) for i in range(parts)]
    findings = prove(names, store=store, processes=many, progress=report[0])
    if mutants:
        spoilt = prove(names, mutants=True, store=store, processes=many, progress=report[1])
        findings = {name: findings[name] + spoilt[name] for name in names}
    if not symbolic:
        runs = run(names, store=store, processes=many, progress=report[-1])
        findings = {name: findings[name] + runs[name] for name in names}
    if progress is not None:
        progress("done", 1.0)
    return tuple(Verdict(claim=c.id, says=c.says, source=c.source, findings=findings[c.id]) for c in found)


def run(
    ids: Sequence[str],
    *,
    store: str | Path | None = None,
    processes: int = 1,
    progress: Progress | None = None,
) -> dict[str, Findings]:
    """Return the findings of the claims' experiments; those that the store remembers are not run again."""
    places = {name: _place(get_claim(name), store) for name in ids}
    found = {name: kept for name in ids if (kept := remembered.read(places[name])) is not None}
    left = [name for name in ids if name not in found and _experiments(get_claim(name))]
    for name, findings in side_by_side(partial(_run_by_id, store=store), left, min(processes, len(left))):
        remembered.keep(places[name], findings)
        found[name] = findings
        if progress is not None:
            progress(f"{name}: experiments", 1 - sum(n not in found for n in left) / len(left))
    return corrected({name: found.get(name, ()) for name in ids})


def kept(name: str, store: str | Path | None) -> Findings:
    """Return the findings of a claim's experiments that the store remembers; none where they did not run."""
    return remembered.read(_place(get_claim(name), store)) or ()


def corrected(findings: Mapping[str, Findings]) -> dict[str, Findings]:
    """Return the findings with every statistical contradiction that Holm's procedure does not keep as UNDECIDED.

    The hypotheses are the predictions of all stochastic runs; those that were not contradicted have p-value 1.
    """
    rows = [f for found in findings.values() for f in found if f.seeds is not None and f.confidence != 1.0]
    p_values = [1.0 if f.p_value is None else f.p_value for f in rows]
    adjusted = dict(zip(map(id, rows), statistics.holm_adjusted(p_values), strict=True)) if rows else {}

    def after(f: Finding) -> Finding:
        p = adjusted.get(id(f), 0.0)
        if f.p_value is None or p <= LEVEL:
            return f
        why = f"contradicted, but not after Holm's correction over {len(rows)} runs (p = {p:.2g})"
        return replace(f, outcome=Outcome.UNDECIDED, reason=why)

    return {name: tuple(map(after, found)) for name, found in findings.items()}


def _run_by_id(name: str, store: str | Path | None) -> Findings:
    claim = get_claim(name)
    return (*findings_of(claim, store), *check_scaling(claim))


def _experiments(claim: Claim) -> bool:
    return bool(claim.experiments or claim.broken_by or claim.attained)


def _place(claim: Claim, store: str | Path | None) -> Path | None:
    """Return where the findings of a claim's experiments are kept; None where one cannot be keyed, or none are."""
    members = [p for family in claim.attained for p in family.members]
    hashes = [experiment_of(claim, p).hash for p in (*claim.experiments, *members, *claim.broken_by)]
    if not hashes or any(h is None for h in hashes):
        return None
    return remembered.place(claim.id, "experiments", store, TRUSTED, [str(ENGINE_VERSION), *map(str, hashes)])


def _part(progress: Progress | None, i: int, parts: int) -> Progress | None:
    """Return what reports the progress of part i of the whole."""
    return None if progress is None else lambda what, share: progress(what, (i + share) / parts)

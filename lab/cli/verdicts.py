"""How verdicts are printed: a line for each claim, and for each run and step where they are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lab.cli.output import interval, number, print_table, terminal_width

if TYPE_CHECKING:
    from lab.verdict import Finding, Verdict

RUNS = ("experiment", "attained", "broken_by", "scaling")  # what runs something; all other checks look at the algebra
WORDS = {"broken_by": "broken by", "scaling": "in other units"}
FLAT = 190  # columns of a terminal on which a run fits into one line


def document(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as a JSON object: its outcome, whether it failed, and every finding with all its fields."""
    findings = [asdict(f) | {"expected": sorted(f.expected), "failed": f.failed} for f in verdict.findings]
    head = {"claim": verdict.claim, "says": verdict.says, "source": verdict.source}
    return head | {"outcome": verdict.outcome, "failed": verdict.failed, "findings": findings}


def print_verdicts(verdicts: Sequence[Verdict], *, every_step: bool, every_run: bool) -> None:
    """Print the claims, their runs and algebra, what is open, what failed, and how many of each outcome there are."""
    findings = [(v.claim, f) for v in verdicts for f in v.findings]
    runs = [(claim, f) for claim, f in findings if f.check in RUNS]
    if runs and every_run:
        _print_runs(runs)
        print()
    if every_step:
        steps = [(c, f.check, f.subject, ", ".join(f.engines), _outcome(f)) for c, f in findings if f.check not in RUNS]
        print_table(("claim", "check", "what", "engines", "verdict"), steps)
        print()
    elif every_run:
        print("Algebra")
        for v in verdicts:
            print(f"  {v.claim}: {_algebra(v)}")
        print()
    columns = ("claim", "verdict", "steps", "runs", "confidence", "tightness")
    print_table(columns, [_line(v) for v in verdicts])
    for word in ("UNDECIDED", "NOT_APPLICABLE"):
        _print_reasons(word, [(c, f) for c, f in findings if f.outcome.name == word])
    _print_reasons("FAILED", [(c, f) for c, f in findings if f.failed])
    print(*("", *_shares([f for _, f in findings])), sep="\n")
    failures = sum(f.failed for _, f in findings)
    print(f"\nClaims: {len(verdicts)}. Checks: {len(findings)}, {tally(f for _, f in findings)}. Failed: {failures}.")


def _line(verdict: Verdict) -> tuple[str, ...]:
    """Return a claim's line: its weakest outcome, what its steps and runs came to, and how close the bound was met.

    confidence: the least of its runs'. tightness: observed / predicted, the least and the greatest over the runs.
    """
    own = [f for f in verdict.findings if f.check in RUNS[:2]]
    broken = [f for f in verdict.findings if f.check == "broken_by"]
    sure = [f.confidence for f in own if f.confidence is not None]
    ratios = sorted(f.tightness for f in own if f.tightness is not None)
    confidence = "" if not sure else "exact" if min(sure) == 1.0 else f"{min(sure):.4%}"
    tightness = " to ".join(dict.fromkeys(number(r, 3) for r in (ratios[0], ratios[-1]))) if ratios else ""
    steps = tally(f for f in verdict.findings if f.check in ("step", "certificate", "worst case"))
    again = [f for f in verdict.findings if f.check == "scaling"]
    scales = ["scales" if f.outcome.name == "HOLDS" else f"scaling {f.outcome}" for f in again]
    runs = "; ".join([*([tally(own)] if own else []), *([f"broken by {len(broken)}"] if broken else []), *scales])
    return verdict.claim, f"{verdict.outcome}{' FAILED' if verdict.failed else ''}", steps, runs, confidence, tightness


def _print_runs(found: Sequence[tuple[str, Finding]]) -> None:
    """Print a line for each run; three where the terminal is too narrow for that."""
    rows = [_row(claim, f) for claim, f in found]
    if (terminal_width() or FLAT) >= FLAT:
        columns = ("claim", "what", "problem", "optimizer", "t", "predicted", "observed", "with interval", "verdict")
        print_table(columns, rows)
        return
    stacked = [
        (f"{claim}\n{what}", f"{problem}\n{optimizer}", f"{_at(predicted, t)}\n{seen}\n{limits}", verdict)
        for claim, what, problem, optimizer, t, predicted, seen, limits, verdict in rows
    ]
    print_table(("claim", "problem, optimizer", "predicted, observed", "verdict"), stacked, stacked=True)


def _at(predicted: str, t: str) -> str:
    """Return a prediction with its step; one on a change, "<= 0 since t = 10", on two lines."""
    return f"{predicted.replace(' since', chr(10) + 'since')}, t = {t}" if t else predicted


def _row(claim: str, f: Finding) -> tuple[str, ...]:
    what = f"{WORDS[f.check]}: {f.subject}" if f.check in WORDS else f.subject
    step = "" if f.step is None else str(f.step)
    seen = number(f.observed), interval(*f.interval) if f.interval else ""
    return claim, what, f.problem, f.optimizer, step, f.predicted, *seen, _outcome(f)


def _outcome(f: Finding) -> str:
    """Return the outcome, with the engine where there is but one."""
    engines = f" ({', '.join(f.engines)})" if f.outcome.name == "PROVED_BY_ONE" else ""
    return f"{f.outcome}{engines}{' FAILED' if f.failed else ''}"


def _algebra(verdict: Verdict) -> str:
    """Return what was checked without running anything: "step: 11 PROVED, 1 PROVED_BY_ONE (z3); limit: 2 PROVED"."""
    findings = [f for f in verdict.findings if f.check not in RUNS]
    kinds = dict.fromkeys(f.check for f in findings)
    return "; ".join(f"{kind}: {tally(f for f in findings if f.check == kind)}" for kind in kinds) or "nothing"


def tally(findings: Iterable[Finding]) -> str:
    """Return how many findings have which outcome, in words."""
    counts = Counter(f"{_outcome(f)}{' as it must' if _had_to_be_false(f) else ''}" for f in findings)
    return ", ".join(f"{n} {outcome}" for outcome, n in counts.items()) or "nothing"


def _shares(findings: Sequence[Finding]) -> list[str]:
    """Return the share of proof steps on which two engines agree, and of spoilt bounds that some check refuses."""
    steps = [f for f in findings if f.check in ("step", "repair")]
    two = sum(f.outcome.name == "PROVED" for f in steps)
    lines = [f"Steps: {len(steps)}, {two} of them ({two / len(steps):.0%}) proved by two engines."] if steps else []
    counts: Counter[str] = Counter()
    for f in findings:
        counts.update(f.counts)
    if counts["counted"]:
        by = ", ".join(f"{name} {n}" for name, n in counts.items() if name not in ("counted", "killed"))
        killed = f"{counts['killed']} ({counts['killed'] / counts['counted']:.1%}) refused"
        lines.append(f"Mutants that say more than their claim: {counts['counted']}, {killed}; {by}.")
    return lines


def _had_to_be_false(f: Finding) -> bool:
    return f.outcome in f.expected and f.outcome.name in ("VIOLATED", "REFUTED")


def _print_reasons(title: str, found: Sequence[tuple[str, Finding]]) -> None:
    if found:
        print(f"\n{title}:")
    for claim, f in found:
        at = ", ".join(f"{k} = {v}" for k, v in f.counterexample.items())
        print(f"  {claim}, {f.check}: {f.subject}: {f.reason}{f' (at {at})' if at else ''}")

"""The algebra of many claims: side by side in processes, and remembered, so that only what changed is proved again.

Findings are kept as JSON under a key that covers the source of the claim's module, of the whole proof checker, and the
versions of the packages that decide. A finished claim is written at once: an interrupted run loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import sympy.core.random

from lab import remembered
from lab.claim import Claim
from lab.discovery import checkers, get_claim, mutation
from lab.processes import side_by_side
from lab.remembered import Findings

TRUSTED = ("lab.bounds", "lab.claim", "lab.units", "lab.verdict")  # beside the packages of the checkers
Progress = Callable[[str, float], None]


def prove(
    ids: Sequence[str],
    *,
    mutants: bool = False,
    store: str | Path | None = None,
    processes: int = 1,
    progress: Progress | None = None,
) -> dict[str, Findings]:
    """Return what the checkers find of each claim's algebra.

    mutants: spoil each bound as well, and report what notices. store: the folder in which findings are kept. processes:
    how many claims are checked side by side. progress: told what was done last and the share done.
    """
    found = {name: findings for name in ids if (findings := remembered.read(_place(name, mutants, store))) is not None}
    left = [name for name in ids if name not in found]
    for name, findings in side_by_side(partial(_check_by_id, mutants=mutants), left, min(processes, len(left))):
        remembered.keep(_place(name, mutants, store), findings)
        found[name] = findings
        if progress is not None:
            progress(f"{name}: {'mutants' if mutants else 'algebra'}", len(found) / len(ids))
    return {name: found[name] for name in ids}


def kept(name: str, store: str | Path | None, mutants: bool = False) -> Findings:
    """Return the findings on a claim that the store keeps; none where it was not checked since it changed."""
    return remembered.read(_place(name, mutants, store)) or ()


def check(claim: Claim, mutants: bool = False) -> Findings:
    """Return the findings on one claim: those on its mutants, or those on the claim itself."""
    if mutants:
        return tuple(mutation()(claim))
    return tuple(f for checker in checkers() for f in checker(claim))


def _check_by_id(name: str, mutants: bool) -> Findings:
    sympy.core.random.seed(0)  # it shuffles the order in which it asks for assumptions
    return check(get_claim(name), mutants)


def _place(name: str, mutants: bool, store: str | Path | None) -> Path | None:
    return remembered.place(name, "mutants" if mutants else "algebra", store, TRUSTED)

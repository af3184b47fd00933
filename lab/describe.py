"""Everything about one named thing, as a document: plain values, lists of rows, and sympy expressions as they are."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lab import discovery
from lab.algebra import kept
from lab.errors import LabError
from lab.grid import laws
from lab.index import Entry, entries
from lab.metrics import get_metric
from lab.parameters import Parametric
from lab.problem import Problem
from lab.statement import describe_claim
from lab.verify import kept as kept_runs

Document = dict[str, Any]


def describe(entry: Entry, store: str | Path | None = None, known: Sequence[Entry] | None = None) -> Document:
    """Return the document of an entry: its name, what its docstring says, its parts, its source and its file.

    store: the folder from which the verdicts on a claim's steps are taken, where they are kept there. known: all
    entries, where the caller has them: a problem's document names the claims that run on it.
    """
    if entry.kind == "claim":
        found = kept(entry.name, store) + kept(entry.name, store, mutants=True) + kept_runs(entry.name, store)
        parts = describe_claim(discovery.get_claim(entry.name), found)
    else:
        parts = _PARTS[entry.kind](entry.name)
    if entry.kind == "problem":
        parts |= _claims_on(entry.name, entries() if known is None else known)
    aliases = {"also_called": list(entry.aliases)} if entry.aliases else {}
    source = {"source": entry.source} if entry.source else {}
    return {"name": entry.name} | aliases | parts | source | {"file": entry.file}


def _problem(name: str) -> Document:
    cls = discovery.problems()[name]
    document = {"says": inspect.getdoc(cls), "parameters": _parameters(cls)}
    try:
        problem = cls()
    except (TypeError, LabError):  # a parameter without a default: the rest depends on its value
        return document
    formula = problem.formula()
    document |= {"coordinates": list(formula.x), "objective": formula.value}
    if formula.outcomes:
        document["losses"] = [{"share": share, "loss": loss} for share, loss in formula.outcomes]
    where = _proved(problem)
    constants = [
        {"name": k} | dataclasses.asdict(c) | {"proved_on": where.get(k, "")} for k, c in problem.constants.items()
    ]
    sums = {"components": problem.components, "order": written(problem.order)} if problem.components else {}
    return document | {
        "dimension": problem.dim,
        "domain": written(problem.domain),
        "minimizer": problem.minimizer(),
        "minimum": problem.minimum,
        "constants": constants,
        "noise": noise(problem),
        "draws": problem.n_draws,
        "tail_index": problem.tail_index,
        **sums,
    }


def _proved(problem: Problem) -> dict[str, str]:
    """Return on which interval of a coordinate each constant is proved as a bound by interval arithmetic."""
    from lab.testing.proved import proved

    try:
        return proved(problem)
    except AssertionError:  # a constant is refuted: `check_problem` says so, a description does not
        return {}


def noise(problem: Problem) -> str:
    """Return in words what one round shows in place of f."""
    varies = type(problem).loss is not Problem.loss
    if problem.noise is not None:
        return f"grad f(x) + {written(problem.noise)}, independent in each coordinate and round"
    if problem.components:
        return f"one of {problem.components} components"
    if problem.n_draws:
        return "losses drawn anew in each round" if varies else "drawn anew in each round, dependent on x"
    return "none: losses in a fixed order" if varies else "none"


def _claims_on(name: str, known: Sequence[Entry]) -> dict[str, list[str]]:
    """Return the ids of the claims that are shown to hold on a problem, and of those that are shown to break there."""
    claims = [e for e in known if e.kind == "claim"]
    here = {
        "claims_shown_here": [e.name for e in claims if name in e.details["holds_on"]],
        "claims_broken_here": [e.name for e in claims if name in e.details["broken_on"]],
    }
    return {part: ids for part, ids in here.items() if ids}


def _optimizer(name: str) -> Document:
    cls = discovery.optimizers()[name]
    given = cls.reference
    return {
        "rule": inspect.getdoc(cls),
        "hyperparameters": _parameters(cls),
        "kind": cls.kind,
        "homogeneity": cls().homogeneity,
        "symmetries": list(cls.symmetries),
        "reference": given if isinstance(given, str) else [r.document() for r in given],
    }


def _figure(name: str) -> Document:
    module = discovery.figures()[name]
    return {"says": inspect.getdoc(module), "caption": getattr(module, "CAPTION", None)}


def _metric(name: str) -> Document:
    metric = get_metric(name)
    return {"says": inspect.getdoc(type(metric)), "written": metric.says, "vector": metric.vector}


def _schedule(name: str) -> Document:
    return {"says": inspect.getdoc(laws()[name]), "parameters": _parameters(laws()[name])}


_PARTS: Mapping[str, Callable[[str], Document]] = {
    "problem": _problem,
    "optimizer": _optimizer,
    "figure": _figure,
    "metric": _metric,
    "schedule": _schedule,
}


def _parameters(cls: type[Any]) -> list[Document]:
    """Return a row for each field: its name, its type as annotated, its default as `--set` writes it."""
    return [
        {"name": f.name, "type": str(f.type), "default": None if _required(f) else written(f.default)}
        for f in dataclasses.fields(cls)
    ]


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING


def written(value: object) -> str:
    """Return a parameter's value as `--set` takes it: `inv_sqrt(0.5)`, `(0.9,0.99)`, `true`; a constant as a number."""
    if isinstance(value, Parametric):
        inner = [written(getattr(value, f.name)) for f in dataclasses.fields(value)]  # type: ignore[arg-type]
        return inner[0] if value.name == "constant" else f"{value.name}({','.join(inner)})"
    if isinstance(value, tuple):
        return f"({','.join(map(written, value))})"
    return str(value).lower() if isinstance(value, bool) else str(value)

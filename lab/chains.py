"""Optimizers written on a command line: a method's name, or transforms around one, `clip_norm(coupled_decay(adam))`."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from lab import discovery, transforms
from lab.errors import LabError, unknown
from lab.optimizer import Optimizer
from lab.parameters import construct

Chain = tuple[type[Any], ...]  # classes, the outermost transform first, the method last


@functools.cache
def known_transforms() -> Mapping[str, type[Any]]:
    """Return the transforms by name."""
    found: list[type[Any]] = [c for c in vars(transforms).values() if isinstance(c, type) and "name" in vars(c)]
    return {vars(c)["name"]: c for c in found}


def chain(text: str) -> Chain:
    """Return the classes that `text` names. LabError, with the nearest name, for an unknown one or open brackets."""
    *around, method = text.strip().split("(")
    if not method.endswith(")" * len(around)):
        raise LabError(f"{text!r}: every '(' needs its ')', as in clip_norm(adam)")
    method = method[: len(method) - len(around)].strip()
    if method.endswith(")"):
        raise LabError(f"{text!r}: every ')' needs its '(', as in clip_norm(adam)")
    names = [name.strip() for name in around]
    for name in names:
        if name not in known_transforms():
            raise unknown("transform", name, known_transforms())
    if method not in discovery.optimizers():
        raise unknown("optimizer", method, discovery.optimizers())
    return (*(known_transforms()[name] for name in names), discovery.optimizers()[method])


def parameters(cls: type[Any]) -> list[str]:
    """Return the fields of a class that can be given a value; not what it wraps."""
    return [f.name for f in fields(cls) if f.name != "inner"]


def assemble(classes: Sequence[type[Any]], values: Sequence[Mapping[str, object]]) -> Optimizer[Any]:
    """Return the optimizer of a chain, whose i-th class is given values[i]. LabError for a value that is refused."""
    made: Optimizer[Any] | None = None
    for cls, given in reversed(list(zip(classes, values, strict=True))):
        made = construct(cls, "optimizer", given if made is None else {**given, "inner": made})
    assert made is not None  # a chain ends in a method
    return made

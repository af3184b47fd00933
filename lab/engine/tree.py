"""Trees of tensors: what `begin` returns and `advance` takes, by name and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from lab.errors import NotRecordable

Tree = Any  # a tensor, or a tuple or a mapping of trees


def flatten(tree: Tree, prefix: str = "") -> dict[str, Tensor]:
    """Return the tensors of a tree by path: a NamedTuple's parts by name, other tuples' by position."""
    if isinstance(tree, Tensor):
        return {prefix: tree}
    if not isinstance(tree, Mapping | tuple):
        raise NotRecordable(f"{prefix or 'the result'} must be a tensor or a tuple, got {type(tree).__name__}")
    found: dict[str, Tensor] = {}
    for name, part in _parts(tree):
        found |= flatten(part, f"{prefix}.{name}" if prefix else name)
    return found


def rebuild(like: Tree, values: Mapping[str, Tensor], prefix: str = "") -> Tree:
    """Return the tree of the form of `like` whose tensors are `values` by path; the inverse of `flatten`."""
    if isinstance(like, Tensor):
        return values[prefix]
    parts = [rebuild(part, values, f"{prefix}.{name}" if prefix else name) for name, part in _parts(like)]
    if isinstance(like, Mapping):
        return dict(zip(like, parts, strict=True))
    return type(like)(*parts) if hasattr(like, "_fields") else tuple(parts)


def _parts(tree: Tree) -> list[tuple[str, Tree]]:
    if isinstance(tree, Mapping):
        return list(tree.items())
    return list(zip(map(str, getattr(tree, "_fields", range(len(tree)))), tree, strict=True))

"""What is alike for all lanes is read before the loop over them.

A choice between two loads, or by a bool that does not change, is not vectorised (gcc 12); nor is a clamp between two
numbers cheap: of two constants gcc makes four comparisons with masks. So each becomes a variable of its own; numbers
and bools are hidden from the compiler.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lab.engine.part import Part, field_name
from lab.engine.scalar import C_TYPES

_SHARED = re.compile(r"\b([pos])->(\w+)\b(?!\[)")
_NUMBER = re.compile(r"LAB_NUMBER\(([\w ]+), ((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)")
_PLACE = r"(?:\[(?:\b[ijkm]\b|\blab_within\b|[^\w\[\]]|\b\d+\b)+\])+"  # of loop variables and numbers alone
_ROW = re.compile(rf"\bLAB_ALIKE\([^()]*\)|\b(?:[pos]->\w+|(?:begin|advance|read)_c\d+){_PLACE}")


def before_lanes(part: Part, body: Sequence[str]) -> list[str]:
    """Return a function's body that first copies the scalars that it reads, and the limits of clamps."""
    found = dict.fromkeys(m.group() for line in body for m in _SHARED.finditer(line))
    numbers = dict.fromkeys(m.groups() for line in body for m in _NUMBER.finditer(line))
    names = {number: f"number{k}" for k, number in enumerate(numbers)}
    first = [_copy(part, place, place.partition("->")[2]) for place in found]
    first += [f"const {kind} {name} = LAB_HIDDEN({kind}, {value});" for (kind, value), name in names.items()]
    lines = [_SHARED.sub(lambda m: _read(part, m.group(), m.group(2)), line) for line in body]
    return first + [_NUMBER.sub(lambda m: names[m.groups()], line) for line in lines]


def before_loop(part: Part, body: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what one loop over lanes reads of rows and tables, as copies to stand before it, and its new body."""
    found = dict.fromkeys(m.group() for line in body for m in _ROW.finditer(line))
    names = {place: f"row{k}" for k, place in enumerate(found)}
    lines = [_ROW.sub(lambda m: _read(part, m.group(), names[m.group()]), line) for line in body]
    return [_copy(part, place, name) for place, name in names.items()], lines


def _copy(part: Part, place: str, name: str) -> str:
    kind = _type_of(part, place)
    return f"const {kind} {name} = {place};" if kind != "bool" else f"const REAL {name} = LAB_HIDDEN(REAL, {place});"


def _read(part: Part, place: str, name: str) -> str:
    return name if _type_of(part, place) != "bool" else f"({name} != 0)"


def _type_of(part: Part, place: str) -> str:
    """Return the C type of `o->v3`, `p->problem_L[i]`, `advance_c7[i]`, or of a condition on loop variables."""
    if place.startswith("LAB_ALIKE"):
        return "bool"
    nodes, name = part.graph.nodes, place.partition("[")[0]
    if name.startswith("p->"):
        return next(C_TYPES[n.dtype] for n in nodes if n.op == "input" and field_name(n.args[0]) == name[3:])
    number = re.search(r"\d+$", name)
    return C_TYPES[nodes[int(number.group())].dtype] if number else "double"  # t alone has none

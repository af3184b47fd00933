"""The divider sets the pace of a step: which divisions go without it, and what runs beside those that do not.

A vector of divisions or roots keeps the divider busy for longer than anything else in a step takes, and multiplications
run beside it. So every other division by what is alike for all lanes is done by multiplications (lab_quotient in
prelude.h: exact, but for magnitudes near the ends of the range, which its caller finds and computes again), and the
rounds that make the next random words stand between the divisions.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import torch

from lab.engine.graph import Ref
from lab.engine.loops import At, Nest
from lab.engine.part import PARAMETERS, Part

_SLOW = ("div", "sqrt", "rsqrt", "reciprocal")
_ORDER = ("lt", "le", "gt", "ge")


def is_alike(part: Part, i: int, lanes: Collection[int]) -> bool:
    """Tell whether node i is the same for all lanes; lanes: the nodes computed for each."""
    node = part.graph.nodes[i]
    return i not in lanes and (node.op != "input" or node.args[0] == "t" or node.args[0].startswith(PARAMETERS))


def quotients(part: Part, nests: Sequence[Nest], lanes: Collection[int]) -> frozenset[int]:
    """Return the nodes to compute by lab_quotient: in each nest every other division by what is alike, from the last.

    So the divider and the multiplier, which work side by side, share the load.
    """
    return frozenset(i for nest in nests for i in [j for j in nest.nodes if _is_quotient(part, j, lanes)][::-2])


def _is_quotient(part: Part, i: int, lanes: Collection[int]) -> bool:
    node = part.graph.nodes[i]
    if node.op != "div" or node.dtype != torch.float64:
        return False
    divisor = node.args[1]
    if not isinstance(divisor, Ref):  # by a power of two the compiler multiplies
        return math.isfinite(divisor) and abs(math.frexp(divisor)[0]) not in (0, 0.5)
    return is_alike(part, part.access.resolve(divisor.index, {}).index, lanes)


def beside(part: Part, nests: Sequence[Nest]) -> int | None:
    """Return which nest makes the next random words: of those run once a lane, the one with the most divisions."""
    once = [k for k, nest in enumerate(nests) if not nest.loops and (nest.nodes or nest.stores)]
    return max(once, key=lambda k: sum(part.graph.nodes[i].op in _SLOW for i in nests[k].nodes), default=None)


def follower(part: Part, nest: Nest) -> int | None:
    """Return the node of a nest before which random words are made: the first root, or else the last division."""
    nodes = part.graph.nodes
    slow = [i for i in nest.nodes if nodes[i].op in _SLOW]
    return next((i for i in slow if nodes[i].op == "sqrt"), slow[-1] if slow else None)


def compared_draw(part: Part, i: int, lanes: Collection[int]) -> At | None:
    """Return the coordinate of the draw of 32 bits that node i compares with what is alike for all lanes."""
    node = part.graph.nodes[i]
    if node.op not in _ORDER or part.draw_bits != 32 or not isinstance(node.args[0], Ref):
        return None
    draw, *bound = part.access.operands(i)
    given = part.graph.nodes[draw.index]
    drawn = given.op == "input" and given.args[0] == "draws" and given.dtype == torch.float64
    return draw.at if drawn and all(is_alike(part, r.index, lanes) for r in bound) else None

"""Grids of parameters, written on a command line: `lr=inv_sqrt(0.5),inv_sqrt(0.1)`, `betas=(0.9,0.99)`.

    assignment := [owner "."] field "=" value {"," value}       the values make a grid
    value      := number | word | "true" | "false" | tuple | law
    tuple      := "(" [value {"," value}] ")"
    law        := word "(" [argument {"," argument}] ")"        a schedule, a noise law or an order of sampling
    argument   := [field "="] value

Nothing is evaluated. Whatever else is written raises LabError with what was got and what is allowed there.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from lab.chains import Chain, assemble, parameters
from lab.errors import LabError, unknown
from lab.parameters import Parametric, construct

PROBLEM = "problem"  # the owner in `problem.C=28`
DEPTH = 8  # of brackets in brackets
DIGITS = 18  # of an integer, which then fits 64 bits

_TOKEN = re.compile(
    r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<word>[+-]?[A-Za-z_]\w*)|(?P<mark>\S)", re.ASCII
)
_END = ("end", "")
_WORDS: Mapping[str, object] = {"true": True, "false": False} | {
    sign + word: float(sign + word) for word in ("inf", "nan") for sign in ("", "+", "-")
}


@dataclass(frozen=True)
class Assignment:
    """One `--set`: each value in turn goes to `field` of `owner`, or of all that have it where owner is None."""

    field: str
    values: tuple[object, ...]
    owner: str | None = None


def parse(text: str) -> Assignment:
    """Return the assignment that `text` writes. LabError in one line where it writes none."""
    target, equals, right = text.partition("=")
    owner, dot, field = target.strip().rpartition(".")
    if not equals or not field.isidentifier() or (dot and not owner.isidentifier()):
        raise LabError(f"--set {text!r}: write name=value, problem.name=value or OPTIMIZER.name=value")
    return Assignment(field, _Reader(text, right).all(), owner if dot else None)


class _Reader:
    """Reads one token after the other; there is no going back."""

    def __init__(self, text: str, right: str) -> None:
        self._text, self._at, self._depth = text, 0, 0
        self._tokens = [(str(m.lastgroup), m[0]) for m in _TOKEN.finditer(right)]

    def all(self) -> tuple[object, ...]:
        """Return the values up to the end."""
        found = self._values()
        if self._peek() != _END:
            raise self._expected("',' or the end")
        return found

    def _values(self) -> tuple[object, ...]:
        found = [self._value()]
        while self._take(","):
            found.append(self._value())
        return tuple(found)

    def _value(self) -> object:
        kind, token = self._peek()
        if kind == "mark" and token == "(":
            return self._tuple()
        if kind not in ("number", "word"):
            raise self._expected("a number, a word, a schedule or '('")
        self._at += 1
        if kind == "number":
            return self._number(token)
        return self._law(token) if self._peek() == ("mark", "(") else _WORDS.get(token.lower(), token)

    def _number(self, token: str) -> int | float:
        if not re.fullmatch(r"[+-]?\d+", token):
            return float(token)
        if len(token.lstrip("+-")) > DIGITS:
            raise LabError(f"--set: an integer may have {DIGITS} digits, got {token[:DIGITS]}...")
        return int(token)

    def _tuple(self) -> tuple[object, ...]:
        self._open()
        found = () if self._peek() == ("mark", ")") else self._values()
        self._close()
        return found

    def _law(self, name: str) -> Parametric:
        if name not in laws():
            raise unknown("schedule or noise law", name, laws())
        cls, given = laws()[name], dict[str, object]()
        self._open()
        if self._peek() != ("mark", ")"):
            self._argument(cls, given)
            while self._take(","):
                self._argument(cls, given)
        self._close()
        made: Parametric = construct(cls, "schedule", given)
        return made

    def _argument(self, cls: type[Any], given: dict[str, object]) -> None:
        """Add one argument: to the field that is named, else to the next in order."""
        names = [f.name for f in fields(cls)]
        kind, field = self._peek()
        if kind == "word" and self._peek(1) == ("mark", "="):
            self._at += 2
        else:
            field = names[len(given)] if len(given) < len(names) else ""
        if not field or field in given:
            raise LabError(f"--set {self._text!r}: {cls.name} takes {', '.join(names)}, each once")
        given[field] = self._value()

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else _END

    def _take(self, mark: str) -> bool:
        taken = self._peek() == ("mark", mark)
        self._at += taken
        return taken

    def _open(self) -> None:
        self._at += 1
        self._depth += 1
        if self._depth > DEPTH:
            raise LabError(f"--set: more than {DEPTH} brackets inside one another")

    def _close(self) -> None:
        if not self._take(")"):
            raise self._expected("',' or ')'")
        self._depth -= 1

    def _expected(self, what: str) -> LabError:
        got = repr(self._peek()[1]) if self._peek() != _END else "the end"
        return LabError(f"--set {self._text!r}: expected {what}, got {got}")


@functools.cache
def laws() -> Mapping[str, type[Any]]:
    """Return the schedules, noise laws and orders of sampling by name."""
    from lab import noise, sampling, schedules

    found = (c for module in (schedules, noise, sampling) for c in vars(module).values() if isinstance(c, type))
    return {c.name: c for c in found if issubclass(c, Parametric) and "name" in vars(c)}


def build(
    assignments: Sequence[Assignment], problem: type[Any], chains: Sequence[Chain]
) -> tuple[list[Any], list[Any]]:
    """Return the problems and the optimizers of the grid: every combination, the last assignment running fastest.

    An assignment without an owner goes to each method and transform that has the field, and to the problem where none
    has it; one that names its owner replaces it there. LabError for a field that no one has, with the nearest, for
    one that is set twice, and for a value that is refused.
    """
    parts = {cls.name: cls for chain in chains for cls in chain}
    grids: dict[str, dict[str, tuple[object, ...]]] = {PROBLEM: {}} | {name: {} for name in parts}
    has = {PROBLEM: parameters(problem)} | {name: parameters(cls) for name, cls in parts.items()}
    seen: set[tuple[str | None, str]] = set()
    for a in sorted(assignments, key=lambda a: a.owner is not None):
        if (a.owner, a.field) in seen:
            raise LabError(f"--set: {a.field} is set twice; commas make a grid")
        seen.add((a.owner, a.field))
        for owner in _owners(a, has):
            grids[owner][a.field] = a.values
    problems = [construct(problem, PROBLEM, values) for values in _product(grids[PROBLEM])]
    rows = ((chain, itertools.product(*(_product(grids[cls.name]) for cls in chain))) for chain in chains)
    return problems, [assemble(chain, values) for chain, some in rows for values in some]


def _owners(a: Assignment, has: Mapping[str, Sequence[str]]) -> list[str]:
    if a.owner is not None:
        if a.owner not in has:
            raise unknown("owner of a parameter", a.owner, has)
        if a.field not in has[a.owner]:
            raise unknown(f"parameter of {a.owner}", a.field, has[a.owner])
        return [a.owner]
    found = [owner for owner in has if owner != PROBLEM and a.field in has[owner]]
    if not found and a.field not in has[PROBLEM]:
        allowed = {field for names in has.values() for field in names}
        raise unknown("parameter of the problem or of an optimizer", a.field, allowed)
    return found or [PROBLEM]


def _product(grid: Mapping[str, tuple[object, ...]]) -> list[dict[str, object]]:
    return [dict(zip(grid, row, strict=True)) for row in itertools.product(*grid.values())]

"""What commands print: tables and documents on stdout, progress and notes on stderr."""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

PIPE_WIDTH = 120  # of running text where there is no terminal to ask
UNFOLDED = 10_000  # of a table there: one line a row, for `grep`

Report = Callable[[str, float], None]  # (what is being done, share done in [0, 1])


def print_json(document: Any, indent: int | None = 2) -> None:
    """Print one JSON document; an infinity is the string "inf" or "-inf", NaN is "nan": JSON has no such numbers."""
    print(json.dumps(plain(document), indent=indent, allow_nan=False))


def plain(value: Any) -> Any:
    """Return nested mappings, sequences, numpy arrays and numbers as what JSON can hold; anything else as its text."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return plain(value.tolist()) if hasattr(value, "tolist") else str(value)


def note(text: str) -> None:
    """Print a line on stderr."""
    print(text, file=sys.stderr)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], stacked: bool = False) -> None:
    """Print a table as wide as the terminal, or as it needs in a pipe; a column of numbers stands right.

    stacked: cells have several lines; rows are set apart, and the first column folds before any other.
    """
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, leading=int(stacked))
    for i, name in enumerate(columns):
        numeric = bool(rows) and all(_is_number(row[i]) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", no_wrap=(i == 0) != stacked, overflow="fold")
    for row in rows:
        table.add_row(*row)
    print_rich(table, UNFOLDED)


def print_rich(thing: Any, pipe_width: int = PIPE_WIDTH) -> None:
    """Print something that rich knows to lay out; text is taken as it is, without markup."""
    from rich.console import Console

    Console(width=terminal_width() or pipe_width, markup=False, emoji=False, highlight=False).print(thing)


def terminal_width() -> int | None:
    """Return the width of the terminal that reads standard output; None where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _is_number(text: str) -> bool:
    try:
        float(text or "0")
    except ValueError:
        return False
    return True


def number(value: float | None, digits: int = 4) -> str:
    """Return a number with so many significant digits; empty for None."""
    return "" if value is None else f"{value:.{digits}g}"


def interval(low: float | None, high: float | None, digits: int = 4) -> str:
    """Return "[low, high]"; empty where there is none."""
    return "" if low is None or high is None else f"[{number(low, digits)}, {number(high, digits)}]"


@contextmanager
def progress() -> Iterator[Report | None]:
    """Give a function that moves a bar with the time left, on stderr; None where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich import progress as shown
    from rich.console import Console

    left, what = shown.TimeRemainingColumn(), shown.TextColumn("left   {task.description}", markup=False)
    bar = shown.Progress(
        shown.BarColumn(30), shown.TaskProgressColumn(), left, what, console=Console(stderr=True), transient=True
    )
    with bar:
        task = bar.add_task("", total=1.0)
        yield lambda text, share: bar.update(task, description=text, completed=share)

"""The results as tables: the same rows for the terminal and for results.md."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.scaling import ROUNDS

Results = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """A title, column heads, rows of text, and lines that go below."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def tables(results: Results) -> Iterator[Table]:
    """Yield the tables of what was measured, in order."""
    for table in results["workloads"].values():
        yield _speed(table)
    if results["bars"]:
        yield _bars(results["bars"])
    if results.get("first_step"):
        yield _first_step(results["first_step"])
    if results.get("launch"):
        yield _launch(results["launch"])
    if results.get("scaling"):
        yield _scaling(results["scaling"])
    if results.get("roofline"):
        yield _roofline(results["roofline"])


def markdown(results: Results) -> str:
    """Return results.md."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    lines = [
        "# Benchmarks", "",
        "Written by `ratelab bench`. [NOTES.md](NOTES.md) tells how the loops came to be as they are.", "",
        f"{machine['cpu']}, {machine['threads']} threads; {versions}.",
        f"Device: {results['device']}. Load average at the start: {number(machine['load'] or 0.0)}.", "",
        f"Median of {results['rounds']} rounds, in brackets the least and the greatest. In a round every yardstick "
        "runs once; ratios are taken within rounds. A slow yardstick runs fewer seeds or steps, as the table says.", "",
        "![seed-steps per second, and scaling](results.svg)", "",
    ]  # fmt: skip
    for table in tables(results):
        lines += [f"## {table.title}", "", _line(table.columns), "|" + "---|" * len(table.columns)]
        lines += [_line(row) for row in table.rows]
        lines += ["", *(f"{note}\n" for note in table.notes)]
    return "\n".join(lines).rstrip() + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def number(value: float) -> str:
    """Return a number with three digits, a large one by a power of ten."""
    if not math.isfinite(value):
        return str(value)
    return f"{value:.2e}" if abs(value) >= 1e5 else f"{value:.3g}"


def spread(found: Mapping[str, float] | None) -> str:
    """Return "median [min, max]"."""
    if found is None:
        return ""
    return f"{number(found['median'])} [{number(found['min'])}, {number(found['max'])}]"


def verdict(holds: bool | None) -> str:
    """Return a bar's outcome in a word."""
    return "not measured" if holds is None else "yes" if holds else "NO"


def _speed(table: Results) -> Table:
    rows = tuple(
        (
            r["yardstick"], r["says"], f"{r['seeds']:,} x {r['steps']:,}", spread(r["rate"]),
            spread(r.get("over_optax")), spread(r.get("over_c")), f"{r['ready_s']:.2f}",
        )
        for r in table["rows"]
    )  # fmt: skip
    columns = ("yardstick", "what it is", "seeds x steps", "seed-steps/s", "times optax", "times C", "ready after (s)")
    notes = tuple(f"Left out: {reason}." for reason in table["left_out"].values())
    return Table(f"{table['title']}: {table['seeds']:,} seeds, {table['steps']:,} steps", columns, rows, notes)


def _bars(bars: Sequence[Results]) -> Table:
    rows = tuple((b["what"], number(b["at_least"]), spread(b["got"]), verdict(b["holds"])) for b in bars)
    return Table("Bars", ("ratio of speeds", "at least", "got", "holds"), rows)


def _first_step(found: Results) -> Table:
    names = {"new_s": "new pair: record, emit, compile, load", "cached_s": "from the cache"}
    rows = tuple(
        (text, spread(found[key]), number(found["bars"][key]), verdict(found[key]["median"] <= found["bars"][key]))
        for key, text in names.items()
    )
    notes = tuple(f"Not fused: {pair} ({reason})." for pair, reason in found["refused"].items())
    return Table(f"First step of a pair, over {found['pairs']} pairs", ("", "seconds", "at most", "holds"), rows, notes)


def _launch(found: Results) -> Table:
    title = f"lab.simulate: Adam on Reddi's problem, {found['seeds']:,} seeds, {found['steps']:,} steps"
    if "failed" in found:
        return Table(title, ("outcome",), ((found["failed"],),))
    rows = tuple(
        (text, number(found[key]), number(found["bars"][key]), verdict(found[key] <= found["bars"][key]))
        for key, text in (("seconds", "seconds"), ("peak_gib", "peak memory, GiB"))
    )
    return Table(title, (f"engine {found['engine']}", "got", "at most", "holds"), rows)


def _scaling(sweeps: Sequence[Results]) -> Table:
    rows = tuple(
        (
            s["axis"], s["yardstick"],
            "; ".join(f"{p['at']:,}: {number(p['ns']['median'])}" for p in s["points"]),
            f"{100 * s['departure']:.0f}%" if "departure" in s else "",
            verdict(s["holds"]) if "holds" in s else "",
        )
        for s in sweeps
    )  # fmt: skip
    cost = f"nanoseconds for a seed-step (where d grows: and coordinate), medians of {ROUNDS} rounds"
    return Table("Scaling", ("grows", "yardstick", cost, "off linear", "within 10%"), rows)


def _roofline(found: Results) -> Table:
    rows = []
    for name, part in found["workloads"].items():
        for yardstick, share in part["shares"].items():
            rows.append(
                (
                    name, yardstick, number(share["operations_per_s"]), f"{100 * share['share_of_arithmetic']:.3g}%",
                    f"{100 * share['share_of_divider']:.3g}%",
                )
            )  # fmt: skip
    peak = found["peaks"]
    notes = [
        f"Peaks, operations per second: {number(peak['add_and_multiply'])} (additions beside multiplications), "
        f"{number(peak['fma'])} (fused, two each), {number(peak['divide'])} (divisions), "
        f"{number(peak['root'])} (roots).",
        *(
            f"{name}: {p['operations']['all']:.0f} operations for a seed-step, of which {p['operations']['divisions']} "
            f"divisions and {p['operations']['roots']} roots that seeds cannot share."
            for name, p in found["workloads"].items()
        ),
    ]
    columns = ("workload", "yardstick", "operations/s", "of the peak arithmetic", "of what the divider allows")
    return Table("Roofline", columns, tuple(rows), tuple(notes))

"""Marks beside curves and bands: points, slope triangles, feasible regions, cells; drawn as described, or refused."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import matplotlib
import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from figures.kit.drawing import (
    Axis,
    Category,
    Cells,
    Curve,
    Drawing,
    Feasible,
    Mark,
    Panel,
    Points,
    Shades,
    Triangle,
    caption,
)  # fmt: skip
from figures.kit.ink import contrast, ink, shading
from figures.kit.layout import PRESSED
from figures.kit.paint import paint
from figures.kit.render import images, table
from figures.kit.style import FILLS, PAPER, SHADES, SLIDES, Style, look
from lab import statistics
from lab.errors import LabError

X = np.array([1.0, 10.0, 100.0])
TIME, GAP = Axis("step", (1, 100), log=True), Axis("height", (0.01, 10), log=True)
UNIT = Axis("share", (0, 1))
GOOD, BAD = Category("converges", FILLS["good"]), Category("diverges", FILLS["bad"], "x")
RATIO = Shades("ratio", (1, 100), log=True)


def drawing(*marks: Mark, x: Axis = TIME, y: Axis = GAP, **more: Any) -> Drawing:
    panel = Panel(title="p", x=x, y=y, marks=marks, **more)
    return Drawing(title="A finding", caption="A caption (Nobody, VENUE 2000).", rows=((panel,),))


def painted(what: Drawing, style: Style = PAPER) -> Figure:
    with matplotlib.rc_context(style.rc()):
        figure = paint(what, style)
        figure.draw_without_rendering()
    return figure


def rows(what: Drawing) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table(what).decode())))


def triangle(**more: Any) -> Triangle:
    given = dict(label="slope of SGD", slope=-0.5, limits=(-0.52, -0.48), over=(4, 40), y=1.0, name="sgd")
    return Triangle(**{**given, **more})


def points(**more: Any) -> Points:
    given = dict(label="seen", kind="run", name="adam", x=X, y=X**-0.5, lo=0.8 * X**-0.5, hi=1.5 * X**-0.5)
    return Points(**{**given, **more})


def grid(values: Any = ((0, 1), (1, 0)), **more: Any) -> Cells:
    given = dict(label="outcome", x_edges=(0, 0.5, 1), y_edges=(0, 0.25, 1), values=values, scale=(GOOD, BAD))
    return Cells.grid(**{**given, **more})


def cells(*boxes: tuple[float, float, float, float], **more: Any) -> Cells:
    x0, x1, y0, y1 = np.array(boxes).T
    given = dict(label="outcome", x0=x0, x1=x1, y0=y0, y1=y1, values=np.zeros(len(boxes)), scale=(GOOD, BAD))
    return Cells(**{**given, **more})


# -------------------------------------------------------------------------------------------------------- points


def test_points_carry_their_intervals_on_paper_and_in_the_table() -> None:
    axes = painted(drawing(points(end="Adam"))).axes[0]
    (bars,) = axes.collections
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])  # type: ignore[attr-defined]
    np.testing.assert_allclose(ends, np.column_stack([0.8 * X**-0.5, 1.5 * X**-0.5]))
    (line,) = [made for made in axes.get_lines() if made.get_label() == "seen"]
    assert (line.get_linestyle(), to_hex(str(line.get_markerfacecolor()))) == ("None", look("adam").colour)
    assert "Adam" in {text.get_text() for text in axes.texts}
    first = rows(drawing(points()))[0]
    assert [float(first[k]) for k in ("x", "y", "lo", "hi")] == [1.0, 1.0, 0.8, 1.5]


def test_points_without_intervals_have_none_in_the_table_and_hollow_ones_are_empty() -> None:
    bare = points(lo=None, hi=None, hollow=True)
    axes = painted(drawing(bare)).axes[0]
    assert not axes.collections
    assert axes.get_lines()[0].get_markerfacecolor() == "white"
    assert {(row["lo"], row["hi"]) for row in rows(drawing(bare))} == {("", "")}


# ------------------------------------------------------------------------------------------------------ triangles


@pytest.mark.parametrize(
    ("slope", "side", "corner", "under"),
    [
        (-0.5, "below", (4, 10**-0.5), True),
        (-0.5, "above", (40, 1), False),
        (0.5, "below", (40, 1), True),
        (0.5, "above", (4, 10**0.5), False),
    ],
)
def test_a_triangle_has_the_slope_it_says(slope: float, side: Any, corner: tuple[float, float], under: bool) -> None:
    axes = painted(drawing(triangle(slope=slope, limits=(slope - 0.02, slope + 0.02), side=side))).axes[0]
    (line,) = axes.get_lines()
    path = np.column_stack([line.get_xdata(), line.get_ydata()])
    np.testing.assert_allclose(path[2], corner)
    (x0, y0), (x1, y1) = path[:2]
    assert np.log(y1 / y0) / np.log(x1 / x0) == pytest.approx(slope)
    (text,) = [t for t in axes.texts if isinstance(t, Annotation)]
    sign = "\N{MINUS SIGN}" if slope < 0 else ""
    assert text.get_text().startswith(f"{sign}0.50 [{sign}0.")
    box, (_, leg) = text.get_window_extent(), axes.transData.transform(corner)
    assert (box.y1 <= leg) == under


def test_a_triangle_takes_its_numbers_from_a_fit_and_its_numbers_reach_the_table() -> None:
    t = np.array([4.0, 8.0, 16.0, 40.0])
    curves = 3 * t**-0.7 * np.exp(np.random.default_rng(1).normal(0, 0.1, (200, 1)))
    found = statistics.slope(t, curves, key=3)
    mark = triangle(slope=found.value, limits=(found.limits.low, found.limits.high), claimed="theory −0.70")
    (row,) = rows(drawing(mark))
    assert float(row["value"]) == found.value == pytest.approx(-0.7)
    assert (float(row["lo"]), float(row["hi"])) == (found.limits.low, found.limits.high)
    assert float(row["y_end"]) == pytest.approx(10**-0.7)
    texts = {t.get_text() for t in painted(drawing(mark)).axes[0].texts}
    assert texts == {f"{mark.text}\ntheory −0.70"}
    assert mark.text.startswith("\N{MINUS SIGN}0.70 [")


# ----------------------------------------------------------------------------------------------- feasible regions


def test_a_feasible_region_lies_under_everything_else() -> None:
    region = Feasible(label="between the bounds", x=X, lo=0.1 / X, hi=5 / X)
    run = Curve(label="run", kind="run", name="sgd", x=X, y=1 / X)
    axes = painted(drawing(run, region)).axes[0]
    (shade,) = axes.collections
    assert shade.get_label() == "between the bounds"
    assert shade.get_zorder() < axes.get_lines()[0].get_zorder()
    assert [row["hi"] for row in rows(drawing(region))] == ["5.0", "0.5", "0.05"]


# ----------------------------------------------------------------------------------------------------------- cells


def test_a_grid_is_coloured_as_an_image_is_read() -> None:
    what = drawing(grid(), x=UNIT, y=UNIT)
    axes = painted(what).axes[0]
    colours = [to_hex(c) for c in np.asarray(axes.collections[0].get_facecolor())]
    assert colours == [GOOD.colour, BAD.colour, BAD.colour, GOOD.colour]
    listed = [(float(r["x"]), float(r["y"]), float(r["x_end"]), float(r["y_end"]), r["says"]) for r in rows(what)]
    assert listed == [
        (0.0, 0.0, 0.5, 0.25, "converges"), (0.5, 0.0, 1.0, 0.25, "diverges"),
        (0.0, 0.25, 0.5, 1.0, "diverges"), (0.5, 0.25, 1.0, 1.0, "converges"),
    ]  # fmt: skip


def test_the_legend_names_every_category_once_and_why_cells_are_outlined() -> None:
    flags = np.array([True, False, False, False])
    one = Panel(title="a", x=UNIT, y=UNIT, marks=(grid(flags=flags, flagged="theory says otherwise"),))
    two = Panel(title="b", x=UNIT, y=UNIT, marks=(grid(),))
    figure = painted(Drawing(title="A map", caption="A caption.", rows=((one, two),)))
    texts = [t.get_text() for t in figure.texts]
    assert [texts.count(says) for says in ("converges", "diverges", "theory says otherwise")] == [1, 1, 1]
    outlines = figure.axes[0].collections[1]
    assert len(outlines.get_paths()) == 1
    np.testing.assert_allclose(outlines.get_paths()[0].get_extents().extents, (0, 0, 0.5, 0.25))
    listed = rows(Drawing(title="A map", caption="A caption.", rows=((one, two),)))
    assert [row["says"] for row in listed][:2] == ["converges; theory says otherwise", "diverges"]


def test_a_continuous_scale_is_shown_by_a_colour_bar_and_falls_in_lightness() -> None:
    figure = painted(drawing(grid(values=((1, 10), (100, 1000)), scale=RATIO), x=UNIT, y=UNIT))
    panel, bar = figure.axes
    assert bar.get_ylabel() == "ratio"
    assert bar.get_position().x0 > panel.get_position().x1
    colours = [to_hex(c) for c in np.asarray(panel.collections[0].get_facecolor())]
    assert (colours[0], colours[2], colours[3]) == (SHADES[0], SHADES[-1], SHADES[-1]), "beyond the limits: the last"
    shades = shading(RATIO).to_rgba(np.logspace(0, 2, 50))[:, :3]
    grey = shades @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(grey) < 0).all()


def test_refined_cells_may_have_any_sizes_as_long_as_they_share_no_more_than_edges() -> None:
    quarter = [(a, a + 0.25, b, b + 0.25) for a in (0.5, 0.75) for b in (0.5, 0.75)]
    made = cells((0, 0.5, 0, 0.5), (0.5, 1, 0, 0.5), (0, 0.5, 0.5, 1), *quarter)
    assert len(list(made.rows())) == 7
    third = 0.1 + 0.2  # not 0.3: a shared edge up to rounding
    assert cells((0, third, 0, 1), (0.3, 1, 0, 1)).x1[0] > 0.3
    many = np.arange(600.0)
    with pytest.raises(LabError, match=re.escape("[100.5, 101.5, 0.0, 1.0]")):
        cells(*((a, a + 1, 0, 1) for a in many), (100.5, 101.5, 0, 1))


def test_marks_of_categories_stand_in_the_middle_of_their_cells_on_paper() -> None:
    axes = painted(drawing(cells((1, 100, 0.01, 1), values=np.ones(1)), x=TIME)).axes[0]
    at = np.asarray(axes.collections[-1].get_offsets(), dtype=np.float64)
    np.testing.assert_allclose(at, np.array([[10, 0.1]]), rtol=1e-9)
    assert contrast(BAD.colour) == "#ffffff" != contrast(FILLS["undecided"])


def test_fills_differ_in_grey() -> None:
    grey = sorted(float(np.dot(to_rgb(c), [0.2126, 0.7152, 0.0722])) for c in FILLS.values())
    assert min(np.diff(grey)) > 0.1


# ------------------------------------------------------------------------------------------------------------ axes


def test_words_at_the_ticks_are_turned_where_they_do_not_fit() -> None:
    short, long = ("a", "b"), tuple(f"a problem with a very, very long name, longer than its cell, {k}" for k in "ab")
    for words, turned in ((short, 0.0), (long, 90.0)):
        axis = Axis("problem", (0, 1), ticks=(0.25, 0.75), words=words)
        figure = painted(drawing(grid(edged=True), x=axis, y=Axis("rows", (0, 1), ticks=(0.125,), words=("method",))))
        labels = figure.axes[0].get_xticklabels()
        assert [t.get_text() for t in labels] == list(words)
        assert {t.get_rotation() for t in labels} == {turned}
        assert all(figure.bbox.y0 <= t.get_window_extent().y0 for t in labels)
        assert figure.axes[0].get_xlabel() == "", "the words say what they are"


# --------------------------------------------------------------------------------------------------------- styles


def test_slides_have_larger_type_and_no_caption() -> None:
    what = drawing(points())
    paper, slide = painted(what), painted(what, SLIDES)
    assert any("caption" in t.get_text() for t in paper.texts)
    assert not any("caption" in t.get_text() for t in slide.texts)
    sizes = [float(figure.texts[0].get_fontsize()) for figure in (slide, paper)]
    assert sizes[0] > sizes[1]
    width, height = slide.get_size_inches()
    assert width / height == pytest.approx(16 / 9)
    assert width * SLIDES.dpi == 1920


def test_a_slide_with_too_many_rows_grows_rather_than_crush_them() -> None:
    tall = [Panel(title=f"p{i}", x=TIME, y=GAP, marks=(points(),), height=2.0) for i in range(4)]
    figure = painted(Drawing(title="Tall", caption="A caption.", rows=tuple((p,) for p in tall)), SLIDES)
    width, height = figure.get_size_inches()
    assert width / height < 16 / 9
    assert figure.axes[0].get_position().height * height == pytest.approx(2.0 * PRESSED)


@pytest.mark.parametrize("style", [PAPER, SLIDES])
def test_equal_drawings_give_equal_bytes_in_every_format(style: Style) -> None:
    def make() -> dict[str, bytes]:
        return images(drawing(points(), triangle(), grid(x_edges=(1, 2, 3), y_edges=(1, 2, 3))), style)

    first = make()
    assert set(first) == {"svg", "pdf", "png"}
    assert first == make()
    assert first["pdf"].startswith(b"%PDF")
    assert b"CreationDate" not in first["pdf"]


# ------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: points(lo=None), "both given, or neither"),
        (lambda: points(lo=2 * X), "lo must be at most hi"),
        (lambda: points(hi=X[:2]), "as long as x"),
        (lambda: Feasible(label="f", x=X, lo=X, hi=X - 1), "lo must be at most hi"),
        (lambda: triangle(limits=(-0.4, -0.3)), "an interval that holds the slope -0.5"),
        (lambda: triangle(over=(40, 4)), "0 < x0 < x1"),
        (lambda: triangle(slope=float("nan"), limits=None), "slope must be finite"),
        (lambda: drawing(triangle(), y=Axis("height", (0, 2))), "must be a log scale"),
        (lambda: cells((0, 0.6, 0, 1), (0.5, 1, 0.9, 2)), "disjoint; these two overlap"),
        (lambda: cells((0, 0.5, 0, 1), (0, 0.5, 0, 1)), "disjoint; these two overlap"),
        (lambda: cells((0.5, 0.5, 0, 1)), "x0 < x1 and y0 < y1"),
        (lambda: grid(values=((0, 1), (1, 2))), "values must be in {0, 1}"),
        (lambda: grid(values=((0, 0.5), (1, 1))), "values must be in {0, 1}"),
        (lambda: grid(values=((0, 1),)), "(n, m) = (2, 2), as the edges say"),
        (lambda: grid(scale=(GOOD, GOOD)), "all different"),
        (lambda: grid(scale=(GOOD, Category("diverges", GOOD.colour))), "colours must be all different"),
        (lambda: grid(flags=np.ones(4, bool)), "flagged must be words"),
        (lambda: grid(flags=np.ones(3, bool), flagged="why"), "as long as x0"),
        (lambda: Shades("ratio", (0, 1), log=True), "limits must be increasing"),
        (lambda: drawing(grid(), x=TIME, y=GAP), "> 0 on a log scale"),
        (lambda: Axis("a", (0, 1), ticks=(0.5,), words=("a", "b")), "words must be as many as ticks"),
    ],
)  # fmt: skip
def test_a_mark_that_would_mislead_is_refused(make: object, says: str) -> None:
    with pytest.raises(LabError, match=re.escape(says)):
        make()  # type: ignore[operator]


def test_a_mark_that_nobody_can_draw_is_named() -> None:
    with pytest.raises(TypeError, match="no way to draw a str"):
        ink("a curve", painted(drawing(points())).axes[0], PAPER)


# -------------------------------------------------------------------------------------------------------- captions


def over(seeds: int | None) -> xr.Dataset:
    return xr.Dataset(attrs={} if seeds is None else {"seeds": seeds})


def test_a_caption_says_the_seeds_of_every_result_that_has_any() -> None:
    mixed = {"map": over(None), "SGD": over(1000), "GD": over(1)}
    assert caption("N = {N:SGD} seeds; N = {N:GD} without noise", mixed) == "N = 1,000 seeds; N = 1 without noise"
    assert caption("bounds alone", {"map": over(None)}) == "bounds alone"
    assert caption("N = {N}", {"map": over(None), "SGD": over(7)}) == "N = 7"


@pytest.mark.parametrize(
    ("text", "counts", "says"),
    [
        ("N = {N}", {"map": None}, "no result is over seeds"),
        ("N = {N:SGD}", {"SGD": 1000, "GD": 1}, "every N: [1, 1000]"),
        ("N = {N:SDG}", {"SGD": 1000}, "of one of ['SGD']"),
        ("N = {N}", {"SGD": 1000, "GD": 1}, "the same in every result"),
        ("many seeds", {"SGD": 1000}, "says {N}"),
    ],
)
def test_a_caption_that_would_lie_about_the_seeds_is_refused(text: str, counts: Any, says: str) -> None:
    with pytest.raises(LabError, match=re.escape(says)):
        caption(text, {label: over(n) for label, n in counts.items()})

"""The description of a figure, its look and its layout: same words, same bytes; what would mislead is refused."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
import sympy as sp
import xarray as xr
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

import figures.kit.sources
from figures.kit.drawing import Axis, Band, Curve, Drawing, Mark, Panel, Series, average_bound, caption, seeds_of
from figures.kit.layout import spread_apart, text_width, wrap
from figures.kit.paint import paint
from figures.kit.render import images, table
from figures.kit.style import NAMES, PALETTE, RC, STROKES, look
from lab import discovery
from lab.errors import LabError

X = np.array([1.0, 10.0, 100.0])
ONE = Axis("step", (1, 100), log=True)
OTHER = Axis("height", (0, 2))


def curve(
    label: str = "a run", kind: str = "run", name: str = "sgd", y: Sequence[float] = (1, 1, 1), **more: str
) -> Curve:
    return Curve(label=label, kind=kind, name=name, x=X, y=np.array(y, dtype=float), **more)  # type: ignore[arg-type]


def drawing(*marks: Mark, **more: object) -> Drawing:
    panel = Panel(title="p", x=ONE, y=OTHER, marks=marks, **more)  # type: ignore[arg-type]
    return Drawing(title="A finding", caption="N = 3 seeds, no interval (Nobody, 2000).", rows=((panel,),))


def painted(what: Drawing) -> Figure:
    with matplotlib.rc_context(dict(RC)):
        figure = paint(what)
        figure.draw_without_rendering()
    return figure


# ------------------------------------------------------------------------------------------------------- looks


def luminance(colour: str) -> float:
    """Return CIELAB L* of an sRGB colour."""
    return float(_lab(_linear(colour))[0])


def _linear(colour: str) -> np.ndarray:
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def _lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    v = to_xyz @ rgb.clip(0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(v > 0.008856, np.cbrt(v), 7.787 * v + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


SEEN_BY = {  # Machado, Oliveira, Fernandes, IEEE TVCG 15 (2009), severity 1, on linear RGB
    "everybody": np.eye(3),
    "protanopes": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopes": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


@pytest.mark.parametrize("who", SEEN_BY)
def test_the_listed_colours_stay_apart_for(who: str) -> None:
    for a, b in itertools.combinations(PALETTE.values(), 2):
        seen = [_lab(SEEN_BY[who] @ _linear(v.colour)) for v in (a, b)]
        assert np.linalg.norm(seen[0] - seen[1]) > 24, (a, b)  # 2.3 is just noticeable


def test_the_colours_differ_in_grey_marker_and_dash() -> None:
    greys = sorted(luminance(v.colour) for v in PALETTE.values())
    assert min(np.diff(greys)) > 2.3, "just noticeable side by side"
    assert np.median(np.diff(greys)) > 8
    assert greys[-1] < 80, "and can be seen on white"
    for part in ("marker", "dash", "phase"):
        assert len({getattr(v, part) for v in PALETTE.values()}) == len(PALETTE)
    with pytest.raises(AssertionError):
        assert abs(luminance("#d55e00") - luminance("#009e73")) > 8  # two of Okabe and Ito's, equal in grey


COMPARED = (  # methods that meet in one figure
    ("sgd", "gclip", "cclip", "acclip", "nsgd_m", "signsgd", "momentum", "adam"),
    ("sgd", "mom_clip", "mix_clip", "gclip", "ngd", "momentum", "adam"),
    ("sgd", "nesterov", "momentum", "agd_sc", "tmm", "item", "ogm"),
    ("sgd", "agd_c", "ogm", "nesterov", "ogm_g"),
    ("sgd", "signsgd", "efsignsgd", "signum", "momentum"),
    ("sgd", "momentum", "adam", "adamw", "lars", "lamb", "lambc"),
    ("sgd", "momentum", "adam", "adamw", "amsgrad", "adagrad", "rmsprop", "adopt", "adashift"),
    ("sgd", "adam", "amsgrad", "adagrad", "adabelief", "fastadabelief", "padam", "sadam"),
    ("sgd", "adam", "adagrad", "adagrad_window", "adagrad_truncation", "amsgrad"),
    ("adagrad", "rmsprop", "rf_rmsprop", "adamw", "rf_adamw", "shampoo", "rf_shampoo"),
)


@pytest.mark.parametrize("names", COMPARED)
def test_methods_that_meet_have_looks_of_their_own(names: tuple[str, ...]) -> None:
    assert set(names) <= set(NAMES)
    assert len({look(name) for name in names}) == len(names)


def test_every_listed_method_is_an_optimizer_and_has_a_colour() -> None:
    assert set(NAMES) <= set(discovery.list_optimizers())
    assert set(NAMES.values()) == set(PALETTE)
    assert not set(PALETTE) & set(discovery.list_optimizers()), "a colour's name is no method's"


def test_a_look_depends_on_the_name_alone() -> None:
    marks = [curve(f"run of {n}", name=n) for n in ("sgd", "adam", "lion", "adagrad", "sophia")]

    def colours(what: Drawing) -> dict[str, tuple[str, str]]:
        lines = painted(what).axes[0].get_lines()
        return {str(line.get_label()): (to_hex(line.get_color()), str(line.get_marker())) for line in lines}

    forth, back = colours(drawing(*marks)), colours(drawing(*reversed(marks)))
    assert forth == back
    assert forth["run of adam"] == (PALETTE["orange"].colour, "o")
    assert look("gold") == look("lion") != look("sophia") == look("sophia")
    assert (look("muon").colour, look("muon").marker) == ("#6fd694", "<"), "the same in every process"


def test_bounds_are_drawn_by_their_kind() -> None:
    kinds = ("run", "upper", "lower", "exact")
    axes = painted(drawing(*(curve(kind, kind) for kind in kinds))).axes[0]
    lines = {str(line.get_label()): line for line in axes.get_lines()}
    assert {kind for kind in kinds if lines[kind].is_dashed()} == {"upper", "lower"}
    walls = [line for line in axes.get_lines() if line.get_path_effects()]
    assert len(walls) == 2
    assert STROKES["upper"].ticks == -STROKES["lower"].ticks != 0
    assert lines["exact"].get_linewidth() > 2 * lines["run"].get_linewidth()
    assert lines["exact"].get_zorder() < lines["run"].get_zorder()


# ------------------------------------------------------------------------------------------------------ layout


def test_positions_that_are_far_enough_apart_stay() -> None:
    assert spread_apart([3.0, 1.0, 2.0], 0.5) == pytest.approx([3.0, 1.0, 2.0])


def test_positions_that_collide_move_apart_around_their_mean() -> None:
    assert spread_apart([1.0, 1.0], 0.5) == pytest.approx([0.75, 1.25])
    assert spread_apart([0.0, 0.1, 5.0], 1.0) == pytest.approx([-0.45, 0.55, 5.0])


def test_spread_positions_keep_their_order_and_distance() -> None:
    at = list(np.random.default_rng(7).normal(size=40))
    moved = spread_apart(at, 0.3)
    order = np.argsort(at)
    assert (np.diff(np.array(moved)[order]) >= 0.3 - 1e-12).all()
    assert np.mean(moved) == pytest.approx(np.mean(at))


def test_lines_fit_and_mathematics_is_not_broken() -> None:
    text = "A long caption with $x_1 = 2 + 3$ and N = 100,000 seeds in it, again and again. " * 4
    lines = wrap(text, 1.7, 9)
    assert " ".join(lines) == text.strip()
    assert max(text_width(line, 9) for line in lines) <= 1.7
    assert all(line.count("$") % 2 == 0 for line in lines)
    assert sum("N = 100,000" in line for line in lines) == 4


def test_panels_that_share_no_axis_get_their_own_labels_and_room() -> None:
    left = Panel(title="left", x=ONE, y=OTHER, marks=(curve(end="a name"),))
    right = replace(left, title="right", y=Axis("depth", (0, 3)))
    figure = painted(Drawing(title="Two", caption="N = 3", rows=((left, right),)))
    a, b = figure.axes
    assert (a.get_ylabel(), b.get_ylabel()) == ("height", "depth")
    name = next(t for t in a.texts if t.get_text() == "a name")
    assert name.get_window_extent().x1 < b.yaxis.label.get_window_extent().x0


def test_other_numbers_give_other_bytes() -> None:
    one, other = drawing(curve()), drawing(curve(y=(1, 1, 1 + 2**-40)))
    assert table(one) != table(other)
    a, b = images(drawing(curve())), images(drawing(curve(y=(1, 1, 1.5))))
    assert all(a[suffix] != b[suffix] for suffix in ("svg", "png"))
    assert images(drawing(curve())) == a


def test_the_style_of_the_callers_program_does_not_matter() -> None:
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.hashsalt": "x", "axes.grid": True}):
        styled = images(drawing(curve()))
    assert styled == images(drawing(curve()))


# ---------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: curve(label=" "), "label must be words"),
        (lambda: curve(kind="sideways"), "kind must be 'run'"),
        (lambda: curve(y=(1, float("nan"), 1)), "y must be numbers"),
        (lambda: curve(y=(1, 2)), "as long as x"),
        (lambda: Band(label="b", kind="run", name="", x=X, lo=X, hi=X - 1), "lo must be at most hi"),
        (lambda: Axis("", (0, 1)), "label must be words"),
        (lambda: Axis("a", (1, 0)), "limits must be increasing"),
        (lambda: Axis("a", (0, 1), log=True), "> 0 on a log scale"),
        (lambda: Panel(title="p", x=ONE, y=ONE, marks=(curve(y=(1, -1, 1)),)), "> 0 on a log scale"),
        (lambda: Panel(title="p", x=ONE, y=OTHER, marks=()), "marks must be one or more"),
        (lambda: Drawing(title="", caption="c", rows=drawing(curve()).rows), "must be words"),
        (lambda: Drawing(title="t", caption="c", rows=drawing(curve()).rows * 2), "all different"),
    ],
)  # fmt: skip
def test_a_description_that_would_mislead_is_refused(make: object, says: str) -> None:
    with pytest.raises(LabError, match=re.escape(says)):
        make()  # type: ignore[operator]


def test_arrays_of_a_drawing_cannot_be_changed() -> None:
    y = np.ones(3)
    made = Curve(label="a", kind="run", name="", x=X, y=y)
    y[0] = 7
    assert made.y[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        made.y[0] = 2


def test_a_caption_must_say_n_and_results_must_agree_on_it() -> None:
    results = {k: xr.Dataset(attrs={"seeds": n}) for k, n in (("a", 1000), ("b", 1000), ("c", 64))}
    same = {k: results[k] for k in "ab"}
    assert caption("N = {N} seeds", same) == "N = 1,000 seeds"
    with pytest.raises(LabError, match=r"says \{N\}"):
        caption("many seeds", same)
    with pytest.raises(LabError, match="the same in every result"):
        seeds_of(results)


def test_a_missing_statistic_or_quantile_is_named() -> None:
    data = xr.Dataset({"x_mean": (("config", "step"), np.ones((1, 2)))}, coords={"step": [0, 1], "quantile": [0.5]})
    assert Series(data, "x").steps.tolist() == [1.0]
    with pytest.raises(LabError, match="x_mom"):
        Series(data, "x").stat("mom")
    with pytest.raises(LabError, match=re.escape("one of [0.5]")):
        Series(data, "x").quantile(0.9)


def test_a_bound_on_the_regret_is_divided_by_t_and_its_symbols_must_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    T, D, s = sp.symbols("T D s", positive=True)
    units = (SimpleNamespace(symbol=s, unit_value=True), SimpleNamespace(symbol=D, unit_value=False))
    claims = {
        m: SimpleNamespace(metric=m, bound=D * s * sp.sqrt(T), symbols=units) for m in ("regret", "avg_regret", "x")
    }
    monkeypatch.setattr(figures.kit.sources, "get_claim", claims.__getitem__)
    at = np.array([4.0, 9.0])
    np.testing.assert_allclose(average_bound("regret", at, {"D": np.array([1.0, 2.0]), "unused": 5}), [0.5, 2 / 3])
    np.testing.assert_allclose(average_bound("avg_regret", at, {"D": 1.0}), [2.0, 3.0])
    with pytest.raises(LabError, match="D has no value"):
        average_bound("regret", at, {})
    with pytest.raises(LabError, match="metric must be"):
        average_bound("x", at, {"D": 1})

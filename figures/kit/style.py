"""The look: type, colour, dash, marker. A method's look depends on its name alone, never on the order of drawing.

Colours are spaced in lightness (CIELAB L* 13, 24, 34, 45, 54, 57, 63, 72, 78) as well as in hue, so that they stay
apart in grey and under red-green blindness. Methods that are often compared have colours of their own; a mark that is
about no method but one of several cases (a tail index, say) takes a colour by its name in PALETTE. What a bound forbids
carries the short ticks that engineering drawings give a wall: above a ceiling, below a floor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

Dash = tuple[float, ...]


@dataclass(frozen=True)
class Look:
    """Colour; marker of a run; dash pattern of a bound, in units of its width.

    phase: where along a run the markers begin, as a share of their spacing, so that those of two runs do not collide.
    """

    colour: str
    marker: str
    dash: Dash
    phase: float


PALETTE: Mapping[str, Look] = MappingProxyType(
    {
        "night": Look("#1f1f3d", "D", (4, 1.6), 0.0),
        "brown": Look("#5c2a10", "X", (3, 1.2), 0.25),
        "blue": Look("#0a4f96", "s", (7, 1.6), 0.66),
        "orange": Look("#c03f0c", "o", (10, 1.6), 0.5),
        "green": Look("#17926c", "^", (5, 1.5, 1.2, 1.5), 0.33),
        "sky": Look("#4a86f0", "p", (12, 1.6), 0.92),
        "mauve": Look("#be84be", "v", (8, 1.5, 1.2, 1.5, 1.2, 1.5), 0.83),
        "gold": Look("#e5a53c", "P", (2, 1.4), 0.17),
        "mint": Look("#6fd694", "<", (6, 1.3, 2, 1.3), 0.75),
    }
)
NAMES: Mapping[str, str] = MappingProxyType(  # which method has which colour: those that meet in one figure differ
    {
        "sgd": "night", "asgd": "brown", "sf_sgd": "sky", "qhm": "gold",
        "momentum": "mauve", "nesterov": "blue", "agd_c": "green", "agd_sc": "green", "ogm": "orange", "ogm_g": "brown",
        "tmm": "gold", "item": "sky",
        "gclip": "blue", "gd_clip": "blue", "cclip": "mint", "acclip": "gold", "mom_clip": "sky", "mix_clip": "brown",
        "gclip_growing": "sky", "nsgd_m": "green", "ngd": "green", "sngm": "brown", "nigt": "brown",
        "signsgd": "sky", "efsignsgd": "green", "signum": "brown", "lion": "gold",
        "lars": "green", "lamb": "sky", "lambc": "mint", "novograd": "brown",
        "adam": "orange", "amsgrad": "blue", "adagrad": "green", "adamw": "gold", "rmsprop": "brown", "adopt": "sky",
        "adopt_unclipped": "mint", "adashift": "mint", "adashift_max": "sky", "adashift_mean": "brown",
        "adabelief": "mint", "fastadabelief": "sky", "adafom": "brown", "adamnc": "mint", "adamx": "sky",
        "padam": "mauve", "adabound": "brown", "amsbound": "mauve", "yogi": "sky", "sadam": "brown",
        "adagrad_window": "mint", "adagrad_truncation": "gold", "adagrad_norm": "brown", "adafactor": "mauve",
        "sc_adagrad": "mint", "sc_rmsprop": "gold", "rmsprop_mh": "mauve", "radam": "mauve", "nadam_torch": "gold",
        "rf_rmsprop": "sky", "rf_adamw": "mint", "shampoo": "blue", "rf_shampoo": "mauve", "if_shampoo": "mint",
    }
)  # fmt: skip
NEUTRAL = Look("#3c3c3c", "", (6, 1.6), 0.0)  # what belongs to no method
EXACT = "#adadad"  # an exact law is a broad pale road, in which a run should keep to the middle


def look(name: str) -> Look:
    """Return the look of an optimizer, or of a colour of PALETTE; any other name gets its look from a hash of it."""
    if name == "":
        return NEUTRAL
    if name in PALETTE:
        return PALETTE[name]
    if name in NAMES:
        return PALETTE[NAMES[name]]
    digest = hashlib.sha256(name.encode()).digest()
    drawn = list(PALETTE.values())[digest[0] % len(PALETTE)]
    return Look(drawn.colour, "pXhd*<>"[digest[1] % 7], drawn.dash, digest[2] / 256)


@dataclass(frozen=True)
class Stroke:
    """How a kind of curve is drawn. ticks: angle of the wall's ticks, 0 for none; zorder: what lies on top."""

    width: float
    dashed: bool
    ticks: float
    zorder: float


STROKES: Mapping[str, Stroke] = MappingProxyType(
    {
        "run": Stroke(1.5, dashed=False, ticks=0.0, zorder=4.0),
        "upper": Stroke(0.9, dashed=True, ticks=135.0, zorder=3.0),
        "lower": Stroke(0.9, dashed=True, ticks=-135.0, zorder=3.0),
        "exact": Stroke(3.6, dashed=False, ticks=0.0, zorder=2.5),
    }
)

INK, FAINT = "#1c1c1c", "#dcdcdc"
BAND_ALPHA = 0.26
SHADE = "#f1efe6"  # of a feasible region

FILLS: Mapping[str, str] = (
    MappingProxyType(  # of cells, by what they say; L* 35, 76, 95, 55, 20, so that they differ in grey
        {"good": "#1f5a8c", "fair": "#a9c4de", "undecided": "#f1f1f1", "wrong": "#e08214", "bad": "#5c1a1b"}
    )
)
SHADES = ("#f3f0e8", "#a9c4de", "#3d7fb8", "#0b2545")  # of continuous values, from the least to the greatest


@dataclass(frozen=True)
class Style:
    """What a page is for. Inches and points.

    size, title_size, caption_size: of type; a caption of size 0 is left out. aspect: width over height that the page
    should have, its panels being stretched or pressed together for it; None leaves their heights as they are.
    """

    name: str
    width: float
    size: float
    title_size: float
    caption_size: float
    dpi: int
    aspect: float | None = None

    def em(self, inches: float) -> float:
        """Return a length that grows with the type, from what it is on paper."""
        return inches * self.size / SIZE

    def rc(self) -> dict[str, Any]:
        """Return matplotlib's settings."""
        return {**RC, **_sizes(self.size), "figure.dpi": self.dpi, "savefig.dpi": self.dpi}


EDGE = 0.06
LEADING = 1.26
DPI = 200
WIDTH, SIZE, TITLE_SIZE, CAPTION_SIZE = 5.5, 9.5, 11.5, 8.8  # a page as wide as the text of a one-column paper
PAPER = Style("paper", WIDTH, SIZE, TITLE_SIZE, CAPTION_SIZE, DPI)
SLIDES = Style(
    "slides", 6.4, 11.4, 15.0, 0.0, 300, aspect=16 / 9
)  # 1920 pixels wide, 24 points on a screen of 13 inches
STYLES: Mapping[str, Style] = MappingProxyType({style.name: style for style in (PAPER, SLIDES)})


def _sizes(size: float) -> dict[str, float]:
    near = dict.fromkeys(("font.size", "axes.labelsize", "axes.titlesize"), size)
    return near | dict.fromkeys(("xtick.labelsize", "ytick.labelsize"), size - 0.8)


RC: Mapping[str, Any] = MappingProxyType(
    {
        "font.family": "STIXGeneral",  # comes with matplotlib, so that every machine draws the same letters
        "mathtext.fontset": "stix",
        **_sizes(SIZE),
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.linewidth": 0.6,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.minor.width": 0.4,
        "ytick.minor.width": 0.4,
        "xtick.major.size": 3.2,
        "ytick.major.size": 3.2,
        "xtick.minor.size": 1.7,
        "ytick.minor.size": 1.7,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": True,
        "lines.solid_capstyle": "butt",
        "lines.dash_capstyle": "butt",
        "lines.scale_dashes": True,
        "text.hinting": "no_hinting",  # the widths of lines are then those of the SVG
        "svg.hashsalt": "ratelab",
        "svg.fonttype": "path",
        "pdf.fonttype": 42,
        "path.simplify": False,
        "figure.dpi": DPI,
        "savefig.dpi": DPI,
    }
)

"""The look: type, colour, dash, marker. A method's look depends on its name alone, never on the order of drawing.

Colours are spaced in lightness (CIELAB L* 13, 34, 45, 54, 63, 72) as well as in hue, so that they stay apart in grey
and under red-green blindness. What a bound forbids carries the short ticks that engineering drawings give a wall:
above a ceiling, below a floor.
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


LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "sgd": Look("#1f1f3d", "D", (4, 1.6), 0.0),
        "amsgrad": Look("#0a4f96", "s", (7, 1.6), 0.66),
        "adam": Look("#c03f0c", "o", (10, 1.6), 0.5),
        "adagrad": Look("#17926c", "^", (5, 1.5, 1.2, 1.5), 0.33),
        "momentum": Look("#be84be", "v", (8, 1.5, 1.2, 1.5, 1.2, 1.5), 0.83),
        "adamw": Look("#e5a53c", "P", (2, 1.4), 0.17),
    }
)
NEUTRAL = Look("#3c3c3c", "", (6, 1.6), 0.0)  # what belongs to no method
EXACT = "#adadad"  # an exact law is a broad pale road, in which a run should keep to the middle


def look(name: str) -> Look:
    """Return the look of an optimizer; one that is not listed gets its look from a hash of its name."""
    if name == "":
        return NEUTRAL
    if name in LOOKS:
        return LOOKS[name]
    digest = hashlib.sha256(name.encode()).digest()
    listed = list(LOOKS.values())
    colour, dash = (listed[digest[i] % len(listed)] for i in range(2))
    return Look(colour.colour, "pXhd*<>"[digest[2] % 7], dash.dash, digest[3] / 256)


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

# Inches and points, for a page as wide as the text of a one-column paper.
WIDTH = 5.5
EDGE = 0.06
SIZE, TITLE_SIZE, CAPTION_SIZE = 9.5, 11.5, 8.8
LEADING = 1.26
DPI = 200

RC: Mapping[str, Any] = MappingProxyType(
    {
        "font.family": "STIXGeneral",  # comes with matplotlib, so that every machine draws the same letters
        "mathtext.fontset": "stix",
        "font.size": SIZE,
        "axes.labelsize": SIZE,
        "axes.titlesize": SIZE,
        "xtick.labelsize": SIZE - 0.8,
        "ytick.labelsize": SIZE - 0.8,
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
        "path.simplify": False,
        "figure.dpi": DPI,
        "savefig.dpi": DPI,
    }
)

"""Text of the site: captions with formulas, docstrings as paragraphs, numbers with few digits."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from itertools import groupby

from markupsafe import Markup

TEX = re.compile(r"(?<!\\)\$(.+?)(?<!\\)\$", re.DOTALL)
SIZE = 10.0  # points of a formula's letters; the page scales them to its own
INDENT = re.compile(r"\s{2,}\S")


def caption(text: str) -> Markup:
    """Return a figure's caption as HTML, what stands between two $ as a formula."""
    parts = TEX.split(text)
    html = (_formula(part) if i % 2 else escape(part.replace(r"\$", "$")) for i, part in enumerate(parts))
    return Markup("".join(html))  # every part is escaped


@cache
def _formula(tex: str) -> str:
    """Return a formula of matplotlib's mathtext as inline SVG: paths only, in the colour of the text around it.

    What mathtext cannot read is shown as it is written.
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.mathtext import MathTextParser
    from matplotlib.textpath import TextPath

    font = FontProperties(family="STIXGeneral", math_fontfamily="stix", size=SIZE)
    source = f"${tex}$"
    try:
        width, height, depth, _, _ = MathTextParser("path").parse(source, dpi=72, prop=font)
        path = TextPath((0, 0), source, size=SIZE, prop=font)
    except ValueError:
        return f"<code>{escape(tex)}</code>"
    above = height - depth
    box = f"0 {-above:.2f} {max(width, 0.1):.2f} {max(height, 0.1):.2f}"
    style = f"width:{width / SIZE:.3f}em;height:{height / SIZE:.3f}em;vertical-align:{-depth / SIZE:.3f}em"
    label = escape(tex, quote=True)
    drawn = f'<path d="{_outline(path)}" fill="currentColor"/>'
    return f'<svg class="tex" viewBox="{box}" style="{style}" role="img" aria-label="{label}">{drawn}</svg>'


def _outline(path: object) -> str:
    """Return a path's outline in SVG, whose y points down."""
    letters = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}
    out = []
    for vertices, code in path.iter_segments(simplify=False, curves=True):  # type: ignore[attr-defined]
        places = (f"{v:.2f} {-w:.2f}" for v, w in zip(vertices[::2], vertices[1::2], strict=True))
        out.append(letters[int(code)] + ("" if code == 79 else " ".join(places)))
    return "".join(out)


def prose(text: str) -> Markup:
    """Return a docstring as HTML: blank lines part paragraphs, and indented lines keep their form."""
    html = []
    for block in re.split(r"\n\s*\n", text.strip()):
        for kept, group in groupby(block.splitlines(), key=lambda line: bool(INDENT.match(line))):
            lines = list(group)
            joined = "\n".join(lines) if kept else " ".join(line.strip() for line in lines)
            html.append(f"<pre>{escape(joined)}</pre>" if kept else f"<p>{escape(joined)}</p>")
    return Markup("".join(html))  # every part is escaped


def number(value: float | None, digits: int = 4) -> str:
    """Return a number with so many significant digits; an en dash for None."""
    if value is None:
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:.{digits}g}".replace("-", "−")


def interval(ends: Sequence[float] | None, digits: int = 4) -> str:
    """Return "[low, high]"; empty for None."""
    return "" if ends is None else f"[{number(ends[0], digits)}, {number(ends[1], digits)}]"


def spread(ends: Sequence[float]) -> str:
    """Return "least to greatest", or the one number that both are; an en dash for nothing."""
    return " to ".join(dict.fromkeys(number(v, 3) for v in ends)) or "–"


def confidence(level: float | None) -> str:
    """Return a level of confidence: "exact" for 1, else in percent; an en dash where there is none."""
    if level is None:
        return "–"
    return "exact" if level == 1.0 else f"{100 * level:.6g}%"


def slug(name: str) -> str:
    """Return a name as a file's name: what is not a letter, digit, dot, dash or underscore becomes a dash."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)

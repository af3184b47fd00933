"""The gallery: one Markdown page with every figure small, its caption, and the claims that it is about."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from lab.errors import LabError
from lab.files import write

ACROSS = 825  # pixels
COLOURS = 64
HEAD = """# Gallery

Every figure of the lab, drawn by `ratelab figures` from stored results; this page by `make docs`. Beside each figure's
SVG, PDF and PNG lie its numbers (CSV) and where they come from (JSON). Captions are as printed, in TeX where they have
symbols.
"""


def gallery(stems: Sequence[Path], page: Path) -> list[Path]:
    """Write the page, and beside it a folder of its name with small pictures; return the files.

    stems: of drawn figures, `<folder>/<name>`. LabError where one was not drawn, or the page cannot be written.
    """
    pictures, parts = {}, [HEAD]
    for stem in sorted(stems, key=lambda path: path.name):
        facts, picture = _drawn(stem)
        pictures[f"{stem.name}.png"] = _small(picture)
        of = ", ".join(f"`{claim}`" for claim in facts["claims"])
        parts.append(
            f"\n## {stem.name}\n\n**{facts['title']}**\n\n![{facts['title']}]({page.stem}/{stem.name}.png)\n\n"
            f"{facts['caption']}\n" + (f"\nClaims: {of}.\n" if of else "")
        )
    try:
        made = write(page.parent / page.stem, pictures)
        return [*made, *write(page.parent, {page.name: "".join(parts).encode()})]
    except OSError as error:
        raise LabError(f"the gallery cannot be written to {page}: {error.strerror}") from None


def _drawn(stem: Path) -> tuple[dict[str, Any], bytes]:
    try:
        return json.loads(stem.with_suffix(".json").read_bytes()), stem.with_suffix(".png").read_bytes()
    except OSError as error:
        raise LabError(f"figure {stem.name} is not drawn in {stem.parent}: {error.strerror}") from None


def _small(picture: bytes) -> bytes:
    """Return a PNG as wide as a page of text, with few colours: a tenth of the bytes."""
    with Image.open(io.BytesIO(picture)) as whole:
        size = (ACROSS, round(whole.height * ACROSS / whole.width))
        small = whole.convert("RGB").resize(size, Image.Resampling.LANCZOS).quantize(COLOURS)
    out = io.BytesIO()
    small.save(out, format="PNG", optimize=True)
    return out.getvalue()
